"""Order and races: whose turn it is, late and reordered webhooks, an edit or a moderator's word after a decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.queue import EVALUATE, URGENT
from tests.world import World, open_world
from workers.act import act

Build = Callable[..., World]

COMMANDS = """\
name: pins
body: please pin
moderators_exempt: false
topic: {pin: true}
---
name: unpins
body: please unpin
moderators_exempt: false
topic: {pin: false}
"""

SPAM = "name: no casino\nbody: casino\nmoderators_exempt: false\n"
DELETES = f"{SPAM}delete: true\n"
BANS = f"{SPAM}then: [delete, {{add_to_group: Banned}}]\n"
LOOK = 11 * 60
READ_POSTS, READ_POST = "GET /api/posts", "GET /api/posts/{postId}"


def planned(world: World) -> list[str]:
    """The ids of the actions that are not final, the earliest planned first."""
    found = [(key, world.redis.hget(key, "planned_at")) for key in world.redis.keys("modbot:action:*")]
    rows = [(str(at), key.removeprefix("modbot:action:")) for key, at in found]
    return [id_ for _, id_ in sorted(rows) if world.redis.hget(f"modbot:action:{id_}", "state") == "planned"]


def outcomes(world: World) -> list[tuple[str, str]]:
    """Each action with its outcome, the oldest decision first."""
    return [(one["action"], one["outcome"]) for entry in reversed(world.log()) for one in entry.actions]


def sets_later(world: World, first: str, second: str) -> None:
    """Two members' commands in one topic, decided, and nothing done yet."""
    world.post(first)
    world.clock.advance(2)
    world.post(second)
    world.work(EVALUATE)


# Whose turn it is.


def test_a_later_action_waits_for_an_earlier_one_that_sets_the_same_thing(world: Build) -> None:
    w = world(COMMANDS)
    sets_later(w, "please pin", "please unpin")
    pin, unpin = planned(w)
    assert act(w.context, unpin) == "behind"
    assert act(w.context, pin) is None
    assert act(w.context, unpin) is None
    assert w.topic(501)["pinned"] is False


def test_it_waits_as_well_while_the_earlier_one_is_tried_again(world: Build) -> None:
    w = world(COMMANDS)
    w.strike("POST /api/topics", httpx.ConnectError("no way"), before=True)
    sets_later(w, "please pin", "please unpin")
    w.run()
    assert w.topic(501)["pinned"] is False
    assert outcomes(w) == [("pin", "done"), ("unpin", "done")]


def test_who_was_behind_is_woken_when_the_one_before_it_has_ended(world: Build) -> None:
    w = world(COMMANDS)
    sets_later(w, "please pin", "please unpin")
    pin, unpin = planned(w)
    act(w.context, unpin)
    act(w.context, pin)
    assert w.redis.zscore("modbot:due", f"action:{unpin}") <= w.clock.time() * 1000


def test_a_pin_that_was_taken_back_in_between_is_set_again(world: Build) -> None:
    w = world(COMMANDS)
    w.post("please pin")
    w.run()
    w.clock.advance(2)
    sets_later(w, "please unpin", "please pin")
    unpin, pin = planned(w)
    assert act(w.context, pin) == "behind", "it is pinned now, but will not be"
    act(w.context, unpin)
    act(w.context, pin)
    assert w.topic(501)["pinned"] is True


def test_what_sets_something_else_does_not_wait(world: Build) -> None:
    w = world("name: moves\nbody: trigger\nmoderators_exempt: false\ntopic: {move: Marketplace}\n---\n" + COMMANDS)
    sets_later(w, "please pin", "trigger")
    _, move = planned(w)
    assert act(w.context, move) is None
    assert w.topic(501)["categoryId"] == 2


def test_the_turn_is_by_the_time_of_the_event_and_not_by_that_of_its_delivery(world: Build) -> None:
    w = world(COMMANDS)
    early = w.happen("post.created", username="pip", topicId=501, message="please pin")
    w.clock.advance(5)
    w.post("please unpin")
    w.deliver(early)
    w.run()
    assert w.topic(501)["pinned"] is False


def test_an_event_that_comes_after_a_later_one_was_acted_on_changes_nothing(world: Build) -> None:
    w = world(COMMANDS)
    early = w.happen("post.created", username="pip", topicId=501, message="please pin")
    w.clock.advance(5)
    w.post("please unpin")
    w.run()
    w.deliver(early)
    w.run()
    assert w.topic(501)["pinned"] is False
    assert w.outcomes() == [("pin", "suppressed")]


words = st.sampled_from(["please pin", "please unpin"])


@given(said=st.lists(words, min_size=2, max_size=6), order=st.randoms(use_true_random=False), failing=st.booleans())
@settings(max_examples=15, deadline=None)
def test_in_whatever_order_events_come_and_work_is_done_the_last_word_stands(
    said: list[str], order: Any, failing: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with pytest.MonkeyPatch.context() as patch, open_world(tmp_path_factory.mktemp("w"), patch, COMMANDS, {}) as w:
        hooks = []
        for text in said:
            hooks.append(w.happen("post.created", username="pip", topicId=501, message=text))
            w.clock.advance(2)
        if failing:
            w.strike("POST /api/topics", httpx.ReadTimeout("no answer"))
        order.shuffle(hooks)
        for hook in hooks:
            w.deliver(hook)
            if order.random() < 0.3:
                w.run()
        w.work(EVALUATE)
        waiting = planned(w)
        order.shuffle(waiting)
        for id_ in waiting:
            act(w.context, id_)
        w.run()
        assert w.topic(501)["pinned"] is (said[-1] == "please pin")


# An edit after a decision.


def decided(world: World, message: str = "free casino", **fields: Any) -> int:
    """A post that was decided on, and nothing done yet."""
    post = world.post(message, **fields)
    world.work(EVALUATE)
    world.clock.advance(2)
    return post


def test_a_post_that_was_edited_since_stays_if_the_rule_does_not_ask_for_it_any_more(world: Build) -> None:
    w = world(DELETES)
    post = decided(w)
    w.deliver(w.happen("post.updated", postId=post, message="a quiet word"))
    w.run()
    assert post in w.posts()
    assert outcomes(w) == [("delete", "suppressed")]


def test_a_post_whose_edit_changes_nothing_is_deleted_once(world: Build) -> None:
    w = world(DELETES)
    post = decided(w)
    w.deliver(w.happen("post.updated", postId=post, message="casino, still"))
    w.run()
    assert post not in w.posts()
    assert w.calls()["DELETE /api/posts/{postId}"] == 1


def test_an_edit_that_comes_before_its_post_is_the_last_word(world: Build) -> None:
    w = world(DELETES)
    created = w.happen("post.created", username="pip", topicId=501, message="free casino")
    w.clock.advance(3)
    w.deliver(w.happen("post.updated", postId=created["data"]["object"]["postId"], message="a quiet word"))
    w.deliver(created)
    w.run()
    assert created["data"]["object"]["postId"] in w.posts()


def test_a_fresh_decision_without_news_costs_no_look(world: Build) -> None:
    w = world(DELETES)
    post = w.post("free casino")
    w.run()
    assert post not in w.posts()
    assert READ_POST not in w.calls()
    assert READ_POSTS not in w.calls()


def test_the_author_of_an_edited_post_is_not_banned_for_what_it_said(world: Build) -> None:
    w = world(BANS)
    post = decided(w, username="pip")
    w.deliver(w.happen("post.updated", postId=post, message="a quiet word"))
    w.run()
    assert post in w.posts()
    assert "Banned" not in w.groups("pip")


# A moderator's word after a decision.


def test_a_post_that_a_moderator_has_approved_since_stays(world: Build) -> None:
    w = world(DELETES)
    post = decided(w, pending=True)
    w.deliver(w.happen("post.approved", postId=post))
    w.run()
    assert w.posts()[post]["pending"] is False
    assert outcomes(w) == [("delete", "suppressed")]


def test_who_can_forge_an_approval_saves_no_post(world: Build) -> None:
    w = world(DELETES)
    post = decided(w)
    shown = {"object": "post", "postId": post, "topicId": 501, "message": "free casino", "pending": False}
    w.deliver({"type": "post.approved", "data": {"object": shown}}, secret=None)
    w.run()
    assert post not in w.posts()


# What was decided long ago.


def paused(world: World, posts: int, seconds: float = LOOK, message: str = "free casino") -> list[int]:
    """Posts that were decided on, and a pause before anything is done."""
    found = [world.post(message, username="pip") for _ in range(posts)]
    world.work(EVALUATE)
    world.clock.advance(seconds)
    return found


def test_what_was_decided_over_ten_minutes_ago_is_looked_at_again_many_in_one_list(world: Build) -> None:
    w = world(f"{DELETES}limit: none\n")
    posts = paused(w, 60)
    w.work(URGENT)
    w.run()
    assert not set(posts) & set(w.posts())
    calls = w.calls()
    assert (calls[READ_POSTS], calls.get(READ_POST, 0)) == (1, 0)


def test_what_is_old_and_was_changed_without_a_word_to_us_is_seen_as_it_is(world: Build) -> None:
    w = world(DELETES)
    (post,) = paused(w, 1)
    w.happen("post.updated", postId=post, message="a quiet word")
    w.run()
    assert post in w.posts()


def test_what_is_old_and_gone_is_not_deleted_again_and_its_author_is_banned_all_the_same(world: Build) -> None:
    w = world(BANS)
    (post,) = paused(w, 1)
    w.happen("post.deleted", postId=post)
    w.run()
    assert outcomes(w) == [("delete", "target_gone"), ("add_to_group", "done")]
    assert "Banned" in w.groups("pip")


@pytest.mark.parametrize("mended", ["name: other\nbody: poker\ndelete: true\n", f"{DELETES}mode: shadow\n"])
def test_what_is_old_and_no_rule_asks_for_any_more_is_dropped(world: Build, mended: str) -> None:
    w = world(DELETES)
    (post,) = paused(w, 1)
    w.rules_file.write_text(mended, encoding="utf-8")
    w.run()
    assert post in w.posts()
    assert outcomes(w) == [("delete", "suppressed")]


def test_a_late_webhook_is_looked_at_as_what_is_old(world: Build) -> None:
    w = world(DELETES)
    created = w.happen("post.created", username="pip", topicId=501, message="free casino")
    w.clock.advance(3 * 3600)
    w.happen("post.updated", postId=created["data"]["object"]["postId"], message="a quiet word")
    w.deliver(created)
    w.run()
    assert created["data"]["object"]["postId"] in w.posts()


def test_a_look_that_fails_is_made_again_before_anything_is_done(world: Build) -> None:
    w = world(DELETES)
    (post,) = paused(w, 1)
    w.strike("GET /api/posts", httpx.ReadTimeout("no answer"))
    act(w.context, planned(w)[0])
    assert post in w.posts()
    w.run()
    assert post not in w.posts()
