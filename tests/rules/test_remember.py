"""Counts, duplicates, points, ladders and `once`: section 7 of the rule language, told in stories."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.decide import decide
from rules.decision import Decision, Needs
from rules.event import Event
from rules.facts import NOTHING_MORE, Category, Fact, Facts, Topic
from rules.facts import Author as Record
from rules.facts import Counted as Number
from rules.remember import decide_with, happening_of
from rules.ruleset import Ruleset, load_text
from rules.samples import make_event
from rules.state.memory import MemoryState
from rules.testing import decide_alone

FLOOD = "name: r\ncount: {of: post, by: author, within: 1 minute, is: '>= 3'}\nnotify_moderators: '{{count}}'\n"
LONG = "Buy the best watches here today"

Written = dict[str, Any]
Scene = tuple[Written, str]


def story(rules: str, scenes: Iterable[Written]) -> list[Decision]:
    """What is decided on each event, what came before remembered."""
    ruleset, state = load_text(rules), MemoryState()
    made = (make_event(scene, number=number) for number, scene in enumerate(scenes, 1))
    return [decide_alone(ruleset, event, state, f"event {number}", explain=True) for number, event in enumerate(made)]


def acting(rules: str, scenes: Iterable[Written]) -> list[bool]:
    return [bool(one.actions) for one in story(rules, scenes)]


def texts(rules: str, scenes: Iterable[Written]) -> list[list[str]]:
    return [[str(one.options.get("text", one.action)) for one in told.actions] for told in story(rules, scenes)]


def counting(check: str, *, rest: str = "notify_moderators: x") -> str:
    return f"name: r\n{check}\n{rest}\n"


def at(seconds: float, **more: Any) -> Written:
    return {"at": f"{seconds} seconds", **more}


def reply(seconds: float, body: str = "Hello", **more: Any) -> Written:
    return at(seconds, body=body, **more)


def topic(seconds: float, **more: Any) -> Written:
    return at(seconds, type="topic.created", **more)


def joined(seconds: float, **more: Any) -> Written:
    return at(seconds, type="user.created", **more)


def edited(seconds: float, **more: Any) -> Written:
    return at(seconds, type="post.updated", **more)


WREN, MARLOW = {"author": {"id": 101}}, {"author": {"id": 102, "name": "marlow"}}
IN_SALES, IN_NEWS = {"category": {"id": 7, "name": "Sales"}}, {"category": {"id": 8, "name": "News"}}

COUNTS: list[tuple[str, str, list[Written], list[bool]]] = [
    (
        "the present event counts: the third is the first for which >= 3 is true",
        "count: {of: post, by: author, within: 1 minute, is: '>= 3'}",
        [reply(0), reply(1), reply(2), reply(3)],
        [False, False, True, True],
    ),
    (
        "a post exactly `within` old is outside",
        "count: {of: post, by: author, within: 1 minute, is: '>= 2'}",
        [reply(0), reply(60)],
        [False, False],
    ),
    (
        "a moment younger it is inside",
        "count: {of: post, by: author, within: 1 minute, is: '>= 2'}",
        [reply(0), reply(59.999)],
        [False, True],
    ),
    (
        "a late event is placed at its own time, and sees what was before it alone",
        "count: {of: post, by: author, within: 1 minute, is: '>= 2'}",
        [reply(100), reply(30), reply(120)],
        [False, False, True],
    ),
    (
        "authors apart",
        "count: {of: post, by: author, within: 1 minute, is: '>= 2'}",
        [reply(0, **WREN), reply(1, **MARLOW), reply(2, **WREN)],
        [False, False, True],
    ),
    (
        "a list of keys is the same combination",
        "count: {of: post, by: [author, category], within: 1 minute, is: '>= 2'}",
        [reply(0, **IN_SALES), reply(1, **IN_NEWS), reply(2, **IN_SALES)],
        [False, False, True],
    ),
    (
        "by site everybody counts together",
        "count: {of: post, by: site, within: 1 minute, is: '>= 2'}",
        [reply(0, **WREN), reply(1, **MARLOW)],
        [False, True],
    ),
    (
        "posts are topics and replies",
        "count: {of: post, by: author, within: 1 minute, is: '>= 2'}",
        [topic(0), reply(1)],
        [False, True],
    ),
    (
        "of topic: replies do not count, nor is the rule for them",
        "count: {of: topic, by: author, within: 1 minute, is: '>= 1'}",
        [reply(0), topic(1)],
        [False, True],
    ),
    (
        "with a type that is not counted the rule looks and adds nothing",
        "type: reply\ncount: {of: topic, by: author, within: 1 minute, is: '= 1'}",
        [reply(0), topic(1), reply(2), reply(3), topic(4), reply(5)],
        [False, False, True, True, False, False],
    ),
    (
        "of reply",
        "count: {of: reply, by: author, within: 1 minute, is: '>= 2'}",
        [topic(0), reply(1), reply(2)],
        [False, False, True],
    ),
    (
        "of link: summed over the items in the window",
        "count: {of: link, by: author, within: 1 minute, is: '>= 3'}",
        [reply(0, "http://a.example http://b.example"), reply(1, "none"), reply(2, "http://c.example")],
        [False, False, True],
    ),
    (
        "of mention",
        "count: {of: mention, by: author, within: 1 minute, is: '>= 3'}",
        [reply(0, "@ann @bo"), reply(1, "@ann")],
        [False, True],
    ),
    (
        "of attachment",
        "count: {of: attachment, by: author, within: 1 minute, is: '>= 3'}",
        [reply(0, attachments=[{"name": "a"}, {"name": "b"}]), reply(1, attachments=[{"name": "c"}])],
        [False, True],
    ),
    (
        "of user: a join wave",
        "type: user\nevent: joined\ncount: {of: user, by: site, within: 1 minute, is: '>= 2'}",
        [joined(0, **WREN), joined(1, **MARLOW)],
        [False, True],
    ),
    (
        "of user alone makes a rule on users",
        "count: {of: user, by: ip, within: 1 minute, is: '>= 2'}",
        [joined(0, **WREN), joined(1, **MARLOW)],
        [False, True],
    ),
    (
        "by e-mail domain, case ignored",
        "count: {of: user, by: email_domain, within: 1 minute, is: '>= 2'}",
        [joined(0, author={"email": "a@X.example"}), joined(1, author={"email": "b@x.example"})],
        [False, True],
    ),
    (
        "of message",
        "count: {of: message, by: author, within: 1 minute, is: '>= 2'}",
        [at(0, type="message.created"), at(1, type="conversation.created")],
        [False, True],
    ),
    (
        "an edit counts only under of: edit, and sets off no flood rule",
        "count: {of: post, by: author, within: 1 minute, is: '>= 2'}",
        [reply(0), edited(1), edited(2), reply(3)],
        [False, False, False, True],
    ),
    (
        "of edit",
        "count: {of: edit, by: author, within: 1 minute, is: '>= 2'}",
        [reply(0), edited(1), edited(2)],
        [False, False, True],
    ),
    (
        "where: only what meets it is counted",
        "count: {of: topic, by: author, within: 1 day, is: '> 1', where: {~title: '[WIP]'}}",
        [topic(0, title="One"), topic(1, title="[WIP] Two"), topic(2, title="Three")],
        [False, False, True],
    ),
    (
        "where with a named condition",
        "count: {of: post, by: site, within: 1 day, is: '>= 2', where: {author: {post_count: '< 5'}}}",
        [reply(0, author={"post_count": 1}), reply(1), reply(2, author={"post_count": 2})],
        [False, False, True],
    ),
    (
        "what where cannot tell is not counted",
        "count: {of: post, by: site, within: 1 day, is: '>= 1', where: {author: {country: GB}}}",
        [reply(0, author={"country": None}), reply(1)],
        [False, True],
    ),
    (
        "distinct topics, not happenings",
        "count: {of: post, by: author, distinct: topic, within: 1 hour, is: '>= 2'}",
        [reply(0), reply(1), reply(2, topic={"id": 502})],
        [False, False, True],
    ),
    (
        "distinct bodies, space and case ignored",
        "count: {of: post, by: author, distinct: body, within: 1 hour, is: '>= 2'}",
        [reply(0, "Hello  you"), reply(1, "hello YOU"), reply(2, "Something else")],
        [False, False, True],
    ),
    (
        "distinct authors in a topic",
        "count: {of: reply, by: topic, distinct: author, within: 1 hour, is: '>= 2'}",
        [reply(0, **WREN), reply(1, **WREN), reply(2, **MARLOW)],
        [False, False, True],
    ),
    (
        "distinct links",
        "count: {of: post, by: author, distinct: link, within: 1 hour, is: '>= 2'}",
        [reply(0, "http://a.example"), reply(1, "https://www.a.example/#x"), reply(2, "http://b.example")],
        [False, False, True],
    ),
    (
        "by link: the same without scheme, www., fragment and a last /",
        "count: {of: post, by: link, within: 1 hour, is: '>= 2'}",
        [reply(0, "http://www.a.example/x/"), reply(1, "https://a.example/x#top"), reply(2, "http://a.example/y")],
        [False, True, False],
    ),
    (
        "by link: each is counted apart and one that reaches is enough",
        "count: {of: post, by: link, within: 1 hour, is: '>= 2'}",
        [reply(0, "http://a.example"), reply(1, "http://b.example http://a.example")],
        [False, True],
    ),
    (
        "by domain",
        "count: {of: post, by: domain, within: 1 hour, is: '>= 2'}",
        [reply(0, "http://a.example/1"), reply(1, "http://www.a.example/2"), reply(2, "no link")],
        [False, True, False],
    ),
    (
        "of link by domain: so many links there",
        "count: {of: link, by: domain, within: 1 hour, is: '>= 3'}",
        [reply(0, "http://a.example/1 http://a.example/2 http://b.example"), reply(1, "http://a.example/3")],
        [False, True],
    ),
    (
        "without a link there is nothing to count, not even few",
        "count: {of: post, by: link, within: 1 hour, is: '< 5'}",
        [reply(0, "none"), reply(1, "http://a.example")],
        [False, True],
    ),
    (
        "several in a rule",
        "count#minute: {of: post, by: author, within: 1 minute, is: '>= 2'}\ncount#day: {of: post, by: author, within: 1 day, is: '>= 3'}",
        [reply(0), reply(1), reply(2), reply(500), reply(501)],
        [False, False, True, False, True],
    ),
    (
        "inside any and none",
        "any: [{count: {of: post, by: author, within: 1 minute, is: '>= 3'}}, {body: casino}]\nnone: [{count: {of: post, by: author, within: 1 minute, is: '>= 4'}}]",
        [reply(0, "casino"), reply(1), reply(2), reply(3)],
        [True, False, True, False],
    ),
    (
        "a range and a bare number",
        "count: {of: post, by: author, within: 1 hour, is: 2..3}",
        [reply(0), reply(1), reply(2), reply(3)],
        [False, True, True, False],
    ),
]


@pytest.mark.parametrize(
    ("check", "scenes", "expected"), [case[1:] for case in COUNTS], ids=[case[0] for case in COUNTS]
)
def test_counts(check: str, scenes: list[Written], expected: list[bool]) -> None:
    assert acting(counting(check), scenes) == expected


DUPLICATES: list[tuple[str, str, list[Written], list[bool]]] = [
    (
        "exact is the default: case folded, every space run made one",
        "duplicate: {of: body, by: site, within: 1 day, is: '>= 2'}",
        [reply(0, LONG), at(1, html=f"<p>{LONG.upper().replace(' ', '<br>', 1)}</p>"), reply(2, f"{LONG}!")],
        [False, True, False],
    ),
    (
        "similar: one less the edits over the longer length",
        "duplicate: {of: body, by: site, within: 1 day, is: '>= 2', similar: 90%}",
        [reply(0, "0123456789" * 3), reply(1, "0123456789" * 2 + "0123456xyz"), reply(2, "abcdefghij" * 3)],
        [False, True, False],
    ),
    (
        "one edit too many",
        "duplicate: {of: body, by: site, within: 1 day, is: '>= 2', similar: 90%}",
        [reply(0, "0123456789" * 3), reply(1, "0123456789" * 2 + "012345wxyz")],
        [False, False],
    ),
    (
        "a text under min_length is never a duplicate",
        "duplicate: {of: body, by: site, within: 1 day, is: '>= 2'}",
        [reply(0, "x" * 19), reply(1, "x" * 19), reply(2, "y" * 20), reply(3, "y" * 20)],
        [False, False, False, True],
    ),
    (
        "min_length: 1 takes all",
        "duplicate: {of: body, by: site, within: 1 day, is: '>= 2', min_length: 1}",
        [reply(0, "+1"), reply(1, "+1")],
        [False, True],
    ),
    (
        "of title is for topics",
        "duplicate: {of: title, by: author, within: 1 day, is: '>= 2'}",
        [topic(0, title=LONG), reply(1), topic(2, title=LONG)],
        [False, False, True],
    ),
    (
        "by author: two people with one text are no duplicate",
        "duplicate: {of: body, by: author, within: 1 day, is: '>= 2'}",
        [reply(0, LONG, **WREN), reply(1, LONG, **MARLOW), reply(2, LONG, **MARLOW)],
        [False, False, True],
    ),
    (
        "the window slides",
        "duplicate: {of: body, by: site, within: 1 minute, is: '>= 2'}",
        [reply(0, LONG), reply(60, LONG), reply(61, LONG)],
        [False, False, True],
    ),
    (
        "messages are not compared with posts",
        "duplicate: {of: body, by: site, within: 1 minute, is: '>= 2'}",
        [at(0, type="message.created", body=LONG), reply(1, LONG), reply(2, LONG)],
        [False, False, True],
    ),
    (
        "an edit is no new text",
        "event: [created, edited]\nduplicate: {of: body, by: site, within: 1 minute, is: '>= 2'}",
        [reply(0, LONG), edited(1, body=LONG), reply(2, LONG)],
        [False, False, True],
    ),
]


@pytest.mark.parametrize(
    ("check", "scenes", "expected"), [case[1:] for case in DUPLICATES], ids=[case[0] for case in DUPLICATES]
)
def test_duplicates(check: str, scenes: list[Written], expected: list[bool]) -> None:
    assert acting(counting(check), scenes) == expected


def test_an_unknown_key_makes_the_count_unknown_and_is_not_counted() -> None:
    rules = counting("type: user\ncount: {of: user, by: ip, within: 1 hour, is: '>= 2'}")
    told = story(rules, [joined(0, author={"ip": None}), joined(1, author={"ip": None}), joined(2), joined(3)])
    assert [(bool(one.actions), one.unknown) for one in told] == [
        (False, ("r",)),
        (False, ("r",)),
        (False, ()),
        (True, ()),
    ]


def test_section_11_flood() -> None:
    rules = """
name: flood
count: {of: post, by: author, within: 1 minute, is: ">= 6"}
then: [{add_to_group: Muted}, notify_moderators: "{{author.name}}: {{count}} posts in a minute"]
"""
    told = story(rules, [reply(second) for second in range(7)])
    assert [len(one.actions) for one in told] == [0, 0, 0, 0, 0, 2, 2]
    assert told[5].actions[1].options["text"] == "wren: 6 posts in a minute"


def test_section_11_one_listing_a_day() -> None:
    rules = """
name: one listing a day
type: topic
category: Marketplace
count: {of: topic, by: [author, category], within: 1 day, is: "> 1"}
then: [delete, message: "One listing a day, please."]
"""
    market, day = {"category": {"id": 31, "name": "Marketplace"}}, 86400
    scenes = [topic(0, **market), topic(60), topic(120, **market), topic(day, **market), topic(2 * day, **market)]
    assert acting(rules, scenes) == [False, False, True, True, False]


def test_section_11_copy_paste_wave() -> None:
    rules = """
name: copy-paste wave
duplicate: {of: body, by: site, within: 1 hour, is: ">= 4", similar: 90%}
action: filter
"""
    scenes = [reply(n, f"{LONG}, offer {n}", author={"id": n + 1, "name": f"n{n}"}) for n in range(5)]
    assert texts(rules, scenes) == [[], [], [], ["hold"], ["hold"]]


def test_section_11_sign_up_wave() -> None:
    rules = """
name: sign-up wave
type: user
event: joined
count: {of: user, by: country, within: 10 minutes, is: ">= 15"}
add_to_group: Review
"""
    scenes = [joined(n, author={"id": n, "name": f"n{n}", "country": "NO" if n else "GB"}) for n in range(16)]
    assert acting(rules, scenes) == [False] * 15 + [True]


STRIKES = """
counters:
  strikes: {per: author, expires: 30 days, ladder: [
    {at: 1, then: [message: "First warning, {{author.name}}."]},
    {at: 3, then: [{add_to_group: Muted}]},
    {at: 5, then: [add_to_group: Banned, notify_moderators: "{{author.name}} has {{points.strikes}} points"]} ]}
rules:
  - {name: one, body: bad, add_points: {strikes: 1}}
  - {name: four, body: worse, add_points: {strikes: 4}}
"""


def rungs(rules: str, scenes: Iterable[Written]) -> list[list[str]]:
    told = [[one for one in decision.actions if one.action != "add_points"] for decision in story(rules, scenes)]
    return [[str(one.options.get("text", one.options.get("group", one.action))) for one in actions] for actions in told]


DAY = 86400
LADDERS: list[tuple[str, list[Written], list[list[str]]]] = [
    ("each rung when the total passes it", [reply(n, "bad") for n in range(6)], [["message"], [], ["Muted"], [], ["Banned", "wren has 5 points"], []]),
    ("of several passed at once only the highest", [reply(0, "worse")], [["Muted"]]),
    ("two rules of one event one after the other", [reply(0, "bad worse")], [["message", "Banned", "wren has 5 points"]]),
    ("authors apart", [reply(0, "bad", **WREN), reply(1, "bad", **MARLOW)], [["message"], ["message"]]),
    ("it re-arms when the total falls below", [reply(0, "bad"), reply(30 * DAY, "bad")], [["message"], ["message"]]),
    ("points die one by one", [reply(0, "bad"), reply(DAY, "bad"), reply(30 * DAY, "bad"), reply(30 * DAY + 1, "bad")], [["message"], [], [], ["Muted"]]),
]  # fmt: skip


@pytest.mark.parametrize(("scenes", "expected"), [case[1:] for case in LADDERS], ids=[case[0] for case in LADDERS])
def test_ladders(scenes: list[Written], expected: list[list[str]]) -> None:
    assert rungs(STRIKES, scenes) == expected


def test_a_rung_s_actions_are_the_awarding_rule_s() -> None:
    (told,) = story(STRIKES, [reply(0, "bad")])
    assert [(one.action, one.rule, one.slot, one.options) for one in told.actions] == [
        ("add_points", "one", "points:strikes", {"counter": "strikes", "points": 1}),
        ("message", "one", "message", {"subject": "A message from the moderators", "body": "First warning, wren."}),
    ]
    assert (told.actions[0].target.kind, told.actions[0].target.id) == ("user", 101)


def test_moderators_are_exempt_from_a_rule_whose_ladder_restricts() -> None:
    told = story(STRIKES, [reply(0, "bad", author={"is_moderator": True})])[0]
    assert (told.actions, told.trace[0].skipped) == ((), "exempt: moderator")


def test_points_are_read_before_the_event_s_own_awards() -> None:
    rules = STRIKES + "  - {name: known, points: {strikes: '>= 2'}, reply: '{{points.strikes}}'}\n"
    told = texts(rules, [reply(n, "bad") for n in range(4)])
    assert [[one for one in line if one.isdigit()] for line in told] == [[], [], ["2"], ["3"]]


def test_a_rule_s_own_text_tells_the_total_that_its_award_leaves() -> None:
    rules = "counters: {strikes: {per: author}}\nrules:\n  - {name: one, add_points: {strikes: 2}, reply: '{{points.strikes}}'}\n"
    assert texts(rules, [reply(0), reply(1)]) == [["add_points", "2"], ["add_points", "4"]]


def test_points_may_be_taken_away() -> None:
    rules = "counters: {s: {per: author}}\nrules:\n  - {name: up, body: bad, add_points: {s: 2}}\n  - {name: down, body: good, add_points: {s: -1}}\n  - {name: known, points: {s: 1}, reply: known}\n"
    assert texts(rules, [reply(0, "bad"), reply(1, "good"), reply(2, "quiet")])[2] == ["known"]


def test_counters_are_kept_per_any_key() -> None:
    rules = "counters: {heat: {per: topic, ladder: [{at: 2, then: [lock]}]}}\nrules: [{name: r, body: bad, add_points: {heat: 1}}]\n"
    scenes = [reply(0, "bad", **WREN), reply(1, "bad", topic={"id": 502}), reply(2, "bad", **MARLOW)]
    assert texts(rules, scenes) == [["add_points"], ["add_points"], ["add_points", "lock"]]


ONCE: list[tuple[str, str, list[Written], list[bool]]] = [
    ("per topic, for ever", "once: per topic", [reply(0), reply(DAY), reply(2 * DAY, topic={"id": 502})], [True, False, True]),
    ("per author", "once: per author", [reply(0), reply(1), reply(2, **MARLOW)], [True, False, True]),
    ("per author for a span", "once: per author 1 day", [reply(0), reply(DAY - 1), reply(DAY)], [True, False, True]),
    ("per category", "once: per category", [reply(0), reply(1), reply(2, **IN_NEWS)], [True, False, True]),
    ("per site", "once: per site 1 hour", [reply(0), reply(1, **MARLOW), reply(3600)], [True, False, True]),
    ("per item", "once: per item", [reply(0, post={"id": 5}), edited(1, post={"id": 5}), edited(2, post={"id": 6})], [True, False, True]),
    ("cooldown", "cooldown: 10 minutes", [reply(0), reply(599, **MARLOW), reply(600)], [True, False, True]),
]  # fmt: skip


@pytest.mark.parametrize(("key", "scenes", "sent"), [case[1:] for case in ONCE], ids=[case[0] for case in ONCE])
def test_once_holds_texts_back_and_no_other_action(key: str, scenes: list[Written], sent: list[bool]) -> None:
    told = story(f"name: r\n{key}\nreply: Hi\nlock: true\n", scenes)
    assert [[one.action for one in each.actions] for each in told] == [
        ["reply", "lock"] if first else ["lock"] for first in sent
    ]
    assert [[(lost.action, lost.by) for lost in each.overridden] for each in told] == [
        [] if first else [("reply", "once")] for first in sent
    ]


def test_once_is_not_used_up_by_an_event_that_sends_nothing() -> None:
    rules = "name: r\nbody: hi\nonce: per site\nmessage: Hello\n"
    told = story(rules, [reply(0, "quiet"), reply(1, "hi", author={"id": None}), reply(2, "hi"), reply(3, "hi")])
    assert [bool(one.actions) for one in told] == [False, False, True, False]


def test_labels_name_counts_in_texts() -> None:
    rules = counting(
        "count#a: {of: post, by: author, within: 1 day, is: '>= 1'}\ncount: {of: post, by: site, within: 1 day, is: '>= 1'}",
        rest="reply: '{{count}} {{count.a}} {{count#a}} {{count.count}}'",
    )
    assert texts(rules, [reply(0), reply(1, **MARLOW)]) == [["1 1 1 1"], ["1 1 1 2"]]


def test_the_link_that_reached_is_quoted() -> None:
    rules = counting(
        "count: {of: post, by: link, within: 1 day, is: '>= 2'}", rest="hold: '{{link.domain|upper}} {{count}}'"
    )
    told = story(rules, [reply(0, "http://a.example"), reply(1, "http://b.example http://a.example")])
    assert told[1].actions[0].reason == "A.EXAMPLE 2"


EXPLAINED = [
    (FLOOD, [reply(0), reply(1)], "2 of post by author within 1 minute, off by 1", "2"),
    (FLOOD, [reply(0), reply(1), reply(2)], "3 of post by author within 1 minute", "3"),
    (FLOOD, [reply(0, author={"id": None, "name": None})], "what is counted by author is not known", None),
    (
        counting("count: {of: post, by: link, within: 1 hour, is: '>= 2'}"),
        [reply(0)],
        "there is nothing to count by link",
        None,
    ),
    (
        "counters: {s: {per: author}}\nrules: [{name: r, points: {s: '>= 2'}, hold: true}, {name: a, add_points: {s: 1}}]",
        [reply(0), reply(1)],
        "points.s is 1, off by 1",
        "1",
    ),
]


@pytest.mark.parametrize(("rules", "scenes", "why", "number"), EXPLAINED)
def test_explain_shows_the_count_and_by_how_much_it_missed(
    rules: str, scenes: list[Written], why: str, number: str | None
) -> None:
    check = story(rules, scenes)[-1].trace[0].checks[0]
    assert (check.why, check.looked_at) == (why, number)


class Untouchable:
    """A state that nobody may ask."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"the state was asked: {name}")


UNCONCERNED = [
    ("name: r\nbody: x\nhold: true\n", {"body": "x"}),
    (FLOOD, {"type": "user.updated"}),
    (FLOOD, {"type": "post.updated"}),
    (f"{FLOOD}mode: 'off'\n", {}),
    ("counters: {s: {per: author}}\nrules: [{name: r, body: casino, add_points: {s: 1}}]", {}),
    ("name: r\nbody: casino\nonce: per topic\nreply: x\n", {}),
    ("name: r\nonce: per topic\nlock: true\n", {}),
    (counting("count: {of: topic, by: author, within: 1 day, is: '> 1'}"), {}),
]


@pytest.mark.parametrize(("rules", "event"), UNCONCERNED)
def test_the_state_is_not_asked_where_no_rule_wants_it(rules: str, event: Written) -> None:
    found = decide_with(load_text(rules), make_event(event), NOTHING_MORE, Untouchable(), "e")
    assert isinstance(found, Decision)


class Noting(MemoryState):
    """A state that notes what it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []

    def __getattribute__(self, name: str) -> Any:
        if name in ("observe", "points", "award", "first"):
            self.calls.append(name)
        return super().__getattribute__(name)


MANY = """
counters: {s: {per: author, ladder: [{at: 1, then: [reply: rung]}]}, t: {per: topic}}
rules:
  - {name: a, count: {of: post, by: author, within: 1 hour, is: ">= 1"}, add_points: {s: 1}}
  - {name: b, count: {of: post, by: author, within: 1 hour, is: ">= 9"}, hold: true}
  - {name: c, duplicate: {of: body, by: site, within: 1 day, is: ">= 1", min_length: 1}, add_points: {t: 1}}
  - {name: d, points: {s: ">= 0", t: ">= 0"}, once: per author, reply: "Hi"}
"""


def test_an_event_asks_the_state_once_for_each_thing() -> None:
    state = Noting()
    decide_with(load_text(MANY), make_event({}), NOTHING_MORE, state, "e")
    assert state.calls == ["observe", "points", "award", "first"]


def test_equal_counts_share_a_window_and_shadow_has_its_own() -> None:
    count = "count: {of: post, by: author, within: 1 hour, is: '>= %d'}"
    rules = "---\n".join(
        f"name: r{n}\nmode: {mode}\n{count % n}\nnotify_moderators: '{{{{count}}}}'\n"
        for n, mode in ((2, "live"), (3, "hold"), (4, "shadow"), (5, "shadow"), (6, "off"))
    )
    assert len(load_text(rules).watches) == 2


BARE = {"type": "post.created", "at": 1767268800, "post": {"postId": 9, "topicId": 5, "message": "casino"}, "author": {"userId": 1}}  # fmt: skip
NEEDS = [
    ("count: {of: post, by: author, within: 1 day, is: '>= 2'}", set()),
    ("count: {of: post, by: ip, within: 1 day, is: '>= 2'}", {"author"}),
    ("body: quiet\ncount: {of: post, by: ip, within: 1 day, is: '>= 2'}", {"author"}),  # the window needs it
    ("count: {of: post, by: category, within: 1 day, is: '>= 2'}", {"topic"}),
    ("count: {of: topic, by: author, within: 1 day, is: '>= 2'}", {"topic"}),  # is it the topic's first post?
    ("count: {of: user, by: ip, within: 1 day, is: '>= 2'}", set()),
    ("count: {of: post, by: author, within: 1 day, is: '>= 2', where: {author: {post_count: '< 5'}}}", {"author"}),
    ("count: {of: post, by: ip, within: 1 day, is: '>= 2', where: {body: quiet}}", {"author"}),  # to look it up
    ("type: user\ncount: {of: post, by: ip, within: 1 day, is: '>= 2', where: {body: quiet}}", set()),
    ("type: user\ncount: {of: post, by: ip, within: 1 day, is: '>= 2', where: {body: casino}}", {"author"}),
    ("type: topic\nbody: quiet\ncount: {of: user, by: ip, within: 1 day, is: '>= 2'}", set()),
]


@pytest.mark.parametrize(("checks", "facts"), NEEDS)
def test_a_window_s_facts_are_asked_for_before_anything_is_observed(checks: str, facts: set[str]) -> None:
    state = Untouchable() if facts else MemoryState()
    found = decide_with(load_text(counting(checks)), Event.model_validate(BARE), Facts(), state, "e")
    assert (set(found.facts) if isinstance(found, Needs) else set()) == facts


def test_facts_come_in_and_the_event_is_counted_once() -> None:
    rules = "name: r\ncount: {of: post, by: author, within: 1 day, is: '= 1'}\ntopic: {locked: false}\nreply: '{{category}} {{count}}'\n"
    ruleset, event, state = load_text(rules), Event.model_validate(BARE), MemoryState()
    first = decide_with(ruleset, event, Facts(), state, "e")
    assert isinstance(first, Needs)
    assert first.facts == {Fact.TOPIC}
    facts = Facts(topic=Topic(locked=False, category_id=7), asked=frozenset({Fact.TOPIC}))
    second = decide_with(ruleset, event, facts, state, "e")
    assert isinstance(second, Needs)
    assert second.facts == {Fact.CATEGORY}
    facts = facts.model_copy(update={"category": Category(name="Sales"), "asked": facts.asked | {Fact.CATEGORY}})
    third = decide_with(ruleset, event, facts, state, "e")
    assert isinstance(third, Decision)
    assert third.actions[0].options["text"] == "Sales 1"


def test_a_rung_s_own_text_may_ask_after_the_award() -> None:
    rules = "counters: {s: {per: author, ladder: [{at: 1, then: [reply: 'Hi {{author.name}}']}]}}\nrules: [{name: r, add_points: {s: 1}}]"
    ruleset, event, state = load_text(rules), Event.model_validate(BARE), MemoryState()
    waiting = decide_with(ruleset, event, Facts(), state, "e")
    assert isinstance(waiting, Needs)
    assert waiting.facts == {Fact.AUTHOR}
    facts = Facts(author=Record(username="wren"), asked=frozenset({Fact.AUTHOR}))
    found = decide_with(ruleset, event, facts, state, "e")
    assert isinstance(found, Decision)
    assert [one.options.get("text") for one in found.actions] == [None, "Hi wren"]


def test_tentative_decisions_award_and_mark_nothing() -> None:
    ruleset, state = load_text(MANY), Noting()
    found = decide_with(ruleset, make_event({}), NOTHING_MORE, state, "e", tentative=True)
    assert isinstance(found, Decision)
    assert state.calls == ["observe", "points"]
    assert [one.action for one in found.actions] == ["add_points", "add_points", "reply"]


SHADOW = STRIKES.replace("name: four,", "name: four, mode: shadow,")


def test_shadow_awards_to_counters_of_its_own_and_sees_the_live_ones() -> None:
    rules = (
        SHADOW
        + "  - {name: live, points: {strikes: '>= 4'}, reply: live}\n  - {name: trial, mode: shadow, points: {strikes: '>= 5'}, reply: trial}\n"
    )
    ruleset, state = load_text(rules), MemoryState()
    told = []
    for number, body in enumerate(["worse", "bad", "quiet"]):
        found = decide_with(ruleset, make_event({"body": body}, number=number), NOTHING_MORE, state, f"e{number}")
        assert isinstance(found, Decision)
        told.append([(one.rule, one.action, one.mode) for one in found.actions])
    assert told == [
        [("four", "add_points", "shadow"), ("four", "add_to_group", "shadow")],
        [("one", "add_points", "live"), ("one", "message", "live")],
        [("trial", "reply", "shadow")],
    ]


def test_examples_are_judged_as_the_first_event_ever() -> None:
    rules = "name: r\ncount: {of: post, by: author, within: 1 day, is: '%s'}\nexamples: {%s: [anything]}\nhold: true\n"
    assert load_text(rules % ("= 1", "match")).rules
    assert load_text(rules % (">= 2", "no_match")).rules


def test_a_rule_on_hold_counts_for_real_and_awards_on_trial() -> None:
    rules = "counters: {s: {per: author, ladder: [{at: 1, then: [lock]}]}}\nrules: [{name: r, mode: hold, count: {of: post, by: author, within: 1 day, is: '>= 2'}, add_points: {s: 1}}]"
    ruleset, state = load_text(rules), MemoryState()
    decide_with(ruleset, make_event({}, number=1), NOTHING_MORE, state, "e1")
    found = decide_with(ruleset, make_event({}, number=2), NOTHING_MORE, state, "e2")
    assert isinstance(found, Decision)
    assert [(one.action, one.mode) for one in found.actions] == [
        ("hold", "live"),
        ("notify_moderators", "live"),
        ("add_points", "hold"),
        ("lock", "hold"),
    ]


AT_LEAST = [
    ("'>= 5'", True),
    ("'> 5'", None),
    ("'> 4'", True),
    ("'< 5'", False),
    ("'< 9'", None),
    ("'<= 5'", None),
    ("'= 5'", None),
    ("'= 4'", False),
    ("'!= 4'", True),
    ("'!= 9'", None),
    ("'1..9'", None),
    ("'1..4'", False),
]


@pytest.mark.parametrize(("comparison", "verdict"), AT_LEAST)
def test_where_more_may_have_been_a_count_is_told_only_if_it_is_the_same(comparison: str, verdict: bool | None) -> None:
    ruleset = load_text(counting(f"count: {{of: post, by: author, within: 1 day, is: {comparison}}}"))
    told = decided(ruleset, make_event({}), MemoryState(), "e").remembered
    assert told is not None
    many = told.model_copy(update={"counts": dict.fromkeys(told.counts, Number(number=5, at_least=True))})
    found = decide(ruleset, make_event({}), NOTHING_MORE.model_copy(update={"remembered": many}), explain=True)
    assert isinstance(found, Decision)
    assert found.trace[0].verdict is verdict
    assert found.trace[0].checks[0].why.startswith("5 or more of post")


HAPPENINGS = [
    ({"type": "topic.created", "id": "a", "post": {"id": 7}}, "created post 7"),
    ({"type": "post.created", "id": "b", "post": {"id": 7}}, "created post 7"),
    ({"type": "post.created", "id": "c", "post": {"id": 8}}, "created post 8"),
    ({"type": "post.updated", "id": "d", "post": {"id": 7}}, "given"),
    ({"type": "post.created", "post": {"id": 7}}, "given"),  # a line without an id is a happening of its own
]


@pytest.mark.parametrize(("event", "expected"), HAPPENINGS)
def test_a_new_topic_and_its_first_post_are_one_happening(event: Written, expected: str) -> None:
    assert happening_of(make_event(event), "given") == expected


EVERYTHING = (
    MANY
    + """
  - {name: e, count: {of: link, by: domain, within: 1 minute, is: ">= 2"}, cooldown: 10 seconds, reply: "{{link.url}} {{count}}"}
  - {name: f, event: [created, edited], count: {of: edit, by: [author, topic], within: 1 minute, is: ">= 2", where: {body: edited}}, add_points: {s: -1}}
  - {name: g, mode: shadow, count: {of: post, by: author, distinct: body, within: 30 seconds, is: ">= 2"}, points: {s: ">= 1"}, add_points: {t: 2}}
  - {name: h, type: reply, count: {of: topic, by: author, within: 1 hour, is: "< 2"}, notify_moderators: "{{points.t}}", once: per topic 20 seconds}
  - {name: i, body: edited, delete: true}
  - {name: j, count: {of: post, by: author, within: 1 minute, is: ">= 1", kept: true}, notify_moderators: "{{count}}"}
  - {name: k, type: user, event: [joined, group_changed], notify_moderators: "{{author.name}}"}
"""
)

HAPPENED = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["post.created", "topic.created", "post.updated", "user.created", "user.updated"]),
        "at": st.integers(0, 90).map(lambda second: f"{second} seconds"),
        "author": st.sampled_from([{"id": 1, "name": "ann"}, {"id": 2, "name": "bo"}, {"id": None, "name": None}]),
    },
    optional={"body": st.sampled_from(["edited", "http://a.example http://b.example/x", "www.a.example/y", ""])},
)


def made(scenes: list[Written]) -> list[Event]:
    fitting = [
        {key: value for key, value in one.items() if key != "body" or "user" not in one["type"]} for one in scenes
    ]
    return [make_event(scene, number=number) for number, scene in enumerate(fitting)]


def decided(ruleset: Ruleset, event: Event, state: MemoryState, event_id: str, facts: Facts = NOTHING_MORE) -> Decision:
    found = decide_with(ruleset, event, facts, state, event_id, explain=True)
    assert isinstance(found, Decision)
    return found


@given(st.lists(HAPPENED, min_size=1, max_size=12))
@settings(max_examples=60, deadline=None)
def test_the_snapshot_decides_the_same_without_any_state(scenes: list[Written]) -> None:
    ruleset, state = load_text(EVERYTHING), MemoryState()
    for number, event in enumerate(made(scenes)):
        found = decided(ruleset, event, state, f"e{number}")
        snapshot = NOTHING_MORE.model_copy(update={"remembered": found.remembered})
        assert decide(ruleset, event, snapshot, explain=True) == found
        stored = Facts.model_validate_json(snapshot.model_dump_json(by_alias=True, exclude_none=True))
        assert decide(ruleset, event, stored, explain=True) == found
        assert Decision.model_validate_json(found.model_dump_json()) == found
        assert decide_with(ruleset, event, snapshot, Untouchable(), f"e{number}", explain=True) == found


@given(st.lists(HAPPENED, min_size=1, max_size=12), st.data())
@settings(max_examples=60, deadline=None)
def test_a_retry_decides_the_same_and_changes_nothing_for_others(scenes: list[Written], data: st.DataObject) -> None:
    ruleset, events = load_text(EVERYTHING), made(scenes)
    plain, repeated = MemoryState(), MemoryState()
    for number, event in enumerate(events):
        first = decided(ruleset, event, plain, f"e{number}")
        for _ in range(data.draw(st.integers(1, 3))):
            assert decided(ruleset, event, repeated, f"e{number}") == first


@given(st.lists(HAPPENED, min_size=1, max_size=10))
@settings(max_examples=40, deadline=None)
def test_counts_are_the_same_when_every_event_comes_again_later(scenes: list[Written]) -> None:
    ruleset, events, state = load_text(EVERYTHING), made(scenes), MemoryState()
    told = [decided(ruleset, event, state, f"e{number}").remembered for number, event in enumerate(events)]
    again = [decided(ruleset, event, state, f"e{number}").remembered for number, event in enumerate(events)]
    assert [one and (one.counts, one.awards) for one in told] == [one and (one.counts, one.awards) for one in again]
