"""Synthetic traffic through every path of a World, with ids and names that nobody has seen before."""

from __future__ import annotations

import asyncio
import json
import random
import string
from collections.abc import Awaitable, Callable, Iterator

import pytest
from fakeredis import FakeAsyncRedis
from redis import asyncio as redis_asyncio

from service import metrics
from service.exposition import open_metrics, page
from service.forums import PLATFORMS
from service.forums.port import Refused, TryLater, Unsure
from service.gauges import SharedState
from service.heartbeat import send_heartbeat
from service.instruments import DEFINITIONS, Part
from service.queue import Pusher
from tests.world import SECRET, TOKEN, World

RULES = 50
DAY_AND_AN_HOUR = 25 * 3600.0


def rules() -> str:
    """Fifty rules; the first few act in ways that end differently."""
    acting = [
        "name: gone\nbody: casino\nmoderators_exempt: false\nthen: [delete, message: 'No casino, {{author.name}}.']",
        "name: kept back\nbody: quarrel\nmoderators_exempt: false\nhold: true",
        "name: trial\nbody: perhaps\nmoderators_exempt: false\nmode: shadow\nhold: true",
    ]
    idle = [f"name: idle {number}\nbody: nobody-says-{number}\nhold: true" for number in range(RULES - len(acting))]
    return "\n---\n".join([*acting, *idle])


def forget() -> None:
    """Bring every metric back to the state of a process that has just started."""
    for definition in DEFINITIONS:
        if definition.labels:
            definition.metric.clear()
    metrics._rules.known.clear()


def scraped(world: World) -> dict[Part, str]:
    """What Prometheus would read from the web process and from a worker, after a heartbeat."""
    forums = world.configuration.settings.forums

    async def once(look: Callable[[redis_asyncio.Redis], Awaitable[object]]) -> None:
        redis = FakeAsyncRedis(server=world.server, decode_responses=True)
        await look(redis)
        await redis.aclose()

    asyncio.run(once(lambda redis: send_heartbeat(redis, Pusher())))
    world.work()
    asyncio.run(once(lambda redis: SharedState(redis, forums).refresh()))
    return {process: page(process).decode() for process in (Part.WEB, Part.WORK)}


class Traffic:
    """Webhooks of all sorts, and a forum that answers them in all ways."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch, seed: int = 1) -> None:
        self.world = world
        self._patch = monkeypatch
        self._random = random.Random(seed)

    def word(self) -> str:
        return "".join(self._random.choices(string.ascii_letters + string.digits, k=24))

    def drive(self) -> dict[Part, str]:
        """Go every path, and scrape."""
        forget()
        world = self.world
        for process in (Part.WEB, Part.WORK):
            open_metrics(process, world.configuration.settings.forums)
        metrics.create_rules("main", [rule.name for rule in world.context.rules.current("main").rules])
        self.come_in()
        self.come_to_the_wrong_door()
        world.run()
        self.meet_trouble()
        world.redis.hset("modbot:paused", "main", json.dumps({"reason": self.word(), "at": 0}))
        return scraped(world)

    def come_in(self) -> None:
        """Deliveries that are taken in: new, again, of no known type; and what rules make of them."""
        world = self.world
        for said in ("free casino", "a quarrel", "perhaps", self.word()):
            world.post(f"{said} {self.word()}")
        webhook = world.happen("post.created", username="pip", topicId=501, message=self.word())
        assert [world.deliver(webhook)["status"] for _ in range(2)] == ["accepted", "duplicate"]
        for _ in range(20):
            assert world.deliver({**webhook, "type": self.word()})["status"] == "ignored"

    def come_to_the_wrong_door(self) -> None:
        """Deliveries that are not: unknown forums and tokens, bad signatures, bodies that are none."""
        world = self.world
        for _ in range(20):
            assert world.web.post(f"/webhooks/{self.word()}/{self.word()}", content=b"{}").status_code == 404
            assert world.deliver({"type": self.word()}, secret=self.word())["code"] == 401
        url = f"/webhooks/main/{TOKEN}"
        for body in (b"not json", b"x" * 300_000):
            headers = dict(PLATFORMS["websitetoolbox"].sign(body, SECRET))
            assert world.web.post(url, content=body, headers=headers).status_code in {400, 413}

    def meet_trouble(self) -> None:
        """A forum that refuses, is away, or swallows a request; codes and operations that nobody knows."""
        for failure in (
            Refused(self.word()),
            TryLater(self.word(), tries=1),
            Unsure(self.word()),
            ValueError(self.word()),
        ):
            with self._patch.context() as patch:
                patch.setattr("service.forums.http.ForumApi.call", _raising(failure))
                self.world.post(f"quarrel {self.word()}")
                self.world.work()
                self.world.clock.advance(DAY_AND_AN_HOUR)  # what may pass is given up after a day
                self.world.run()
        for code in self.codes():
            metrics.count_call("main", self.word(), code, 0.1)
        for _ in range(300):
            metrics.count_rule("main", self.word(), "match")

    def codes(self) -> Iterator[str]:
        yield from (str(code) for code in range(100, 600))
        yield from ("rate_limited", "timeout", "connect", self.word())


def _raising(failure: Exception) -> object:
    def call(*_: object, **__: object) -> None:
        raise failure

    return call
