"""Group commit: deliveries that arrive while a Redis round trip is in flight go out together in the next one.

One round trip holds the duplicate check, the records and one job for the whole group; all its deliveries are
acknowledged together, when they are durably in Redis and not before. Alone, a delivery is a group of one.
Imported by `service.intake`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import to_json
from redis import asyncio as redis_asyncio

from service.kept import DUE, LOST_AFTER_MS, RETENTION_SECONDS, SEEN_SECONDS
from service.queue import EVALUATE, Pusher
from service.scripts import call_async

MAX_WAITING, MAX_WAITING_SIZE = 10_000, 16 * 1024**2
"""Deliveries in memory at most, and characters of their records together; above that Redis is not keeping up and the
platform is asked to come back."""

MAX_GROUP, MAX_GROUP_SIZE = 500, 1024**2
"""The same of one round trip, so that the script stays in the low milliseconds; the last delivery may go beyond."""


class Overloaded(Exception):
    """More deliveries wait for Redis than may be held in memory."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One delivery to store: its proposed id, the identity it is compared under, and its record."""

    id: str
    seen_key: str
    version: str
    record: dict[str, str]

    @property
    def is_ignored(self) -> bool:
        """Whether it is kept without being evaluated."""
        return self.record["state"] == "ignored"

    @property
    def size(self) -> int:
        """Characters of its record."""
        return sum(map(len, self.record.values()))

    def as_told(self) -> list[Any]:
        """The delivery as accept.lua takes it."""
        fields = [part for field in self.record.items() for part in field]
        return [self.id, self.seen_key, self.version, self.is_ignored, fields]


def arguments(arrivals: Sequence[Arrival], job: Iterable[Sequence[Any]] = ()) -> list[Any]:
    """The deliveries as the arguments of accept.lua, and the commands that queue their job."""
    told = to_json([arrival.as_told() for arrival in arrivals])
    commands = (part for command in job for part in (len(command), *command))
    return [SEEN_SECONDS, RETENTION_SECONDS, LOST_AFTER_MS, told, *commands]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was done with a delivery (accepted, duplicate, ignored), under which id it is known."""

    status: str
    id: str


_Waiting = tuple[Arrival, asyncio.Future[Receipt]]


class GroupCommit:
    """Commits arrivals in groups. Belongs to one event loop."""

    def __init__(self, redis: redis_asyncio.Redis) -> None:
        self._redis = redis
        self._pusher = Pusher()
        self._waiting: deque[_Waiting] = deque()
        self._size = 0
        self._flusher: asyncio.Task[None] | None = None

    async def commit(self, arrival: Arrival) -> Receipt:
        """Store one arrival. Raises RedisError or OSError when that is not certain, Overloaded when not tried."""
        if len(self._waiting) >= MAX_WAITING or (self._waiting and self._size + arrival.size > MAX_WAITING_SIZE):
            raise Overloaded
        future: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        self._waiting.append((arrival, future))
        self._size += arrival.size
        if self._flusher is None or self._flusher.done():
            self._flusher = asyncio.create_task(self._flush())
        return await future

    async def _flush(self) -> None:
        while self._waiting:
            group = self._take()
            try:
                receipts = await self._send([arrival for arrival, _ in group])
            except Exception as error:  # noqa: BLE001 - each waiting request is told, and answers 503
                _fail(group, error)
            else:
                for (_, future), receipt in zip(group, receipts, strict=True):
                    if not future.done():  # done already: its request was cancelled
                        future.set_result(receipt)

    def _take(self) -> list[_Waiting]:
        """The deliveries of the next round trip."""
        group, room = list[_Waiting](), MAX_GROUP_SIZE
        while self._waiting and len(group) < MAX_GROUP and room > 0:
            group.append(self._waiting.popleft())
            room -= group[-1][0].size
        self._size -= MAX_GROUP_SIZE - room
        return group

    async def _send(self, group: list[Arrival]) -> list[Receipt]:
        to_evaluate = [arrival.id for arrival in group if not arrival.is_ignored]
        job = self._pusher.commands(EVALUATE, "event", to_evaluate)
        answer = await call_async(self._redis, "accept", [DUE], arguments(group, job))
        return [Receipt(status, id_) for status, id_ in zip(answer[::2], answer[1::2], strict=True)]


def _fail(group: list[_Waiting], error: Exception) -> None:
    for _, future in group:
        if not future.done():
            future.set_exception(error)
