"""What several rounds of a measurement say together: the middle, and how far apart they are.

Imported by the measurements.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of some rounds, and the lowest and highest of them."""

    middle: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Of one number a round."""
        return cls(median(values), min(values), max(values))

    def over(self, divisor: float, *, less: float = 0) -> Spread:
        """Each of the three, `less` so much, over the divisor."""
        return Spread(*((value - less) / divisor for value in (self.middle, self.low, self.high)))

    def __str__(self) -> str:
        return f"{self}"

    def __format__(self, form: str) -> str:
        """The three by a number's format, to one place if there is none; one number where all rounds agree."""
        form = form or ",.1f"
        if self.low == self.high:
            return f"{self.middle:{form}}"
        return f"{self.middle:{form}} ({self.low:{form}}-{self.high:{form}})"


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of them does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-len(ordered) * share // 1) - 1)]
