"""Events as a forum sends them (event.md), spelled out in full, and what rules make of them."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from rules.decision import Decision
from rules.event import Event
from rules.ruleset import load_text
from rules.state.memory import MemoryState
from rules.testing import decide_alone

AT = 1767268800
"""Thursday, 1 January 2026, noon (UTC)."""

DAY = 86400

_POST: dict[str, Any] = {
    "type": "post.created",
    "at": AT,
    "topic": {
        "topicId": 501,
        "title": "A quiet corner",
        "categoryId": 1,
        "tags": [],
        "locked": False,
        "pinned": False,
        "replyCount": 4,
        "author": {"userId": 102, "username": "marlow"},
    },
    "post": {"postId": 9001, "topicId": 501, "message": "<p>hello</p>", "pending": False, "isFirstPost": False},
    "author": {
        "userId": 101,
        "username": "wren",
        "email": "wren@mail.example.org",
        "ipAddress": "192.0.2.10",
        "joinDateTimestamp": 1732708800,
        "postCount": 120,
        "reputation": 12,
        "userGroups": ["Members"],
        "countryCode": "GB",
        "customFields": {"Home Town": "Oslo"},
    },
    "category": {"categoryId": 1, "name": "General", "parentId": None},
}


def post(**changed: Any) -> dict[str, Any]:
    """A reply. `body` is its HTML, `post__pending` a key of a part, all else a key of the event."""
    event = deepcopy(_POST)
    for name, value in changed.items():
        part, _, key = name.partition("__")
        if name == "body":
            event["post"]["message"] = value
        elif key:
            event[part][key] = value
        else:
            event[name] = value
    return event


def numbered(number: int, seconds: float = 0, **changed: Any) -> dict[str, Any]:
    """One of several replies: its id is 9000 and its number, and it comes so many seconds after noon."""
    return post(at=AT + seconds, post__postId=9000 + number, **changed)


def topic(title: str = "A quiet corner", **changed: Any) -> dict[str, Any]:
    """A new topic with its first post."""
    event = post(type="topic.created", topic__title=title, post__isFirstPost=True, **changed)
    event["topic"]["author"] = {"userId": 101, "username": "wren"}
    return event


def user(**changed: Any) -> dict[str, Any]:
    """A sign-up."""
    event = post(**{"type": "user.created", **changed})
    return {name: part for name, part in event.items() if name not in ("topic", "post", "category")}


def message() -> dict[str, Any]:
    """A message of a conversation."""
    talk = {"conversationId": 5, "messageId": 6, "subject": "Hi", "message": "<p>hello</p>"}
    return {**user(type="message.created"), "conversation": talk}


BARE_TOPIC = {name: part for name, part in post(type="topic.updated").items() if name != "post"}
"""A topic was changed, and the event brings no post."""

UPDATED_USER = user(type="user.updated")
TWO_FILES = post(
    post__attachments=[
        {"name": "a.png", "type": "image/png", "size": 2000},
        {"name": "b.exe", "type": "application/x", "size": 10},
    ]
)


def decided(rules: str, events: list[dict[str, Any]]) -> Decision:
    """What is decided about the last event, those before it remembered."""
    ruleset, state = load_text(rules).as_live(), MemoryState()
    decisions = [
        decide_alone(ruleset, Event.model_validate(event), state, f"line {line}") for line, event in enumerate(events)
    ]
    return decisions[-1]


def holds(checks: str, event: dict[str, Any]) -> bool | None:
    """Whether a rule with these checks acts on the event; None if that is unknown."""
    found = decided(f"name: r\n{checks}\nmoderators_exempt: false\nnotify_moderators: true\n", [event])
    return None if found.unknown else bool(found.actions)


def done(rules: str, events: list[dict[str, Any]]) -> list[str]:
    """The actions on the last event, as delete:post:9001, and the rules whose verdict is unknown, as ?name."""
    found = decided(rules, events)
    acts = [f"{one.action}:{one.target.kind}:{one.target.id}" for one in found.actions]
    return [*acts, *(f"?{rule}" for rule in found.unknown)]
