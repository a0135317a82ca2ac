"""A rule as loaded: which events it is for, what it asks, what it does, and how it stands beside other rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from zoneinfo import ZoneInfo

from rules.actions.kinds import Action
from rules.conditions.checks import Check, Leaf, YesNo
from rules.conditions.counting import Counting
from rules.conditions.logic import of_type
from rules.conditions.matching import Matching
from rules.conditions.points import Tally
from rules.conditions.verdict import UNKNOWN, Verdict, every, known
from rules.loading.faults import Place
from rules.mode import Mode
from rules.state.groups import Change
from rules.subject import GROUP_CHANGED, LIVE, NOBODY, TRIAL, Moderators, Subject
from rules.templates import Fillable, Template

Scope = Literal["item", "topic", "author", "topic.author"]
"""Whose action it is: under which group of a rule it was written."""

SUBJECT = "A message from the moderators"
"""Heads a message whose rule names no subject."""

DEFAULT_EVENTS = frozenset({"created", "edited"})
DEFAULT_USER_EVENTS = frozenset({"joined"})


@dataclass(frozen=True, slots=True)
class Step:
    """One action of a rule, as written. `options` are templates, or values as they stand; `tally` gets the points."""

    action: type[Action]
    scope: Scope
    options: Mapping[str, Fillable | str | int]
    reason: Template | None
    line: int
    tally: Tally | None = None


@dataclass(frozen=True, slots=True)
class Rung:
    """What a ladder does when a total reaches `at`."""

    at: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Once:
    """How often a rule's texts are sent: once for the same `per` in `span` seconds (None: for ever)."""

    per: str
    span: float | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """The brake: on how many events a rule may act in any `span` seconds before it drops to hold. As `written`."""

    most: int
    span: float
    written: str


USUAL_LIMIT = Limit(100, 3600.0, "100 per hour")
"""The brake of a rule that deletes or changes groups and names none (rule-language.md, 9)."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The `settings:` of a folder. `privileges` are the groups, in folded case, that it is safer to be without.

    `new_rules` is where a new or changed rule starts until a person releases it. `timed` are the slots of groups, in
    folded case, that some rule gives or takes for a time.
    """

    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    moderators: Moderators = NOBODY
    mode: Mode = Mode.LIVE
    privileges: frozenset[str] = frozenset()
    new_rules: Mode = Mode.LIVE
    timed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Example:
    """An event that the rule must match, or must not, and where it stands."""

    event: Mapping[str, Any] | str
    matches: bool
    place: Place


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One rule. `types` and `events` say what it is evaluated on; `exempt` cancels it, and so may being a moderator.

    `reads` are the counters that its checks and texts ask for, `ladders` those of the counters that it awards. `digest`
    names what it says, with all that it uses of `lists` and the like. `usual_limit`: its file names no `limit`, and a
    sudden jump of its rate is a reason to hold it back.
    """

    name: str
    file: str
    line: int
    types: str
    events: frozenset[str]
    check: Check
    steps: tuple[Step, ...]
    priority: int = 0
    stop: bool = False
    exempt: Check | None = None
    moderators_exempt: bool | None = None
    reason: Template | None = None
    mode: Mode = Mode.LIVE
    examples: tuple[Example, ...] = ()
    once: Once | None = None
    reads: tuple[Tally, ...] = ()
    ladders: Mapping[str, tuple[Rung, ...]] = field(default_factory=dict)
    limit: Limit | None = None
    usual_limit: bool = True
    digest: str = ""

    @property
    def counting(self) -> tuple[Counting, ...]:
        """Every count and duplicate among its checks."""
        return tuple(leaf for leaf in self.check.everything() if isinstance(leaf, Counting))

    @property
    def remembers(self) -> bool:
        """Whether it asks or tells the state anything."""
        awards = any(step.tally for step in self.steps)
        asks = awards or self.once or self.reads or self.counting or self.follows_groups
        return self.mode is not Mode.OFF and bool(asks)

    @property
    def follows_groups(self) -> bool:
        """Whether it is for users whose groups have changed."""
        return self.mode is not Mode.OFF and GROUP_CHANGED in self.events

    @property
    def lane(self) -> str:
        """Where its counts are kept: apart while it is in shadow."""
        return TRIAL if self.mode is Mode.SHADOW else LIVE

    @property
    def acting_lane(self) -> str:
        """Where its awards and texts are remembered: apart unless they are real."""
        return LIVE if self.mode is Mode.LIVE else TRIAL

    @property
    def all_steps(self) -> Iterator[Step]:
        """Every action that it may come to, those of its ladders' rungs too."""
        yield from self.steps
        for ladder in self.ladders.values():
            for rung in ladder:
                yield from rung.steps

    def view(self, subject: Subject) -> Subject:
        """The subject as it looks to this rule."""
        return subject.on_trial() if self.mode is Mode.SHADOW and subject.told is not None else subject

    def is_for(self, subject: Subject) -> Verdict:
        """Whether the event is one of the rule's: its trigger and its type of item."""
        triggered = self.is_triggered(subject)
        if triggered.truth is True:
            return of_type(self.types, subject)
        return triggered if triggered.truth is False else every((triggered, of_type(self.types, subject)))

    def is_triggered(self, subject: Subject) -> Verdict:
        """Whether the event is one that `event:` names; unknown while nobody can tell whether groups changed."""
        if subject.trigger in self.events or subject.event.type in self.events:
            return known(truth=True)
        if not subject.may_change_groups or GROUP_CHANGED not in self.events:
            return known(truth=False)
        change = subject.told.groups if subject.told else None
        return UNKNOWN if change in (None, Change.UNKNOWN) else known(truth=change is Change.CHANGED)

    def exempts_moderators(self, moderators: Moderators) -> bool:
        """Whether it passes moderators over: unless told, if it restricts and does not itself ask for them."""
        if self.moderators_exempt is not None:
            return self.moderators_exempt
        restricts = self.mode is Mode.HOLD or any(step.action.restricts for step in self.all_steps)
        return restricts and not any(_asks_for(leaf, moderators) for leaf in self.check.leaves())


def remembered_as(rule: Rule) -> str:
    """The name under which the state knows the rule's texts."""
    return f"{rule.acting_lane}:{rule.name}"


def _asks_for(leaf: Leaf, moderators: Moderators) -> bool:
    if isinstance(leaf, YesNo):
        return leaf.field.key == "author.is_moderator" and leaf.wanted
    if not isinstance(leaf, Matching) or leaf.negated:
        return False
    asked = {value.casefold() for value in leaf.values}
    fields = {part.field.key for part in leaf.parts}
    named = "author.groups" in fields and asked & moderators.groups
    return bool(named or ("author.name" in fields and asked & moderators.users))


def by_priority(rules: tuple[Rule, ...]) -> Iterator[Rule]:
    """The rules in the order in which they count: higher priority first, then as written."""
    return iter(sorted(rules, key=lambda rule: -rule.priority))
