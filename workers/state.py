"""The state in Redis, shared by all workers: each method is one script or one read, and one round trip; so are many.

The same as the memory form (`rules.state.memory`), whose protocol says what is promised. Every key has an expiry and a
bound, and names of fixed length: nothing that a member writes is part of a key. Imported by `workers` and tests.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Final

from redis import Redis
from redis.exceptions import ResponseError

from rules.state.asking import Question
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
from service.scripts import Fill, call, sound, together

PREFIX: Final = "modbot:state"


class RedisState:
    """The state of one forum's rules. A Redis that is away raises RedisError; doing it all over does no harm."""

    def __init__(self, redis: Redis, forum: str) -> None:
        self._redis = redis
        self._prefix = f"{PREFIX}:{forum}"

    def answer(self, questions: Sequence[Question]) -> list[Any]:
        """The answers to many questions in one round trip, as if they were put one after the other.

        One whose data are spoilt is answered by the ResponseError.
        """
        asked = [self._asked(question) for question in questions]
        rows = together(self._redis, [one.put for one in asked], whole=False)
        return [one.told(found) for one, found in zip(asked, rows, strict=True)]

    def observe(self, event_id: str, observations: Sequence[Observation | TextObservation]) -> list[Count]:
        """Add the event to its windows and count each; see State."""
        counts: list[Count] = self._now(self._observe(event_id, observations)) if observations else []
        return counts

    def replay(self, happened: Iterable[tuple[str, Sequence[Observation | TextObservation]]]) -> None:
        """Add many events to their windows in one round trip: as `observe` would, and nobody asks for the counts."""
        sound(together(self._redis, [self._observe(*one).put for one in happened], whole=False))

    def withdraw(self, event_ids: Sequence[str], lanes: Collection[str]) -> int:
        """Take events out of the windows that ask for `kept`; see State."""
        return int(self._now(self._withdraw(event_ids, lanes)))

    def points(self, event_id: str, counters: Sequence[Counter], at: float) -> list[int]:
        """The totals before the event's own awards; see State."""
        totals: list[int] = self._now(self._points(event_id, counters, at))
        return totals

    def award(self, event_id: str, awards: Sequence[Award]) -> list[Total]:
        """Give points and tell the totals; see State."""
        totals: list[Total] = self._now(self._award(event_id, awards)) if awards else []
        return totals

    def take_back(self, event_id: str, rule: str, counter: str) -> int:
        """Undo an award; see State."""
        keys = [self._record(digest(event_id))]
        return int(self._now(_Call.of("state_take_back", keys, [identity(rule, counter)], int)))

    def first(self, rule: str, scope: tuple[str, ...], span: float | None, event_id: str, at: float) -> bool:
        """Whether the event is the rule's first in this scope; see State."""
        return bool(self._now(self._first(rule, scope, span, event_id, at)))

    def regroup(self, event_id: str, seen: Membership) -> Change:
        """Whether the person's groups changed; see State."""
        return Change(self._now(self._regroup(event_id, seen)))

    def _now(self, call: _Call) -> Any:
        """What one call is told, alone."""
        (rows,) = together(self._redis, [call.put], whole=False)
        told = call.told(rows)
        if isinstance(told, ResponseError):
            raise told
        return told

    def _asked(self, question: Question) -> _Call:
        """The question as a call of Redis: each verb has one, named like it."""
        call: _Call = getattr(self, f"_{question.verb}")(*question.args)
        return call

    def _observe(self, event_id: str, observations: Sequence[Observation | TextObservation]) -> _Call:
        event, seen = digest(event_id), [plain(one) for one in observations]
        keys = [self._record(event), f"{self._prefix}:order", *(f"{self._prefix}:window:{one.id}" for one in seen)]
        args: list[str | int] = [event, FOREVER_SECONDS, *(_observed(event, one) for one in seen)]
        return _Call.of("state_observe", keys, args, lambda found: list(map(_count, seen, found)))

    def _withdraw(self, event_ids: Sequence[str], lanes: Collection[str]) -> _Call:
        events = [digest(one) for one in event_ids]
        return _Call.of("state_withdraw", [self._record(one) for one in events], [*events, *map(str, lanes)], int)

    def _points(self, event_id: str, counters: Sequence[Counter], at: float) -> _Call:
        event, now = digest(event_id), moment(at)

        def put(pipe: Any) -> None:
            for one in counters:
                pipe.zrangebyscore(self._counter(one), "-inf", now)

        def read(rows: Sequence[list[str]]) -> list[int]:
            return [total(map(Given.read, row), now, without=event) for row in rows]

        return _Call(put, read)

    def _award(self, event_id: str, awards: Sequence[Award]) -> _Call:
        event = digest(event_id)
        keys = [self._record(event), *(self._counter(one.counter) for one in awards)]
        args: list[str | int] = [MOST_AWARDS, *(_awarded(event, one) for one in awards)]
        return _Call.of("state_award", keys, args, lambda found: list(map(Total, found[::2], found[1::2])))

    def _first(self, rule: str, scope: tuple[str, ...], span: float | None, event_id: str, at: float) -> _Call:
        now = moment(at)
        if span is None:
            edges, seconds = ("-inf", "+inf"), FOREVER_SECONDS
        else:
            edges, seconds = (f"({now - moment(span)}", f"({now + moment(span)}"), _seconds(span)
        key = f"{self._prefix}:first:{digest(rule, *scope)}"
        return _Call.of("state_first", [key], [digest(event_id), now, *edges, MOST_FIRSTS, seconds], bool)

    def _regroup(self, event_id: str, seen: Membership) -> _Call:
        keys = [self._record(digest(event_id)), f"{self._prefix}:groups:{seen.id}"]
        args: list[str | int] = [moment(seen.at), seen.seen, MOST_SIGHTINGS, FOREVER_SECONDS, LATE_SECONDS]
        return _Call.of("state_regroup", keys, args, Change)

    def _record(self, event: str) -> str:
        return f"{self._prefix}:event:{event}"

    def _counter(self, counter: Counter) -> str:
        return f"{self._prefix}:counter:{counter.id}"


@dataclass(frozen=True, slots=True)
class _Call:
    """A question as Redis is asked it: `put` puts it on a pipeline, `read` makes an answer of what comes back."""

    put: Fill
    read: Callable[[Sequence[Any]], Any]

    @classmethod
    def of(cls, script: str, keys: Sequence[str], args: Sequence[str | int], read: Callable[[Any], Any]) -> _Call:
        """A call of one script."""
        return cls(lambda pipe: call(pipe, script, keys, args), lambda rows: read(rows[0]))

    def told(self, rows: Sequence[Any]) -> Any:
        """The answer, or the error that came in its place."""
        return next((row for row in rows if isinstance(row, ResponseError)), None) or self.read(rows)


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
