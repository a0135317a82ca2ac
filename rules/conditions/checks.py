"""Checks: one question each, answered true, false or unknown; and what they would tell about it.

A check is compiled once and judges any number of subjects. `judge` is the quick path; `look` says what was looked at
and found, for traces; `findings` gives the hits that templates quote.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rules.conditions.clues import Clues
from rules.conditions.verdict import FALSE, TRUE, UNKNOWN, Verdict, awaiting, known
from rules.decision import CheckTrace
from rules.fields.kinds import Field, Kind
from rules.quantities import Comparison, spell_age
from rules.subject import Missing, Subject
from rules.text.links import Link
from rules.text.match import Hit

LONGEST_LOOK = 200
"""Characters of a value that a trace shows."""

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a check was written: its key and value as text, the name that templates call it by, its line."""

    written: str
    called: str
    line: int
    path: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that a template may use; `path` is the one with the prefix that it stood under."""
        return (self.called,) if self.path in (None, self.called) else (self.called, self.path)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found, for templates: a hit in a text (of the `field` with this key), a link, or a count."""

    names: tuple[str, ...]
    hit: Hit | None = None
    link: Link | None = None
    count: int | None = None
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What a trace says of one check."""

    why: str
    looked_at: str | None = None
    found: str | None = None


class Check(ABC):
    """A question about a subject. `types` are the item types on which it can be asked, `cost` orders questions."""

    types: str
    cost: int

    @property
    def names(self) -> frozenset[str]:
        """What a template may call the hits inside."""
        return frozenset()

    @property
    def groups(self) -> frozenset[tuple[str, str]]:
        """What a template may quote of the hits inside, by number or name, beside what it calls them."""
        return frozenset()

    @property
    def clues(self) -> Clues | None:
        """What an event must show one of; None where the check may hold, or be unknown, on any event."""
        return None

    @abstractmethod
    def judge(self, subject: Subject) -> Verdict:
        """The verdict on `subject`."""

    @abstractmethod
    def trace(self, subject: Subject) -> Iterator[CheckTrace]:
        """What each check inside looked at and found."""

    @abstractmethod
    def leaves(self) -> Iterator[Leaf]:
        """The checks inside that ask for something; what `none` forbids is not among them."""

    @abstractmethod
    def everything(self) -> Iterator[Leaf]:
        """All the checks inside, those that `none` forbids too."""

    def findings(self, subject: Subject) -> Iterator[Finding]:  # noqa: ARG002 (for checks that find something)
        """What made it hold, in the order written. To be asked only of a check that holds."""
        return iter(())


class Leaf(Check):
    """A check of its own, nothing inside."""

    origin: Origin

    def leaves(self) -> Iterator[Leaf]:
        """Itself."""
        yield self

    def everything(self) -> Iterator[Leaf]:
        """Itself."""
        yield self

    @abstractmethod
    def look(self, subject: Subject) -> Look:
        """What it looked at, and a sentence on what came of it."""

    def trace(self, subject: Subject) -> Iterator[CheckTrace]:
        """One entry."""
        verdict, look = self.judge(subject), self.look(subject)
        yield CheckTrace(
            check=self.origin.written,
            line=self.origin.line,
            verdict=verdict.truth,
            looked_at=shown(look.looked_at),
            found=shown(look.found),
            why=look.why,
        )


def shown(value: Any) -> str | None:
    """A value shortened for people."""
    if value is None:
        return None
    text = ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
    return text if len(text) <= LONGEST_LOOK else text[:LONGEST_LOOK] + "…"


def not_known(field: Field, missing: Missing) -> str:
    """Why a value is missing, for a trace."""
    return f"{field.key} is not known" + (" yet" if missing.needs else "")


@dataclass(frozen=True, slots=True, eq=False)
class Quantity(Leaf):
    """A number, share or age compared."""

    origin: Origin
    field: Field
    comparison: Comparison
    cost: int = 1

    @property
    def types(self) -> str:  # type: ignore[override]
        """Where the field exists."""
        return self.field.types

    def judge(self, subject: Subject) -> Verdict:
        """Whether the number passes."""
        value = self.field.value(subject)
        return awaiting(value.needs) if isinstance(value, Missing) else known(self.comparison.holds(value))

    def look(self, subject: Subject) -> Look:
        """The number, and how far off it was."""
        value = self.field.value(subject)
        if isinstance(value, Missing):
            return Look(not_known(self.field, value))
        spelled = self._spell(value)
        if self.comparison.holds(value):
            return Look(f"{self.field.key} is {spelled}", spelled, spelled)
        return Look(f"{self.field.key} is {spelled}, off by {self._spell(self.comparison.off_by(value))}", spelled)

    def _spell(self, value: float) -> str:
        if self.field.kind is Kind.AGE:
            return spell_age(value)
        return f"{value:g}%" if self.field.kind is Kind.SHARE else f"{value:g}"


@dataclass(frozen=True, slots=True, eq=False)
class YesNo(Leaf):
    """A yes/no value wanted one way."""

    origin: Origin
    field: Field
    wanted: bool
    cost: int = 1

    @property
    def types(self) -> str:  # type: ignore[override]
        """Where the field exists."""
        return self.field.types

    def judge(self, subject: Subject) -> Verdict:
        """Whether it is as wanted."""
        value = self.field.value(subject)
        return awaiting(value.needs) if isinstance(value, Missing) else known(bool(value) is self.wanted)

    def look(self, subject: Subject) -> Look:
        """What it is."""
        value = self.field.value(subject)
        if isinstance(value, Missing):
            return Look(not_known(self.field, value))
        spelled = "true" if value else "false"
        return Look(f"{self.field.key} is {spelled}", spelled, spelled if bool(value) is self.wanted else None)


@dataclass(frozen=True, slots=True, eq=False)
class Presence(Leaf):
    """`missing`, `has` and `empty`: asked outright, unknown only while a fact can still be fetched."""

    origin: Origin
    fields: tuple[Field, ...]
    asked: str
    cost: int = 1

    @property
    def types(self) -> str:  # type: ignore[override]
        """Where all the fields exist."""
        return "".join(kind for kind in "TRCU" if all(kind in field.types for field in self.fields))

    def judge(self, subject: Subject) -> Verdict:
        """Whether all the fields are so."""
        verdicts = [self._one(_seen(field, subject)) for field in self.fields]
        failed = [verdict for verdict in verdicts if verdict.truth is not True]
        if not failed:
            return TRUE
        return next((verdict for verdict in failed if verdict.truth is False), failed[0])

    def _one(self, value: Any) -> Verdict:
        if isinstance(value, Missing):
            return awaiting(value.needs) if value.needs else known(self.asked == "missing")
        empty = isinstance(value, str | tuple | frozenset) and not (value.strip() if isinstance(value, str) else value)
        return known({"missing": False, "has": not empty, "empty": empty}[self.asked])

    def look(self, subject: Subject) -> Look:
        """What each field holds."""
        values = {field.key: _seen(field, subject) for field in self.fields}
        told = [f"{key} is {'not known' if isinstance(value, Missing) else 'known'}" for key, value in values.items()]
        first = next(iter(values.values()))
        return Look(", ".join(told), None if isinstance(first, Missing) else shown(first))


def _seen(field: Field, subject: Subject) -> Any | Missing:
    """A value as people see it: of markup, the visible text."""
    value = field.value(subject)
    return subject.text_of_html(value).visible if field.markup and isinstance(value, str) else value


@dataclass(frozen=True, slots=True, eq=False)
class Clock(Leaf):
    """Days of the week, or hours of the day, in the timezone of the settings. `hours` are minutes since midnight."""

    origin: Origin
    timezone: ZoneInfo
    days: frozenset[str] = frozenset(DAYS)
    hours: tuple[int, int] | None = None
    cost: int = 0
    types: str = field(default="TRCU")

    def judge(self, subject: Subject) -> Verdict:
        """Whether the event's moment lies within."""
        moment = self._moment(subject)
        if moment is None:
            return UNKNOWN
        return TRUE if DAYS[moment.weekday()] in self.days and self._within(moment) else FALSE

    def _within(self, moment: datetime) -> bool:
        if self.hours is None:
            return True
        start, end = self.hours
        minute = moment.hour * 60 + moment.minute
        return start <= minute < end if start < end else minute >= start or minute < end

    def _moment(self, subject: Subject) -> datetime | None:
        try:
            return datetime.fromtimestamp(subject.at, self.timezone)
        except (OverflowError, ValueError, OSError):
            return None

    def look(self, subject: Subject) -> Look:
        """The local time of the event."""
        moment = self._moment(subject)
        if moment is None:
            return Look("the event's moment is no date")
        spelled = f"{DAYS[moment.weekday()]} {moment:%H:%M}"
        return Look(f"it is {spelled} ({self.timezone.key})", spelled)
