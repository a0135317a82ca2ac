"""Loading: what is refused, with its exact message beside it, and what is assumed."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.loading.faults import RulesInvalid, Severity
from rules.ruleset import load, load_text


def faults_of(text: str) -> list[str]:
    with pytest.raises(RulesInvalid) as caught:
        load_text(text)
    return [str(fault) for fault in caught.value.faults if fault.severity is Severity.ERROR]


def warnings_of(text: str) -> list[str]:
    return [f"{fault.code}: {fault.message}" for fault in load_text(text).warnings]


def assert_loads_or_is_refused(text: str) -> None:
    try:
        faults = load_text(text).warnings
    except RulesInvalid as invalid:
        faults = invalid.faults
    assert all(fault.line >= 1 and fault.column >= 1 and fault.message for fault in faults)


def rule(body: str) -> str:
    return f"name: a\n{body}\nhold: true\n"


BROKEN = [
    ("body: x\nbody: y", "3:1: duplicate-key: the key 'body' stands twice, first in line 2: one would be lost"),
    ("boddy: x", "2:1: unknown-key: there is no check, action or key of a rule called 'boddy'"),
    ("author: {post_cuont: 3}", "2:10: unknown-check: there is no check under `author` called 'post_cuont'"),
    ("title (includez): x", "2:1: unknown-modifier: there is no modifier 'includez'"),
    ("title (includes, starts-with): x", "2:1: modifiers: a check has one method"),
    ("title (regex, wildcard): x", "2:1: modifiers: regex and wildcard exclude each other"),
    ("body (regex): '('", "2:15: pattern: this cannot be searched for: a bracket ( is not closed"),
    ("body: []", "2:7: empty: an empty list checks nothing"),
    ("body: $bad", "2:7: unknown-list: there is no list 'bad'"),
    ("is: newbie", "2:5: unknown-condition: there is no condition 'newbie'"),
    ("body: true", "2:7: value: true without quotes is no text"),
    ("body: ~", "2:7: value: ~ without quotes is no text"),
    ("body: !solved", "2:7: tag: a value that begins with ! needs quotes"),
    ("body: *shop", "2:7: alias: the alias *shop is not defined before"),
    ("body: \u201ccasino\u201d", "2:7: curly-quotes: curly quotes become part of the value"),
    ("link_count: >5", "2:13: unquoted: a value that begins with > or | needs quotes"),
    ("link_count: 'about 3'", "2:13: quantity: link_count: this is no number"),
    ("link_count: '< 0'", "2:13: never: link_count can never be < 0"),
    ("link_count: 5..2", "2:13: quantity: link_count: the range runs backwards and holds nothing"),
    ("title_caps_share: '> 80'", "2:19: quantity: title_caps_share: a share is in per cent"),
    (
        "author: {account_age: 3 days}",
        "2:23: quantity: author.account_age: an age is compared, it is never exactly this",
    ),
    ("author: {account_age: '< about 3 days'}", "2:23: quantity: author.account_age: this is no age"),
    ("reports: 3", "2:10: ambiguous: a bare number of reports is at least that many on Reddit"),
    ("pending: 'true'", "2:10: yes-no: pending is true or false, without quotes"),
    ("~link_count: '> 3'", "2:1: modifiers: ~ and modifiers say nothing about numbers"),
    ("type: any\ntitle: x", "3:1: wrong-type: `title` does not exist on replies"),
    ("type: reply\nauthor+title: x", "3:1: unknown-check: 'author' is a group of checks"),
    ("type: rply", "2:7: type: there is no type 'rply'"),
    ("event: creatd", "2:8: event: there is no event 'creatd'"),
    ("domain: https://x.com/y", "2:9: never: a domain is a host alone, without scheme, port or path"),
    ("author: {ip: 300.1.1.1}", "2:14: address: this is no IP address or network"),
    ("body#1: x", "2:1: label: a label of digits alone is taken for a group number"),
    ("body: {some: [x]}", "2:8: unknown-key: there is no word in a value 'some'"),
    ("body: {at_least: 3, of: [x, y]}", "2:18: never: 3 of 2 values can never occur"),
    ("any: {delete: true}", "2:7: action-as-check: 'delete' cannot be asked"),
    ("when#a: {body: x}", "2:1: unknown-key: there is no check, action or key of a rule called 'when'"),
    ("then: []", "2:7: empty: here stands no action"),
    ("reason: a\naction_reason: b", "3:1: duplicate-key: this is `reason` once more"),
    ("author: {ip (starts-with): 192.0.2.1}", "2:10: modifiers: addresses are matched by network, without modifiers"),
    ("domain (fold): x.com", "2:1: modifiers: this modifier needs a method to mean anything on hosts"),
    ("author: {satisfy_any_threshold: yes, post_count: 3}", "2:33: yes-no: satisfy_any_threshold is true or false"),
    ("link_count: {any: [3]}", '2:13: value: here stands a comparison, as ">= 5"'),
    ("<<: {body: x}", "2:1: unknown-key: there is no check, action or key of a rule called '<<'"),
    ("any: {title (includes, fold: x}", "2:7: key: this is not the key of a check or an action"),
    ("limit#x: 5 per hour", "2:1: unknown-key: there is no check, action or key of a rule called 'limit'"),
    ("time: {between: 6-22}", "2:17: hours: these are no hours of the day"),
    ("time: {days: [caturday]}", "2:15: day: there is no day 'caturday'"),
    ("mode: shadw", "2:7: mode: there is no mode 'shadw'"),
    ("priority: high", "2:11: priority: a priority is a whole number"),
    ("mesage: Hi", "2:1: unknown-key: there is no check, action or key of a rule called 'mesage'"),
    ("then: [remuv]", "2:8: unknown-action: there is no action 'remuv'"),
    ("then: [$polite]", "2:8: unknown-action: there is no block of actions 'polite'"),
    ("approve: false", "2:10: value: `approve: false` does nothing"),
    ("message: {subject: Hi}", "2:10: value: the message has no body"),
    ("message: '{{author.nmae}}'", "2:10: placeholder: nothing fills the placeholder {{author.nmae}}"),
    ("message: '{{match}}'", "2:10: placeholder: {{match}} quotes a check that finds text, and the rule has none"),
    ("body#a: x\nmessage: '{{match.b}}'", "3:10: placeholder: {{match.b}} names no check of this rule that finds text"),
    (
        "~body#a: x\nmessage: '{{match.a}}'",
        "3:10: placeholder: {{match.a}} quotes a check that finds text, and the rule has none",
    ),
    ("message: 'Hi {{author'", "2:10: placeholder: the placeholder '{{author' is not closed"),
    ("message: '{{title|shout}}'", "2:10: placeholder: there is no filter 'shout'"),
    ("type: user\nreply: Hi", "3:1: wrong-type: `reply` cannot be done to users"),
    ("author: {lock: true}", "2:10: wrong-place: `lock` is not done to people"),
    ("topic: {message: Hi}", "2:9: wrong-place: `message` is done to people, not to topics"),
    (
        "type: comment\nset_locked: true",
        "3:1: reply-only: on Reddit set_locked would mean the reply itself; here only topics have that",
    ),
    ("set_nsfw: true", "2:1: left-out: `set_nsfw` has no counterpart here"),
    ("on: created", "2:1: left-out: `on` has no counterpart here"),
    ("limit: often", "2:8: limit: a limit is a number of events, 1 to 100,000, per a span of time"),
    ("add_to_group: {name: Muted, for: soon}", "2:34: span: for: a span is a number and a unit"),
    ("then: [{lock: true, for: 1 day}]", "2:21: wrong-place: `for` stands beside add_to_group or remove_from_group"),
    (
        "examples: {match: [nothing of the kind]}\nbody: casino",
        "2:20: example: the rule 'a' does not match this example",
    ),
]


@pytest.mark.parametrize(("body", "message"), BROKEN)
def test_a_broken_rule_is_refused_with_its_place(body: str, message: str) -> None:
    faults = faults_of(rule(body))
    assert any(fault.startswith(f"rules.yaml:{message}") for fault in faults), faults


SUGGESTED = [
    ("boddy: x", "did you mean 'body'?"),
    ("then: [aprove]", "did you mean 'approve'?"),
    ("author: {acount_age: '< 1 day'}", "did you mean 'account_age'?"),
    ("reports: 3", 'write ">= 3" for at least (as on Reddit), "= 3" for exactly'),
    ("domain: https://x.com/y", "x.com"),
    ("type: comment\nset_sticky: true", "topic: {pin: true}"),
]


@pytest.mark.parametrize(("body", "suggestion"), SUGGESTED)
def test_a_fault_says_what_to_write(body: str, suggestion: str) -> None:
    with pytest.raises(RulesInvalid) as caught:
        load_text(rule(body))
    assert suggestion in [fault.suggestion for fault in caught.value.faults]


WARNED = [
    ("hold: true", "no-name: the rule has no name and is called 'rules.yaml:1' after its place"),
    ("name: a\nauthor: {account_age: '< 7'}\nhold: true", "no-unit: an age without a unit is taken as days"),
    ("name: a\nbody (includes): ads\nhold: true", "short-includes: so short a text occurs inside many words"),
    ("name: a\nbody: 'casino.*free'\nhold: true", "regex-without-regex: this looks like a regex"),
    ("name: a\nbody: x\n~body: y\nhold: true", "masks: one of these words lets the whole body pass"),
    ("name: a\n~domain: x.com\nhold: true", "no-link-at-all: this holds if no link at all is on the list"),
    ("name: a\nbody: x\nhold: true\nreport_reason: y", "idle: `report_reason` says nothing without its action"),
    ("name: a\nbody: x", "no-action: the rule does nothing"),
    ("name: a\ntitle: x\ndelete: true\nreply: No", "ends-topic: deleting a topic's first post ends the topic: reply"),
    ("name: a\ntitle: x\nhold: true", "narrowed: the rule runs on topics alone"),
    ("lists: {bad: [x]}\nrules: [{name: a, hold: true}]", "unused: no rule uses 'bad' of `lists`"),
]


@pytest.mark.parametrize(("text", "warning"), WARNED)
def test_a_doubtful_rule_loads_with_a_warning(text: str, warning: str) -> None:
    assert any(one.startswith(warning) for one in warnings_of(text)), warnings_of(text)


def test_every_fault_of_every_document_is_told_at_once() -> None:
    faults = faults_of("name: a\nboddy: x\n---\nb: [1\n---\nname: a\nlink_count: many\n---\nname: a\nhold: true\n")
    assert [fault.split(": ")[1] for fault in faults] == [
        "unknown-key",
        "syntax",
        "name-twice",
        "quantity",
        "name-twice",
    ]


def test_definitions_stand_among_rules_and_serve_every_file(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("lists: {bad: [casino]}\n---\nname: one\nbody: $bad\nhold: true\n")
    (tmp_path / "b.yaml").write_text(
        "name: two\ntitle: [$bad, $more]\nhold: true\n---\nlists: {more: {file: more.txt}}\n"
    )
    (tmp_path / "more.txt").write_text("# comment\n\nviagra\n")
    ruleset = load([tmp_path])
    assert [rule.name for rule in ruleset.rules] == ["one", "two"]


def test_what_a_configmap_mounts_beside_its_files_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "..2026_01_01").mkdir()
    (tmp_path / "..2026_01_01" / "a.yaml").write_text("name: a\nhold: true\n")
    (tmp_path / "a.yaml").symlink_to("..2026_01_01/a.yaml")
    (tmp_path / "..data").symlink_to("..2026_01_01")
    assert len(load([tmp_path]).rules) == 1


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: path.write_bytes(b"\xff\xfe\x00"), "this is not UTF-8: byte 0xff at 0"),
        (lambda path: path.write_bytes(b"name: \x00"), "this is not YAML"),
        (lambda path: path.write_bytes(b"#" * 5_000_000), "this is larger than 4,096 KiB"),
        (lambda _: None, "there is no such file, folder or shipped pack"),
        (lambda path: path.mkdir(), "the folder holds no rule files"),
    ],
)
def test_a_file_that_is_none_is_refused_in_one_line(tmp_path: Path, make: object, message: str) -> None:
    path = tmp_path / "a.yaml"
    make(path)  # type: ignore[operator]
    with pytest.raises(RulesInvalid, match=message):
        load([path])


def test_a_list_file_outside_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("x")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.yaml").write_text(
        "lists: {s: {file: ../secret.txt}}\nrules: [{name: a, body: $s, hold: true}]"
    )
    with pytest.raises(RulesInvalid, match="it lies outside the folder of its rules"):
        load([tmp_path / "in"])


def test_a_platform_refuses_what_it_cannot_do() -> None:
    with pytest.raises(RulesInvalid) as caught:
        load_text("name: a\npin: true\n", actions=frozenset({"lock", "delete"}))
    fault = caught.value.faults[0]
    assert (fault.code, fault.suggestion) == ("unsupported", "it can delete, lock")


def test_a_fault_is_not_lost_behind_a_thousand_warnings() -> None:
    assert faults_of("hold: true\n---\n" * 1000 + "name: a\nboddy: x\nhold: true\n") == [
        "rules.yaml:2002:1: unknown-key: there is no check, action or key of a rule called 'boddy'",
    ]


def test_circles_are_refused() -> None:
    lists = "lists: {a: [$b], b: [$a]}\nrules: [{name: r, body: $a, hold: true}]"
    conditions = "conditions: {a: {is: b}, b: {is: a}}\nrules: [{name: r, is: a, hold: true}]"
    actions = "actions: {a: [$a]}\nrules: [{name: r, then: [$a]}]"
    assert all("circular" in faults_of(text)[0] for text in (lists, conditions, actions))


def _bomb() -> str:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    return "\n".join(rows)


HOSTILE = {
    "alias bomb": (_bomb(), "too-large"),
    "deep flow": ("a: " + "[" * 100_000, "too-deep"),
    "deep block": ("- " * 100_000, "too-deep"),
    "alias in itself": ("a: &a [*a]", "alias"),
    "tab": ("a:\n\tb: c", "syntax"),
    "list of lists": (
        "lists:\n  a: [x]\n"
        + "".join(f"  b{n}: [{', '.join([f'$b{n - 1}' if n else '$a'] * 10)}]\n" for n in range(12))
        + "rules: [{name: r, body: $b11, hold: true}]",
        "too-large",
    ),
    "one list a thousand times": (
        "lists:\n  a: [" + "x, " * 2000 + "y]\n  b: [" + "$a, " * 2000 + "z]\nrules: [{name: r, body: $b, hold: true}]",
        "too-large",
    ),
    "a chain of lists": (
        "lists:\n" + "".join(f"  b{n}: $b{n + 1}\n" for n in range(3000)) + "rules: [{name: r, body: $b0, hold: true}]",
        "too-deep",
    ),
    "a chain of conditions": (
        "conditions:\n"
        + "".join(f"  c{n}: {{is: c{n + 1}}}\n" for n in range(3000))
        + "rules: [{name: r, is: c0, hold: true}]",
        "too-deep",
    ),
    "conditions of conditions": (
        "conditions:\n  c0: {body: x}\n"
        + "".join(f"  c{n}: {{any: [{', '.join([f'is: c{n - 1}'] * 10)}]}}\n" for n in range(1, 12))
        + "rules: [{name: r, is: c11, hold: true}]",
        "too-large",
    ),
    "actions of actions": (
        "actions:\n  c0: []\n"
        + "".join(f"  c{n}: [{', '.join([f'$c{n - 1}'] * 10)}]\n" for n in range(1, 12))
        + "rules: [{name: r, then: $c11}]",
        "too-large",
    ),
    "a long number": ("name: r\nlink_count: a" + " " * 1_000_000 + "b\nhold: true", "quantity"),
    "many brackets": ("name: r\nbody: '" + "[" * 1_000_000 + "'\n", "too-long"),
    "ten thousand faults": ("".join(f"wrong{n}: x\n" for n in range(10_000)), "unknown-key"),
    "huge key": ("x" * 500_000 + ": y", "syntax"),
    "long key": ("x" * 900 + ": y", "unknown-key"),
}


@pytest.mark.parametrize(("text", "code"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_yaml_is_refused_soon(text: str, code: str) -> None:
    begun = time.monotonic()
    assert any(f": {code}: " in fault for fault in faults_of(text))
    assert time.monotonic() - begun < 10


def test_ten_thousand_rules_load() -> None:
    one = "name: rule {n}\ntitle+body (includes, fold): [casino{n}, viagra]\nauthor: {{account_age: '< 7 days'}}\naction: remove\n"
    ruleset = load_text("---\n".join(one.format(n=n) for n in range(10_000)))
    assert len(ruleset.rules) == 10_000


@given(st.text(alphabet=st.sampled_from("abody:[]{}\"'#&*!|>-~%@`\n\t ,?+()$0<\u201c\x00"), max_size=200))
@settings(max_examples=300, deadline=None)
def test_any_text_loads_or_is_refused(text: str) -> None:
    assert_loads_or_is_refused(text)


_WORDS = st.sampled_from(
    [
        "body",
        "title",
        "~body",
        "any",
        "all",
        "none",
        "author",
        "topic",
        "link",
        "post_count",
        "account_age",
        "is",
        "then",
        "hold",
        "message",
        "lock",
        "category",
        "name",
        "x",
        "> 5",
        "< 7 days",
        "true",
        "has",
        "missing",
        "except",
        "of",
        "for",
        "attachments",
        "exempt",
        "groups",
        "examples",
        "match",
        "event",
        "created",
        "rules",
        "lists",
        "conditions",
        "actions",
        "settings",
        "mode",
        "priority",
        "{{match}}",
        "{{title}}",
        "$x",
        "when",
        "time",
        "days",
        "between",
        "custom.x",
        "url",
        "count",
        "duplicate",
        "points",
        "counters",
        "of",
        "by",
        "within",
        "distinct",
        "where",
        "kept",
        "similar",
        "post",
        "1 day",
        "per",
        "ladder",
        "at",
        "add_points",
        "once",
        "per author 1 day",
        "cooldown",
        "{{count}}",
        "{{points.x}}",
    ]
)
_TREES = st.recursive(
    _WORDS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_WORDS, inner, max_size=4), max_leaves=20
)


@given(st.dictionaries(_WORDS, _TREES, max_size=6))
@settings(max_examples=500, deadline=None)
def test_any_tree_of_known_words_loads_or_is_refused(tree: dict[str, object]) -> None:
    assert_loads_or_is_refused(json.dumps(tree))


def test_the_digest_is_of_the_content() -> None:
    texts = ["name: a\nhold: true\n", "name: a\nhold: true\n# why\n", "name: b\nhold: true\n"]
    digests = [load_text(text).digest for text in texts]
    assert len(set(digests)) == 3
    assert load_text(texts[0]).digest == digests[0]
