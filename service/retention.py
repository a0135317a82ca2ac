"""How long what has ended is kept: for some days, and no longer than Redis has room.

Deliveries are refused above 80 % of Redis' memory (service.serve). Long before, the events that ended the longest ago
are dropped, with their lines in the log and the bodies of their actions (trim.lua). Never dropped are what is not
final, dead letters and effects parked as unsure with their events, the states of actions, by which nothing is done
again, the identities of deliveries, and timers. Imported by `workers` and tests.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from redis import Redis

from service import metrics
from service.kept import DEAD, ENDED, LOG
from service.ledger import FINAL_SECONDS
from service.scripts import load
from service.settings import RetentionSection

log = logging.getLogger(__name__)

BEGIN_SHARE = 0.7
"""Above this share of the memory budget the oldest are dropped; deliveries are refused above 0.8."""

END_SHARE = 0.6
"""Dropping ends below this share, so that it does not begin again at once."""

AT_ONCE = 100
"""Events that one call of the script looks at: a few milliseconds for Redis."""

MOST_CALLS = 20
"""Calls of the script in one step."""

COMPLAIN_SECONDS = 600.0
"""How often it is told that there is nothing left to drop."""


DAY_SECONDS = 24 * 3600


def keep_seconds(section: RetentionSection) -> int:
    """When final records end by themselves: after they should have been dropped, and not before the ledger's time."""
    return max((section.days + 1) * DAY_SECONDS, FINAL_SECONDS)


class Retention:
    """Drops what need not be kept any more, a bounded step at a time."""

    def __init__(self, redis: Redis, section: RetentionSection, clock: Callable[[], float] = time.monotonic) -> None:
        self._redis = redis
        self._section = section
        self._clock = clock
        self._trim = load(redis, "trim")
        self._is_short = False
        self._complained = float("-inf")

    def step(self) -> int:
        """Drop what is too old, then what there is no room for; returns how many events. Raises RedisError."""
        seconds, micros = self._redis.time()
        now = seconds * 1000 + micros // 1000
        old = self._drop("age", now - self._section.days * DAY_SECONDS * 1000, lambda: True)
        short = self._drop("memory", now + 1, self._must_make_room)
        return old + short

    def _drop(self, reason: str, before: int, goes_on: Callable[[], bool]) -> int:
        """Drop events that ended before a time (Redis' milliseconds) while `goes_on`."""
        dropped, calls, looked = 0, 0, AT_ONCE
        while looked == AT_ONCE and calls < MOST_CALLS and goes_on():
            found, looked = self._trim(keys=[ENDED, LOG, DEAD], args=[AT_ONCE, before])
            dropped, calls = dropped + found, calls + 1
        if dropped:
            metrics.retention_trimmed.labels(reason).inc(dropped)
            log.info("dropped what ended the longest ago", extra={"reason": reason, "events": dropped})
        elif reason == "memory" and calls and looked < AT_ONCE:
            self._complain()
        return dropped

    def _must_make_room(self) -> bool:
        """Whether memory is short: from BEGIN_SHARE of the budget on, until it is below END_SHARE."""
        memory = self._redis.info("memory")
        budget = self._section.memory_mb * 1024 * 1024 or int(memory.get("maxmemory") or 0)
        share = int(memory["used_memory"]) / budget if budget else 0.0
        self._is_short = share > (END_SHARE if self._is_short else BEGIN_SHARE)
        return self._is_short

    def _complain(self) -> None:
        if self._clock() - self._complained < COMPLAIN_SECONDS:
            return
        self._complained = self._clock()
        log.warning(
            "Redis is short of memory, and no event that has ended is left to drop: give it more (maxmemory), "
            "or deal with what waits (modbot dead list)"
        )
