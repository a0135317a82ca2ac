"""The sweeper: wakes a worker for everything that is due and not final, and has what need not be kept dropped.

All waiting in modbot ends here.

Every worker process has one, and says through it that the process lives; one at a time sweeps. Imported by
`workers.worker` and tests.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from typing import Any

from redis import Redis
from redis.exceptions import OutOfMemoryError, RedisError

from service.kept import DUE, LOST_AFTER_MS, PROGRESS
from service.ledger import ALIVE_MS, mark_alive
from service.queue import EVALUATE, QUEUES, Pusher
from service.retention import Retention
from service.scripts import load

log = logging.getLogger(__name__)

SWEEP_SECONDS = 1.0
LOCK_MS = 5000
AT_ONCE = 500
"""Items woken in one sweep."""


class Sweeper:
    """Empties the set of due times, as long as this process holds the lock."""

    def __init__(self, redis: Redis, pusher: Pusher, owner: str, retention: Retention) -> None:
        self._redis = redis
        self._retention = retention
        self._pusher = pusher
        self._owner = owner
        self._overdue = load(redis, "overdue")

    def run(self, stop: threading.Event) -> None:
        """Sweep each second until `stop`; while Redis is away there is nothing to sweep."""
        while not stop.wait(SWEEP_SECONDS):
            try:
                self._turn()
            except RedisError as error:
                log.warning("not swept: %s", type(error).__name__)

    def _turn(self) -> None:
        try:
            mark_alive(self._redis, self._owner)
            if self._is_owner():
                self.sweep()
                self._retention.step()
        except OutOfMemoryError:  # a full Redis takes no lock, and making room needs none
            self._retention.step()
            raise

    def sweep(self) -> int:
        """Wake workers for what is due; returns how many items."""
        answer = self._overdue(keys=[DUE, PROGRESS], args=[AT_ONCE, LOST_AFTER_MS, ALIVE_MS, *QUEUES])
        items = list(zip(answer[::3], answer[1::3], answer[2::3], strict=True))
        if items:
            with self._redis.pipeline(transaction=True) as pipe:
                self._push(pipe, items)
                pipe.execute()
            log.info("woken", extra={"items": len(items)})
        return len(items)

    def _push(self, pipe: Any, items: Sequence[tuple[str, str, str]]) -> None:
        events = [id_ for kind, id_, _ in items if kind == "event"]
        if events:
            self._pusher.push(pipe, EVALUATE, "event", events)
        for kind, id_, queue in items:
            if kind != "event":
                self._pusher.push(pipe, queue, kind, id_)

    def _is_owner(self) -> bool:
        """Hold the lock, or take it when it is free. Two owners for a moment would do no harm, only a job too many."""
        if self._redis.set("modbot:sweeper", self._owner, nx=True, px=LOCK_MS):
            return True
        if self._redis.get("modbot:sweeper") != self._owner:
            return False
        self._redis.pexpire("modbot:sweeper", LOCK_MS)
        return True
