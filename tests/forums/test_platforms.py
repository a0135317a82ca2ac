"""What every platform in the table promises; a platform that is added is tested from the first minute."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import httpx
import pytest

from rules.decision import Target
from service.forums import PLATFORMS
from service.forums.platform import Account, Notify, Platform
from service.forums.port import Accepted, Delivery, Forum, Outcome, Refused, WebhookTrust
from tests.forums.conftest import Simulated, Start, post, topic, user

EVERY = pytest.mark.parametrize("platform", PLATFORMS.values(), ids=PLATFORMS.keys())

NOW = 1_800_000_000.0


@EVERY
def test_its_actions_are_verbs_of_the_port(platform: Platform) -> None:
    verbs = {
        name
        for name, member in inspect.getmembers(Forum, inspect.isfunction)
        if "target" in inspect.signature(member).parameters
    }
    assert platform.actions <= verbs - {"was_sent"}


@EVERY
def test_it_has_samples_and_reads_each_as_an_event_of_its_name(platform: Platform) -> None:
    assert platform.samples
    for name, body in platform.samples.items():
        reading = platform.read(Delivery({}, json.dumps(body).encode(), NOW), WebhookTrust())
        assert isinstance(reading, Accepted), name
        assert reading.event.type == name
        assert not reading.signed


@EVERY
def test_a_sample_that_it_signs_is_trusted_and_one_bit_off_is_not(platform: Platform) -> None:
    trust = WebhookTrust(("older", "secret"), require_signature=True)
    for body in platform.samples.values():
        raw = json.dumps(body).encode()
        headers = {name.lower(): value for name, value in platform.sign(raw, "secret").items()}
        reading = platform.read(Delivery(headers, raw, NOW), trust)
        assert isinstance(reading, Accepted)
        assert reading.signed
        assert not isinstance(platform.read(Delivery(headers, raw + b" ", NOW), trust), Accepted)
        assert not isinstance(platform.read(Delivery({}, raw, NOW), trust), Accepted)


@EVERY
def test_a_redelivery_has_the_same_identity_whenever_it_comes(platform: Platform) -> None:
    for body in platform.samples.values():
        raw = json.dumps(body).encode()
        first, again = (platform.read(Delivery({}, raw, at), WebhookTrust()) for at in (NOW, NOW + 3600))
        assert isinstance(first, Accepted)
        assert isinstance(again, Accepted)
        assert (first.subject, first.version) == (again.subject, again.version)


@EVERY
def test_its_key_is_sent_and_never_shown(platform: Platform) -> None:
    account = Account("https://forum.example", "key-0123456789abcdef", 77, "modbot", Notify())
    assert any("key-0123456789abcdef" in value for value in platform.headers(account).values())
    assert "key-0123456789abcdef" not in repr(account)
    assert "secret" not in repr(WebhookTrust(("secret",)))


# Website Toolbox's client against the reference


def every_verb(forum: Forum) -> list[Callable[[], object]]:
    """Every verb and read, so that each request which the client can make is made."""
    text = {"text": "Some <b>text</b>"}
    letter = {"subject": "About your post", "body": "Line one\nline two"}
    talk = Target(kind="conversation", id=10_001)
    return [
        *(
            lambda verb=verb: getattr(forum, verb)(topic(501))
            for verb in ("lock", "unlock", "pin", "unpin", "hold", "approve")
        ),
        *(lambda verb=verb: getattr(forum, verb)(post(9002)) for verb in ("hold", "approve")),
        lambda: forum.move(topic(501), category="Help"),
        lambda: forum.retitle(topic(501), text="Another title"),
        lambda: forum.add_to_group(user(101), group="Muted"),
        lambda: forum.remove_from_group(user(101), group="Muted"),
        lambda: forum.remove_from_group(user(101), group="Muted"),
        lambda: forum.message(user(101), **letter),
        lambda: forum.reply(topic(501), **text),
        lambda: forum.reply(post(9001), **text),
        lambda: forum.notify_moderators(topic(501), **text),
        *(
            lambda read=read: getattr(forum, read)(4242)
            for read in ("get_post", "get_topic", "get_author", "get_category")
        ),
        lambda: forum.get_author(102),
        lambda: forum.was_sent("message", user(101), letter, 0),
        lambda: forum.was_sent("reply", topic(501), text, 0),
        lambda: forum.was_sent("notify_moderators", topic(501), text, 0),
        *(lambda target=target: forum.delete(target) for target in (post(9001), topic(501), talk)),
    ]


def operation_of(request: httpx.Request, operations: list[dict[str, Any]]) -> dict[str, Any]:
    path = request.url.path.removeprefix("/v1")
    fitting = [
        o
        for o in operations
        if o["method"] == request.method and re.fullmatch(re.sub(r"\{\w+\}", r"\\d+", o["path"]), path)
    ]
    assert len(fitting) == 1, f"{request.method} {path} is not one operation of the reference"
    return fitting[0]


KINDS: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: type(value) is int,
    "integer array": lambda value: isinstance(value, list) and all(type(item) is int for item in value),
    "string array": lambda value: isinstance(value, list) and all(isinstance(item, str) for item in value),
}


def check_request(request: httpx.Request, operations: list[dict[str, Any]]) -> None:
    operation = operation_of(request, operations)
    body = json.loads(request.content) if request.content else {}
    assert set(body) <= set(operation["body"])
    assert {name for name, param in operation["body"].items() if param["required"]} <= set(body)
    for name, value in body.items():
        assert KINDS[operation["body"][name]["type"]](value), (operation["path"], name, value)
    for name, value in request.url.params.multi_items():
        kind = operation["query"][name]["type"]
        assert value.isdecimal() if kind.startswith("integer") else value
    assert request.method == "GET" or not request.url.query


@pytest.mark.parametrize("notify", [Notify(users=("ann",)), Notify(topic=503)])
def test_every_request_of_the_client_is_as_the_reference_says(
    start: Start, reference: dict[str, Any], notify: Notify
) -> None:
    simulated = start(notify=notify)
    for act in every_verb(simulated.forum):
        assert not isinstance(act(), Refused)
    assert len(simulated.recorder.requests) > 30
    for request in simulated.recorder.requests:
        check_request(request, reference["operations"])
    report = simulated.ask("report")
    assert report["unknown_requests"] == []
    assert report["requests"] == len(simulated.recorder.requests) == len(simulated.permits.taken)


@pytest.fixture
def reference() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        files("service.forums.websitetoolbox").joinpath("reference.json").read_text("utf-8")
    )
    return found


def test_a_verb_done_twice_ends_as_one_done_once(simulated: Simulated) -> None:
    for verb in ("lock", "pin", "hold"):
        act = getattr(simulated.forum, verb)
        act(topic(501))
        before = simulated.ask("state")
        assert act(topic(501)) in set(Outcome)
        assert simulated.ask("state") == before
