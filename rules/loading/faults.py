"""What is wrong with a rule file: one value a fault, collected so that all are told at once.

Anyone may import `Fault`, `Invalid` and `RulesInvalid`; the loader alone makes them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from typing import Protocol

MOST_FAULTS = 500
"""Faults of one severity kept of one load: a file with more is wrong in one way, many times."""

LONGEST_QUOTE = 80
"""Characters of the faulty text that a fault quotes."""


class Severity(StrEnum):
    """How bad: an error keeps the rules from loading, a warning is likely a mistake, a note says what was assumed."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to mend. `line` and `column` count from 1; `text` is what stands there, `suggestion` what might."""

    code: str
    file: str
    line: int
    column: int
    message: str
    text: str | None = None
    suggestion: str | None = None
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.code}: {self.message}"


class Invalid(Exception):
    """A file cannot be used. `faults` holds everything that is wrong with it."""

    faults: Sequence[Fault]

    def lines(self) -> list[str]:
        """A line for each fault, with what to write in its place where that is known."""
        return [f"{fault}; {fault.suggestion}" if fault.suggestion else str(fault) for fault in self.faults]


class RulesInvalid(Invalid):
    """The rules do not load; warnings are among the faults, in file order."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        errors = [fault for fault in faults if fault.severity is Severity.ERROR]
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        super().__init__(f"{errors[0]}{more}" if errors else "the rules do not load")
        self.faults = tuple(faults)


class Place(Protocol):
    """Anything that stands somewhere in a file."""

    @property
    def file(self) -> str:
        """The file's name, as given."""

    @property
    def line(self) -> int:
        """The line, from 1."""

    @property
    def column(self) -> int:
        """The column, from 1."""

    @property
    def written(self) -> str:
        """What stands there."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A bare place, for what has no node: a file that cannot be read, a syntax error."""

    file: str
    line: int = 1
    column: int = 1
    written: str = ""


def quote(text: str) -> str | None:
    """The first line of `text`, shortened, or None when there is nothing to show."""
    first = text.strip().split("\n", 1)[0][: LONGEST_QUOTE + 1]
    return (first[:LONGEST_QUOTE] + "…" if len(first) > LONGEST_QUOTE else first) or None


def closest(word: str, words: Iterable[str]) -> str | None:
    """The known word that `word` was most likely meant to be."""
    if len(word) > LONGEST_QUOTE:
        return None
    known = {str(one).lower(): str(one) for one in sorted(words)}
    close = get_close_matches(word.lower(), known, n=1, cutoff=0.7)
    return known[close[0]] if close else None


@dataclass(slots=True)
class Faults:
    """The collector that a whole load shares."""

    found: list[Fault] = field(default_factory=list)
    counts: Counter[Severity] = field(default_factory=Counter)

    def error(self, code: str, place: Place, message: str, suggestion: str | None = None) -> None:
        """Record what keeps the rules from loading."""
        self._add(Severity.ERROR, code, place, message, suggestion)

    def warn(self, code: str, place: Place, message: str, suggestion: str | None = None) -> None:
        """Record what loads and is likely a mistake."""
        self._add(Severity.WARNING, code, place, message, suggestion)

    def note(self, code: str, place: Place, message: str, suggestion: str | None = None) -> None:
        """Record what was assumed."""
        self._add(Severity.NOTE, code, place, message, suggestion)

    def unknown(self, code: str, place: Place, what: str, word: str, words: Iterable[str]) -> None:
        """Record a word that is none of `words`, with the closest of them."""
        if self.counts[Severity.ERROR] < MOST_FAULTS:
            near = closest(word, words)
            self.error(
                code, place, f"there is no {what} {quote(word) or '(empty)'!r}", near and f"did you mean {near!r}?"
            )

    @property
    def failed(self) -> bool:
        """Whether anything keeps the rules from loading."""
        return self.counts[Severity.ERROR] > 0

    @property
    def failures(self) -> int:
        """How many errors there are so far."""
        return self.counts[Severity.ERROR]

    def in_order(self) -> list[Fault]:
        """Every fault once, by file, line and column."""
        return sorted(dict.fromkeys(self.found), key=lambda fault: (fault.file, fault.line, fault.column))

    def _add(self, severity: Severity, code: str, place: Place, message: str, suggestion: str | None) -> None:
        self.counts[severity] += 1
        if self.counts[severity] <= MOST_FAULTS:
            text = quote(place.written)
            self.found.append(
                Fault(code, place.file, place.line, place.column, message, text, suggestion or None, severity),
            )
