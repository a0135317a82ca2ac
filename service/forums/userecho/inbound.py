"""Verify and identify a webhook of UserEcho; `reading` reads it. Pure: nothing here waits.

A delivery is `hook` (the event's name), `created` (ISO 8601) and `data` (the topic or comment as the API has it), and
has no id of its own (platform-facts.md, 2.1). What its names become:

- `topic.created` and `topic.deleted` keep theirs, with the topic's own text as its first post;
- `comment.created` and `comment.deleted` are `post.created` and `post.deleted`;
- `topic.accepted` and `comment.accepted`, a moderator's yes, are `post.approved`: of a topic, of its first post;
- `topic.satisfaction_changed` and `topic.satisfaction_received` keep their names.

Imported by the platform's value, `reading` and tests.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from service.forums.port import Accepted, Delivery, Identified, Ignored, Rejected, WebhookTrust
from service.forums.signatures import verify
from service.forums.userecho.signature import HEADER, signature
from service.forums.values import read_json, to_id

EVENTS: Mapping[str, str] = {
    "topic.created": "topic.created",
    "topic.accepted": "post.approved",
    "topic.deleted": "topic.deleted",
    "topic.satisfaction_changed": "topic.satisfaction_changed",
    "topic.satisfaction_received": "topic.satisfaction_received",
    "comment.created": "post.created",
    "comment.accepted": "post.approved",
    "comment.deleted": "post.deleted",
}
"""The platform's events (the article's and the hook API's names for the same are both read), and ours."""

HAPPENS_ONCE = frozenset(name for name in EVENTS if "satisfaction" not in name)
"""Events that one object has once: its id is the whole identity, since `created` may differ from send to send."""

EVENT_KEY = "hook"

_NAME = re.compile(r"[A-Za-z_]{1,40}(?:\.[A-Za-z_]{1,40}){1,2}")


def identify(delivery: Delivery, trust: WebhookTrust) -> Identified:
    """Verify the signature over the raw bytes, then tell which happening it is. Never raises."""
    signed = verify(delivery, trust.signing_secrets, HEADER, signature, fold=True)
    if isinstance(signed, Rejected):
        return signed
    if trust.require_signature and not signed:
        return Rejected(401, "signature_missing", "this forum accepts signed webhooks only")
    body = _parse(delivery.body)
    if isinstance(body, str):
        return Rejected(400, "body_malformed", body)
    return _identify(delivery, body, find_name(body, trust.event_keys), signed=signed)


def _parse(raw: bytes) -> dict[str, Any] | str:
    """The body, or what is wrong with it."""
    try:
        body = read_json(raw)
    except ValueError:
        return "the body is not JSON in UTF-8, or nests over 200 levels deep"
    if not isinstance(body, dict) or not isinstance(body.get("data"), dict):
        return "the body has no `data` that is an object"
    return body


def find_name(body: Mapping[str, Any], event_keys: tuple[str, ...]) -> str | None:
    """The platform's name of the event: a known one under the candidate keys, else the first that has the form."""
    found = [value for key in (*event_keys, EVENT_KEY) if isinstance(value := body.get(key), str)]
    shaped = [value for value in found if _NAME.fullmatch(value)]
    return next((value for value in shaped if value in EVENTS), shaped[0] if shaped else None)


def _identify(delivery: Delivery, body: Mapping[str, Any], name: str | None, *, signed: bool) -> Identified:
    if name is None or name not in EVENTS:
        reason = "no event type was found" if name is None else "the event type is not known"
        return Ignored(reason, name, f"{name or 'unknown'}:{_digest(delivery.body)}", "", signed)
    try:
        number = to_id(body["data"].get("id"))
    except ValueError:
        return Rejected(400, "body_malformed", f"{name}: an id has more than 64 bits")
    if number is None:
        subject = f"{name}:{_digest(delivery.body)}"
        return Ignored(f"{name} without an id in `data`", EVENTS[name], subject, "", signed)
    version = "" if name in HAPPENS_ONCE else _digest(json.dumps(body["data"], sort_keys=True).encode())
    return Accepted(name, EVENTS[name], f"{name}:{number}", version, signed)


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
