"""Whether Redis keeps what it is given: its settings, as it tells them, against what modbot needs of them.

An acknowledged event must not be lost (architecture, Promises). So Redis must be a primary, must never drop keys when
it is full (`maxmemory-policy noeviction`), and must write everything to its append-only file; `appendfsync` says what a
power cut can still cost. Managed servers often forbid CONFIG, and INFO tells all but `appendfsync`. What cannot be
asked is not known, and said to be so. Imported by `service.serve`, `workers`, `service.cli` and tests.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from redis import Redis
from redis.exceptions import RedisError, ResponseError

from service import readings

log = logging.getLogger(__name__)

LOOK_SECONDS = 60.0
"""How often a process looks: Redis may be replaced, or told otherwise, while we run."""

RETRY_SECONDS = 2.0
"""How soon it looks again after a start without Redis."""

LOSS_SECONDS = {"always": 0.0, "everysec": 1.0, "no": 30.0}
"""What a power cut costs at most, by appendfsync (Redis' own documentation; `no` leaves it to the kernel)."""

BOUND_IT = "set maxmemory, or retention: memory_mb, so that old records go before its machine's memory is full"


@dataclass(frozen=True, slots=True)
class Durability:
    """What Redis says of itself; None where it does not say."""

    policy: str | None = None
    append_only: bool | None = None
    appendfsync: str | None = None
    is_replica: bool | None = None
    fails_to_write: bool | None = None
    """Whether its last write to the append-only file failed."""
    limit: int | None = None
    """Its maxmemory in bytes; 0: none."""

    @property
    def evicts(self) -> bool | None:
        """Whether it may drop keys when it is full."""
        return None if self.policy is None else self.policy != "noeviction"

    @property
    def loss_seconds(self) -> float | None:
        """The seconds of work that a power cut at its machine costs at most; infinite without an append-only file."""
        if self.append_only is False:
            return math.inf
        return LOSS_SECONDS.get(self.appendfsync or "") if self.append_only else None

    def troubles(self) -> list[str]:
        """What endangers acknowledged events, each with its remedy; empty if nothing does, or nothing is known."""
        return list(self._troubles())

    def _troubles(self) -> Iterator[str]:
        if self.is_replica:
            yield "Redis is a replica, which takes nothing in (role slave): name its primary in redis_url"
        if self.fails_to_write:
            yield (
                "Redis cannot write its append-only file (aof_last_write_status err) and takes nothing in: "
                "make room on its disk"
            )
        if self.evicts:
            yield (
                f"Redis may drop acknowledged events when it is full (maxmemory-policy {self.policy}): "
                "set maxmemory-policy noeviction"
            )
        if self.append_only is False:
            yield "Redis forgets acknowledged events when it restarts (appendonly no): set appendonly yes"
        elif self.append_only and self.appendfsync == "no":
            yield (
                "Redis may lose half a minute of acknowledged events at a power cut (appendfsync no): "
                "set appendfsync everysec, or always"
            )

    def __str__(self) -> str:
        """One line for people."""
        if troubles := self.troubles():
            return "; ".join(troubles)
        if None in {self.policy, self.append_only, self.appendfsync}:
            return "Redis does not tell all its settings: see to it that it has noeviction and an append-only file"
        loss, setting = self.loss_seconds, self.appendfsync
        kept = f"Redis keeps what it is given; a power cut can cost {loss:g} s (appendfsync {setting})"
        return kept if self.limit else f"{kept}; it has no memory limit: {BOUND_IT}"


def look(redis: Redis) -> Durability:
    """Ask Redis. Raises RedisError when it is away; what it refuses to tell is not known."""
    memory, persistence = _told(lambda: redis.info("memory")), _told(lambda: redis.info("persistence"))
    replication, settings = _told(lambda: redis.info("replication")), _told(lambda: redis.config_get("appendfsync"))
    return Durability(
        policy=memory.get("maxmemory_policy"),
        append_only=_is(persistence.get("aof_enabled"), 1),
        appendfsync=settings.get("appendfsync"),
        is_replica=_is(replication.get("role"), "slave"),
        fails_to_write=_is(persistence.get("aof_last_write_status"), "err"),
        limit=memory.get("maxmemory"),
    )


def _is(told: str | int | None, this: str | int) -> bool | None:
    """Whether the server told this; None if it told nothing."""
    return None if told is None else told == this


def _told(ask: Callable[[], Any]) -> Mapping[str, Any]:
    """The answer; nothing where the server has no such command for us."""
    try:
        answer: Mapping[str, Any] = ask()
    except ResponseError as refused:
        log.debug("Redis does not tell its settings: %s", refused)
        return {}
    return answer


class Watch:
    """Looks at the start of a process and now and then, and tells of what it finds: log, metrics, readiness."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._found: Durability | None = None
        _show(Durability())

    def start(self) -> None:
        """Look from now on, in a thread of its own."""
        threading.Thread(target=self._run, name="durability", daemon=True).start()

    def look(self) -> None:
        """Look once; what is new is logged, a line for each trouble. A Redis that is away is told of elsewhere."""
        try:
            found = look(self._redis)
        except (RedisError, OSError) as away:
            log.debug("Redis cannot be asked for its settings: %s", away)
            return
        if found == self._found:
            return
        self._found = found
        _show(found)
        for trouble in found.troubles():
            log.warning(trouble)
        if not found.troubles():
            log.info(str(found))

    def troubles(self) -> list[str]:
        """The troubles found, for readiness to mention."""
        return self._found.troubles() if self._found else []

    def _run(self) -> None:
        while True:
            self.look()
            time.sleep(LOOK_SECONDS if self._found else RETRY_SECONDS)


def _show(found: Durability) -> None:
    readings.redis_evicts.set(math.nan if found.evicts is None else found.evicts)
    readings.redis_loss.set(math.nan if found.loss_seconds is None else found.loss_seconds)
