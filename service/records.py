"""The decision log as people read it: page by page, filtered. Imported by commands, `workers.evaluate` and tests."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, cast

from redis import Redis

from rules.actions.kinds import ActsOn
from rules.actions.table import ACTIONS
from service.kept import LOG

PAGE = 200
"""Log entries read at once."""

LATE_SECONDS = 24 * 3600
"""How long after its receipt an event is decided at the latest: so much later in the log `until` begins to look."""

SKEW_SECONDS = 300
"""How far the clock of a web process, by which an event is received, may be before Redis', by which it is logged."""

READ = ("forum", "event", "decision", "actions", "state", "received_at")
"""The fields of an event's record that an entry is made of."""

Rows = list[tuple[str, dict[str, str]]]
"""Stream entries: the cursor, and its fields."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One decided event: what it was, what was decided, how each action stands."""

    cursor: str
    id: str
    forum: str
    type: str
    at: float
    state: str
    author: str | None
    post: int | None
    topic: int | None
    digest: str
    rules: tuple[str, ...]
    actions: tuple[dict[str, Any], ...]
    unknown: tuple[str, ...]
    matched: tuple[dict[str, Any], ...]
    """The traces of the rules that matched (rules.decision.RuleTrace)."""

    def to_json(self) -> dict[str, Any]:
        """The entry as one JSON object."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries to show; None: any. `since` and `until` bound the receipt of the event, in Unix seconds."""

    forum: str | None = None
    rule: str | None = None
    action: str | None = None
    outcome: str | None = None
    author: str | None = None
    post: int | None = None
    topic: int | None = None
    since: float = 0.0
    until: float = math.inf

    def admits(self, entry: Entry) -> bool:
        """Whether the entry is to be shown."""
        return (
            self.forum in (None, entry.forum)
            and (self.rule is None or self.rule in entry.rules)
            and (self.action is None or any(a["action"] == self.action for a in entry.actions))
            and (self.outcome is None or any(a["outcome"] == self.outcome for a in entry.actions))
            and self.author in (None, entry.author)
            and self.post in (None, entry.post)
            and self.topic in (None, entry.topic)
            and self.since <= entry.at <= self.until
        )

    @property
    def first(self) -> str:
        """The cursor before which the log has nothing that is admitted."""
        return str(max(0, int((self.since - SKEW_SECONDS) * 1000)))

    @property
    def last(self) -> str:
        """The cursor after which the log has nothing that is admitted."""
        return "+" if math.isinf(self.until) else str(max(0, int((self.until + LATE_SECONDS) * 1000)))


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of the log, read backwards: what was admitted of it, how much it was, and the cursor where it ends."""

    entries: tuple[Entry, ...]
    looked: int
    cursor: str

    @property
    def back_to(self) -> float:
        """When the last of it was decided (Unix seconds)."""
        return int(self.cursor.partition("-")[0]) / 1000


class DecisionLog:
    """The log of decided events, newest first, read page by page."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def newest_first(self, wanted: Filter) -> Iterator[Entry]:
        """The admitted entries from the newest back."""
        for page in self.pages(wanted):
            yield from page.entries

    def pages(self, wanted: Filter, before: str = "") -> Iterator[Page]:
        """The log from the newest back, or from `before` a cursor: one page for each read, whatever is admitted."""
        start = f"({before}" if before else wanted.last
        while rows := cast("Rows", self._redis.xrevrange(LOG, max=start, min=wanted.first, count=PAGE)):
            cursor = rows[-1][0]
            yield Page(tuple(entry for entry in self._entries(rows) if wanted.admits(entry)), len(rows), cursor)
            start = f"({cursor}"

    def newer_than(self, cursor: str, wanted: Filter) -> tuple[list[Entry], str]:
        """The admitted entries after a cursor, oldest first, and the cursor to go on from."""
        page = cast("Rows", self._redis.xrange(LOG, min=f"({cursor}", count=PAGE))
        found = [entry for entry in self._entries(page) if wanted.admits(entry)]
        return found, page[-1][0] if page else cursor

    def end(self) -> str:
        """The cursor after the newest entry."""
        last = cast("Rows", self._redis.xrevrange(LOG, count=1))
        return last[0][0] if last else "0-0"

    def _entries(self, page: Rows) -> Iterator[Entry]:
        with self._redis.pipeline(transaction=False) as pipe:
            for _, fields in page:
                pipe.hmget(f"modbot:event:{fields['event']}", *READ)
            rows = cast("list[list[str | None]]", pipe.execute())
        records = (dict(zip(READ, (text or "" for text in row), strict=True)) for row in rows)
        kept = [(entry, record) for entry, record in zip(page, records, strict=True) if record["decision"]]
        sent = self._sent([record["actions"].split() for _, record in kept])
        for ((cursor, fields), record), actions in zip(kept, sent, strict=True):
            yield self._entry(cursor, fields["event"], record, actions)

    def _entry(self, cursor: str, id_: str, record: dict[str, str], sent: dict[str, dict[str, Any]]) -> Entry:
        event, decision = json.loads(record["event"]), json.loads(record["decision"])
        actions = {_same(action): _unsent(action) for action in decision["actions"]} | sent
        return Entry(
            cursor=cursor,
            id=id_,
            forum=record["forum"],
            type=event["type"],
            at=float(record["received_at"]),
            state=record["state"],
            author=event.get("author", {}).get("username"),
            post=event.get("post", {}).get("postId"),
            topic=event.get("topic", {}).get("topicId") or event.get("post", {}).get("topicId"),
            digest=decision["digest"],
            rules=tuple(dict.fromkeys(action["rule"] for action in decision["actions"])),
            actions=tuple(actions.values()),
            unknown=tuple(decision["unknown"]),
            matched=tuple(trace for trace in decision["trace"] if trace["verdict"]),
        )

    def _sent(self, ids: list[list[str]]) -> Iterator[dict[str, dict[str, Any]]]:
        """What the ledger has of each event's actions, and of those that end what they did for a time."""
        with self._redis.pipeline(transaction=False) as pipe:
            for one in chain.from_iterable(ids):
                pipe.hmget(f"modbot:action:{one}", "action", "state", "error")
            rows = iter(cast("list[tuple[str | None, str, str | None]]", pipe.execute()))
        for of_event in ids:
            found = (
                {**json.loads(action), "outcome": state, "error": error or None}
                for action, state, error in islice(rows, len(of_event))
                if action
            )
            yield {_same(action): action for action in found}


def outcome_unsent(action: str, mode: str) -> str:
    """How an action stands that no worker has to carry out: points are given with the decision, all else is shadow."""
    return "done" if mode == "live" and ACTIONS[action].acts_on is ActsOn.COUNTER else "shadow"


def _unsent(action: dict[str, Any]) -> dict[str, Any]:
    return {**action, "outcome": outcome_unsent(action["action"], action["mode"]), "error": None}


def _same(action: dict[str, Any]) -> str:
    """Tells one action of an event from its others."""
    return json.dumps([action["action"], action["rule"], action["slot"], action["target"]], sort_keys=True)
