"""The measures of body and title: lengths, counts, shares, scripts."""

from __future__ import annotations

from collections.abc import Callable

from rules.facts import Fact
from rules.fields.kinds import Field, Kind
from rules.subject import Missing, Subject
from rules.text import measures

Visible = Callable[[Subject], str | None]

_MEASURES: tuple[tuple[str, Kind, Callable[[str], object], str], ...] = (
    ("length", Kind.NUMBER, measures.length, "characters"),
    ("words", Kind.NUMBER, measures.words, "words"),
    ("lines", Kind.NUMBER, measures.lines, "lines"),
    ("caps_count", Kind.NUMBER, measures.caps_count, "upper-case letters"),
    ("emoji_count", Kind.NUMBER, measures.emoji_count, "emoji; a flag or a joined emoji is one"),
    ("caps_share", Kind.SHARE, measures.caps_share, "upper case among the letters that have case"),
    ("symbol_share", Kind.SHARE, measures.symbol_share, "neither letter nor digit, among all but spaces"),
    ("script", Kind.LIST, measures.scripts, "Unicode scripts of its letters, as Cyrillic, Han"),
    ("longer_than", Kind.LENGTH, measures.trimmed_length, "longer than this, symbols at both ends not counted"),
    ("shorter_than", Kind.LENGTH, measures.trimmed_length, "shorter than this, symbols at both ends not counted"),
)


def measured_fields(of: str, types: str, fact: Fact, visible: Visible) -> tuple[Field, ...]:
    """Every measure of one text; on a body also the mentions. A share of nothing is unknown for good."""

    def reader(measure: Callable[[str], object]) -> Callable[[Subject], object]:
        def read(subject: Subject) -> object:
            text = visible(subject)
            if text is None:
                return None
            found = measure(text)
            return Missing() if found is None else found

        return read

    fields = [
        Field(f"{of}_{name}", types, kind, reader(measure), about, (fact,), bound=_bound(name))
        for name, kind, measure, about in _MEASURES
    ]
    if of == "body":
        about = "different @names mentioned"
        fields.append(Field("mention_count", types, Kind.NUMBER, reader(measures.mention_count), about, (fact,)))
    return tuple(fields)


def _bound(name: str) -> str:
    head, _, tail = name.partition("_")
    return head if tail == "than" else ""
