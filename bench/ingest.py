"""How many webhooks a second one web process takes in, durably, beside what somebody would write instead.

`modbot serve` and three peers (`bench.peers`) each run as one process on the same server settings, all beside one
embedded Redis with an append-only file, written to disk each second. One sender has 32 connections, and on each sends
the next webhook when the last is answered: posts of 1 kB, signed. The servers take turns in each round, so whatever
else the machine does strikes them alike, and ratios are of the same round. After each turn the records (or jobs) in
Redis are counted: there are as many as answers, or there is no measurement.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from redis import Redis
from rich.progress import track
from rich.table import Table

from bench.processes import Server, modbot_serve, serve
from bench.sender import Answers, send, signed, webhooks
from bench.spread import Spread, quantile
from service.connections import connect
from service.demo.stage import FORUM, TOKEN
from service.embedded import embedded_redis
from service.kept import DUE

CONNECTIONS = 32
ROUNDS = 7
SECONDS = 2.0
MOST = 40_000
"""Webhooks that are made beforehand; a turn ends when they are used up."""

PEERS = ("bare", "enqueue", "thread")
TITLES = {
    "bare": "bare route, no Redis",
    "enqueue": "one queue.enqueue a request",
    "thread": "the same in a thread",
    "modbot": "modbot serve",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One server: webhooks a second, milliseconds, and its rate over that of two peers in the same round."""

    server: str
    rate: Spread
    p50: Spread
    p99: Spread
    of_bare: Spread
    of_enqueue: Spread


def measure() -> list[Row]:
    """One row for each server."""
    requests = signed(f"/webhooks/{FORUM}/{TOKEN}", webhooks(MOST))
    with tempfile.TemporaryDirectory(prefix="modbot-bench-") as folder, _servers(Path(folder)) as (redis, servers):
        for server in servers:
            _turn(redis, server, requests[:1000])
        rounds = [
            {server.name: _turn(redis, server, requests) for server in servers}
            for _ in track(range(ROUNDS), f"ingest, {ROUNDS} rounds")
        ]
    return [_row(name, rounds) for name in TITLES]


@contextlib.contextmanager
def _servers(folder: Path) -> Iterator[tuple[Redis, list[Server]]]:
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(embedded_redis(folder / "redis"))
        redis = connect(url)
        redis.config_set("auto-aof-rewrite-percentage", 0)  # a rewrite would strike one server's turn
        peers = [
            stack.enter_context(serve(name, lambda port, name=name: _peer(name, port, url)))  # type: ignore[misc]
            for name in PEERS
        ]
        yield redis, [*peers, stack.enter_context(modbot_serve(folder, url))]


def _peer(name: str, port: int, url: str) -> list[str]:
    return [sys.executable, "-m", "bench.peers", name, str(port), url]


def _turn(redis: Redis, server: Server, requests: list[bytes]) -> Answers:
    redis.flushall()
    answers = send(server.port, requests, connections=CONNECTIONS, seconds=SECONDS)
    stored = {"bare": 0, "modbot": redis.zcard(DUE)}.get(server.name, redis.llen("rq:queue:bench"))
    wanted = 0 if server.name == "bare" else len(answers.took)
    assert stored == wanted, f"{server.name}: {wanted} were answered, {stored} are in Redis"
    return answers


def _row(name: str, rounds: list[dict[str, Answers]]) -> Row:
    def over(peer: str) -> Spread:
        return Spread.of([one[name].per_second / one[peer].per_second for one in rounds])

    return Row(
        name,
        Spread.of([one[name].per_second for one in rounds]),
        Spread.of([quantile(one[name].took, 0.5) * 1000 for one in rounds]),
        Spread.of([quantile(one[name].took, 0.99) * 1000 for one in rounds]),
        over("bare"),
        over("enqueue"),
    )


def table(rows: list[Row]) -> Table:
    """The rows as they are printed."""
    heads = ("server", "webhooks a second", "p50, ms", "p99, ms", "of the bare route", "times one enqueue a request")
    title = f"ingest: {CONNECTIONS} connections, posts of 1 kB, signed; {ROUNDS} rounds, median (lowest-highest)"
    printed = Table(*heads, title=title)
    for row in rows:
        ratios = (f"{row.of_bare:.0%}", f"{row.of_enqueue:.2f}")
        printed.add_row(TITLES[row.server], f"{row.rate:,.0f}", f"{row.p50:.2f}", f"{row.p99:.2f}", *ratios)
    return printed
