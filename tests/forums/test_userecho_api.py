"""What UserEcho's API answers: typed objects, pages, filters, in whose name."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import httpx
import pytest

from service.forums.http import ForumApi, open_client
from service.forums.port import ForumFailure, NotFound, Refused
from service.forums.userecho.api import UserEcho
from service.forums.userecho.api.requests import filter_query
from service.forums.userecho.items import CommentShape, StatusShape, TopicShape, VoteShape
from service.forums.userecho.objects import GroupShape, HookShape, NamedShape, Shape, UserShape
from tests.forums.conftest import KEY, USERECHO, CountingPermits, Open, Project

# What comes back


def test_answers_are_typed(project: Project) -> None:
    echo = project.echo
    topic, user = echo.topics.get(501), echo.users.get(102)
    comment = next(echo.comments.in_topic(501))
    assert (topic.header, topic.in_forum, topic.in_category, topic.comment_count) == ("A quiet corner", 1, 1, 2)
    assert topic.author is not None
    assert topic.author.name == "marlow"
    assert (user.name, user.email, user.is_staff, user.rating) == ("marlow", "marlow@members.example", False, 1.5)
    assert isinstance(user.date_joined, float)
    assert (comment.id, comment.in_topic, comment.is_official) == (9001, 501, False)
    assert [group.name for group in echo.user_groups.all()] == ["Members", "Trusted", "Muted"]
    assert [one.name for one in echo.categories.all(2)] == ["General"]
    assert echo.users.get_or_create(email="wren@members.example").is_created is False
    assert echo.users.get_or_create(email="new@members.example").is_created is True


def test_an_upload_sends_the_content_as_a_form(project: Project) -> None:
    found = project.echo.files.upload(1, name="a.png", content=b"\x00\xff" * 500, kind="image")
    assert (found.type, found.original_filename, found.url) == ("image", "a.png", "/s/a.png")
    assert b"\x00\xff" * 500 in project.recorder.requests[-1].content


def test_hooks_can_be_managed(project: Project) -> None:
    hooks = project.echo.hooks
    assert "comment.created" in hooks.events()
    made = hooks.create(event="comment.created", target_url="https://bot.example/webhooks/main/token")
    assert made.events is not None
    assert [name for name, on in made.events.items() if on] == ["comment.created"]
    assert [hook.target_url for hook in hooks.all()] == ["https://bot.example/webhooks/main/token"]
    hooks.delete(made.id or 0)
    assert list(hooks.all()) == []
    with pytest.raises(NotFound):
        hooks.delete(made.id or 0)
    with pytest.raises(ForumFailure, match="event is not an available event"):
        hooks.create(event="user.created", target_url="https://bot.example")


def test_what_does_not_exist_is_not_found(project: Project) -> None:
    for act in (
        lambda: project.echo.topics.get(999),
        lambda: project.echo.topics.delete(999),
        lambda: project.echo.users.get(999),
        lambda: list(project.echo.comments.in_topic(999)),
        lambda: project.echo.categories.update(1, 4, name="of another forum"),
    ):
        with pytest.raises(NotFound):
            act()


def test_an_update_leaves_what_is_not_given_and_clears_what_is_empty(project: Project) -> None:
    topics = project.echo.topics
    topics.update(1, 501, tags=[1, 2], custom_fields={"cf_1": "test"})
    assert [tag["name"] for tag in project.row("topics", 501)["tags"]] == ["mobile", "desktop"]
    topics.update(1, 501, tags=(), category=None)
    row = project.row("topics", 501)
    assert (row["tags"], row["category"], row["header"], row["custom_fields"][0]["value"]) == (
        [],
        None,
        "A quiet corner",
        "test",
    )


@pytest.mark.parametrize(
    ("shape", "sent", "read"),
    [
        (
            TopicShape,
            {"id": "501", "needs_review": "1", "comment_count": "3"},
            {"id": 501, "needs_review": True, "comment_count": 3},
        ),
        (TopicShape, {"status": 20, "type": "Ideas"}, {"status": StatusShape(id=20), "type": NamedShape(name="Ideas")}),
        (TopicShape, {"vote": {"diff": "-2", "colour": "red"}, "surprise": []}, {"vote": VoteShape(diff=-2)}),
        (TopicShape, {}, {"id": None, "header": None, "author": None, "tags": None, "created": None}),
        (UserShape, {"rating": "2.5", "is_staff": "false"}, {"rating": 2.5, "is_staff": False}),
        (UserShape, {"rating": "high", "is_staff": 0}, {"rating": None, "is_staff": False}),
        (
            UserShape,
            {"display_name": "wren", "groups": [1, "Members"]},
            {"name": "wren", "groups": (NamedShape(id=1), NamedShape(name="Members"))},
        ),
        (GroupShape, {"vote_count": None, "vote_weight": "3"}, {"vote_count": None, "vote_weight": 3}),
        (
            HookShape,
            {"id": 12, "events": {"topic.created": 1, "topic.deleted": "false"}},
            {"events": {"topic.created": True, "topic.deleted": False}},
        ),
        (
            CommentShape,
            {"is_official": "true", "created": "2026-01-01T12:00:00.500Z"},
            {"is_official": True, "created": 1_767_268_800.5},
        ),
    ],
)
def test_values_may_come_as_strings_may_be_missing_and_may_be_new(
    shape: type[Shape], sent: Any, read: dict[str, Any]
) -> None:
    found = shape.model_validate(sent)
    assert {name: getattr(found, name) for name in read} == read


# Pages


Answering = Callable[[list[Any]], tuple[UserEcho, list[httpx.Request]]]


@pytest.fixture
def answering() -> Iterator[Answering]:
    """The API of a site that gives these answers, one after the other."""
    with contextlib.ExitStack() as stack:

        def begin(answers: list[Any]) -> tuple[UserEcho, list[httpx.Request]]:
            asked: list[httpx.Request] = []

            def answer(request: httpx.Request) -> httpx.Response:
                asked.append(request)
                return httpx.Response(200, json=answers[len(asked) - 1])

            permits = CountingPermits()
            client = stack.enter_context(
                open_client("https://a.example/api/v2", {}, permits, inner=httpx.MockTransport(answer))
            )
            return UserEcho(ForumApi(client, permits, USERECHO.judge)), asked

        yield begin


def test_a_list_is_read_page_by_page_as_it_is_asked_for(project: Project) -> None:
    for number in range(5):
        project.happen("comment.created", user_id=101, topic_id=502, text=str(number))
    listed = project.echo.comments.in_topic(502, limit=2, order_by="created")
    assert project.recorder.requests == []
    assert next(listed).message == "0"
    assert len(project.recorder.requests) == 1
    assert [comment.message for comment in listed] == ["1", "2", "3", "4"]
    assert [request.url.params["page"] for request in project.recorder.requests] == ["1", "2", "3"]


def test_a_last_page_that_is_full_asks_for_no_other(project: Project) -> None:
    assert len(list(project.echo.comments.in_topic(501, limit=2))) == 2
    assert len(project.recorder.requests) == 1


@pytest.mark.parametrize(
    ("pages", "read"),
    [
        ([{"data": [{"id": 1}, {"id": 2}]}, {"data": [{"id": 3}]}], 2),  # without details: on while pages are full
        ([{"data": [{"id": 1}, {"id": 2}]}, {"data": []}], 2),
        (
            [
                {"data": [{"id": 1}, {"id": 2}], "details": {"page": "1", "limit": "2", "count": "3"}},
                {"data": [{"id": 3}]},
            ],
            2,
        ),
        (
            [
                {"data": [{"id": 1}], "details": {"page": 1, "limit": 1, "count": 2}},
                {"data": [{"id": 2}], "details": {"limit": 1, "count": 2}},
            ],
            2,
        ),
        ([{"data": [], "details": {"count": 50}}], 1),
        ([[{"id": 1}]], 1),  # without an envelope
        ([{"data": None}], 1),
        ([{"data": [7, None]}, {"data": []}], 2),
    ],
)
def test_a_list_ends_where_the_answer_says(answering: Answering, pages: list[Any], read: int) -> None:
    echo, asked = answering(pages)
    list(echo.topics.in_forum(1, limit=2))
    assert len(asked) == read


# Filters


@pytest.mark.parametrize(
    ("filters", "query"),
    [
        ({"status": 1}, {"filter__status": 1}),
        ({"status__in": [1, 3, 5]}, {"filter__status__in": "1,3,5"}),
        ({"id__gte": 10}, {"filter__id__gte": 10}),
        ({"needs_review": False}, {"filter__needs_review": 0}),
        ({"header__icontains": "test"}, {"filter__header__icontains": "test"}),
        ({"custom_fields__cf_1": "1"}, {"filter__custom_fields__cf_1": "1"}),
        ({"custom_fields__cf_1__icontains": "test"}, {"filter__custom_fields__cf_1__icontains": "test"}),
        (
            {"created__gte": datetime(2014, 3, 17, 5, 34, 29, 320_000, tzinfo=timezone(timedelta(hours=2)))},
            {"filter__created__gte": "2014-03-17T03:34:29.320Z"},
        ),
        ({"updated__lt": "2014-03-17"}, {"filter__updated__lt": "2014-03-17"}),
    ],
)
def test_filters_are_written_as_the_reference_shows(filters: dict[str, Any], query: dict[str, Any]) -> None:
    assert filter_query(filters) == query


@pytest.mark.parametrize("name", ["", "status__like", "Status", "status__", "__in", "a&b", "x=1", "status__in__gt"])
def test_a_filter_that_there_is_not_is_an_error(name: str) -> None:
    with pytest.raises(ValueError, match="is no filter: write a field, or field__condition with one of"):
        filter_query({name: 1})


def test_filters_choose(project: Project) -> None:
    found = project.echo.topics.in_forum(1, filters={"header__icontains": "AVATAR", "created__lt": datetime.now(UTC)})
    assert [topic.id for topic in found] == [502]


# In whose name


@pytest.mark.parametrize(
    ("who", "author"),
    [
        ({"user_id": 101}, "wren"),
        ({"user_sso_guid": "guid-marlow"}, "marlow"),
        ({"sso_token": "somebody-new"}, "somebody-new"),
        ({"user_id": 4242}, "modbot"),
        ({"user_sso_guid": "nobody"}, "modbot"),
        ({}, "modbot"),
    ],
)
def test_a_request_may_be_made_in_the_name_of_another_user(project: Project, who: dict[str, Any], author: str) -> None:
    echo = project.echo.on_behalf_of(**who)
    comment = echo.comments.create(501, text="x")
    assert comment.author is not None
    assert comment.author.name == author
    sent = project.recorder.requests[-1]
    assert {**json.loads(sent.content), **who} == json.loads(sent.content)
    assert not sent.url.query
    assert echo.users.current().name == author
    assert dict(project.recorder.requests[-1].url.params) == {name: str(value) for name, value in who.items()}


def test_only_one_name_can_be_given(project: Project) -> None:
    with pytest.raises(ValueError, match="in whose name\\? user_sso_guid and user_id are given; give one"):
        project.echo.on_behalf_of(user_id=1, user_sso_guid="x")


def test_the_token_goes_into_addresses_only_where_it_must(open_project: Open) -> None:
    project = open_project(token_in_query=True)
    assert project.forum.get_topic(501) is not None
    (request,) = project.recorder.requests
    assert "authorization" not in request.headers
    assert request.url.params["access_token"] == KEY
    assert KEY not in repr(UserEcho(project.api, KEY)) + repr(project.echo.topics)


def test_a_path_cannot_be_broken_out_of(project: Project) -> None:
    with pytest.raises((NotFound, Refused)):
        project.echo.users.get_by_sso_guid("../topics/501?x=")
    assert project.recorder.requests[-1].url.raw_path == b"/api/v2/users/sso/..%2Ftopics%2F501%3Fx%3D.json"


def test_logging_out_is_a_write_although_it_is_a_get(open_project: Open) -> None:
    project, fenced = open_project(), []
    api = type(project.api)(
        project.api.client, project.permits, project.api.judge, before_write=lambda: fenced.append(1)
    )
    UserEcho(api).users.log_out(101)
    UserEcho(api).users.get(101)
    assert fenced == [1]
    assert project.ask("state")["logged_out"] == [101]
