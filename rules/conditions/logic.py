"""Checks made of checks: `all`, `any`, `none`, `is`, and the groups that ask for one link or one file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from operator import methodcaller

from rules.conditions.checks import Check, Finding, Leaf
from rules.conditions.clues import Clues, entries_missing, sharpest, views_of
from rules.conditions.verdict import Verdict, awaiting, every, known, some
from rules.decision import CheckTrace
from rules.subject import Missing, Subject


def shared_types(checks: tuple[Check, ...]) -> str:
    """The item types on which every one of the checks can be asked."""
    return "".join(kind for kind in "TRCU" if all(kind in check.types for check in checks))


def of_type(types: str, subject: Subject) -> Verdict:
    """Whether the item is one of the types; of a post, it may take the topic's record to tell."""
    if not isinstance(subject.kind, Missing):
        return known(subject.kind in types)
    both, either = {"T", "R"} <= set(types), {"T", "R"} & set(types)
    return known(truth=True) if both else awaiting(subject.kind.needs) if either else known(truth=False)


class Compound(Check):
    """Checks joined; the cheap ones are asked first."""

    def __init__(self, checks: tuple[Check, ...], label: str | None = None) -> None:
        self.checks = checks
        self.label = label
        self.types = shared_types(checks)
        self.cost = sum(check.cost for check in checks)
        self.by_cost = tuple(sorted(checks, key=lambda check: check.cost))

    @property
    def names(self) -> frozenset[str]:
        """Those of every check inside, and the label."""
        inside = frozenset[str]().union(*(check.names for check in self.checks))
        return inside | {self.label} if self.label and inside else inside

    @property
    def groups(self) -> frozenset[tuple[str, str]]:
        """Those of every check inside, under the label too."""
        inside = frozenset[tuple[str, str]]().union(*(check.groups for check in self.checks))
        return inside | {(self.label, group) for _, group in inside} if self.label else inside

    def trace(self, subject: Subject) -> Iterator[CheckTrace]:
        """The entries of every check inside, in the order written."""
        for check in self.checks:
            yield from check.trace(subject)

    def findings(self, subject: Subject) -> Iterator[Finding]:
        """What made it hold."""
        for check in self.checks:
            if check.judge(subject).truth:
                yield from (self._labelled(finding) for finding in check.findings(subject))

    def leaves(self) -> Iterator[Leaf]:
        """Those of every check inside."""
        for check in self.checks:
            yield from check.leaves()

    def everything(self) -> Iterator[Leaf]:
        """Those of every check inside, the forbidden too."""
        for check in self.checks:
            yield from check.everything()

    def _labelled(self, finding: Finding) -> Finding:
        return replace(finding, names=(*finding.names, self.label)) if self.label else finding


class Every(Compound):
    """`all`: every check holds."""

    @cached_property
    def clues(self) -> Clues | None:
        """Those of one of the checks, as all must hold."""
        return sharpest(check.clues for check in self.checks)

    def judge(self, subject: Subject) -> Verdict:
        """False as soon as one is false."""
        return every(map(methodcaller("judge", subject), self.by_cost))


class Some(Compound):
    """`any`: at least one check holds."""

    @cached_property
    def clues(self) -> Clues | None:
        """Those of all the checks, if each has some."""
        found = [check.clues for check in self.checks]
        return None if None in found else tuple(clue for clues in found if clues for clue in clues)

    def judge(self, subject: Subject) -> Verdict:
        """True as soon as one is true."""
        return some(map(methodcaller("judge", subject), self.by_cost))


class Never(Compound):
    """`none`: no check holds."""

    names = frozenset()
    groups = frozenset()

    def judge(self, subject: Subject) -> Verdict:
        """False as soon as one is true."""
        return ~some(map(methodcaller("judge", subject), self.by_cost))

    def leaves(self) -> Iterator[Leaf]:
        """None: these are not asked for."""
        return iter(())

    def findings(self, subject: Subject) -> Iterator[Finding]:  # noqa: ARG002 (see Check)
        """Nothing: what must not be there was not found."""
        return iter(())


@dataclass(frozen=True, slots=True, eq=False)
class OneOf(Check):
    """`link:` and `attachments:`: one and the same entry meets everything inside."""

    entries: str
    inside: Check
    types: str = "TRC"
    cost: int = 3

    @property
    def names(self) -> frozenset[str]:
        """Those inside."""
        return self.inside.names

    @property
    def groups(self) -> frozenset[tuple[str, str]]:
        """Those inside."""
        return self.inside.groups

    def leaves(self) -> Iterator[Leaf]:
        """Those inside."""
        return self.inside.leaves()

    def everything(self) -> Iterator[Leaf]:
        """Those inside."""
        return self.inside.everything()

    @property
    def clues(self) -> Clues | None:
        """Those inside, in one entry or another."""
        inside = self.inside.clues
        return None if inside is None else tuple(replace(clue, entries=self.entries) for clue in inside)

    def judge(self, subject: Subject) -> Verdict:
        """True if some entry meets it; unknown while there may be more entries."""
        verdicts = [self.inside.judge(view) for view in views_of(self.entries, subject)]
        missing = entries_missing(self.entries, subject)
        return some([*verdicts, awaiting(missing.needs)] if missing else verdicts)

    def trace(self, subject: Subject) -> Iterator[CheckTrace]:
        """The entries of the first view that holds, else of the first one."""
        views = list(views_of(self.entries, subject))
        held = next((view for view in views if self.inside.judge(view).truth), None)
        if views:
            yield from self.inside.trace(held or views[0])
            return
        truth = self.judge(subject).truth
        why = f"there is no {self.entries.removesuffix('s')}" if truth is False else "the item is not known"
        yield CheckTrace(check=f"{self.entries}:", verdict=truth, why=why)

    def findings(self, subject: Subject) -> Iterator[Finding]:
        """What made it hold, on the first entry that meets it."""
        for view in views_of(self.entries, subject):
            if self.inside.judge(view).truth:
                yield Finding((), link=view.link)
                yield from self.inside.findings(view)
                return
