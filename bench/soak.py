"""Memory over many events through one evaluate worker: it must not grow, but for what retention keeps.

The events are those of `bench.backlog` that no rule concerns. After each page of them is drained, what is kept of it is
seen to have an expiry, and removed, as its expiry would a month later; so are the entries of its events in the list
that retention goes by. MODBOT_SOAK_EVENTS says how many events; a million take six minutes.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from redis import Redis
from rich.progress import track
from rich.table import Table

from bench.backlog import fill, keys_of, quiet
from bench.drain import LONGEST_SECONDS, workplace
from service.kept import DUE, ENDED
from service.supervisor import Child, wait_until

EVENTS = int(os.environ.get("MODBOT_SOAK_EVENTS", "50000"))
PAGES = 10
GROUP = 32


@dataclass(frozen=True, slots=True)
class Row:
    """After so many events: the worker's resident memory, and Redis' with the last page kept and without it, in MB.

    `rate` is events a second, the storing of them included.
    """

    events: int
    worker: float
    kept: float
    redis: float
    rate: float


def measure() -> list[Row]:
    """One row a page."""
    with workplace() as place:
        (worker,) = place.evaluate_workers(1)
        worker.start()
        try:
            return [_page(place.redis, worker, number) for number in track(range(PAGES), "soak")]
        finally:
            worker.stop(grace=10)


def table(rows: list[Row]) -> Table:
    """The rows as they are printed."""
    heads = (
        "events",
        "worker, MB",
        "Redis with the last page, MB",
        "Redis after its retention, MB",
        "events stored and drained / s",
    )
    printed = Table(*heads, title=f"soak: {EVENTS:,} events through one evaluate worker")
    for row in rows:
        megabytes = (f"{size:.1f}" for size in (row.worker, row.kept, row.redis))
        printed.add_row(f"{row.events:,}", *megabytes, f"{row.rate:,.0f}")
    return printed


def _page(redis: Redis, worker: Child, number: int) -> Row:
    size = EVENTS // PAGES
    numbers = [quiet(one) for one in range(number * size, (number + 1) * size)]
    started = time.monotonic()
    fill(redis, numbers, GROUP)
    assert wait_until(lambda: redis.zcard(DUE) == 0, LONGEST_SECONDS), "the page was not drained"
    rate, kept = size / (time.monotonic() - started), _megabytes(redis)
    _retire(redis, numbers)
    return Row((number + 1) * size, _resident(worker), kept, _megabytes(redis), rate)


def _retire(redis: Redis, numbers: Sequence[int]) -> None:
    keys = [key for number in numbers for key in keys_of(number)]
    for start in range(0, len(keys), 1000):
        some = keys[start : start + 1000]
        with redis.pipeline(transaction=False) as pipe:
            for key in some:
                pipe.ttl(key)
            pipe.unlink(*some)
            *expiries, removed = pipe.execute()
        assert removed == len(some), "a record is missing"
        assert all(seconds > 0 for seconds in expiries), "a record would be kept for good"
    assert redis.zcard(ENDED) == len(numbers), "retention does not know of an event that has ended"
    redis.delete(ENDED)


def _megabytes(redis: Redis) -> float:
    return int(redis.info("memory")["used_memory"]) / 1e6


def _resident(worker: Child) -> float:
    status = Path(f"/proc/{worker.pid}/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1000
