"""What UserEcho's webhooks are read as: signatures, malformed bodies, events, fields, identity."""

from __future__ import annotations

from typing import Any

import pytest

from service.forums.port import Ignored, Rejected, Unreadable, WebhookTrust
from service.forums.userecho.inbound import EVENTS
from tests.forums.userecho_deliveries import (
    COMMENT,
    NOW,
    TOPIC,
    accepted,
    deliver,
    delivery,
    event_of,
)

# Bodies


NOT_JSON = "the body is not JSON in UTF-8, or nests over 200 levels deep"
NO_DATA = "the body has no `data` that is an object"


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", NOT_JSON),
        (b"\xff\xfe{}", NOT_JSON),
        (b'{"data": {"id": NaN}}', NOT_JSON),
        (b"[" * 200_000, NOT_JSON),
        (b"null", NO_DATA),
        (b"[]", NO_DATA),
        (b'{"hook": "topic.created"}', NO_DATA),
        (b'{"hook": "topic.created", "data": []}', NO_DATA),
    ],
)
def test_a_malformed_body_is_rejected(body: bytes, detail: str) -> None:
    assert deliver(body) == Rejected(400, "body_malformed", detail)


@pytest.mark.parametrize("data", [{"id": 2**63}, {"id": "9" * 400}])
def test_an_object_with_an_id_beyond_64_bits_is_rejected(data: dict[str, Any]) -> None:
    assert deliver(delivery(data=data)) == Rejected(400, "body_malformed", "topic.created: an id has more than 64 bits")


@pytest.mark.parametrize("hook", ["topic.created", "comment.created"])
def test_an_event_that_names_an_id_beyond_64_bits_is_not_read(hook: str) -> None:
    with pytest.raises(Unreadable, match=f"^{hook}: an id has more than 64 bits$"):
        event_of(delivery(hook, {"id": 1, "author": {"id": 10**30}}))


@pytest.mark.parametrize(
    ("hook", "reason", "kind"),
    [
        (None, "no event type was found", None),
        (7, "no event type was found", None),
        ("created", "no event type was found", None),
        ("<b>.x", "no event type was found", None),
        ("topic.updated", "the event type is not known", "topic.updated"),
        ("user.created", "the event type is not known", "user.created"),
    ],
)
def test_an_event_that_is_not_known_is_ignored_and_named(hook: Any, reason: str, kind: str | None) -> None:
    reading = deliver(delivery(hook))
    assert isinstance(reading, Ignored)
    assert (reading.reason, reading.type) == (reason, kind)


@pytest.mark.parametrize("data", [{}, {"id": None}, {"id": "x"}, {"id": True}, {"id": -1}])
def test_an_event_that_does_not_name_its_object_is_ignored(data: dict[str, Any]) -> None:
    reading = deliver(delivery("comment.created", data))
    assert isinstance(reading, Ignored)
    assert (reading.reason, reading.type) == ("comment.created without an id in `data`", "post.created")


def test_a_configured_key_comes_first() -> None:
    body = delivery("topic.created", kind="topic.deleted")
    assert accepted(body, WebhookTrust(event_keys=("kind",))).type == "topic.deleted"


# Events


@pytest.mark.parametrize(
    ("hook", "kind"),
    [
        ("topic.created", "topic.created"),
        ("topic.accepted", "post.approved"),
        ("topic.deleted", "topic.deleted"),
        ("topic.satisfaction_changed", "topic.satisfaction_changed"),
        ("topic.satisfaction_received", "topic.satisfaction_received"),
        ("comment.created", "post.created"),
        ("comment.accepted", "post.approved"),
        ("comment.deleted", "post.deleted"),
    ],
)
def test_every_documented_event_becomes_one_of_ours(hook: str, kind: str) -> None:
    assert event_of(delivery(hook, COMMENT if hook.startswith("comment") else TOPIC)).type == kind
    assert len(EVENTS) == 8


def test_a_topic_brings_its_text_as_its_first_post() -> None:
    data = {**TOPIC, "tags": [{"id": 1, "name": "mobile"}, "desktop"], "url": "https://project.example/topics/501"}
    data |= {"forum": {"id": 2, "name": "Helpdesk"}, "category": {"id": 4, "name": "General"}}
    assert event_of(delivery(data=data)).to_json() == {
        "type": "topic.created",
        "at": 1_767_269_400.5,
        "topic": {
            "topicId": 501,
            "title": "A corner",
            "categoryId": 4,
            "tags": ["mobile", "desktop"],
            "replyCount": 2,
            "createdTimestamp": 1_767_268_800.0,
            "firstPostId": -501,
            "permalink": "https://project.example/topics/501",
            "author": {"userId": 101, "username": "wren"},
        },
        "post": {
            "postId": -501,
            "topicId": 501,
            "message": "<p>Hi</p>",
            "createdTimestamp": 1_767_268_800.0,
            "isFirstPost": True,
        },
        "author": {"userId": 101, "username": "wren"},
        "category": {"categoryId": 4, "name": "General", "parentId": 2, "parentName": "Helpdesk"},
    }


def test_an_accepted_topic_is_the_approval_of_its_first_post() -> None:
    event = event_of(delivery("topic.accepted"))
    assert event.post is not None
    assert event.topic is not None
    assert (event.post.post_id, event.post.is_first_post, event.topic.topic_id) == (-501, True, 501)


def test_a_comment_is_a_post_and_never_the_first() -> None:
    assert event_of(delivery("comment.created", COMMENT)).to_json() == {
        "type": "post.created",
        "at": 1_767_269_400.5,
        "topic": {"topicId": 501, "firstPostId": -501},
        "post": {"postId": 9001, "topicId": 501, "message": "<p>Hello</p>", "isFirstPost": False},
        "author": {"userId": 101, "username": "wren"},
    }


@pytest.mark.parametrize(
    ("place", "topic_id", "title"),
    [
        ({"topic": {"id": 501, "header": "A corner"}}, 501, "A corner"),
        ({"topic": 501}, 501, None),
        ({"topic": "501"}, 501, None),
        ({"topic_id": "501"}, 501, None),
        ({"topic": {"header": "A corner"}, "topic_id": 501}, 501, "A corner"),
        ({}, None, None),
    ],
)
def test_the_topic_of_a_comment_is_found_wherever_it_is_told(
    place: dict[str, Any], topic_id: int | None, title: str | None
) -> None:
    event = event_of(delivery("comment.created", {"id": 9001, **place}))
    assert event.topic is not None
    assert event.post is not None
    assert (event.topic.topic_id, event.post.topic_id, event.topic.title) == (topic_id, topic_id, title)


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"text": "a"}, "a"),
        ({"comment": "b"}, "b"),
        ({"text": "", "comment": "b"}, "b"),
        ({"text": "a", "comment": "b"}, "a"),
        ({"text": ["a"]}, None),
        ({}, None),
    ],
)
def test_the_text_of_a_comment_is_under_either_name(sent: dict[str, Any], message: str | None) -> None:
    event = event_of(delivery("comment.created", {"id": 9001, **sent}))
    assert event.post is not None
    assert event.post.message == message


@pytest.mark.parametrize(
    ("data", "category"),
    [
        ({"category_id": 4, "forum_id": 2}, {"categoryId": 4, "parentId": 2}),
        ({"category": "4"}, {"categoryId": 4}),
        ({"forum": {"id": 2, "name": "Helpdesk"}}, {"parentId": 2, "parentName": "Helpdesk"}),
        ({"category": None}, None),
        ({}, None),
    ],
)
def test_where_a_topic_is(data: dict[str, Any], category: dict[str, Any] | None) -> None:
    assert event_of(delivery(data={**TOPIC, **data})).to_json().get("category") == category


@pytest.mark.parametrize(
    ("data", "author"),
    [
        ({"author": {"id": "101", "name": "wren"}}, {"userId": 101, "username": "wren"}),
        ({"author": {"id": 101, "display_name": "wren"}}, {"userId": 101, "username": "wren"}),
        ({"author": 101}, {"userId": 101}),
        ({"author": "wren"}, {"username": "wren"}),
        ({"author": None, "author_id": 101}, {"userId": 101}),
        ({"author": None}, None),
        ({"author": []}, None),
    ],
)
def test_who_did_it(data: dict[str, Any], author: dict[str, Any] | None) -> None:
    assert event_of(delivery(data={**TOPIC, **data})).to_json().get("author") == author


@pytest.mark.parametrize(
    ("data", "field", "value"),
    [
        ({"tags": None}, "tags", None),
        ({"tags": [7, {"id": 2}, None]}, "tags", []),
        ({"tags": "mobile"}, "tags", None),
        ({"comment_count": "12"}, "replyCount", 12),
        ({"comment_count": None, "comments_count": 3}, "replyCount", None),
        ({"header": 7}, "title", "7"),
        ({"created": "2026-01-01T12:00:00"}, "createdTimestamp", None),
        ({"created": "soon"}, "createdTimestamp", None),
        ({"created": "2026-01-01T13:00:00+01:00"}, "createdTimestamp", 1_767_268_800.0),
    ],
)
def test_a_value_is_coerced_or_absent(data: dict[str, Any], field: str, value: Any) -> None:
    assert event_of(delivery(data={**TOPIC, **data})).to_json()["topic"].get(field) == value


# Moment and identity


@pytest.mark.parametrize(
    ("body", "at"),
    [
        (delivery(), 1_767_269_400.5),
        (delivery(created=None), 1_767_268_800.0),
        (delivery(created="2126-01-01T00:00:00Z"), 1_767_268_800.0),
        (delivery("topic.deleted", created=None), NOW),
        (delivery("comment.created", COMMENT, created="yesterday"), NOW),
    ],
)
def test_the_moment_is_the_webhooks_else_the_objects_else_the_receipt(body: dict[str, Any], at: float) -> None:
    assert event_of(body).at == at


@pytest.mark.parametrize("hook", sorted(name for name in EVENTS if "satisfaction" not in name))
def test_what_happens_once_is_known_by_its_event_and_id_alone(hook: str) -> None:
    first = accepted(delivery(hook, COMMENT))
    again = accepted(delivery(hook, {**COMMENT, "text": "x", "header": "y"}, created="2026-01-01T12:15:00.000Z"))
    assert (first.subject, first.version) == (again.subject, again.version) == (f"{hook}:9001", "")
    assert accepted(delivery(hook, {**COMMENT, "id": 9002})).subject != first.subject


def test_a_topic_and_a_comment_with_one_id_are_two_happenings() -> None:
    assert (
        accepted(delivery("topic.created", {"id": 5})).subject
        != accepted(delivery("comment.created", {"id": 5})).subject
    )


def test_satisfaction_is_a_version_of_its_topic_whenever_it_is_sent() -> None:
    first, again, other = (
        accepted(delivery("topic.satisfaction_changed", {**TOPIC, "satisfaction": value}, created=created))
        for value, created in ((1, "2026-01-01T12:10:00Z"), (1, "2026-01-01T12:15:00Z"), (0, "2026-01-01T12:15:00Z"))
    )
    assert first.subject == again.subject == other.subject == "topic.satisfaction_changed:501"
    assert first.version == again.version != other.version
