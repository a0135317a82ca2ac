"""The state in Redis, shared by all workers: each method is one script or one read, and one round trip.

The same as the memory form (`rules.state.memory`), whose protocol says what is promised. Every key has an expiry and a
bound, and names of fixed length: nothing that a member writes is part of a key. Imported by `workers` and tests.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from math import ceil
from typing import Any, Final, cast

from redis import Redis

from rules.state.counters import MOST_AWARDS, Award, Counter, Given, Total, identity, total
from rules.state.groups import MOST_SIGHTINGS, Change, Membership
from rules.state.texts import Excerpt, count_similar
from rules.state.windows import (
    FOREVER_SECONDS,
    LATE_SECONDS,
    MOST_FIRSTS,
    MOST_MEMBERS,
    MOST_TEXTS,
    Count,
    Observation,
    Stretch,
    TextObservation,
    digest,
    moment,
    plain,
)
from service.scripts import load

PREFIX: Final = "modbot:state"


class RedisState:
    """The state of one forum's rules. A Redis that is away raises RedisError; doing it all over does no harm."""

    def __init__(self, redis: Redis, forum: str) -> None:
        self._redis = redis
        self._prefix = f"{PREFIX}:{forum}"
        self._observe = load(redis, "state_observe")
        self._withdraw = load(redis, "state_withdraw")
        self._award = load(redis, "state_award")
        self._take_back = load(redis, "state_take_back")
        self._first = load(redis, "state_first")
        self._regroup = load(redis, "state_regroup")

    def observe(self, event_id: str, observations: Sequence[Observation | TextObservation]) -> list[Count]:
        """Add the event to its windows and count each; see State."""
        if not observations:
            return []
        seen = [plain(one) for one in observations]
        answers = self._observe_by(self._redis, event_id, seen)
        return [_count(one, answer) for one, answer in zip(seen, answers, strict=True)]

    def replay(self, happened: Iterable[tuple[str, Sequence[Observation | TextObservation]]]) -> None:
        """Add many events to their windows in one round trip: as `observe` would, and nobody asks for the counts."""
        with self._redis.pipeline(transaction=False) as pipe:
            for event_id, observations in happened:
                self._observe_by(pipe, event_id, [plain(one) for one in observations])
            pipe.execute()

    def _observe_by(self, client: Redis, event_id: str, seen: Sequence[Observation | TextObservation]) -> Any:
        event = digest(event_id)
        keys = [self._record(event), f"{self._prefix}:order", *(f"{self._prefix}:window:{one.id}" for one in seen)]
        args: list[str | int] = [event, FOREVER_SECONDS, *(_observed(event, one) for one in seen)]
        return self._observe(keys=keys, args=args, client=client)

    def withdraw(self, event_ids: Sequence[str], lanes: Collection[str]) -> int:
        """Take events out of the windows that ask for `kept`; see State."""
        events = [digest(one) for one in event_ids]
        return int(self._withdraw(keys=[self._record(one) for one in events], args=[*events, *lanes]))

    def points(self, event_id: str, counters: Sequence[Counter], at: float) -> list[int]:
        """The totals before the event's own awards; see State."""
        event, now = digest(event_id), moment(at)
        with self._redis.pipeline(transaction=False) as pipe:
            for one in counters:
                pipe.zrangebyscore(self._counter(one), "-inf", now)
            rows = cast("list[list[str]]", pipe.execute())
        return [total(map(Given.read, row), now, without=event) for row in rows]

    def award(self, event_id: str, awards: Sequence[Award]) -> list[Total]:
        """Give points and tell the totals; see State."""
        if not awards:
            return []
        event = digest(event_id)
        keys = [self._record(event), *(self._counter(one.counter) for one in awards)]
        answer = self._award(keys=keys, args=[MOST_AWARDS, *(_awarded(event, one) for one in awards)])
        return [Total(*pair) for pair in zip(answer[::2], answer[1::2], strict=True)]

    def take_back(self, event_id: str, rule: str, counter: str) -> int:
        """Undo an award; see State."""
        return int(self._take_back(keys=[self._record(digest(event_id))], args=[identity(rule, counter)]))

    def first(self, rule: str, scope: tuple[str, ...], span: float | None, event_id: str, at: float) -> bool:
        """Whether the event is the rule's first in this scope; see State."""
        now = moment(at)
        if span is None:
            edges, seconds = ("-inf", "+inf"), FOREVER_SECONDS
        else:
            edges, seconds = (f"({now - moment(span)}", f"({now + moment(span)}"), _seconds(span)
        key = f"{self._prefix}:first:{digest(rule, *scope)}"
        return bool(self._first(keys=[key], args=[digest(event_id), now, *edges, MOST_FIRSTS, seconds]))

    def regroup(self, event_id: str, seen: Membership) -> Change:
        """Whether the person's groups changed; see State."""
        keys = [self._record(digest(event_id)), f"{self._prefix}:groups:{seen.id}"]
        args: list[str | int] = [moment(seen.at), seen.seen, MOST_SIGHTINGS, FOREVER_SECONDS, LATE_SECONDS]
        return Change(self._regroup(keys=keys, args=args))

    def _record(self, event: str) -> str:
        return f"{self._prefix}:event:{event}"

    def _counter(self, counter: Counter) -> str:
        return f"{self._prefix}:counter:{counter.id}"


def _observed(event: str, seen: Observation | TextObservation) -> str:
    """An observation as state_observe.lua reads it."""
    stretch = Stretch.of(seen)
    fields: dict[str, Any] = {
        "start": str(stretch.start),
        "at": str(stretch.at),
        "stale": str(stretch.stale),
        "seconds": _seconds(seen.within),
        "kept": seen.kept or "-",
    }
    if isinstance(seen, Observation):
        fields |= {"most": MOST_MEMBERS, "members": seen.members(event), "distinct": seen.values is not None}
    else:
        excerpt = Excerpt.of(seen.text)
        shortest, longest = excerpt.lengths(seen.similar)
        fields |= {"most": MOST_TEXTS, "text": str(excerpt), "shortest": shortest, "longest": longest}
    return json.dumps(fields)


def _count(seen: Observation | TextObservation, answer: Sequence[Any]) -> Count:
    if isinstance(seen, Observation):
        return Count(min(answer[0], MOST_MEMBERS), bool(answer[1]))
    number = 1 + count_similar(Excerpt.of(seen.text), map(Excerpt.read, answer[2]), seen.similar)
    return Count(min(number, MOST_TEXTS), bool(answer[1]))


def _awarded(event: str, award: Award) -> str:
    """An award as state_award.lua reads it."""
    member = str(Given.of(event, award))
    at, seconds = str(moment(award.at)), _seconds(award.lifetime)
    return json.dumps({"award": award.identity, "member": member, "at": at, "seconds": seconds})


def _seconds(span: float) -> int:
    """How long to keep what matters for `span` seconds, late events considered."""
    return ceil(span) + LATE_SECONDS
