"""A whole modbot with a simulated forum, as real processes: simulator, web, workers, and Redis.

Imported by the demo and by tests that need real processes.
"""

from __future__ import annotations

import contextlib
import json
import socket
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any, cast

import httpx
from redis import Redis

from service.configuration import Configuration, read
from service.connections import connect
from service.embedded import embedded_redis
from service.forums import PLATFORMS
from service.kept import DUE
from service.processes import WORKERS, web_child, worker_children
from service.supervisor import Child, Supervisor, wait_until

START_SECONDS = 30.0
HOST = "127.0.0.1"
FORUM = "main"
TOKEN = "demo-token-of-the-webhook-address"  # noqa: S105 - opens a simulated forum only
SECRET = "demo-signing-secret"  # noqa: S105 - the same
NOTHING: Mapping[str, Any] = MappingProxyType({})


class StageTrouble(Exception):
    """A part did not start, or the work did not end in time."""


@dataclass(frozen=True, slots=True)
class Stage:
    """The running parts. Delivers webhooks as the platform would, and looks at the forum as its owner would."""

    redis: Redis
    forum_url: str
    web_url: str
    admin_url: str
    supervisor: Supervisor
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=10))

    def happen(self, **fields: Any) -> dict[str, Any]:
        """Let a member do something on the forum; returns the webhook that the platform would send."""
        answer = self.http.post(f"{self.forum_url}/_simulator/happen", json=fields)
        if answer.is_error:
            raise StageTrouble(f"the simulated forum refused {fields}: {answer.text}")
        webhook: dict[str, Any] = answer.json()["webhook"]
        return webhook

    def deliver(self, webhook: Mapping[str, Any], *, secret: str | None = SECRET, forum: str = FORUM) -> httpx.Response:
        """Post a webhook to modbot until it is answered, as a platform does; `secret` signs it (None: not signed)."""
        body = json.dumps(webhook).encode()
        headers = dict(PLATFORMS["websitetoolbox"].sign(body, secret) if secret else {})
        url, answers = f"{self.web_url}/webhooks/{forum}/{TOKEN}", list[httpx.Response]()

        def is_answered() -> bool:
            with contextlib.suppress(httpx.TransportError):
                answers.append(self.http.post(url, content=body, headers=headers))
            self.restart_the_dead()
            return bool(answers) and answers[-1].status_code != httpx.codes.SERVICE_UNAVAILABLE

        if not wait_until(is_answered, START_SECONDS):
            raise StageTrouble("the webhook is not answered")
        return answers[-1]

    def report(self) -> dict[str, Any]:
        """The forum's own count of requests (contract.md, section 6)."""
        report: dict[str, Any] = self.http.get(f"{self.forum_url}/_simulator/report").json()
        return report

    def state(self) -> dict[str, Any]:
        """What the forum looks like now."""
        state: dict[str, Any] = self.http.get(f"{self.forum_url}/_simulator/state").json()
        return state

    def settle(self, seconds: float) -> None:
        """Wait until everything taken in is final, restarting parts that die. Raises StageTrouble after `seconds`."""
        if not wait_until(self._is_idle, seconds):
            raise StageTrouble(f"after {seconds:g} s work is still not done: {self.redis.zrange(DUE, 0, 9)}")

    def child(self, name: str) -> Child:
        """One of the processes, by its name (web, simulator, evaluate-1, urgent-1 ...)."""
        return next(child for child in self.supervisor.children if child.name == name)

    def restart_the_dead(self) -> None:
        """Start again what has died."""
        for child in self.supervisor.children:
            child.restart_if_dead()

    def _is_idle(self) -> bool:
        self.restart_the_dead()
        due = cast("list[str]", self.redis.zrange(DUE, 0, -1))
        return all(map(self._is_for_later, due))

    def _is_for_later(self, item: str) -> bool:
        """Whether it is a timer or a digest, which no event waits for."""
        return item.startswith("action:") and bool(self.redis.hexists(f"modbot:{item}", "apart"))


@contextlib.contextmanager
def stage(
    *,
    rules: Sequence[str] = ("rules/packs/starter",),
    redis_url: str | None = None,
    forum: Mapping[str, Any] = NOTHING,
    beside: Mapping[str, Mapping[str, Any]] = NOTHING,
    simulator_options: Sequence[str] = (),
    output: IO[bytes] | None = None,
    worker_port: int = 0,
) -> Iterator[Stage]:
    """Start all parts and wait until they are ready; stop them at the end of the block.

    `forum` overrides keys of the forum's configuration, as do those of the forums `beside` it; the workers' admin ports
    count up from `worker_port` (0: none).
    Raises NoServer or StageTrouble.
    """
    with contextlib.ExitStack() as stack:
        url = redis_url or stack.enter_context(embedded_redis())
        redis = connect(url)
        if redis.dbsize():
            raise StageTrouble("the database given with --redis-url is not empty")
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="modbot-demo-")))
        api, web, admin = free_ports(3)
        found = write_configuration(folder, f"http://{HOST}:{api}/v1", rules, {FORUM: forum, **beside})
        children = _children(found, url, (api, web, admin, worker_port), simulator_options, output)
        supervisor = Supervisor(children)
        stack.callback(supervisor.stop)
        supervisor.start()
        running = Stage(redis, f"http://{HOST}:{api}", f"http://{HOST}:{web}", f"http://{HOST}:{admin}", supervisor)
        stack.callback(running.http.close)
        _wait_for_start(running, workers=sum(count for _, count in WORKERS))
        yield running


def _children(
    found: Configuration,
    url: str,
    ports: tuple[int, int, int, int],
    simulator_options: Sequence[str],
    output: IO[bytes] | None,
) -> list[Child]:
    api, web, admin, worker_port = ports
    env = {"MODBOT_REDIS_URL": url}
    simulate = [sys.executable, "-m", "service", "simulate", "websitetoolbox", "--port", str(api), *simulator_options]
    children = [Child("simulator", simulate), web_child(found, HOST, web, admin, env)]
    children += worker_children(found, WORKERS, worker_port, HOST, env)
    for child in children:
        child.output = output
    return children


def write_configuration(
    folder: Path, api_url: str, rules: Sequence[str], forums: Mapping[str, Mapping[str, Any]]
) -> Configuration:
    """The demo's modbot.yaml (JSON is YAML)."""
    main = {
        "platform": "websitetoolbox",
        "api_url": api_url,
        "api_key": "demo-key",
        "bot_user": {"id": 77, "username": "modbot"},
        "webhook": {"token": TOKEN, "signing_secrets": [SECRET]},
        "notify": {"users": ["ann", "bo"]},
        "rules": list(rules),
    }
    path = folder / "modbot.yaml"
    sections = {name: {**main, **over} for name, over in forums.items()}
    path.write_text(json.dumps({"log_level": "warning", "forums": sections}), encoding="utf-8")
    return read(path)


def free_ports(count: int) -> list[int]:
    """Ports that were free a moment ago."""
    sockets = [socket.create_server((HOST, 0)) for _ in range(count)]
    ports = [int(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports


def _wait_for_start(running: Stage, workers: int) -> None:
    def is_up() -> bool:
        dead = next((child for child in running.supervisor.children if not child.is_running()), None)
        if dead:
            raise StageTrouble(f"{dead.name} ended with status {dead.exit_status()} while starting")
        with contextlib.suppress(httpx.TransportError):
            ready = running.http.get(f"{running.admin_url}/readyz").is_success
            return ready and bool(running.report()) and running.redis.scard("rq:workers") >= workers
        return False

    if not wait_until(is_up, START_SECONDS):
        raise StageTrouble(f"the parts did not start within {START_SECONDS:g} s")
