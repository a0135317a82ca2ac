"""How Website Toolbox's client fails: typed, bounded, and without a secret."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from service.forums.http import ForumApi, open_client
from service.forums.platform import Account, Notify
from service.forums.port import Forum, Outcome, RateLimited, Refused, TryLater, Unsure
from tests.forums.conftest import KEY, PLATFORM, CountingPermits, Simulated, Start, serving, topic, user

DONE = Outcome.DONE


# Failures


def test_a_forum_over_its_limit_makes_everybody_pause(start: Start) -> None:
    simulated = start(per_second=1)
    simulated.forum.lock(topic(501))
    with pytest.raises(RateLimited, match="lock: over the forum's request limit"):
        simulated.forum.lock(topic(501))
    assert simulated.permits.pauses == [None]


@pytest.mark.parametrize(
    ("faults", "act", "failure"),
    [
        ("lost=1", lambda forum: forum.reply(topic(501), text="x"), Unsure),
        ("lost=1", lambda forum: forum.get_topic(501), TryLater),
        ("error=1", lambda forum: forum.lock(topic(501)), Unsure),
        ("error=1", lambda forum: forum.get_post(9001), TryLater),
        ("limit=1", lambda forum: forum.lock(topic(501)), RateLimited),
    ],
)
def test_faults_of_the_forum(start: Start, faults: str, act: Callable[[Forum], Any], failure: type[Exception]) -> None:
    simulated = start(faults=faults)
    with pytest.raises(failure):
        act(simulated.forum)


def test_a_lost_write_was_done(start: Start) -> None:
    simulated = start(faults="lost=1")
    with pytest.raises(Unsure):
        simulated.forum.reply(topic(501), text="Thank you")
    assert simulated.ask("state")["posts"][-1]["message"] == "Thank you"


def test_a_forum_that_is_away() -> None:
    permits = CountingPermits()
    account = Account("http://127.0.0.1:1/v1", KEY, 77, "modbot")
    with open_client(account.api_url, PLATFORM.headers(account), permits) as client:
        forum = PLATFORM.connect(account)(ForumApi(client, permits, PLATFORM.judge))
        with pytest.raises(TryLater, match="lock: no connection to the forum"):
            forum.lock(topic(501))
    assert permits.released == len(permits.taken) == 1


def test_every_request_takes_a_permit_and_gives_it_back(simulated: Simulated) -> None:
    simulated.forum.move(topic(501), category="Help")
    simulated.forum.message(user(103), subject="Hi", body="x")
    simulated.forum.get_author(102)
    assert len(simulated.permits.taken) == simulated.permits.released == simulated.ask("report")["requests"] == 6


# Answers that the simulator never gives


@pytest.fixture
def answering() -> Iterator[Callable[[Callable[[Request], Response]], Forum]]:
    """A Forum whose every request is answered by the function given."""
    with contextlib.ExitStack() as stack:

        def begin(answer: Callable[[Request], Response]) -> Forum:
            app = Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST", "DELETE"])])
            account = Account(f"{stack.enter_context(serving(app))}/v1", KEY, 77, "modbot", Notify(users=("ann",)))
            permits = CountingPermits()
            client = stack.enter_context(open_client(account.api_url, PLATFORM.headers(account), permits))
            return PLATFORM.connect(account)(ForumApi(client, permits, PLATFORM.judge))

        yield begin


Answering = Callable[[Callable[[Request], Response]], Forum]


def test_a_state_that_the_answer_leaves_out_is_read_again(answering: Answering) -> None:
    forum = answering(
        lambda request: JSONResponse({"status": "success"} if request.method == "POST" else {"locked": "1"})
    )
    assert forum.lock(topic(501)) is DONE
    with pytest.raises(Refused, match="unlock: the forum said yes, but `locked` did not change"):
        forum.unlock(topic(501))


@pytest.mark.parametrize(
    ("shown", "wanted", "outcome"),
    [("A &amp; B", "A & B", DONE), (" A   & B", "A & B", DONE), ("A & C", "A & B", Refused), (None, "A & B", Refused)],
)
def test_a_title_counts_as_set_when_it_reads_the_same(
    answering: Answering, shown: Any, wanted: str, outcome: Any
) -> None:
    forum = answering(lambda _: JSONResponse({"title": shown}))
    if outcome is DONE:
        assert forum.retitle(topic(501), text=wanted) is DONE
    else:
        with pytest.raises(Refused):
            forum.retitle(topic(501), text=wanted)


def test_redirects_are_refused_and_not_followed(answering: Answering) -> None:
    asked: list[str] = []

    def elsewhere(request: Request) -> Response:
        asked.append(request.url.path)
        return RedirectResponse("/v1/api/elsewhere")

    with pytest.raises(Refused, match="get_topic: redirects are refused; check api_url"):
        answering(elsewhere).get_topic(501)
    assert asked == ["/v1/api/topics/501"]


@pytest.mark.parametrize("body", [b"<html>", b"", b'{"a":', b"\xff"])
def test_an_answer_that_is_not_json(answering: Answering, body: bytes) -> None:
    forum = answering(lambda _: Response(body))
    with pytest.raises(TryLater, match="get_topic: the answer is not JSON; check api_url") as raised:
        forum.get_topic(501)
    assert raised.value.tries == 5
    with pytest.raises(Unsure, match="reply: sent, but the answer is not JSON"):
        forum.reply(topic(501), text="x")


@pytest.mark.parametrize(
    "body",
    [
        [],
        7,
        "x",
        True,
        {"topicId": 2**70},
        {"userId": 1, "userGroups": [2**70, "x", None]},
        {"data": {}},
        {"data": [7, None]},
        {"has_more": []},
    ],
)
def test_odd_answers_never_raise_anything_but_a_failure(answering: Answering, body: Any) -> None:
    forum = answering(lambda _: JSONResponse(body))
    for read in (forum.get_topic, forum.get_post, forum.get_author, forum.get_category):
        with contextlib.suppress(Refused):
            read(1)
    assert forum.was_sent("reply", topic(501), {"text": "x"}, 0) in {False, None}


def test_a_list_whose_pages_repeat_is_at_its_end(answering: Answering) -> None:
    asked: list[str] = []

    def endless(request: Request) -> Response:
        asked.append(request.url.path)
        return JSONResponse({"data": [{"categoryId": 1, "title": "General"}], "has_more": True})

    found = answering(endless).get_category(1)
    assert found is not None
    assert found.name == "General"
    assert len(asked) == 2


# Secrets


@pytest.mark.parametrize(
    "answer",
    [
        lambda request: JSONResponse(
            {"status": "error", "error": {"message": f"bad {request.headers['x-api-key']}"}}, 400
        ),
        lambda request: JSONResponse(
            {"status": "error", "error": {"message": f"key {request.headers['x-api-key']}"}}, 401
        ),
        lambda request: Response(request.headers["x-api-key"], 500),
        lambda request: Response(request.headers["x-api-key"], 200),
        lambda request: RedirectResponse(f"/?key={request.headers['x-api-key']}"),
        lambda request: JSONResponse({"status": "error", "error": {"param": request.headers["x-api-key"]}}, 400),
    ],
)
def test_no_failure_tells_the_key(answering: Answering, answer: Callable[[Request], Response]) -> None:
    forum = answering(answer)
    for act in (
        lambda: forum.get_topic(501),
        lambda: forum.reply(topic(501), text="x"),
        lambda: forum.lock(topic(501)),
    ):
        try:
            act()
        except (TryLater, Refused, Unsure) as failure:
            shown = f"{failure!r} {failure} {failure.args} {failure.__cause__!r}"
            assert KEY not in shown


def test_no_repr_tells_the_key(simulated: Simulated) -> None:
    assert KEY not in repr(simulated.account)
    assert KEY not in repr(simulated.forum)
    assert KEY not in repr(simulated.api)
    assert KEY not in repr(simulated.recorder.requests)


def test_the_key_goes_out_in_its_header_alone(simulated: Simulated) -> None:
    simulated.forum.message(user(103), subject="Hi", body="x")
    for request in simulated.recorder.requests:
        assert request.headers["x-api-key"] == KEY
        assert "x-api-username" not in request.headers
        assert KEY not in str(request.url)
        assert KEY.encode() not in request.content
