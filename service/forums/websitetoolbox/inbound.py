"""Verify and read a webhook of Website Toolbox. Pure: a delivery in, a reading out; nothing here raises or waits.

Where the documents are silent (the type's key, ids, signatures) the choices are those of platform-facts.md, 1.5.
Imported by the platform's value and tests.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from rules.event import Author, Event, Person, Post, Topic
from service.forums.port import Accepted, Delivery, Ignored, Reading, Rejected, WebhookTrust
from service.forums.signatures import TOLERANCE, verify
from service.forums.values import read_json, to_moment, to_text
from service.forums.websitetoolbox.objects import PersonShape, PostShape, TopicShape
from service.forums.websitetoolbox.people import UserShape
from service.forums.websitetoolbox.signature import HEADER, signature
from service.forums.websitetoolbox.talks import MessageShape

EVENT_KEYS = ("type", "event", "event_type", "eventType", "name", "value")
"""Where the event type may be: its key is in no stored copy of the documents."""

ID_KEYS = ("id", "event_id", "eventId")
TIME_KEYS = ("created", "timestamp", "created_at", "createdAt")

HAPPENS_ONCE = frozenset(
    {
        *("post.created", "post.deleted", "topic.created", "topic.deleted", "user.created", "user.deleted"),
        *("conversation.created", "message.created"),
    }
)
"""Events that one object has once: its id is the whole identity."""

KNOWN = HAPPENS_ONCE | {
    *("post.approved", "post.updated", "topic.updated", "user.approved", "user.updated", "user.email.verified"),
    *("user.payment.received", "user.paid_subscription.started", "user.paid_subscription.ended"),
}
"""The event types of platform-facts.md, 1.1."""

_TYPE = re.compile(r"[A-Za-z_]{1,40}(?:\.[A-Za-z_]{1,40}){1,2}")
_LONGEST_ID = 200


def read(delivery: Delivery, trust: WebhookTrust) -> Reading:
    """Verify the signature over the raw bytes, then read the event. Never raises."""
    signed = verify(delivery, trust.signing_secrets, HEADER, signature)
    if isinstance(signed, Rejected):
        return signed
    if trust.require_signature and not signed:
        return Rejected(401, "signature_missing", "this forum accepts signed webhooks only")
    body = _parse(delivery.body)
    if isinstance(body, str):
        return Rejected(400, "body_malformed", body)
    return _interpret(delivery, body, find_type(body, trust.event_keys), signed=signed)


def _parse(raw: bytes) -> dict[str, Any] | str:
    """The envelope, or what is wrong with it."""
    try:
        body = read_json(raw)
    except ValueError:
        return "the body is not JSON in UTF-8"
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, dict) or not isinstance(data.get("object"), dict):
        return "the body has no `data` with an `object` in it"
    return dict(body)


def find_type(body: Mapping[str, Any], event_keys: tuple[str, ...]) -> str | None:
    """The event's type: the first known one under the candidate keys, else the first that has the form of one."""
    found = [value for key in (*event_keys, *EVENT_KEYS) if isinstance(value := body.get(key), str)]
    shaped = [value for value in found if _TYPE.fullmatch(value)]
    return next((value for value in shaped if value in KNOWN), shaped[0] if shaped else None)


def _interpret(delivery: Delivery, body: Mapping[str, Any], kind: str | None, *, signed: bool) -> Reading:
    digest = hashlib.sha256(delivery.body).hexdigest()
    if kind is None or kind not in KNOWN:
        reason = "no event type was found" if kind is None else "the event type is not known"
        return Ignored(reason, kind, f"{kind or 'unknown'}:{digest}", "", signed)
    noun = kind.partition(".")[0]
    try:
        happening = _HAPPENINGS[noun](kind, body["data"]["object"])
    except ValidationError:
        return Rejected(400, "body_malformed", f"{kind}: an id has more than 64 bits")
    if happening.id is None:
        return Ignored(f"{kind} without {noun}Id", kind, f"{kind}:{digest}", "", signed)
    given = _given_id(delivery, body)
    event = Event(type=kind, id=given, at=_moment(delivery, body, happening), **happening.parts)
    subject, version = _identity(kind, happening, given, digest)
    return Accepted(event, subject, version, signed, subject if happening.moment is not None else "")


@dataclass(frozen=True, slots=True)
class Happening:
    """An object as its event tells it: its id, the moment that it names itself, and the event's parts."""

    id: int | None
    moment: float | None
    parts: Mapping[str, Any]


def _topic(kind: str, thing: Mapping[str, Any]) -> Happening:
    shape = TopicShape.model_validate(thing)
    created = kind == "topic.created"
    parts: dict[str, Any] = {
        "topic": shape.topic(before=shape.first_post_id),
        "author": _author(shape.author),
    }
    if created:
        parts["post"] = Post(post_id=shape.first_post_id, topic_id=shape.topic_id, is_first_post=True)
    return Happening(shape.topic_id, shape.date_timestamp if created else None, parts)


def _post(kind: str, thing: Mapping[str, Any]) -> Happening:
    shape = PostShape.model_validate(thing)
    topic = shape.topic.topic(before=shape.post_id) if shape.topic else Topic(topic_id=shape.topic_id)
    parts: dict[str, Any] = {
        "post": shape.post(),
        "topic": topic,
        "author": _author(shape.author),
    }
    if shape.category:
        parts["category"] = shape.category.category()
    own = {"post.created": shape.post_timestamp, "post.updated": shape.edit_timestamp}
    return Happening(shape.post_id, own.get(kind), parts)


def _user(kind: str, thing: Mapping[str, Any]) -> Happening:
    shape = UserShape.model_validate(thing)
    return Happening(
        shape.user_id, shape.join_date_timestamp if kind == "user.created" else None, {"author": shape.author()}
    )


def _message(kind: str, thing: Mapping[str, Any]) -> Happening:
    shape = MessageShape.model_validate(thing)
    parts = {"conversation": shape.conversation(), "author": _author(shape.starter())}
    number = shape.conversation_id if kind == "conversation.created" else shape.message_id
    return Happening(number, shape.date_timestamp, parts)


_HAPPENINGS: Mapping[str, Callable[[str, Mapping[str, Any]], Happening]] = {
    "topic": _topic,
    "post": _post,
    "user": _user,
    "conversation": _message,
    "message": _message,
}


def _author(person: Person | PersonShape | None) -> Author | None:
    return Author(user_id=person.user_id, username=person.username) if person else None


def _given_id(delivery: Delivery, body: Mapping[str, Any]) -> str | None:
    """The platform's own id of the happening, bounded."""
    found = (to_text(value) for value in (delivery.headers.get("webhook-id"), *(body.get(key) for key in ID_KEYS)))
    given = next((value.strip() for value in found if value and value.strip()), None)
    return given if given is None or len(given) <= _LONGEST_ID else hashlib.sha256(given.encode()).hexdigest()


def _moment(delivery: Delivery, body: Mapping[str, Any], happening: Happening) -> float:
    """The first moment told that is not in the future; else the receipt."""
    told = (*(to_moment(body[key]) for key in TIME_KEYS if key in body), happening.moment)
    latest = delivery.received_at + TOLERANCE
    return next((moment for moment in told if moment is not None and moment <= latest), delivery.received_at)


def _identity(kind: str, happening: Happening, given: str | None, digest: str) -> tuple[str, str]:
    """Subject and version: what makes two deliveries the same happening (platform-facts.md, 1.5)."""
    subject = f"{kind}:{happening.id}"
    if given is not None:
        return f"id:{given}:{subject}", ""
    if kind in HAPPENS_ONCE:
        return subject, ""
    if happening.moment is not None:
        return f"{subject}:{happening.moment:.3f}", digest  # its clock has whole seconds: two edits may share one
    return subject, digest
