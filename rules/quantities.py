"""Numbers, shares, ages and spans as rules write them: `"< 5"`, `"5..10"`, `"> 80%"`, `"< 7 days"`, `10 minutes`.

Pure values; the loader reads them and checks hold them. Ages and spans are in seconds.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800, "month": 2592000, "year": 31536000}
DAY = UNITS["day"]

LONGEST = 100
"""Characters of a quantity."""

_NUMBER = r"-?\d{1,15}(?:\.\d{1,9})?"
_UNIT = rf"(?:{'|'.join(UNITS)})s?"
_SPAN = re.compile(rf"(?P<number>\d{{1,15}}(?:\.\d{{1,9}})?)\s*(?P<unit>{_UNIT})?", re.IGNORECASE)
_COMPARED = re.compile(r"(?P<operator><=|>=|!=|==|=|<|>)\s*(?P<rest>.+)")
_RANGE = re.compile(r"(?P<low>.+?)\s*\.\.\s*(?P<high>.+)")


class Measure(StrEnum):
    """What a quantity counts."""

    NUMBER = "number"
    SHARE = "share"
    AGE = "age"


class QuantityError(ValueError):
    """Text that is no quantity; the text says why, `suggestion` what to write."""

    def __init__(self, reason: str, suggestion: str | None = None) -> None:
        super().__init__(reason)
        self.suggestion = suggestion


@dataclass(frozen=True, slots=True)
class Comparison:
    """A test of one number. `low` and `high` are equal except in a range; `unitless` marks an age that had no unit."""

    operator: str
    low: float
    high: float
    unitless: bool = False

    def holds(self, value: float) -> bool:
        """Whether `value` passes."""
        match self.operator:
            case "<":
                return value < self.low
            case "<=":
                return value <= self.low
            case ">":
                return value > self.low
            case ">=":
                return value >= self.low
            case "!=":
                return value != self.low
            case _:
                return self.low <= value <= self.high

    def off_by(self, value: float) -> float:
        """How far `value` is from the nearest bound."""
        return min(abs(value - self.low), abs(value - self.high))

    def never_holds(self, lowest: float, highest: float | None) -> bool:
        """Whether no value from `lowest` to `highest` passes."""
        top = float("inf") if highest is None else highest
        match self.operator:
            case "<":
                return self.low <= lowest
            case "<=":
                return self.low < lowest
            case ">":
                return self.low >= top
            case ">=":
                return self.low > top
            case "!=":
                return False
            case _:
                return self.high < lowest or self.low > top

    def always_holds(self, lowest: float, highest: float) -> bool:
        """Whether every value from `lowest` to `highest` passes."""
        ends = self.holds(lowest) and self.holds(highest)
        return ends and (self.operator != "!=" or not lowest < self.low < highest)


def some_number_passes(comparisons: Sequence[Comparison], *, whole: bool) -> bool:
    """Whether one number can pass all of them; `whole` if only whole numbers come."""
    edges = sorted({edge for one in comparisons for edge in (one.low, one.high)})
    tried: set[float]
    if whole:
        tried = {math.floor(edge) + step for edge in edges for step in (-1, 0, 1, 2)}
    else:
        between = ((one + other) / 2 for one, other in pairwise(edges))
        tried = {*edges, *between, edges[0] - 1, edges[-1] + 1}
    return any(all(one.holds(number) for one in comparisons) for number in tried)


def read_comparison(text: str, measure: Measure) -> Comparison:
    """The comparison that `text` writes. Raises QuantityError."""
    text = text.strip()
    if len(text) > LONGEST:
        raise QuantityError("this is far too long", 'write "< 5" or "5..10"')
    compared = _COMPARED.fullmatch(text)
    ranged = None if compared else _RANGE.fullmatch(text)
    if compared:
        low, unitless = _amount(compared["rest"], measure)
        return Comparison(compared["operator"].replace("==", "="), low, low, unitless)
    if ranged:
        return _between(ranged["low"], ranged["high"], measure)
    amount, _ = _amount(text, measure)
    if measure is Measure.AGE:
        raise QuantityError("an age is compared, it is never exactly this", f'write "< {text}" or "> {text}"')
    return Comparison("=", amount, amount)


def read_span(text: str) -> float:
    """The seconds of a span, such as `10 minutes`. Raises QuantityError."""
    match = _SPAN.fullmatch(text.strip()) if len(text) <= LONGEST else None
    if match is None or match["unit"] is None:
        raise QuantityError("a span is a number and a unit", "write 10 minutes, 1 hour or 7 days")
    return float(match["number"]) * UNITS[match["unit"].lower().removesuffix("s")]


def spell_age(seconds: float) -> str:
    """An age in its largest fitting unit, for people: `3 days`."""
    for unit in reversed(UNITS):
        if abs(seconds) >= UNITS[unit]:
            amount = round(seconds / UNITS[unit], 1)
            return f"{amount:g} {unit}{'' if amount == 1 else 's'}"
    return f"{seconds:g} seconds"


def _between(low_text: str, high_text: str, measure: Measure) -> Comparison:
    if measure is Measure.SHARE and "%" not in low_text:
        low_text += "%"
    high, unitless = _amount(high_text, measure)
    if measure is Measure.AGE and _SPAN.fullmatch(low_text.strip()) and not re.search(r"[a-zA-Z]", low_text):
        unit = re.search(_UNIT, high_text, re.IGNORECASE)
        low_text += f" {unit[0]}" if unit else ""
    low, _ = _amount(low_text, measure)
    if low > high:
        raise QuantityError(
            "the range runs backwards and holds nothing", f"write {high_text.strip()}..{low_text.strip()}"
        )
    return Comparison("..", low, high, unitless)


def _amount(text: str, measure: Measure) -> tuple[float, bool]:
    text = text.strip()
    if measure is Measure.AGE:
        match = _SPAN.fullmatch(text)
        if match is None:
            raise QuantityError("this is no age", 'write an age as "< 7 days"; units are ' + ", ".join(UNITS))
        unit = match["unit"]
        return float(match["number"]) * (UNITS[unit.lower().removesuffix("s")] if unit else DAY), unit is None
    if measure is Measure.SHARE:
        if not re.fullmatch(_NUMBER + r"\s*%", text):
            raise QuantityError("a share is in per cent", 'write "> 80%"')
        return float(text.removesuffix("%")), False
    if not re.fullmatch(_NUMBER, text):
        raise QuantityError("this is no number", 'write "< 5", "<= 5", "> 5", ">= 5", "!= 5", "5..10" or 5')
    return float(text), False


def spell_number(value: float) -> str:
    """A number for people: whole ones without a point, others to two places."""
    return str(int(value)) if value == int(value) else f"{value:.2f}".rstrip("0")
