"""The shared state as gauges: read from Redis when a web process is scraped, and kept for a few seconds.

A reading is one round trip of bounded work (gauge.lua). While Redis is away the last values stay, `modbot_redis_up` is
0 and `modbot_state_scrape_errors_total` grows. Imported by `service.serve` and tests.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import product
from typing import Any, Final

from redis import asyncio as redis_asyncio
from redis.exceptions import RedisError

from service import readings
from service.heartbeat import HEARTBEAT
from service.kept import DEAD, DUE, PAUSED
from service.labels import DEATHS, NO_FORUM
from service.limiter import account_key
from service.queue import QUEUES
from service.scripts import call_async
from service.settings import ForumSection

KEPT_SECONDS = 5.0
"""How long a reading serves the scrapes that follow."""

MOST_ITEMS = 2000
"""Items of one set that are looked at in a reading."""

SILENT_SECONDS = 60.0
"""A worker not heard of for so long is none: RQ's loop goes round every 20 s, and a job ends after 30 s."""

WORKER_STATES: Final = {"started": "idle", "idle": "idle", "busy": "busy", "suspended": "suspended"}
"""RQ's words for what a worker does."""


class SharedState:
    """What Redis holds for all processes, as gauges. Belongs to one event loop."""

    def __init__(self, redis: redis_asyncio.Redis, forums: Mapping[str, ForumSection]) -> None:
        self._redis = redis
        self._forums = forums
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()

    async def refresh(self) -> None:
        """Read again, unless that was done a moment ago. A Redis that is away is counted, never raised."""
        async with self._reading:
            if time.monotonic() - self._read_at < KEPT_SECONDS:
                return
            started = time.monotonic()
            try:
                self._show(await self._read())
                readings.redis_up.set(1)
            except (RedisError, OSError):
                readings.redis_up.set(0)
                readings.scrape_errors.inc()
            self._read_at = time.monotonic()
            readings.scrape_duration.set(self._read_at - started)

    async def _read(self) -> Mapping[str, Any]:
        keys, args = [DUE, DEAD, PAUSED, HEARTBEAT, "rq:workers"], _arguments(self._forums)
        answer = await call_async(self._redis, "gauge", keys, args)
        state: dict[str, Any] = json.loads(answer)
        return state

    def _show(self, state: Mapping[str, Any]) -> None:
        now = time.time()
        for queue in QUEUES:
            _show_queue(queue, state["queues"][queue], state["waiting"] or {}, now)
        for name, forum in self._forums.items():
            _show_forum(name, forum, state["forums"][name])
        _show_dead(self._forums, state["dead"] or {})  # Lua tells an empty table and an empty list alike
        heard_of = Counter(
            WORKER_STATES.get(doing, "idle") for doing, at in state["workers"] if now - _seconds(at) < SILENT_SECONDS
        )
        for doing in ("idle", "busy", "suspended"):
            readings.workers.labels(doing).set(heard_of[doing])
        for stage, at in state["heartbeat"].items():
            readings.heartbeat.labels(stage).set(at)


def _arguments(forums: Mapping[str, ForumSection]) -> Sequence[str | int]:
    """The arguments of gauge.lua."""
    limiters = [text for name, forum in forums.items() for text in (name, _limiter(forum))]
    return [MOST_ITEMS, len(QUEUES), *QUEUES, *limiters]


def _limiter(forum: ForumSection) -> str:
    """How the names of the forum's limiter state begin (service.limiter)."""
    return f"modbot:limit:{{{account_key(forum.api_key.get_secret_value())}}}"


def _show_queue(queue: str, found: Mapping[str, Any], waiting: Mapping[str, int], now: float) -> None:
    for state in ("queued", "started"):
        readings.queue_jobs.labels(queue, state).set(found[state])
    for state in ("scheduled", "deferred"):
        readings.queue_jobs.labels(queue, state).set(waiting.get(f"{queue} {state}", 0))
    since = found["since"]
    readings.queue_oldest.labels(queue).set(max(0.0, now - _seconds(since)) if since else 0)


def _show_forum(name: str, forum: ForumSection, found: Mapping[str, Any]) -> None:
    readings.paused.labels(name).set(found["paused"])
    readings.held_items.labels(name).set(found["held"])
    readings.limiter_waiters.labels(name).set(found["waiters"])
    readings.limiter_rate.labels(name).set(forum.per_second)
    readings.daily_used.labels(name).set(found["used"])
    readings.daily_limit.labels(name).set(forum.per_day)
    readings.forum_paused_until.labels(name).set(found["closed_until"])


def _show_dead(forums: Collection[str], dead: Mapping[str, int]) -> None:
    """The dead letters; those of a forum that is not configured any more belong to none."""
    numbers = Counter[tuple[str, str]]()
    for name, number in dead.items():
        forum, _, cause = name.rpartition(" ")
        numbers[forum if forum in forums else NO_FORUM, cause] += number
    for forum, cause in product((*forums, NO_FORUM), DEATHS):
        readings.dead_letters.labels(forum, cause).set(numbers[forum, cause])


def _seconds(at: str) -> float:
    """Unix seconds of RQ's times."""
    return datetime.fromisoformat(at).timestamp()
