"""The record of every event in Redis, from its receipt to its end, and what happens to it on the way.

States: queued -> (waiting for facts -> queued) -> planned -> done; or ignored, or dead. A record that is not final is
in the `due` set, from which the sweeper wakes a worker for it if its job was lost. Imported by `service` and `workers`.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from redis import Redis
from redis.exceptions import ResponseError

from rules.actions.table import ACTIONS
from rules.decision import Decision, PlannedAction
from rules.event import Event
from rules.facts import Fact, Facts
from service import metrics, tracing
from service.footprints import marks_of
from service.forums import PLATFORMS
from service.forums.port import Unreadable
from service.kept import DEAD, DUE, LOG, LOST_AFTER_MS, PROGRESS, RETENTION_SECONDS
from service.labels import NO_FORUM
from service.ledger import action_id
from service.queue import EVALUATE, URGENT, Pusher
from service.scripts import call, load, together, transact
from service.standing import matches_key

log = logging.getLogger(__name__)

MOST_WANTED = 10_000
"""Ids of one kind of object that are remembered as wanted."""

WANTED_SECONDS = 600

LOG_LENGTH = 100_000
"""Decisions kept in the log."""


@dataclass(frozen=True, slots=True)
class EventRecord:
    """An event as it is stored; `attempts` counts how often its current stage was put off.

    The web edge stores a delivery as it came. The event is read from it when a worker takes it up, and is written in
    its place with whatever becomes of the event first.
    """

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
    asked_at: int = 0
    """When it first began to wait for facts, in Redis' milliseconds; 0: it has not."""
    trace: str = ""
    """The span that took it in (service.tracing)."""
    unwritten: str = ""
    """The event as JSON, where it was just read from its delivery."""

    @property
    def latency(self) -> float:
        """Seconds since its receipt."""
        return max(0.0, time.time() - self.received_at)

    @property
    def seen_at(self) -> float:
        """When the item was as the event has it: at the event's time, or when it was read to confirm it."""
        return self.asked_at / 1000 if self.confirm and self.asked_at else self.event.at

    def told(self) -> dict[str, Any]:
        """What a log line says of it; the latency in seconds."""
        of = {"event": self.id, "forum": self.forum, "type": self.event.type}
        return {**of, "latency": round(self.latency, 3), "attempt": self.attempts + 1}


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

    def __init__(self, redis: Redis, pusher: Pusher, keep_seconds: int = RETENTION_SECONDS) -> None:
        """`keep_seconds` is how long final records are kept at most."""
        self._keep_seconds = keep_seconds
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
        fields = dict(zip(row[::2], row[1::2], strict=True))
        try:
            return read_record(id_, fields)
        except Unreadable as error:
            told = {"event": id_, "forum": fields["forum"], "outcome": "ignored", "reason": str(error)}
            log.info("settled", extra=told)
            self._end_unread(id_, "ignored", str(error), self._keep_seconds)
        except (KeyError, ValueError) as error:
            log.error("unreadable event record", extra={"event": id_, "error": type(error).__name__})
            self._end_unread(id_, "dead", f"unreadable record: {type(error).__name__}", 0)
            metrics.dead_lettered.labels(NO_FORUM, "malformed").inc()
        return None

    def _end_unread(self, id_: str, state: str, reason: str, keep_seconds: int) -> None:
        self._settle(keys=[_key(id_), DUE, DEAD], args=[id_, state, reason, keep_seconds, "malformed", ""])

    def decided(self, id_: str) -> tuple[EventRecord, Decision] | None:
        """A planned event and its decision; None if it is not kept. Raises KeyError or ValueError if unreadable."""
        fields = cast("dict[str, str]", self._redis.hgetall(_key(id_)))
        return (read_record(id_, fields), Decision.model_validate_json(fields["decision"])) if fields else None

    def resume(self, record: EventRecord, facts: Facts) -> None:
        """Store facts that have come, and have the event decided on them."""
        found = facts.model_dump_json(by_alias=True, exclude_none=True)

        def fill(pipe: Any) -> None:
            call(pipe, "resume", [_key(record.id), DUE], [record.id, found, LOST_AFTER_MS])
            self._pusher.push(pipe, EVALUATE, "event", [record.id])

        transact(self._redis, ["resume"], fill)

    def write(self, endings: Sequence[Ending]) -> list[int | ResponseError]:
        """Write what becomes of events in one round trip, and in one transaction: the answers of their scripts.

        Each is written whole or, where its data are spoilt, not at all: then its answer is the ResponseError.
        """
        rows = together(self._redis, [partial(self._put, ending) for ending in endings], whole=True)
        return [answers[0] for answers in rows]

    def plan(self, record: EventRecord, decision: Decision, steps: Sequence[Step]) -> Ending:
        """The decision, its actions and their jobs. Answered by the number of actions that are new, -1 if none was due.

        An event that was planned before is not planned again.
        """
        matched = json.dumps([trace.rule for trace in decision.trace if trace.verdict and not trace.skipped])
        args: list[str | float] = [record.id, decision.model_dump_json(), self._keep_seconds, LOG_LENGTH, LOST_AFTER_MS]
        args += [matched, record.unwritten]
        for step in steps:
            args += [step.id, " ".join(step.also), json.dumps(_action_fields(record, step))]
        jobs = [(step.lane, "action", step.id) for step in steps]
        return Ending(record, "plan", [_key(record.id), DUE, LOG, matches_key(record.forum)], args, jobs)

    def ending(self, record: EventRecord, state: str, reason: str, cause: str = "permanent_error") -> Ending:
        """The end of an event without a plan; see EventStore.settle. Answered by 1 if it was not final before."""
        keep = 0 if state == "dead" else self._keep_seconds
        args: list[str | float] = [record.id, state, reason, keep, cause, record.unwritten]
        return Ending(record, "settle", [_key(record.id), DUE, DEAD], args)

    def _put(self, ending: Ending, pipe: Any) -> None:
        call(pipe, ending.script, ending.keys, ending.args)
        for queue, kind, id_ in ending.jobs:
            self._pusher.push(pipe, queue, kind, id_)

    def settle(self, record: EventRecord, state: str, reason: str, cause: str = "permanent_error") -> None:
        """End an event without a plan: `ignored`, or `dead` by a cause of `service.labels` (kept until dealt with)."""
        (ended,) = self.write([self.ending(record, state, reason, cause)])
        if isinstance(ended, ResponseError):
            raise ended
        if ended:
            tell_end(record, state, reason, cause)

    def postpone(self, record: EventRecord, seconds: float, error: str, *, tried: bool = True) -> int:
        """Try the event's present stage again later; returns how often it was tried so far, this time if `tried`."""
        args: list[str | int] = [record.id, int(seconds * 1000), error, int(tried)]
        return int(self._postpone(keys=[_key(record.id), DUE], args=args))


@dataclass(frozen=True, slots=True)
class Ending:
    """What becomes of an event, ready to be written: a script's call, and the jobs that go with it."""

    record: EventRecord
    script: str
    keys: Sequence[str]
    args: Sequence[str | float]
    jobs: Sequence[tuple[str, str, str]] = ()
    """Queue, kind and id of each."""


def wait_for(
    record: EventRecord, needs: frozenset[Fact], *, confirm: bool, wanted: Mapping[str, int] | None = None
) -> Ending:
    """The facts are looked up; the event is decided again when they have come.

    `wanted` are the objects among them, by kind, that whoever reads another of the kind may read along.
    """
    told = json.dumps({"facts": sorted(needs), "confirm": confirm})
    keys = [_key(record.id), DUE, *(wanted_key(record.forum, kind) for kind in wanted or ())]
    args: list[str | float] = [record.id, told, LOST_AFTER_MS, MOST_WANTED, WANTED_SECONDS, record.unwritten]
    args += (wanted or {}).values()
    return Ending(record, "wait", keys, args, [(URGENT, "lookup", record.id)])


def tell_end(record: EventRecord, state: str, reason: str, cause: str = "permanent_error") -> None:
    """Count an event's end without a plan, and log it."""
    if state == "dead":
        metrics.dead_lettered.labels(record.forum, cause).inc()
        metrics.event_latency.labels(record.forum, "failed").observe(record.latency)
    tracing.note(outcome=state)
    log.info("settled", extra={**record.told(), "outcome": state, "reason": reason})


def plan_steps(record: EventRecord, actions: Sequence[PlannedAction]) -> list[Step]:
    """The plan's steps: each action with its lane and the id under which the ledger knows it."""
    return [_step(record, action) for action in actions]


def _step(record: EventRecord, action: PlannedAction) -> Step:
    def known_as(rule: str) -> str:
        return action_id(record.forum, record.happening, record.event, action.model_copy(update={"rule": rule}))

    lane = ACTIONS[action.action].lane
    return Step(action, lane, known_as(action.rule), tuple(known_as(rule) for rule in action.also))


def wanted_key(forum: str, kind: str) -> str:
    """The sorted set of ids that events wait for, by the time since when."""
    return f"modbot:wanted:{forum}:{kind}"


def _key(event_id: str) -> str:
    return f"modbot:event:{event_id}"


def _action_fields(record: EventRecord, step: Step) -> dict[str, str]:
    return {
        "event": record.id,
        "forum": record.forum,
        "lane": step.lane,
        "received_at": f"{record.received_at:.3f}",
        "seen_at": f"{record.seen_at:.3f}",
        "action": step.action.model_dump_json(),
        **marks_of(record.forum, record.event, step.action),
        **tracing.carried(),
    }


def read_record(event_id: str, fields: Mapping[str, str]) -> EventRecord:
    """The record as Redis holds it. Raises KeyError or ValueError for one that nobody can read.

    It raises Unreadable where what was delivered fits no event.
    """
    written = fields.get("event", "")
    event = Event.model_validate_json(written) if written else _delivered(event_id, fields)
    needs = json.loads(fields.get("needs") or '{"facts": [], "confirm": false}')
    return EventRecord(
        id=event_id,
        happening=fields["happening"],
        state=fields["state"],
        forum=fields["forum"],
        event=event,
        signed=fields["signed"] == "1",
        facts=Facts.model_validate_json(fields.get("facts") or "{}"),
        needs=frozenset(Fact(name) for name in needs["facts"]),
        confirm=bool(needs["confirm"]),
        received_at=float(fields["received_at"]),
        attempts=int(fields.get("attempts") or 0),
        asked_at=int(fields.get("asked_at") or 0),
        trace=fields.get("trace", ""),
        unwritten="" if written else event.to_text(),
    )


def _delivered(event_id: str, fields: Mapping[str, str]) -> Event:
    """The event that a delivery tells of."""
    platform = PLATFORMS[fields["platform"]]
    event = platform.read(fields["name"], fields["body"].encode(), float(fields["received_at"]))
    return event.model_copy(update={"id": event_id, "forum": fields["forum"]})
