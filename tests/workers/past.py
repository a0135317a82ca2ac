"""A forum's past, built event by event, for tests of what is read from it later."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import count
from typing import Any

from redis import Redis

from rules.decision import Decision
from rules.facts import NOTHING_MORE, Facts
from rules.remember import decide_with, happening_of
from rules.ruleset import Ruleset, load_text
from rules.samples import make_event
from service.queue import Pusher
from service.store import EventRecord, EventStore
from workers.state import RedisState
from workers.warming import Warming

Written = dict[str, Any]
number = count(1)
QUIET = "name: quiet\nbody: casino\nmoderators_exempt: false\nlock: true\n"


class Past:
    """A forum's past in Redis: events that were decided under `rules`, without new rules looking on."""

    def __init__(self, redis: Redis, rules: str = QUIET, forum: str = "main") -> None:
        self.redis = redis
        self.ruleset = load_text(rules)
        self.forum = forum
        self._store = EventStore(redis, Pusher())

    def decided(self, written: Written, *, facts: Facts = NOTHING_MORE, confirm: bool = False) -> EventRecord:
        """Have an event decided and logged."""
        place = next(number)
        event = make_event({"id": f"e{place}", "at": self.redis.time()[0], **written}, number=place)
        record = EventRecord(
            id=f"{self.forum}{place}",
            happening=f"e{place}",
            state="queued",
            forum=self.forum,
            event=event,
            signed=True,
            facts=facts,
            needs=frozenset(),
            confirm=confirm,
            received_at=event.at,
            attempts=0,
        )
        self._keep(record)
        state = RedisState(self.redis, self.forum)
        decision = decide_with(self.ruleset, event, facts, state, happening_of(event, record.happening))
        assert isinstance(decision, Decision)
        assert self._store.write([self._store.plan(record, decision, [])]) == [0]
        return record

    def _keep(self, record: EventRecord) -> None:
        fields: Mapping[Any, str] = {
            "happening": record.happening,
            "state": record.state,
            "forum": record.forum,
            "event": record.event.model_dump_json(by_alias=True, exclude_none=True),
            "facts": record.facts.model_dump_json(by_alias=True, exclude_none=True),
            "needs": json.dumps({"facts": [], "confirm": record.confirm}),
            "signed": "1",
            "received_at": str(record.received_at),
        }
        self.redis.hset(f"modbot:event:{record.id}", mapping=fields)

    def told(self, rules: str | Ruleset, written: Written | None = None) -> str:
        """What a rule that replies {{count}} says of the next event, decided by a worker that just took it into use."""
        ruleset = load_text(rules) if isinstance(rules, str) else rules
        Warming(self.redis).fill(self.forum, ruleset)
        return self.live(ruleset, written)

    def live(self, ruleset: Ruleset, written: Written | None = None) -> str:
        event = make_event({"at": self.redis.time()[0], **(written or {})}, number=next(number))
        found = decide_with(ruleset, event, NOTHING_MORE, RedisState(self.redis, self.forum), f"live {next(number)}")
        assert isinstance(found, Decision)
        return str(found.actions[0].options["text"])
