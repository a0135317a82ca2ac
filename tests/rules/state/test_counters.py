"""Counters and their ladders (rule-language.md, section 7)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.state.counters import MOST_AWARDS, Award, Counter, Total, rung_fired
from rules.state.state import State

DAYS = 86_400.0
STRIKES = Counter("live strikes", ("pip",))


def award(
    state: State, event: str, points: int = 1, at: float = 0.0, *, rule: str = "no ads", **other: Any
) -> tuple[int, int]:
    fields: dict[str, Any] = {"counter": STRIKES, "expires": 30 * DAYS} | other
    [total] = state.award(event, [Award(rule=rule, points=points, at=at, **fields)])
    return total.before, total.after


def points(state: State, at: float, event: str = "asking", counter: Counter = STRIKES) -> int:
    return state.points(event, [counter], at)[0]


def test_a_counter_adds_up_what_rules_award(state: State) -> None:
    assert [award(state, "a", 1), award(state, "b", 2, rule="spam"), award(state, "c", -1)] == [(0, 1), (1, 3), (3, 2)]


def test_points_die_one_by_one_at_their_own_age(state: State) -> None:
    award(state, "a", 1, at=0)
    award(state, "b", 2, at=10 * DAYS)
    award(state, "c", 4, at=20 * DAYS, expires=1 * DAYS)
    days = [0, 10, 20, 20.99, 21, 29.99, 30, 39.99, 40]
    assert [points(state, day * DAYS) for day in days] == [1, 3, 7, 7, 3, 3, 2, 2, 0]
    assert award(state, "d", 1, at=30 * DAYS) == (2, 3)


def test_points_without_an_age_stay(state: State) -> None:
    award(state, "a", expires=None)
    assert points(state, 399 * DAYS) == 1


def test_counters_and_keys_add_up_apart(state: State) -> None:
    others = [
        Counter("live strikes", ("wren",)),
        Counter("shadow strikes", ("pip",)),
        Counter("live", ("strikes", "pip")),
    ]
    award(state, "a", 5)
    assert [award(state, "a", 1, counter=one) for one in others] == [(0, 1)] * 3
    assert state.points("asking", [STRIKES, *others, Counter("live flowers", ("pip",))], 1.0) == [5, 1, 1, 1, 0]
    assert state.points("asking", [], 1.0) == []


def test_an_event_counts_once_for_each_rule_and_is_told_the_same_totals_again(state: State) -> None:
    assert award(state, "a", 1) == (0, 1)
    assert award(state, "a", 2, rule="spam") == (1, 3)
    assert award(state, "b", 1) == (3, 4)
    assert [award(state, "a", 1), award(state, "a", 2, rule="spam")] == [(0, 1), (1, 3)]
    assert points(state, 1) == 4


def test_the_awards_of_one_event_are_one_step_and_each_sees_those_before_it(state: State) -> None:
    both = [Award("no ads", STRIKES, 1, 0.0), Award("spam", STRIKES, 2, 0.0)]
    assert state.award("a", both) == state.award("a", both) == [Total(0, 1), Total(1, 3)]
    assert state.award("b", []) == []


def test_a_check_reads_the_points_before_this_event_s_awards(state: State) -> None:
    award(state, "a")
    award(state, "b")
    assert points(state, 0, event="b") == 1
    assert points(state, 0, event="c") == 2


def test_awards_that_arrive_in_the_wrong_order_pass_every_total_once(state: State) -> None:
    totals = [award(state, "b", at=10), award(state, "a", at=5), award(state, "c", at=20)]
    assert totals == [(0, 1), (1, 2), (2, 3)]
    assert [points(state, at) for at in (5, 10, 20)] == [1, 2, 3], "a check sees only what is not later than its event"


def test_points_that_had_died_when_they_arrived_change_nothing(state: State) -> None:
    award(state, "b", at=40 * DAYS)
    assert award(state, "a", at=0) == (1, 1)


def test_undoing_an_action_takes_its_points_back_for_good(state: State) -> None:
    award(state, "a", 1)
    award(state, "a", 2, rule="spam")
    award(state, "b", 4)
    assert [state.take_back("a", "no ads", "live strikes") for _ in range(2)] == [1, 0]
    assert points(state, 1) == 6
    assert award(state, "a", 1) == (0, 1)
    assert points(state, 1) == 6
    assert state.take_back("never seen", "no ads", "live strikes") == 0
    assert state.take_back("b", "no ads", "shadow strikes") == 0


def test_what_a_rule_gave_to_several_keys_is_taken_back_together(state: State) -> None:
    links = [Counter("links", (f"{host}.example",)) for host in ("a", "b")]
    state.award("a", [Award("no ads", one, 1, 0.0) for one in links])
    assert state.take_back("a", "no ads", "links") == 2
    assert state.points("asking", links, 1.0) == [0, 0]


def test_a_counter_s_oldest_awards_go_when_it_is_full(state: State) -> None:
    for n in range(0, MOST_AWARDS, 100):
        state.award(f"e{n}", [Award(f"rule {n + i}", STRIKES, 1, float(n)) for i in range(100)])
    assert award(state, "last", at=MOST_AWARDS) == (MOST_AWARDS, MOST_AWARDS + 1)
    assert award(state, "one more", at=MOST_AWARDS) == (MOST_AWARDS, MOST_AWARDS + 1)


LADDER = [1, 3, 5]


@pytest.mark.parametrize(
    ("before", "after", "rung"),
    [
        (0, 1, 0),  # passes the first
        (1, 2, None),  # between rungs
        (2, 3, 1),  # reaches the second
        (3, 4, None),  # has passed it
        (0, 5, 2),  # passes all: the highest alone
        (4, 9, 2),  # passes it by far
        (5, 6, None),
        (3, 2, None),  # downwards
        (2, 4, 1),  # fell below, so it is armed again
        (3, 3, None),
    ],
)
def test_the_highest_rung_that_the_total_passes_upwards_fires(before: int, after: int, rung: int | None) -> None:
    assert rung_fired(LADDER, Total(before, after)) == rung


def test_rungs_may_be_written_in_any_order() -> None:
    assert rung_fired([5, 1, 3], Total(0, 4)) == 2
    assert rung_fired([], Total(0, 4)) is None


@given(st.lists(st.integers(0, 4), max_size=20))
def test_going_up_each_rung_fires_once_at_most_and_the_last_one_reached_has_fired(steps: list[int]) -> None:
    total, fired = 0, []
    for step in steps:
        fired.append(rung_fired(LADDER, Total(total, total + step)))
        total += step
    rungs = [rung for rung in fired if rung is not None]
    assert rungs == sorted(set(rungs))
    reached = [index for index, at in enumerate(LADDER) if at <= total]
    assert rungs[-1:] == reached[-1:]
