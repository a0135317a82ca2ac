r"""The two regular expression engines, and one spelling of patterns for both. Only `rules.text` imports them.

RE2 is linear and knows words in ASCII only; `regex` backtracks, under a time limit. Here `\w`, `\d` go by Unicode
in both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import re2
import regex

from rules.text.lookalikes import bare_letters
from rules.text.method import WORD

LIMIT_SECONDS: Final = 0.05
MOST_HITS: Final = 1000
_SHOWN: Final = 60
_PIECE: Final = re.compile(r"\\[pPx]\{[^}]*\}|\\u[0-9a-fA-F]{4}|\\.|\(\?P?<\w+>|\(\?P[=>]\w+\)|\{,\d+\}|.", re.DOTALL)
_OUTSIDE: Final = {r"\w": f"[{WORD}]", r"\W": f"[^{WORD}]", r"\d": r"\p{Nd}", r"\D": r"\P{Nd}"}
_INSIDE: Final = {r"\w": WORD, r"\d": r"\p{Nd}", r"\D": r"\P{Nd}"}
_FAULTS: Final = {
    "missing )": "a bracket ( is not closed",
    "unbalanced parenthesis": "a bracket ) closes nothing",
    "unterminated character set": "a bracket [ is not closed",
    "nothing to repeat": "nothing stands before *, + or ? to be repeated",
    "multiple repeat": "two repetitions follow each other",
    "bad escape": "a backslash stands before something that it has no meaning with",
    "bad character range": "a range in [ ] runs backwards",
    "unknown property": r"\p{..} names no known script or class",
    "duplicate group": "two groups have the same name",
    "unknown group": "it refers to a group that is not there",
    "invalid group reference": "it refers to a group that is not there",
}


class PatternError(ValueError):
    """A value that cannot be looked for; `reason` says why in a moderator's words."""

    def __init__(self, value: str, reason: str) -> None:
        shown = value if len(value) <= _SHOWN else value[:_SHOWN] + "..."
        super().__init__(f"{shown!r} cannot be looked for: {reason}")
        self.value = value
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Span:
    """A match in a text, and its groups: (-1, -1) for one that took no part."""

    start: int
    end: int
    groups: tuple[tuple[int, int], ...] = ()


def pieces(source: str) -> Iterator[tuple[str, bool]]:
    """The parts of a pattern that belong together, each with whether it stands inside [ ]."""
    inside, fresh = False, False
    for piece in _PIECE.findall(source):
        yield piece, inside
        if not inside and piece == "[":
            inside, fresh = True, True
        elif inside and piece == "]" and not fresh:
            inside = False
        else:
            fresh = fresh and piece == "^"


def folded(source: str) -> str:
    """The pattern with its own letters folded, ranges in [ ] left alone."""
    return "".join(bare_letters(piece) if len(piece) == 1 and not inside else piece for piece, inside in pieces(source))


def unicode_classes(source: str) -> str:
    r"""The pattern with `\w` and `\d` spelled as Unicode classes wherever that can be said."""
    return "".join((_INSIDE if inside else _OUTSIDE).get(piece, piece) for piece, inside in pieces(source))


def linear_source(source: str, *, edges: bool) -> str | None:
    r"""The pattern as RE2 spells it, None if it cannot; without `edges`, `\b` and `\B` are taken for granted."""
    spelled: list[str] = []
    for piece, inside in pieces(source):
        if inside and piece in {r"\W", r"\b"}:
            return None
        if piece in {r"\b", r"\B"} and not edges:
            continue
        spelled.append(_re2_piece(piece))
    return "".join(spelled)


def _re2_piece(piece: str) -> str:
    if piece.startswith("{,"):
        return "{0," + piece[2:]
    if piece.startswith(r"\u") and len(piece) > len(r"\u"):
        return rf"\x{{{piece[2:]}}}"
    return r"\z" if piece == r"\Z" else piece


def asks_boundary(source: str) -> bool:
    """Whether the pattern itself asks for a word edge."""
    return any(piece in {r"\b", r"\B"} and not inside for piece, inside in pieces(source))


def backtracking(source: str, value: str, *, ignore_case: bool) -> regex.Pattern[str]:
    """The pattern on the backtracking engine. Raises PatternError."""
    flags = regex.DOTALL | (regex.IGNORECASE if ignore_case else 0)
    try:
        return regex.compile(source, flags)
    except regex.error as fault:
        error: Any = fault
        words = next((words for sign, words in _FAULTS.items() if sign in str(error.msg)), str(error.msg))
        where = "" if error.pos is None else f", at character {min(error.pos, len(value) - 1) + 1}"
        raise PatternError(value, f"{words}{where}") from None
    except RecursionError:
        raise PatternError(value, "its brackets are nested too deeply") from None


def linear(source: str | None, *, ignore_case: bool) -> Any:
    """The pattern on RE2, None if it does not take it."""
    options = re2.Options()
    options.log_errors = False
    options.dot_nl = True
    options.case_sensitive = not ignore_case
    try:
        return None if source is None else re2.compile(source.encode(), options)
    except re2.error:
        return None


def exact_spans(program: regex.Pattern[str], text: str) -> Iterator[Span]:
    """Matches by the backtracking engine. Raises TimeoutError after LIMIT_SECONDS."""
    for match in islice(program.finditer(text, timeout=LIMIT_SECONDS), MOST_HITS):
        yield Span(match.start(), match.end(), tuple(match.regs[1:]))


def linear_spans(program: Any, text: str, again: Any = None) -> Iterator[Span]:
    """Matches by RE2 of a program whose first group is the hit; `again` matches where the hit before has ended."""
    data, place, found = text.encode(), 0, 0
    offset = _Offsets(data) if len(data) != len(text) else None
    match = program.search(data)
    while match and found < MOST_HITS:
        regs = [match.span(group) for group in range(1, match.re.groups + 1)]
        place, found = _behind(data, *regs[0]), found + 1
        seen = [(offset(a), offset(b)) if a >= 0 else (a, b) for a, b in regs] if offset else regs
        yield Span(seen[0][0], seen[0][1], tuple(seen[1:]))
        if place > len(data):
            return
        match = (again and again.match(data, place)) or program.search(data, place)


def _behind(data: bytes, start: int, end: int) -> int:
    """Where the search goes on: the end of the hit, or the next character if the hit is empty."""
    if start < end:
        return end
    end += 1
    while end < len(data) and data[end] & 0xC0 == 0x80:  # noqa: PLR2004 (a byte inside a UTF-8 character)
        end += 1
    return end


class _Offsets:
    """Turns places in UTF-8 into places in the text, counting from the place asked for before."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._byte = self._character = 0

    def __call__(self, byte: int) -> int:
        low, high = sorted((self._byte, byte))
        step = len(self._data[low:high].decode())
        self._character += step if byte >= self._byte else -step
        self._byte = byte
        return self._character
