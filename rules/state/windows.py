"""What an event adds to sliding windows, and how the windows' keys and members are named in every form of the state.

Imported by whoever compiles `count` and `duplicate`, and by the forms of the state.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

MOST_MEMBERS: Final = 10_000
"""Members kept in one window of one key, 1.6 MB in Redis when full; beyond it the oldest go (`Count.at_least`)."""

MOST_TEXTS: Final = 200
"""Texts kept in one window of one key; beyond it the oldest go."""

MOST_FIRSTS: Final = 100
"""Events kept that were first in one scope of one rule; beyond it the oldest go."""

LATE_SECONDS: Final = 7 * 24 * 3600
"""How late an event may come and still find what it has to see: as long as a delivery's repeats are known."""

RETENTION_SECONDS: Final = 30 * 24 * 3600
"""How long events are kept: no window is longer."""

FOREVER_SECONDS: Final = 400 * 24 * 3600
"""How long "for ever" is kept: points without an age, `once` without a span."""

EXACT: Final = 100.0


@dataclass(frozen=True, slots=True)
class Observation:
    """What one event is to one `count`.

    `window` identifies the count (its spec, and live or shadow: two that differ in it share nothing), `key` holds the
    values of `by`; `at` is the event's own time, `within` the window's length, both in seconds. The event adds `number`
    happenings (a post's links under `of: link`; 0 only looks), or its `values` under `distinct`. `kept` names the lane
    whose deletions take it out again; None: what was deleted still counts.
    """

    window: str
    key: tuple[str, ...]
    at: float
    within: float
    number: int = 1
    values: tuple[str, ...] | None = None
    kept: str | None = None

    @property
    def id(self) -> str:
        """The window of this key, as a name of fixed length."""
        return digest("count", self.window, *self.key)

    def members(self, event: str) -> tuple[str, ...]:
        """The members that the event with this digest adds, MOST_MEMBERS at most."""
        if self.values is None:
            return tuple(f"{event}:{n}" for n in range(min(self.number, MOST_MEMBERS)))
        return tuple(f"{event}:{digest(value)}" for value in dict.fromkeys(self.values[:MOST_MEMBERS]))


@dataclass(frozen=True, slots=True)
class TextObservation:
    """What one event is to one `duplicate`; the texts of the window that are as similar as `similar` per cent count.

    `text` is normalised, in folded case, its runs of space made one. At 100 per cent equal texts are counted, without
    bounds of their own. Below, an event is compared with the MOST_TEXTS newest texts of its key (texts.py).
    """

    window: str
    key: tuple[str, ...]
    at: float
    within: float
    text: str
    similar: float = EXACT
    kept: str | None = None

    @property
    def id(self) -> str:
        """The window of this key, as a name of fixed length."""
        return digest("duplicate", self.window, *self.key)

    def exact(self) -> Observation:
        """The same question about equal texts: how often this one happened."""
        return Observation(self.window, (*self.key, digest(self.text)), self.at, self.within, kept=self.kept)


@dataclass(frozen=True, slots=True)
class Count:
    """How many are in a window (t - within, t], the present event with them.

    With `at_least` the window's older part was dropped for its size and there may have been more. `number` never
    passes MOST_MEMBERS (MOST_TEXTS for similar texts): a rule that asks for more can never be true.
    """

    number: int
    at_least: bool = False


@dataclass(frozen=True, slots=True)
class Stretch:
    """A window's edges in microseconds: what is in it lies after `start` and up to `at`; what is `stale` may go."""

    start: int
    at: int
    stale: int

    @classmethod
    def of(cls, observation: Observation | TextObservation) -> Stretch:
        """The window as the event sees it: only what is not later than itself."""
        at, within = moment(observation.at), moment(observation.within)
        return cls(at - within, at, at - within - moment(LATE_SECONDS))


def plain(observation: Observation | TextObservation) -> Observation | TextObservation:
    """The same, with equal texts counted as happenings."""
    if isinstance(observation, TextObservation) and observation.similar >= EXACT:
        return observation.exact()
    return observation


def moment(seconds: float) -> int:
    """Seconds as whole microseconds, so that "exactly 10 minutes old" is not a matter of rounding.

    Raises ValueError or OverflowError for what is no finite number.
    """
    return round(seconds * 1_000_000)


def digest(*parts: str) -> str:
    """A name of fixed length for hostile text; different parts have different names."""
    return sha256(json.dumps(parts).encode()).hexdigest()[:32]
