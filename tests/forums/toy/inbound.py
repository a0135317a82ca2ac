"""What the toy's webhooks say, and the items that its API shows as well."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from rules.event import Author, Event, Person, Post, Topic
from service.forums.port import Accepted, Delivery, Identified, Ignored, Rejected, Unreadable, WebhookTrust
from service.forums.signatures import verify
from service.forums.values import Id, Seconds, Text, YesNo, read_json, to_id, to_text

SAMPLES: Mapping[str, Mapping[str, Any]] = {
    "topic.created": {"event": "topic.created", "data": {"id": 501, "title": "A quiet corner", "author": 101}},
    "post.created": {"event": "post.created", "data": {"id": 9001, "topic": 501, "author": 101, "text": "Hello there"}},
}


class Item(BaseModel):
    """A topic, post or user."""

    id: Id = None
    title: Text = None
    text: Text = None
    name: Text = None
    locked: YesNo = None
    topic: Id = None
    author: Id = None
    written: Seconds = None

    def as_topic(self) -> Topic:
        return Topic(topic_id=self.id, title=self.title, locked=self.locked, author=Person(user_id=self.author))

    def as_post(self) -> Post:
        return Post(post_id=self.id, topic_id=self.topic, message=self.text, author=Person(user_id=self.author))


def signature(body: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def sign(body: bytes, secret: str) -> Mapping[str, str]:
    return {"X-Toy": signature(body, secret)}


def identify(delivery: Delivery, trust: WebhookTrust) -> Identified:
    signed = verify(delivery, trust.signing_secrets, "X-Toy", signature)
    if isinstance(signed, Rejected):
        return signed
    if trust.require_signature and not signed:
        return Rejected(401, "signature_missing", "this forum accepts signed webhooks only")
    try:
        body = read_json(delivery.body)
        number = to_id(body["data"].get("id"))
    except (ValueError, TypeError, KeyError, AttributeError):
        return Rejected(400, "body_malformed", "no JSON with `data`")
    kind = to_text(body.get("event")) or ""
    subject = f"{kind}:{number}"
    if kind not in SAMPLES or number is None:
        return Ignored("not known", kind or None, subject, "", signed)
    return Accepted(kind, kind, subject, "", signed)


def read(name: str, raw: bytes, received_at: float) -> Event:
    try:
        item = Item.model_validate(read_json(raw)["data"])
    except ValidationError:
        raise Unreadable(f"{name}: an id is too large") from None
    post = item.as_post() if name == "post.created" else None
    topic = Topic(topic_id=item.topic) if post else item.as_topic()
    return Event(type=name, at=received_at, author=Author(user_id=item.author), topic=topic, post=post)
