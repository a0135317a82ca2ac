"""Finding the values of a check in a text: what conditions import.

The meaning of methods and flags is section 3 of the rule language. All plain values of a check share one automaton;
patterns are compiled one by one. Whatever is hostile, in the rule or in the text, costs linear time or ends at a
limit as `TimedOut`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate

from rules.text.engines import PatternError
from rules.text.literals import Literal, Literals
from rules.text.method import FLAGS, Method, Modifiers
from rules.text.normalise import Text
from rules.text.pattern import Pattern

__all__ = ["FLAGS", "Hit", "Matcher", "Method", "Modifiers", "PatternError", "TimedOut"]


@dataclass(frozen=True, slots=True)
class Hit:
    """A value found: as written in the rule, where in the visible text, as written there, and the groups of a regex."""

    value: str
    start: int
    end: int
    text: str
    groups: tuple[str | None, ...] = ()
    named: dict[str, str] = field(default_factory=dict)


class TimedOut(Exception):
    """A pattern reached its time limit; `hits` are what was found all the same, and stand."""

    def __init__(self, value: str, hits: list[Hit]) -> None:
        super().__init__(f"{value!r} reached the time limit of a pattern")
        self.value = value
        self.hits = hits


class Matcher:
    """The values of one check, compiled."""

    def __init__(self, values: Sequence[str], modifiers: Modifiers, excepted: Matcher | None) -> None:
        self._values = values
        self._patterns = [Pattern(value, modifiers) for value in values if _is_pattern(value, modifiers)]
        plain = (value for value in values if not _is_pattern(value, modifiers))
        self._literals = {value: Literal.of(value, modifiers) for value in plain}
        self._modifiers = modifiers
        self.sight = modifiers.sight
        self._excepted = excepted

    @classmethod
    def build(cls, values: Sequence[str], modifiers: Modifiers, except_: Sequence[str] = ()) -> Matcher:
        """Compile the values, and those that cancel a hit lying inside them. Raises PatternError."""
        return cls(values, modifiers, cls(except_, modifiers, None) if except_ else None)

    @property
    def groups(self) -> frozenset[str]:
        """What may be quoted of a hit beside the whole: the groups of its patterns, by number and by name."""
        return frozenset[str]().union(*(pattern.groups for pattern in self._patterns))

    def find(self, text: Text) -> list[Hit]:
        """All hits outside excepted spans, by place, longer first; searched for once. Raises TimedOut."""
        if self not in text.searched:
            text.searched[self] = self._search(text)
        hits, late = text.searched[self]
        if late:
            raise TimedOut(late, hits)
        return hits

    def first(self, text: Text) -> Hit | None:
        """The first hit by place, the longest there, or None. Raises TimedOut if nothing was found in time."""
        try:
            hits = self.find(text)
        except TimedOut as late:
            if not late.hits:
                raise
            hits = late.hits
        return hits[0] if hits else None

    def values_hit(self, text: Text) -> set[str]:
        """Which of the values were hit, as written in the rule. Raises TimedOut."""
        return {hit.value for hit in self.find(text)}

    def _search(self, text: Text) -> tuple[list[Hit], str]:
        """The hits, and a value whose search took too long."""
        hits, late = list(self._literal_hits(text)), ""
        for pattern in self._patterns:
            try:
                hits += _pattern_hits(pattern, text)
            except TimeoutError:
                late = pattern.value
        try:
            kept = self._kept(text, hits)
        except TimedOut as slow:
            return [], slow.value
        return sorted(kept, key=lambda hit: (hit.start, -hit.end)), late

    def signs(self, among: Iterable[str]) -> list[Literal] | None:
        """What a text that holds one of the values `among` must hold one of; None where that cannot be said."""
        wanted = set(among)
        values = [value for value in self._values if value in wanted]
        signs = [sign for value in values if (sign := self._sign(value))]
        return signs if len(signs) == len(values) else None

    def _sign(self, value: str) -> Literal | None:
        return self._literals.get(value) or Literal.between_stars(value, self._modifiers)

    def _literal_hits(self, text: Text) -> Iterator[Hit]:
        if self._literals:
            form = self._modifiers.form_of(text)
            for literal, start, end in self._automaton.finds(form):
                yield Hit(literal.value, *form.span(start, end), form.original(start, end))

    @cached_property
    def _automaton(self) -> Literals:
        """Built for the first text that is searched: the checks of most rules never search one (`rules.index`)."""
        return Literals(self._literals.values(), fold=self._modifiers.fold)

    def _kept(self, text: Text, hits: list[Hit]) -> list[Hit]:
        """The hits that do not lie inside an excepted span. Raises TimedOut."""
        if not hits or self._excepted is None:
            return hits
        spans = [(hit.start, hit.end) for hit in self._excepted.find(text)]
        starts = [start for start, _ in spans]
        reach = list(accumulate((end for _, end in spans), max, initial=-1))
        return [hit for hit in hits if reach[bisect_right(starts, hit.start)] < hit.end]


def _is_pattern(value: str, modifiers: Modifiers) -> bool:
    return "regex" in modifiers.flags or ("wildcard" in modifiers.flags and "*" in value)


def _pattern_hits(pattern: Pattern, text: Text) -> Iterator[Hit]:
    form = pattern.form_of(text)
    for span in pattern.spans(form):
        groups = tuple(None if start < 0 else form.original(start, end) for start, end in span.groups)
        named = {name: groups[place] or "" for name, place in pattern.names.items()}
        yield Hit(pattern.value, *form.span(span.start, span.end), form.original(span.start, span.end), groups, named)
