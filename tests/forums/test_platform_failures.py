"""How every platform's Forum fails: in one of four ways, counted, and without a secret. One suite for all, and a toy."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from rules.decision import Target
from service.forums.http import ForumApi
from service.forums.platform import Platform
from service.forums.port import ForumFailure, KeyRefused, NotFound, RateLimited, Refused, TryLater, Unsure
from tests.forums.conftest import KEY, Begin
from tests.forums.every import EVERY, Answering, read_of, write_of


@EVERY
@pytest.mark.parametrize(
    ("faults", "read", "write"),
    [("error=1", TryLater, Unsure), ("lost=1", TryLater, Unsure), ("limit=1", RateLimited, RateLimited)],
)
def test_a_fault_of_the_forum_is_one_of_four_failures(
    begin: Begin, platform: Platform, faults: str, read: type[ForumFailure], write: type[ForumFailure]
) -> None:
    simulated = begin(platform, faults=faults)
    for act, failure in ((read_of(platform), read), (write_of(platform), write)):
        with pytest.raises(failure):
            act(simulated.forum)
    assert len(simulated.permits.pauses) == (2 if read is RateLimited else 0)
    assert simulated.permits.released == len(simulated.permits.taken) == 2


@EVERY
def test_over_the_limit_everybody_pauses(begin: Begin, platform: Platform) -> None:
    simulated = begin(platform, per_second=1)
    read_of(platform)(simulated.forum)
    with pytest.raises(RateLimited):
        read_of(platform)(simulated.forum)
    assert len(simulated.permits.pauses) == 1
    assert simulated.ask("report")["refused_by_rate_limit"] == 1


@EVERY
@pytest.mark.parametrize(
    ("error", "read", "write"),
    [
        (httpx.ConnectError("away"), TryLater, TryLater),
        (httpx.ConnectTimeout("away"), TryLater, TryLater),
        (httpx.ReadTimeout("slow"), TryLater, Unsure),
        (httpx.WriteError("cut"), TryLater, Unsure),
    ],
)
def test_a_broken_connection_is_unsure_only_where_something_may_have_been_written(
    answering: Answering,
    platform: Platform,
    error: Exception,
    read: type[ForumFailure],
    write: type[ForumFailure],
) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise error

    forum = answering(platform, fail)
    for act, failure in ((read_of(platform), read), (write_of(platform), write)):
        with pytest.raises(failure):
            act(forum)


@EVERY
@pytest.mark.parametrize(
    ("answer", "read", "write"),
    [
        (httpx.Response(200, content=b"<html>"), TryLater, Unsure),
        (httpx.Response(302, headers={"location": "https://elsewhere.example"}), Refused, Refused),
        (httpx.Response(401), KeyRefused, KeyRefused),
        (httpx.Response(403), Refused, Refused),
        (httpx.Response(429, headers={"retry-after": "7"}), RateLimited, RateLimited),
        (httpx.Response(502), TryLater, Unsure),
    ],
    ids=["not JSON", "302", "401", "403", "429", "502"],
)
def test_an_answer_is_one_of_four_failures(
    answering: Answering,
    platform: Platform,
    answer: httpx.Response,
    read: type[ForumFailure],
    write: type[ForumFailure],
) -> None:
    def fresh(_: httpx.Request) -> httpx.Response:
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    forum = answering(platform, fresh)
    for act, failure in ((read_of(platform), read), (write_of(platform), write)):
        with pytest.raises(failure) as raised:
            act(forum)
        assert not isinstance(raised.value, NotFound)


ODD: list[Any] = [
    [],
    7,
    "x",
    True,
    {},
    {"id": 2**70},
    {"topicId": 2**70},
    {"data": {}},
    {"data": [7, None]},
    {"items": 3},
]


@EVERY
@pytest.mark.parametrize("body", ODD, ids=repr)
def test_an_odd_answer_never_raises_anything_but_a_failure(answering: Answering, platform: Platform, body: Any) -> None:
    forum = answering(platform, lambda _: httpx.Response(200, json=body))
    for read in (
        lambda: forum.get_topic(1),
        lambda: forum.get_post(1, 1),
        lambda: forum.get_author(1),
        lambda: forum.get_category(1),
        lambda: forum.get_previous(1, 5),
        lambda: forum.was_sent("reply", Target(kind="topic", id=1), {"text": "x"}, 0),
        lambda: forum.reply(Target(kind="topic", id=1), text="x"),
    ):
        with contextlib.suppress(ForumFailure):
            read()


# Secrets


ECHOES: list[Callable[[str], httpx.Response]] = [
    lambda key: httpx.Response(400, json={"status": "error", "error": {"message": f"bad {key}", "param": key}}),
    lambda key: httpx.Response(400, json={"status": "error", "message": f"bad {key}", "problem": f"bad {key}"}),
    lambda key: httpx.Response(401, json={"status": "error", "message": f"key {key}", "problem": key}),
    lambda key: httpx.Response(500, text=key),
    lambda key: httpx.Response(200, text=key),
    lambda key: httpx.Response(302, headers={"location": f"/?key={key}"}),
]


@EVERY
@pytest.mark.parametrize("echo", ECHOES)
def test_no_failure_and_no_repr_tells_the_key(
    answering: Answering, platform: Platform, echo: Callable[[str], httpx.Response]
) -> None:
    forum = answering(platform, lambda _: echo(KEY))
    for act in (read_of(platform), write_of(platform)):
        with pytest.raises(ForumFailure) as raised:
            act(forum)
        failure = raised.value
        assert KEY not in f"{failure!r} {failure} {failure.args} {failure.__cause__!r}"
    assert KEY not in repr(forum)


@EVERY
def test_the_key_goes_out_in_a_header_alone(begin: Begin, platform: Platform) -> None:
    simulated = begin(platform)
    read_of(platform)(simulated.forum)
    write_of(platform)(simulated.forum)
    for request in simulated.recorder.requests:
        assert any(KEY in value for value in request.headers.values())
        assert KEY not in str(request.url)
        assert KEY.encode() not in request.content


@EVERY
def test_a_write_is_fenced_and_a_read_is_not(begin: Begin, platform: Platform) -> None:
    simulated, fenced = begin(platform), []
    api = ForumApi(simulated.api.client, simulated.permits, platform.judge, before_write=lambda: fenced.append(1))
    forum = platform.connect(simulated.account)(api)
    read_of(platform)(forum)
    assert fenced == []
    write_of(platform)(forum)
    assert fenced == [1]
