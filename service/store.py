"""The record of every event in Redis, from its receipt to its end, and what happens to it on the way.

States: queued -> (waiting for facts -> queued) -> planned -> done; or ignored, or dead. A record that is not final is
in the `due` set, from which the sweeper wakes a worker for it if its job was lost. Imported by `service` and `workers`.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from redis import Redis

from rules.actions.table import ACTIONS
from rules.decision import Decision, PlannedAction
from rules.event import Event
from rules.facts import Fact, Facts
from service.ledger import action_id
from service.queue import EVALUATE, URGENT, Pusher
from service.scripts import call, load, transact

log = logging.getLogger(__name__)

DUE = "modbot:due"
DEAD = "modbot:dead"
PROGRESS = "modbot:progress"
LOG = "modbot:log"

SEEN_SECONDS = 7 * 24 * 3600
"""How long a delivery's identity is remembered: Website Toolbox re-sends for up to 3 days (platform-facts, 1.1)."""

RETENTION_SECONDS = 30 * 24 * 3600
"""How long final records are kept: beyond every redelivery, so that nothing is done again (queue-and-limits, D2)."""

LOST_AFTER_MS = 30_000
"""When an item whose job never started, or never ended, is woken again."""

LOG_LENGTH = 100_000
"""Decisions kept in the log."""


@dataclass(frozen=True, slots=True)
class EventRecord:
    """An event as it is stored; `attempts` counts how often its current stage was put off."""

    id: str
    happening: str
    state: str
    forum: str
    event: Event
    signed: bool
    facts: Facts
    needs: frozenset[Fact]
    confirm: bool
    received_at: float
    attempts: int


@dataclass(frozen=True, slots=True)
class Step:
    """One action of a plan, the lane it waits in, and the item that it answers."""

    action: PlannedAction
    lane: str
    id: str
    also: tuple[str, ...] = ()
    """Ids of the texts of other rules that were joined into this one: sent with it, so never again by themselves."""


class EventStore:
    """Reads and moves event records. Every move is one atomic step, refused once an event is planned or final."""

    def __init__(self, redis: Redis, pusher: Pusher) -> None:
        self._redis = redis
        self._pusher = pusher
        self._begin = load(redis, "begin")
        self._settle = load(redis, "settle")
        self._postpone = load(redis, "postpone")

    def begin(self, queue: str, ids: Sequence[str]) -> list[EventRecord]:
        """The records of a job that has just started, those that exist; one that cannot be read is a dead letter."""
        rows = self._begin(keys=[PROGRESS], args=[queue, *ids])
        found = (self._read(id_, row) for id_, row in zip(ids, rows, strict=True) if row)
        return [record for record in found if record]

    def _read(self, id_: str, row: Sequence[str]) -> EventRecord | None:
        try:
            return _record(id_, row)
        except (KeyError, ValueError) as error:
            log.error("unreadable event record", extra={"event": id_, "error": type(error).__name__})
            self._settle(
                keys=[_key(id_), DUE, DEAD], args=[id_, "dead", f"unreadable record: {type(error).__name__}", 0]
            )
            return None

    def wait_for(self, record: EventRecord, needs: frozenset[Fact], *, confirm: bool) -> None:
        """Have the facts looked up; the event is decided again when they have come."""
        wanted = json.dumps({"facts": sorted(needs), "confirm": confirm})

        def fill(pipe: Any) -> None:
            call(pipe, "wait", [_key(record.id), DUE], [record.id, wanted, LOST_AFTER_MS])
            self._pusher.push(pipe, URGENT, "lookup", record.id)

        transact(self._redis, ["wait"], fill)

    def resume(self, record: EventRecord, facts: Facts) -> None:
        """Store facts that have come, and have the event decided on them."""
        found = facts.model_dump_json(by_alias=True, exclude_none=True)

        def fill(pipe: Any) -> None:
            call(pipe, "resume", [_key(record.id), DUE], [record.id, found, LOST_AFTER_MS])
            self._pusher.push(pipe, EVALUATE, "event", [record.id])

        transact(self._redis, ["resume"], fill)

    def plan(self, record: EventRecord, decision: Decision, steps: Sequence[Step]) -> int:
        """Write the decision, its actions and their jobs in one transaction.

        Returns the number of actions that are new, -1 if the event was planned before.
        """
        args: list[str | float] = [record.id, decision.model_dump_json(), RETENTION_SECONDS, LOG_LENGTH, LOST_AFTER_MS]
        for step in steps:
            args += [step.id, " ".join(step.also), json.dumps(_action_fields(record, step))]

        def fill(pipe: Any) -> None:
            call(pipe, "plan", [_key(record.id), DUE, LOG], args)
            for step in steps:
                self._pusher.push(pipe, step.lane, "action", step.id)

        return int(transact(self._redis, ["plan"], fill)[0])

    def settle(self, record: EventRecord, state: str, reason: str) -> None:
        """End an event without a plan: `ignored`, or `dead` (kept until somebody deals with it)."""
        keep = 0 if state == "dead" else RETENTION_SECONDS
        self._settle(keys=[_key(record.id), DUE, DEAD], args=[record.id, state, reason, keep])

    def postpone(self, record: EventRecord, seconds: float, error: str) -> int:
        """Try the event's present stage again later; returns how often that happened so far."""
        return int(self._postpone(keys=[_key(record.id), DUE], args=[record.id, int(seconds * 1000), error]))


def plan_steps(record: EventRecord, actions: Sequence[PlannedAction]) -> list[Step]:
    """The plan's steps: each action with its lane and the id under which the ledger knows it."""
    return [_step(record, action) for action in actions]


def _step(record: EventRecord, action: PlannedAction) -> Step:
    def known_as(rule: str) -> str:
        return action_id(record.forum, record.happening, record.event, action.model_copy(update={"rule": rule}))

    lane = ACTIONS[action.action].lane
    return Step(action, lane, known_as(action.rule), tuple(known_as(rule) for rule in action.also))


def _key(event_id: str) -> str:
    return f"modbot:event:{event_id}"


def _action_fields(record: EventRecord, step: Step) -> dict[str, str]:
    return {
        "event": record.id,
        "forum": record.forum,
        "lane": step.lane,
        "action": step.action.model_dump_json(),
    }


def _record(event_id: str, row: Sequence[str]) -> EventRecord:
    fields = dict(zip(row[::2], row[1::2], strict=True))
    needs = json.loads(fields.get("needs") or '{"facts": [], "confirm": false}')
    return EventRecord(
        id=event_id,
        happening=fields["happening"],
        state=fields["state"],
        forum=fields["forum"],
        event=Event.model_validate_json(fields["event"]),
        signed=fields["signed"] == "1",
        facts=Facts.model_validate_json(fields.get("facts") or "{}"),
        needs=frozenset(Fact(name) for name in needs["facts"]),
        confirm=bool(needs["confirm"]),
        received_at=float(fields["received_at"]),
        attempts=int(fields.get("attempts") or 0),
    )
