"""The index changes no decision: any rules on any event come out as when every rule is looked at."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.consider import consider
from rules.decide import decide
from rules.decision import Decision
from rules.facts import NOTHING_MORE, Facts
from rules.remember import decide_with
from rules.ruleset import Ruleset, load_text
from rules.samples import make_event
from rules.state.memory import MemoryState
from rules.subject import Subject

# Few words, so that rules and events often meet: parts of each other, look-alikes, marks, leet, what NFKC changes.
WORDS = ["cat", "Cat", "cats", "c4t", "c\u0430t", "a cat", "at", "\u00e0 t", "stra\u00dfe", "STRASSE", "\ufb01n", "fin", "1l",
         "\u0130t", "c.a.t", "\u514d\u8d39", "\U0001f44d", "k\u200bit", "\u212ait", "c++", "n't", "$at", "c", "at\nbe"]  # fmt: skip
METHODS = ["", "includes", "includes-word", "starts-with", "ends-with", "full-exact", "full-text"]
FLAGS = ["fold", "loose", "case-sensitive", "no-quotes", "no-code", "wildcard"]
FIELDS = ["body", "html", "title", "title+body", "topic.title", "author.name", "author.groups", "category",
          "url", "topic.author.name", "topic.tags", "body+author.name"]  # fmt: skip
HOSTS = ["cat.example", "b.cat.example", "example", "at.example"]

words = st.sampled_from(WORDS)
some_words = st.lists(words, min_size=1, max_size=3, unique=True)
values = (
    some_words
    | words
    | st.builds(lambda any_, but: {"any": any_, "except": but}, some_words, some_words)
    | st.builds(lambda of: {"all": of}, some_words)
    | st.builds(lambda of, most: {"at_least": min(most, len(of)), "of": of}, some_words, st.integers(1, 3))
)
stars = st.lists(st.sampled_from(["c*t", "*at", "c*", "a*e*t", "cat", "\u0430*t"]), min_size=1, max_size=2, unique=True)


@st.composite
def searches(draw: st.DrawFn) -> dict[str, Any]:
    flags = draw(st.lists(st.sampled_from(FLAGS), max_size=2, unique=True))
    how = ", ".join([*filter(None, [draw(st.sampled_from(METHODS))]), *flags])
    key = draw(st.sampled_from(["", "", "", "~"])) + draw(st.sampled_from(FIELDS)) + (f" ({how})" if how else "")
    return {key: draw(stars if "wildcard" in flags else values)}


leaves = (
    searches()
    | searches()
    | st.sampled_from(
        [{"author": {"post_count": "> 50"}}, {"body (regex)": "c.t"}, {"has": "title"}, {"domain": HOSTS[0]}]
    )
    | st.builds(lambda hosts: {"domain": hosts}, st.lists(st.sampled_from(HOSTS), min_size=1, max_size=2, unique=True))
    | st.builds(lambda text, host: {"link": {"text": text, "domain": host}}, words, st.sampled_from(HOSTS))
    | st.builds(lambda name: {"attachments": {"name": name}}, words)
)
checks = st.recursive(
    leaves,
    lambda inner: st.builds(
        lambda word, several: {word: several},
        st.sampled_from(["any", "all", "none"]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=4,
)


def _ruleset(rules: list[dict[str, Any]]) -> Ruleset:
    return load_text(json.dumps({"rules": rules}))


@st.composite
def rulesets(draw: st.DrawFn) -> Ruleset:
    """Rules of any checks, on topics and replies, in any mode and order."""
    made = []
    for place in range(draw(st.integers(1, 4))):
        rule = {"name": f"r{place}", "type": "topic", "when": [draw(checks)], "notify_moderators": "x"}
        rule |= draw(st.sampled_from([{}, {"priority": 3}, {"stop": True}, {"mode": "shadow"}, {"mode": "hold"}]))
        rule |= draw(st.sampled_from([{}, {"event": ["created", "edited", "approved"]}, {"event": "topic.updated"}]))
        made.append(rule)
    return _ruleset(made)


texts = st.none() | st.lists(words | st.sampled_from([" ", ", ", "\n", "x"]), max_size=5).map("".join)
links = st.sampled_from(["", " <a href='http://cat.example/c'>cat</a>", " http://b.cat.example/at <code>cat</code>"])
htmls = st.none() | st.builds(lambda text, link: (text or "") + link + "<blockquote>cat</blockquote>", texts, links)
files = st.none() | st.lists(st.fixed_dictionaries({"name": texts}), max_size=2)
events = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["topic.created", "topic.updated", "post.created", "post.approved"]),
        "post": st.fixed_dictionaries(
            {"message": htmls, "attachments": files, "isFirstPost": st.sampled_from([None, True, False])}
        ),
        "topic": st.fixed_dictionaries({"title": texts, "tags": st.none() | st.lists(words, max_size=2)}),
        "author": st.fixed_dictionaries({"name": texts, "groups": st.none() | st.lists(words, max_size=2)}),
        "category": st.fixed_dictionaries({"name": texts}),
    }
)
known = st.sampled_from([NOTHING_MORE, Facts()])


@given(rulesets(), events, known)
@settings(max_examples=150, deadline=None)
def test_a_rule_that_is_not_looked_at_is_false(ruleset: Ruleset, written: dict[str, Any], facts: Facts) -> None:
    subject = Subject(make_event(written), facts)
    docket = ruleset.for_event(subject)
    looked_at = docket.to_consider(subject)
    order = list(docket.rules.values())
    assert looked_at == [rule for rule in order if rule in looked_at]
    for rule in order:
        assert rule in looked_at or consider(rule, subject, None).verdict.truth is False


@given(rulesets(), events, known)
@settings(max_examples=100, deadline=None)
def test_every_decision_is_the_same(ruleset: Ruleset, written: dict[str, Any], facts: Facts) -> None:
    event = make_event(written)
    found, with_all = decide(ruleset, event, facts), decide(ruleset, event, facts, explain=True)
    if isinstance(with_all, Decision):
        matched = tuple(one for one in with_all.trace if one.verdict and not one.skipped)
        with_all = with_all.model_copy(update={"trace": matched})
    assert found == with_all


@given(st.lists(checks, min_size=1, max_size=3), st.lists(events, min_size=1, max_size=4))
@settings(max_examples=50, deadline=None)
def test_so_it_is_with_rules_that_count(several: list[dict[str, Any]], written: list[dict[str, Any]]) -> None:
    count = {
        "count": {"of": "topic", "by": "author", "within": "1 day", "is": ">= 2"},
        "notify_moderators": "{{count}}",
    }
    rules = [{"name": f"r{place}", "type": "topic", "when": [one], **count} for place, one in enumerate(several)]
    ruleset, plain, explained = _ruleset(rules), MemoryState(), MemoryState()
    for number, scene in enumerate(written):
        event, name = make_event(scene, number=number), f"event {number}"
        found = decide_with(ruleset, event, NOTHING_MORE, plain, name)
        with_all = decide_with(ruleset, event, NOTHING_MORE, explained, name, explain=True)
        assert isinstance(found, Decision)
        assert isinstance(with_all, Decision)
        assert found == with_all.model_copy(update={"trace": found.trace})
