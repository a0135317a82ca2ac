"""Ports in a row for the processes of a test, below those that the system hands out by itself. Imported by tests."""

from __future__ import annotations

import contextlib
import random
import socket

FROM, UNTIL = 20_000, 32_000


def free_run(count: int) -> int:
    """The first of so many ports in a row that are free. Begins anywhere: tests side by side must not meet."""
    for _ in range(1000):
        first = random.randrange(FROM, UNTIL - count)
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            for port in range(first, first + count):
                stack.enter_context(socket.create_server(("127.0.0.1", port)))
            return first
    raise AssertionError("no ports are free")
