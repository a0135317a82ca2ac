"""How UserEcho's client fails: typed, bounded, and without a secret."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from service.forums.http import ForumApi, open_client
from service.forums.platform import Account, Options
from service.forums.port import Forum, Outcome, RateLimited, Refused, TryLater, Unsure
from service.forums.userecho.client import UserEchoForum
from service.forums.userecho.options import UserEchoOptions
from tests.forums.conftest import KEY, USERECHO, CountingPermits, Open, Project, opened, topic, user

DONE, ALREADY_DONE, GONE = Outcome.DONE, Outcome.ALREADY_DONE, Outcome.TARGET_GONE


# Failures


@pytest.mark.parametrize(
    ("faults", "act", "failure"),
    [
        ("lost=1", lambda forum: forum.reply(topic(501), text="x"), Unsure),
        ("lost=1", lambda forum: forum.get_topic(501), TryLater),
        ("error=1", lambda forum: forum.delete(topic(501)), Unsure),
        ("error=1", lambda forum: forum.get_author(101), TryLater),
        ("limit=1", lambda forum: forum.delete(topic(501)), RateLimited),
    ],
)
def test_faults_of_the_forum(
    open_project: Open, faults: str, act: Callable[[Forum], Any], failure: type[Exception]
) -> None:
    project = open_project(faults=faults)
    with pytest.raises(failure):
        act(project.forum)


def test_a_forum_over_its_limit_makes_everybody_pause(open_project: Open) -> None:
    project = open_project(per_second=1)
    project.forum.delete(topic(501))
    with pytest.raises(RateLimited, match="delete_topic: over the forum's request limit"):
        project.forum.delete(topic(502))
    assert project.permits.pauses == [1.0]


def test_every_request_takes_a_permit_and_gives_it_back(project: Project) -> None:
    project.forum.move(topic(501), category="Help")
    project.forum.get_category(2)
    assert len(project.permits.taken) == project.permits.released == project.ask("report")["requests"]


# Answers that the simulator never gives


Answer = Callable[[httpx.Request], Any]
Answering = Callable[..., Forum]


@pytest.fixture
def answering() -> Iterator[Answering]:
    """A Forum whose every request is answered by the function given."""
    with contextlib.ExitStack() as stack:

        def begin(answer: Answer, **options: Any) -> Forum:
            account = Account("https://a.example/api/v2", KEY, 77, "modbot", options=UserEchoOptions(**options))
            permits = CountingPermits()
            inner = httpx.MockTransport(lambda request: httpx.Response(200, json=answer(request)))
            client = stack.enter_context(open_client(account.api_url, USERECHO.headers(account), permits, inner=inner))
            return USERECHO.connect(account)(ForumApi(client, permits, USERECHO.judge))

        yield begin


def success(data: Any) -> dict[str, Any]:
    return {"status": "success", "data": data}


def site(**answers: Any) -> Answer:
    """Answers by the last word of the path; lists and topics as the vendor's examples show them, without places."""

    def answer(request: httpx.Request) -> Any:
        word = f"{request.method.lower()}_{request.url.path.removesuffix('.json').rsplit('/', 1)[-1]}"
        return success(answers.get(word, answers.get(word.partition("_")[2], {"id": 501, "header": "Old"})))

    return answer


def test_the_forum_of_a_topic_that_does_not_tell_is_the_one_set(answering: Answering) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> Any:
        asked.append(f"{request.method} {request.url.path}")
        return success({"id": 501, "header": "New" if request.method == "PUT" else "Old"})

    assert answering(answer, forum=7).retitle(topic(501), text="New") is DONE
    assert asked[-1] == "PUT /api/v2/forums/7/topics.json"


def test_the_forum_of_a_topic_that_does_not_tell_is_the_only_one(answering: Answering) -> None:
    forum = answering(site(forums=[{"id": 3}], put_topics={"id": 501, "header": "New"}))
    assert forum.retitle(topic(501), text="New") is DONE


def test_the_forum_of_a_topic_is_never_guessed(answering: Answering) -> None:
    forum = answering(site(forums=[{"id": 3}, {"id": 4}]))
    with pytest.raises(Refused, match="retitle: the topic does not tell its forum; set `forum` in the forum's options"):
        forum.retitle(topic(501), text="New")


@pytest.mark.parametrize(("listed", "outcome"), [([{"id": 501}], DONE), ([{"id": 502}], None), ([], None)])
def test_a_move_that_topics_do_not_show_is_seen_in_the_categorys_list(
    answering: Answering, listed: list[Any], outcome: Outcome | None
) -> None:
    forum = answering(site(get_topics=listed), forum=1)
    if outcome:
        assert forum.move(topic(501), category=2) is outcome
    else:
        with pytest.raises(Refused, match="move: the forum said yes, but the topic did not change"):
            forum.move(topic(501), category=2)


@pytest.mark.parametrize("answer", [None, [], "ok", True, {}])
def test_a_write_that_shows_nothing_is_read_again(answering: Answering, answer: Any) -> None:
    now = {"header": "Old"}

    def site(request: httpx.Request) -> Any:
        if request.method == "PUT":
            now["header"] = "New"
            return success(answer)
        return success({"id": 501, **now})

    assert answering(site, forum=1).retitle(topic(501), text="New") is DONE


def test_groups_that_are_not_shown_cannot_be_changed_for_sure(answering: Answering) -> None:
    with pytest.raises(Refused, match="does not show the user's groups, so nobody can tell"):
        answering(site(), groups=True).add_to_group(user(101), group=3)


@pytest.mark.parametrize(
    ("ignored", "found"), [("filter__id", 2), ("order_by", 2)], ids=["a filter is ignored", "an order is ignored"]
)
def test_a_comment_is_found_although_a_site_ignores(answering: Answering, ignored: str, found: int) -> None:
    forum = answering(lambda _: success([{"id": 1, "text": "a"}, {"id": 2, "text": "b"}, {"id": 3, "text": "c"}]))
    assert isinstance(forum, UserEchoForum)
    one, before = forum.get_post(2, 501), forum.get_previous(501, 3)
    assert one is not None
    assert before is not None
    assert (one.post_id, one.message, before.post_id) == (found, "b", found)


@pytest.mark.parametrize(
    "body", [[], 7, "x", True, {"id": 2**70}, {"data": 7}, {"data": [{"id": 2**70}]}, {"details": []}]
)
def test_odd_answers_never_raise_anything_but_a_failure(answering: Answering, body: Any) -> None:
    forum = answering(lambda _: body)
    for act in (
        lambda: forum.get_topic(1),
        lambda: forum.get_post(-1),
        lambda: forum.get_author(1),
        lambda: forum.get_category(1),
        lambda: forum.retitle(topic(1), text="x"),
        lambda: forum.was_sent("reply", topic(501), {"text": "x"}, 0),
    ):
        with contextlib.suppress(Refused, TryLater, Unsure):
            act()


# Settings and secrets


@pytest.mark.parametrize(
    ("options", "adds"),
    [
        ({}, set()),
        ({"closed_status": 20}, {"lock"}),
        ({"closed_status": 20, "open_status": 1}, {"lock", "unlock"}),
        ({"groups": True}, {"add_to_group", "remove_from_group"}),
    ],
)
def test_settings_make_actions_possible(options: dict[str, Any], adds: set[str]) -> None:
    assert USERECHO.options.model_validate(options).adds == adds
    assert not adds & USERECHO.actions


@pytest.mark.parametrize(
    ("kind", "options"), [(UserEchoOptions, {"closed": 20}), (UserEchoOptions, {"forum": 0}), (Options, {"forum": 1})]
)
def test_a_setting_that_there_is_not_is_an_error(kind: type[Options], options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        kind.model_validate(options)


@pytest.mark.parametrize("options", [{}, {"token_in_query": True}])
@pytest.mark.parametrize(
    "answer", [{"status": "error", "message": f"bad token {KEY}"}, KEY, {"status": "error", "message": KEY}]
)
def test_no_failure_tells_the_key(answering: Answering, answer: Any, options: dict[str, Any]) -> None:
    forum = answering(lambda _: answer, **options)
    for act in (
        lambda: forum.get_topic(501),
        lambda: forum.reply(topic(501), text="x"),
        lambda: forum.delete(topic(501)),
    ):
        told = failure_of(act)
        assert KEY not in f"{told!r} {told} {told.args} {told.__cause__!r}"


def failure_of(act: Callable[[], Any]) -> Exception:
    with pytest.raises((TryLater, Refused, Unsure)) as failure:
        act()
    return failure.value


def test_no_repr_tells_the_key(project: Project) -> None:
    shown = (project.account, project.forum, project.api, project.echo, project.echo.topics, project.recorder.requests)
    assert KEY not in repr(shown)


def test_a_forum_that_is_away() -> None:
    account = Account("http://127.0.0.1:1/api/v2", KEY, 77, "modbot")
    with contextlib.ExitStack() as stack:
        _, _, api = opened(stack, USERECHO, account)
        with pytest.raises(TryLater, match="delete_topic: no connection to the forum"):
            USERECHO.connect(account)(api).delete(topic(501))
