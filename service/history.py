"""The decided events of the past, newest first, read page by page: what the windows of new rules are filled from.

Imported by `workers`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from redis import Redis

from rules.decision import Decision
from service.kept import LOG
from service.store import EventRecord, read_record

log = logging.getLogger(__name__)

PAGE = 100
"""Events read at once: 25 MB if each delivery were as large as is taken in."""


@dataclass(frozen=True, slots=True)
class Past:
    """A decided event: its record, and when it was decided by the server's clock (Unix seconds)."""

    record: EventRecord
    decided_at: float
    written: str
    """The decision as it was stored."""

    @property
    def decision(self) -> Decision:
        """What was decided."""
        return Decision.model_validate_json(self.written)


class History:
    """The log of decisions with the records of its events; ignored and dead events are not in it."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def now(self) -> float:
        """The clock by which decisions are logged (Unix seconds)."""
        seconds, microseconds = self._redis.time()
        return seconds + microseconds / 1_000_000

    def pages(self, forum: str, since: float) -> Iterator[list[Past]]:
        """The forum's events that were decided since then (Unix seconds), the newest first."""
        cursor = "+"
        while True:
            page = cast(
                "list[tuple[str, dict[str, str]]]",
                self._redis.xrevrange(LOG, max=cursor, min=max(0, int(since * 1000)), count=PAGE),
            )
            if not page:
                return
            yield list(self._read(forum, {id_: fields["event"] for id_, fields in page}))
            cursor = f"({page[-1][0]}"

    def _read(self, forum: str, page: dict[str, str]) -> Iterator[Past]:
        with self._redis.pipeline(transaction=False) as pipe:
            for event_id in page.values():
                pipe.hgetall(f"modbot:event:{event_id}")
            rows = cast("list[dict[str, str]]", pipe.execute())
        for (cursor, event_id), fields in zip(page.items(), rows, strict=True):
            if fields.get("forum") != forum:
                continue  # another forum's, or gone: records are kept for a time, the log by its length
            try:
                yield Past(read_record(event_id, fields), int(cursor.partition("-")[0]) / 1000, fields["decision"])
            except (KeyError, ValueError) as error:
                log.error("unreadable event record", extra={"event": event_id, "error": type(error).__name__})
