"""Events a second that one evaluate worker drains from a backlog, beside RQ's own workers with the same decision.

Real processes and a real Redis (append-only, everysec), the starter pack, the events of `bench.backlog`. modbot reads
each webhook's record and writes its event, decision, plan and log line; the peers are given the webhook as the job's
arguments and write nothing. The peers take one job an event; modbot's events came in one by one, or 32 at a time. A
worker is measured between its first tenth and its last, so that no start or end is in it.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from redis import Redis
from rich.progress import track
from rich.table import Table

from bench import rq_peer
from bench.backlog import FORUM, fields_of, fill
from bench.spread import Spread
from service.configuration import read
from service.connections import connect
from service.embedded import embedded_redis
from service.kept import LOG
from service.processes import worker_children
from service.queue import EVALUATE
from service.supervisor import Child, wait_until

ROUNDS = 3
START_SECONDS = 30.0
LONGEST_SECONDS = 300.0
PACK = Path("rules/packs/starter")


@dataclass(frozen=True, slots=True)
class Contender:
    """Who drains the backlog: so many `workers` of one kind, the `events` of it, so many of these a `group`."""

    name: str
    events: int
    group: int = 1
    workers: int = 1
    peer: str | None = None
    """Which of RQ's workers; None: modbot's."""


CONTENDERS = (
    Contender("RQ's Worker", 120, peer="stock"),
    Contender("RQ's SimpleWorker", 1000, peer="simple"),
    Contender("modbot, came in one by one", 10_000),
    Contender("modbot, came in by 32", 10_000, group=32),
    Contender("modbot, by 32, two workers", 10_000, group=32, workers=2),
)


@dataclass(frozen=True, slots=True)
class Row:
    """Events a second, and how many times those of RQ's workers, round by round."""

    name: str
    rate: Spread
    stock: Spread
    simple: Spread


def measure() -> list[Row]:
    """One row for each contender; all of them in each round."""
    rounds = [[_drained(one) for one in CONTENDERS] for _ in track(range(ROUNDS), "drain")]
    return [_row(place, contender.name, rounds) for place, contender in enumerate(CONTENDERS)]


def table(rows: list[Row]) -> Table:
    """The rows as they are printed."""
    heads = ("worker", "events / s", "times RQ's Worker", "times SimpleWorker")
    printed = Table(*heads, title="drain: a backlog, starter pack; median (lowest-highest)")
    for row in rows:
        printed.add_row(row.name, f"{row.rate}", f"{row.stock}", f"{row.simple}")
    return printed


def _row(place: int, name: str, rounds: list[list[float]]) -> Row:
    return Row(
        name,
        Spread.of([rates[place] for rates in rounds]),
        Spread.of([rates[place] / rates[0] for rates in rounds]),
        Spread.of([rates[place] / rates[1] for rates in rounds]),
    )


def _drained(contender: Contender) -> float:
    with workplace() as place:
        if contender.peer:
            rq_peer.enqueue(Redis.from_url(place.url), [fields_of(number) for number in range(contender.events)])
            children = [Child("peer", [sys.executable, "-m", "bench.rq_peer", contender.peer, place.url])]
            done = _left_in(place.redis, contender.events)
        else:
            fill(place.redis, range(contender.events), contender.group)
            children = place.evaluate_workers(contender.workers)
            done = _logged(place.redis)
        return _rate(children, done, contender.events)


def _logged(redis: Redis) -> Callable[[], int]:
    return lambda: int(redis.xlen(LOG))


def _left_in(redis: Redis, events: int) -> Callable[[], int]:
    return lambda: events - int(redis.llen(f"rq:queue:{rq_peer.QUEUE}"))


def _rate(children: list[Child], done: Callable[[], int], events: int) -> float:
    """Events a second between the first and the last tenth. Raises AssertionError if they are not drained in time."""
    for child in children:
        child.start()
    try:
        first, began = _reached(done, events // 10)
        last, ended = _reached(done, events - events // 10)
        assert wait_until(lambda: done() >= events, LONGEST_SECONDS), "the backlog was not drained"
        return (last - first) / (ended - began)
    finally:
        for child in children:
            child.stop(grace=10)


def _reached(done: Callable[[], int], number: int) -> tuple[int, float]:
    """How many were done when there were so many for the first time, and when that was."""
    assert wait_until(lambda: done() >= number, LONGEST_SECONDS, every=0.01), "the backlog is not being drained"
    return done(), time.monotonic()


@dataclass(frozen=True, slots=True)
class Workplace:
    """A Redis of its own, and a configuration for workers."""

    redis: Redis
    url: str
    folder: Path

    def evaluate_workers(self, number: int) -> list[Child]:
        """Evaluate workers under the starter pack, as an operator starts them; their log goes to a file."""
        main = {
            "platform": "websitetoolbox",
            "api_key": "bench-key",
            "bot_user": {"id": 77, "username": "modbot"},
            "webhook": {"token": "bench-token-of-the-address"},
            "notify": {"users": ["ann"]},
            "rules": [str(PACK.resolve())],
        }
        path = self.folder / "modbot.yaml"
        path.write_text(json.dumps({"log_format": "json", "forums": {FORUM: main}}), encoding="utf-8")
        children = worker_children(read(path), ((EVALUATE, number),), 0, "127.0.0.1", {"MODBOT_REDIS_URL": self.url})
        for child in children:
            child.output = (self.folder / f"{child.name}.log").open("wb")
        return children


@contextmanager
def workplace() -> Iterator[Workplace]:
    """Run a Redis server with an append-only file while the block lasts."""
    with tempfile.TemporaryDirectory(prefix="modbot-bench-") as folder, embedded_redis(Path(folder, "data")) as url:
        yield Workplace(connect(url), url, Path(folder))
