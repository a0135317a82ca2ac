"""Read the event of a webhook of Website Toolbox that was accepted (`inbound`). Pure; named by the platform's value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from rules.event import Author, Event, Person, Post, Topic
from service.forums.port import Unreadable
from service.forums.signatures import TOLERANCE
from service.forums.values import read_json, to_moment
from service.forums.websitetoolbox.inbound import own_moment
from service.forums.websitetoolbox.objects import PersonShape, PostShape, TopicShape
from service.forums.websitetoolbox.people import UserShape
from service.forums.websitetoolbox.talks import MessageShape

TIME_KEYS = ("created", "timestamp", "created_at", "createdAt")


def read(name: str, raw: bytes, received_at: float) -> Event:
    """The event of an accepted delivery. Raises Unreadable."""
    body = read_json(raw)
    thing = body["data"]["object"]
    try:
        parts = _PARTS[name.partition(".")[0]](name, thing)
    except ValidationError:
        raise Unreadable(f"{name}: an id has more than 64 bits") from None
    return Event(type=name, at=_moment(body, received_at, own_moment(name, thing)), **parts)


def _topic(kind: str, thing: Mapping[str, Any]) -> Mapping[str, Any]:
    shape = TopicShape.model_validate(thing)
    parts = {"topic": shape.topic(before=shape.first_post_id), "author": _author(shape.author)}
    if kind != "topic.created":
        return parts
    return parts | {"post": Post(post_id=shape.first_post_id, topic_id=shape.topic_id, is_first_post=True)}


def _post(_: str, thing: Mapping[str, Any]) -> Mapping[str, Any]:
    shape = PostShape.model_validate(thing)
    topic = shape.topic.topic(before=shape.post_id) if shape.topic else Topic(topic_id=shape.topic_id)
    parts = {"post": shape.post(), "topic": topic, "author": _author(shape.author)}
    return parts | ({"category": shape.category.category()} if shape.category else {})


def _user(_: str, thing: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"author": UserShape.model_validate(thing).author()}


def _message(_: str, thing: Mapping[str, Any]) -> Mapping[str, Any]:
    shape = MessageShape.model_validate(thing)
    return {"conversation": shape.conversation(), "author": _author(shape.starter())}


_PARTS: Mapping[str, Callable[[str, Mapping[str, Any]], Mapping[str, Any]]] = {
    "topic": _topic,
    "post": _post,
    "user": _user,
    "conversation": _message,
    "message": _message,
}
"""The parts of an event, by the noun in its type."""


def _author(person: Person | PersonShape | None) -> Author | None:
    return Author(user_id=person.user_id, username=person.username) if person else None


def _moment(body: Mapping[str, Any], received_at: float, own: float | None) -> float:
    """The first moment told that is not in the future; else the receipt."""
    told = (*(to_moment(body[key]) for key in TIME_KEYS if key in body), own)
    latest = received_at + TOLERANCE
    return next((moment for moment in told if moment is not None and moment <= latest), received_at)
