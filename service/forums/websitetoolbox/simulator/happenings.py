"""What members do on the simulated forum, for demos and tests that need more than the API offers.

A happening is an object with `event` and that event's fields; it changes the forum as a member would and yields the
webhook. Members in Banned or Muted cannot write, those in Review wait for approval, and nobody but staff writes into a
locked topic. Imported by the simulator's `app` alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from service.forums.websitetoolbox.simulator.reference import ApiError
from service.forums.websitetoolbox.simulator.state import Row, State

Fields = Mapping[str, Any]


def happen(state: State, fields: Fields) -> Row:
    """Let it happen and return its webhook. Raises ApiError where it cannot."""
    act = HAPPENINGS.get(str(fields.get("event")))
    if act is None:
        raise ApiError(400, "event", f"event must be one of {', '.join(HAPPENINGS)}", "invalid_parameter")
    act(state, fields)
    return state.webhooks.pop()


def _the(table: Mapping[int, Row], fields: Fields, name: str) -> Row:
    number = fields.get(name)
    row = table.get(number) if isinstance(number, int) else None
    if row is None:
        raise ApiError(400, name, f"{name} must name one that exists", "not_found")
    return row


def _who(state: State, fields: Fields) -> Row:
    """The member who acts: `username` or `userId`."""
    if "username" not in fields:
        return _the(state.users, fields, "userId")
    user = state.user_named(fields["username"])
    if user is None:
        raise ApiError(400, "username", "username or userId must name a member", "not_found")
    return user


def _several(fields: Fields, name: str) -> list[Any]:
    value = fields.get(name)
    if not isinstance(value, list):
        raise ApiError(400, name, f"{name} must be a list", "invalid_parameter")
    return value


def _groups(state: State, user: Row) -> list[Row]:
    return [group for number in user["userGroups"] if (group := state.usergroups.get(number))]


def _writer(state: State, fields: Fields, permission: str) -> tuple[Row, bool]:
    """The member who writes, and whether that must wait for approval."""
    user = _who(state, fields)
    groups = _groups(state, user)
    if not all(group.get(permission, True) for group in groups):
        raise ApiError(400, "username", f"{user['username']} may not write", "forbidden")
    held = any(group.get("requirePostApproval") for group in groups)
    return user, bool(fields.get("pending", held))


def _text(fields: Fields, name: str = "message") -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        raise ApiError(400, name, f"{name} must be a string", "missing_parameter")
    return value


def _join(state: State, fields: Fields) -> None:
    if state.user_named(_text(fields, "username")) is not None:
        raise ApiError(400, "username", "the username is already taken", "duplicate")
    groups = {group["title"]: number for number, group in state.usergroups.items()}
    given = {name: value for name, value in fields.items() if name != "event"}
    if "userGroups" in given:
        given["userGroups"] = [groups.get(str(one), one) for one in _several(fields, "userGroups")]
    state.add_user(given)


def _start(state: State, fields: Fields) -> None:
    user, pending = _writer(state, fields, "startTopics")
    _the(state.categories, {"categoryId": 1, **fields}, "categoryId")
    place = {"title": _text(fields, "title"), "categoryId": fields.get("categoryId", 1)}
    state.add_topic(user, place, _text(fields), pending=pending)


def _reply(state: State, fields: Fields) -> None:
    user, pending = _writer(state, fields, "replyTopics")
    topic = _the(state.topics, fields, "topicId")
    if topic["locked"] and not user.get("isModerator"):
        raise ApiError(400, "topicId", "the topic is locked", "forbidden")
    state.add_post(user, topic, _text(fields), pending=pending)


def _edit(state: State, fields: Fields) -> None:
    state.change_post(_the(state.posts, fields, "postId"), {"message": _text(fields)})


def _approve(state: State, fields: Fields) -> None:
    post = _the(state.posts, fields, "postId")
    if not post["pending"]:
        raise ApiError(400, "postId", "the post is not pending", "invalid_parameter")
    state.change_post(post, {"pending": False})


def _unwrite(state: State, fields: Fields) -> None:
    state.remove_post(_the(state.posts, fields, "postId"))


def _change_topic(state: State, fields: Fields) -> None:
    state.change_topic(_the(state.topics, fields, "topicId"), fields)


def _remove_topic(state: State, fields: Fields) -> None:
    state.remove_topic(_the(state.topics, fields, "topicId"))


def _change_user(state: State, fields: Fields) -> None:
    changes = {name: value for name, value in fields.items() if name not in {"event", "userId", "username"}}
    state.change_user(_who(state, fields), changes)


def _leave(state: State, fields: Fields) -> None:
    state.remove_user(_who(state, fields))


def _tell(state: State, fields: Fields) -> None:
    """What happens to a member outside the forum's pages: approval, a checked address, a payment."""
    state.tell(str(fields["event"]), _who(state, fields))


def _talk(state: State, fields: Fields) -> None:
    names = _several(fields, "recipientUsernames")
    people = [user for name in names if (user := state.user_named(name))]
    if not people or len(people) < len(names):
        raise ApiError(400, "recipientUsernames", "recipientUsernames must name members", "not_found")
    state.add_conversation(_who(state, fields), people, _text(fields, "subject"), _text(fields))


def _say(state: State, fields: Fields) -> None:
    state.add_message(_the(state.conversations, fields, "conversationId"), _who(state, fields), _text(fields))


HAPPENINGS: Mapping[str, Callable[[State, Fields], None]] = {
    "user.created": _join,
    "user.updated": _change_user,
    "user.deleted": _leave,
    "user.approved": _tell,
    "user.email.verified": _tell,
    "user.payment.received": _tell,
    "user.paid_subscription.started": _tell,
    "user.paid_subscription.ended": _tell,
    "topic.created": _start,
    "topic.updated": _change_topic,
    "topic.deleted": _remove_topic,
    "post.created": _reply,
    "post.approved": _approve,
    "post.updated": _edit,
    "post.deleted": _unwrite,
    "conversation.created": _talk,
    "message.created": _say,
}
