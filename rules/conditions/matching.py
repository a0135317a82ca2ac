"""Checks that search: text, names, lists, hosts and addresses, in one field or several joined ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rules.conditions.checks import Finding, Leaf, Look, Origin, not_known, shown
from rules.conditions.clues import Clue, Clues, texts_of
from rules.conditions.patterns import Pattern
from rules.conditions.verdict import Verdict, awaiting, known
from rules.fields.kinds import Field
from rules.subject import Missing, Subject, union
from rules.text.links import Link
from rules.text.match import Hit, TimedOut
from rules.text.normalise import Text


@dataclass(frozen=True, slots=True)
class Part:
    """One field of a joined check and what it is searched with."""

    field: Field
    pattern: Pattern

    def clue(self, values: Iterable[str]) -> Clue | None:
        """What this field must show for one of `values` to occur in it."""
        signs = self.pattern.signs(values)
        return None if signs is None else Clue(self.field, self.pattern.sight, tuple(signs))


@dataclass(frozen=True, slots=True, eq=False)
class Matching(Leaf):
    """Whether enough values occur in one or other of the fields.

    `wanted` is how many different values must occur: 1 for any, all of them for `all`. `quotable` are the groups of its
    regexes, by number and by name.
    """

    origin: Origin
    parts: tuple[Part, ...]
    wanted: int = 1
    negated: bool = False
    quotable: frozenset[str] = frozenset()
    values: frozenset[str] = frozenset()
    cost: int = 2

    @property
    def types(self) -> str:  # type: ignore[override]
        """Where one of the fields exists."""
        return "".join(kind for kind in "TRCU" if any(kind in part.field.types for part in self.parts))

    @property
    def clues(self) -> Clues | None:
        """The longest values, so many that without one of them not enough could occur."""
        enough = sorted(self.values, key=len)[self.wanted - 1 :]
        found = [part.clue(enough) for part in self.parts] if enough and not self.negated else [None]
        return None if None in found else tuple(clue for clue in found if clue)

    def judge(self, subject: Subject) -> Verdict:
        """True if enough values occur in what is known, unknown while they might in what is not."""
        verdict = self._sought(subject)
        return ~verdict if self.negated else verdict

    def _sought(self, subject: Subject) -> Verdict:
        missing: list[Missing] = []
        hit: set[str] = set()
        for part in self._existing(subject):
            texts = texts_of(part.field, subject)
            if isinstance(texts, Missing):
                missing.append(texts)
                continue
            for text in texts:
                hit |= self._values_hit(part, text, subject, missing)
            if len(hit) >= self.wanted:
                return known(truth=True)
        return awaiting(union(missing).needs) if missing else known(truth=False)

    @staticmethod
    def _values_hit(part: Part, text: Text, subject: Subject, missing: list[Missing]) -> set[str]:
        try:
            return part.pattern.values_hit(text)
        except TimedOut as late:
            subject.late.append(late.value)
            missing.append(Missing())
            return {hit.value for hit in late.hits}

    @property
    def names(self) -> frozenset[str]:
        """What a template may call its hits; a negated check has none."""
        return frozenset() if self.negated else frozenset(self.origin.names)

    @property
    def groups(self) -> frozenset[tuple[str, str]]:
        """The groups that a template may quote."""
        return frozenset((name, group) for name in self.names for group in self.quotable)

    def _existing(self, subject: Subject) -> Iterator[Part]:
        kind = subject.kind
        return (part for part in self.parts if isinstance(kind, Missing) or kind in part.field.types)

    def _hits(self, subject: Subject) -> Iterator[tuple[Field, Text, Hit, Link | None]]:
        for part in self._existing(subject):
            texts = texts_of(part.field, subject)
            for place, text in enumerate(() if isinstance(texts, Missing) else texts):
                link = subject.links[place] if part.field.of_links else subject.link
                for hit in _found(part.pattern, text):
                    yield part.field, text, hit, link

    def findings(self, subject: Subject) -> Iterator[Finding]:
        """Every hit, with the link in view; a negated check has found nothing but the link."""
        if self.negated:
            yield Finding((), link=subject.link)
            return
        for field, _, hit, link in self._hits(subject):
            yield Finding(self.origin.names, hit, link, field=field.key)

    def look(self, subject: Subject) -> Look:
        """The first hit, or what was searched in vain."""
        first = next(self._hits(subject), None)
        if first is not None and self.wanted > 1:
            occurring = {hit.value for _, _, hit, _ in self._hits(subject)}
            return Look(f"{len(occurring)} of the {self.wanted} values wanted occur", first[1].visible, first[2].text)
        if first is not None:
            field, text, hit, _ = first
            return Look(
                f"{field.key} holds {shown(hit.text)!r}, sought as {shown(hit.value)!r}", text.visible, hit.text
            )
        return self._looked_in_vain(subject)

    def _looked_in_vain(self, subject: Subject) -> Look:
        values: list[tuple[Field, Any]] = [(part.field, part.field.value(subject)) for part in self._existing(subject)]
        for field, value in values:
            if isinstance(value, Missing):
                return Look(not_known(field, value))
        if self.judge(subject).truth is None:
            return Look("the search took too long and was given up")
        field, value = values[0] if values else (self.parts[0].field, None)
        seen = subject.text_of_html(value).visible if field.markup and value else shown(value)
        return Look(f"no value occurs in {'+'.join(part.field.key for part in self.parts)}", seen)


def _found(pattern: Pattern, text: Text) -> Sequence[Hit]:
    """The hits, or those that were found in time."""
    try:
        return pattern.find(text)
    except TimedOut as late:
        return late.hits
