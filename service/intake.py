"""From an HTTP request to an answer: who is asking, is it genuine, what happened, is it safely stored.

Nothing is answered 200 before it is in Redis. The decision what a body means is the platform's (`inbound.read`, pure);
this module bounds, stores and counts. Imported by `service.app`.
"""

from __future__ import annotations

import hmac
import json
import logging
import random
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from redis.exceptions import RedisError

from service import metrics, tracing
from service.enqueue import Arrival, GroupCommit, Overloaded, Receipt
from service.forums.port import Accepted, Delivery, Ignored, Rejected
from service.labels import event_label
from service.settings import ForumSection

log = logging.getLogger(__name__)

KEPT_BODY_BYTES = 64 * 1024
"""How much of an ignored delivery's body is kept."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the sender is told."""

    status: int
    body: dict[str, Any]
    headers: Mapping[str, str] | None = None
    outcome: str = "rejected"


NOT_FOUND = Answer(404, {"error": "no such webhook"})
UNAVAILABLE = "unavailable"


class Intake:
    """Takes webhooks in for every configured forum."""

    def __init__(self, forums: Mapping[str, ForumSection], commit: GroupCommit) -> None:
        self._forums = forums
        self._commit = commit
        self.has_room = True
        """False while Redis is over its memory budget: deliveries are then answered 503."""

    def forum(self, name: str, token: str) -> ForumSection | None:
        """The forum if the token is its own; unknown forum and wrong token take the same time and look the same."""
        section = self._forums.get(name)
        expected = section.webhook.token.get_secret_value() if section else uuid.uuid4().hex
        matches = hmac.compare_digest(token.encode(), expected.encode())
        return section if section and matches else None

    def refuse(self, name: str | None, reason: str, answer: Answer) -> Answer:
        """Count a refusal; `name` is a configured forum or None."""
        metrics.webhook_rejections.labels(name or "", reason).inc()
        metrics.webhook_requests.labels(name or "", "other", "rejected").inc()
        return answer

    async def receive(self, name: str, section: ForumSection, headers: Mapping[str, str], body: bytes) -> Answer:
        """Read one delivery and store it."""
        received_at = time.time()
        reading = section.on.read(Delivery(headers, body, received_at), section.trust)
        if isinstance(reading, Rejected):
            log.warning("webhook rejected: %s", reading.detail, extra={"forum": name, "reason": reading.reason})
            return self.refuse(name, reading.reason, Answer(reading.status, {"error": reading.detail}))
        answer = await self._store(name, reading, body, received_at)
        type_ = reading.event.type if isinstance(reading, Accepted) else reading.type
        metrics.webhook_requests.labels(name, event_label(type_), answer.outcome).inc()
        return answer

    async def _store(self, name: str, reading: Accepted | Ignored, body: bytes, received_at: float) -> Answer:
        if not self.has_room:
            return unavailable("Redis is over its memory budget")
        try:
            receipt = await self._commit.commit(_arrival(name, reading, body, received_at))
        except (RedisError, OSError, Overloaded) as error:
            log.error("webhook not stored: %s", type(error).__name__, extra={"forum": name})
            return unavailable("Redis is away" if not isinstance(error, Overloaded) else "too many deliveries wait")
        return _accepted(name, reading, receipt)


def _accepted(name: str, reading: Accepted | Ignored, receipt: Receipt) -> Answer:
    metrics.webhook_last_received.labels(name).set_to_current_time()
    if receipt.status == "duplicate":
        metrics.dedupe_hits.labels(name, "ingest").inc()
    why = {"reason": reading.reason} if isinstance(reading, Ignored) else {}
    level = logging.DEBUG if receipt.status == "accepted" else logging.INFO  # of what was accepted `decided` will tell
    log.log(level, "webhook %s", receipt.status, extra={"forum": name, "event": receipt.id, **why})
    return Answer(200, {"status": receipt.status, "id": receipt.id}, outcome=receipt.status)


def unavailable(reason: str) -> Answer:
    """503, and when to come back: soon, and not all senders at once."""
    after = 30 + random.randrange(10)  # noqa: S311 - jitter
    return Answer(503, {"error": f"not stored: {reason}"}, {"Retry-After": str(after)}, UNAVAILABLE)


def _arrival(name: str, reading: Accepted | Ignored, body: bytes, received_at: float) -> Arrival:
    id_ = _event_id(name, reading)
    record = {
        "forum": name,
        "signed": "1" if reading.signed else "0",
        "received_at": repr(received_at),
        "state": "queued" if isinstance(reading, Accepted) else "ignored",
        **tracing.carried(),
    }
    if isinstance(reading, Accepted):
        event = reading.event.model_copy(update={"id": id_, "forum": name})
        record |= {"event": event.to_text(), "happening": reading.happening or id_}
    else:
        record |= {"reason": reading.reason, "body": body[:KEPT_BODY_BYTES].decode("utf-8", "replace")}
    seen = sha256(reading.subject.encode("utf-8", "replace")).hexdigest()[:32]
    return Arrival(id_, f"modbot:seen:{name}:{seen}", reading.version, record)


def _event_id(name: str, reading: Accepted | Ignored) -> str:
    """The same for every delivery of one happening; where a body alone tells, each new happening has its own."""
    happening = uuid.uuid4().hex if reading.version else ""
    return sha256(json.dumps([name, reading.subject, happening]).encode("utf-8", "replace")).hexdigest()[:32]
