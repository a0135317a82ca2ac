"""Plain values: all values of a check are looked for in one pass over the text. Only `rules.text.match` imports it.

Under `fold` the pass runs over a skeleton in which all that may be read alike is the same character, and every find
is then compared character by character; under `loose` the skeleton has no separators either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import ahocorasick

from rules.text.engines import PatternError
from rules.text.lookalikes import leet_anywhere, skeleton
from rules.text.method import Method, Modifiers, lies_right
from rules.text.normalise import SEPARATOR, Form, normal

_TRIMMED: Final = frozenset({Method.STARTS_WITH, Method.ENDS_WITH, Method.FULL_EXACT, Method.FULL_TEXT})


@dataclass(frozen=True, slots=True)
class Literal:
    """A value as written, and the ways in which it may be read, the plain one first."""

    value: str
    readings: tuple[str, ...]

    @classmethod
    def of(cls, value: str, modifiers: Modifiers) -> Literal:
        """The literal of a value; where the method looks at an end of the text, spaces round the value do not count.

        Raises PatternError if nothing is left to look for.
        """
        kept = value.strip() if modifiers.method in _TRIMMED else value
        form = normal(kept, fold=modifiers.fold, case_sensitive=modifiers.case_sensitive)
        if not form.plain:
            raise PatternError(value, "it is empty")
        return cls(value, tuple(reading.replace("\n", " ") for reading in form.readings))

    @property
    def text(self) -> str:
        """The value as it is looked for."""
        return self.readings[0]

    def read_at(self, form: Form, start: int) -> bool:
        """Whether every character here can be read as the value's."""
        end = start + len(self.text)
        if not form.fold or form.plain[start:end] == self.text:
            return True
        here = zip(*(reading[start:end].replace("\n", " ") for reading in form.readings), strict=True)
        mine = zip(*self.readings, strict=True)
        return all(not set(a).isdisjoint(b) for a, b in zip(here, mine, strict=True))


class Index:
    """An Aho-Corasick automaton from keys to the literals that share them."""

    def __init__(self, keyed: Iterable[tuple[str, Literal]]) -> None:
        shared: dict[str, list[Literal]] = {}
        for key, literal in keyed:
            shared.setdefault(key, []).append(literal)
        self._automaton = ahocorasick.Automaton()
        for key, literals in shared.items():
            self._automaton.add_word(key, (len(key), literals))
        self._automaton.make_automaton()
        self._empty = not shared

    def occurrences(self, haystack: str) -> Iterator[tuple[Literal, int]]:
        """Every place where a key begins, with each literal behind that key."""
        if not self._empty:
            for last, (length, literals) in self._automaton.iter(haystack):
                for literal in literals:
                    yield literal, last + 1 - length


class Literals:
    """The plain values of one check."""

    def __init__(self, values: Sequence[str], modifiers: Modifiers) -> None:
        self._method = modifiers.method
        literals = [Literal.of(value, modifiers) for value in values]
        loose = {x: _letters(x.text) for x in literals if "loose" in modifiers.flags and _letters(x.text)}
        as_is = (x for x in literals if x not in loose)
        self._exact = Index((skeleton(x.text) if modifiers.fold else x.text, x) for x in as_is)
        self._loose = Index((key, x) for x, key in loose.items())
        self._any_loose = bool(loose)

    def finds(self, form: Form) -> Iterator[tuple[str, int, int]]:
        """Each value that lies right in the form, with the span of the hit; overlapping ones too."""
        for literal, start, end in self._spans(form):
            if lies_right(form.plain, start, end, self._method, literal.text):
                yield literal.value, start, end

    def _spans(self, form: Form) -> Iterator[tuple[Literal, int, int]]:
        for literal, start in self._exact.occurrences(form.haystack):
            if literal.read_at(form, start):
                yield literal, start, start + len(literal.text)
        if self._any_loose:
            for literal, place in self._loose.occurrences(form.letters):
                span = _loose_span(literal.text, form.plain, form.letter_places[place])
                if span:
                    yield literal, *span


def _letters(text: str) -> str:
    return skeleton(SEPARATOR.sub("", text))


def _loose_span(value: str, text: str, place: int) -> tuple[int, int] | None:
    """The span of the value whose first character that is no separator stands at `place`, if it is there at all."""
    lead = len(value) - len(SEPARATOR.sub("", value, count=1) if SEPARATOR.match(value) else value)
    end = _walk(value[lead:], text, place, 1)
    begin = _walk(value[:lead][::-1], text, place - 1, -1)
    if end is None or begin is None:
        return None
    found = text[begin + 1 : end]
    read_as_letters = _has_letter(value) and _has_letter(found)
    return (begin + 1, end) if read_as_letters or SEPARATOR.sub("", found) == SEPARATOR.sub("", value) else None


def _walk(value: str, text: str, place: int, step: int) -> int | None:
    """Go along the text with the value, stepping over at most one separator before each of its characters."""
    for wanted in value:
        if not _alike(wanted, text, place):
            place += step
            if not (_alike(wanted, text, place) and SEPARATOR.match(text[place - step])):
                return None
        place += step
    return place


def _alike(wanted: str, text: str, place: int) -> bool:
    if not 0 <= place < len(text):
        return False
    seen = text[place]
    if wanted == seen or (wanted == " " and SEPARATOR.match(seen)):
        return True
    return any(leet_anywhere(wanted, one) == leet_anywhere(seen, one) for one in "il")


def _has_letter(text: str) -> bool:
    return any(character.isalpha() for character in text)
