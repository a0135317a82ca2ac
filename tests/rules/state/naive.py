"""The state as one would write it down without a thought for speed or size: what both forms are compared with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from typing import Any

from rules.state.counters import Award, Counter, Total
from rules.state.groups import Change, Membership
from rules.state.windows import Count, Observation, TextObservation


def exact(seconds: float) -> Fraction:
    """A time of the tests, which are all whole tenths of a second."""
    return Fraction(round(seconds * 10), 10)


@dataclass
class Seen:
    window: Any
    at: Fraction
    event: str
    value: Any
    kept: str | None
    gone: bool = False


@dataclass
class NaiveState:
    seen: list[Seen] = field(default_factory=list)
    answers: dict[Any, Any] = field(default_factory=dict)
    awards: list[tuple[str, Award]] = field(default_factory=list)
    undone: set[tuple[str, str, Counter]] = field(default_factory=set)
    firsts: list[tuple[Any, str, Fraction]] = field(default_factory=list)
    groups: list[tuple[str, Fraction, int, set[str]]] = field(default_factory=list)

    def observe(self, event: str, observations: list[Observation | TextObservation]) -> list[Count]:
        return [Count(self._observe(event, one)) for one in observations]

    def _observe(self, event: str, one: Observation | TextObservation) -> int:
        similar = isinstance(one, TextObservation) and one.similar < 100
        return self._texts(event, one) if similar else self._count(event, one)

    def _count(self, event: str, one: Any) -> int:
        window: Any = (type(one), one.window, one.key)
        if isinstance(one, TextObservation):
            values, window = [1], (*window, one.text)
        else:
            values = list(range(one.number)) if one.values is None else one.values
        if (event, window) not in self.answers:
            self.seen += [Seen(window, exact(one.at), event, value, one.kept) for value in values]
            found = [seen.value for seen in self._within(window, one)]
            self.answers[event, window] = len(set(found) if getattr(one, "values", None) is not None else found)
        return int(self.answers[event, window])

    def _texts(self, event: str, one: Any) -> int:
        window = (type(one), one.window, one.key)
        if (event, window) not in self.answers:
            self.answers[event, window] = len(self.seen)
            self.seen.append(Seen(window, exact(one.at), event, one.text, one.kept))
        before = self.seen[: self.answers[event, window]]
        others = [seen for seen in self._within(window, one) if any(seen is other for other in before)]
        return 1 + sum(alike(seen.value, one.text, one.similar) for seen in others)

    def _within(self, window: Any, one: Any) -> Iterator[Seen]:
        for seen in self.seen:
            if seen.window == window and not seen.gone and exact(one.at) - exact(one.within) < seen.at <= exact(one.at):
                yield seen

    def withdraw(self, events: list[str], lanes: list[str]) -> int:
        mine = [seen for seen in self.seen if seen.event in events and seen.kept in lanes and not seen.gone]
        distinct = {(seen.event, str(seen.window), seen.value) for seen in mine}
        for seen in mine:
            seen.gone = True
        return len(distinct)

    def award(self, event: str, awards: list[Award]) -> list[Total]:
        return [self._award(event, one) for one in awards]

    def _award(self, event: str, one: Award) -> Total:
        place = (event, one.rule, one.counter)
        if place not in self.answers:
            given = [other for _, other in self._standing(one.counter)]
            now = max(exact(other.at) for other in [*given, one])
            before = self._total(one.counter, now)
            self.awards.append((event, one))
            self.answers[place] = Total(before, self._total(one.counter, now))
        return self.answers[place]  # type: ignore[no-any-return]

    def _standing(self, counter: Counter) -> Iterator[tuple[str, Award]]:
        for event, one in self.awards:
            if one.counter == counter and (event, one.rule, counter) not in self.undone:
                yield event, one

    def _total(self, counter: Counter, now: Fraction, without: str = "") -> int:
        return sum(
            one.points
            for event, one in self._standing(counter)
            if event != without
            and exact(one.at) <= now
            and (one.expires is None or now < exact(one.at) + exact(one.expires))
        )

    def points(self, event: str, counters: list[Counter], at: float) -> list[int]:
        return [self._total(one, exact(at), event) for one in counters]

    def take_back(self, event: str, rule: str, counter: str) -> int:
        made = {(who, one.rule, one.counter) for who, one in self.awards}
        mine = {place for place in made if (place[0], place[1], place[2].name) == (event, rule, counter)}
        there = mine - self.undone
        self.undone |= mine
        return len(there)

    def first(self, rule: str, scope: tuple[str, ...], span: float | None, event: str, at: float) -> bool:
        firsts = [(who, when) for place, who, when in self.firsts if place == (rule, scope)]
        if any(who == event for who, _ in firsts):
            return True
        if any(span is None or abs(when - exact(at)) < exact(span) for _, when in firsts):
            return False
        self.firsts.append(((rule, scope), event, exact(at)))
        return True

    def regroup(self, event: str, seen: Membership) -> Change:
        place, at, groups = ("groups", event, seen.person), exact(seen.at), {group.casefold() for group in seen.groups}
        before = [one[1:] for one in self.groups if one[0] == seen.person and one[1] <= at]
        last = max(before, key=lambda one: one[:2], default=None)
        told = Change.UNKNOWN if last is None else Change.SAME if last[2] == groups else Change.CHANGED
        if place not in self.answers:
            self.groups.append((seen.person, at, len(self.groups), groups))
            self.answers[place] = told
        return self.answers[place]  # type: ignore[no-any-return]


def alike(one: str, other: str, similar: float) -> bool:
    """Section 7 to the letter: one less the edits over the length of the longer."""
    longer = max(len(one), len(other))
    return longer == 0 or 1 - Fraction(edits(one, other), longer) >= Fraction(round(similar), 100)


@cache
def edits(one: str, other: str) -> int:
    """Levenshtein's distance by its definition."""
    if not one or not other:
        return len(one) + len(other)
    return min(
        edits(one[1:], other) + 1,
        edits(one, other[1:]) + 1,
        edits(one[1:], other[1:]) + (one[0] != other[0]),
    )
