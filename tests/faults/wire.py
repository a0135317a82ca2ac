"""The wire between the processes and Redis, which cuts replies: `python -m tests.faults.wire REDIS WEB WORKERS`.

The arguments are unix sockets: the server's, and two to listen on. SIGUSR1 cuts the next reply to the web process,
SIGUSR2 the next to a worker: the command has been carried out, its answer never comes, the connection is gone.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections import Counter
from functools import partial
from typing import cast

import uvloop

armed: Counter[str] = Counter()


class Upstream(asyncio.Protocol):
    """Redis' side of one connection."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.writelines(self.client.early)

    def data_received(self, data: bytes) -> None:
        if armed[self.client.side]:
            armed[self.client.side] -= 1
            self.client.transport.abort()
            self.close()
        else:
            self.client.transport.write(data)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self.client.transport.close()

    def close(self) -> None:
        if self.transport:
            self.transport.abort()


class Client(asyncio.Protocol):
    """One process' side of a connection."""

    transport: asyncio.Transport

    def __init__(self, server: str, side: str) -> None:
        self.server = server
        self.side = side
        self.early: list[bytes] = []
        self.upstream = Upstream(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.task = asyncio.get_running_loop().create_task(self._connect())

    async def _connect(self) -> None:
        try:
            await asyncio.get_running_loop().create_unix_connection(lambda: self.upstream, self.server)
        except OSError:
            self.transport.close()

    def data_received(self, data: bytes) -> None:
        if self.upstream.transport:
            self.upstream.transport.write(data)
        else:
            self.early.append(data)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self.upstream.close()


async def carry(server: str, web: str, workers: str) -> None:
    """Carry everything until a signal ends the process."""
    loop = asyncio.get_running_loop()
    servers = [
        await loop.create_unix_server(partial(Client, server, side), path)
        for side, path in (("web", web), ("workers", workers))
    ]
    loop.add_signal_handler(signal.SIGUSR1, armed.update, ["web"])
    loop.add_signal_handler(signal.SIGUSR2, armed.update, ["workers"])
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    for one in servers:
        one.close()


if __name__ == "__main__":
    uvloop.run(carry(*sys.argv[1:4]))
