"""From an HTTP request to an answer: who is asking, is it genuine, what happened, is it safely stored.

Nothing is answered 200 before it is in Redis. Which happening a delivery tells of is the platform's to say
(`inbound.identify`, pure); this module bounds, stores and counts. Imported by `service.app`.
"""

from __future__ import annotations

import hmac
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
from service.instruments import series
from service.labels import OTHER, event_label
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
        series(metrics.webhook_rejections, name or "", reason).inc()
        series(metrics.webhook_requests, name or "", OTHER, "rejected").inc()
        return answer

    async def receive(self, name: str, section: ForumSection, headers: Mapping[str, str], body: bytes) -> Answer:
        """Read one delivery and store it."""
        received_at = time.time()
        found = section.on.identify(Delivery(headers, body, received_at), section.trust)
        if isinstance(found, Rejected):
            log.warning("webhook rejected: %s", found.detail, extra={"forum": name, "reason": found.reason})
            return self.refuse(name, found.reason, Answer(found.status, {"error": found.detail}))
        answer = await self._store(name, found, body, received_at)
        series(metrics.webhook_requests, name, event_label(found.type), answer.outcome).inc()
        return answer

    async def _store(self, name: str, found: Accepted | Ignored, body: bytes, received_at: float) -> Answer:
        if not self.has_room:
            return unavailable("Redis is over its memory budget")
        try:
            receipt = await self._commit.commit(self._arrival(name, found, body, received_at))
        except (RedisError, OSError, Overloaded) as error:
            log.error("webhook not stored: %s", type(error).__name__, extra={"forum": name})
            return unavailable("Redis is away" if not isinstance(error, Overloaded) else "too many deliveries wait")
        return _accepted(name, found, receipt)

    def _arrival(self, name: str, found: Accepted | Ignored, body: bytes, received_at: float) -> Arrival:
        id_ = _event_id(name, found)
        record = {
            "forum": name,
            "platform": self._forums[name].platform,
            "signed": "1" if found.signed else "0",
            "received_at": repr(received_at),
            **tracing.carried(),
            **(_to_evaluate(id_, found, body) if isinstance(found, Accepted) else _to_keep(found, body)),
        }
        return Arrival(id_, f"modbot:seen:{name}:{_digest(found.subject)}", found.version, record)


def _to_evaluate(id_: str, found: Accepted, body: bytes) -> dict[str, str]:
    """What a worker reads the event from (service.store)."""
    told = {"name": found.name, "body": body.decode("utf-8", "replace")}
    return {"state": "queued", "happening": found.happening or id_, **told}


def _to_keep(found: Ignored, body: bytes) -> dict[str, str]:
    return {"state": "ignored", "reason": found.reason, "body": body[:KEPT_BODY_BYTES].decode("utf-8", "replace")}


def _event_id(name: str, found: Accepted | Ignored) -> str:
    """The same for every delivery of one happening; where a body alone tells, each new happening has its own."""
    happening = uuid.uuid4().hex if found.version else ""
    return _digest(f"{name}\n{happening}\n{found.subject}")


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "replace")).hexdigest()[:32]


def _accepted(name: str, found: Accepted | Ignored, receipt: Receipt) -> Answer:
    series(metrics.webhook_last_received, name).set_to_current_time()
    if receipt.status == "duplicate":
        series(metrics.dedupe_hits, name, "ingest").inc()
    why = {"reason": found.reason} if isinstance(found, Ignored) else {}
    level = logging.DEBUG if receipt.status == "accepted" else logging.INFO  # of what was accepted `decided` will tell
    log.log(level, "webhook %s", receipt.status, extra={"forum": name, "event": receipt.id, **why})
    return Answer(200, {"status": receipt.status, "id": receipt.id}, outcome=receipt.status)


def unavailable(reason: str) -> Answer:
    """503, and when to come back: soon, and not all senders at once."""
    after = 30 + random.randrange(10)  # noqa: S311 - jitter
    return Answer(503, {"error": f"not stored: {reason}"}, {"Retry-After": str(after)}, UNAVAILABLE)
