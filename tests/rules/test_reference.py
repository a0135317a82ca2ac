"""The reference: fresh, complete, and every example in it loads."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

import pytest

from rules import vocabulary
from rules.actions.kinds import ActsOn
from rules.actions.table import ACTIONS
from rules.fields.kinds import Field
from rules.fields.table import FIELDS
from rules.loading.checks import CHECK_WORDS
from rules.loading.documents import DEFINITIONS, SETTINGS
from rules.loading.parts import REDDIT_KEYS, RULE_KEYS
from rules.loading.texts import LINK_PATHS, SHORT_PATHS, WORDS
from rules.loading.values import METHODS
from rules.prose import MODIFIERS
from rules.quantities import UNITS
from rules.reference import PAGE, SCHEMA, action_example, field_example, reference_page, schema
from rules.ruleset import load_text
from rules.subject import TRIGGERS
from rules.templates import FILTERS
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


LISTS = [
    (vocabulary.FILE_KEYS, DEFINITIONS),
    (vocabulary.SETTINGS, SETTINGS),
    ({**vocabulary.RULE_KEYS, **vocabulary.AUTOMODERATOR}, RULE_KEYS),
    (vocabulary.AUTOMODERATOR, set(REDDIT_KEYS) - {"ignore_blockquotes"}),
    (vocabulary.LOGIC, CHECK_WORDS),
    (vocabulary.FILTERS, FILTERS),
    (vocabulary.VALUES, ("any", "all", "at_least", "of", "except")),
]


@pytest.mark.parametrize(("told", "known"), LISTS, ids=range(len(LISTS)))
def test_the_words_told_of_are_those_of_the_loader(told: dict[str, object], known: Iterable[str]) -> None:
    assert set(known) <= set(told)


@pytest.mark.parametrize("word", [*UNITS, *WORDS, *LINK_PATHS, *SHORT_PATHS, *ACTIONS, *FIELDS, *TRIGGERS])
def test_every_word_stands_on_the_page(word: str) -> None:
    assert re.search(rf"(?<![\w.]){re.escape(word)}s?(?![\w])", reference_page())


SURROUNDINGS = """
lists: {bad: [spam]}
conditions: {newcomer: {author.post_count: "< 5"}}
counters: {strikes: {per: author}}
---
name: awarding
type: post
body: casino
add_points: {strikes: 1}
---
"""
EXAMPLES = [
    *vocabulary.LOGIC.values(),
    *vocabulary.RULE_KEYS.values(),
    *vocabulary.VALUES.values(),
    *vocabulary.QUANTITIES.values(),
]


@pytest.mark.parametrize("example", [example for _, example in EXAMPLES])
def test_every_example_of_a_key_loads_in_a_rule(example: str) -> None:
    beside = {"name": "r", "body": "casino", "notify_moderators": "true"}
    lines = [f"{key}: {value}" for key, value in beside.items() if not example.startswith(f"{key}:")]
    ruleset = load_text(SURROUNDINGS + "\n".join([*lines, example]))
    assert not {fault.code for fault in ruleset.warnings} - {"unused", "narrowed", "idle"}


@pytest.mark.parametrize("example", [example for _, example in vocabulary.AUTOMODERATOR.values()])
def test_every_example_of_automoderator_loads_in_a_rule(example: str) -> None:
    lines = example[1:-1].replace(", ", "\n") if example.startswith("{") else example
    assert load_text(f"name: r\nnotify_moderators: true\n{lines}\n").rules


@pytest.mark.parametrize("example", [one for _, one in [*vocabulary.FILE_KEYS.values(), *vocabulary.SETTINGS.values()]])
def test_every_example_of_a_file_loads(example: str) -> None:
    key = example.partition(":")[0]
    text = example if key in DEFINITIONS else f"settings: {{{example}}}"
    assert not {fault.code for fault in load_text(text).warnings} - {"unused"}


@pytest.mark.parametrize(
    "example", [one for _, one in [*vocabulary.PLACEHOLDERS.values(), *vocabulary.FILTERS.values()]]
)
def test_every_placeholder_can_be_filled(example: str) -> None:
    count = "count#day: {of: post, by: author, within: 1 day, is: '>= 2'}"
    check = r"body#price (regex): '(\d+) (?P<unit>usd)'"
    rule = f"name: r\ntype: post\n{check}\n{count}\nreply: '{example}'\n"
    assert load_text(SURROUNDINGS + rule).rules


@pytest.mark.parametrize("block", re.findall(r"```yaml\n(.*?)```", reference_page(), re.DOTALL))
def test_every_block_of_the_page_loads(block: str) -> None:
    assert load_text(block).rules


def test_every_action_says_how_it_competes_and_repeats() -> None:
    for action in ACTIONS.values():
        assert action.inverse is None or action.inverse in ACTIONS
        assert action.opposite is None or ACTIONS[action.opposite].slot == action.slot
        counts = action.acts_on is ActsOn.COUNTER  # points restrict nobody by themselves, but enough of them do
        assert not action.destructive or action.restricts or counts
