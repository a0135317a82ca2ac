"""How closely the rate limiter uses what a forum allows, and whether it ever exceeds it; beside two from PyPI.

Processes that always have work call a strict counting forum (`bench.forum`) through modbot's own HTTP client and a real
Redis. A violation is an arrival within 1.0 s of the third one before it; use is the arrivals over what 3 a second
allow in the time, the first window left out. `MODBOT_BENCH_SECONDS` shortens the runs of 60 s.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from time import monotonic

from rich.progress import track
from rich.table import Table

from bench.forum import Network, serve
from bench.load import Load, Seen, keep_asking
from service.embedded import embedded_redis

FULL_SECONDS = 60.0
SECONDS = float(os.environ.get("MODBOT_BENCH_SECONDS", FULL_SECONDS))
LARGEST = 32
PER_SECOND = 3
URGENT_RATE = 0.8
START_SECONDS = 3.0

CALM, JITTER, SLOW = Network(), Network(jitter=20), Network(jitter=20, work=(300, 800))
ROUGH, COLD = Network(jitter=100), Network(jitter=20, cold=0.1)


@dataclass(frozen=True, slots=True)
class Run:
    """A crowd of processes at a forum: `bulk` always have work, `urgent` have 0.8 requests a second together."""

    title: str
    network: Network
    bulk: int
    urgent: int = 0
    limiter: str = "modbot"


RUNS = [
    *(
        Run(title, network, processes)
        for title, network in {
            "no jitter": CALM,
            "jitter 20 ms": JITTER,
            "replies 300-800 ms": SLOW,
            "jitter 100 ms": ROUGH,
            "10 % cold": COLD,
        }.items()
        for processes in (8, LARGEST)
    ),
    Run("16 bulk, 0.8/s urgent", JITTER, 16, urgent=4),
    *(
        Run(title, network, 8, limiter=peer)
        for peer in ("limits", "pyrate-limiter")
        for title, network in {"no jitter": CALM, "jitter 20 ms": JITTER}.items()
    ),
]


@dataclass(frozen=True, slots=True)
class Row:
    """What the forum and the processes saw. Times are in seconds; `calls` are to Redis, for one request."""

    run: Run
    requests: int
    violations: int
    shortest: float
    use: float
    calls: float
    longest_wait: float
    urgent: tuple[float, float] | None


def measure() -> list[Row]:
    """Every run, one after the other; short ones without the largest crowd."""
    runs = RUNS if SECONDS >= FULL_SECONDS else [run for run in RUNS if run.bulk < LARGEST]
    return [_measure(run, SECONDS) for run in track(runs, f"limiter, {SECONDS:g} s a run")]


def _measure(run: Run, seconds: float) -> Row:
    with embedded_redis() as url, _forum(run.network) as (port, arrivals):
        load = Load(run.limiter, PER_SECOND, url.removeprefix("unix://").partition("?")[0], port, run.network.cold)
        end = monotonic() + START_SECONDS + seconds
        seen = _together(run, load, end - seconds, end)
    return _row(run, sorted(arrivals), seen, end)


@contextmanager
def _forum(network: Network) -> Iterator[tuple[int, list[float]]]:
    """A counting forum's port, and the times of arrival, filled in when the block ends."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=serve, args=[network, theirs], daemon=True)
    process.start()
    arrivals: list[float] = []
    yield ours.recv(), arrivals
    ours.send("stop")
    arrivals += ours.recv()
    process.join()


def _together(run: Run, load: Load, start: float, end: float) -> list[Seen]:
    """Let all processes of the run call the forum from `start` to `end`."""
    crowd = [("bulk", 0.0)] * run.bulk + [("urgent", URGENT_RATE / max(1, run.urgent))] * run.urgent
    pipes: list[Connection] = []
    for lane, rate in crowd:
        ours, theirs = multiprocessing.Pipe()
        args = (load, lane, rate, start, end, theirs)
        multiprocessing.Process(target=keep_asking, args=args, daemon=True).start()
        pipes.append(ours)
    return [pipe.recv() for pipe in pipes]


def _row(run: Run, arrivals: list[float], seen: list[Seen], end: float) -> Row:
    spans = [fourth - first for first, fourth in zip(arrivals, arrivals[PER_SECOND:], strict=False)]
    begin = arrivals[0] + 1.0  # the first window is not steady: its three come at once, or late after a cold start
    counted = [at for at in arrivals if begin < at <= end]
    urgent = sorted(wait for one in seen if one.lane == "urgent" for wait in one.waits)
    return Row(
        run,
        requests=len(arrivals),
        violations=sum(span <= 1.0 for span in spans),
        shortest=min(spans),
        use=len(counted) / (end - begin) / PER_SECOND,
        calls=sum(one.calls for one in seen) / len(arrivals),
        longest_wait=max(wait for one in seen for wait in one.waits),
        urgent=(urgent[len(urgent) // 2], urgent[len(urgent) * 95 // 100]) if urgent else None,
    )


def table(rows: list[Row]) -> Table:
    """The rows as they are printed."""
    heads = ("limiter", "network", "processes", "requests", "violations", "shortest 4, s", "use", "Redis calls")
    printed = Table(
        *heads,
        "longest wait, s",
        "urgent p50 / p95, s",
        title=f"limiter: 3 requests in any second; {SECONDS:g} s a run",
    )
    for row in rows:
        printed.add_row(
            row.run.limiter,
            row.run.title,
            str(row.run.bulk + row.run.urgent),
            str(row.requests),
            str(row.violations),
            f"{row.shortest:.3f}",
            f"{row.use:.1%}",
            f"{row.calls:.1f}",
            f"{row.longest_wait:.1f}",
            f"{row.urgent[0]:.2f} / {row.urgent[1]:.2f}" if row.urgent else "",
        )
    return printed
