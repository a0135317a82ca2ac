"""`kept: true`: what the bot deleted does not count (rule-language.md, section 7)."""

from __future__ import annotations

import pytest

from rules.facts import NOTHING_MORE
from rules.remember import decide_with
from rules.ruleset import load_text
from rules.samples import make_event
from rules.state.memory import MemoryState
from rules.testing import decide_alone
from tests.rules.test_remember import Untouchable, Written, decided

KEPT = """
rules:
  - {name: spam, body: casino, delete: true, mode: %s}
  - {name: r, mode: %s, count: {of: post, by: author, within: 1 day, is: ">= 1", kept: %s}, reply: "{{count}}"}
"""

DELETED = [
    ("live", "live", "true", "1"),
    ("live", "live", "false", "2"),
    ("live", "shadow", "true", "1"),  # what is really gone is gone for rules on trial too
    ("shadow", "shadow", "true", "1"),
    ("shadow", "live", "true", "2"),  # nothing was deleted
    ("hold", "live", "true", "2"),
    ("hold", "shadow", "true", "1"),
    ("'off'", "live", "true", "2"),
]


@pytest.mark.parametrize(("deleting", "counting", "kept", "number"), DELETED)
def test_what_the_bot_deleted_counts_unless_kept(deleting: str, counting: str, kept: str, number: str) -> None:
    ruleset, state = load_text(KEPT % (deleting, counting, kept)), MemoryState()
    decided(ruleset, make_event({"body": "casino"}, number=1), state, "e1")
    found = decided(ruleset, make_event({}, number=2), state, "e2")
    assert [one.options["text"] for one in found.actions] == [number]


def test_what_was_deleted_sees_its_own_first_answer_again_and_does_not_come_back() -> None:
    ruleset, state = load_text(KEPT % ("live", "live", "true")), MemoryState()
    spam = make_event({"body": "casino"}, number=1)
    first = decided(ruleset, spam, state, "e1")
    assert [one.options.get("text") for one in first.actions] == [None, "1"]
    assert decided(ruleset, spam, state, "e1") == first
    assert decided(ruleset, make_event({}, number=2), state, "e2").actions[0].options["text"] == "1"
    assert decided(ruleset, spam, state, "e1") == first
    told = NOTHING_MORE.model_copy(update={"remembered": first.remembered})
    assert decide_with(ruleset, spam, told, Untouchable(), "e1", explain=True) == first


def test_a_tentative_decision_to_delete_takes_nothing_out() -> None:
    ruleset, state = load_text(KEPT % ("live", "live", "true")), MemoryState()
    decide_with(ruleset, make_event({"body": "casino"}), NOTHING_MORE, state, "e1", tentative=True)
    assert decided(ruleset, make_event({}, number=2), state, "e2").actions[0].options["text"] == "2"


@pytest.mark.parametrize(
    ("made", "edit"),
    [
        ({"type": "post.created", "post": {"id": 7}}, {"type": "post.updated", "post": {"id": 7}}),
        ({"type": "topic.created", "post": {"id": 7}}, {"type": "post.updated", "post": {"id": 7}}),
        (
            {"type": "topic.created", "topic": {"id": 5}, "post": {"id": None}},
            {"type": "topic.updated", "topic": {"id": 5}, "title": "casino"},
        ),
    ],
)
def test_a_post_that_is_deleted_when_it_is_edited_does_not_count_either(made: Written, edit: Written) -> None:
    rules = (KEPT % ("live", "live", "true")).replace("body: casino", "any: {body: casino, topic: {title: casino}}")
    ruleset, state = load_text(rules), MemoryState()
    scenes = [{"id": "a", **made}, {"id": "b", "body": "casino", **edit}, {"id": "c"}]
    if "title" in edit:
        del scenes[1]["body"]
    events = [make_event(scene, number=number) for number, scene in enumerate(scenes, 1)]
    told = [decide_alone(ruleset, event, state, "place") for event in events]
    assert [[one.options.get("text", one.action) for one in found.actions] for found in told] == [
        ["1"],
        ["delete"],
        ["1"],
    ]
