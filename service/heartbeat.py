"""The heartbeat: an empty job that goes through every queue in turn, each minute, to show that the pipeline moves.

A web process sends it; an evaluate worker passes it on to urgent, that one to bulk, and there it comes out. It waits
its turn in `evaluate`; in the other queues it goes to the front, since a backlog that the forum's own limit explains is
no fault (operations.md, B.5). Imported by `service.serve`, `service.gauges` and `workers`.
"""

from __future__ import annotations

import asyncio
import logging
from itertools import pairwise
from typing import Any, Final

from redis import Redis
from redis import asyncio as redis_asyncio
from redis.exceptions import RedisError

from service.queue import QUEUES, Pusher
from service.scripts import call_async

log = logging.getLogger(__name__)

HEARTBEAT: Final = "modbot:heartbeat"
"""Hash: when one was last `enqueued`, and when one last `finished` (Unix seconds)."""

EVERY_SECONDS = 60
GIVEN_UP_SECONDS = 120
"""A heartbeat that has not come out by then was lost with its worker, or stands behind a backlog: the next is sent."""

LOOK_SECONDS = 5.0


async def send_heartbeats(redis: redis_asyncio.Redis) -> None:
    """Send a heartbeat whenever it is time, for ever. While Redis is away there is none to send."""
    pusher = Pusher()
    while True:
        try:
            await send_heartbeat(redis, pusher)
        except (RedisError, OSError) as error:
            log.warning("no heartbeat sent: %s", type(error).__name__)
        await asyncio.sleep(LOOK_SECONDS)


async def send_heartbeat(redis: redis_asyncio.Redis, pusher: Pusher) -> bool:
    """Send one if it is time and no other process has. Raises RedisError or OSError."""
    times = [EVERY_SECONDS * 1000, GIVEN_UP_SECONDS * 1000]
    turn = await call_async(redis, "heartbeat", [HEARTBEAT], times)
    if turn:
        async with redis.pipeline(transaction=True) as pipe:
            pusher.push(pipe, QUEUES[0], "heartbeat", QUEUES[0])
            await pipe.execute()
    return bool(turn)


class Heartbeats:
    """The heartbeats as a worker sees them."""

    def __init__(self, redis: Redis, pusher: Pusher) -> None:
        self._redis = redis
        self._pusher = pusher

    def pass_on(self, queue: str) -> None:
        """Take the heartbeat of a queue to the front of the next, or out of the last."""
        following = dict(pairwise(QUEUES)).get(queue)
        if following is None:
            seconds, micros = self._redis.time()
            self._redis.hset(HEARTBEAT, "finished", f"{seconds}.{micros:06}")
            return
        with self._redis.pipeline(transaction=True) as pipe:
            self._push(pipe, following)
            pipe.execute()

    def _push(self, pipe: Any, queue: str) -> None:
        self._pusher.push(pipe, queue, "heartbeat", queue, front=True)
