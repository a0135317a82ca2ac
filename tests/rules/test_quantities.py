"""Numbers, shares, ages and spans."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.quantities import Measure, QuantityError, read_comparison, read_span, some_number_passes, spell_age

HELD = [
    ("< 5", Measure.NUMBER, 4, True),
    ("<5", Measure.NUMBER, 5, False),
    ("<= 5", Measure.NUMBER, 5, True),
    ("> -5", Measure.NUMBER, -4, True),
    (">= 2.5", Measure.NUMBER, 2.5, True),
    ("!= 5", Measure.NUMBER, 5, False),
    ("= 5", Measure.NUMBER, 5, True),
    ("== 5", Measure.NUMBER, 5, True),
    ("5", Measure.NUMBER, 5, True),
    ("5..10", Measure.NUMBER, 10, True),
    ("-10..-5", Measure.NUMBER, -5, True),
    ("> 80%", Measure.SHARE, 80, False),
    ("10..20%", Measure.SHARE, 15, True),
    ("< 7 days", Measure.AGE, 7 * 86400, False),
    ("> 1 month", Measure.AGE, 30 * 86400, False),
    ("< 1 Year", Measure.AGE, 364 * 86400, True),
    ("1..2 hours", Measure.AGE, 5400, True),
    ("30 minutes..2 hours", Measure.AGE, 1799, False),
    ("< 7", Measure.AGE, 6 * 86400, True),
]


@pytest.mark.parametrize(("text", "measure", "value", "holds"), HELD)
def test_comparisons(text: str, measure: Measure, value: float, holds: bool) -> None:
    assert read_comparison(text, measure).holds(value) is holds


@pytest.mark.parametrize("text", ["", "five", "< ", "5 < 6", "1_000", "1e3", "5..", "..5", "< 5..6", "nan", "> 80%"])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(QuantityError):
        read_comparison(text, Measure.NUMBER)


def outcome(text: str, measure: Measure) -> str:
    try:
        return str(read_comparison(text, measure).holds(1.0))
    except QuantityError as error:
        return str(error)


@given(st.text(alphabet="0123456789.<>=! -%daysh", max_size=20), st.sampled_from(list(Measure)))
def test_any_text_is_a_comparison_or_refused(text: str, measure: Measure) -> None:
    assert outcome(text, measure)


def test_spans() -> None:
    assert read_span("10 minutes") == 600
    with pytest.raises(QuantityError, match="a number and a unit"):
        read_span("10")


@pytest.mark.parametrize(
    ("seconds", "spelled"), [(0, "0 seconds"), (60, "1 minute"), (5400, "1.5 hours"), (86400 * 3, "3 days")]
)
def test_ages_are_spelled(seconds: float, spelled: str) -> None:
    assert spell_age(seconds) == spelled


TOGETHER = [
    (["> 5", "< 7"], True, True),
    (["> 5", "< 6"], True, False),
    (["> 5", "< 6"], False, True),
    (["> 5", "< 5"], False, False),
    ([">= 5", "<= 5", "!= 5"], True, False),
    (["2.1..2.9"], True, False),
    (["1..10", "10..20", "> 9.5"], True, True),
]


@pytest.mark.parametrize(("written", "whole", "expected"), TOGETHER)
def test_whether_one_number_passes_all(written: list[str], whole: bool, expected: bool) -> None:
    comparisons = [read_comparison(one, Measure.NUMBER) for one in written]
    assert some_number_passes(comparisons, whole=whole) is expected
