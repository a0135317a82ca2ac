"""What people do on the simulated project, for demos and tests that need more than the API offers.

A happening is an object with `event` and that event's fields; it changes the project as a person would and yields the
webhook. Users in the group Muted do not write. Imported by the simulator's `app` alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from service.forums.userecho.simulator.reference import ApiError
from service.forums.userecho.simulator.state import Row, State

Fields = Mapping[str, Any]

MUTED = "Muted"


def happen(state: State, fields: Fields) -> Row:
    """Let it happen and return its webhook. Raises ApiError where it cannot."""
    act = HAPPENINGS.get(str(fields.get("event")))
    if act is None:
        raise ApiError(f"event must be one of {', '.join(HAPPENINGS)}")
    act(state, fields)
    return state.webhooks.pop()


def _writer(state: State, fields: Fields) -> Row:
    """The user who acts: `user_id`, or `username`."""
    named = (user for user in state.users.values() if user["name"] == fields.get("username"))
    user = next(named, None) or state.one("users", fields.get("user_id"))
    muted = [number for number, group in state.user_groups.items() if group["name"] == MUTED]
    if set(muted) & set(user["groups"]):
        raise ApiError(f"{user['name']} may not write")
    return user


def _text(fields: Fields, name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        raise ApiError(f"{name} must be a string")
    return value


def _start(state: State, fields: Fields) -> None:
    words = {"header": _text(fields, "header"), "description": _text(fields, "description")}
    place = {"category": fields.get("category", 1), "type": fields.get("type", 1)}
    state.add_topic(_writer(state, fields), fields.get("forum_id", 1), {**words, **place})


def _comment(state: State, fields: Fields) -> None:
    topic = state.one("topics", fields.get("topic_id"))
    state.add_comment(_writer(state, fields), topic, _text(fields, "text"))


def _tell_of_topic(state: State, fields: Fields) -> None:
    state.tell(str(fields["event"]), state.one("topics", fields.get("topic_id")))


def _tell_of_comment(state: State, fields: Fields) -> None:
    state.tell(str(fields["event"]), state.one("comments", fields.get("comment_id")))


def _remove_topic(state: State, fields: Fields) -> None:
    state.remove_topic(state.one("topics", fields.get("topic_id")))


def _remove_comment(state: State, fields: Fields) -> None:
    state.remove_comment(state.one("comments", fields.get("comment_id")))


HAPPENINGS: Mapping[str, Callable[[State, Fields], None]] = {
    "topic.created": _start,
    "topic.accepted": _tell_of_topic,
    "topic.satisfaction_changed": _tell_of_topic,
    "topic.satisfaction_received": _tell_of_topic,
    "topic.deleted": _remove_topic,
    "comment.created": _comment,
    "comment.accepted": _tell_of_comment,
    "comment.deleted": _remove_comment,
}
