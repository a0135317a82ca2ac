"""Webhook deliveries of UserEcho, built for tests."""

from __future__ import annotations

import base64
import json
from typing import Any

from rules.event import Event
from service.forums.port import Accepted, Delivery, Identified, WebhookTrust
from service.forums.userecho.inbound import identify
from service.forums.userecho.reading import read

NOW = 1_767_270_000.0
SECRET = "a long shared secret"
STANDARD_SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef01234567").decode()
SECRETS = ("an older secret", SECRET, STANDARD_SECRET)
LENIENT, STRICT = WebhookTrust(SECRETS), WebhookTrust(SECRETS, require_signature=True)

WREN = {"id": 101, "name": "wren", "title": "", "avatar_url": ""}
TOPIC: dict[str, Any] = {
    "id": 501,
    "header": "A corner",
    "description": "<p>Hi</p>",
    "author": WREN,
    "comment_count": 2,
}
TOPIC |= {"created": "2026-01-01T12:00:00.000Z", "tags": [], "status": {"id": 1, "name": ""}}
COMMENT: dict[str, Any] = {"id": 9001, "text": "<p>Hello</p>", "author": WREN, "topic_id": 501}


def delivery(hook: Any = "topic.created", data: Any = None, **more: Any) -> dict[str, Any]:
    return {"hook": hook, "created": "2026-01-01T12:10:00.500Z", "data": TOPIC if data is None else data, **more}


def deliver(body: Any, trust: WebhookTrust | None = None, /, **headers: str) -> Identified:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return identify(Delivery(named, raw_of(body), NOW), trust or WebhookTrust())


def raw_of(body: Any) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()


def accepted(body: Any, trust: WebhookTrust | None = None) -> Accepted:
    found = deliver(body, trust)
    assert isinstance(found, Accepted), found
    return found


def event_of(body: Any) -> Event:
    return read(accepted(body).name, raw_of(body), NOW)
