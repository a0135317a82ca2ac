"""From a webhook to the forum's state, through every stage, in one World."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
from rq.timeouts import JobTimeoutException

from rules.decision import PlannedAction, Target
from rules.event import Event
from service.dead_letters import DeadLetters
from service.forums import PLATFORMS
from service.queue import EVALUATE
from tests.world import World
from workers.act import act
from workers.evaluate import evaluate

Build = Callable[..., World]

SPAM = """\
name: no casino
body: casino
then: [delete, message: "No casino here, {{author.name}}."]
"""


PLAIN = "name: no casino\nbody: casino\nmoderators_exempt: false\ndelete: true\n"
"""A rule that needs no look-up."""


def rule(actions: str, check: str = "body: trigger", extra: str = "") -> str:
    return f"name: the rule\n{extra}\n{check}\nmoderators_exempt: false\nthen: {actions}\n"


def test_a_post_that_a_rule_deletes_is_gone_and_its_author_is_told_why(world: Build) -> None:
    w = world(SPAM)
    post = w.post("free casino", username="pip")
    w.run()
    assert post not in w.posts()
    (said,) = w.state["messages"]
    assert "No casino here, pip." in said["message"]
    assert w.outcomes() == [("delete", "done"), ("message", "done")]


def test_a_post_that_no_rule_matches_costs_no_call(world: Build) -> None:
    w = world(SPAM)
    w.post("a quiet word")
    w.run()
    assert w.calls() == {}
    assert w.log()[0].state == "done"


TOPIC_ACTIONS: list[tuple[str, str, Any, Any]] = [
    ("lock", "locked", False, True),
    ("pin", "pinned", False, True),
    ("{retitle: 'A new title'}", "title", "A quiet corner", "A new title"),
    ("{move: Marketplace}", "categoryId", 1, 2),
    ("{move: 3}", "categoryId", 1, 3),
]


@pytest.mark.parametrize(("action", "key", "before", "after"), TOPIC_ACTIONS)
def test_actions_on_the_topic_of_a_reply(world: Build, action: str, key: str, before: Any, after: Any) -> None:
    w = world(rule(f"[{action}]"))
    assert w.topic(501)[key] == before
    w.post("trigger")
    w.run()
    assert w.topic(501)[key] == after


@pytest.mark.parametrize(("first", "second", "key"), [("lock", "unlock", "locked"), ("pin", "unpin", "pinned")])
def test_what_one_rule_sets_another_takes_back(world: Build, first: str, second: str, key: str) -> None:
    text = rule(f"[{first}]", "body: begin").replace("the rule", "a") + "---\n" + rule(f"[{second}]", "body: end")
    w = world(text)
    w.post("begin", username="ann")
    w.run()
    assert w.topic(501)[key] is True
    w.post("end", username="ann")
    w.run()
    assert w.topic(501)[key] is False


def test_hold_puts_a_post_before_the_moderators_and_approve_lets_it_through(world: Build) -> None:
    w = world(rule("[hold]", "body: doubtful").replace("the rule", "a") + "---\n" + rule("[approve]", "pending: true"))
    doubtful, waiting = w.post("doubtful"), w.post("fine", pending=True)
    w.run()
    assert w.posts()[doubtful]["pending"] is True
    assert w.posts()[waiting]["pending"] is False


def test_groups_are_named_by_title_or_id(world: Build) -> None:
    w = world(rule("[{add_to_group: Muted}, {add_to_group: 6}, {remove_from_group: Members}]"))
    w.post("trigger", username="pip")
    w.run()
    assert sorted(w.groups("pip")) == ["Muted", "Review"]


def test_a_reply_and_a_note_to_the_moderators(world: Build) -> None:
    w = world(rule("[{reply: 'Please read the rules.'}, {notify_moderators: 'Look at {{author.name}}'}]"))
    w.post("trigger", username="pip")
    w.run()
    assert [p["author"]["username"] for p in w.posts().values() if "Please read" in p["message"]] == ["modbot"]
    (talk,) = w.state["conversations"]
    assert {person["user"]["username"] for person in talk["participants"]} >= {"ann", "bo"}


def test_a_group_that_does_not_exist_is_refused_with_its_name_and_not_tried_again(world: Build) -> None:
    w = world(rule("[{add_to_group: Nobody}]"))
    w.post("trigger")
    w.run()
    assert w.outcomes() == [("add_to_group", "refused")]
    (key,) = w.redis.keys("modbot:action:*")
    assert "Nobody" in str(w.redis.hget(key, "error"))


def test_a_redelivered_webhook_changes_nothing(world: Build) -> None:
    w = world(SPAM)
    webhook = w.happen("post.created", username="pip", topicId=501, message="casino")
    w.deliver(webhook)
    w.run()
    before, calls = w.state, w.calls()
    assert w.deliver(webhook)["status"] == "duplicate"
    w.run()
    assert (w.state, w.calls()) == (before, calls)


def test_an_edit_is_judged_again_but_a_message_goes_out_once_per_item_and_rule(world: Build) -> None:
    w = world(SPAM.replace("delete, ", ""))
    post = w.post("casino")
    w.run()
    w.clock.advance(60)
    w.deliver(w.happen("post.updated", postId=post, message="casino, again"))
    w.run()
    assert len(w.log()) == 2
    assert len(w.state["messages"]) == 1


def test_a_text_that_was_joined_into_another_is_not_sent_again_by_itself(world: Build) -> None:
    one = "name: one\nbody: casino\nmessage: No casino.\n"
    two = "name: two\nbody: poker\nmessage: No poker.\n"
    w = world(f"{one}---\n{two}")
    post = w.post("casino and poker")
    w.run()
    w.deliver(w.happen("post.updated", postId=post, message="poker"))
    w.run()
    (said,) = w.state["messages"]
    assert said["message"] == "No casino.<br><br>No poker."
    for key in w.redis.keys("modbot:action:*"):
        assert w.context.ledger.claim(key.removeprefix("modbot:action:")) == "final"


def test_a_topic_and_its_first_post_are_one_happening(world: Build) -> None:
    w = world("name: greet\ntype: topic\ntitle: hello\nthen: [{reply: Welcome}]\n")
    topic = w.happen("topic.created", username="pip", title="hello", message="hi", categoryId=1)
    thing = topic["data"]["object"]
    w.deliver(topic)
    first = next(p for p in w.state["posts"] if p["postId"] == thing["firstPostId"])
    w.deliver({"api_version": "1", "type": "post.created", "data": {"object": first}})
    w.run()
    assert len([p for p in w.posts().values() if p["author"]["username"] == "modbot"]) == 1


def test_the_bot_s_own_content_triggers_nothing(world: Build) -> None:
    w = world(SPAM)
    w.post("casino", username="modbot")
    w.run()
    assert w.calls() == {}
    assert {w.redis.hget(key, "state") for key in w.redis.keys("modbot:event:*")} == {"ignored"}


def test_moderators_are_exempt_from_what_restricts(world: Build) -> None:
    text = "settings: {moderators: {groups: [Staff]}}\nrules:\n  - {name: no casino, body: casino, then: [delete]}\n"
    w = world(text)
    post = w.post("casino", username="ann")
    w.run()
    assert post in w.posts()


NEWCOMER = "name: newcomer links\nlink_count: '> 0'\nauthor: {account_age: '< 7 days'}\nthen: [hold]\n"


def test_a_fact_is_looked_up_only_when_the_verdict_depends_on_it_and_then_once(world: Build) -> None:
    w = world(NEWCOMER)
    w.post("no link here", username="pip")
    w.run()
    assert w.calls() == {}
    one, two = (w.post("see http://shop.example", username="pip") for _ in range(2))
    w.run()
    assert w.calls()["GET /api/users/{userId}"] == 1
    assert w.posts()[one]["pending"] is w.posts()[two]["pending"] is True


def test_how_long_a_topic_slept_is_asked_last_and_only_if_all_else_holds(world: Build) -> None:
    w = world("name: woken\ntype: reply\nevent: created\ntopic: {title: corner, idle: '> 1 hour', lock: true}\n")
    w.post("hello", topic=502)
    w.run()
    assert w.calls() == {"GET /api/topics/{topicId}": 1}
    w.post("hello", topic=501)
    w.run()
    assert w.topic(501)["locked"] is True
    assert w.calls()["GET /api/posts"] == 1


def test_a_member_who_is_gone_makes_a_rule_unknown_and_nothing_is_done(world: Build) -> None:
    w = world(NEWCOMER)
    webhook = w.happen("post.created", username="pip", topicId=501, message="see http://shop.example")
    webhook["data"]["object"]["author"] = {"userId": 999, "username": "ghost"}
    w.deliver(webhook)
    w.run()
    assert w.log()[0].unknown == ("newcomer links",)
    assert w.log()[0].actions == ()


def test_an_unsigned_delivery_is_confirmed_before_anything_is_deleted(world: Build) -> None:
    w = world(SPAM.replace(', message: "No casino here, {{author.name}}."', ""))
    innocent = w.post("a quiet word")
    w.run()
    forged = w.happen("post.updated", postId=innocent, message="a quiet word")
    forged["data"]["object"]["message"] = "casino"
    w.deliver(forged, secret=None)
    guilty = w.happen("post.created", username="pip", topicId=501, message="casino")
    w.deliver(guilty, secret=None)
    w.run()
    assert innocent in w.posts()
    assert guilty["data"]["object"]["postId"] not in w.posts()
    assert w.calls()["GET /api/posts"] == 1, "both are read in one call"


def test_a_forged_author_is_not_believed(world: Build) -> None:
    w = world(rule("[{add_to_group: Banned}]", "body: casino"))
    webhook = w.happen("post.created", username="pip", topicId=501, message="casino")
    webhook["data"]["object"]["author"] = {"userId": 101, "username": "wren"}
    w.deliver(webhook, secret=None)
    w.run()
    assert "Banned" not in w.groups("wren")
    assert "Banned" in w.groups("pip")


FLOOD = """\
name: flood
count: {of: post, by: author, within: 10 minutes, is: ">= 3"}
moderators_exempt: false
then: [{add_to_group: Muted}]
"""


def test_a_flood_is_counted_over_events_and_a_redelivery_counts_once(world: Build) -> None:
    w = world(FLOOD)
    webhook = w.happen("post.created", username="wren", topicId=501, message="one")
    w.deliver(webhook)
    w.deliver(webhook)
    w.post("two", username="wren")
    w.run()
    assert "Muted" not in w.groups("wren")
    w.post("three", username="wren")
    w.run()
    assert "Muted" in w.groups("wren")


def test_an_evaluation_that_is_tried_again_counts_and_awards_once(world: Build, monkeypatch: Any) -> None:
    text = """\
counters: {strikes: {per: author, expires: 30 days, ladder: [{at: 2, then: [{add_to_group: Muted}]}]}}
rules: [{name: casino, body: casino, moderators_exempt: false, then: [add_points: {strikes: 1}]}]
"""
    w = world(text)
    failures = iter(range(1))
    write = w.context.store.write

    def fail_once(endings: Any) -> Any:
        if next(failures, None) is not None:
            raise OSError("the worker lost its way")
        return write(endings)

    monkeypatch.setattr(w.context.store, "write", fail_once)
    w.post("casino", username="wren")
    w.run()
    assert "Muted" not in w.groups("wren")
    w.post("casino", username="wren")
    w.run()
    assert "Muted" in w.groups("wren")
    assert w.outcomes() == [("add_points", "done"), ("add_to_group", "done")]


def test_a_forged_delivery_awards_no_points_to_an_innocent_member(world: Build) -> None:
    text = """\
counters: {strikes: {per: author, expires: 30 days, ladder: [{at: 1, then: [{add_to_group: Muted}]}]}}
rules: [{name: casino, body: casino, then: [delete, add_points: {strikes: 1}]}]
"""
    w = world(text)
    post = w.post("a quiet word", username="wren")
    w.run()
    forged = w.happen("post.updated", postId=post, message="a quiet word")
    forged["data"]["object"]["message"] = "casino"
    w.deliver(forged, secret=None)
    w.run()
    assert "Muted" not in w.groups("wren")
    assert post in w.posts()


def test_points_alone_are_confirmed_too(world: Build) -> None:
    text = """\
counters: {strikes: {per: author, expires: 30 days, ladder: [{at: 2, then: [{add_to_group: Muted}]}]}}
rules: [{name: casino, body: casino, moderators_exempt: false, then: [add_points: {strikes: 1}]}]
"""
    w = world(text)
    post = w.post("a quiet word", username="wren")
    w.run()
    forged = w.happen("post.updated", postId=post, message="a quiet word")
    forged["data"]["object"]["message"] = "casino"
    w.deliver(forged, secret=None)
    w.run()
    w.post("casino", username="wren")
    w.run()
    assert "Muted" not in w.groups("wren"), "the forged strike did not count"


@pytest.mark.parametrize("field", ["body", "event", "received_at"])
def test_an_unreadable_record_is_a_dead_letter_and_its_group_is_not(world: Build, field: str) -> None:
    w = world(SPAM)
    broken, good = w.post("casino one"), w.post("casino two")
    for key in w.redis.keys("modbot:event:*"):
        if json.loads(w.redis.hget(key, "body"))["data"]["object"]["postId"] == broken:
            w.redis.hset(key, field, "{")
    w.run()
    assert broken in w.posts()
    assert good not in w.posts()
    (letter,) = DeadLetters(w.redis).all(10)
    assert letter.reason.startswith("unreadable record")
    assert letter.what == {"event": "unreadable"}.get(field, "post.created")


def test_what_a_worker_of_before_could_not_read_is_read_when_it_is_redelivered(
    world: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    w = world(PLAIN)
    post = w.post("casino")
    with monkeypatch.context() as before:
        before.setattr("service.store._delivered", lambda *_: {}["event"])
        w.run()
    (letter,) = DeadLetters(w.redis).all(10)
    assert (letter.cause, letter.what) == ("malformed", "post.created")
    assert DeadLetters(w.redis).redeliver(letter) == 1
    w.run()
    assert post not in w.posts()


def test_a_delivery_that_fits_no_event_is_ignored_with_its_reason_and_its_body(
    world: Build, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "service.store")
    w = world(SPAM)
    body = copy.deepcopy(dict(PLATFORMS["websitetoolbox"].samples["post.created"]))
    body["data"]["object"]["author"]["userId"] = 2**70
    answer = w.deliver(body)
    w.run()
    record = w.redis.hgetall(f"modbot:event:{answer['id']}")
    assert (record["state"], record["reason"]) == ("ignored", "post.created: an id has more than 64 bits")
    assert json.loads(record["body"]) == body
    (line,) = (one for one in caplog.records if one.message == "settled")
    assert (line.event, line.forum, line.outcome) == (answer["id"], "main", "ignored")  # type: ignore[attr-defined]
    assert DeadLetters(w.redis).all(10) == []


@pytest.mark.parametrize("rules", [SPAM, NEWCOMER], ids=["decided at once", "after a look-up"])
def test_a_delivery_is_read_once_and_the_event_kept_in_its_place(
    world: Build, monkeypatch: pytest.MonkeyPatch, rules: str
) -> None:
    platform, reads = PLATFORMS["websitetoolbox"], []
    read = platform.read

    def counted(*given: Any) -> Event:
        reads.append(given)
        return read(*given)

    monkeypatch.setitem(PLATFORMS, "websitetoolbox", replace(platform, read=counted))  # type: ignore[arg-type]
    w = world(rules)
    w.post("see http://shop.example", username="pip")
    w.run()
    (record,) = map(w.redis.hgetall, w.redis.keys("modbot:event:*"))
    assert len(reads) == 1
    assert not {"body", "name", "platform"} & record.keys()
    assert json.loads(record["event"])["author"]["username"] == "pip"


def test_a_look_up_that_fails_in_an_unforeseen_way_ends_as_a_dead_letter(world: Build, monkeypatch: Any) -> None:
    w = world(NEWCOMER)

    def fail(*_: Any, **__: Any) -> Any:
        raise TypeError("unforeseen")

    monkeypatch.setattr(w.context.facts.__class__, "read", fail)
    w.post("see http://shop.example", username="pip")
    w.run()
    (letter,) = DeadLetters(w.redis).all(10)
    assert letter.reason == "look-up failed 5 times: TypeError"


def test_after_a_second_send_the_forum_is_given_its_read_lag_again(world: Build) -> None:
    w = world(SPAM.replace("delete, ", ""))
    w.post("casino")
    w.work()
    (key,) = w.redis.keys("modbot:action:*")
    now = int(w.clock.time())
    sent = {"state": "sent", "owner": "dead", "lease": 0, "first_sent_at": now - 100, "last_sent_at": now - 2}
    w.redis.hset(key, mapping=sent)
    w.redis.hset(w.redis.keys("modbot:event:*")[0], mapping={"open": 1, "state": "planned"})
    before = w.calls()
    act(w.context, key.removeprefix("modbot:action:"))
    assert w.calls() == before, "too early to look"
    assert w.redis.hget(key, "state") == "sent"


def test_shadow_mode_decides_and_logs_and_touches_nothing(world: Build) -> None:
    w = world(SPAM, mode="shadow")
    post = w.post("casino")
    w.run()
    assert post in w.posts()
    assert w.outcomes() == [("delete", "shadow"), ("message", "shadow")]


def test_pause_stops_actions_and_resume_carries_them_out(world: Build) -> None:
    w = world(SPAM)
    w.redis.hset("modbot:paused", "*", "{}")
    post = w.post("casino")
    w.work()
    assert post in w.posts()
    w.redis.delete("modbot:paused")
    w.run()
    assert post not in w.posts()


READ_TIMEOUT = httpx.ReadTimeout("no answer")


def test_a_message_whose_answer_was_lost_is_looked_for_and_not_sent_twice(world: Build) -> None:
    w = world(SPAM.replace("delete, ", ""))
    w.post("casino")
    w.strike("POST /api/conversations", READ_TIMEOUT)
    w.run()
    assert len(w.state["messages"]) == 1
    assert w.outcomes() == [("message", "done")]


def test_a_message_that_surely_did_not_arrive_is_sent_again(world: Build) -> None:
    w = world(SPAM.replace("delete, ", ""))
    w.post("casino")
    w.strike("POST /api/conversations", httpx.ReadTimeout("no answer"), before=True)
    w.run()
    assert len(w.state["messages"]) == 1


def test_a_delete_whose_answer_was_lost_is_done_again_and_finds_it_gone(world: Build) -> None:
    w = world(SPAM)
    post = w.post("casino")
    w.strike("DELETE /api/posts", READ_TIMEOUT)
    w.run()
    assert post not in w.posts()
    assert ("delete", "already_done") in w.outcomes()


def test_a_forum_that_is_away_loses_nothing(world: Build) -> None:
    w = world(SPAM)
    original, failures = w.wire.handle_request, iter(range(6))

    def handle(incoming: httpx.Request) -> httpx.Response:
        if next(failures, None) is not None:
            raise httpx.ConnectError("refused")
        return original(incoming)

    w.wire.handle_request = handle  # type: ignore[method-assign]
    post = w.post("casino")
    w.run()
    assert post not in w.posts()
    assert len(w.state["messages"]) == 1


def test_two_edits_of_one_second_are_both_judged_and_what_was_done_is_not_done_again(world: Build) -> None:
    w = world(SPAM.replace("delete, ", "hold, "))
    post = w.post("fine")
    first = w.happen("post.updated", postId=post, message="fine still")
    w.deliver(first)
    spam = w.happen("post.updated", postId=post, message="casino")
    spam["data"]["object"]["editTimestamp"] = first["data"]["object"]["editTimestamp"]
    w.deliver(spam)
    w.run()
    assert w.posts()[post]["pending"] is True
    w.happen("post.approved", postId=post)
    w.deliver({**spam, "data": {"object": {**spam["data"]["object"], "likeCount": 7}}})
    w.run()
    assert w.posts()[post]["pending"] is False, "a moderator let it through meanwhile"


def test_a_key_that_is_not_accepted_loses_nothing(world: Build) -> None:
    w = world(SPAM)
    original, refusals = w.wire.handle_request, iter(range(3))

    def handle(incoming: httpx.Request) -> httpx.Response:
        if next(refusals, None) is not None:
            return httpx.Response(401, json={"status": "error", "error": {"message": "Unauthorized"}})
        return original(incoming)

    w.wire.handle_request = handle  # type: ignore[method-assign]
    post = w.post("casino")
    w.run()
    assert post not in w.posts()


def test_an_error_without_a_known_cause_is_tried_a_few_times(world: Build) -> None:
    w = world(PLAIN)
    seen: list[str] = []

    def handle(incoming: httpx.Request) -> httpx.Response:
        seen.append(incoming.method)
        return httpx.Response(400, json={"status": "error", "error": {"message": "Something odd"}})

    w.wire.handle_request = handle  # type: ignore[method-assign]
    w.post("casino")
    w.run()
    assert w.outcomes() == [("delete", "refused")]
    assert len(seen) == 5


def test_a_job_that_was_lost_is_woken_again_and_a_job_too_many_does_nothing(world: Build) -> None:
    w = world(SPAM)
    post = w.post("casino")
    w.redis.delete("rq:queue:evaluate")
    w.run()
    assert post not in w.posts()
    calls = w.calls()
    for key in w.redis.keys("modbot:action:*"):
        act(w.context, key.removeprefix("modbot:action:"))
    evaluate(w.context, [key.removeprefix("modbot:event:") for key in w.redis.keys("modbot:event:*")])
    assert w.calls() == calls


def test_a_claim_whose_holder_died_is_taken_over(world: Build) -> None:
    w = world(PLAIN)
    w.post("casino")
    record = w.context.store.begin(EVALUATE, [w.redis.keys("modbot:event:*")[0].removeprefix("modbot:event:")])[0]
    evaluate(w.context, [record.id])
    action = w.redis.hget(f"modbot:event:{record.id}", "actions").split()[0]
    w.redis.hset(f"modbot:action:{action}", mapping={"state": "intent", "owner": "dead", "lease": 10**15})
    w.redis.set("modbot:alive:dead", 1)
    assert w.context.ledger.claim(action) == "busy"
    w.redis.delete("modbot:alive:dead")
    w.run()
    assert w.outcomes()[0] == ("delete", "done")


def test_an_action_whose_claim_was_lost_sends_nothing(world: Build) -> None:
    w = world(PLAIN)
    post = w.post("casino")
    record = w.context.store.begin(EVALUATE, [w.redis.keys("modbot:event:*")[0].removeprefix("modbot:event:")])[0]
    evaluate(w.context, [record.id])
    action = w.redis.hget(f"modbot:event:{record.id}", "actions").split()[0]
    original = w.context.ledger.sent

    def overtaken(claim: Any) -> None:
        w.redis.hincrby(f"modbot:action:{action}", "fence", 1)
        original(claim)

    w.context.ledger.sent = overtaken  # type: ignore[method-assign]
    act(w.context, action)
    assert post in w.posts()


def test_an_event_that_cannot_be_evaluated_is_a_dead_letter_and_its_group_is_not(
    world: Build, monkeypatch: Any
) -> None:
    w = world(SPAM)
    bad, good = w.post("poison casino"), w.post("casino")
    import workers.case as module

    real = module.Deliberation

    def fail_on_poison(rules: Any, event: Any, *rest: Any) -> Any:
        return 1 / 0 if "poison" in event.post.message else real(rules, event, *rest)

    monkeypatch.setattr(module, "Deliberation", fail_on_poison)
    w.run()
    assert bad in w.posts()
    assert good not in w.posts()
    (letter,) = DeadLetters(w.redis).all(10)
    assert "ZeroDivisionError" in letter.reason
    monkeypatch.setattr(module, "Deliberation", real)
    assert DeadLetters(w.redis).redeliver(letter)
    w.run()
    assert bad not in w.posts()
    assert DeadLetters(w.redis).all(10) == []


def test_rules_reload_and_a_bad_change_never_goes_live(world: Build) -> None:
    w = world(SPAM)
    w.rules_file.write_text(SPAM.replace("casino\n", "poker\n"), encoding="utf-8")
    w.clock.advance(3)
    kept, gone = w.post("casino"), w.post("poker")
    w.run()
    assert kept in w.posts()
    assert gone not in w.posts()
    w.rules_file.write_text("name: broken\nbdy: x\ndelete: true\n", encoding="utf-8")
    w.clock.advance(3)
    gone = w.post("poker")
    w.run()
    assert gone not in w.posts()


def test_an_approval_that_the_forum_ignores_is_reported_as_refused(world: Build) -> None:
    w = world(rule("[approve]", "pending: true"))
    w.post("fine", pending=True)
    verb = w.context.forums.at("main", "bulk")
    assert verb.approve(Target(kind="post", id=9001)) is not None
    w.run()
    assert w.outcomes() == [("approve", "done")]


def test_a_plan_is_made_once(world: Build) -> None:
    w = world(PLAIN)
    w.post("casino")
    (key,) = w.redis.keys("modbot:event:*")
    record = w.context.store.begin(EVALUATE, [key.removeprefix("modbot:event:")])[0]
    evaluate(w.context, [record.id])
    from rules.decision import Decision
    from service.store import plan_steps

    other = PlannedAction(action="lock", rule="x", target=Target(kind="topic", id=501), slot="lock")
    steps = plan_steps(record, [other])
    store = w.context.store
    assert store.write([store.plan(record, Decision(digest="d", actions=(other,)), steps)]) == [-1]
    w.run()
    assert w.topic(501)["locked"] is False


def test_an_action_whose_job_always_runs_out_of_time_is_given_up_after_a_day(
    world: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    w = world(PLAIN)
    w.post("casino")

    def hang(*_: object, **__: object) -> None:
        raise JobTimeoutException("30 s are over")

    with monkeypatch.context() as patch:
        patch.setattr("service.forums.http.ForumApi.call", hang)
        w.run(most_sweeps=20, within=60)
        w.clock.advance(25 * 3600)
        w.run()
    (letter,) = DeadLetters(w.redis).all(10)
    assert letter.reason == "given up after a day: JobTimeoutException (the log has its traceback)"


def test_an_event_whose_look_up_always_runs_out_of_time_is_a_dead_letter(
    world: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    w = world(NEWCOMER)
    w.post("see http://shop.example")

    def hang(*_: object, **__: object) -> None:
        raise JobTimeoutException("30 s are over")

    monkeypatch.setattr("service.forums.http.ForumApi.call", hang)
    w.run()
    (letter,) = DeadLetters(w.redis).all(10)
    assert (letter.cause, letter.reason) == ("timeout", "look-up failed 5 times: JobTimeoutException")


def test_what_fails_for_a_whole_group_makes_no_event_of_it_be_tried_for_ever(
    world: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    w = world(PLAIN)
    for _ in range(3):
        w.post("casino")
    module = "workers.live_rules.LiveRules.current"
    monkeypatch.setattr(module, lambda *_: 1 / 0)
    w.run()
    letters = DeadLetters(w.redis).all(10)
    assert [letter.cause for letter in letters] == ["rule_error"] * 3
    assert w.redis.zcard("modbot:due") == 0
