"""Read the event of a webhook of UserEcho that was accepted (`inbound`). Pure; named by the platform's value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from rules.event import Author, Event, Person
from service.forums.port import Unreadable
from service.forums.signatures import TOLERANCE
from service.forums.userecho.inbound import EVENTS
from service.forums.userecho.items import CommentShape, TopicShape
from service.forums.values import read_json, to_moment


def read(name: str, raw: bytes, received_at: float) -> Event:
    """The event of an accepted delivery. Raises Unreadable."""
    body = read_json(raw)
    try:
        created, parts = _topic(body["data"]) if name.startswith("topic.") else _comment(body["data"])
    except ValidationError:
        raise Unreadable(f"{name}: an id has more than 64 bits") from None
    own = created if name.endswith(".created") else None
    return Event(type=EVENTS[name], at=_moment(body, received_at, own), **parts)


def _topic(thing: Mapping[str, Any]) -> tuple[float | None, Mapping[str, Any]]:
    """When it was made, and its event's parts."""
    shape = TopicShape.model_validate(thing)
    parts = {"topic": shape.topic(), "post": shape.own_text(), "author": _author(shape.person())}
    return shape.created, {**parts, "category": shape.event_category()}


def _comment(thing: Mapping[str, Any]) -> tuple[float | None, Mapping[str, Any]]:
    """When it was made, and its event's parts."""
    shape = CommentShape.model_validate(thing)
    place = (shape.topic or TopicShape()).model_copy(update={"id": shape.in_topic})
    parts = {"post": shape.post(), "topic": place.topic(), "author": _author(shape.person())}
    return shape.created, {**parts, "category": place.event_category()}


def _author(person: Person | None) -> Author | None:
    return Author(user_id=person.user_id, username=person.username) if person else None


def _moment(body: Mapping[str, Any], received_at: float, own: float | None) -> float:
    """The first moment told that is not in the future; else the receipt."""
    told = (to_moment(body.get("created")), own)
    latest = received_at + TOLERANCE
    return next((moment for moment in told if moment is not None and moment <= latest), received_at)
