"""Processes that are measured: how they are started, and when they listen. Imported by the measurements."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.connections import connect
from service.demo.stage import FORUM, HOST, free_ports, write_configuration
from service.processes import WORKERS, web_child, worker_children
from service.supervisor import Child, wait_until

START_SECONDS = 20.0
NO_FORUM = "http://127.0.0.1:1"
NOWHERE = Path("/dev/null")


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
    found = write_configuration(folder, NO_FORUM, ["rules/packs/starter"], {FORUM: {}})
    env = {"MODBOT_REDIS_URL": redis_url, "MODBOT_LOG_LEVEL": "info"}
    with running(web_child(found, HOST, port, admin, env), port):
        yield Server("modbot", port)


@contextlib.contextmanager
def modbot(folder: Path, redis_url: str, api_url: str, rules: Sequence[str], forum: Mapping[str, Any]) -> Iterator[int]:
    """The web process and the workers of `modbot up`, while the block lasts; yields the web's port."""
    port, admin = free_ports(2)
    found, env = write_configuration(folder, api_url, rules, {FORUM: forum}), {"MODBOT_REDIS_URL": redis_url}
    with contextlib.ExitStack() as stack:
        for child in worker_children(found, WORKERS, 0, HOST, env):
            child.start()
            stack.callback(child.stop, 20)
        stack.enter_context(running(web_child(found, HOST, port, admin, env), port))
        redis, workers = connect(redis_url), sum(count for _, count in WORKERS)
        assert wait_until(lambda: redis.scard("rq:workers") >= workers, START_SECONDS), "the workers did not start"
        yield port


@contextlib.contextmanager
def running(child: Child, port: int) -> Iterator[None]:
    """Run a program that listens on the port until the end of the block; its output goes nowhere.

    Raises AssertionError if it does not start.
    """
    with NOWHERE.open("wb") as child.output:
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
