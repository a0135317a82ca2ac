"""The reference: fresh, complete, and every example in it loads."""

from __future__ import annotations

import json
import re

import pytest

from rules.actions.kinds import ActsOn
from rules.actions.table import ACTIONS
from rules.fields.kinds import Field
from rules.fields.table import FIELDS
from rules.loading.values import METHODS
from rules.prose import MODIFIERS
from rules.reference import PAGE, SCHEMA, action_example, field_example, reference_page, schema
from rules.ruleset import load_text
from rules.text.method import FLAGS

REMEDY = "write it anew: modbot rules reference --write"


def test_the_page_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference_page(), REMEDY


def test_the_schema_is_fresh() -> None:
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == schema(), REMEDY


@pytest.mark.parametrize("field", FIELDS.values(), ids=FIELDS)
def test_every_field_s_example_loads(field: Field) -> None:
    assert load_text(f"name: r\n{field_example(field)}\nnotify_moderators: true\n").rules


@pytest.mark.parametrize("word", ACTIONS)
def test_every_action_s_example_shows_it(word: str) -> None:
    told, example = action_example(ACTIONS[word])
    ruleset = load_text(example)
    assert told.endswith(".")
    assert word in [step.action.word for step in ruleset.rules[0].steps]
    assert not ruleset.warnings


@pytest.mark.parametrize("word", MODIFIERS)
def test_every_modifier_s_example_loads(word: str) -> None:
    about, example = MODIFIERS[word]
    assert about
    assert f"({word})" in example or word in example
    assert load_text(f"name: r\n{example}\nnotify_moderators: true\n").rules


def test_every_modifier_is_told() -> None:
    assert set(MODIFIERS) == {*METHODS, *FLAGS}


@pytest.mark.parametrize("block", re.findall(r"```yaml\n(.*?)```", reference_page(), re.DOTALL))
def test_every_block_of_the_page_loads(block: str) -> None:
    assert load_text(block).rules


def test_every_action_says_how_it_competes_and_repeats() -> None:
    for action in ACTIONS.values():
        assert action.inverse is None or action.inverse in ACTIONS
        assert action.opposite is None or ACTIONS[action.opposite].slot == action.slot
        counts = action.acts_on is ActsOn.COUNTER  # points restrict nobody by themselves, but enough of them do
        assert not action.destructive or action.restricts or counts
