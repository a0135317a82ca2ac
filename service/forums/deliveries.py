"""The webhooks of a simulated forum, delivered: signed, in order of happening, and sent again as the platform does.

A delivery that is not acknowledged is sent again later, so it arrives after what happened since, as with the platforms.
Imported by platforms' simulators, `service.cli` and tests.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
import json
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

MOST_WAITING = 10_000
"""Deliveries that wait to be sent; what happens beyond is counted and not sent."""

MOST_LATEST = 100
"""Attempts that the report shows."""


def unsigned(_body: bytes) -> Mapping[str, str]:
    """The headers of a delivery that is not signed: none."""
    return {}


@dataclass(frozen=True, slots=True)
class Address:
    """Where webhooks go, and the headers that sign a body. Its URL has a secret in it."""

    url: str = field(repr=False)
    sign: Callable[[bytes], Mapping[str, str]] = field(default=unsigned, repr=False)
    hurry: float = 1.0
    """How many times shorter than the platform's the waits are."""

    def __post_init__(self) -> None:
        """Raises ValueError for a URL that nothing can be posted to."""
        try:
            url = httpx.URL(self.url)
        except httpx.InvalidURL:
            url = httpx.URL()
        if url.scheme not in {"http", "https"} or not url.host:
            raise ValueError("the address of a webhook begins with http:// or https:// and names a host")


@dataclass(frozen=True, slots=True)
class Resending:
    """A platform's way: `every` so many seconds, `attempts` in all, each given `patience` seconds to be answered."""

    every: float
    attempts: int
    accepts: Callable[[int], bool]
    """Whether a status acknowledges."""
    patience: float = 10.0


@dataclass(frozen=True, slots=True, order=True)
class _Delivery:
    """A body to be sent when it is due (`time.monotonic`), the same at every attempt."""

    due: float
    number: int
    event: str
    body: bytes
    attempt: int = 1


@dataclass(slots=True)
class Deliveries:
    """What waits and what came of it. Sends one at a time in a task of the loop in which something first happens."""

    address: Address
    way: Resending
    counts: Counter[str] = field(default_factory=Counter)
    latest: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=MOST_LATEST))
    _waiting: list[_Delivery] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _more: asyncio.Event = field(default_factory=asyncio.Event)
    _task: asyncio.Task[None] | None = None

    def take(self, event: str, envelope: Mapping[str, Any]) -> None:
        """Deliver the webhook of a happening soon. Returns at once."""
        self.counts["happened"] += 1
        if len(self._waiting) >= MOST_WAITING:
            self.counts["dropped"] += 1
            return
        body = json.dumps(envelope).encode()
        heapq.heappush(self._waiting, _Delivery(time.monotonic(), next(self._numbers), event, body))
        self._more.set()
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())

    def report(self) -> dict[str, Any]:
        """How many happened, were attempted, delivered, given up, dropped and still wait; and the latest attempts."""
        told = {name: self.counts[name] for name in ("happened", "attempts", "delivered", "given_up", "dropped")}
        waiting = told["happened"] - told["delivered"] - told["given_up"] - told["dropped"]
        return {**told, "waiting": waiting, "latest": list(self.latest)}

    async def _run(self) -> None:
        async with httpx.AsyncClient(timeout=self.way.patience, follow_redirects=False, trust_env=False) as http:
            while True:
                await self._until_due()
                await self._attempt(http, heapq.heappop(self._waiting))

    async def _until_due(self) -> None:
        while not self._waiting or self._waiting[0].due > time.monotonic():
            self._more.clear()
            wait = self._waiting[0].due - time.monotonic() if self._waiting else None
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._more.wait(), wait)

    async def _attempt(self, http: httpx.AsyncClient, delivery: _Delivery) -> None:
        status = await self._post(http, delivery.body)
        self.counts["attempts"] += 1
        self.latest.append({"event": delivery.event, "attempt": delivery.attempt, "answer": status})
        if status is not None and self.way.accepts(status):
            self.counts["delivered"] += 1
        elif delivery.attempt >= self.way.attempts:
            self.counts["given_up"] += 1
        else:
            due = time.monotonic() + self.way.every / self.address.hurry
            heapq.heappush(self._waiting, replace(delivery, due=due, attempt=delivery.attempt + 1))

    async def _post(self, http: httpx.AsyncClient, body: bytes) -> int | None:
        """The status of the answer, whose body is not read; None where there is no answer in time."""
        headers = {"content-type": "application/json", **self.address.sign(body)}
        try:
            async with (
                asyncio.timeout(self.way.patience),
                http.stream("POST", self.address.url, content=body, headers=headers) as answer,
            ):
                return answer.status_code
        except (httpx.HTTPError, TimeoutError, ValueError):  # a host's name may be one that cannot be looked up
            return None
