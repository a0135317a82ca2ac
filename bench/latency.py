"""How long it takes from a webhook's receipt until the forum has modbot's request about it.

All of modbot runs as real processes (web, one evaluate, two urgent and one bulk worker) beside an embedded Redis with
an append-only file. This process is the platform: it posts a signed webhook of a spam post, and notes when the request
that deletes the post comes in, on the same clock. The forum allows 100 requests a second, the most that can be
configured, so that the limiter is not what is measured: first one webhook at a time, then 50 a second at random, half
of what may be sent. The last row is an idle forum with the platform's own 3 a second.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import cast

import uvloop
from rich.progress import track
from rich.table import Table

from bench.processes import modbot
from bench.sender import signed, webhooks
from bench.spread import Spread, quantile
from service.demo.stage import FORUM, HOST, TOKEN, free_ports
from service.embedded import embedded_redis

RULES = "name: spam\nbody: nothing in particular\nmoderators_exempt: false\nlimit: none\ndelete: true\n"
ANSWER = b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 20\r\n\r\n{"status":"success"}'
WARM = 20
LATEST_SECONDS = 20.0
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Load:
    """How webhooks come: `number` of them in a round, `gap` seconds apart on average, and what the forum allows."""

    title: str
    per_second: int
    number: int
    gap: float
    at_random: bool = False


LOADS = (
    Load("idle, one at a time", 100, 100, 0.05),
    Load("half load: 50 of 100 a second", 100, 250, 0.02, at_random=True),
    Load("idle, a limit of 3 a second", 3, 6, 1.1),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One load: milliseconds from a webhook to its request, a round each."""

    load: Load
    p50: Spread
    p99: Spread


def measure() -> list[Row]:
    """One row for each load."""
    return [_row(load) for load in track(LOADS, "latency")]


def _row(load: Load) -> Row:
    bodies = signed(f"/webhooks/{FORUM}/{TOKEN}", webhooks(WARM + ROUNDS * load.number))
    (port,) = free_ports(1)
    forum = {"limit": {"per_second": load.per_second, "per_day": 0}}
    with tempfile.TemporaryDirectory(prefix="modbot-bench-") as name, embedded_redis(Path(name, "redis")) as url:
        rules = Path(name, "rules.yaml")
        rules.write_text(RULES, encoding="utf-8")
        with modbot(Path(name), url, f"http://{HOST}:{port}/v1", [str(rules)], forum) as web:
            rounds = uvloop.run(_rounds(load, bodies, port, web))
    return Row(
        load,
        Spread.of([quantile(one, 0.5) * 1000 for one in rounds]),
        Spread.of([quantile(one, 0.99) * 1000 for one in rounds]),
    )


async def _rounds(load: Load, requests: Sequence[bytes], forum_port: int, web_port: int) -> list[list[float]]:
    """Seconds of each webhook, by round."""
    called: dict[int, float] = {}
    loop = asyncio.get_running_loop()
    async with await loop.create_server(lambda: _Forum(called), HOST, forum_port):
        _, writer = await asyncio.open_connection(HOST, web_port)
        await _round(Load("", load.per_second, WARM, 2 / load.per_second), 0, requests, writer, called)
        rounds = [await _round(load, WARM + number * load.number, requests, writer, called) for number in range(ROUNDS)]
        writer.close()
    return rounds


async def _round(
    load: Load, first: int, requests: Sequence[bytes], web: asyncio.StreamWriter, called: dict[int, float]
) -> list[float]:
    """Post the webhooks from `first` on (their posts are numbered from 1) until the forum has heard of all."""
    posted: dict[int, float] = {}
    due = perf_counter()
    for place, gap in zip(range(first, first + load.number), _gaps(load), strict=False):
        due += gap
        await asyncio.sleep(due - perf_counter())
        posted[place + 1] = perf_counter()
        web.write(requests[place])
    async with asyncio.timeout(LATEST_SECONDS):
        while not posted.keys() <= called.keys():  # noqa: ASYNC110 - between the requests nobody waits for this
            await asyncio.sleep(0.01)
    return [called[post] - at for post, at in posted.items()]


def _gaps(load: Load) -> Iterator[float]:
    while True:
        yield random.expovariate(1 / load.gap) if load.at_random else load.gap


class _Forum(asyncio.Protocol):
    """One connection of a worker. Every request deletes a post, has no body, and is answered at once."""

    def __init__(self, called: dict[int, float]) -> None:
        self._called = called
        self._head = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._head += data
        if self._head.endswith(b"\r\n\r\n"):
            path = self._head.split(b" ", 2)[1]
            self._called.setdefault(int(path.rpartition(b"/")[2]), perf_counter())
            self._head = b""
            self._transport.write(ANSWER)


def table(rows: list[Row]) -> Table:
    """The rows as they are printed."""
    title = f"latency: from a webhook to the forum's request; {ROUNDS} rounds, median (lowest-highest)"
    printed = Table("load", "webhooks a round", "p50, ms", "p99, ms", title=title)
    for row in rows:
        printed.add_row(row.load.title, str(row.load.number), f"{row.p50:.1f}", f"{row.p99:.1f}")
    return printed
