"""The simulated project itself: its records, and the changes that people and the API make to them.

Records have the fields of the reference's objects. Every change also keeps the webhook that the platform would send
(platform-facts.md, 2.1). Imported by the simulator's modules alone.
"""

from __future__ import annotations

import itertools
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from service.forums.simulated import Listener
from service.forums.userecho.simulator.reference import ApiError, shaped

Row = dict[str, Any]
Table = dict[int, Row]

MOST_WEBHOOKS = 10_000

SINGULAR = {"forums": "Forum", "types": "Type", "categories": "Category", "tags": "Tag", "topics": "Topic"}
SINGULAR |= {"comments": "Comment", "users": "User", "user_groups": "User group", "hooks": "Hook"}

NEW, CLOSED = 1, 20
STATUSES = {NEW: "New", 17: "Under review", CLOSED: "Completed"}


@dataclass(slots=True)
class State:
    """Everything that the project holds. Tables are by id; ids above 10,000 are new."""

    clock: Callable[[], float] = time.time
    forums: Table = field(default_factory=dict)
    types: Table = field(default_factory=dict)
    categories: Table = field(default_factory=dict)
    tags: Table = field(default_factory=dict)
    topics: Table = field(default_factory=dict)
    comments: Table = field(default_factory=dict)
    users: Table = field(default_factory=dict)
    user_groups: Table = field(default_factory=dict)
    hooks: Table = field(default_factory=dict)
    files: Table = field(default_factory=dict)
    access: dict[int, list[str]] = field(default_factory=dict)
    voters: dict[int, list[Row]] = field(default_factory=dict)
    logged_out: list[int] = field(default_factory=list)
    webhooks: deque[Row] = field(default_factory=lambda: deque(maxlen=MOST_WEBHOOKS))
    listeners: list[Listener] = field(default_factory=list)
    """Told of every webhook as it happens."""
    ids: itertools.count[int] = field(default_factory=lambda: itertools.count(10_001))

    def now(self) -> str:
        """The moment as the API writes it: ISO 8601 with milliseconds and Z."""
        return written(self.clock())

    def tell(self, hook: str, row: Mapping[str, Any]) -> Row:
        """Keep the webhook of a happening."""
        thing = {**shaped(hook.partition(".")[0], row), **_places(row)}
        envelope: Row = {"hook": hook, "created": self.now(), "data": thing}
        self.webhooks.append(envelope)
        for listen in self.listeners:
            listen(hook, envelope)
        return envelope

    def one(self, table: str, number: object) -> Row:
        """A record. Raises ApiError where there is none."""
        rows: Table = getattr(self, table)
        row = rows.get(number) if isinstance(number, int) else None
        if row is None:
            raise ApiError(f"{SINGULAR[table]} does not exist")
        return row

    def add(self, table: str, fields: Mapping[str, Any]) -> Row:
        """A new record."""
        number = next(self.ids)
        rows: Table = getattr(self, table)
        rows[number] = {**fields, "id": number}
        return rows[number]

    def add_topic(self, author: Row, forum_id: int, fields: Mapping[str, Any]) -> Row:
        """Somebody starts a topic."""
        now = self.now()
        topic = self.add(
            "topics", {"forum": self._name("forums", forum_id), "vote": {}, "created": now, "comment_count": 0}
        )
        topic |= {"author": person(author), "custom_fields": [], "description": "", "tags": [], "category": None}
        topic |= {"url": f"https://project.example/topics/{topic['id']}", "needs_review": False}
        self._write(topic, {"status": NEW, **fields})
        self.tell("topic.created", topic)
        return topic

    def change_topic(self, topic: Row, fields: Mapping[str, Any]) -> Row:
        """Change a topic. The platform has no event for it."""
        self._write(topic, fields)
        return topic

    def _write(self, topic: Row, fields: Mapping[str, Any]) -> None:
        """Take the fields of a create or an update over, ids as the objects that they name."""
        named = {"type": "types", "category": "categories"}
        changes = {
            name: fields[name] for name in ("header", "description", "show_voter", "needs_review") if name in fields
        }
        changes |= {name: self._name(table, fields[name]) for name, table in named.items() if name in fields}
        if "tags" in fields:
            changes["tags"] = [self._name("tags", number) for number in fields["tags"]]
        if "custom_fields" in fields:
            changes["custom_fields"] = [_custom(code, value) for code, value in fields["custom_fields"].items()]
        if "status" in fields:
            changes["status"] = self._status(fields["status"])
        topic |= {**changes, "updated": self.now()}

    def _name(self, table: str, number: int | None) -> Row | None:
        row = None if number is None else self.one(table, number)
        return row and {"id": row["id"], "name": row["name"]}

    def _status(self, number: int) -> Row:
        if number not in STATUSES:
            raise ApiError("Status does not exist")
        return {"id": number, "name": STATUSES[number], "color": "999999", "updated": self.now()}

    def remove_topic(self, topic: Row) -> None:
        """Delete a topic and its comments."""
        for comment in self.comments_of(topic["id"]):
            del self.comments[comment["id"]]
        del self.topics[topic["id"]]
        self.tell("topic.deleted", topic)

    def add_comment(self, author: Row, topic: Row, text: str, *, official: bool = False) -> Row:
        """Somebody comments on a topic."""
        comment = self.add("comments", {"topic_id": topic["id"], "created": self.now(), "author": person(author)})
        comment |= {"text": text, "is_official": official}
        topic["comment_count"] += 1
        self.tell("comment.created", comment)
        return comment

    def remove_comment(self, comment: Row) -> None:
        """Delete a comment, as staff can on the site."""
        del self.comments[comment["id"]]
        self.topics[comment["topic_id"]]["comment_count"] -= 1
        self.tell("comment.deleted", comment)

    def add_user(self, email: str, name: str) -> Row:
        """A new user of the project."""
        now = self.now()
        user = self.add(
            "users", {"email": email, "name": name, "date_joined": now, "last_activity": now, "rating": 0.0}
        )
        user |= {"is_staff": False, "is_authenticated": True, "groups": []}
        return user

    def comments_of(self, topic_id: int) -> list[Row]:
        """A topic's comments, oldest first."""
        return [row for row in self.comments.values() if row["topic_id"] == topic_id]

    def snapshot(self) -> Row:
        """Everything there is, for people and tests: lists of records."""
        tables = (
            "forums",
            "types",
            "categories",
            "tags",
            "topics",
            "comments",
            "users",
            "user_groups",
            "hooks",
            "files",
        )
        lists = {name: list(getattr(self, name).values()) for name in tables}
        return {**lists, "access": self.access, "logged_out": self.logged_out}


def written(moment: float) -> str:
    """Unix seconds as the API writes a moment."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def person(user: Mapping[str, Any]) -> Row:
    """A user as other objects mention one."""
    return {"id": user["id"], "name": user["name"], "title": "", "avatar_url": ""}


def _custom(code: str, value: object) -> Row:
    number = int("".join(filter(str.isdigit, code)) or 0)
    return {"id": number, "code_name": code, "name": code, "value": str(value)}


def _places(row: Mapping[str, Any]) -> Row:
    """Where a topic is: not in the vendor's example of a topic, but in clients' (platform-facts.md, 2.3)."""
    return {name: row[name] for name in ("forum", "category") if name in row}
