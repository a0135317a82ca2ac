"""Importing AutoModerator configurations: each construct with its rule and notes, and a whole configuration at work."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rules.decide import decide
from rules.decision import Decision
from rules.importing.configuration import import_configuration
from rules.importing.draft import quoted
from rules.importing.notes import Imported, Kind
from rules.importing.values import searched_text
from rules.loading.nodes import Scalar
from rules.ruleset import load_text
from rules.samples import make_event

HERE = Path(__file__).parent
CASE = re.compile(
    r"^## (?P<name>.+)\n(?P<reddit>(?:.*\n)*?)=>\n(?P<rules>(?:.*\n)*?)!!\n(?P<notes>(?:.*\n)*?)(?=\n## |\Z)",
    re.MULTILINE,
)


def cases() -> Iterator[Any]:
    for match in CASE.finditer((HERE / "importing.txt").read_text(encoding="utf-8")):
        yield pytest.param(match["reddit"], match["rules"], match["notes"].splitlines(), id=match["name"])


def without_heads(imported: Imported) -> str:
    """The rules without the two lines that tell their place and name."""
    rules = imported.rules_yaml.split("\n---\n") if imported.rules_yaml else []
    return "\n---\n".join(rule.split("\n", 2)[2] for rule in rules)


def told(imported: Imported, kind: Kind | None = None) -> list[str]:
    return [f"{note.line}: {note}" for note in imported.report if kind in (None, note.kind)]


def test_every_case_is_read() -> None:
    assert len(list(cases())) == (HERE / "importing.txt").read_text(encoding="utf-8").count("\n## ") > 80


@pytest.mark.parametrize(("reddit", "rules", "notes"), list(cases()))
def test_a_construct_becomes_this_and_is_told_so(reddit: str, rules: str, notes: list[str]) -> None:
    imported = import_configuration(reddit)
    assert without_heads(imported) == rules
    assert told(imported) == notes
    load_text(imported.rules_yaml)


def test_a_check_that_is_refused_takes_its_rule_along() -> None:
    imported = import_configuration("body: red\naction: remove\nauthor: {shoe_size: 40}\n")
    assert (imported.rules_yaml, imported.dropped) == ("", 1)
    assert told(imported) == [
        "3: dropped: shoe_size: the rule is not imported: there is no check under `author` called 'shoe_size'"
    ]


NAMES = [
    ("# Swear words\nbody: x\naction: remove\n", "Swear words"),
    ("# One rule\n# and how it works\n\n    body: x\n    action: remove\n", "One rule"),
    ("# A heading of the file\n\n#== Swear words ==\nbody: x\naction: remove\n", "Swear words"),
    ("body: x\naction: remove\naction_reason: Swearing\n", "Swearing"),
    ("body: x\naction: remove\naction_reason: 'said {{match}}'\n", "line 1"),
    ("---\n#body: y\n---\nbody: x\naction: remove\n", "line 4"),
    ("# \u202e red\u200b\nbody: x\naction: remove\n", "red"),
    ("name: mine\nbody: x\naction: remove\n", "mine"),
]


@pytest.mark.parametrize(("text", "name"), NAMES)
def test_a_rule_is_called_after_its_comment_or_reason_or_place(text: str, name: str) -> None:
    assert [rule.name for rule in load_text(import_configuration(text).rules_yaml).rules] == [name]


def test_names_are_told_apart_and_places_are_written() -> None:
    imported = import_configuration(
        "# red\nbody: red\naction: remove\n---\n# red\nbody: redder\naction: remove\n", "am.yaml"
    )
    assert [rule.name for rule in load_text(imported.rules_yaml).rules] == ["red", "red (2)"]
    assert "# am.yaml, line 2\nname: " in imported.rules_yaml
    assert "# am.yaml, line 6\nname: " in imported.rules_yaml


@pytest.mark.parametrize(
    ("written", "searched"),
    [
        ("Yes", "True"),
        ("yEs", "yEs"),
        ("OFF", "False"),
        ("~", None),
        ("0x1F", "31"),
        ("0x_", "0x_"),
        ("017", "15"),
        ("08", "08"),
        ("1_000", "1000"),
        ("12:30", "750"),
        ("-1:30", "-90"),
        ("1.50", "1.5"),
        ("+7", "7"),
        ("1.2.3", "1.2.3"),
        ("2024-01-02", "2024-01-02"),
    ],
)
def test_reddit_reads_yaml_1_1(written: str, searched: str | None) -> None:
    assert searched_text(Scalar(file="", line=1, column=1, value=written)) == searched
    assert searched_text(quoted(written)) == written


# The whole configuration. What Reddit does where that is something else stands beside the event.


@pytest.fixture(scope="module")
def astronomers() -> Imported:
    return import_configuration((HERE / "automoderator.yaml").read_text(encoding="utf-8"))


def done(imported: Imported, event: dict[str, Any]) -> set[tuple[str, str]]:
    decision = decide(load_text(imported.rules_yaml), make_event(event))
    assert isinstance(decision, Decision)
    return {(one.action, one.rule) for one in decision.actions}


TOPIC = {"type": "topic.created", "title": "[News] A comet"}
NEWCOMER = {"account_age": "1 hour"}
EVENTS: list[tuple[dict[str, Any], set[tuple[str, str]]]] = [
    ({"body": "a quiet reply"}, set()),
    ({"body": "buy VIAGRA now"}, {("delete", "Banned words")}),
    ({"body": "viagras"}, set()),
    ({**TOPIC, "title": "[News] free crypto"}, {("delete", "Banned words")}),
    ({"body": "viagra", "author": {"is_moderator": True}}, set()),
    ({"body": "see bit.ly/x"}, {("hold", "Shortened links")}),
    (
        {**TOPIC, "body": "see bit.ly/x"},
        {("notify_moderators", "Allowed hosts")},
    ),  # Reddit: nothing, it asks of link posts alone
    ({"author": NEWCOMER}, {("hold", "Newcomers wait")}),
    ({"author": {"reputation": 4}}, {("hold", "Newcomers wait")}),
    ({"author": {"reputation": 5, "account_age": "3 days"}}, set()),
    ({"author": {"name": "Star_Seller"}}, {("delete", "Known sellers")}),
    ({"author": {"name": "not-star_seller"}}, set()),  # Reddit: removed, a part between hyphens is enough
    (
        {**TOPIC, "title": "A comet"},
        {("delete", "Titles need a tag"), ("message", "Titles need a tag")},
    ),  # Reddit: a comment
    (
        {**TOPIC, "title": "A comet", "author": {"is_moderator": True}},
        {("delete", "Titles need a tag"), ("message", "Titles need a tag")},
    ),
    ({**TOPIC, "title": "[Question] Which lens?"}, {("reply", "Welcome")}),
    ({"body": "(Solved!)", "author": {"id": 102}}, {("lock", "Solved"), ("reply", "Solved")}),
    ({"body": "solved"}, set()),
    (
        {"body": "solved", "author": {"id": 102, "is_moderator": True}},
        set(),
    ),  # Reddit: locked, moderators are not exempt
    ({"body": "!lock", "author": {"is_moderator": True}}, {("lock", "Staff lock")}),
    ({"body": "!lock"}, set()),
    ({**TOPIC, "html": 'look at <a href="https://x.example/1">this</a>'}, {("notify_moderators", "Allowed hosts")}),
    ({**TOPIC, "html": 'look at <a href="https://www.nasa.gov/1">this</a>'}, set()),
    ({**TOPIC, "html": 'look at <a href="https://x.example/1">this</a>', "author": {"is_moderator": True}}, set()),
    ({"body": "call 555-123-4567"}, {("hold", "Telephone numbers"), ("notify_moderators", "Telephone numbers")}),
    ({"body": "hotline 555-123-4567"}, set()),
    (
        {"type": "post.reported", "post": {"reports": 3}},
        {("delete", "Reports pile up"), ("notify_moderators", "Reports pile up")},
    ),
    (
        {"type": "post.updated", "post": {"reports": 3}},
        {("delete", "Reports pile up"), ("notify_moderators", "Reports pile up")},
    ),
    ({"type": "post.updated", "post": {"reports": 2}}, set()),
    ({**TOPIC, "body": "  ...hm...  "}, {("hold", "Low effort")}),
    ({"html": "<blockquote>moonlanding</blockquote>nonsense"}, set()),
    ({"html": "moonlanding"}, {("notify_moderators", "Quotes do not count")}),
    ({"author": {"groups": ["Trusted"]}, "post": {"pending": True}}, {("approve", "Trusted pass")}),
    (
        {"body": "viagra", "author": {"groups": ["Trusted"]}, "post": {"pending": True}},
        {("approve", "Trusted pass")},
    ),  # Reddit: removed
    (
        {"body": "you idiot", "topic": {"tags": ["Beginners"]}},
        {("delete", "Beginners' corner"), ("message", "Beginners' corner")},
    ),
    ({"body": "you idiot"}, set()),
    ({**TOPIC, "title": "[News] tarot"}, {("delete", "Pasted from a letter")}),
    ({**TOPIC, "title": "[News] astrology horoscope zodiac"}, set()),
    ({"body": "viagra bit.ly/x", "author": NEWCOMER}, {("delete", "Banned words")}),
    (
        {"body": "bit.ly/x", "author": {**NEWCOMER, "name": "lens-shop"}},
        {("delete", "Known sellers")},
    ),  # Reddit: filtered
]


@pytest.mark.parametrize(("event", "expected"), EVENTS, ids=[str(event) for event, _ in EVENTS])
def test_the_imported_rules_do_what_reddit_does(
    astronomers: Imported, event: dict[str, Any], expected: set[tuple[str, str]]
) -> None:
    assert done(astronomers, {"type": "post.created", **event}) == expected


def test_texts_are_filled_with_what_the_regex_found(astronomers: Imported) -> None:
    decision = decide(
        load_text(astronomers.rules_yaml), make_event({"type": "post.created", "body": "call 555-123-4567"})
    )
    assert isinstance(decision, Decision)
    note = next(one for one in decision.actions if one.action == "notify_moderators")
    assert str(note.options["text"]).startswith("wren wrote a number that begins with 555:")


def test_the_report_names_every_difference_of_the_events_above(astronomers: Imported) -> None:
    assert (astronomers.kept, astronomers.changed, astronomers.dropped) == (3, 13, 6)
    changed = "\n".join(told(astronomers, Kind.CHANGED))
    for words in (
        "24: changed: name: the whole name must be this",
        "28: changed: Titles need a tag: deleting a topic's first post ends the topic",
        "44: changed: Solved: moderators are exempt from this rule, as from all that lock",
        "71: changed: reports: at least 3",
        "88: changed: Trusted pass: by its priority it wins over the rules in lines 4, 9, 15, 23, 28 and 5 more",
        "9: changed: Shortened links: what this rule holds is deleted by the rules in lines 23, 71, 94, if both match",
    ):
        assert words in changed
    assert [line.split(":")[0] for line in told(astronomers, Kind.DROPPED)] == [
        "103", "107", "113", "114", "117", "121", "122", "125", "129"
    ]  # fmt: skip
