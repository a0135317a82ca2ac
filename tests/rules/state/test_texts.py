"""`duplicate`: equal and similar texts of a window (rule-language.md, section 7)."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.state.state import State
from rules.state.texts import MOST_CHARACTERS, Excerpt, is_similar
from rules.state.windows import MOST_TEXTS, Count, TextObservation
from tests.rules.state.naive import alike

OFFER = "cheap watches, best price, write to me"
"""38 characters."""


def copy(text: str = OFFER, at: float = 0.0, **other: Any) -> TextObservation:
    fields: dict[str, Any] = {"window": "copies", "key": (), "within": 3600.0, "similar": 90.0} | other
    return TextObservation(at=at, text=text, **fields)


SENTENCES: dict[str, list[tuple[str, dict[str, Any], int]]] = {
    "the present text counts": [("a", {}, 1)],
    "equal texts are counted": [("a", {"similar": 100}, 1), ("b", {"similar": 100}, 2), ("c", {"similar": 100}, 3)],
    "another text is none of them": [("a", {"similar": 100}, 1), ("b", {"similar": 100, "text": OFFER + "!"}, 1)],
    "three edits in 38 characters are 92 %": [("a", {}, 1), ("b", {"text": OFFER.replace("cheap", "123ap")}, 2)],
    "four are 89 %": [("a", {}, 1), ("b", {"text": OFFER.replace("cheap", "1234p")}, 1)],
    "one edit in ten characters is 90 % exactly": [("a", {"text": "0123456789"}, 1), ("b", {"text": "012345678x"}, 2)],
    "the longer text's length counts": [("a", {"text": "012345678"}, 1), ("b", {"text": "0123456789"}, 2)],
    "similar is to the present text, not to each other": [
        ("a", {"text": "0123456789"}, 1),
        ("b", {"text": "012345678x"}, 2),
        ("c", {"text": "01234567yx"}, 2),
    ],
    "a text exactly an hour old is outside": [("a", {"at": 0}, 1), ("b", {"at": 3600}, 1)],
    "a late text is compared with what is not later": [
        ("a", {"at": 0}, 1),
        ("c", {"at": 20}, 2),
        ("b", {"at": 10}, 2),
        ("d", {"at": 30}, 4),
    ],
    "a repeat counts once and gets the answer of the first time": [
        ("a", {}, 1),
        ("b", {}, 2),
        ("late", {"at": -5}, 1),
        ("a", {}, 1),
        ("b", {}, 2),
        ("c", {}, 4),
    ],
    "keys are counted apart": [("a", {"key": ("pip",)}, 1), ("b", {"key": ("wren",)}, 1)],
    "a number before the text is text": [("a", {"text": "12:34:56"}, 1), ("b", {"text": "12:34:56"}, 2)],
    "lines, signs and half characters are text": [
        ("a", {"text": "a:\n\x00\ud83d \U0001f600 é"}, 1),
        ("b", {"text": "a:\n\x00\ud83d \U0001f600 é"}, 2),
    ],
    "an empty text is equal to an empty text": [("a", {"text": ""}, 1), ("b", {"text": ""}, 2), ("c", {}, 1)],
}


@pytest.mark.parametrize("steps", SENTENCES.values(), ids=SENTENCES)
def test_texts(state: State, steps: list[tuple[str, dict[str, Any], int]]) -> None:
    assert [state.observe(event, [copy(**fields)]) for event, fields, _ in steps] == [[Count(n)] for *_, n in steps]


@pytest.mark.parametrize("similar", [100, 90])
def test_what_the_bot_deleted_counts_unless_kept_is_asked_for(state: State, similar: float) -> None:
    both = [copy(similar=similar, window="all"), copy(similar=similar, window="kept", kept="live")]
    state.observe("a", both)
    assert state.withdraw(["a"], ["live"]) == 1
    assert state.observe("b", both) == [Count(2), Count(1)]
    assert state.observe("a", both) == [Count(1), Count(1)]
    assert state.observe("c", both) == [Count(3), Count(2)]


def test_the_newest_texts_of_a_key_are_compared_and_the_answer_says_that_there_were_more(state: State) -> None:
    for n in range(MOST_TEXTS - 1):
        assert state.observe(f"e{n}", [copy(at=n)]) == [Count(n + 1)]
    assert state.observe("full", [copy(at=MOST_TEXTS)]) == [Count(MOST_TEXTS, at_least=True)]
    assert state.observe("one more", [copy(at=MOST_TEXTS)]) == [Count(MOST_TEXTS, at_least=True)]
    assert state.observe("other", [copy("another text", at=MOST_TEXTS)]) == [Count(1, at_least=True)]


def test_long_texts_are_compared_by_their_beginnings_and_lengths(state: State) -> None:
    long = "x" * 2 * MOST_CHARACTERS
    assert state.observe("a", [copy(long)]) == [Count(1)]
    assert state.observe("b", [copy(long[:-1] + "y")]) == [Count(2)]
    assert state.observe("c", [copy(long + long)]) == [Count(1)], "twice as long is at most half alike"
    assert state.observe("d", [copy("y" * len(long))]) == [Count(1)]


@given(st.text("ab", max_size=8), st.text("ab", max_size=8), st.integers(1, 100))
def test_similarity_is_one_less_the_edits_over_the_longer_length(one: str, other: str, similar: int) -> None:
    mine, its = Excerpt.of(one), Excerpt.of(other)
    assert is_similar(mine, its, similar) == alike(one, other, similar)
    shortest, longest = mine.lengths(similar)
    assert not alike(one, other, similar) or shortest <= len(other) <= longest


def test_two_hundred_hostile_texts_are_compared_in_a_blink(state: State) -> None:
    for n in range(MOST_TEXTS):
        state.observe(f"e{n}", [copy(("ab" * MOST_CHARACTERS)[n : n + MOST_CHARACTERS], at=n, similar=1.0)])
    started = time.perf_counter()
    [count] = state.observe("last", [copy("ba\u0416" * MOST_CHARACTERS, at=MOST_TEXTS, similar=1.0)])
    assert time.perf_counter() - started < 0.5
    assert count.at_least
