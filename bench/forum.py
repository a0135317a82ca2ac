"""A strict counting forum for the limiter's measurement: one process that notes when each request arrives.

What stands for the way through the network is a delay between the request's last byte and its count, so it comes after
the client has seen its request sent; then the work of the forum passes before the reply. Every request is answered
200, so that no limiter is corrected by the forum. Imported by `bench.limiter`.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from typing import cast

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"


@dataclass(frozen=True, slots=True)
class Network:
    """How the forum is reached, in ms: the way there takes 0 to `jitter`, the reply comes `work` later.

    `cold` is the share of requests that need a new connection, whose set-up takes 250 ms.
    """

    jitter: int = 0
    work: tuple[int, int] = (30, 80)
    cold: float = 0.0


def serve(network: Network, pipe: Connection) -> None:
    """Send the port, count until asked to stop, and send the times of arrival (`time.monotonic`)."""
    asyncio.run(_serve(network, pipe))


async def _serve(network: Network, pipe: Connection) -> None:
    loop, arrivals = asyncio.get_running_loop(), list[float]()
    async with await loop.create_server(partial(_Counter, network, arrivals), "127.0.0.1", 0) as server:
        pipe.send(server.sockets[0].getsockname()[1])
        await loop.run_in_executor(None, pipe.recv)
        pipe.send(arrivals)


class _Counter(asyncio.Protocol):
    """One connection. Its requests have no body and come one at a time."""

    def __init__(self, network: Network, arrivals: list[float]) -> None:
        self._network = network
        self._arrivals = arrivals
        self._head = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._head += data
        if self._head.endswith(b"\r\n\r\n"):
            self._head = b""
            self._later((0, self._network.jitter), self._count)

    def _count(self) -> None:
        self._arrivals.append(asyncio.get_running_loop().time())
        self._later(self._network.work, partial(self._transport.write, ANSWER))

    def _later(self, span: tuple[int, int], then: Callable[[], None]) -> None:
        asyncio.get_running_loop().call_later(random.uniform(*span) / 1000, then)  # noqa: S311 - jitter
