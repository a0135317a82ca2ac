"""How the web process listens: on the fast loop, and without holding an answer back."""

from __future__ import annotations

import asyncio
import socket
import sys

import pytest

from service.serve import listen, run


@pytest.mark.skipif(sys.platform == "win32", reason="uvloop is not made for Windows")
def test_it_runs_on_uvloop() -> None:
    loops: list[str] = []

    async def look() -> None:
        loops.append(type(asyncio.get_running_loop()).__module__)

    run(look())
    assert loops == ["uvloop"]


def test_an_answer_s_body_does_not_wait_until_its_head_is_acknowledged() -> None:
    with listen("127.0.0.1", 0) as at, socket.create_connection(at.getsockname()), at.accept()[0] as accepted:
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
