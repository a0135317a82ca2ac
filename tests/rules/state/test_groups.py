"""`group_changed`: a person's groups against those last seen (rule-language.md, section 2)."""

from __future__ import annotations

import pytest

from rules.state.groups import MOST_SIGHTINGS, Change, Membership
from rules.state.state import State

CHANGED, SAME, UNKNOWN = Change


def regroup(state: State, event: str, at: float, *groups: str, person: str = "101") -> Change:
    return state.regroup(event, Membership(person, groups, at))


SENTENCES: dict[str, list[tuple[str, float, tuple[str, ...], Change]]] = {
    "nothing known before is unknown": [("a", 0, ("Members",), UNKNOWN)],
    "no groups are groups too": [("a", 0, (), UNKNOWN), ("b", 1, (), SAME), ("c", 2, ("Members",), CHANGED)],
    "order and case are no change": [("a", 0, ("Members", "Muted"), UNKNOWN), ("b", 1, ("muted", "MEMBERS"), SAME)],
    "one more, and one less": [
        ("a", 0, ("Members",), UNKNOWN),
        ("b", 1, ("Members", "Muted"), CHANGED),
        ("c", 2, ("Members",), CHANGED),
    ],
    "compared with the last seen, not with the first": [
        ("a", 0, ("Members",), UNKNOWN),
        ("b", 1, ("Muted",), CHANGED),
        ("c", 2, ("Muted",), SAME),
    ],
    "a repeat gets the answer of the first time, whatever came since": [
        ("a", 0, ("Members",), UNKNOWN),
        ("b", 1, ("Muted",), CHANGED),
        ("a", 0, ("Members",), UNKNOWN),
        ("c", 2, ("Members",), CHANGED),
        ("b", 1, ("Muted",), CHANGED),
    ],
    "a late event is compared with what was known before it": [
        ("a", 0, ("Members",), UNKNOWN),
        ("c", 10, ("Muted",), CHANGED),
        ("b", 5, ("Members",), SAME),
        ("d", 20, ("Muted",), SAME),
    ],
    "what was seen again is known from then on, whatever comes late": [
        ("a", 0, ("Members",), UNKNOWN),
        ("c", 10, ("Members",), SAME),
        ("b", 5, ("Muted",), CHANGED),
        ("d", 20, ("Members",), SAME),
    ],
    "a late event before all that is known is unknown": [
        ("b", 10, ("Muted",), UNKNOWN),
        ("a", 5, ("Members",), UNKNOWN),
    ],
    "of one moment the later to arrive stands": [
        ("a", 0, ("Members",), UNKNOWN),
        ("b", 0, ("Muted",), CHANGED),
        ("c", 0, ("Members",), CHANGED),
        ("d", 1, ("Members",), SAME),
    ],
    "titles do not run together": [("a", 0, ("A", "B"), UNKNOWN), ("b", 1, ('A", "B',), CHANGED)],
    "whatever a title holds": [("a", 0, ("\ud800\n\x00:*",), UNKNOWN), ("b", 1, ("\ud800\n\x00:*",), SAME)],
}


@pytest.mark.parametrize("steps", SENTENCES.values(), ids=SENTENCES)
def test_groups(state: State, steps: list[tuple[str, float, tuple[str, ...], Change]]) -> None:
    assert [regroup(state, event, at, *groups) for event, at, groups, _ in steps] == [told for *_, told in steps]


def test_people_are_known_apart(state: State) -> None:
    assert regroup(state, "a", 0, "Members") is UNKNOWN
    assert regroup(state, "b", 1, "Muted", person="102") is UNKNOWN


def test_what_is_older_than_all_that_is_kept_is_unknown(state: State) -> None:
    for n in range(MOST_SIGHTINGS + 2):
        regroup(state, f"e{n}", 10 * n, f"Rank {n}")
    assert regroup(state, "late", 15, "Rank 1") is UNKNOWN
    assert regroup(state, "less late", 25, "Rank 2") is SAME
    assert regroup(state, "now", 10_000, f"Rank {MOST_SIGHTINGS + 1}") is SAME
