"""Measures of the visible text."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.text import measures


@pytest.mark.parametrize(
    ("measure", "visible", "expected"),
    [
        (measures.length, "a \uff21b", 4),
        (measures.trimmed_length, "!! hi, there ?! ", 9),
        (measures.trimmed_length, " ... ", 0),
        (measures.words, "a - b, c's 12", 4),
        (measures.words, "", 0),
        (measures.lines, "", 0),
        (measures.lines, "a\n\nb", 3),
        (measures.caps_count, "AbC \u0416 1", 3),
        (measures.caps_share, "ABc 1!", pytest.approx(200 / 3)),
        (measures.caps_share, "123 \u4f8b", None),
        (measures.symbol_share, "a! b?", 50),
        (measures.symbol_share, "e\u0301\u0939\u093f1", 0),
        (measures.symbol_share, " ", None),
        (measures.emoji_count, "1 # * \u00a9 \u20ac \u2122 a", 0),
        (measures.emoji_count, "\u2764 \u2764\ufe0f 1\ufe0f\u20e3", 3),
        (measures.emoji_count, "\N{THUMBS UP SIGN}\U0001f3fd", 1),
        (measures.emoji_count, "\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL}", 1),
        (measures.emoji_count, "\U0001f1ec\U0001f1e7\U0001f1eb\U0001f1f7", 2),
        (measures.emoji_count, "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", 1),
        (measures.scripts, "a\u0416\u6f22\u30fc\u00e91!", frozenset({"Latin", "Cyrillic", "Han"})),
        (measures.scripts, "1 !", frozenset()),
        (measures.mention_count, "@Bob @bob. @eve-x a@b.c joe@x.com", 2),
    ],
)
def test_measures(measure: Callable[[str], object], visible: str, expected: object) -> None:
    assert measure(visible) == expected


ALL = [
    measures.length,
    measures.trimmed_length,
    measures.words,
    measures.lines,
    measures.caps_count,
    measures.caps_share,
    measures.symbol_share,
    measures.emoji_count,
    measures.scripts,
    measures.mention_count,
]


@pytest.mark.parametrize("measure", ALL)
@pytest.mark.parametrize(
    "part", ["a", "!", "\N{MAN}\u200d", "@a", "a.", "\u2764\ufe0f", "\U0001f3f4\U000e0067", "e\u0301 "]
)
def test_no_text_costs_more_than_its_length(measure: Callable[[str], object], part: str) -> None:
    """A quadratic step would need minutes for these."""
    measure("a" + part * (200_000 // len(part)) + "a")


@given(st.text())
def test_shares_are_per_cent(visible: str) -> None:
    for share in (measures.caps_share(visible), measures.symbol_share(visible)):
        assert share is None or 0 <= share <= 100
