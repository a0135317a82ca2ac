"""Webhook deliveries of Website Toolbox, built for tests."""

from __future__ import annotations

import base64
import json
from typing import Any

from rules.event import Event
from service.forums.port import Accepted, Delivery, Identified, WebhookTrust
from service.forums.websitetoolbox.inbound import identify
from service.forums.websitetoolbox.reading import read

NOW = 1_767_270_000.0
SECRET = "a long shared secret"
STANDARD_SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef01234567").decode()
SECRETS = ("an older secret", SECRET, STANDARD_SECRET)

POST = {"postId": 9001, "topicId": 501, "message": "<p>Hi</p>", "messageText": "Hi", "pending": False}
POST |= {"postTimestamp": 1_767_268_800, "editTimestamp": 0, "author": {"userId": 101, "username": "wren"}}
TOPIC = {"topicId": 501, "title": "A corner", "categoryId": 1, "firstPostId": 8001, "dateTimestamp": 1_767_268_700}
USER = {"userId": 103, "username": "pip", "joinDateTimestamp": 1_767_268_600, "userGroups": [4]}


def envelope(kind: str = "post.created", thing: Any = None, **more: Any) -> dict[str, Any]:
    return {"api_version": "1", "type": kind, "data": {"object": POST if thing is None else thing}, **more}


def deliver(body: Any, trust: WebhookTrust | None = None, /, **headers: str) -> Identified:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return identify(Delivery(named, raw_of(body), NOW), trust or WebhookTrust())


def raw_of(body: Any) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()


def accepted(body: Any, trust: WebhookTrust | None = None, /, **headers: str) -> Accepted:
    found = deliver(body, trust, **headers)
    assert isinstance(found, Accepted), found
    return found


def event_of(body: Any, trust: WebhookTrust | None = None) -> Event:
    return read(accepted(body, trust).name, raw_of(body), NOW)


def identity(body: Any, **headers: str) -> tuple[str, str]:
    found = accepted(body, None, **headers)
    return found.subject, found.version


RAW = json.dumps(envelope()).encode()
LENIENT, STRICT = WebhookTrust(SECRETS), WebhookTrust(SECRETS, require_signature=True)
