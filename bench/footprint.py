"""What modbot takes: memory and start-up time of each process, and room in Redis for each event.

Each process is started several times beside an embedded Redis, for one forum with the starter pack. It is ready when
its readiness probe says so (for a worker, also when RQ knows of it); its memory is what is resident then, and once more
after events have passed through it: posts that match no rule. Their room in Redis is what its dataset has grown by once
they are final, over their number, and is multiplied for 100,000.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import cast

import httpx
from redis import Redis
from rich.console import Group
from rich.progress import track
from rich.table import Table

from bench.processes import NO_FORUM, NOWHERE
from bench.sender import send, signed, webhooks
from bench.spread import Spread
from service.configuration import Configuration
from service.connections import connect
from service.demo.stage import FORUM, HOST, TOKEN, free_ports, write_configuration
from service.embedded import embedded_redis
from service.kept import DUE, RETENTION_SECONDS
from service.processes import web_child, worker_children
from service.queue import EVALUATE, QUEUES
from service.supervisor import Child, wait_until

STARTS = 5
ROUNDS = 3
EVENTS = 5000
TOLD_EVENTS = 100_000
MEBI = 1024**2
RULE = "name: never\nbody: xyzzy\ndelete: true\n"
"""Needs nothing but the post, so that no event waits for the forum."""
START_SECONDS, EVENTS_SECONDS = 30.0, 120.0


@dataclass(frozen=True, slots=True)
class Process:
    """One kind of process: seconds until it is ready, MiB that it then has, and MiB after the events if it had any."""

    name: str
    start: Spread
    fresh: Spread
    used: Spread | None


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes in Redis for an event, while it waits (with what it is known by) and when it is final."""

    waiting: Spread
    final: Spread


def measure() -> tuple[list[Process], Room]:
    """Each kind of process, and the room that events take."""
    with tempfile.TemporaryDirectory(prefix="modbot-bench-") as name, embedded_redis(Path(name, "redis")) as url:
        ground = _ground(Path(name, "starter"), "rules/packs/starter", url)
        starts = {kind: [ground.start(kind) for _ in range(STARTS)] for kind in track(("web", *QUEUES), "footprint")}
        rule = Path(name, "rule.yaml")
        rule.write_text(RULE, encoding="utf-8")
        ground = _ground(Path(name, "rule"), str(rule), url)
        passed = [ground.pass_events() for _ in track(range(ROUNDS), f"footprint, {EVENTS:,} events")]
    used = {"web": [one.web for one in passed], EVALUATE: [one.evaluate for one in passed]}
    room = Room(Spread.of([one.waiting for one in passed]), Spread.of([one.final for one in passed]))
    return [_process(kind, started, used.get(kind)) for kind, started in starts.items()], room


def _ground(folder: Path, rules: str, url: str) -> _Ground:
    folder.mkdir()
    return _Ground(write_configuration(folder, NO_FORUM, [rules], {FORUM: {}}), url, connect(url))


def _process(kind: str, started: list[tuple[float, float]], used: list[float] | None) -> Process:
    seconds, memory = zip(*started, strict=True)
    return Process(kind, Spread.of(seconds), Spread.of(memory), Spread.of(used) if used else None)


@dataclass(frozen=True, slots=True)
class _Passed:
    """What one round of events took: MiB of the processes that they went through, bytes in Redis for each."""

    web: float
    evaluate: float
    waiting: float
    final: float


@dataclass(frozen=True, slots=True)
class _Ground:
    """What the processes run on."""

    found: Configuration
    url: str
    redis: Redis

    def start(self, kind: str) -> tuple[float, float]:
        """Seconds until it is ready, and MiB then."""
        began = perf_counter()
        with self._running(kind) as (child, _):
            return perf_counter() - began, _resident(child)

    @contextlib.contextmanager
    def _running(self, kind: str) -> Iterator[tuple[Child, int]]:
        """One process from when it is ready, and its port for webhooks (the workers have none)."""
        port, admin = free_ports(2)
        env = {"MODBOT_REDIS_URL": self.url, "MODBOT_LOG_LEVEL": "info"}
        known = self._workers()
        if kind == "web":
            child = web_child(self.found, HOST, port, admin, env)
        else:
            (child,) = worker_children(self.found, [(kind, 1)], admin, HOST, env)
        with NOWHERE.open("wb") as child.output:
            child.start()
            try:
                assert wait_until(lambda: _is_ready(admin), START_SECONDS, every=0.01), f"{kind} did not start"
                if kind != "web":
                    assert wait_until(lambda: bool(self._workers() - known), START_SECONDS, every=0.01), (
                        f"{kind} is not known"
                    )
                yield child, port
            finally:
                child.kill()
                child.wait(5)

    def _workers(self) -> set[str]:
        return cast("set[str]", self.redis.smembers("rq:workers"))

    def pass_events(self) -> _Passed:
        """Let events into an empty Redis, then have them decided."""
        self.redis.flushall()
        requests = signed(f"/webhooks/{FORUM}/{TOKEN}", webhooks(EVENTS))
        empty = self._dataset()
        with self._running("web") as (child, port):
            send(port, requests, connections=32, seconds=START_SECONDS)
            web = _resident(child)
        waiting = self._dataset()
        with self._running(EVALUATE) as (child, _):
            final = wait_until(lambda: not self.redis.zcard(DUE), EVENTS_SECONDS)
            assert final, f"{self.redis.zcard(DUE)} events are not final"
            evaluate = _resident(child)
        return _Passed(web, evaluate, (waiting - empty) / EVENTS, (self._dataset() - empty) / EVENTS)

    def _dataset(self) -> int:
        return int(self.redis.info("memory")["used_memory_dataset"])


def _is_ready(admin: int) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(f"http://{HOST}:{admin}/readyz").is_success
    return False


def _resident(child: Child) -> float:
    """MiB of memory that the process has now (Linux)."""
    status = Path(f"/proc/{child.pid}/status").read_text(encoding="ascii")
    (kilobytes,) = (int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))
    return kilobytes / 1024


def table(measured: tuple[list[Process], Room]) -> Group:
    """The two tables as they are printed."""
    processes, room = measured
    title = f"footprint: one forum, starter pack; {STARTS} starts, {ROUNDS} rounds of events, median (lowest-highest)"
    printed = Table("process", "start to ready, s", "MiB when ready", f"MiB after {EVENTS:,} events", title=title)
    for one in processes:
        printed.add_row(one.name, f"{one.start:.2f}", f"{one.fresh:.1f}", f"{one.used:.1f}" if one.used else "")
    days = RETENTION_SECONDS // 86400
    heads = ("event", "bytes in Redis", f"{TOLD_EVENTS:,} events, MiB", f"a day's share at {TOLD_EVENTS:,} kept, MiB")
    stored = Table(*heads, title=f"footprint: posts of 1 kB that match no rule, multiplied from {EVENTS:,}")
    for name, size in (("waiting", room.waiting), (f"final, kept {days} days", room.final)):
        told = size.middle * TOLD_EVENTS / MEBI
        stored.add_row(name, f"{size:,.0f}", f"{told:,.0f}", f"{told / days:,.1f}")
    return Group(printed, stored)
