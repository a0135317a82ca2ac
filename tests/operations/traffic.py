"""Synthetic traffic through every path of a World, with ids and names that nobody has seen before."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import random
import string
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any, NoReturn

import pytest
from fakeredis import FakeAsyncRedis
from redis import asyncio as redis_asyncio
from redis.exceptions import RedisError
from rq.timeouts import JobTimeoutException

from service import metrics
from service.exposition import open_metrics, page
from service.forums import PLATFORMS
from service.forums.port import KeyRefused, RateLimited, Refused, TryLater, Unsure
from service.gauges import SharedState
from service.heartbeat import send_heartbeat
from service.instruments import DEFINITIONS, Part, series
from service.labels import RESULTS
from service.queue import Pusher
from tests.world import SECRET, TOKEN, World

RULES = 50
DAY_AND_AN_HOUR = 25 * 3600.0

CALL, PERMIT = "service.forums.http.ForumApi.call", "service.limiter.Limiter._stand_in_line"
DECIDE = "workers.case.Deliberation"

STRICT: dict[str, Any] = {"webhook": {"token": TOKEN, "signing_secrets": [SECRET], "require_signature": True}}
"""A forum that takes signed webhooks only."""


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
    series.cache_clear()
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
        self.come_again()
        self.come_to_the_wrong_door()
        self.come_while_we_are_unwell()
        world.run()
        self.meet_trouble()
        self.be_of_many_kinds()
        world.redis.hset("modbot:paused", "main", json.dumps({"reason": self.word(), "at": 0}))
        return scraped(world)

    def come_in(self) -> None:
        """Deliveries that are taken in: new, again, of no known type; and what rules make of them."""
        world = self.world
        for said in ("a quarrel", "perhaps", self.word()):
            world.post(f"{said} {self.word()}")
        webhook = world.happen("post.created", username="pip", topicId=501, message=self.word())
        assert [world.deliver(webhook)["status"] for _ in range(2)] == ["accepted", "duplicate"]
        for _ in range(20):
            assert world.deliver({**webhook, "type": self.word()})["status"] == "ignored"

    def come_again(self) -> None:
        """An edit of what a rule has deleted: nothing is left to delete or to hold, and nobody is told twice."""
        world = self.world
        webhook = world.happen("post.created", username="pip", topicId=501, message="free casino")
        world.deliver(webhook)
        world.run()
        for said in ("free casino", "a quarrel"):
            webhook["data"]["object"]["message"] = said
            world.deliver({**webhook, "type": "post.updated"})
            world.run()

    def come_to_the_wrong_door(self) -> None:
        """Deliveries that are not: unknown forums and tokens, bad signatures, bodies that are none."""
        world, url = self.world, f"/webhooks/main/{TOKEN}"
        for _ in range(20):
            assert world.web.post(f"/webhooks/{self.word()}/{self.word()}", content=b"{}").status_code == 404
            assert world.deliver({"type": self.word()}, secret=self.word())["code"] == 401
        assert world.deliver({"type": self.word()}, secret=None)["code"] == 401
        assert world.web.post(url, content=b"{}", headers=_signed_long_ago(b"{}")).status_code == 401
        for body in (b"not json", b"x" * 300_000):
            headers = dict(PLATFORMS["websitetoolbox"].sign(body, SECRET))
            assert world.web.post(url, content=body, headers=headers).status_code in {400, 413}

    def come_while_we_are_unwell(self) -> None:
        """Deliveries while Redis is away, and one that meets a mistake of ours."""
        webhook = self.world.happen("post.created", username="pip", topicId=501, message=self.word())
        with self._patch.context() as patch:
            patch.setattr("service.enqueue.GroupCommit.commit", _raising(RedisError(self.word())))
            assert self.world.deliver(webhook)["code"] == 503
            patch.setattr("service.intake.Intake.receive", _raising(ValueError("a mistake")))
            with pytest.raises(ValueError, match="a mistake"):
                self.world.deliver(webhook)

    def meet_trouble(self) -> None:
        """A forum that refuses, is away or swallows requests; no permits; jobs, rules and records that fail."""
        word = self.word()
        refused = (
            Refused(word),
            TryLater(word, tries=1),
            TryLater(word),
            Unsure(word),
            ValueError(word),
            RateLimited(word),
            KeyRefused(word),
        )
        self.struggle([(CALL, _raising(one)) for one in refused], DAY_AND_AN_HOUR)
        self.struggle([(PERMIT, lambda *_: 3.0), (DECIDE, _raising(ValueError(word)))], DAY_AND_AN_HOUR)
        for place, trouble in ((PERMIT, _raising(RedisError(word))), (CALL, _raising(JobTimeoutException(word)))):
            self.struggle([(place, trouble)])
            self.world.run()
        event = self.world.deliver(self.world.happen("post.created", username="pip", topicId=501, message=word))["id"]
        self.world.redis.hset(f"modbot:event:{event}", "event", word)
        self.world.run()

    def struggle(self, troubles: Iterable[tuple[str, Callable[..., object]]], until: float = 0) -> None:
        """Work that meets each trouble, at first only or until it is given up after so many seconds."""
        for place, trouble in troubles:
            with self._patch.context() as patch:
                patch.setattr(place, trouble)
                self.world.post(f"quarrel {self.word()}")
                self.world.work()
                if until:
                    self.world.clock.advance(until)
                    self.world.run()

    def be_of_many_kinds(self) -> None:
        """Codes, operations and rules that nobody knows."""
        for code in self.codes():
            metrics.count_call("main", self.word(), code, 0.1)
        for number in range(300):
            metrics.count_rule("main", self.word(), RESULTS[number % len(RESULTS)])

    def codes(self) -> Iterator[str]:
        yield from (str(code) for code in range(100, 600))
        yield from ("rate_limited", "timeout", "connect", self.word())


def _raising(failure: Exception) -> Callable[..., NoReturn]:
    def call(*_: object, **__: object) -> NoReturn:
        raise failure

    return call


def _signed_long_ago(body: bytes) -> dict[str, str]:
    """Headers of Standard Webhooks that were right in 1970."""
    mac = hmac.new(SECRET.encode(), b"a.1." + body, "sha256").digest()
    signature = f"v1,{base64.b64encode(mac).decode()}"
    return {"webhook-id": "a", "webhook-timestamp": "1", "webhook-signature": signature}
