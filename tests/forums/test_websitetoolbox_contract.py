"""Every request that Website Toolbox's client can make is one of the reference, and twice is as good as once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import httpx
import pytest

from rules.decision import Target
from service.forums.platform import Notify
from service.forums.port import Forum, Outcome, Refused
from tests.forums.conftest import Simulated, Start, post, topic, user


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
