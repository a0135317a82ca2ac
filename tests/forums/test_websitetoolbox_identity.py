"""When a happening was, and what makes two deliveries of Website Toolbox the same one."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from tests.forums.deliveries import NOW, POST, TOPIC, USER, envelope, event_of, identity


@pytest.mark.parametrize(
    ("body", "at"),
    [
        (envelope(created=1_767_268_900), 1_767_268_900.0),
        (envelope(timestamp="2026-01-01T12:10:00Z"), 1_767_269_400.0),
        (envelope(timestamp="2026-01-01T12:10:00"), 1_767_268_800.0),  # no zone: not told
        (envelope(created=1_767_268_900_000), 1_767_268_800.0),  # in the future: not told
        (envelope(created="soon"), 1_767_268_800.0),
        (envelope("post.updated", {**POST, "editTimestamp": 1_767_269_000}), 1_767_269_000.0),
        (envelope("post.updated"), NOW),
        (envelope("post.deleted", {"postId": 9001}), NOW),
        (envelope("topic.created", TOPIC), 1_767_268_700.0),
        (envelope("topic.updated", TOPIC), NOW),
        (envelope("user.created", USER), 1_767_268_600.0),
        (envelope("user.updated", USER), NOW),
        (envelope("message.created", {"messageId": 9, "dateTimestamp": "1767268500"}), 1_767_268_500.0),
    ],
)
def test_the_moment_is_the_platforms_else_the_objects_else_the_receipt(body: dict[str, Any], at: float) -> None:
    assert event_of(body).at == at


def test_an_object_that_happens_once_is_its_own_identity() -> None:
    first, again = identity(envelope()), identity(envelope(thing={**POST, "likeCount": 3}))
    assert first == again == ("post.created:9001", "")
    assert identity(envelope("post.deleted", {"postId": 9001})) != first
    assert identity(envelope(thing={**POST, "postId": 9002})) != first


def test_an_edit_is_identified_by_its_time_and_two_of_one_second_by_their_text() -> None:
    first = identity(envelope("post.updated", {**POST, "editTimestamp": 1_767_269_000}))
    again = identity(envelope("post.updated", {**POST, "editTimestamp": 1_767_269_000, "message": "other"}))
    later = identity(envelope("post.updated", {**POST, "editTimestamp": 1_767_269_001}))
    assert first[0] == again[0] == "post.updated:9001:1767269000.000"
    assert first[1] != again[1]
    assert first[0] != later[0]


def test_an_update_without_a_time_is_a_version_of_its_object() -> None:
    locked, unlocked = (
        envelope("topic.updated", {**TOPIC, "locked": True}),
        envelope("topic.updated", {**TOPIC, "locked": False}),
    )
    assert identity(locked)[0] == identity(unlocked)[0] == "topic.updated:501"
    assert identity(locked)[1] == hashlib.sha256(json.dumps(locked).encode()).hexdigest()
    assert identity(locked)[1] != identity(unlocked)[1]


@pytest.mark.parametrize(
    ("more", "headers", "number"),
    [
        ({"id": "evt_1"}, {}, "evt_1"),
        ({"id": 17}, {}, "17"),
        ({"event_id": "evt_2"}, {}, "evt_2"),
        ({"id": "evt_1"}, {"webhook_id": "msg_1"}, "msg_1"),
        ({"id": "  "}, {}, None),
        ({"id": ["x"]}, {}, None),
        ({"id": "x" * 201}, {}, hashlib.sha256(b"x" * 201).hexdigest()),
    ],
)
def test_an_id_that_the_platform_gives_is_the_identity(
    more: dict[str, Any], headers: dict[str, str], number: str | None
) -> None:
    body = envelope("topic.updated", TOPIC, **more)
    subject, version = identity(body, **headers)
    if number is None:
        assert subject.startswith("topic.updated:501")
    else:
        assert (subject, version) == (f"id:{number}:topic.updated:501", "")
