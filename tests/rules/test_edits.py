"""The action `edit`: what loads, what it plans, and how it stands beside other actions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rules.decide import decide
from rules.decision import Decision, Needs
from rules.facts import Fact, Facts
from rules.loading.faults import RulesInvalid, Severity
from rules.ruleset import load, load_text
from rules.samples import make_event
from service.forums import PLATFORMS
from service.forums.platform import Platform

PHONE = r"body#n (regex): '\b\d{3}[ .-]\d{3}[ .-]\d{4}\b'"


def rule(edit: str, checks: str = PHONE, extra: str = "") -> str:
    return f"name: r\n{checks}\nedit: {edit}\n{extra}"


def masking(replace: str, checks: str, by: str = '"[x]"') -> str:
    return rule(f"{{replace: {replace}, with: {by}}}", checks)


def decided(rules: str, **event: Any) -> Decision:
    found = decide(load_text(rules), make_event(event))
    assert isinstance(found, Decision)
    return found


def options(rules: str, **event: Any) -> dict[str, Any] | None:
    actions = decided(rules, **event).actions
    return actions[0].options if actions else None


BROKEN = [
    ("true", "3:7: value: `edit` says what to replace, and with what"),
    ("'[removed]'", "3:7: value: `edit` says what to replace, and with what"),
    ("false", "3:7: value: `edit: false` does nothing"),
    ('{replace: "{{match}}"}', "3:7: value: the edit has no `with`"),
    ("{with: x}", "3:7: value: the edit has no `replace`"),
    ("{replace: a, with: b, wiht: c}", "3:29: unknown-key: there is no word of an edit 'wiht'"),
    ("{replace: [], with: b}", "3:17: empty: an empty list checks nothing"),
    ("{replace: $bad, with: b}", "3:17: unknown-list: there is no list 'bad'"),
    (
        '{replace: "call {{match}}", with: b}',
        "3:17: placeholder: `replace` takes {{match}} or {{match.label}}, nothing",
    ),
    (
        '{replace: "{{match|upper}}", with: b}',
        "3:17: placeholder: `replace` takes {{match}} or {{match.label}}, nothing",
    ),
    (
        '{replace: "{{author.name}}", with: b}',
        "3:17: placeholder: `replace` takes {{match}} or {{match.label}}, nothing",
    ),
    ('{replace: ["{{match}}"], with: b}', "3:18: placeholder: among words stands no placeholder"),
    (
        '{replace: "{{match.m}}", with: b}',
        "3:17: placeholder: {{match.m}} names no check of this rule that finds text in the body",
    ),
    (
        '{replace: "{{match.n.1}}", with: b}',
        "3:17: placeholder: {{match.n.1}} names no check of this rule that finds text in the body",
    ),
    ("{replace: a, with: [b]}", "3:26: text: here stands a text"),
    ('{replace: a, with: "{{nobody}}"}', "3:26: placeholder: nothing fills the placeholder {{nobody}}"),
    ('{replace: a, with: " "}', "3:26: text: a text has from 1 to 50,000 characters"),
    (f"{{replace: a, with: {'x' * 1001}}}", "3:26: too-long: `with` has at most 1,000 characters"),
    *(
        (f"{{replace: a, with: '{by}'}}", "3:26: text: `with` stands in the middle of a line")
        for by in ("a<br>b", "<p>a</p>", "a<b", "<!-- a", "<script>a")
    ),
]


@pytest.mark.parametrize(("edit", "fault"), BROKEN)
def test_what_cannot_be_done_is_refused_where_it_stands(edit: str, fault: str) -> None:
    with pytest.raises(RulesInvalid) as caught:
        load_text(rule(edit))
    errors = [str(one) for one in caught.value.faults if one.severity is Severity.ERROR]
    assert errors[0].startswith(f"rules.yaml:{fault}")


MISPLACED = [
    ("title: x", '{replace: "{{match}}", with: b}', "placeholder: {{match}} names no check of this rule that finds"),
    ("html: x", '{replace: "{{match}}", with: b}', "placeholder: {{match}} names no check of this rule that finds"),
    ("~body: x", '{replace: "{{match}}", with: b}', "placeholder: {{match}} names no check of this rule that finds"),
    ("none: {body: x}", '{replace: "{{match}}", with: b}', "placeholder: {{match}} names no check of this rule that"),
    (
        "title#t: x\nbody: y",
        '{replace: "{{match.t}}", with: b}',
        "placeholder: {{match.t}} names no check of this rule",
    ),
    ("type: conversation\nbody: x", "{replace: x, with: b}", "wrong-type: `edit` cannot be done to conversations"),
    ("type: user", "{replace: x, with: b}", "wrong-type: `edit` cannot be done to users"),
]


@pytest.mark.parametrize(("checks", "edit", "fault"), MISPLACED)
def test_it_needs_a_body_to_find_text_in(checks: str, edit: str, fault: str) -> None:
    with pytest.raises(RulesInvalid) as caught:
        load_text(rule(edit, checks))
    assert any(f": {fault}" in str(one) for one in caught.value.faults)


@pytest.mark.parametrize(
    ("scope", "fault"),
    [
        ("topic", "wrong-place: `edit` is done to the item itself"),
        ("author", "wrong-place: `edit` is not done to people"),
    ],
)
def test_it_stands_neither_in_topic_nor_in_author(scope: str, fault: str) -> None:
    with pytest.raises(RulesInvalid, match=fault):
        load_text(f"name: r\nbody: x\n{scope}: {{edit: {{replace: x, with: b}}}}\n")


@pytest.mark.parametrize("platform", PLATFORMS.values(), ids=PLATFORMS)
def test_it_loads_where_the_platform_can_do_it(platform: Platform, tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(rule('{replace: "{{match}}", with: b}', f"type: topic\n{PHONE}"), encoding="utf-8")
    assert load([file], actions=platform.actions, platform=platform.name, lacks=platform.lacks).rules
    with pytest.raises(RulesInvalid, match=r"unsupported: .* cannot `edit`"):
        load([file], actions=platform.actions - {"edit"}, platform=platform.name)


def test_a_platform_that_cannot_change_replies_refuses_rules_on_them(tmp_path: Path) -> None:
    file, userecho = tmp_path / "rules.yaml", PLATFORMS["userecho"]
    file.write_text(rule('{replace: "{{match}}", with: b}', f"type: reply\n{PHONE}"), encoding="utf-8")
    with pytest.raises(RulesInvalid, match="unsupported: userecho cannot `edit` replies"):
        load([file], actions=userecho.actions, platform=userecho.name, lacks=userecho.lacks)


PLANNED = [
    ('"{{match.n}}"', PHONE, {"body": "555-123-4567 or 555 123 4568, 555-123-4567"}, ["555-123-4567", "555 123 4568"]),
    ('"{{ match }}"', PHONE, {"html": "<p>555-<b>123</b>-4567 &amp; more</p>"}, ["555-123-4567"]),
    ('"{{match}}"', "body: [red, green]", {"body": "Green, red, GREEN, reddish"}, ["Green", "red", "GREEN"]),
    (
        '"{{match}}"',
        "body (loose): casino",
        {"body": "a c.a.s.i.n.o and a Cas\u00edno"},
        ["c.a.s.i.n.o", "Cas\u00edno"],
    ),
    ('"{{match}}"', "body: [free, free money]", {"body": "free money, free"}, ["free money", "free"]),
    ('"{{match}}"', "title+body: red", {"type": "topic.created", "title": "Red", "body": "red"}, ["red"]),
    ('"{{match}}"', "title: red\nbody#b: green", {"type": "topic.created", "title": "red", "body": "green"}, ["green"]),
    ('"{{match}}"', "body#a: red\nbody#b: green", {"body": "green red"}, ["red"]),
    ('"{{match.b}}"', "body#a: red\nbody#b: green", {"body": "green red"}, ["green"]),
    ('"{{match.who}}"', "any#who: [{body: red}, {body: green}]", {"body": "green red"}, ["green", "red"]),
    ("darn", "body: oh", {"body": "oh Darn, darn it, darned"}, ["Darn", "darn"]),
    ("[darn, heck no]", "body: oh", {"body": "oh HECK\nno darn"}, ["HECK\nno", "darn"]),
    ("c++", "body: oh", {"body": "oh c++ and c"}, ["c++"]),
]


@pytest.mark.parametrize(("replace", "checks", "event", "texts"), PLANNED)
def test_the_plan_holds_each_text_as_written_once_and_in_order(
    replace: str, checks: str, event: dict[str, Any], texts: list[str]
) -> None:
    assert options(masking(replace, checks), **event) == {"replace": texts, "with": "[x]"}


@pytest.mark.parametrize(
    ("checks", "body", "texts"),
    [
        ("body (includes, regex): '[0-9]{3}'", "call 5551", ["555"]),
        ("body (includes): casino", "casino, megacasino", ["casino"]),
    ],
)
def test_hits_inside_words_say_so(checks: str, body: str, texts: list[str]) -> None:
    found = options(masking('"{{match}}"', checks), body=body)
    assert found == {"replace": texts, "with": "[x]", "inside_words": True}


def test_the_words_of_a_list_are_replaced() -> None:
    rules = "lists: {bad: [darn, heck]}\nrules:\n  - name: r\n    type: post\n    edit: {replace: $bad, with: '***'}\n"
    assert options(rules, body="heck, darn") == {"replace": ["heck", "darn"], "with": "***"}


@pytest.mark.parametrize(
    ("by", "filled"),
    [
        ('"[{{match.n|mask}}]"', "[5**-1**-4***]"),
        ('"<i>by {{author.name}}</i>"', "<i>by &lt;b&gt; &amp; co</i>"),
        ('"see {{match}} at evil.example: {{category.name}}"', "see 555-123-4567 at evil.example: hxxps://x[.]example"),
        ('""', ""),
    ],
)
def test_what_comes_in_its_place_is_a_template_escaped_for_html(by: str, filled: str) -> None:
    event = {"body": "555-123-4567", "author": {"name": "<b> & co"}, "category": "https://x.example"}
    found = options(masking('"{{match.n}}"', PHONE, by), **event)
    assert found == {"replace": ["555-123-4567"], "with": filled}


@pytest.mark.parametrize(
    ("event", "target"),
    [({"type": "post.created"}, ("post", 9001)), ({"type": "topic.created"}, ("topic", 601))],
)
def test_it_is_done_to_the_item(event: dict[str, Any], target: tuple[str, int]) -> None:
    (action,) = decided(masking('"{{match}}"', PHONE), body="555-123-4567", **event).actions
    assert (action.target.kind, action.target.id) == target
    assert action.slot == "text"


def test_where_no_word_occurs_it_would_change_nothing() -> None:
    found = decided(masking("darn", "body: oh"), body="oh well")
    assert found.actions == ()
    assert [(one.action, one.by) for one in found.overridden] == [("edit", "no change")]


def test_a_body_that_can_be_had_is_asked_for() -> None:
    ruleset = load_text(rule("{replace: darn, with: x}", "type: topic"))
    event = make_event({"type": "topic.updated"})
    assert decide(ruleset, event, Facts()) == Needs(facts=frozenset({Fact.POST}))
    found = decide(ruleset, event, Facts(asked=frozenset({Fact.POST})))
    assert isinstance(found, Decision)
    assert [one.by for one in found.overridden] == ["no change"]


def several(*rules: tuple[str, str]) -> str:
    return "---\n".join(f"name: {name}\nbody: red\n{actions}\n" for name, actions in rules)


GREEN, BLUE = (f"edit: {{replace: red, with: {by}}}" for by in ("green", "blue"))

RIVALS = [
    (several(("a", GREEN), ("b", BLUE)), [("edit", "a")], [("edit", "b", "a")]),
    (several(("a", GREEN), ("b", f"{BLUE}\npriority: 1")), [("edit", "b")], [("edit", "a", "b")]),
    (several(("a", GREEN), ("b", "delete: true")), [("delete", "b")], [("edit", "a", "b")]),
    (several(("a", f"{GREEN}\npriority: 9"), ("b", "delete: true")), [("delete", "b")], [("edit", "a", "b")]),
    (several(("a", GREEN), ("b", "topic: {delete: true}")), [("delete", "b")], [("edit", "a", "b")]),
    (several(("a", GREEN), ("b", "hold: true")), [("edit", "a"), ("hold", "b")], []),
    (several(("a", GREEN), ("b", "delete: true\nmode: shadow")), [("edit", "a"), ("delete", "b")], []),
]


@pytest.mark.parametrize(("rules", "stand", "lost"), RIVALS)
def test_one_edit_an_item_and_none_of_what_is_deleted(
    rules: str, stand: list[tuple[str, str]], lost: list[tuple[str, str, str]]
) -> None:
    found = decided(rules, body="red")
    assert [(one.action, one.rule) for one in found.actions] == stand
    assert [(one.action, one.rule, one.by) for one in found.overridden] == lost


def test_moderators_are_exempt() -> None:
    assert options(masking('"{{match}}"', PHONE), body="555-123-4567", author={"is_moderator": True}) is None
