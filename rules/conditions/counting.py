"""`count` and `duplicate`: what an event adds to sliding windows, and whether these hold enough (section 7).

A check here asks nothing of the state itself. It says what is to be observed (`sightings`), and judges by what the
snapshot was told; a snapshot that was told nothing leaves it unknown.
"""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rules.conditions.checks import Check, Finding, Leaf, Look, Origin
from rules.conditions.logic import of_type
from rules.conditions.verdict import FALSE, UNKNOWN, Verdict, awaiting, every, known, some
from rules.facts import Counted
from rules.fields.keys import DISTINCT, OF_LINKS, Keyed, keys_of, text_of, types_of
from rules.fields.kinds import Field
from rules.fields.table import FIELDS, ITEM, POSTED
from rules.quantities import Comparison, spell_age
from rules.state.windows import EXACT, Observation, TextObservation
from rules.subject import CONVERSATION, Missing, Subject
from rules.text.links import Link


@dataclass(frozen=True, slots=True)
class Of:
    """What is counted: items of these types, when this happens to them; each as many as `measure` says, else one."""

    types: str
    trigger: str = "created"
    measure: Field | None = None


OF: dict[str, Of] = {
    "post": Of(POSTED),
    "topic": Of("T"),
    "reply": Of("R"),
    "link": Of(ITEM, measure=FIELDS["link_count"]),
    "mention": Of(ITEM, measure=FIELDS["mention_count"]),
    "attachment": Of(POSTED, measure=FIELDS["attachments.count"]),
    "user": Of("U", "joined"),
    "message": Of("C"),
    "edit": Of(POSTED, "edited"),
}
"""The words of `of` in a count."""

TEXTS: dict[str, Of] = {"body": Of(ITEM), "title": Of("TC")}
"""The words of `of` in a duplicate."""


@dataclass(frozen=True, slots=True)
class Window:
    """Which happenings are counted together: all of a count but what it is compared with. `within` is in seconds.

    `id` is the same for two checks that count the same.
    """

    id: str
    word: str
    of: Of
    by: tuple[str, ...]
    within: float
    where: Check | None = None
    kept: bool = False

    def adds(self, subject: Subject) -> Verdict:
        """Whether the event is one of those counted."""
        if subject.trigger != self.of.trigger:
            return FALSE
        fits = of_type(self.of.types, subject)
        return fits if self.where is None or fits.truth is False else every((fits, self.where.judge(subject)))

    def kept_in(self, subject: Subject) -> str | None:
        """The lane whose deletions leave nothing of the event here; None where what was deleted still counts."""
        return subject.lane if self.kept else None


@dataclass(frozen=True, slots=True)
class Sighting:
    """One window of one key as the event sees it, and the link that the key speaks of."""

    observation: Observation | TextObservation
    link: Link | None = None


class Counting(Leaf):
    """A window whose number is compared."""

    origin: Origin
    window: Window
    comparison: Comparison

    @abstractmethod
    def sightings(self, subject: Subject) -> tuple[Sighting, ...] | Missing:
        """What the event adds to its windows, or looks at there; Missing where a key or `where` is not known."""

    def judge(self, subject: Subject) -> Verdict:
        """Whether one of the windows holds enough."""
        if subject.told is None:
            return UNKNOWN
        seen = self.sightings(subject)
        return awaiting(seen.needs) if isinstance(seen, Missing) else some(self._passes(one, subject) for one in seen)

    def _passes(self, seen: Sighting, subject: Subject) -> Verdict:
        told = _told(seen, subject)
        if told is None or (told.at_least and not self._is_final(told.number)):
            return UNKNOWN
        return known(self.comparison.holds(told.number))

    def _is_final(self, number: int) -> bool:
        """Whether the comparison comes out the same however many more there were."""
        holds = self.comparison.holds
        return number >= self.comparison.high and holds(number) == holds(float("inf"))

    def findings(self, subject: Subject) -> Iterator[Finding]:
        """The first window that holds enough: its number, and its link."""
        seen = self.sightings(subject)
        for one in () if isinstance(seen, Missing) else seen:
            told = _told(one, subject)
            if told and self._passes(one, subject).truth:
                yield Finding((self.origin.called,), link=one.link, count=told.number)
                return

    def look(self, subject: Subject) -> Look:
        """The number, and how far off it was."""
        if subject.told is None:
            return Look("nothing is known here of earlier events")
        seen = self.sightings(subject)
        if isinstance(seen, Missing):
            return Look(f"what is counted {self._by} is not known" + (" yet" if seen.needs else ""))
        told = [found for one in seen if (found := _told(one, subject))]
        if not told:
            return Look(f"there is nothing to count {self._by}" if not seen else "the state was not asked")
        nearest = min(told, key=lambda one: (not self.comparison.holds(one.number), self._off_by(one)))
        return self._told_of(nearest)

    def _told_of(self, told: Counted) -> Look:
        number = f"{told.number}{' or more' if told.at_least else ''}"
        why = f"{number} of {self.window.word} {self._by} within {spell_age(self.window.within)}"
        if self.comparison.holds(told.number):
            return Look(why, number, number)
        return Look(f"{why}, off by {self._off_by(told):g}", number)

    def _off_by(self, told: Counted) -> float:
        return self.comparison.off_by(told.number)

    @property
    def _by(self) -> str:
        return f"by {' and '.join(self.window.by)}"


def _told(seen: Sighting, subject: Subject) -> Counted | None:
    return subject.told.counts.get(seen.observation.id) if subject.told else None


@dataclass(frozen=True, slots=True, eq=False)
class Count(Counting):
    """How many happenings, or different values of `distinct`, a window holds."""

    origin: Origin
    window: Window
    comparison: Comparison
    distinct: str | None = None
    cost: int = 4

    @property
    def types(self) -> str:  # type: ignore[override]
        """Where its keys exist."""
        return types_of(self.window.by)

    def sightings(self, subject: Subject) -> tuple[Sighting, ...] | Missing:
        """One for each key; an event that is not counted only looks."""
        adds, keys = self.window.adds(subject), keys_of(self.window.by, subject)
        if adds.truth is None and adds.needs:
            return Missing(adds.needs)
        if isinstance(keys, Missing):
            return keys
        numbers = self._numbers(keys, subject) if adds.truth else [0] * len(keys)
        if isinstance(numbers, Missing):
            return numbers
        values = self._values(subject) if any(numbers) else ()
        if isinstance(values, Missing):
            return values
        seen = zip(keys, numbers, strict=True)
        return tuple(Sighting(self._observation(key, number, values, subject), key.link) for key, number in seen)

    def _numbers(self, keys: Sequence[Keyed], subject: Subject) -> list[int] | Missing:
        """How many happenings the event is under each key: of links by link or domain, those alone that have it."""
        if self.window.word == "link" and set(OF_LINKS) & set(self.window.by):
            found = Counter(self._told_apart(link) for link in subject.links)
            return [found[self._told_apart(key.link)] for key in keys]
        measured = self.window.of.measure.value(subject) if self.window.of.measure else 1
        return measured if isinstance(measured, Missing) else [int(measured)] * len(keys)

    def _told_apart(self, link: Link | None) -> tuple[object, ...]:
        return tuple(OF_LINKS[word](link) for word in self.window.by if word in OF_LINKS)

    def _values(self, subject: Subject) -> tuple[str, ...] | Missing:
        found = keys_of((self.distinct,), subject, DISTINCT) if self.distinct else ()
        return found if isinstance(found, Missing) else tuple(one.values[0] for one in found)

    def _observation(self, key: Keyed, number: int, values: tuple[str, ...], subject: Subject) -> Observation:
        window, name = self.window, f"{subject.lane}:{self.window.id}"
        different = (values if number else ()) if self.distinct else None
        return Observation(name, key.values, subject.at, window.within, number, different, window.kept_in(subject))


@dataclass(frozen=True, slots=True, eq=False)
class Duplicate(Counting):
    """How many texts like the event's own a window holds, its own with them. Posts and messages are kept apart."""

    origin: Origin
    window: Window
    comparison: Comparison
    similar: float = EXACT
    min_length: int = 20
    cost: int = 4

    @property
    def types(self) -> str:  # type: ignore[override]
        """Where the text and its keys exist."""
        return "".join(kind for kind in self.window.of.types if kind in types_of(self.window.by))

    def sightings(self, subject: Subject) -> tuple[Sighting, ...] | Missing:
        """One for each key, none for a text too short; an event that is not compared cannot tell."""
        adds = self.window.adds(subject)
        if adds.truth is not True:
            return Missing(adds.needs)
        text = text_of(self.window.word, subject)
        if isinstance(text, Missing):
            return text
        keys = keys_of(self.window.by, subject) if len(text) >= self.min_length else ()
        if isinstance(keys, Missing):
            return keys
        return tuple(Sighting(self._observation(key, text, subject), key.link) for key in keys)

    def _observation(self, key: Keyed, text: str, subject: Subject) -> TextObservation:
        window = self.window
        apart = "message" if subject.kind == CONVERSATION else "post"
        name, kept = f"{subject.lane}:{window.id}", window.kept_in(subject)
        return TextObservation(name, (apart, *key.values), subject.at, window.within, text, self.similar, kept)
