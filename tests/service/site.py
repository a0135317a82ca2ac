"""Events in a real Redis, brought as far as a test wants them, for tests of what is kept and of what people read."""

from __future__ import annotations

from typing import Any

from redis import Redis

from rules.decision import Decision
from rules.facts import NOTHING_MORE
from rules.remember import decide_with
from rules.ruleset import load_text
from rules.samples import make_event
from rules.state.memory import MemoryState
from service.kept import DUE, ENDED
from service.ledger import Claim, Ledger
from service.queue import Pusher
from service.retention import Retention
from service.settings import RetentionSection
from service.store import EventRecord, EventStore, plan_steps

RULES = load_text("name: casino\nbody: casino\nmoderators_exempt: false\nlock: true\nreply: No casino.\n")
DAY = 24 * 3600


class Site:
    """Events in Redis, brought as far as a test wants them."""

    def __init__(self, redis: Redis) -> None:
        redis.flushall()
        redis.config_set("maxmemory", 0)
        self.redis = redis
        self.store = EventStore(redis, Pusher())
        self.ledger = Ledger(redis, "site")
        self.retention = Retention(redis, RetentionSection())
        self._number = 0

    def taken_in(self, said: str = "casino", size: int = 0, author: str = "wren", ago: float = 0) -> EventRecord:
        self._number += 1
        place = {"postId": self._number, "topicId": 500 + self._number}
        written = {
            "post": {**place, "messageText": said + " " + "x" * size},
            "topic": {"topicId": place["topicId"]},
            "author": {"username": author},
        }
        event = make_event({**written, "at": self.redis.time()[0] - ago}, number=self._number)
        id_ = f"e{self._number}"
        record = EventRecord(
            id_, id_, "queued", "main", event, True, NOTHING_MORE, frozenset(), False, event.at, attempts=0
        )  # fmt: skip
        self.redis.hset(
            f"modbot:event:{id_}",
            mapping={
                "happening": id_, "state": "queued", "forum": "main", "signed": "1",
                "event": event.model_dump_json(by_alias=True, exclude_none=True), "received_at": str(event.at),
            },
        )  # fmt: skip
        self.redis.zadd(DUE, {f"event:{id_}": event.at * 1000})
        return record

    def planned(self, said: str = "casino", size: int = 0, author: str = "wren", ago: float = 0) -> list[str]:
        """An event that is decided; the ids of its actions."""
        record = self.taken_in(said, size, author, ago)
        decision = decide_with(RULES, record.event, NOTHING_MORE, MemoryState(), record.happening)
        assert isinstance(decision, Decision)
        steps = plan_steps(record, decision.actions)
        self.store.write([self.store.plan(record, decision, steps)])
        return [step.id for step in steps]

    def ended(self, outcome: str = "done", error: str = "", **event: Any) -> list[str]:
        """An event whose actions have ended."""
        actions = self.planned(**event)
        for action in actions:
            self.finish(action, outcome, error)
        return actions

    def finish(self, action: str, outcome: str, error: str = "", cause: str = "timeout") -> None:
        claim = self.ledger.claim(action)
        assert isinstance(claim, Claim)
        self.ledger.sent(claim)
        self.ledger.finish(claim, outcome, error, cause)

    @property
    def newest(self) -> str:
        return f"e{self._number}"

    def events(self) -> set[str]:
        return {key.rsplit(":", 1)[1] for key in self.redis.scan_iter("modbot:event:*", count=1000)}

    def used(self) -> int:
        return int(self.redis.info("memory")["used_memory"])

    def limit_so_that_used_is(self, share: float) -> None:
        self.redis.config_set("maxmemory", int(self.used() / share))

    def age(self, *, days: float) -> None:
        """As if all that has ended had done so before."""
        for id_, at in self.redis.zrange(ENDED, 0, -1, withscores=True):
            self.redis.zadd(ENDED, {id_: at - days * DAY * 1000})
