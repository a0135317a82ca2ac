"""Redis restarts, freezes, and is replaced by its replica: every process lives through it, and nothing is lost."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from redis import Redis

from service.connections import connect
from service.demo.stage import Stage, stage
from service.embedded import NoServer, find_server
from service.supervisor import Child, wait_until

pytestmark = pytest.mark.processes

RULES = "name: lock-it\ntitle: xyzzy\nlock: true\n"


@dataclass
class Server:
    """A Redis server with an append-only file, on a socket."""

    folder: Path
    name: str
    child: Child

    @property
    def socket(self) -> Path:
        return self.folder / f"{self.name}.sock"

    def redis(self) -> Redis:
        return connect(f"unix://{self.socket}?db=0")

    def start(self) -> None:
        self.child.start()
        assert wait_until(self.answers, 10)

    def answers(self) -> bool:
        with contextlib.suppress(Exception):
            return bool(self.redis().ping())
        return False


def server(folder: Path, name: str, *options: str) -> Server:
    try:
        binary = find_server()
    except NoServer as none:
        pytest.skip(str(none))
    home = folder / name
    home.mkdir()
    argv = [binary, "--unixsocket", str(folder / f"{name}.sock"), "--dir", str(home), "--appendonly", "yes"]
    return Server(folder, name, Child(name, [*argv, "--save", "", *options], output=(home / "log").open("wb")))


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[tuple[Server, Server]]:
    """A primary and its replica."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    primary = server(tmp_path, "a", "--port", str(port))
    replica = server(tmp_path, "b", "--port", "0", "--replicaof", "127.0.0.1", str(port))
    try:
        primary.start()
        yield primary, replica
    finally:
        for one in (primary, replica):
            one.child.kill()
            one.child.wait(5)
            assert one.child.output
            one.child.output.close()


def restart(primary: Server, _replica: Server) -> None:
    primary.child.kill()
    primary.child.wait(5)
    time.sleep(2)
    primary.start()


def freeze(primary: Server, _replica: Server) -> None:
    os.kill(primary.child.pid, signal.SIGSTOP)
    time.sleep(4)
    os.kill(primary.child.pid, signal.SIGCONT)


def fail_over(primary: Server, replica: Server) -> None:
    """The replica takes the primary's place; for a while it is read-only still."""
    replica.start()
    state = replica.redis()
    assert wait_until(lambda: state.info("replication")["master_link_status"] == "up", 10)
    assert primary.redis().wait(1, 5000) == 1
    primary.child.kill()
    primary.child.wait(5)
    replica.socket.rename(primary.socket)
    time.sleep(2)
    primary.redis().execute_command("REPLICAOF", "NO", "ONE")


def test_processes_live_through_whatever_redis_does(tmp_path: Path, servers: tuple[Server, Server]) -> None:
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    url = f"unix://{servers[0].socket}?db=0"
    with stage(rules=[str(tmp_path / "rules.yaml")], redis_url=url) as parts:
        before = pids(parts)
        for number, trouble in enumerate((restart, freeze, fail_over)):
            webhook = parts.happen(event="topic.created", userId=101, title=f"xyzzy {number}", message="hello")
            answer = parts.deliver(webhook)
            assert answer.json()["status"] == "accepted"
            trouble(*servers)
            again = parts.deliver(webhook)
            assert again.json() == {"status": "duplicate", "id": answer.json()["id"]}, trouble.__name__
            other = parts.happen(event="topic.created", userId=101, title=f"xyzzy {number} too", message="hello")
            assert parts.deliver(other).json()["status"] == "accepted", trouble.__name__
            parts.settle(60)
            assert pids(parts) == before, f"{trouble.__name__}: somebody died of it"
        locked = [topic["title"] for topic in parts.state()["topics"] if topic["locked"]]
        assert {f"xyzzy {number}{too}" for number in range(3) for too in ("", " too")} <= set(locked)
        assert parts.report()["by_operation"]["POST /api/topics/{topicId}"] == 6, "each once"


def pids(parts: Stage) -> dict[str, int]:
    return {child.name: child.pid for child in parts.supervisor.children}
