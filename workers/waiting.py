"""How long to wait before another try. Imported by `workers`."""

from __future__ import annotations

import random

LONGEST_SECONDS = 60.0


def backoff(attempt: int) -> float:
    """Seconds before try number `attempt` + 1: from 1, doubling up to 60, spread by a fifth so that tries part ways."""
    return min(LONGEST_SECONDS, 2.0 ** min(attempt, 10)) * random.uniform(0.9, 1.1)  # noqa: S311 - jitter
