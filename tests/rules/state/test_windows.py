"""`count`: what a sliding window holds when an event looks into it (rule-language.md, section 7)."""

from __future__ import annotations

from typing import Any

import pytest

from rules.state.state import State
from rules.state.windows import LATE_SECONDS, MOST_MEMBERS, Count, Observation, moment

MINUTES = 60.0
NOON = 1_767_268_800.0


def seen(at: float = 0.0, **other: Any) -> Observation:
    """One happening by pip, `at` seconds after noon, in a window of ten minutes."""
    fields: dict[str, Any] = {"window": "live flood", "key": ("pip",), "within": 10 * MINUTES} | other
    return Observation(at=NOON + at, **fields)


def observe(state: State, event: str, at: float = 0.0, **other: Any) -> int:
    [count] = state.observe(event, [seen(at, **other)])
    assert not count.at_least
    return count.number


SENTENCES: dict[str, list[tuple[str, dict[str, Any], int]]] = {
    "the present event counts": [("a", {}, 1)],
    "the fifth post in the window is the first that sees five": [
        ("a", {"at": 0}, 1),
        ("b", {"at": 60}, 2),
        ("c", {"at": 120}, 3),
        ("d", {"at": 180}, 4),
        ("e", {"at": 240}, 5),
    ],
    "a post exactly ten minutes old is outside": [("a", {"at": 0}, 1), ("b", {"at": 600}, 1)],
    "a post a tenth of a second younger is inside": [("a", {"at": 0.1}, 1), ("b", {"at": 600}, 2)],
    "exactly is exact where floating point is not": [
        ("a", {"at": 0.3, "within": 0.2}, 1),
        ("b", {"at": 0.5, "within": 0.2}, 1),
    ],
    "posts of one second see those that came before them": [("a", {}, 1), ("b", {}, 2), ("c", {}, 3)],
    "one event twice counts once": [("a", {}, 1), ("a", {}, 1), ("b", {"at": 1}, 2)],
    "a repeat gets the answer of the first time, whatever came since": [
        ("a", {"at": 0}, 1),
        ("b", {"at": 0}, 2),
        ("late", {"at": -5}, 1),
        ("a", {"at": 0}, 1),
        ("b", {"at": 0}, 2),
    ],
    "a late event is placed at its own time and sees nothing later": [
        ("a", {"at": 0}, 1),
        ("c", {"at": 120}, 2),
        ("b", {"at": 60}, 2),
        ("d", {"at": 180}, 4),
    ],
    "a late event whose window has gone by counts alone": [("a", {"at": 0}, 1), ("b", {"at": -600}, 1)],
    "links are summed over the items in the window": [
        ("a", {"number": 3}, 3),
        ("b", {"number": 2}, 5),
        ("a", {"number": 3}, 3),
    ],
    "an item without a link adds none and looks all the same": [
        ("a", {"number": 2}, 2),
        ("b", {"number": 0}, 2),
        ("c", {"number": 1}, 3),
    ],
    "distinct counts different values": [
        ("a", {"values": ("501",)}, 1),
        ("b", {"values": ("502", "502")}, 2),
        ("c", {"values": ("501",)}, 2),
        ("d", {"values": ("503", "504")}, 4),
    ],
    "a value leaves the window with the last event that had it": [
        ("a", {"at": 0, "values": ("501",)}, 1),
        ("b", {"at": 300, "values": ("502",)}, 2),
        ("c", {"at": 400, "values": ("501",)}, 2),
        ("d", {"at": 700, "values": ("503",)}, 3),
        ("e", {"at": 1000, "values": ("504",)}, 2),
    ],
    "a late event sees a value that a later event had again": [
        ("a", {"at": 0, "values": ("501",)}, 1),
        ("c", {"at": 400, "values": ("501",)}, 1),
        ("b", {"at": 300, "values": ("502",)}, 2),
    ],
    "keys are counted apart": [("a", {"key": ("pip",)}, 1), ("b", {"key": ("wren",)}, 1)],
    "a combination of keys is one key": [
        ("a", {"key": ("pip", "7")}, 1),
        ("b", {"key": ("pip", "8")}, 1),
        ("c", {"key": ("pip", "7")}, 2),
    ],
    "values of a combination do not run together": [("a", {"key": ("a b", "c")}, 1), ("b", {"key": ("a", "b c")}, 1)],
    "live and shadow are counted apart": [("a", {"window": "live flood"}, 1), ("a", {"window": "shadow flood"}, 1)],
}


@pytest.mark.parametrize("steps", SENTENCES.values(), ids=SENTENCES)
def test_a_window(state: State, steps: list[tuple[str, dict[str, Any], int]]) -> None:
    assert [observe(state, event, **fields) for event, fields, _ in steps] == [number for *_, number in steps]


def test_one_event_is_counted_in_all_its_windows_in_one_step(state: State) -> None:
    by_link = [seen(window="links", key=(f"{host}.example/x",)) for host in ("a", "b")]
    assert state.observe("a", [seen(), *by_link, seen(window="site", key=())]) == [Count(1)] * 4
    assert state.observe("b", [seen(), by_link[1], by_link[1]]) == [Count(2)] * 3
    assert state.observe("c", []) == []


def test_what_the_bot_deleted_still_counts_unless_kept_is_asked_for(state: State) -> None:
    both = [seen(window="all"), seen(window="kept", kept="live")]
    state.observe("a", both)
    assert state.withdraw(["a"], ["live"]) == 1
    assert state.observe("b", both) == [Count(2), Count(1)]


@pytest.mark.parametrize("values", [None, ("501", "502")], ids=["happenings", "values"])
def test_what_was_withdrawn_does_not_come_back_with_a_repeat(state: State, values: tuple[str, ...] | None) -> None:
    fields: dict[str, Any] = {"kept": "live", "values": values, "number": 2}
    assert observe(state, "a", **fields) == 2
    assert [
        state.withdraw(["a"], ["live"]),
        state.withdraw(["a"], ["live"]),
        state.withdraw(["never seen"], ["live"]),
    ] == [2, 0, 0]
    assert observe(state, "a", **fields) == 2
    assert observe(state, "b", at=1, kept="live", number=0, values=values and ()) == 0


def test_withdrawing_one_event_leaves_others_of_its_moment(state: State) -> None:
    for event in ("a", "b", "c"):
        observe(state, event, kept="live")
    state.withdraw(["b"], ["live"])
    assert observe(state, "d", kept="live") == 3


def test_an_event_that_comes_as_late_as_repeats_are_known_finds_its_window_whole(state: State) -> None:
    observe(state, "a", at=-1)
    observe(state, "newest", at=LATE_SECONDS)
    assert observe(state, "late", at=0) == 2


def test_what_no_late_event_can_see_is_dropped(state: State) -> None:
    observe(state, "a", at=0)
    observe(state, "newest", at=600 + LATE_SECONDS)
    assert observe(state, "too late", at=1) == 1


def test_a_full_window_drops_its_oldest_and_says_so(state: State) -> None:
    assert observe(state, "old", at=-500) == 1
    assert state.observe("raid", [seen(0, number=MOST_MEMBERS)]) == [Count(MOST_MEMBERS, at_least=True)]
    assert state.observe("next", [seen(1)]) == [Count(MOST_MEMBERS, at_least=True)]
    assert state.observe("late", [seen(-100)]) == [Count(1, at_least=True)]
    assert state.observe("after", [seen(600, number=3)]) == [Count(4)], "next and the three; the raid is outside"


@pytest.mark.parametrize("number", [MOST_MEMBERS + 1, 10**9])
def test_one_event_cannot_add_more_than_a_window_holds(state: State, number: int) -> None:
    assert state.observe("a", [seen(number=number)]) == [Count(MOST_MEMBERS, at_least=True)]
    values = tuple(str(n) for n in range(MOST_MEMBERS + 1))
    assert state.observe("a", [seen(window="values", values=values)]) == [Count(MOST_MEMBERS, at_least=True)]


@pytest.mark.parametrize("hostile", ["", "*", "a:b", "\n\x00", "\ud800", "x" * 100_000, "'] } --"])
def test_whatever_members_write_is_a_key_like_any_other(state: State, hostile: str) -> None:
    assert observe(state, hostile, key=(hostile,), values=(hostile,), window=hostile, kept="live") == 1
    assert observe(state, hostile + "2", key=(hostile,), values=("other",), window=hostile) == 2
    assert state.withdraw([hostile], ["live"]) == 1


@pytest.mark.parametrize("at", [float("nan"), float("inf")])
def test_a_time_that_is_none_is_refused(at: float) -> None:
    with pytest.raises((ValueError, OverflowError)):
        moment(at)
