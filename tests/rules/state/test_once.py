"""`once` and `cooldown`: who is the first (rule-language.md, 6.8 and 9)."""

from __future__ import annotations

import pytest

from rules.state.state import State
from rules.state.windows import MOST_FIRSTS

HOUR = 3600.0

SENTENCES: dict[str, tuple[float | None, list[tuple[str, float, bool]]]] = {
    "the first event is first, and again when it is repeated": (HOUR, [("a", 0, True), ("a", 0, True)]),
    "others are not, for the span": (
        HOUR,
        [("a", 0, True), ("b", 1, False), ("c", HOUR - 0.1, False), ("b", 1, False)],
    ),
    "one exactly a span later is first again": (HOUR, [("a", 0, True), ("b", HOUR, True), ("c", HOUR + 1, False)]),
    "the span runs from who was first, not from who was refused": (
        HOUR,
        [("a", 0, True), ("b", HOUR - 1, False), ("c", HOUR, True)],
    ),
    "a late event does not repeat what a later one did": (HOUR, [("b", HOUR, True), ("a", 1, False)]),
    "a late event is first if nothing was done in its hour": (
        HOUR,
        [("b", 3 * HOUR, True), ("a", 0, True), ("c", 1, False), ("a", 0, True), ("b", 3 * HOUR, True)],
    ),
    "two events of one moment are two events": (HOUR, [("a", 0, True), ("b", 0, False)]),
    "without a span it is for ever": (None, [("a", 0, True), ("b", 10_000 * HOUR, False), ("c", -HOUR, False)]),
}


@pytest.mark.parametrize(("span", "steps"), SENTENCES.values(), ids=SENTENCES)
def test_once(state: State, span: float | None, steps: list[tuple[str, float, bool]]) -> None:
    answers = [state.first("welcome", ("topic", "501"), span, event, at) for event, at, _ in steps]
    assert answers == [first for *_, first in steps]


def test_rules_and_scopes_are_apart(state: State) -> None:
    asked = [
        ("welcome", ("topic", "501")),
        ("welcome", ("topic", "502")),
        ("goodbye", ("topic", "501")),
        ("welcome", ()),
    ]
    assert [state.first(*place, HOUR, f"event {n}", 0) for n, place in enumerate(asked)] == [True] * 4


def test_only_so_many_firsts_are_kept(state: State) -> None:
    for n in range(MOST_FIRSTS + 1):
        assert state.first("welcome", (), HOUR, f"event {n}", n * HOUR)
    assert state.first("welcome", (), HOUR, "other", 0), "the oldest was forgotten"
    assert not state.first("welcome", (), HOUR, "another", MOST_FIRSTS * HOUR)
