"""Plain values: any number of them is looked for in one pass over the text.

`rules.text.match` imports it for the values of one check, `rules.index` for those of all rules. Under `fold` the pass
runs over a skeleton in which all that may be read alike is the same character, and every find is then compared
character by character; under `loose` the skeleton has no separators either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
    """A value as written, the ways in which it may be read, the plain one first, and where in a text it must lie."""

    value: str
    readings: tuple[str, ...]
    method: Method
    loose: bool = False

    @classmethod
    def of(cls, value: str, modifiers: Modifiers) -> Literal:
        """The literal of a value; where the method looks at an end of the text, spaces round the value do not count.

        Raises PatternError if nothing is left to look for.
        """
        kept = value.strip() if modifiers.method in _TRIMMED else value
        form = normal(kept, fold=modifiers.fold, case_sensitive=modifiers.case_sensitive)
        if not form.plain:
            raise PatternError(value, "it is empty")
        readings = tuple(reading.replace("\n", " ") for reading in form.readings)
        loose = "loose" in modifiers.flags and bool(_letters(readings[0]))
        return cls(value, readings, modifiers.method, loose)

    @classmethod
    def between_stars(cls, value: str, modifiers: Modifiers) -> Literal | None:
        """The longest part of a wildcard without `*`; None for a regex, and where separators may stand inside."""
        if modifiers.flags & {"regex", "loose"}:
            return None
        form = normal(value, fold=modifiers.fold, case_sensitive=modifiers.case_sensitive)
        readings = [reading.replace("\n", " ").split("*") for reading in form.readings]
        longest = max(range(len(readings[0])), key=lambda place: len(readings[0][place]))
        return cls(value, tuple(parts[longest] for parts in readings), Method.INCLUDES)

    @property
    def text(self) -> str:
        """The value as it is looked for."""
        return self.readings[0]

    def span_at(self, form: Form, place: int) -> tuple[int, int] | None:
        """The span of the value in the form, if what was found at this place of its haystack is the value."""
        span = _loose_span(self.text, form.plain, form.letter_places[place]) if self.loose else self._read(form, place)
        return span if span and lies_right(form.plain, *span, self.method, self.text) else None

    def _read(self, form: Form, start: int) -> tuple[int, int] | None:
        """The span from `start`, if every character there can be read as the value's."""
        end = start + len(self.text)
        if not form.fold or form.plain[start:end] == self.text:
            return start, end
        here = zip(*(reading[start:end].replace("\n", " ") for reading in form.readings), strict=True)
        mine = zip(*self.readings, strict=True)
        return (start, end) if all(not set(a).isdisjoint(b) for a, b in zip(here, mine, strict=True)) else None


class Automaton:
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
    """Plain values that are looked for in one form of texts, folded or not."""

    def __init__(self, literals: Iterable[Literal], *, fold: bool) -> None:
        kept = list(literals)
        self._exact = Automaton((skeleton(x.text) if fold else x.text, x) for x in kept if not x.loose)
        self._loose = Automaton((_letters(x.text), x) for x in kept if x.loose)
        self._any_loose = any(x.loose for x in kept)

    def finds(self, form: Form) -> Iterator[tuple[Literal, int, int]]:
        """Each value that lies right in the form, with the span of the hit; overlapping ones too."""
        for literal, place in self._found(form):
            if span := literal.span_at(form, place):
                yield literal, *span

    def occurring(self, form: Form) -> set[Literal]:
        """The values that lie right somewhere in the form."""
        seen: set[Literal] = set()
        for literal, place in self._found(form):
            if literal not in seen and literal.span_at(form, place):
                seen.add(literal)
        return seen

    def _found(self, form: Form) -> Iterator[tuple[Literal, int]]:
        yield from self._exact.occurrences(form.haystack)
        if self._any_loose:
            yield from self._loose.occurrences(form.letters)


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
