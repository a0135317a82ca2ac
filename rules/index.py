"""The index: which rules an event may concern, found in one pass over each field in each form.

All the values that rules with clues go by stand in one automaton for each field and form. A rule none of whose clues is
found is false and needs no look; a rule without clues, and one whose fields are not all known, is looked at always.
Imported by `rules.ruleset`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from rules.conditions.checks import Check
from rules.conditions.clues import Clue, Sight, Sign, entries_missing, texts_of, views_of
from rules.conditions.patterns import Hosts
from rules.fields.kinds import Field
from rules.rule import Rule
from rules.subject import Missing, Subject
from rules.text.literals import Literal, Literals
from rules.text.method import Method, Modifiers
from rules.text.normalise import Text
from rules.watches import Watch


@dataclass(frozen=True, slots=True)
class Docket:
    """What one kind of event brings up: rules by their places in the order of all, and what they ask the state.

    `clueless` are the places that are considered at every such event, `readers` the rules that read counters.
    """

    rules: dict[int, Rule]
    index: Index
    clueless: tuple[int, ...]
    readers: tuple[Rule, ...]
    watches: tuple[Watch, ...]

    @classmethod
    def of(cls, rules: dict[int, Rule], index: Index, watches: Iterable[Watch]) -> Docket:
        """The docket of these rules; `watches` are those of the event."""
        clueless = tuple(place for place in rules if place in index.clueless)
        return cls(rules, index, clueless, tuple(rule for rule in rules.values() if rule.reads), tuple(watches))

    def to_consider(self, subject: Subject) -> list[Rule]:
        """The rules that are not certainly false on an event, in order."""
        found = (place for place in self.index.concerned(subject) if place in self.rules)
        return [self.rules[place] for place in sorted((*self.clueless, *found))]


class Index:
    """The clues of checks, which are called by their places. `clueless` are the places of those that have none."""

    def __init__(self, checks: Sequence[Check]) -> None:
        self.checks = tuple(checks)
        clueless: list[int] = []
        lookouts: dict[tuple[Field, str, Sight], Lookout] = {}
        for place, check in enumerate(checks):
            clues = check.clues
            if clues is None:
                clueless.append(place)
            for clue in clues or ():
                lookouts.setdefault((clue.field, clue.entries, clue.sight), Lookout(clue)).take(place, clue.signs)
        self.clueless = frozenset(clueless)
        self._lookouts = tuple(lookouts.values())

    def concerned(self, subject: Subject) -> set[int]:
        """The places of the checks that have a clue in the event, or may have one in what is not known of it."""
        return set[int]().union(*(lookout.concerned(subject) for lookout in self._lookouts))


class SharedIndex:
    """Keeps the index last made, for rulesets that differ in modes alone."""

    def __init__(self) -> None:
        self._index = Index(())

    def of(self, checks: tuple[Check, ...]) -> Index:
        """The index of these checks."""
        if self._index.checks != checks:
            self._index = Index(checks)
        return self._index


class Lookout:
    """One field looked at in one way, for the clues of all checks."""

    def __init__(self, clue: Clue) -> None:
        self._field, self._entries, self._sight = clue.field, clue.entries, clue.sight
        self._all: list[int] = []
        self._behind: dict[Sign, list[int]] = {}

    def take(self, place: int, signs: Iterable[Sign]) -> None:
        """Take in what the check at `place` goes by."""
        self._all.append(place)
        for sign in signs:
            self._behind.setdefault(sign, []).append(place)

    def concerned(self, subject: Subject) -> Collection[int]:
        """The checks that have a sign there; all of them where what is looked at is not known."""
        texts = self._texts(subject)
        if isinstance(texts, Missing):
            return self._all
        seen = set[Sign]().union(*map(self._seen, texts))
        return [place for sign in seen for place in self._behind[sign]]

    def _texts(self, subject: Subject) -> list[Text] | Missing:
        missing = entries_missing(self._entries, subject) if self._entries else None
        if missing:
            return missing
        found: list[Text] = []
        if isinstance(subject.kind, Missing) or subject.kind in self._field.types:
            for view in views_of(self._entries, subject) if self._entries else (subject,):
                texts = texts_of(self._field, view)
                if isinstance(texts, Missing):
                    return texts
                found += texts
        return found

    @cached_property
    def _seen(self) -> Callable[[Text], Collection[Sign]]:
        """Finds the signs in a text; made for the first that there is."""
        if self._sight is None:
            return Hosts(frozenset(sign for sign in self._behind if isinstance(sign, str))).values_hit
        modifiers = Modifiers(Method.INCLUDES, self._sight)
        literals = Literals((sign for sign in self._behind if isinstance(sign, Literal)), fold=modifiers.fold)
        return lambda text: literals.occurring(modifiers.form_of(text))
