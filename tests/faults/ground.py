"""The processes of a run: Redis with its append-only file, the wire, the forum, web and workers, each with its own clock.

Web and workers run the code of a given folder, which may be a mutated copy; everything else runs this one.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from service.configuration import read
from service.connections import connect
from service.demo.stage import FORUM, HOST, SECRET, TOKEN, StageTrouble, free_ports
from service.embedded import find_server
from service.forums import PLATFORMS
from service.kept import DUE
from service.processes import web_child, worker_children
from service.queue import BULK, EVALUATE, URGENT
from service.supervisor import Child, Supervisor, wait_until

ROOT = Path(__file__).parents[2]
SKEWED = Path(__file__).with_name("skewed.py")
RULES = Path(__file__).with_name("rules.yaml")
START_SECONDS = 60.0
ROOM_BYTES = 2 * 1024**3
WORKERS = ((EVALUATE, 1), (URGENT, 2), (BULK, 3))
"""More of bulk than `modbot up` has: its workers are killed in the middle of calls, and calls that hang keep them."""


@dataclass(frozen=True, slots=True)
class Terrain:
    """How a run's world is: requests a second, the way to the forum and its lists' lag, clocks' error (all seconds)."""

    per_second: int = 3
    way: float = 0.0
    lag: float = 6.0
    skew: float = 3.0
    code: Path = ROOT


@dataclass(frozen=True, slots=True)
class Ground:
    """The running processes, and how to reach them."""

    redis: Redis
    glance: Redis
    """The same, by a connection that does not wait."""
    server: Child
    wire: Child
    forum_url: str
    web_url: str
    admin_url: str
    services: Supervisor
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=30))

    def child(self, name: str) -> Child:
        """A service process by its name: web, evaluate-1, urgent-1, urgent-2, bulk-1."""
        return next(child for child in self.services.children if child.name == name)

    def restart_the_dead(self) -> None:
        """What the operator's supervisor does."""
        for child in self.services.children:
            child.restart_if_dead()

    def waiting(self) -> int:
        """About how many events and actions are not final; 0 while Redis does not tell."""
        try:
            return int(self.glance.zcard(DUE))
        except RedisError:
            return 0

    def ask_forum(self, path: str) -> Any:
        """The answer of the forum's own pages."""
        return self.http.get(f"{self.forum_url}{path}").json()

    def happen(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Let a member do something; returns the webhook of it. Raises StageTrouble."""
        answer = self.http.post(f"{self.forum_url}/_simulator/happen", json=fields)
        if answer.is_error:
            raise StageTrouble(f"the forum refused {fields}: {answer.text}")
        webhook: dict[str, Any] = answer.json()["webhook"]
        return webhook

    def post(self, http: httpx.Client, webhook: dict[str, Any], *, signed: bool) -> httpx.Response:
        """Deliver a webhook once."""
        body = json.dumps(webhook).encode()
        headers = dict(PLATFORMS["websitetoolbox"].sign(body, SECRET)) if signed else {}
        return http.post(f"{self.web_url}/webhooks/{FORUM}/{TOKEN}", content=body, headers=headers)


@contextlib.contextmanager
def ground(terrain: Terrain, folder: Path, dice: random.Random) -> Iterator[Ground]:
    """Start everything in `folder` (configuration, data, output) and wait until it works. Raises StageTrouble."""
    with contextlib.ExitStack() as stack:
        sockets = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="faults-")))
        output = stack.enter_context((folder / "output.log").open("ab"))
        api, web, admin = free_ports(3)
        paths = [str(sockets / name) for name in ("redis", "web", "work")]
        data = stack.enter_context(tempfile.TemporaryDirectory(prefix="faults-data-", dir=_quick_place()))
        server = Child("redis", _redis_argv(Path(data), paths[0]), output=output)
        wire = Child("wire", [sys.executable, "-m", "tests.faults.wire", *paths], _own_code(ROOT), output)
        forum = Child("forum", _forum_argv(terrain, api), _own_code(ROOT), output)
        services = Supervisor(_services(terrain, folder, (api, web, admin), paths, dice))
        for child in (server, wire, forum):
            stack.callback(child.stop, 10)
            child.start()
        stack.callback(services.stop)
        for child in services.children:
            child.output = output
            child.start()
        redis = connect(f"unix://{paths[0]}?db=0")
        forum_url, web_url, admin_url = (f"http://{HOST}:{port}" for port in (api, web, admin))
        glance = Redis.from_url(f"unix://{paths[0]}?db=0", socket_timeout=0.5, retry=Retry(NoBackoff(), 0))
        running = Ground(redis, glance, server, wire, forum_url, web_url, admin_url, services)
        for close in (running.http.close, redis.close, glance.close):
            stack.callback(close)
        _wait_for_start(running)
        yield running


def signal_child(child: Child, number: signal.Signals) -> None:
    """Send a signal, unless the process is gone already."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(child.pid, number)


def _own_code(code: Path) -> dict[str, str]:
    """An environment in which Python imports our packages from this folder and no other."""
    return {"PYTHONPATH": str(code), "PYTHONSAFEPATH": "1"}


def _quick_place() -> str | None:
    """Where syncing each write costs nothing, if there is room: no power is cut here, so memory is as good as a disk."""
    shared = Path("/dev/shm")
    return str(shared) if shared.is_dir() and shutil.disk_usage(shared).free > ROOM_BYTES else None


def _redis_argv(folder: Path, socket: str) -> list[str]:
    """A server that has on disk what it has acknowledged; `everysec` may lose a second when it is killed (A2)."""
    options = {
        "port": "0", "unixsocket": socket, "dir": str(folder), "daemonize": "no", "save": "", "appendonly": "yes",
        "appendfsync": "always", "maxmemory-policy": "noeviction",
    }  # fmt: skip
    return [find_server(), *(part for name, value in options.items() for part in (f"--{name}", value))]


def _forum_argv(terrain: Terrain, port: int) -> list[str]:
    options = {"port": port, "per-second": terrain.per_second, "way": terrain.way, "lag": terrain.lag}
    given = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    return [sys.executable, "-m", "tests.faults.forum", *given]


def _services(
    terrain: Terrain, folder: Path, ports: tuple[int, int, int], paths: list[str], dice: random.Random
) -> list[Child]:
    api, web, admin = ports
    main = {
        "platform": "websitetoolbox",
        "api_url": f"http://{HOST}:{api}/v1",
        "api_key": "k",
        "bot_user": {"id": 77, "username": "modbot"},
        "webhook": {"token": TOKEN, "signing_secrets": [SECRET]},
        "limit": {"per_second": terrain.per_second, "per_day": 0},
        "notify": {"users": ["ann", "bo"]},
        "rules": [str(RULES)],
    }
    path = folder / "modbot.yaml"
    path.write_text(json.dumps({"log_level": "info", "forums": {FORUM: main}}), encoding="utf-8")
    found, own = read(path, {}), _own_code(terrain.code)
    children = [web_child(found, HOST, web, admin, own | {"MODBOT_REDIS_URL": f"unix://{paths[1]}?db=0"})]
    children += worker_children(found, WORKERS, 0, HOST, own | {"MODBOT_REDIS_URL": f"unix://{paths[2]}?db=0"})
    for child in children:
        child.argv = _on_a_host_of_its_own(child.argv, dice.uniform(-terrain.skew, terrain.skew))
    return children


def _on_a_host_of_its_own(argv: Any, skew: float) -> list[str]:
    """The same program with a clock that is off by `skew` seconds; `argv` is `python -m MODULE ARGUMENTS...`."""
    python, _, module, *arguments = argv
    return [python, str(SKEWED), f"{skew:.3f}", module, *arguments]


def _wait_for_start(running: Ground) -> None:
    def is_up() -> bool:
        for child in (running.server, running.wire, *running.services.children):
            if not child.is_running():
                raise StageTrouble(f"{child.name} ended with status {child.exit_status()} while starting")
        with contextlib.suppress(httpx.TransportError, RedisError):
            ready = running.http.get(f"{running.admin_url}/readyz").is_success
            workers = int(running.redis.scard("rq:workers"))
            return (
                ready
                and bool(running.ask_forum("/_simulator/report"))
                and workers >= sum(count for _, count in WORKERS)
            )
        return False

    if not wait_until(is_up, START_SECONDS):
        raise StageTrouble(f"the processes did not start within {START_SECONDS:g} s")
