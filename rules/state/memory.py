"""The state in memory: for tests of rules, examples and backtests. One run, one thread, nothing kept.

The same as the Redis form (`workers.state`) but for expiry, which needs a clock: it forgets by size alone.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from rules.state.counters import MOST_AWARDS, Award, Counter, Given, Total, identity, total
from rules.state.groups import MOST_SIGHTINGS, Change, Membership
from rules.state.texts import Excerpt, count_similar
from rules.state.windows import (
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

END: Final = chr(0x10FFFF)
"""Sorts after every member, which begins with a digest."""


@dataclass(slots=True)
class _Row:
    """Members in the order of their times (microseconds), as a sorted set of Redis keeps them."""

    members: list[tuple[int, str]] = field(default_factory=list)

    def add(self, at: int, member: str) -> None:
        insort(self.members, (at, member))

    def between(self, start: int, at: int) -> list[str]:
        """The members after `start` and up to `at`."""
        edges = slice(bisect_right(self.members, (start, END)), bisect_right(self.members, (at, END)))
        return [member for _, member in self.members[edges]]

    def up_to(self, at: int) -> list[str]:
        return [member for _, member in self.members[: bisect_right(self.members, (at, END))]]

    def forget(self, at: int) -> None:
        """Drop what is not later than `at`."""
        del self.members[: bisect_right(self.members, (at, END))]

    def keep_newest(self, most: int) -> None:
        del self.members[: max(0, len(self.members) - most)]

    def remove(self, event: str, word: str = "") -> int:
        """Take out the event's members that begin with `word`; returns how many there were."""
        before = len(self.members)
        self.members = [one for one in self.members if not one[1].startswith(f"{event}:{word}")]
        return before - len(self.members)


@dataclass(frozen=True, slots=True)
class _Noted:
    """What an event was told when it was first added to a window; for texts `number` is its place in their order."""

    number: int
    at_least: bool
    kept: str | None


class MemoryState:
    """The state of one run."""

    def __init__(self) -> None:
        self._windows: defaultdict[str, _Row] = defaultdict(_Row)
        self._counters: defaultdict[str, _Row] = defaultdict(_Row)
        self._firsts: defaultdict[str, dict[str, int]] = defaultdict(dict)
        self._noted: defaultdict[str, dict[str, _Noted]] = defaultdict(dict)
        self._awarded: defaultdict[str, dict[tuple[str, str], Total]] = defaultdict(dict)
        self._groups: defaultdict[str, _Row] = defaultdict(_Row)
        self._regrouped: defaultdict[str, dict[str, Change]] = defaultdict(dict)
        self._order = count(1)

    def observe(self, event_id: str, observations: Sequence[Observation | TextObservation]) -> list[Count]:
        """Add the event to its windows and count each; see State."""
        event = digest(event_id)
        return [self._observe(event, plain(one)) for one in observations]

    def _observe(self, event: str, seen: Observation | TextObservation) -> Count:
        noted = self._noted[event]
        if seen.id not in noted:
            noted[seen.id] = self._note(event, seen)
        first = noted[seen.id]
        if isinstance(seen, Observation):
            return Count(first.number, first.at_least)
        stretch = Stretch.of(seen)
        others = _earlier(self._windows[seen.id].between(stretch.start, stretch.at), first.number)
        number = 1 + count_similar(Excerpt.of(seen.text), others, seen.similar)
        return Count(min(number, MOST_TEXTS), first.at_least)

    def _note(self, event: str, seen: Observation | TextObservation) -> _Noted:
        window, stretch = self._windows[seen.id], Stretch.of(seen)
        if isinstance(seen, Observation):
            most, members = MOST_MEMBERS, seen.members(event)
        else:
            order = next(self._order)
            most, members = MOST_TEXTS, (f"{event}:{order}:{Excerpt.of(seen.text)}",)
        for member in members:
            window.add(stretch.at, member)
        window.forget(stretch.stale)
        number = _count(window, stretch, seen) if isinstance(seen, Observation) else order
        at_least = len(window.members) >= most and window.members[0][0] > stretch.start
        window.keep_newest(most)
        return _Noted(number, at_least, seen.kept)

    def withdraw(self, event_ids: Sequence[str], lanes: Collection[str]) -> int:
        """Take events out of the windows that ask for `kept`; see State."""
        return sum(
            self._windows[window].remove(event)
            for event in map(digest, event_ids)
            for window, first in self._noted.get(event, {}).items()
            if first.kept in lanes
        )

    def points(self, event_id: str, counters: Sequence[Counter], at: float) -> list[int]:
        """The totals before the event's own awards; see State."""
        event, now = digest(event_id), moment(at)
        return [total(_given(self._counters[one.id].up_to(now)), now, without=event) for one in counters]

    def award(self, event_id: str, awards: Sequence[Award]) -> list[Total]:
        """Give points and tell the totals; see State."""
        event = digest(event_id)
        return [self._award(event, one) for one in awards]

    def _award(self, event: str, award: Award) -> Total:
        place = (award.identity, award.counter.id)
        awarded = self._awarded[event]
        if place not in awarded:
            row = self._counters[award.counter.id]
            now = max([moment(award.at), *(at for at, _ in row.members[-1:])])
            before = total(_given(row.up_to(now)), now)
            row.add(moment(award.at), str(Given.of(event, award)))
            awarded[place] = Total(before, total(_given(row.up_to(now)), now))
            row.keep_newest(MOST_AWARDS)
        return awarded[place]

    def take_back(self, event_id: str, rule: str, counter: str) -> int:
        """Undo an award; see State."""
        event, undone = digest(event_id), identity(rule, counter)
        places = self._awarded.get(event, {})
        return sum(self._counters[id_].remove(event, f"{undone}:") for award, id_ in places if award == undone)

    def first(self, rule: str, scope: tuple[str, ...], span: float | None, event_id: str, at: float) -> bool:
        """Whether the event is the rule's first in this scope; see State."""
        firsts, event, now = self._firsts[digest(rule, *scope)], digest(event_id), moment(at)
        if event in firsts:
            return True
        if any(span is None or abs(now - other) < moment(span) for other in firsts.values()):
            return False
        firsts[event] = now
        if len(firsts) > MOST_FIRSTS:
            del firsts[min(firsts, key=lambda one: (firsts[one], one))]
        return True

    def regroup(self, event_id: str, seen: Membership) -> Change:
        """Whether the person's groups changed; see State."""
        noted, row, now = self._regrouped[digest(event_id)], self._groups[seen.id], moment(seen.at)
        if seen.id in noted:
            return noted[seen.id]
        before = row.up_to(now)[-1:]
        answer = Change.UNKNOWN if not before else Change.SAME if before == [seen.seen] else Change.CHANGED
        row.members = [one for one in row.members if one[0] != now]
        row.add(now, seen.seen)
        row.keep_newest(MOST_SIGHTINGS)
        noted[seen.id] = answer
        return answer


def _count(window: _Row, stretch: Stretch, seen: Observation) -> int:
    members = window.between(stretch.start, stretch.at)
    different = members if seen.values is None else {member.partition(":")[2] for member in members}
    return min(len(different), MOST_MEMBERS)


def _earlier(members: Iterable[str], order: int) -> Iterable[Excerpt]:
    """The texts that were there when the text with this place in the order came."""
    for member in members:
        _, place, stored = member.split(":", 2)
        if int(place) < order:
            yield Excerpt.read(stored)


def _given(members: Iterable[str]) -> list[Given]:
    return [Given.read(member) for member in members]
