"""One World: simulated forum, web edge, workers, Redis and clock in one process, for fast tests of what modbot does.

Redis is fakeredis (it runs our scripts) on the World's clock: waiting costs no time. What depends on real processes,
sockets or a real server is tested with `service.demo.stage` or the `redis` fixture instead.
"""

from __future__ import annotations

import contextlib
import json
import math
import time as real_time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from fakeredis import FakeAsyncRedis, FakeRedis, FakeServer
from starlette.testclient import TestClient

import service.wiring
from service.app import webhook_app
from service.configuration import read
from service.enqueue import GroupCommit
from service.footprints import Footprints
from service.forums import PLATFORMS
from service.forums.http import open_client
from service.forums.websitetoolbox.simulator.app import simulator
from service.heartbeat import Heartbeats
from service.held import HeldItems
from service.intake import Intake
from service.kept import DUE
from service.ledger import Ledger
from service.notes import Notes
from service.queue import QUEUES, Backlog, Pusher, open_queue
from service.records import DecisionLog, Entry, Filter
from service.retention import Retention
from service.standing import Standings
from service.store import EventStore
from service.timers import Timers
from service.wiring import Forums
from workers.context import Context
from workers.facts import FactCache
from workers.live_rules import LiveRules
from workers.recover import Sweeper
from workers.state import RedisState
from workers.warming import Warming
from workers.worker import RoleWorker, bind

TOKEN, SECRET = "token-of-the-world", "secret-of-the-world"


class Clock:
    """Time as Redis and the workers see it; it moves when somebody waits."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def time(self) -> float:
        return real_time.time() + self.ahead

    def advance(self, seconds: float) -> bool:
        self.ahead += max(0.0, seconds)
        return False

    def __getattr__(self, name: str) -> Any:
        return getattr(real_time, name)


class InProcess(httpx.BaseTransport):
    """The way from modbot's HTTP client to the simulated forum: real requests, no socket."""

    def __init__(self, client: TestClient) -> None:
        self._client = client

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._client.request(
            request.method, str(request.url), content=request.read(), headers=dict(request.headers)
        )
        return httpx.Response(answer.status_code, content=answer.content, headers={"content-type": "application/json"})


class World:
    """Build with `world(rules=...)`, the fixture; then happen, deliver, run, and look."""

    def __init__(
        self, folder: Path, rules: str, forum: dict[str, Any], clock: Clock, stack: contextlib.ExitStack
    ) -> None:
        self.clock = clock
        self.rules_file = folder / "rules.yaml"
        self.rules_file.write_text(rules, encoding="utf-8")
        server = FakeServer()
        self.server = server
        self.redis = FakeRedis(server=server, decode_responses=True)
        self._rq = FakeRedis(server=server)
        site = simulator(per_second=1000)
        site.routes[-1].endpoint.__self__.state.clock = clock.time  # type: ignore[attr-defined]
        self._simulator = stack.enter_context(TestClient(site, base_url="https://forum.example"))
        self.wire = InProcess(self._simulator)
        self.configuration = read(_configuration(folder, forum), {})
        settings = self.configuration.settings
        intake = Intake(settings.forums, GroupCommit(FakeAsyncRedis(server=server, decode_responses=True)))
        self.web = stack.enter_context(TestClient(webhook_app(intake, settings.max_body_bytes)))
        standings = Standings(self.redis)
        self.context = Context(
            backlog=Backlog(self.redis),
            store=EventStore(self.redis, Pusher()),
            ledger=Ledger(self.redis, "world"),
            forums=Forums(settings, self.redis, clock.advance),
            rules=LiveRules(settings, self.configuration.folder, standings, clock.time),
            standings=standings,
            facts=FactCache(self.redis),
            footprints=Footprints(self.redis),
            heartbeats=Heartbeats(self.redis, Pusher()),
            held=HeldItems(self.redis),
            timers=Timers(self.redis),
            notes=Notes(self.redis),
            warming=Warming(self.redis),
            state=partial(RedisState, self.redis),
        )
        self.sweeper = Sweeper(self.redis, Pusher(), "world", Retention(self.redis, settings.retention))

    def happen(self, event: str, **fields: Any) -> dict[str, Any]:
        """A member does something; the webhook that tells of it."""
        answer = self._simulator.post("/_simulator/happen", json={"event": event, **fields})
        assert answer.is_success, answer.text
        return dict(answer.json()["webhook"])

    def deliver(self, webhook: dict[str, Any], *, secret: str | None = SECRET) -> dict[str, Any]:
        """Send a webhook; the answer's body, with its status code under `code`."""
        body = json.dumps(webhook).encode()
        headers = PLATFORMS["websitetoolbox"].sign(body, secret) if secret else {}
        answer = self.web.post(f"/webhooks/main/{TOKEN}", content=body, headers=dict(headers))
        return {"code": answer.status_code, **answer.json()}

    def post(self, message: str, *, username: str = "pip", topic: int = 501, **fields: Any) -> int:
        """A member replies and its webhook is delivered; the post's id."""
        webhook = self.happen("post.created", username=username, topicId=topic, message=message, **fields)
        assert self.deliver(webhook)["status"] == "accepted"
        return int(webhook["data"]["object"]["postId"])

    def strike(self, request: str, error: httpx.TransportError, *, before: bool = False) -> None:
        """The first request of this kind fails, after the forum has served it or before."""
        method, path = request.split()
        original, struck = self.wire.handle_request, []

        def handle(incoming: httpx.Request) -> httpx.Response:
            if not struck and incoming.method == method and path in incoming.url.path:
                struck.append(True)
                if not before:
                    original(incoming)
                raise error
            return original(incoming)

        self.wire.handle_request = handle  # type: ignore[method-assign]

    def work(self, *queues: str) -> None:
        """Run every queued job, and the jobs that these queue; or those of some queues alone."""
        bind(self.context)
        names = queues or QUEUES
        while any(self._rq.llen(f"rq:queue:{name}") for name in names):
            for name in names:
                worker = RoleWorker(open_queue(name, self._rq), f"world-{name}-{real_time.monotonic_ns()}", _Never())
                worker.work(burst=True, logging_level="ERROR")

    def run(self, *, most_sweeps: int = 50, within: float = math.inf) -> None:
        """Work until all is final; the clock jumps to whatever is due next, if that is `within` so many seconds."""
        self.work()
        for _ in range(most_sweeps):
            due = self.redis.zrange(DUE, 0, 0, withscores=True)
            if not due or due[0][1] / 1000 - self.clock.time() > within:
                return
            self.clock.advance(due[0][1] / 1000 - self.clock.time() + 0.001)
            self.sweeper.sweep()
            self.work()
        raise AssertionError(f"still not final: {self.redis.zrange(DUE, 0, -1)}")

    @property
    def state(self) -> dict[str, Any]:
        return dict(self._simulator.get("/_simulator/state").json())

    def posts(self) -> dict[int, dict[str, Any]]:
        return {post["postId"]: post for post in self.state["posts"]}

    def topic(self, topic_id: int) -> dict[str, Any]:
        return next(topic for topic in self.state["topics"] if topic["topicId"] == topic_id)

    def groups(self, username: str) -> list[str]:
        return next(list(user["groups"]) for user in self.state["users"] if user["username"] == username)

    def calls(self) -> dict[str, int]:
        """The forum's own count of requests by operation."""
        return dict(self._simulator.get("/_simulator/report").json()["by_operation"])

    def echoes(self) -> list[dict[str, Any]]:
        """The webhooks of what modbot's own calls did, oldest first."""
        return list(self._simulator.get("/_simulator/webhooks").json()["webhooks"])

    def log(self) -> list[Entry]:
        return list(DecisionLog(self.redis).newest_first(Filter()))

    def outcomes(self) -> list[tuple[str, str]]:
        """Each action of the newest decision with its outcome."""
        return [(action["action"], action["outcome"]) for action in self.log()[0].actions]


class _Never:
    """A stop event that nobody sets."""

    def set(self) -> None:
        raise AssertionError("nobody stops the World")

    def is_set(self) -> bool:
        return False


def _configuration(folder: Path, forum: dict[str, Any]) -> Path:
    main = {
        "platform": "websitetoolbox",
        "api_url": "https://forum.example/v1",
        "api_key": "key-of-the-world",
        "bot_user": {"id": 77, "username": "modbot"},
        "webhook": {"token": TOKEN, "signing_secrets": [SECRET]},
        "limit": {"per_second": 100, "per_day": 0},
        "notify": {"users": ["ann", "bo"]},
        "rules": ["rules.yaml"],
    }
    path = folder / "modbot.yaml"
    path.write_text(json.dumps({"forums": {"main": main | forum}}), encoding="utf-8")
    return path


@contextlib.contextmanager
def open_world(folder: Path, monkeypatch: pytest.MonkeyPatch, rules: str, forum: dict[str, Any]) -> Iterator[World]:
    clock = Clock()
    for module in ("fakeredis.commands_mixins.server_mixin", "workers.act", "workers.screening", "service.intake"):
        monkeypatch.setattr(f"{module}.time", clock)
    with contextlib.ExitStack() as stack:
        built: list[World] = []
        monkeypatch.setattr(service.wiring, "open_client", lambda *args: open_client(*args, inner=built[0].wire))
        built.append(World(folder, rules, forum, clock, stack))
        yield built[0]
