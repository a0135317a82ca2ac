"""Text ready for matching: what a reader sees, and its normalised forms. Anyone may import `Text`, `Form` and `normal`.

The steps are those of the rule language, section 3 ("Text is HTML made visible ..."). Every character of a form knows
where in the visible text it came from, so that a hit can be quoted as it was written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import regex

from rules.text.lookalikes import MARKS, bare_letters, leet_letters, mixed_greek, skeleton
from rules.text.markup import Page, read_html, read_plain

STRAIGHT: Final = str.maketrans(
    dict.fromkeys(
        "`\u00b4\u2018\u2019\u201a\u201b\u2032\u2035\u2039\u203a\u02b9\u02bb\u02bc\u02bd\u02c8\ua78c\uff07\uff40", "'"
    )
    | dict.fromkeys("\u00ab\u00bb\u201c\u201d\u201e\u201f\u2033\u2036\u275d\u275e\u301d\u301e\u301f\uff02", '"')
)
# A pattern that begins with one class of characters passes over the others quickly; so with the spaces below.
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0e-\x1b\x7f][\x00-\x08\x0e-\x1b\x7f]*")
# Joiners stay between the parts of an emoji, tag letters behind the black flag; the bound keeps the look back short.
_INVISIBLE: Final = regex.compile(
    r"(?:(?!\s)[\p{Cf}\p{Cc}\p{Default_Ignorable_Code_Point}]"
    r"(?<!(?:\p{Extended_Pictographic}\uFE0F?|\p{Emoji_Modifier})(?=\u200D\p{Extended_Pictographic})\u200D)"
    r"(?<!\U0001F3F4[\U000E0020-\U000E007F]{1,7}))+"
)
_SPACES: Final = re.compile(r"\s(?:\s+|\Z|(?<![ \n])|(?<=\A\s))")
_UNTIDY: Final = re.compile(r"\s(?:\s+|(?<![ \n]))")
_BREAK: Final = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_RUN: Final = re.compile(r"\S+")
_CLUSTER: Final = regex.compile(r"\X")
# What `loose` steps over: spaces and punctuation, but not `@`, which is read as a letter.
SEPARATOR: Final = regex.compile(r"(?:(?!@)[\s\p{P}+<=>^`|~])+")
_LIGATURE: Final = {"\u00e6": "ae", "\u0153": "oe", "\u00c6": "AE", "\u0152": "OE"}
_LIGATURES: Final = re.compile("[\u00e6\u0153\u00c6\u0152]")
_GROWS: Final = re.compile("[\u00df\u0130\u0149\u01f0\u0390\u03b0\u0587\u1e96-\u1e9e\u1f50-\u1fff\ufb00-\ufb17]")


@dataclass(frozen=True, slots=True)
class Traced:
    """A text whose every character knows the span of the visible text that it came from."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    @classmethod
    def whole(cls, text: str) -> Traced:
        """A text that is its own origin."""
        return cls(text, range(len(text)), range(1, len(text) + 1))

    def same_length(self, text: str) -> Traced:
        """Another text in which every character keeps its place."""
        return Traced(text, self.starts, self.ends)

    def edited(self, edits: Iterable[tuple[int, int, str]]) -> Traced:
        """The text with the given spans, in order and apart, replaced."""
        done = list(edits)
        if not done:
            return self
        pieces: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        place = 0
        for start, end, new in done:
            pieces += (self.text[place:start], new)
            starts += self.starts[place:start]
            ends += self.ends[place:start]
            starts += [self.starts[start]] * len(new)
            ends += [self.ends[end - 1]] * len(new)
            place = end
        pieces.append(self.text[place:])
        starts += self.starts[place:]
        ends += self.ends[place:]
        return Traced("".join(pieces), starts, ends)


class Form:
    """One normalised form of a text; `readings` are the ways in which leet may be read, the plain way first."""

    def __init__(self, visible: str, traced: Traced, *, fold: bool) -> None:
        self._visible = visible
        self._traced = traced
        self.plain: str = traced.text
        self.fold = fold

    @cached_property
    def readings(self) -> tuple[str, ...]:
        """Texts of one length: as it stands and, folded, with leet as letters (`1` as i, then as l)."""
        if not self.fold:
            return (self.plain,)
        return tuple(dict.fromkeys((self.plain, leet_letters(self.plain, "i"), leet_letters(self.plain, "l"))))

    @property
    def text(self) -> str:
        """The normalised text; folded, with leet read as letters inside mixed tokens."""
        return self.readings[1] if len(self.readings) > 1 else self.plain

    @cached_property
    def haystack(self) -> str:
        """What literals are looked for in: line breaks as spaces; folded, all that may be read alike is the same."""
        spaced = self.plain.replace("\n", " ")
        return skeleton(spaced) if self.fold else spaced

    @cached_property
    def letters(self) -> str:
        """The haystack without separators, for `loose`; `letter_places` tells where each of them stands."""
        return "".join(self.haystack[place] for place in self.letter_places)

    @cached_property
    def letter_places(self) -> list[int]:
        """Where in the text the characters that are no separators stand."""
        edges = [0, *(edge for run in SEPARATOR.finditer(self.plain) for edge in run.span()), len(self.plain)]
        return [place for start, end in zip(edges[::2], edges[1::2], strict=True) for place in range(start, end)]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where in the visible text a span of this form was written."""
        if start >= end:
            place = self._traced.starts[start] if start < len(self.plain) else len(self._visible)
            return place, place
        return self._traced.starts[start], self._traced.ends[end - 1]

    def original(self, start: int, end: int) -> str:
        """What was written in the visible text for a span of this form."""
        first, last = self.span(start, end)
        return self._visible[first:last]


class Text:
    """A piece of text ready for matching: `visible` as a reader sees it, forms derived when asked and kept.

    `searched` keeps what each matcher found in it: a check that is judged, quoted and traced searches once.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.visible = page.visible
        self.searched: dict[object, tuple[list[Any], str]] = {}
        self._forms: dict[tuple[bool, bool, bool, bool], Form] = {}
        self._settled: dict[tuple[bool, bool], Traced] = {}

    @classmethod
    def from_html(cls, html: str) -> Text:
        """The text that a browser would show for this HTML."""
        return cls(read_html(html))

    @classmethod
    def from_plain(cls, text: str) -> Text:
        """A text without markup: a title, a name."""
        return cls(read_plain(text))

    def form(
        self,
        *,
        fold: bool = False,
        case_sensitive: bool = False,
        loose: bool = False,
        without_quotes: bool = False,
        without_code: bool = False,
    ) -> Form:
        """The normalised form that a check asks for; `loose` implies `fold`."""
        fold = fold or loose
        key = (fold, case_sensitive, without_quotes, without_code)
        if key not in self._forms:
            traced = _cased(self._kept(without_quotes, without_code), fold=fold, case_sensitive=case_sensitive)
            self._forms[key] = Form(self.visible, traced, fold=fold)
        return self._forms[key]

    def _kept(self, without_quotes: bool, without_code: bool) -> Traced:
        key = (without_quotes, without_code)
        if key not in self._settled:
            dropped = (self.page.quotes if without_quotes else ()) + (self.page.code if without_code else ())
            whole = Traced.whole(self.visible)
            self._settled[key] = _settled(whole.edited((a, b, "\n") for a, b in _merged(dropped)), trim=True)
        return self._settled[key]


def normal(value: str, *, fold: bool = False, case_sensitive: bool = False) -> Form:
    """The form of a value written in a rule: the same steps, but spaces at its ends stay."""
    whole = Traced.whole(value.encode("utf-8", "replace").decode())
    return Form(value, _cased(_settled(whole, trim=False), fold=fold, case_sensitive=case_sensitive), fold=fold)


def _merged(spans: Iterable[tuple[int, int]]) -> Iterable[tuple[int, int]]:
    """The same spans in order, those that touch joined, empty ones left out."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif start < end:
            merged.append((start, end))
    return merged


def _settled(traced: Traced, *, trim: bool) -> Traced:
    """Invisible characters dropped, quotes straight, NFKC, space runs one."""
    ascii_only = traced.text.isascii()
    if ascii_only and _is_tidy(traced.text):
        return traced.same_length(traced.text.translate(STRAIGHT))
    pattern = _CONTROLS if ascii_only else _INVISIBLE
    traced = traced.edited((hit.start(), hit.end(), "") for hit in pattern.finditer(traced.text))
    traced = traced.same_length(traced.text.translate(STRAIGHT))
    if not ascii_only:
        traced = _composed(traced)
    spaces = _SPACES if trim else _UNTIDY
    return traced.edited(_one_space(hit, len(traced.text), trim=trim) for hit in spaces.finditer(traced.text))


def _is_tidy(text: str) -> bool:
    """Whether an ASCII text has no control characters, and its spaces and line breaks stand alone between others."""
    spaced = text.replace("\n", " ")
    return spaced.isprintable() and "  " not in spaced and spaced == spaced.strip(" ")


def _one_space(run: re.Match[str], length: int, *, trim: bool) -> tuple[int, int, str]:
    if trim and (run.start() == 0 or run.end() == length):
        return run.start(), run.end(), ""
    return run.start(), run.end(), "\n" if _BREAK.search(run[0]) else " "


def _composed(traced: Traced) -> Traced:
    """NFKC, one character as it is seen (a letter with its marks) at a time, so that places are kept."""
    if unicodedata.is_normalized("NFKC", traced.text):
        return traced
    return traced.edited(_changes(traced.text, lambda cluster: unicodedata.normalize("NFKC", cluster)))


def _changes(text: str, change: Callable[[str], str]) -> Iterable[tuple[int, int, str]]:
    for run in _RUN.finditer(text):
        if not run[0].isascii() and change(run[0]) != run[0]:
            for cluster in _CLUSTER.finditer(run[0]):
                new = change(cluster[0])
                if new != cluster[0]:
                    yield run.start() + cluster.start(), run.start() + cluster.end(), new


def _cased(traced: Traced, *, fold: bool, case_sensitive: bool) -> Traced:
    if fold:
        traced = traced.same_length(mixed_greek(traced.text))
    if not case_sensitive:
        traced = _casefolded(traced)
    return _folded(traced) if fold else traced


def _casefolded(traced: Traced) -> Traced:
    if traced.text.isascii():
        return traced.same_length(traced.text.lower())
    grown = traced.edited((hit.start(), hit.end(), hit[0].casefold()) for hit in _GROWS.finditer(traced.text))
    return _composed(grown.same_length(grown.text.casefold()))


def _folded(traced: Traced) -> Traced:
    if traced.text.isascii():
        return traced
    traced = traced.same_length(bare_letters(traced.text))
    traced = traced.edited((hit.start(), hit.end(), "") for hit in MARKS.finditer(traced.text))
    return traced.edited((hit.start(), hit.end(), _LIGATURE[hit[0]]) for hit in _LIGATURES.finditer(traced.text))
