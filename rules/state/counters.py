"""Points that rules award, and the ladder that answers to their total (rule-language.md, section 7).

Imported by whoever carries out `add_points` and `points`, and by the forms of the state.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from rules.state.windows import FOREVER_SECONDS, digest, moment

MOST_AWARDS: Final = 1000
"""Awards kept for one key of a counter; beyond it the oldest go."""


@dataclass(frozen=True, slots=True)
class Counter:
    """A counter as one event has it: its name (with live or shadow in it) and the value of `per`."""

    name: str
    key: tuple[str, ...]

    @property
    def id(self) -> str:
        """The counter of this key, as a name of fixed length."""
        return digest(self.name, *self.key)


@dataclass(frozen=True, slots=True)
class Award:
    """Points that a rule awards; they die `expires` seconds after the event's time `at` (None: kept 400 days)."""

    rule: str
    counter: Counter
    points: int
    at: float
    expires: float | None = None

    @property
    def lifetime(self) -> float:
        """Seconds."""
        return FOREVER_SECONDS if self.expires is None else self.expires

    @property
    def identity(self) -> str:
        """What of one event counts once: the rule and the counter."""
        return identity(self.rule, self.counter.name)


@dataclass(frozen=True, slots=True)
class Given:
    """An award as it is kept; `dies` is in microseconds, the rest are digests."""

    event: str
    award: str
    points: int
    dies: int

    @classmethod
    def of(cls, event: str, award: Award) -> Given:
        """What to keep of an award by the event with this digest."""
        return cls(event, award.identity, award.points, moment(award.at) + moment(award.lifetime))

    @classmethod
    def read(cls, stored: str) -> Given:
        """The award as `str` wrote it."""
        event, award, points, dies = stored.split(":")
        return cls(event, award, int(points), int(dies))

    def __str__(self) -> str:
        return f"{self.event}:{self.award}:{self.points}:{self.dies}"


@dataclass(frozen=True, slots=True)
class Total:
    """A counter's total without an award and with it."""

    before: int
    after: int


def total(given: Iterable[Given], at: int, *, without: str = "") -> int:
    """The points that live on at `at` (microseconds), one event's left out."""
    return sum(one.points for one in given if one.dies > at and one.event != without)


def identity(rule: str, counter: str) -> str:
    """What a rule's awards to a counter have in common, whatever the key."""
    return digest(rule, counter)


def rung_fired(ladder: Sequence[int], total: Total) -> int | None:
    """The index of the rung that an award fires: the highest whose `at` the total passes upwards, if any.

    It asks nothing of the past, so a rung re-arms by itself once the total is below it again.
    """
    passed = [index for index, at in enumerate(ladder) if total.before < at <= total.after]
    return max(passed, key=lambda index: ladder[index], default=None)
