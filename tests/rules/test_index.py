"""The index: rules that an event gives no cause to look at are not looked at, however many there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from rules.conditions.checks import Origin
from rules.conditions.matching import Matching, Part
from rules.conditions.verdict import Verdict
from rules.decide import decide
from rules.decision import Decision, Needs
from rules.facts import NOTHING_MORE, Fact, Facts
from rules.fields.table import FIELDS
from rules.mode import Mode
from rules.ruleset import Ruleset, load_text
from rules.samples import make_event
from rules.subject import Subject
from rules.text.literals import Automaton, Literal
from rules.text.match import Matcher, Method, Modifiers

LIST = "lists: {bad: [casino, poker, slots]}\nconditions: {ad: {body: $bad}, old: {author: {post_count: '> 50'}}}\n"


def considered(checks: str, event: dict[str, Any], facts: Facts = NOTHING_MORE) -> bool:
    """Whether the event gives cause to look at a rule of these checks."""
    ruleset = load_text(f"{LIST}rules: [{{name: r, {checks}, notify_moderators: x}}]")
    subject = Subject(make_event(event), facts)
    return bool(ruleset.for_event(subject).to_consider(subject))


@pytest.mark.parametrize(
    ("checks", "event", "expected"),
    [
        ("body: casino", {"body": "nothing"}, False),
        ("body: casino", {"body": "The Casino!"}, True),
        # where a value lies wrong there is nothing to look at
        ("body: casino", {"body": "casinos"}, False),
        ("body (includes): casino", {"body": "casinos"}, True),
        ("body (starts-with): casino", {"body": "a casino"}, False),
        ("body (full-text): casino", {"body": "casino!"}, True),
        # each form is a pass of its own
        ("body (case-sensitive): Casino", {"body": "casino"}, False),
        ("body (fold): casino", {"body": "c4s\u0456no"}, True),
        ("body: casino", {"body": "c4sino"}, False),
        ("body (loose): casino", {"body": "c.a.s.i.n.o"}, True),
        ("body (no-quotes): casino", {"html": "<blockquote>casino</blockquote>"}, False),
        ("body (no-code): casino", {"html": "<code>casino</code>"}, False),
        # of several values that must occur one is enough to go by, and it is the longest
        ("body (all): [casino, free]", {"body": "free"}, False),
        ("body (all): [casino, free]", {"body": "casino"}, True),
        ("body: {at_least: 2, of: [casino, free, win]}", {"body": "win"}, False),
        ("body: {at_least: 2, of: [casino, free, win]}", {"body": "free"}, True),
        ("'title+body': casino", {"type": "topic.created", "title": "casino"}, True),
        ("'title+body': casino", {"type": "topic.created"}, False),
        # what must not be there is no clue, nor what is compared
        ("'~body': casino", {"body": "nothing"}, True),
        ("none: {body: casino}", {"body": "nothing"}, True),
        ("author: {post_count: '> 5'}", {}, True),
        # of checks that must all hold one with clues is enough; of alternatives each needs some
        ("body: casino, author: {post_count: '> 500'}", {"body": "nothing"}, False),
        ("all: [{is: old}, {is: ad}]", {"body": "nothing"}, False),
        ("any: [{body: casino}, {title: poker}]", {"type": "topic.created"}, False),
        ("any: [{body: casino}, {title: poker}]", {"type": "topic.created", "title": "poker"}, True),
        ("any: [{body: casino}, {author: {post_count: '> 500'}}]", {"body": "nothing"}, True),
        ("body: {any: $bad, except: online poker}", {"body": "poker"}, True),
        # patterns: a wildcard has a part without *, a regex is looked at always
        ("body (wildcard): cas*", {"body": "nothing"}, False),
        ("body (wildcard): 'c*no'", {"body": "a casino"}, True),
        ("body (regex): 'cas.no'", {"body": "nothing"}, True),
        # other fields: names, lists, ids, hosts, one link or file
        ("author: {name: Marlow}", {}, False),
        ("author: {name: WREN}", {}, True),
        ("author: {groups: Staff}", {}, False),
        ("author: {groups: [Staff, Members]}", {}, True),
        ("category: 31", {}, False),
        ("category: [31, General]", {}, True),
        ("domain: bad.example", {"body": "see http://good.example/"}, False),
        ("domain: bad.example", {"body": "see http://www.bad.example/"}, True),
        ("link: {domain: bad.example, url: special-offer}", {"body": "see http://bad.example/"}, False),
        ("link: {domain: bad.example}", {"body": "see http://bad.example/"}, True),
        ("attachments: {name: .exe}", {"post": {"attachments": [{"name": "a.png"}]}}, False),
        ("attachments: {name: .exe}", {"post": {"attachments": [{"name": "a.EXE"}]}}, True),
        # what is not known may hold a clue
        ("body: casino", {"body": None}, True),
        ("domain: bad.example", {"body": None}, True),
        ("attachments: {name: .exe}", {"post": {"attachments": None}}, True),
        ("'title+body': casino", {"type": "topic.created", "title": None}, True),
        ("author: {name: marlow}", {"author": {"name": None}}, True),
    ],
)  # fmt: skip
def test_what_gives_cause_to_look_at_a_rule(checks: str, event: dict[str, Any], expected: bool) -> None:
    assert considered(checks, event) is expected


def test_a_field_that_can_still_be_fetched_is_asked_for() -> None:
    ruleset = load_text("name: r\ntopic.title: casino\nnotify_moderators: x\n")
    found = decide(ruleset, make_event({"topic": {"title": None}}), Facts())
    assert found == Needs(facts=frozenset({Fact.TOPIC}))
    found = decide(ruleset, make_event({"topic": {"title": None}}))
    assert isinstance(found, Decision)
    assert found.unknown == ("r",)


@dataclass(frozen=True, slots=True, eq=False)
class Watched(Matching):
    """A check that counts how often it is judged."""

    judged: Counter[str] = field(default_factory=Counter)

    def judge(self, subject: Subject) -> Verdict:
        self.judged[self.origin.called] += 1
        return Matching.judge(self, subject)


def many(number: int) -> tuple[Ruleset, Counter[str]]:
    """As many rules as `number`, each on its own word; and how often each was judged."""
    judged: Counter[str] = Counter()
    one = load_text("name: r\nbody: x\nnotify_moderators: x\n")
    how = Modifiers(Method.INCLUDES_WORD)

    def rules() -> Iterator[Any]:
        for place in range(number):
            word = f"word{place}"
            part = Part(FIELDS["body"], Matcher.build([word], how))
            check = Watched(Origin(word, word, 1), (part,), values=frozenset({word}), judged=judged)
            yield replace(one.rules[0], name=f"r{place}", check=check, priority=place % 3)

    return replace(one, rules=tuple(rules())), judged


def test_of_ten_thousand_rules_only_those_that_the_event_calls_for_are_judged() -> None:
    ruleset, judged = many(10_000)
    found = decide(ruleset, make_event({"body": "word17, then word4711 and words18"}))
    assert isinstance(found, Decision)
    assert [one.rule for one in found.trace] == ["r17", "r4711"]
    assert set(judged) == {"word17", "word4711"}
    judged.clear()
    decide(ruleset, make_event({"body": "word17"}), explain=True)
    assert len(judged) == 10_000


@pytest.mark.parametrize("rules", [1, 300])
def test_one_pass_over_a_field_and_form(rules: int, monkeypatch: pytest.MonkeyPatch) -> None:
    texts: list[str] = []
    occurrences = Automaton.occurrences

    def counted(automaton: Automaton, haystack: str) -> Iterator[tuple[Literal, int]]:
        texts.append(haystack)
        return occurrences(automaton, haystack)

    monkeypatch.setattr(Automaton, "occurrences", counted)
    decide(many(rules)[0], make_event({"body": "Nothing here"}))
    assert texts == ["nothing here"]


def test_only_windows_that_an_event_may_concern_are_observed() -> None:
    count = "count: {{of: {of}, by: author, within: 1 day, is: '>= 2'}}\nnotify_moderators: x\n"
    rules = [("replies", "type: reply"), ("topics", "type: topic"), ("edits", "type: reply\nevent: edited")]
    words = {"replies": "reply", "topics": "topic", "edits": "edit"}
    text = "---\n".join(f"name: {name}\n{head}\n{count.format(of=words[name])}" for name, head in rules)
    ruleset = load_text(text)
    for event, expected in (("post.created", ["reply"]), ("post.updated", ["edit"]), ("user.created", [])):
        watches = ruleset.for_event(Subject(make_event({"type": event}), NOTHING_MORE)).watches
        assert [watch.check.window.word for watch in watches] == expected


def test_rulesets_that_differ_in_modes_share_the_index() -> None:
    ruleset = load_text("name: a\nbody: casino\nmode: shadow\nhold: true\n---\nname: b\nbody: poker\nhold: true\n")
    subject = Subject(make_event({"body": "casino poker"}), NOTHING_MORE)
    held, live = ruleset.held_back({"b": Mode.OFF}), ruleset.as_live()
    names = [[rule.name for rule in one.for_event(subject).to_consider(subject)] for one in (ruleset, held, live)]
    assert names == [["a", "b"], ["a"], ["a", "b"]]
    assert ruleset.for_event(subject).index is held.for_event(subject).index is live.for_event(subject).index


def test_a_ruleset_of_other_rules_has_an_index_of_its_own() -> None:
    ruleset = load_text("name: a\nbody: casino\nhold: true\n---\nname: b\nbody: poker\nhold: true\n")
    event = make_event({"body": "poker"})
    fewer = replace(ruleset, rules=ruleset.rules[1:])
    for one in (ruleset, fewer, ruleset):
        found = decide(one, event)
        assert isinstance(found, Decision)
        assert [trace.rule for trace in found.trace] == ["b"]


def test_a_rule_that_comes_before_still_stops_those_after_it() -> None:
    rules = (
        "name: late\nbody: poker\nhold: true\n---\nname: first\npriority: 5\nstop: true\nbody: casino\nhold: true\n"
        "---\nname: always\nauthor: {post_count: '> 5'}\nhold: true\n"
    )
    found = decide(load_text(rules), make_event({"body": "casino poker"}))
    assert isinstance(found, Decision)
    assert [one.rule for one in found.trace] == ["first"]
