"""A crowd of workers at a forum, on a clock that costs no time: what the limiter's scripts let through.

Each worker takes a permit, sends, and gives the permit back with the reply, as `service.limiter` does; the way to the
forum and the forum's work take what the test says. Redis is fakeredis on the crowd's clock.
"""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from types import SimpleNamespace

import fakeredis.commands_mixins.server_mixin as server
from fakeredis import FakeRedis, FakeServer

from service.limiter import HOLD_MS, LONGEST_WAIT_SECONDS, PATIENCE_SECONDS, SLOW_SECONDS, WINDOW_MS, Limiter
from service.scripts import load

ALLOWED = 3
START = 1_000_000.0


@dataclass(frozen=True)
class Trip:
    """One request, in seconds: from permit to sent, from sent to arrival, from arrival to reply."""

    setup: float
    way: float
    work: float
    lost: bool = False  # the worker dies once it has sent


@dataclass
class Crowd:
    """Workers `join`, time `run`s; what the forum saw is in `arrivals`, and how long each permit took in `waits`."""

    trips: Callable[[], Trip]
    per_day: int = 0
    now: float = START
    arrivals: list[tuple[float, str, str]] = field(default_factory=list)
    waits: list[tuple[str, float]] = field(default_factory=list)
    calls: int = 0

    def __post_init__(self) -> None:
        self.redis = FakeRedis(server=FakeServer(), decode_responses=True)
        self._keys = Limiter(self.redis, "a", forum="main", per_second=ALLOWED, per_day=0)._keys
        self._acquire, self._release, self._pause = (load(self.redis, n) for n in ("acquire", "release", "pause"))
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._number = count()
        self._slow: dict[str, bool] = {}

    def pause(self) -> None:
        """The forum says that we are too fast."""
        self._pause(keys=self._keys[:1], args=[0, 0])

    def at(self, time: float, do: Callable[[], None]) -> None:
        heapq.heappush(self._agenda, (time, next(self._number), do))

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        while self._agenda and self._agenda[0][0] < end:
            self.now, _, do = heapq.heappop(self._agenda)
            do()
        self.now = end

    def join(self, lane: str, name: str, *, first: float = 0.0, again: Callable[[], float] = lambda: 0.0) -> None:
        """A worker with its first request in `first` seconds, and the next one `again` seconds after each reply."""

        def want() -> None:
            ask(f"{name}-{next(self._number)}", self.now)

        def ask(ticket: str, since: float, patience: float = PATIENCE_SECONDS) -> None:
            self.calls += 1
            granted, wait_us, in_line = self._acquire(
                keys=self._keys[:6], args=[ticket, lane, ALLOWED, WINDOW_MS, HOLD_MS, self.per_day, patience * 1000]
            )
            if granted:
                leaves = self.now + wait_us / 1e6
                self.waits.append((lane, leaves - since))
                self.at(leaves, lambda: self._send(lane, name, ticket, lambda: self.at(self.now + again(), want)))
            elif in_line:
                self.at(self.now + wait_us / 1e6, lambda: ask(ticket, since, LONGEST_WAIT_SECONDS))
            else:
                self.at(self.now + wait_us / 1e6, lambda: ask(f"{name}-{next(self._number)}", since))

        self.at(self.now + first, want)

    def _send(self, lane: str, name: str, ticket: str, done: Callable[[], None]) -> None:
        trip = self.trips()
        sent = self.now + trip.setup
        arrival = sent + trip.way
        self.arrivals.append((arrival, lane, name))

        def settle(known: str, since: float) -> None:
            self.calls += 1
            keys = [*self._keys[:2], self._keys[6]]
            self._release(keys=keys, args=[ticket, WINDOW_MS, known, since * 1000])

        def reply() -> None:
            settle("answered", self.now - sent)
            self._slow[name] = self.now - sent > SLOW_SECONDS
            done()

        if self._slow.get(name):
            self.at(sent, lambda: settle("sent", 0.0))
        if not trip.lost:
            self.at(arrival + trip.work, reply)

    def shortest(self, arrivals: int = ALLOWED + 1) -> float:
        """The shortest span that holds so many arrivals, in seconds; one more than is allowed if not told."""
        times = sorted(time for time, *_ in self.arrivals)
        return min((last - first for first, last in zip(times, times[arrivals - 1 :], strict=False)), default=math.inf)

    def use(self) -> float:
        """The arrivals over what is allowed in the time, the first window left out."""
        times = sorted(time for time, *_ in self.arrivals)
        begin = times[0] + 1.0
        return sum(begin < time <= self.now for time in times) / (self.now - begin) / ALLOWED

    def order(self, lane: str) -> list[str]:
        """The lane's workers in the order in which they sent."""
        return [name for _, of, name in self.arrivals if of == lane]


@contextmanager
def crowd(trips: Callable[[], Trip], *, per_day: int = 0) -> Iterator[Crowd]:
    """A crowd whose clock is Redis' clock while the block lasts."""
    real = server.time
    built = Crowd(trips, per_day)
    server.time = SimpleNamespace(time=lambda: built.now)  # type: ignore[attr-defined]
    try:
        yield built
    finally:
        server.time = real  # type: ignore[attr-defined]


def uniform(way_ms: float, work_ms: tuple[float, float], *, seed: int = 1) -> Callable[[], Trip]:
    """Trips whose way takes 0 to `way_ms`, and the forum's work as given, evenly spread; 1 ms from permit to sent."""
    dice = random.Random(seed)
    return lambda: Trip(0.001, dice.uniform(0, way_ms) / 1000, dice.uniform(*work_ms) / 1000)
