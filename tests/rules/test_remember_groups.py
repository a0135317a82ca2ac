"""`event: group_changed`: groups that differ from those last seen (rule-language.md, section 2)."""

from __future__ import annotations

from typing import Any

import pytest

from rules.decide import decide
from rules.decision import Decision, Needs
from rules.event import Author, Event
from rules.facts import NOTHING_MORE, Fact, Facts
from rules.remember import decide_with
from rules.ruleset import load_text
from rules.samples import make_event
from rules.state.memory import MemoryState
from tests.rules.test_remember import MANY, Untouchable, Written, acting, at, decided, joined, reply, story

REGROUPED = "name: r\nevent: group_changed\nauthor: {groups: [Trusted]}\nnotify_moderators: x\n"


def regrouped(seconds: float, *groups: str, **more: Any) -> Written:
    return at(seconds, type="user.updated", author={"groups": list(groups)}, **more)


CHANGES: list[tuple[str, str, list[Written], list[bool]]] = [
    (
        "a user who comes into the group",
        REGROUPED,
        [joined(0), regrouped(1, "Members", "Trusted"), regrouped(2, "Members", "Trusted")],
        [False, True, False],
    ),
    ("nothing known before is unknown", REGROUPED, [regrouped(1, "Trusted"), regrouped(2, "Trusted")], [False, False]),
    ("any event that shows the groups is heeded", REGROUPED, [reply(0), regrouped(1, "Trusted")], [False, True]),
    (
        "an event that does not show them is not",
        REGROUPED,
        [reply(0, author={"groups": None}), regrouped(1, "Trusted")],
        [False, False],
    ),
    (
        "users are known apart",
        REGROUPED,
        [joined(0), at(1, type="user.updated", author={"id": 102, "groups": ["Trusted"]})],
        [False, False],
    ),
    (
        "an edit that changes no group is an edit alone",
        REGROUPED.replace("group_changed", "[edited, group_changed]\ntype: user"),
        [joined(0), regrouped(1, "Trusted"), regrouped(2, "Trusted")],
        [False, True, True],
    ),
    (
        "the checks hold as ever",
        REGROUPED,
        [joined(0), regrouped(1, "Muted"), regrouped(2, "Trusted")],
        [False, False, True],
    ),
    (
        "a late event is compared with what was known before it",
        REGROUPED,
        [joined(0), regrouped(10, "Muted"), regrouped(5, "Trusted"), regrouped(11, "Trusted")],
        [False, False, True, True],
    ),
]


@pytest.mark.parametrize(("_", "rules", "scenes", "expected"), CHANGES, ids=[one[0] for one in CHANGES])
def test_group_changed(_: str, rules: str, scenes: list[Written], expected: list[bool]) -> None:
    assert acting(rules, scenes) == expected


def test_a_change_that_nobody_can_tell_makes_the_rule_unknown() -> None:
    first, second = story(REGROUPED, [regrouped(1, "Trusted"), regrouped(2, "Trusted")])
    assert (first.unknown, second.unknown) == (("r",), ())
    assert second.trace[0].skipped == "event"
    assert decide(load_text(REGROUPED), make_event(regrouped(1, "Trusted")), NOTHING_MORE).unknown == ("r",)  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", ["user.created", "user.updated"])
def test_an_event_on_a_user_asks_for_the_groups_that_it_lacks(kind: str) -> None:
    ruleset, event, state = load_text(REGROUPED), Event(type=kind, at=1.0, author=Author(user_id=1)), MemoryState()
    waiting = decide_with(ruleset, event, Facts(), state, "e")
    assert isinstance(waiting, Needs)
    assert waiting.facts == {Fact.AUTHOR}
    facts = Facts(author=Author(user_groups=("Members",)), asked=frozenset({Fact.AUTHOR}))
    assert isinstance(decide_with(ruleset, event, facts, state, "e"), Decision)
    later = Event(type="user.updated", at=2.0, author=Author(user_id=1, user_groups=("Trusted",)))
    assert decided(ruleset, later, state, "later").actions


def test_groups_are_not_asked_for_where_no_rule_follows_them_or_nobody_can_tell() -> None:
    event = Event(type="user.updated", at=1.0, author=Author(user_id=1))
    assert isinstance(decide_with(load_text(MANY), event, Facts(), MemoryState(), "e"), Decision)
    nobody = Event(type="user.updated", at=1.0, author=Author(username="wren"))
    found = decide_with(load_text(REGROUPED), nobody, Facts(), Untouchable(), "e")
    assert isinstance(found, Decision)
    assert found.unknown == ("r",)


def test_a_retry_is_told_the_same_of_groups() -> None:
    ruleset, state = load_text(REGROUPED), MemoryState()
    for _ in range(2):
        assert not decided(ruleset, make_event(joined(0)), state, "a").actions
        assert decided(ruleset, make_event(regrouped(1, "Trusted")), state, "b").actions


def test_an_example_of_group_changed_is_one() -> None:
    examples = "examples: {match: [{author: {groups: [Trusted]}}], no_match: [{author: {groups: [Members]}}]}\n"
    assert load_text(REGROUPED + examples).rules[0].types == "U"
