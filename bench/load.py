"""One process of the limiter's measurement: it calls the forum under a limiter, again and again.

Imported by `bench.limiter`.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

import httpx
from limits import RateLimitItemPerSecond
from limits.storage import RedisStorage
from limits.strategies import MovingWindowRateLimiter
from pyrate_limiter import Duration, Rate, RedisBucket
from pyrate_limiter import Limiter as PyrateLimiter
from redis import ConnectionPool, Redis, UnixDomainSocketConnection

from service.forums.http import Permit, PermitSource, open_client
from service.forums.port import TryLater
from service.limiter import Limiter
from service.scripts import teach

COLD_SECONDS = 0.25
POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Load:
    """Whom to call, and under which limiter."""

    limiter: str
    per_second: int
    socket: str
    port: int
    cold: float


@dataclass(slots=True)
class Seen:
    """What one process saw: seconds waited for each permit, and round trips to Redis."""

    lane: str
    waits: list[float] = field(default_factory=list)
    calls: int = 0


class CountedConnection(UnixDomainSocketConnection):
    """A connection that counts round trips to Redis."""

    calls = 0

    def send_packed_command(self, command: Any, check_health: bool = True) -> None:  # noqa: FBT002 - redis' signature
        """Count and send."""
        CountedConnection.calls += 1
        super().send_packed_command(command, check_health)  # type: ignore[no-untyped-call]


class ColdTransport(httpx.BaseTransport):
    """Gives up its connection before a share of the requests; the new one takes the time of a far TLS set-up."""

    def __init__(self, share: float) -> None:
        self._share = share
        self._inner = httpx.HTTPTransport(retries=0)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request, perhaps on a new connection."""
        if random.random() < self._share:  # noqa: S311 - jitter
            self._inner.close()
            self._inner = httpx.HTTPTransport(retries=0)
            time.sleep(COLD_SECONDS)
        return self._inner.handle_request(request)


class Always:
    """A permit of a limiter that wants nothing back."""

    def is_stale(self) -> bool:
        """Never."""
        return False

    def sent(self) -> None:
        """Nobody wants to know."""

    def release(self, *, answered: bool = False) -> None:
        """Nobody wants it back."""


@dataclass
class Asked:
    """A limiter from PyPI as a source of permits: `ask` waits for one."""

    ask: Callable[[], object]

    def acquire(self, _lane: str) -> Permit:
        """Wait for a permit."""
        self.ask()
        return Always()

    def pause(self, seconds: float | None) -> None:
        """The counting forum never asks for a pause."""


@dataclass
class Timed:
    """A source of permits that notes when it gave the last one (`time.monotonic`)."""

    source: PermitSource
    granted: float = 0.0

    def acquire(self, lane: str) -> Permit:
        """Wait for a permit."""
        permit = self.source.acquire(lane)
        self.granted = time.monotonic()
        return permit

    def pause(self, seconds: float | None) -> None:
        """Pass on."""
        self.source.pause(seconds)


def _modbot(load: Load) -> PermitSource:
    redis = Redis(
        connection_pool=ConnectionPool(connection_class=CountedConnection, path=load.socket, decode_responses=True)
    )
    teach(redis)  # as a worker does at its start
    return Limiter(redis, "bench", forum="bench", per_second=load.per_second, per_day=0)


def _limits(load: Load) -> PermitSource:
    pool = ConnectionPool(connection_class=CountedConnection, path=load.socket)
    limiter = MovingWindowRateLimiter(RedisStorage("redis://", connection_pool=pool))
    limit = RateLimitItemPerSecond(load.per_second)

    def ask() -> None:
        while not limiter.hit(limit):
            time.sleep(POLL_SECONDS)

    return Asked(ask)


def _pyrate(load: Load) -> PermitSource:
    pool = ConnectionPool(connection_class=CountedConnection, path=load.socket)
    bucket = RedisBucket.init([Rate(load.per_second, Duration.SECOND)], Redis(connection_pool=pool), "bench")
    return Asked(PyrateLimiter(bucket).try_acquire)


SOURCES: dict[str, Callable[[Load], PermitSource]] = {"modbot": _modbot, "limits": _limits, "pyrate-limiter": _pyrate}


def keep_asking(load: Load, lane: str, rate: float, start: float, end: float, pipe: Connection) -> None:
    """Call the forum from `start` to `end` (`time.monotonic`), `rate` times a second or without a break (0)."""
    permits = Timed(SOURCES[load.limiter](load))
    client = open_client(f"http://127.0.0.1:{load.port}", {}, permits, inner=ColdTransport(load.cold))
    seen, CountedConnection.calls = Seen(lane), 0
    wanted = start
    while (wanted := max(wanted + (random.expovariate(rate) if rate else 0), time.monotonic())) < end:
        time.sleep(max(0.0, wanted - time.monotonic()))
        if _call(client, lane, end):
            seen.waits.append(permits.granted - wanted)
    seen.calls = CountedConnection.calls
    pipe.send(seen)


def _call(client: httpx.Client, lane: str, end: float) -> bool:
    """One request, tried until the limiter lets it through; False if the time ended before."""
    while time.monotonic() < end:
        try:
            client.get("/", extensions={"lane": lane, "before_send": lambda: None})
        except TryLater as later:
            time.sleep(min(later.after or 0, max(0.0, end - time.monotonic())))
        else:
            return True
    return False
