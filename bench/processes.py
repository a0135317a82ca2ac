"""Processes that are measured: how they are started, and when they listen. Imported by the measurements."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from service.demo.stage import HOST, free_ports, write_configuration
from service.processes import web_child
from service.supervisor import Child, wait_until

START_SECONDS = 20.0
NO_FORUM = "http://127.0.0.1:1"


@dataclass(frozen=True, slots=True)
class Server:
    """A running web process, and its port."""

    name: str
    port: int


@contextlib.contextmanager
def serve(name: str, argv: Callable[[int], Sequence[str]]) -> Iterator[Server]:
    """Run a program that listens on the port it is given, while the block lasts."""
    (port,) = free_ports(1)
    with running(Child(name, argv(port)), port):
        yield Server(name, port)


@contextlib.contextmanager
def modbot_serve(folder: Path, redis_url: str) -> Iterator[Server]:
    """`modbot serve` with the default settings for one forum, while the block lasts."""
    port, admin = free_ports(2)
    found = write_configuration(folder, NO_FORUM, ["rules/packs/starter"], {})
    env = {"MODBOT_REDIS_URL": redis_url, "MODBOT_LOG_LEVEL": "info"}
    with running(web_child(found, HOST, port, admin, env), port):
        yield Server("modbot", port)


@contextlib.contextmanager
def running(child: Child, port: int) -> Iterator[None]:
    """Run a program that listens on the port until the end of the block; its output goes nowhere.

    Raises AssertionError if it does not start.
    """
    with Path("/dev/null").open("wb") as child.output:
        child.start()
        try:
            wait_until(lambda: _listens(port) or not child.is_running(), START_SECONDS, every=0.01)
            assert _listens(port), f"{child.name} did not start"
            yield
        finally:
            child.stop(20)


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((HOST, port)):
        return True
    return False
