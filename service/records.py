"""Reading the shared state for people: the decision log, and the dead letters. Imported by commands and tests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from redis import Redis

from rules.actions.kinds import ActsOn
from rules.actions.table import ACTIONS
from service.scripts import load
from service.store import DEAD, DUE, LOG, RETENTION_SECONDS

PAGE = 200
"""Log entries read at once."""

Page = list[tuple[str, dict[str, str]]]
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
    """Which entries to show; None: any. `since` in Unix seconds."""

    forum: str | None = None
    rule: str | None = None
    action: str | None = None
    outcome: str | None = None
    author: str | None = None
    post: int | None = None
    since: float = 0.0

    def admits(self, entry: Entry) -> bool:
        """Whether the entry is to be shown."""
        return (
            self.forum in (None, entry.forum)
            and (self.rule is None or self.rule in entry.rules)
            and (self.action is None or any(a["action"] == self.action for a in entry.actions))
            and (self.outcome is None or any(a["outcome"] == self.outcome for a in entry.actions))
            and self.author in (None, entry.author)
            and self.post in (None, entry.post)
            and entry.at >= self.since
        )


class DecisionLog:
    """The log of decided events, newest first, read page by page."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def newest_first(self, wanted: Filter) -> Iterator[Entry]:
        """The admitted entries from the newest back."""
        cursor = "+"
        while page := cast("Page", self._redis.xrevrange(LOG, max=cursor, count=PAGE)):
            yield from (entry for entry in self._entries(page) if wanted.admits(entry))
            cursor = f"({page[-1][0]}"

    def newer_than(self, cursor: str, wanted: Filter) -> tuple[list[Entry], str]:
        """The admitted entries after a cursor, oldest first, and the cursor to go on from."""
        page = cast("Page", self._redis.xrange(LOG, min=f"({cursor}", count=PAGE))
        found = [entry for entry in self._entries(page) if wanted.admits(entry)]
        return found, page[-1][0] if page else cursor

    def end(self) -> str:
        """The cursor after the newest entry."""
        last = cast("Page", self._redis.xrevrange(LOG, count=1))
        return last[0][0] if last else "0-0"

    def _entries(self, page: Page) -> Iterator[Entry]:
        with self._redis.pipeline(transaction=False) as pipe:
            for _, fields in page:
                pipe.hgetall(f"modbot:event:{fields['event']}")
            records = pipe.execute()
        for (cursor, fields), record in zip(page, records, strict=True):
            if record:
                yield self._entry(cursor, fields["event"], record)

    def _entry(self, cursor: str, id_: str, record: dict[str, str]) -> Entry:
        event, decision = json.loads(record["event"]), json.loads(record["decision"])
        sent = self._sent(record.get("actions", "").split())
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
            digest=decision["digest"],
            rules=tuple(dict.fromkeys(action["rule"] for action in decision["actions"])),
            actions=tuple(actions.values()),
            unknown=tuple(decision["unknown"]),
            matched=tuple(trace for trace in decision["trace"] if trace["verdict"]),
        )

    def _sent(self, ids: list[str]) -> dict[str, dict[str, Any]]:
        """What the ledger has of the actions, and of those that end what they did for a time."""
        with self._redis.pipeline(transaction=False) as pipe:
            for id_ in ids:
                pipe.hmget(f"modbot:action:{id_}", "action", "state")
            rows = pipe.execute()
        found = ({**json.loads(action), "outcome": state} for action, state in rows if action)
        return {_same(action): action for action in found}


def outcome_unsent(action: str, mode: str) -> str:
    """How an action stands that no worker has to carry out: points are given with the decision, all else is shadow."""
    return "done" if mode == "live" and ACTIONS[action].acts_on is ActsOn.COUNTER else "shadow"


def _unsent(action: dict[str, Any]) -> dict[str, Any]:
    return {**action, "outcome": outcome_unsent(action["action"], action["mode"])}


def _same(action: dict[str, Any]) -> str:
    """Tells one action of an event from its others."""
    return json.dumps([action["action"], action["rule"], action["slot"], action["target"]], sort_keys=True)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """Work that ended without being done, or without our knowing: for a person to decide on."""

    item: str
    since: float
    reason: str
    fields: dict[str, str]


class DeadLetters:
    """The dead letters and the actions parked as unsure."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._revive = load(redis, "revive")

    def all(self, limit: int) -> list[DeadLetter]:
        """The newest first."""
        rows = cast("list[tuple[str, float]]", self._redis.zrevrange(DEAD, 0, limit - 1, withscores=True))
        return [letter for item, since in rows if (letter := self._letter(item, since))]

    def get(self, item: str) -> DeadLetter | None:
        """One by its name, as the list prints it."""
        since = self._redis.zscore(DEAD, item)
        return self._letter(item, since) if since is not None else None

    def redeliver(self, item: str) -> bool:
        """Try again under the same id, so that what was done stays done. False: no such dead letter."""
        return bool(self._revive(keys=[DEAD, DUE], args=[item, "redeliver", RETENTION_SECONDS]))

    def discard(self, item: str) -> bool:
        """Let it go. False: no such dead letter."""
        return bool(self._revive(keys=[DEAD, DUE], args=[item, "discard", RETENTION_SECONDS]))

    def _letter(self, item: str, since: float) -> DeadLetter | None:
        fields = cast("dict[str, str]", self._redis.hgetall(f"modbot:{item}"))
        reason = fields.get("reason") or fields.get("error") or fields.get("state", "")
        return DeadLetter(item, since, reason, fields) if fields else None
