"""A new rule's window is filled from stored events, so it starts warm (rule-language.md, section 7)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from rules.decision import Decision
from rules.event import Author, Event, Post
from rules.facts import NOTHING_MORE, Facts
from rules.remember import decide_with, happening_of
from rules.ruleset import Ruleset, load_text
from rules.samples import make_event
from service.kept import LOG
from tests.workers.past import QUIET, Past, Written, number
from tests.world import World
from workers import warming
from workers.state import RedisState
from workers.warming import Warming

Build = Callable[..., World]
FLOOD = """\
name: flood
count: {of: post, by: author, within: 1 day, is: ">= 6"}
moderators_exempt: false
lock: true
"""


def counting(spec: str) -> str:
    return f"name: r\ncount: {{{spec}, within: 1 day, is: '>= 1'}}\nnotify_moderators: '{{{{count}}}}'\n"


BY_AUTHOR = counting("of: post, by: author")


def test_a_flood_rule_added_after_five_posts_fires_on_the_sixth(world: Build) -> None:
    w = world(QUIET)
    for n in range(5):
        w.post(f"post {n}", username="pip")
    w.run()
    w.rules_file.write_text(FLOOD, encoding="utf-8")
    w.clock.advance(3)
    w.post("the sixth", username="pip")
    w.run()
    assert w.topic(501)["locked"] is True
    assert w.outcomes() == [("lock", "done")]


def test_what_the_bot_wrote_itself_is_left_out(world: Build) -> None:
    w = world(QUIET)
    for n in range(5):
        w.post(f"post {n}", username="modbot")
    w.run()
    w.rules_file.write_text(FLOOD.replace("by: author", "by: site"), encoding="utf-8")
    w.clock.advance(3)
    w.post("the first of a member", username="pip")
    w.run()
    assert w.outcomes() == []


STORED: list[tuple[str, str, list[Written], str]] = [
    ("posts of the same author", BY_AUTHOR, [{}, {}, {"author": {"id": 102}}], "3"),
    ("what is older than the window is outside", BY_AUTHOR, [{"at": 1}, {}], "2"),
    ("edits do not count", BY_AUTHOR, [{"type": "post.updated"}], "1"),
    ("links are summed", counting("of: link, by: author"), [{"body": "http://a.example www.b.example"}], "2"),
    ("where holds", counting("of: post, by: author, where: {body: x}"), [{"body": "x"}, {"body": "y"}], "1"),
    ("different values", counting("of: post, by: author, distinct: topic"), [{"topic": {"id": 7}}, {}], "2"),
    ("a key that is not known is left out", counting("of: post, by: ip"), [{"author": {"ip": None}}, {}], "2"),
    (
        "texts that are alike",
        BY_AUTHOR.replace("count: {of: post, by: author", "duplicate: {of: body, by: site, similar: 90%"),
        [{}, {"body": "Nothing out of the ordinary hers."}, {"body": "Something else altogether, and long."}],
        "3",
    ),
    ("a rule in shadow has windows of its own, warm as well", BY_AUTHOR + "mode: shadow\n", [{}, {}], "3"),
]


@pytest.mark.parametrize(("_", "rules", "events", "expected"), STORED, ids=[one[0] for one in STORED])
def test_what_was_stored_is_counted(redis: Redis, _: str, rules: str, events: list[Written], expected: str) -> None:
    past = Past(redis)
    for event in events:
        past.decided(event)
    assert past.told(rules, {"body": "Nothing out of the ordinary here."}) == expected


def test_the_facts_that_were_looked_up_then_are_used(redis: Redis) -> None:
    past, rules = Past(redis), counting("of: post, by: ip")
    found = NOTHING_MORE.model_copy(update={"author": Author(ip_address="192.0.2.10")})
    past.decided({"author": {"ip": None}}, facts=found)
    past.decided({"author": {"ip": None}}, facts=Facts())
    assert past.told(rules) == "2"


def test_what_was_confirmed_counts_as_the_forum_told_it(redis: Redis) -> None:
    past = Past(redis)
    forged, gone = {"post": {"id": 9}}, {"post": {"id": 10}}
    by_another = Facts(post=Post(post_id=9, author=Author(user_id=102)), asked=NOTHING_MORE.asked)
    past.decided(forged, facts=by_another, confirm=True)
    past.decided(gone, facts=NOTHING_MORE, confirm=True)
    assert past.told(BY_AUTHOR) == "1"
    assert past.live(load_text(BY_AUTHOR), {"author": {"id": 102}}) == "2"


def test_other_forums_ignored_and_unreadable_events_are_left_out(redis: Redis, caplog: Any) -> None:
    past = Past(redis)
    Past(redis, forum="other").decided({})
    broken, gone = past.decided({}), past.decided({})
    redis.hset(f"modbot:event:{broken.id}", "event", "{")
    redis.delete(f"modbot:event:{gone.id}")
    assert past.told(BY_AUTHOR) == "1"
    assert [one.message for one in caplog.records if one.levelno >= logging.ERROR] == ["unreadable event record"]


KEPT = counting("of: post, by: author, kept: true")
DELETED: list[tuple[str, str, str, list[Written], str]] = [
    ("stays out", "live", KEPT, [{"body": "casino"}, {}], "2"),
    ("counts where that is not asked for", "live", BY_AUTHOR, [{"body": "casino"}, {}], "3"),
    ("is out for rules on trial too", "live", KEPT + "mode: shadow\n", [{"body": "casino"}, {}], "2"),
    ("on trial alone, counts for live rules", "shadow", KEPT, [{"body": "casino"}, {}], "3"),
    ("on trial alone, is out on trial", "shadow", KEPT + "mode: shadow\n", [{"body": "casino"}, {}], "2"),
    (
        "when it was edited, never was",
        "live",
        KEPT,
        [{"post": {"id": 7}}, {}, {"type": "post.updated", "post": {"id": 7}, "body": "casino"}],
        "2",
    ),
]


@pytest.mark.parametrize(("_", "mode", "rules", "events", "expected"), DELETED, ids=[one[0] for one in DELETED])
def test_what_was_deleted(redis: Redis, _: str, mode: str, rules: str, events: list[Written], expected: str) -> None:
    past = Past(redis, f"name: spam\nbody: casino\nmode: {mode}\ndelete: true\n")
    for event in events:
        past.decided(event)
    assert past.told(rules) == expected


def test_filling_again_and_beside_live_traffic_counts_once(redis: Redis) -> None:
    past, ruleset = Past(redis), load_text(BY_AUTHOR)
    records = [past.decided({}) for _ in range(3)]
    state = RedisState(redis, "main")
    late = records[0]
    decide_with(ruleset, late.event, NOTHING_MORE, state, happening_of(late.event, late.happening))
    Warming(redis).fill("main", ruleset)
    redis.delete("modbot:state:main:warm")
    assert past.told(ruleset) == "4"


def test_two_workers_at_once_and_one_of_them_fills(redis: Redis, caplog: Any) -> None:
    past, ruleset = Past(redis), load_text(BY_AUTHOR)
    for _ in range(150):
        past.decided({})
    caplog.set_level(logging.INFO, logger="workers.warming")
    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda _: Warming(redis).fill("main", ruleset), range(2)))
    fewer, most = sorted(one.events for one in caplog.records)
    assert most == 150
    assert fewer < 5  # it catches up from the millisecond in which the other began
    assert past.live(ruleset) == "151"


def test_a_window_that_is_warm_is_not_filled_again(redis: Redis) -> None:
    past = Past(redis)
    past.decided({})
    assert past.told(BY_AUTHOR) == "2"
    for key in redis.scan_iter("modbot:state:main:[ew]*:*"):
        redis.delete(key)
    assert past.told(BY_AUTHOR) == "1", "what was lost is not brought back"
    assert past.told(BY_AUTHOR + "---\n" + counting("of: reply, by: author").replace("name: r", "name: s")) == "2"


def test_a_worker_that_had_the_old_rules_for_longer_catches_up(redis: Redis) -> None:
    past, ruleset = Past(redis), load_text(BY_AUTHOR)
    assert past.told(ruleset) == "1"
    past.decided({})  # by a worker that has not seen the new rule
    assert past.live(ruleset) == "2"
    assert past.told(ruleset) == "4"


def test_a_rule_that_comes_back_is_filled_anew(redis: Redis) -> None:
    past = Past(redis)
    assert past.told(BY_AUTHOR) == "1"
    Warming(redis).fill("main", load_text(QUIET))
    past.decided({})
    assert redis.exists("modbot:state:main:warm") == 0
    assert past.told(BY_AUTHOR) == "3"


def test_a_process_asks_redis_once_for_the_same_windows(redis: Redis) -> None:
    warm, ruleset = Warming(redis), load_text(BY_AUTHOR)
    warm.fill("main", ruleset)
    redis.config_resetstat()
    warm.fill("main", load_text(BY_AUTHOR))
    assert int(redis.info("stats")["total_commands_processed"]) <= 2


def test_the_newest_events_come_first_and_the_number_is_bounded(redis: Redis, monkeypatch: Any, caplog: Any) -> None:
    monkeypatch.setattr(warming, "MOST_EVENTS", 150)
    past = Past(redis)
    for n in range(250):
        past.decided({"topic": {"id": n // 50}})
    rules = counting("of: post, by: author, distinct: topic")
    assert past.told(rules, {"topic": {"id": 4}}) == "4", "two pages: the newest 200, in four of five topics"
    assert "windows filled from the newest stored events alone" in caplog.messages


def test_the_time_is_bounded(redis: Redis, caplog: Any) -> None:
    past, ruleset = Past(redis), load_text(BY_AUTHOR)
    for _ in range(150):
        past.decided({})
    ticks = count(0, 3)
    Warming(redis, lambda: next(ticks)).fill("main", ruleset)
    assert past.live(ruleset) == "101"
    assert "windows filled from the newest stored events alone" in caplog.messages


def test_what_is_noted_is_bounded_and_expires(redis: Redis) -> None:
    for n in range(5):
        Warming(redis).fill("main", load_text(counting(f"of: post, by: author, where: {{body: w{n}}}")))
    Warming(redis).fill("main", load_text(BY_AUTHOR))
    assert redis.zcard("modbot:state:main:warm") == 1
    assert [redis.ttl(key) > 0 for key in redis.scan_iter("modbot:state:*")] == [True]
    assert redis.exists(LOG) == 0


EVERYTHING = """
rules:
  - {name: a, count: {of: post, by: author, within: 1 minute, is: ">= 1"}, notify_moderators: "a {{count}}"}
  - {name: b, count: {of: link, by: domain, within: 40 seconds, is: ">= 1"}, notify_moderators: "b {{count}}"}
  - name: c
    count: {of: post, by: site, distinct: body, within: 30 seconds, is: ">= 1", kept: true}
    notify_moderators: "c {{count}}"
  - {name: d, duplicate: {of: body, by: site, within: 1 minute, is: ">= 1", similar: 80%}, reply: "d {{count}}"}
  - name: e
    mode: shadow
    event: created
    count: {of: edit, by: author, within: 1 minute, is: ">= 0"}
    notify_moderators: "e {{count}}"
"""
BODIES = [
    "see www.a.example and www.b.example",
    "see www.a.example/x and nothing",
    "casino casino casino casino",
    "quiet",
]
HAPPENED = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["post.created", "topic.created", "post.updated"]),
        "at": st.integers(0, 80).map(lambda second: 1_767_268_800 + second),
        "author": st.sampled_from([{"id": 1, "name": "ann"}, {"id": 2, "name": "bo"}]),
        "body": st.sampled_from(BODIES),
    }
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=st.lists(HAPPENED, max_size=8), data=st.data())
def test_filled_windows_are_as_if_the_rules_had_always_been_there(
    redis: Redis, events: list[Written], data: st.DataObject
) -> None:
    redis.flushall()
    spam = "  - {name: spam, event: [created, edited], body: casino, delete: true}\n"
    always, later = load_text(EVERYTHING + spam), load_text(EVERYTHING)
    past, state = Past(redis, f"rules:\n{spam}"), RedisState(redis, "always")
    for written in events:
        record = past.decided(written)
        decide_with(always, record.event, NOTHING_MORE, state, happening_of(record.event, record.happening))
    logged = [str(fields["event"]) for _, fields in cast("list[tuple[str, dict[str, str]]]", redis.xrange(LOG))]
    redis.delete(LOG)
    for event_id in data.draw(st.permutations(logged)):
        redis.xadd(LOG, {"event": event_id})
    Warming(redis).fill("main", later)
    last = make_event({"at": 1_767_268_880, "author": {"id": 1}, "body": BODIES[0]}, number=next(number))
    assert texts(later, last, RedisState(redis, "main")) == texts(always, last, state)


def texts(ruleset: Ruleset, event: Event, state: RedisState) -> list[tuple[str, Any]]:
    found = decide_with(ruleset, event, NOTHING_MORE, state, "last")
    assert isinstance(found, Decision)
    return [(one.rule, one.options) for one in found.actions]
