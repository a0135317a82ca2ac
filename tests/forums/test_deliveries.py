"""The webhooks of a simulated forum, delivered to a receiver over real HTTP as the platform does."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from service.forums import PLATFORMS, deliveries
from service.forums.deliveries import Address, Deliveries, Resending
from service.forums.platform import Platform
from service.forums.userecho.simulator.app import RESENDING as USERECHO_WAY
from service.forums.websitetoolbox.simulator.app import RESENDING as WEBSITETOOLBOX_WAY
from service.supervisor import wait_until
from tests.forums.conftest import KEY, serving
from tests.forums.test_simulated_faults import SIMULATED

SECRET = "signing-secret"
AT_ONCE = 1_000_000.0

JOINING = {
    "websitetoolbox": {"event": "post.created", "userId": 101, "topicId": 501},
    "userecho": {"event": "comment.created", "user_id": 101, "topic_id": 501},
}
WORDS = {"websitetoolbox": "message", "userecho": "text"}


@dataclass
class Receiver:
    """Takes webhooks in and answers with the statuses in turn, then with 200."""

    statuses: list[int] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    async def take(self, request: Request) -> Response:
        self.headers.append(dict(request.headers))
        self.bodies.append(await request.body())
        status = self.statuses.pop(0) if self.statuses else 200
        return Response(status_code=status, headers={"location": "/elsewhere"} if status == 302 else None)

    def texts(self) -> list[str]:
        """What was written in each delivered post."""
        things = [json.loads(body)["data"] for body in self.bodies]
        return [(thing.get("object") or thing).get("message") or thing.get("text") for thing in things]


@dataclass
class Playing:
    """A simulator that delivers, and who receives."""

    platform: Platform
    receiver: Receiver
    site: httpx.Client

    def write(self, text: str) -> None:
        body = {**JOINING[self.platform.name], WORDS[self.platform.name]: text}
        assert self.site.post("/_simulator/happen", json=body).status_code == 200

    def report(self) -> dict[str, Any]:
        return dict(self.site.get("/_simulator/report").json()["webhooks"])

    def wait_for(self, **counts: int) -> dict[str, Any]:
        """The report, once it has these counts."""
        assert wait_until(lambda: counts.items() <= self.report().items(), 10, every=0.01), self.report()
        return self.report()


@contextlib.contextmanager
def playing(platform: Platform, *statuses: int, secret: str | None = None, hurry: float = AT_ONCE) -> Iterator[Playing]:
    receiver = Receiver(list(statuses))
    app = Starlette(routes=[Route("/hook", receiver.take, methods=["POST"])])
    sign = {"sign": lambda body: platform.sign(body, secret)} if secret else {}
    with serving(app) as to:
        address = Address(f"{to}/hook", hurry=hurry, **sign)
        with (
            serving(platform.simulator(api_key=KEY, per_second=1000, webhooks=address)) as url,
            httpx.Client(base_url=url, verify=False) as site,
        ):
            yield Playing(platform, receiver, site)


@SIMULATED
def test_what_happens_is_delivered_signed_and_in_order(platform: Platform) -> None:
    with playing(platform, secret=SECRET) as play:
        for number in range(5):
            play.write(f"text {number}")
        report = play.wait_for(delivered=5)
    assert play.receiver.texts() == [f"text {number}" for number in range(5)]
    for body, headers in zip(play.receiver.bodies, play.receiver.headers, strict=True):
        assert headers["content-type"] == "application/json"
        assert {name.lower(): value for name, value in platform.sign(body, SECRET).items()}.items() <= headers.items()
    event = JOINING[platform.name]["event"]
    assert report == {
        "happened": 5,
        "attempts": 5,
        "delivered": 5,
        "given_up": 0,
        "dropped": 0,
        "waiting": 0,
        "latest": [{"event": event, "attempt": 1, "answer": 200}] * 5,
    }


@SIMULATED
def test_without_a_secret_nothing_is_signed(platform: Platform) -> None:
    with playing(platform) as play:
        play.write("x")
        play.wait_for(delivered=1)
    assert not [name for name in play.receiver.headers[0] if "signature" in name]


@SIMULATED
def test_what_is_not_acknowledged_comes_again_with_the_same_body(platform: Platform) -> None:
    with playing(platform, 500, 302, 404) as play:
        play.write("x")
        report = play.wait_for(delivered=1)
    assert len(play.receiver.bodies) == 4
    assert len(set(play.receiver.bodies)) == 1
    assert [(one["attempt"], one["answer"]) for one in report["latest"]] == [(1, 500), (2, 302), (3, 404), (4, 200)]


@pytest.mark.parametrize(("platform", "attempts"), [("websitetoolbox", 1), ("userecho", 3)])
def test_which_statuses_acknowledge_is_the_platform_s_own(platform: str, attempts: int) -> None:
    with playing(PLATFORMS[platform], 202, 204) as play:
        play.write("x")
        assert play.wait_for(delivered=1)["attempts"] == attempts


@SIMULATED
def test_a_resend_comes_after_what_happened_since(platform: Platform) -> None:
    with playing(platform, 503, hurry=platform_way(platform).every / 0.3) as play:
        play.write("first")
        play.wait_for(attempts=1)
        play.write("second")
        play.wait_for(delivered=2)
    assert play.receiver.texts() == ["first", "second", "first"]


@SIMULATED
def test_without_hurry_the_platform_s_wait_is_kept(platform: Platform) -> None:
    with playing(platform, 500, hurry=1) as play:
        play.write("x")
        report = play.wait_for(attempts=1, waiting=1)
    assert (report["delivered"], report["given_up"]) == (0, 0)


def platform_way(platform: Platform) -> Resending:
    return {"websitetoolbox": WEBSITETOOLBOX_WAY, "userecho": USERECHO_WAY}[platform.name]


def test_the_platforms_resend_as_they_say() -> None:
    """platform-facts.md, 1.1 (hourly for up to 3 days) and 2.1 (after 5 minutes; how often is not told)."""
    hourly, often = WEBSITETOOLBOX_WAY, USERECHO_WAY
    assert (hourly.every, (hourly.attempts - 1) * hourly.every) == (3600, 3 * 86_400)
    assert (often.every, often.patience) == (300, 10)


def test_calls_to_the_api_are_told_too() -> None:
    with playing(PLATFORMS["websitetoolbox"]) as play:
        locked = play.site.post("/v1/api/topics/501", json={"locked": True}, headers={"x-api-key": KEY})
        assert locked.status_code == 200
        play.wait_for(delivered=1)
    (body,) = play.receiver.bodies
    assert json.loads(body)["type"] == "topic.updated"
    assert json.loads(body)["data"]["object"]["locked"] is True


def test_a_happening_is_answered_before_it_is_delivered() -> None:
    address = Address("http://127.0.0.1:1/hook")
    with (
        serving(PLATFORMS["websitetoolbox"].simulator(webhooks=address)) as url,
        httpx.Client(base_url=url) as site,
    ):
        play = Playing(PLATFORMS["websitetoolbox"], Receiver(), site)
        play.write("x")
        report = play.wait_for(attempts=1)
    assert report["latest"] == [{"event": "post.created", "attempt": 1, "answer": None}]
    assert report["waiting"] == 1


# Bounds


def delivered(way: Resending, count: int, url: str = "http://127.0.0.1:1/") -> dict[str, Any]:
    async def run() -> dict[str, Any]:
        sending = Deliveries(Address(url, hurry=AT_ONCE), way)
        for number in range(count):
            sending.take("post.created", {"number": number})
        for _ in range(1000):
            if sending.report()["waiting"]:
                await asyncio.sleep(0.01)
        return sending.report()

    return asyncio.run(run())


def test_it_gives_up_after_the_last_attempt() -> None:
    report = delivered(Resending(3600, 3, lambda status: status == 200), 2)
    assert (report["attempts"], report["given_up"], report["waiting"]) == (6, 2, 0)


def test_a_receiver_that_never_answers_holds_nothing_for_ever() -> None:
    async def hang(_: Request) -> Response:
        await asyncio.sleep(30)
        return Response()

    with serving(Starlette(routes=[Route("/", hang, methods=["POST"])])) as url:
        report = delivered(Resending(3600, 2, lambda status: status == 200, patience=0.05), 1, f"{url}/")
    assert [one["answer"] for one in report["latest"]] == [None, None]
    assert report["given_up"] == 1


def test_what_waits_is_bounded_and_the_rest_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, "MOST_WAITING", 3)
    report = delivered(Resending(3600, 1, lambda status: status == 200), 5)
    assert (report["happened"], report["dropped"], report["given_up"], report["waiting"]) == (5, 2, 3, 0)


@pytest.mark.parametrize("url", ["", "nowhere", "127.0.0.1:80/x", "ftp://a.example/", "http://", "//a/b"])
def test_an_address_that_nothing_can_be_posted_to_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="begins with http:// or https:// and names a host"):
        Address(url)


def test_no_repr_tells_the_secrets() -> None:
    address = Address(
        "http://a.example/webhooks/main/the-token", sign=lambda body: PLATFORMS["userecho"].sign(body, SECRET)
    )
    assert "the-token" not in repr(address)
    assert "the-token" not in repr(Deliveries(address, USERECHO_WAY))
