"""Events made from a few words: what a story or an example leaves out is filled with unremarkable values.

Nothing happens out of the ordinary on 1 January 2026 at noon (UTC). The author, wren (101), joined a year before,
was here yesterday, has 100 posts, a reputation of 10, the group Members, no custom fields, and is no moderator. A
reply stands in the topic "A quiet corner" (501), which marlow (102) started a week before in the category General
(1); it has four replies, the last an hour old, no tags, and is neither locked nor pinned. A new topic is its
author's own and has no reply. A post says "Nothing out of the ordinary here.", has no files, likes or reports, and
is not pending. An edited topic (topic.updated) brings no post. Marlow is otherwise as wren. A null stays unknown.

Values are named as in event.md (`postCount`) or as rule fields (`post_count`, `account_age: 1 hour`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from rules.event import Attachment, Author, Category, Conversation, Event, Person, Post, Record, Topic
from rules.loading.faults import closest
from rules.quantities import QuantityError, read_span

START = 1767268800.0
"""When stories begin, in Unix seconds."""

HOUR, DAY, WEEK, YEAR = 3600.0, 86400.0, 604800.0, 31536000.0
PARTS: dict[str, type[Record]] = {
    "author": Author,
    "topic": Topic,
    "post": Post,
    "category": Category,
    "conversation": Conversation,
}

NAMES = {
    "author": {
        "name": "username",
        "id": "userId",
        "ip": "ipAddress",
        "country": "countryCode",
        "groups": "userGroups",
        "custom": "customFields",
        "account_age": "joinDateTimestamp",
        "last_visit": "lastVisitTimestamp",
    },
    "topic": {"id": "topicId", "age": "createdTimestamp", "idle": "lastPostTimestamp"},
    "post": {
        "id": "postId",
        "body": "messageText",
        "html": "message",
        "likes": "likeCount",
        "dislikes": "dislikeCount",
        "reports": "reportCount",
        "item_age": "createdTimestamp",
    },
    "category": {"id": "categoryId", "name": "name", "parent": "parentName"},
    "conversation": {"id": "conversationId", "title": "subject", "body": "messageText", "html": "message"},
}
"""Rule fields by the event's name for the same thing; other names are spelled in either way."""

ENTRIES: dict[tuple[str, str], type[Record]] = {
    ("post", "attachments"): Attachment,
    ("post", "author"): Person,
    ("conversation", "participants"): Person,
}
"""What the entries of a part's lists, and the persons in it, are."""

AGES = {"account_age", "last_visit", "age", "idle", "item_age"}
SHORT = {"body", "html", "likes", "dislikes", "reports", "pending", "item_age", "attachments"}


class SampleError(ValueError):
    """What was written is no event; the text says why."""


def make_event(written: Mapping[str, Any], *, number: int = 1, default_type: str = "post.created") -> Event:
    """The event that `written` describes, filled up. `number` tells the events of a story apart. Raises SampleError."""
    kind = written.get("type", default_type)
    if not isinstance(kind, str):
        raise SampleError("`type` is the name of an event, as post.created")
    at = _moment(written.get("at"))
    parts = _parts(written, kind, at)
    filled: dict[str, Any] = {"type": kind, "at": at, "id": written.get("id"), "forum": written.get("forum")}
    for name, usual in _usual(kind, at, number).items():
        given = parts.pop(name, {})
        filled[name] = _filled(name, given, usual)
    filled.update(parts)
    try:
        return Event.model_validate(filled)
    except ValidationError as error:
        first = error.errors()[0]
        raise SampleError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def _moment(at: Any) -> float:
    if at is None:
        return START
    if isinstance(at, int | float) and not isinstance(at, bool):
        return float(at)
    try:
        return START + read_span(str(at))
    except QuantityError as error:
        raise SampleError(f"at: {error}; {error.suggestion}") from None


def _parts(written: Mapping[str, Any], kind: str, at: float) -> dict[str, dict[str, Any]]:
    parts: dict[str, dict[str, Any]] = {}
    for key, value in written.items():
        if key in ("type", "at", "id", "forum", "expect"):
            continue
        part, name = _place_of(key, kind)
        given = value if name is None else {name: value}
        if part == "category" and not isinstance(given, Mapping):
            given = {"id" if isinstance(given, int) else "name": given}
        if not isinstance(given, Mapping):
            raise SampleError(f"`{key}` is a mapping")
        parts.setdefault(part, {}).update(_named(part, given, at))
    return parts


def _place_of(key: str, kind: str) -> tuple[str, str | None]:
    """Which part of the event a key speaks of, and the name there; no name for a whole part."""
    head, _, rest = key.partition(".")
    if head in PARTS:
        return head, rest or None
    private = kind.startswith(("conversation.", "message."))
    if key == "title":
        return ("conversation", "title") if private else ("topic", "title")
    if key in SHORT:
        return ("conversation" if private else "post"), key
    raise SampleError(f"an event has no {key!r}; it has {', '.join(PARTS)}, title and body")


def _named(part: str, given: Mapping[str, Any], at: float) -> dict[str, Any]:
    known = {field.alias or name for name, field in PARTS[part].model_fields.items()}
    found = {}
    for written, value in given.items():
        name = NAMES[part].get(written) or _camel(written)
        if part == "category" and name == "parentName" and isinstance(value, int):
            name = "parentId"
        if name not in known:
            raise SampleError(_unknown(part, written, {*NAMES[part], *known}))
        if name in ("userGroups", "tags") and isinstance(value, str):
            value = [value]  # noqa: PLW2901
        aged = written in AGES and value is not None
        found[name] = at - _seconds(written, value) if aged else _inner(part, name, value, at)
    return found


def _inner(part: str, name: str, value: Any, at: float) -> Any:
    """A value that is itself a mapping, or a list of them, with the event's names."""
    if part == "topic" and name == "author" and isinstance(value, Mapping):
        return _named("author", value, at)
    shape = ENTRIES.get((part, name))
    if shape is None:
        return value
    if isinstance(value, list):
        return [_entry(shape, f"{part}.{name}", one) for one in value]
    return _entry(shape, f"{part}.{name}", value)


def _entry(shape: type[Record], what: str, value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    known = {field.alias or name for name, field in shape.model_fields.items()}
    for written in value:
        if _camel(written) not in known:
            raise SampleError(_unknown(what, written, known))
    return {_camel(written): inner for written, inner in value.items()}


def _unknown(what: str, written: str, known: Iterable[str]) -> str:
    near = closest(written, known)
    return f"{what} has no {written!r}" + (f"; did you mean {near!r}?" if near else "")


def _seconds(name: str, value: Any) -> float:
    try:
        return read_span(str(value))
    except QuantityError as error:
        raise SampleError(f"{name}: {error}; {error.suggestion}") from None


def _camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(word.capitalize() for word in tail)


def _filled(part: str, given: dict[str, Any], usual: dict[str, Any]) -> dict[str, Any]:
    texts = {"message", "messageText"}
    left_out = texts if part in ("post", "conversation") and texts & set(given) else set()
    filled = {**{name: value for name, value in usual.items() if name not in left_out}, **given}
    if part == "topic" and isinstance(filled.get("author"), Mapping):
        filled["author"] = {**(usual["author"] or {}), **filled["author"]}
    return filled


def _usual(kind: str, at: float, number: int) -> dict[str, dict[str, Any]]:
    """The unremarkable parts of an event of that type."""
    group = kind.split(".", 1)[0]
    author = _member(at, born=kind == "user.created")
    if group == "user":
        return {"author": author}
    if group in ("conversation", "message"):
        return {"author": author, "conversation": _conversation(number)}
    parts = {"author": author, "topic": _topic(at, kind, number), "category": {"categoryId": 1, "name": "General"}}
    if group == "topic" and kind != "topic.created":
        return parts
    return {**parts, "post": _post(at, kind, number)}


def _member(at: float, *, born: bool) -> dict[str, Any]:
    return {
        "userId": 101,
        "username": "wren",
        "email": "wren@example.org",
        "ipAddress": "192.0.2.10",
        "countryCode": "GB",
        "joinDateTimestamp": at if born else at - YEAR,
        "postCount": 0 if born else 100,
        "reputation": 0 if born else 10,
        "userGroups": ["Members"],
        "lastVisitTimestamp": None if born else at - DAY,
        "customFields": {},
        "isModerator": False,
    }


def _topic(at: float, kind: str, number: int) -> dict[str, Any]:
    new = kind == "topic.created"
    return {
        "topicId": 600 + number if new else 501,
        "title": "A quiet corner",
        "tags": [],
        "locked": False,
        "pinned": False,
        "replyCount": 0 if new else 4,
        "viewCount": 0 if new else 50,
        "createdTimestamp": at if new else at - WEEK,
        "lastPostTimestamp": None if new else at - HOUR,
        "firstPostId": 9000 + number if new else 9000,
        "author": None if new else {**_member(at, born=False), "userId": 102, "username": "marlow"},
    }


def _post(at: float, kind: str, number: int) -> dict[str, Any]:
    return {
        "postId": 9000 + number,
        "topicId": 600 + number if kind == "topic.created" else 501,
        "messageText": "Nothing out of the ordinary here.",
        "pending": False,
        "likeCount": 0,
        "dislikeCount": 0,
        "reportCount": 0,
        "attachments": [],
        "createdTimestamp": at if kind.endswith(".created") else at - HOUR,
        "isFirstPost": kind == "topic.created",
    }


def _conversation(number: int) -> dict[str, Any]:
    return {
        "conversationId": 301,
        "messageId": 4000 + number,
        "subject": "A quiet word",
        "messageText": "Nothing out of the ordinary here.",
    }
