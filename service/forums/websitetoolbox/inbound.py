"""Verify and identify a webhook of Website Toolbox; `reading` reads it. Pure: nothing here waits.

Where the documents are silent (the type's key, ids, signatures) the choices are those of platform-facts.md, 1.5.
Imported by the platform's value, `reading` and tests.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from service.forums.port import Accepted, Delivery, Identified, Ignored, Rejected, WebhookTrust
from service.forums.signatures import verify
from service.forums.values import read_json, to_id, to_seconds, to_text
from service.forums.websitetoolbox.signature import HEADER, signature

EVENT_KEYS = ("type", "event", "event_type", "eventType", "name", "value")
"""Where the event type may be: its key is in no stored copy of the documents."""

ID_KEYS = ("id", "event_id", "eventId")

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

MOMENTS: Mapping[str, str] = {
    "topic.created": "dateTimestamp",
    "post.created": "postTimestamp",
    "post.updated": "editTimestamp",
    "user.created": "joinDateTimestamp",
    "conversation.created": "dateTimestamp",
    "message.created": "dateTimestamp",
}
"""Where an object itself names the moment of its event."""

_TYPE = re.compile(r"[A-Za-z_]{1,40}(?:\.[A-Za-z_]{1,40}){1,2}")
_LONGEST_ID = 200


def identify(delivery: Delivery, trust: WebhookTrust) -> Identified:
    """Verify the signature over the raw bytes, then tell which happening it is. Never raises."""
    signed = verify(delivery, trust.signing_secrets, HEADER, signature)
    if isinstance(signed, Rejected):
        return signed
    if trust.require_signature and not signed:
        return Rejected(401, "signature_missing", "this forum accepts signed webhooks only")
    body = _parse(delivery.body)
    if isinstance(body, str):
        return Rejected(400, "body_malformed", body)
    return _identify(delivery, body, find_type(body, trust.event_keys), signed=signed)


def _parse(raw: bytes) -> dict[str, Any] | str:
    """The envelope, or what is wrong with it."""
    try:
        body = read_json(raw)
    except ValueError:
        return "the body is not JSON in UTF-8, or nests over 200 levels deep"
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, dict) or not isinstance(data.get("object"), dict):
        return "the body has no `data` with an `object` in it"
    return dict(body)


def find_type(body: Mapping[str, Any], event_keys: tuple[str, ...]) -> str | None:
    """The event's type: the first known one under the candidate keys, else the first that has the form of one."""
    found = [value for key in (*event_keys, *EVENT_KEYS) if isinstance(value := body.get(key), str)]
    known = next((value for value in found if value in KNOWN), None)
    return known or next((value for value in found if _TYPE.fullmatch(value)), None)


def _identify(delivery: Delivery, body: Mapping[str, Any], kind: str | None, *, signed: bool) -> Identified:
    if kind is None or kind not in KNOWN:
        reason = "no event type was found" if kind is None else "the event type is not known"
        return Ignored(reason, kind, f"{kind or 'unknown'}:{_digest(delivery.body)}", "", signed)
    noun, thing = kind.partition(".")[0], body["data"]["object"]
    try:
        number = to_id(thing.get(f"{noun}Id"))
    except ValueError:
        return Rejected(400, "body_malformed", f"{kind}: an id has more than 64 bits")
    if number is None:
        return Ignored(f"{kind} without {noun}Id", kind, f"{kind}:{_digest(delivery.body)}", "", signed)
    moment, given = own_moment(kind, thing), _given_id(delivery, body)
    subject, version = _identity(f"{kind}:{number}", moment, given, delivery.body)
    return Accepted(kind, kind, subject, version, signed, subject if moment is not None else "")


def _given_id(delivery: Delivery, body: Mapping[str, Any]) -> str | None:
    """The platform's own id of the happening, bounded."""
    told = (delivery.headers.get("webhook-id"), *map(body.get, ID_KEYS))
    given = next((text for value in told if value is not None and (text := (to_text(value) or "").strip())), None)
    return given if given is None or len(given) <= _LONGEST_ID else _digest(given.encode())


def own_moment(kind: str, thing: Mapping[str, Any]) -> float | None:
    """The moment that the object itself names, in Unix seconds."""
    return to_seconds(thing.get(MOMENTS[kind])) if kind in MOMENTS else None


def _identity(happening: str, moment: float | None, given: str | None, raw: bytes) -> tuple[str, str]:
    """Subject and version: what makes two deliveries the same happening (platform-facts.md, 1.5)."""
    if given is not None:
        return f"id:{given}:{happening}", ""
    if happening.partition(":")[0] in HAPPENS_ONCE:
        return happening, ""
    if moment is not None:
        return f"{happening}:{moment:.3f}", _digest(raw)  # its clock has whole seconds: two edits may share one
    return happening, _digest(raw)


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
