"""Regular expressions and wildcards, each value compiled alone. Only `rules.text.match` imports this module.

The linear engine runs wherever the pattern allows. A pattern that asks for a word edge is settled by it on ASCII
text; on other text it rules out what cannot match, and the backtracking engine decides the rest. A pattern that the
linear engine does not take (look-around, back-references) is left to the backtracking engine alone.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Final

import regex

from rules.text.engines import (
    PatternError,
    Span,
    asks_boundary,
    backtracking,
    exact_spans,
    folded,
    linear,
    linear_source,
    linear_spans,
    unicode_classes,
)
from rules.text.method import SPACELESS, WORD, Method, Modifiers, has_edge
from rules.text.normalise import STRAIGHT, Form, Text, normal

_NO_WORD: Final = rf"[^{WORD}]|[{SPACELESS}]"
_NO_LETTERS: Final = r"[^\p{L}\p{N}\p{M}]*"
_EDGE: Final = rf"(?:\A|\Z|(?<={_NO_WORD})|(?={_NO_WORD}))"
_SEPARATOR: Final = r"[\s\p{P}+<=>^`|~]?"
_EXACT_PLACE: Final = {
    Method.INCLUDES_WORD: "(?:%s)",
    Method.INCLUDES: "(?:%s)",
    Method.STARTS_WITH: r"\A(?:%s)",
    Method.ENDS_WITH: r"(?:%s)\Z",
    Method.FULL_EXACT: r"\A(?:%s)\Z",
    Method.FULL_TEXT: rf"\A{_NO_LETTERS}?\K(?:%s)(?={_NO_LETTERS}\Z)",
}
_LINEAR_PLACE: Final = {
    Method.INCLUDES_WORD: "(%s)",
    Method.INCLUDES: "(%s)",
    Method.STARTS_WITH: r"\A(%s)",
    Method.ENDS_WITH: r"(%s)\z",
    Method.FULL_EXACT: r"\A(%s)\z",
    Method.FULL_TEXT: rf"\A{_NO_LETTERS}?(%s){_NO_LETTERS}\z",
}


class Pattern:
    """One value as a regular expression, on both engines."""

    def __init__(self, value: str, modifiers: Modifiers) -> None:
        """Raises PatternError."""
        self.value = value
        self._regex = "regex" in modifiers.flags
        self._modifiers = modifiers
        if self._regex:
            source, edges = _regex_source(value, modifiers), (True, True)
        else:
            source, edges = _wildcard_source(value, modifiers)
        if modifiers.method is not Method.INCLUDES_WORD:
            edges = (False, False)
        self._compile(source, edges)

    def _compile(self, source: str, edges: tuple[bool, bool]) -> None:
        method, ignore_case = self._modifiers.method, self._regex and not self._modifiers.case_sensitive
        left, right = edges
        placed = _EXACT_PLACE[method] % source
        exact = f"{_EDGE if left else ''}{placed}{_EDGE if right else ''}"
        self._exact = backtracking(exact, self.value, ignore_case=ignore_case)
        self.names: dict[str, int] = {name: place - 1 for name, place in self._exact.groupindex.items()}
        self.groups = frozenset({*map(str, range(1, self._exact.groups + 1)), *self.names})
        self._asks_edge = left or right or asks_boundary(source)
        screen = linear_source(source, edges=False)
        self._screen = linear(screen and _LINEAR_PLACE[method] % screen, ignore_case=ignore_case)
        self._ascii, self._again = self._screen, None
        if self._asks_edge and self._screen is not None:
            with_right = f"{_LINEAR_PLACE[method] % linear_source(source, edges=True)}{_ascii_edge(right)}"
            self._ascii = linear(f"{_ascii_edge(left)}{with_right}", ignore_case=ignore_case)
            self._again = linear(with_right, ignore_case=ignore_case) if left else None

    def form_of(self, text: Text) -> Form:
        """The form that this pattern runs over: a regular expression sees capitals, and passes them over itself."""
        return self._modifiers.form_of(text, with_capitals=self._regex)

    def spans(self, form: Form) -> Iterator[Span]:
        """Matches in every reading of the form, each span once. Raises TimeoutError."""
        seen: set[tuple[int, int]] = set()
        for reading in form.readings:
            for span in self._search(reading):
                if (span.start, span.end) not in seen:
                    seen.add((span.start, span.end))
                    yield span

    def _search(self, text: str) -> Iterator[Span]:
        if self._screen is None:
            return exact_spans(self._exact, text)
        if text.isascii():
            return linear_spans(self._ascii, text, self._again)
        if not self._asks_edge:
            return linear_spans(self._screen, text)
        return exact_spans(self._exact, text) if self._screen.search(text.encode()) else iter(())


def _ascii_edge(asked: bool) -> str:
    return r"(?:\A|\z|\b|\W)" if asked else ""


def _regex_source(value: str, modifiers: Modifiers) -> str:
    if not value:
        raise PatternError(value, "it is empty")
    if not modifiers.flags.isdisjoint({"wildcard", "loose"}):
        raise PatternError(value, "regex does not go with wildcard or loose; write one of them")
    backtracking(value, value, ignore_case=False)
    source = unicodedata.normalize("NFC", value.encode("utf-8", "replace").decode().translate(STRAIGHT))
    return unicode_classes(folded(source) if modifiers.fold else source)


def _wildcard_source(value: str, modifiers: Modifiers) -> tuple[str, tuple[bool, bool]]:
    """The wildcard as a pattern, and whether a word edge is asked on its left and right."""
    form = normal(value, fold=modifiers.fold, case_sensitive=modifiers.case_sensitive)
    if not form.plain.replace("*", "").strip():
        raise PatternError(value, "a wildcard needs something beside *")
    gap = _SEPARATOR if "loose" in modifiers.flags else ""
    source = "|".join(_wildcard_reading(reading, gap) for reading in form.readings)
    return source, (has_edge(form.plain[0]), has_edge(form.plain[-1]))


def _wildcard_reading(reading: str, gap: str) -> str:
    parts = (gap.join(map(_escaped, part)) for part in reading.split("*"))
    return f"{gap}[^ \n]*{gap}".join(parts)


def _escaped(character: str) -> str:
    return "[ \n]" if character.isspace() else regex.escape(character, literal_spaces=True)
