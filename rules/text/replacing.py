"""Replacing what people see of an HTML source, and nothing else of it. Pure; imported by `rules.edits` and platforms.

What is replaced is text, whatever inline tags or entities it is written with: `555-<b>123</b>-4567` is one number.
Tags, comments, scripts, addresses and all other attributes come out as they went in, a line break inside the replaced
text with them. Linear in the source and the texts.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import groupby
from operator import itemgetter
from typing import Final

import ahocorasick

from rules.text.markup import SOURCE_SPACE, Span, Writer, clean, decoded, has_lines, read_html, write_page
from rules.text.method import has_edge
from rules.text.normalise import Text, normal

LONGEST_RESULT: Final = 1_000_000
"""Characters of a source in which something was replaced."""

LONGEST_KEY: Final = 64
"""Characters of a text that is looked for together with others."""

_TOKEN: Final = re.compile(
    rf"(?P<space>{SOURCE_SPACE.pattern})"
    r"|(?P<entity>&(?:#\d*(?:[xX][0-9a-fA-F]+)?;?|[^\t\n\f <&#;]{1,32};?)|[&<])"
    r"|[^ \t\n\f\r&<]+"
)

_MARK: Final = "\0"  # in no normalised text
_EDGE: Final = re.compile(_MARK)


class TooLong(ValueError):
    """The result would be longer than LONGEST_RESULT."""


@dataclass(frozen=True, slots=True)
class _Token:
    """A piece of source text: what is seen of it, where in the visible text and where in the source.

    One that is `safe` stays as written whatever comes to stand beside it.
    """

    text: str
    seen: Span
    written: Span
    safe: bool


@dataclass(slots=True)
class _Tracer(Writer):
    """A writer that knows where in the source each piece of the visible text is written."""

    tokens: list[_Token] = field(default_factory=list)

    def words(self, source: str, start: int, end: int) -> None:
        kept = bool(self.keeps_lines or self.preformatted)
        swallows = not kept and self.last in " \n"
        for token in _TOKEN.finditer(source, start, end):
            text = decoded(token[0])
            if token["space"] and not kept:
                text = "" if swallows and token.start() == start else " "
            if text:
                seen = (self.length, self.length + len(text))
                safe = not token["entity"] or token[0].endswith(";")
                self.tokens.append(_Token(text, seen, token.span(), safe))
                self.write(text)


def as_written(text: Text, spans: Iterable[Span]) -> tuple[str, ...]:
    """What stands at these spans of the visible text: overlapping ones in one, each text once, mere space left out."""
    found = (text.visible[start:end] for start, end in _joined(spans))
    return tuple(dict.fromkeys(one for one in found if normal(one).plain.strip()))


def reach_into_words(text: Text, spans: Iterable[Span]) -> bool:
    """Whether these spans cannot all be found again as whole words."""
    wanted = list(_joined(spans))
    whole = list(_joined(_occurrences(text, as_written(text, wanted), "", inside_words=False)))
    starts = [start for start, _ in whole]
    return any(
        not text.visible[start:end].isspace() and (not starts or whole[bisect_right(starts, start) - 1][1] < end)
        for start, end in wanted
        if start < end
    )


def replace_in_html(source: str, replace: Sequence[str], by: str, *, inside_words: bool = False) -> str | None:
    """`source` with `by` (HTML of one line) wherever one of the texts is seen; None where none is.

    The texts are taken as written, capitals too, and as whole words unless `inside_words`. What stands inside a `by`
    that the source shows already is left, so that doing it twice is doing it once. Raises TooLong.
    """
    by = " ".join(by.split())
    traced = _Tracer(keeps_lines=not has_lines(source := clean(source)))
    write_page(source, traced)
    text = Text(traced.page())
    shown = "".join(traced.pieces)
    lead = len(shown) - len(shown.lstrip())
    found = _occurrences(text, replace, read_html(by).visible, inside_words=inside_words)
    spans = [(start + lead, end + lead) for start, end in _joined(found)]
    if not spans:
        return None
    if len(source) + len(spans) * len(by) > LONGEST_RESULT:
        raise TooLong(f"with {len(spans)} replacements the text would be over {LONGEST_RESULT:,} characters")
    return "".join(_rewritten(source, traced.tokens, spans, by))


def _occurrences(text: Text, values: Sequence[str], shown: str, *, inside_words: bool) -> Iterator[Span]:
    """Where values occur, overlapping ones too, but for what lies inside `shown`.

    Whole words are found in the same pass as all else: an edge of a word is a character of its own on both sides.
    """
    mark = str if inside_words else _marked
    form = text.form(case_sensitive=True)
    searched = mark(form.haystack)
    edges = [hit.start() for hit in _EDGE.finditer(searched)]
    shields = list(_places(searched, [mark(_plain(shown))]))
    starts = [start for start, _ in shields]
    for start, end in _places(searched, (mark(_plain(value)) for value in values)):
        shield = bisect_right(starts, start) - 1
        if shield < 0 or shields[shield][1] < end:
            yield form.span(start - bisect_left(edges, start), end - bisect_left(edges, end))


def _places(searched: str, keys: Iterable[str]) -> Iterator[Span]:
    """Where the keys stand, of those that end at one place the longest; a key of mere space stands nowhere.

    The automaton goes back over a key's whole length at each place, so it gets short ones; the others are few.
    """
    automaton = ahocorasick.Automaton()
    for key in keys:
        if len(key) > LONGEST_KEY:
            yield from _places_of_one(searched, key)
        elif key.strip():
            automaton.add_word(key, len(key))
    if len(automaton):
        automaton.make_automaton()
        for _, ending in groupby(automaton.iter(searched), itemgetter(0)):
            last, length = next(ending)  # the longest that ends there
            yield last + 1 - length, last + 1


def _places_of_one(searched: str, key: str) -> Iterator[Span]:
    place = searched.find(key)
    while place >= 0:
        yield place, place + len(key)
        place = searched.find(key, place + len(key))


def _plain(value: str) -> str:
    return normal(value, case_sensitive=True).plain.replace("\n", " ")


def _marked(text: str) -> str:
    """The text with a mark on both sides of every run of characters that words consist of."""
    runs = ((edge, "".join(run)) for edge, run in groupby(text, has_edge))
    return "".join(f"{_MARK}{run}{_MARK}" if edge else run for edge, run in runs)


def _joined(spans: Iterable[Span]) -> Iterator[Span]:
    """The spans in order, those that overlap in one."""
    begin, reach = -1, -1
    for start, end in sorted(spans):
        if start >= reach:
            if begin < reach:
                yield begin, reach
            begin = start
        reach = max(reach, end)
    if begin < reach:
        yield begin, reach


def _rewritten(source: str, tokens: Sequence[_Token], spans: Sequence[Span], by: str) -> Iterator[str]:
    """The source in pieces. Stray `&` and `<` become entities, lest they join with what comes to stand beside them."""
    starts, ends = [start for start, _ in spans], [end for _, end in spans]
    place, begun = 0, None
    for token in tokens:
        yield source[place : token.written[0]]
        place, at = token.written[1], token.seen[0]
        here = spans[bisect_right(ends, token.seen[0]) : bisect_left(starts, token.seen[1])]
        if not here and token.safe:
            yield source[slice(*token.written)]
            continue
        for span in here:
            yield _part(token, at, span[0])
            yield "" if span == begun else by
            at, begun = span[1], span
        yield _part(token, at, token.seen[1])
    yield source[place:]


def _part(token: _Token, start: int, end: int) -> str:
    """The source of what is seen of a token between two places of the visible text."""
    first = token.seen[0]
    return escape(token.text[max(start - first, 0) : max(end - first, 0)], quote=False)
