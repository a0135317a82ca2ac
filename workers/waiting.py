"""How long to wait before another try, and when to stop trying. Imported by `workers`."""

from __future__ import annotations

import random

from service.forums.port import ForumFailure
from service.store import EventRecord, EventStore

LONGEST_SECONDS = 60.0

MOST_ATTEMPTS = 5
"""An event whose stage fails this often, in a way nobody foresaw, is a dead letter."""


def backoff(attempt: int) -> float:
    """Seconds before try number `attempt` + 1: from 1, doubling up to 60, spread by a fifth so that tries part ways."""
    return min(LONGEST_SECONDS, 2.0 ** min(attempt, 10)) * random.uniform(0.9, 1.1)  # noqa: S311 - jitter


def in_words(failure: Exception) -> str:
    """What is kept of a failure. Of one that nobody foresaw only its kind: its text may quote anything, a key too."""
    if isinstance(failure, ForumFailure):
        return str(failure)
    return f"{type(failure).__name__} (the log has its traceback)"


def put_off(store: EventStore, record: EventRecord, error: Exception, stage: str, cause: str) -> None:
    """Have an event's stage that failed tried again later, a few times; then it is a dead letter."""
    attempts = store.postpone(record, backoff(record.attempts), in_words(error))
    if attempts >= MOST_ATTEMPTS:
        store.settle(record, "dead", f"{stage} failed {attempts} times: {type(error).__name__}", cause)
