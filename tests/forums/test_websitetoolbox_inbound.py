"""What Website Toolbox's webhooks are read as: signatures, malformed bodies, event types, fields, identity."""

from __future__ import annotations

import json
from typing import Any

import pytest

from service.forums.port import Ignored, Rejected, Unreadable, WebhookTrust
from service.forums.websitetoolbox.inbound import KNOWN
from tests.forums.deliveries import POST, TOPIC, USER, deliver, envelope, event_of

# Bodies


NOT_JSON = "the body is not JSON in UTF-8, or nests over 200 levels deep"
NO_DATA = "the body has no `data` with an `object` in it"


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", NOT_JSON),
        (b"{", NOT_JSON),
        (b"\xff\xfe{}", NOT_JSON),
        (b'{"data": {"object": {"a": NaN}}}', NOT_JSON),
        (b'{"data": {"object": {"a": -Infinity}}}', NOT_JSON),
        (b"[" * 200_000, NOT_JSON),
        (b'{"a":' * 50_000, NOT_JSON),
        (b"1" * 5000, NOT_JSON),
        (b"null", NO_DATA),
        (b"[]", NO_DATA),
        (b'"post.created"', NO_DATA),
        (b"{}", NO_DATA),
        (b'{"type": "post.created", "data": null}', NO_DATA),
        (b'{"type": "post.created", "data": []}', NO_DATA),
        (b'{"type": "post.created", "data": {"object": []}}', NO_DATA),
        (b'{"type": "post.created", "data": {"object": "post"}}', NO_DATA),
        (b'{"type": "post.created", "data": {"postId": 1}}', NO_DATA),
    ],
)
def test_a_malformed_body_is_rejected(body: bytes, detail: str) -> None:
    assert deliver(body) == Rejected(400, "body_malformed", detail)


TOO_LARGE = pytest.mark.parametrize("number", [2**63, 10**30, 1e300, "9223372036854775808", "9" * 400])


@TOO_LARGE
@pytest.mark.parametrize(("kind", "name"), [("post.created", "postId"), ("user.created", "userId")])
def test_an_object_with_an_id_beyond_64_bits_is_rejected(kind: str, name: str, number: Any) -> None:
    thing = {"postId": 1, "topicId": 1, "userId": 1, name: number}
    assert deliver(envelope(kind, thing)) == Rejected(400, "body_malformed", f"{kind}: an id has more than 64 bits")


@TOO_LARGE
@pytest.mark.parametrize(
    ("kind", "thing"),
    [
        ("topic.updated", {"topicId": 1, "firstPostId": 2}),
        ("post.created", {"postId": 1, "author": {"userId": 2}}),
        ("message.created", {"messageId": 1, "conversationId": 2}),
    ],
)
def test_an_event_that_names_an_id_beyond_64_bits_is_not_read(kind: str, thing: dict[str, Any], number: Any) -> None:
    """Cut somewhere, it would name another thing."""
    large = json.loads(json.dumps(thing).replace("2", json.dumps(number)))
    with pytest.raises(Unreadable, match=f"^{kind}: an id has more than 64 bits$"):
        event_of(envelope(kind, large))


def test_the_largest_id_is_read() -> None:
    assert event_of(envelope(thing={"postId": 2**63 - 1})).post.post_id == 2**63 - 1  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"data": {"object": {}}}, None),
        (envelope(""), None),
        (envelope("created"), None),
        (envelope("post created"), None),
        (envelope("post.created.by.someone"), None),
        (envelope("<b>.x"), None),
        ({"type": 7, "data": {"object": {}}}, None),
        ({"type": {"name": "post.created"}, "data": {"object": {}}}, None),
        (envelope("post.censored"), "post.censored"),
        (envelope("attachment.created"), "attachment.created"),
    ],
)
def test_an_event_that_is_not_known_is_ignored_and_named(body: dict[str, Any], kind: str | None) -> None:
    reading = deliver(body)
    assert isinstance(reading, Ignored)
    assert reading.type == kind


@pytest.mark.parametrize(
    "thing", [{}, {"postId": None}, {"postId": True}, {"postId": -1}, {"postId": "x"}, {"postId": [1]}]
)
def test_a_known_event_that_does_not_name_its_object_is_ignored(thing: dict[str, Any]) -> None:
    reading = deliver(envelope(thing=thing))
    assert isinstance(reading, Ignored)
    assert reading.reason == "post.created without postId"


@pytest.mark.parametrize("key", ["type", "event", "event_type", "eventType", "name", "value"])
def test_the_type_is_found_under_each_candidate_key(key: str) -> None:
    assert event_of({key: "post.created", "data": {"object": POST}}).type == "post.created"


def test_a_configured_key_comes_first() -> None:
    body = {"type": "post.created", "kind": "post.updated", "data": {"object": POST}}
    assert event_of(body, WebhookTrust(event_keys=("kind",))).type == "post.updated"


def test_a_known_type_is_preferred_to_what_only_looks_like_one() -> None:
    assert event_of({"type": "webhook.event", "event": "post.created", "data": {"object": POST}}).type == "post.created"


def test_every_documented_event_is_known() -> None:
    documented = """user.created user.approved user.updated user.deleted user.email.verified user.payment.received
        user.paid_subscription.started user.paid_subscription.ended topic.created topic.updated topic.deleted
        post.created post.approved post.updated post.deleted conversation.created message.created"""
    assert set(documented.split()) == KNOWN


# Fields


def test_a_post_is_read() -> None:
    assert event_of(envelope()).to_json() == {
        "type": "post.created",
        "at": 1_767_268_800.0,
        "topic": {"topicId": 501},
        "post": {
            "postId": 9001,
            "topicId": 501,
            "message": "<p>Hi</p>",
            "messageText": "Hi",
            "pending": False,
            "createdTimestamp": 1_767_268_800.0,
        },
        "author": {"userId": 101, "username": "wren"},
    }


def test_a_post_tells_its_place_where_the_payload_brings_the_topic() -> None:
    last = {"postId": 9001, "timestamp": 1_767_268_800}
    event = event_of(
        envelope(thing={**POST, "topic": {**TOPIC, "lastPost": last}, "category": {"categoryId": 1, "title": "Talk"}})
    )
    assert event.post is not None
    assert event.topic is not None
    assert event.category is not None
    assert event.post.is_first_post is False
    assert event.topic.title == "A corner"
    assert event.topic.last_post_timestamp is None  # this very post
    assert event.category.name == "Talk"


def test_a_new_topic_brings_its_first_post_without_text() -> None:
    event = event_of(
        envelope(
            "topic.created", {**TOPIC, "author": {"userId": 102, "username": "marlow"}, "tags": [{"tagName": "talk"}]}
        )
    )
    assert event.post is not None
    assert event.topic is not None
    assert event.author is not None
    assert (event.post.post_id, event.post.is_first_post, event.post.message) == (8001, True, None)
    assert (event.topic.title, event.topic.tags, event.author.username) == ("A corner", ("talk",), "marlow")


def test_a_user_event_is_by_the_user_and_group_ids_are_left_to_a_lookup() -> None:
    thing = {
        **USER,
        "ipAddress ": "192.0.2.7",
        "countryCode": "FR",
        "email": "p@members.example",
        "lastVisitTimestamp": 5,
    }
    thing["customFields"] = [
        {"title": "Town", "value": "Lyon"},
        {"title": "Likes", "value": ["tea", "rain"]},
        {"value": "x"},
    ]
    author = event_of(envelope("user.created", thing)).author
    assert author is not None
    assert (author.user_id, author.ip_address, author.country_code) == (103, "192.0.2.7", "FR")
    assert (author.user_groups, author.last_visit_timestamp) == (None, None)
    assert author.custom_fields == {"Town": "Lyon", "Likes": "tea, rain"}


def test_a_conversation_is_by_who_started_it_and_a_message_by_its_sender() -> None:
    people = [
        {"userId": 1, "isStarter": False, "user": {"username": "a"}},
        {"userId": 2, "isStarter": True, "user": {"username": "b"}},
    ]
    talk = event_of(envelope("conversation.created", {"conversationId": 301, "subject": "Hi", "participants": people}))
    said = event_of(
        envelope("message.created", {"messageId": 9, "message": "x", "sender": {"userId": 3, "username": "c"}})
    )
    assert talk.author is not None
    assert said.author is not None
    assert said.conversation is not None
    assert (talk.author.username, said.author.username, said.conversation.message_id) == ("b", "c", 9)


@pytest.mark.parametrize(
    ("field", "sent", "read_as"),
    [
        ("pending", True, True),
        ("pending", 1, True),
        ("pending", "1", True),
        ("pending", "true", True),
        ("pending", "False", False),
        ("pending", "0", False),
        ("pending", None, None),
        ("pending", "perhaps", None),
        ("pending", [], None),
        ("likeCount", "12", 12),
        ("likeCount", 12.0, 12),
        ("likeCount", 12.5, None),
        ("likeCount", True, None),
        ("likeCount", 10**30, None),
        ("likeCount", {"n": 1}, None),
        ("message", ["<p>"], None),
        ("message", 7, "7"),
        ("messageText", None, None),
        ("postTimestamp", "1767268800", 1_767_268_800.0),
        ("postTimestamp", 0, None),
        ("postTimestamp", -5, None),
        ("attachments", "none", None),
        ("attachments", [7, {"fileName": "a.png", "fileSize": "10"}], ("a.png", 10)),
        ("author", "wren", None),
    ],
)
def test_a_value_is_coerced_or_absent(field: str, sent: Any, read_as: Any) -> None:
    event = event_of(envelope(thing={**POST, field: sent}))
    post, author = event.post, event.author
    assert post is not None
    files = post.attachments
    values = {
        "pending": post.pending,
        "likeCount": post.like_count,
        "message": post.message,
        "messageText": post.message_text,
        "postTimestamp": post.created_timestamp,
        "attachments": (files[0].name, files[0].size) if files else None,
        "author": author,
    }
    assert values[field] == read_as
    assert type(values[field]) is type(read_as)


def test_a_lone_surrogate_cannot_break_what_stores_the_event() -> None:
    raw = b'{"type": "post.created", "data": {"object": {"postId": 1, "message": "a\\ud800b"}}}'
    assert event_of(raw).model_dump_json().encode().count("\ufffd".encode()) == 1
