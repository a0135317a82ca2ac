"""Answers of the API that are hostile, huge, endless or no answers at all end as one of the port's failures."""

from __future__ import annotations

import contextlib
import gzip
import math
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.decision import Target
from service.forums import http
from service.forums.http import MAX_ANSWER_BYTES, ForumApi, open_client
from service.forums.platform import Account, Notify, Platform
from service.forums.port import Forum, ForumFailure, Refused, TryLater, Unsure
from tests.forums.conftest import KEY, CountingPermits
from tests.forums.every import ALL, EVERY, Answering, all_on, read_of, write_of

READS: list[Callable[[Forum], Any]] = [
    lambda forum: forum.get_topic(1),
    lambda forum: forum.get_post(1, 1),
    lambda forum: forum.get_author(1),
    lambda forum: forum.get_category(1),
    lambda forum: forum.get_previous(1, 5),
    lambda forum: forum.was_sent("reply", Target(kind="topic", id=1), {"text": "x"}, 0),
]


def answered(platform: Platform, answer: httpx.Response) -> tuple[Forum, httpx.Client]:
    def fresh(_: httpx.Request) -> httpx.Response:
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    account = Account("https://forum.example", KEY, 77, "modbot", Notify(topic=1), all_on(platform))
    permits = CountingPermits()
    client = open_client(account.api_url, platform.headers(account), permits, inner=httpx.MockTransport(fresh))
    return platform.connect(account)(ForumApi(client, permits, platform.judge)), client


DEEP = b'{"data":' * 50_000
BROKEN = {
    "too deep": DEEP,
    "deep and closed": b"[" * 50_000 + b"]" * 50_000,
    "too many digits": b'{"topicId": ' + b"9" * 10_000 + b"}",
    "not UTF-8": b'{"title": "\xff\xfe"}',
    "UTF-16": '{"title": "x"'.encode("utf-16"),
    "cut in half": b'{"topicId": 501, "tit',
    "nothing": b"",
    "HTML": b"<!doctype html><title>Welcome</title>",
}


@EVERY
@pytest.mark.parametrize("body", BROKEN.values(), ids=list(BROKEN))
def test_a_success_that_is_not_json_is_tried_a_few_times_and_never_repeated_blindly(
    answering: Answering, platform: Platform, body: bytes
) -> None:
    forum = answering(platform, lambda _: httpx.Response(200, content=body))
    with pytest.raises(TryLater) as raised:
        read_of(platform)(forum)
    assert raised.value.tries
    with pytest.raises(Unsure):
        write_of(platform)(forum)


LONG = "\x1b[2J\u202e odd " * 10_000
ERRORS: list[Any] = [
    {
        "status": "error",
        "message": LONG,
        "problem": LONG,
        "error": {"param": "\x1b[0m", "message": LONG, "code": "\x00\x1b[31m"},
    },
    {"status": "error", "message": ["not", {"a": "text"}], "problem": {"a": []}, "error": [1]},
    {"status": "error", "message": None, "error": {"message": {"a": 1}, "param": [], "code": 7}, "problem": "odd"},
]


@EVERY
@pytest.mark.parametrize("body", ERRORS, ids=["long", "lists", "objects"])
def test_an_error_under_200_is_a_failure_whose_text_is_bounded(
    answering: Answering, platform: Platform, body: Any
) -> None:
    forum = answering(platform, lambda _: httpx.Response(200, json=body))
    for act in (read_of(platform), write_of(platform)):
        with pytest.raises(ForumFailure) as raised:
            act(forum)
        assert len(str(raised.value)) < 400
        assert str(raised.value).isprintable()


@EVERY
@pytest.mark.parametrize("zipped", [False, True])
def test_an_answer_over_the_bound_is_refused(answering: Answering, platform: Platform, zipped: bool) -> None:
    content = b'"' + b"x" * (MAX_ANSWER_BYTES + 1) + b'"'
    headers = {"content-encoding": "gzip"} if zipped else {}
    sent = gzip.compress(content) if zipped else content
    forum = answering(platform, lambda _: httpx.Response(200, content=sent, headers=headers))
    with pytest.raises(Refused, match="the forum's answer is over"):
        read_of(platform)(forum)
    with pytest.raises(Unsure, match="the forum's answer is over"):
        write_of(platform)(forum)


@EVERY
def test_an_answer_that_is_not_what_its_encoding_says(answering: Answering, platform: Platform) -> None:
    forum = answering(platform, lambda _: Raw(b"not gzip at all"))
    with pytest.raises(TryLater):
        read_of(platform)(forum)
    with pytest.raises(Unsure):
        write_of(platform)(forum)


class Raw(httpx.Response):
    """Claims to be compressed."""

    def __init__(self, content: bytes) -> None:
        super().__init__(200, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(content))


# On a socket


@contextlib.contextmanager
def speaking(head: bytes, drip: bytes) -> Iterator[str]:
    """A server that answers everything with `head` and then `drip` again and again until the other side has gone."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        thread = threading.Thread(target=_speak, args=(door, head, drip), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
        door.shutdown(socket.SHUT_RDWR)
        thread.join(timeout=5)


def _speak(door: socket.socket, head: bytes, drip: bytes) -> None:
    with contextlib.suppress(OSError):
        while True:
            _answer(door.accept()[0], head, drip)


def _answer(line: socket.socket, head: bytes, drip: bytes) -> None:
    with line, contextlib.suppress(OSError):
        line.recv(65_536)
        line.sendall(head)
        while drip:
            line.sendall(drip)
            time.sleep(0.01)


ENDLESS = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"

ON_THE_WIRE = {
    "a body that drips for ever": (ENDLESS, b"1\r\n \r\n", (TryLater, Unsure)),
    "a body without an end": (ENDLESS, b"100000\r\n" + b" " * 1_048_576 + b"\r\n", (Refused, Unsure)),
    "headers without an end": (b"HTTP/1.1 200 OK\r\n", b"X-A: " + b"a" * 65_536 + b"\r\n", (TryLater, Unsure)),
    "not HTTP": (b"220 mail.example ESMTP\r\n", b"", (TryLater, Unsure)),
    "cut in the body": (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", b"", (TryLater, Unsure)),
    "a chunk that is none": (ENDLESS, b"zz\r\n", (TryLater, Unsure)),
    "two lengths": (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", b"1", (TryLater, Unsure)),
}


@pytest.mark.parametrize("platform", ALL[:2], ids=[platform.name for platform in ALL[:2]])
@pytest.mark.parametrize(("head", "drip", "failures"), ON_THE_WIRE.values(), ids=list(ON_THE_WIRE))
def test_what_comes_over_the_wire_ends_as_a_failure(
    monkeypatch: pytest.MonkeyPatch,
    platform: Platform,
    head: bytes,
    drip: bytes,
    failures: tuple[type[ForumFailure], type[ForumFailure]],
) -> None:
    monkeypatch.setattr(http, "ANSWER_SECONDS", 0.1 if drip.endswith(b" \r\n") and len(drip) < 10 else 5.0)
    permits = CountingPermits()
    with speaking(head, drip) as url:
        account = Account(url, KEY, 77, "modbot", Notify(topic=1), all_on(platform))
        with open_client(url, platform.headers(account), permits) as client:
            forum = platform.connect(account)(ForumApi(client, permits, platform.judge))
            for act, failure in zip((read_of(platform), write_of(platform)), failures, strict=True):
                with pytest.raises(failure):
                    act(forum)
    assert permits.released == len(permits.taken)


# Anything


leaves = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(2**62, 2**80), st.floats(), st.text(max_size=20)
)
names = st.one_of(
    st.sampled_from(
        ["data", "status", "error", "message", "topicId", "postId", "userId", "id", "has_more", "details", "author"]
    ),
    st.text(max_size=8),
)
bodies = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=6), max_leaves=20
)
answers = st.one_of(st.binary(max_size=60), bodies.map(lambda body: httpx.Response(200, json=_finite(body)).content))


def _finite(body: Any) -> Any:
    """Without NaN and infinity, which our own encoder refuses."""
    match body:
        case float() if not math.isfinite(body):
            return None
        case list():
            return [_finite(one) for one in body]
        case dict():
            return {name: _finite(one) for name, one in body.items()}
    return body


@EVERY
@settings(max_examples=60, deadline=None)
@given(content=answers, status=st.sampled_from([200, 200, 200, 201, 204, 301, 400, 404, 418, 500]))
def test_no_answer_whatever_raises_anything_but_a_failure(platform: Platform, content: bytes, status: int) -> None:
    forum, client = answered(platform, httpx.Response(status, content=content))
    with client:
        for act in (*READS, write_of(platform)):
            with contextlib.suppress(ForumFailure):
                act(forum)
