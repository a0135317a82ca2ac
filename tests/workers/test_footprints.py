"""What is over, what we have set already and what only tells of our own actions costs no call and triggers nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from rules.decision import PlannedAction, Target
from rules.event import Event, Post
from service.footprints import marks_of
from service.queue import EVALUATE
from tests.workers.spam import ADD, DELETE_TOPIC, UPDATE_TOPIC, joined, rule
from tests.world import World
from workers.act import act

Build = Callable[..., World]


# What is over.


def test_what_is_planned_in_a_topic_that_was_deleted_costs_no_call(world: Build) -> None:
    w = world(rule("[delete]", "body: poker") + "---\n" + rule("[hold]").replace("the rule", "other"))
    w.post("trigger")
    w.post("poker")
    w.work(EVALUATE)
    w.deliver(w.happen("topic.deleted", topicId=501))
    w.work(EVALUATE)
    w.run()
    assert w.calls() == {}
    assert {outcome for entry in w.log() for outcome in (a["outcome"] for a in entry.actions)} == {
        "already_done",
        "target_gone",
    }


def test_what_is_planned_in_a_topic_that_we_deleted_costs_no_call(world: Build) -> None:
    ends = "name: ends\nbody: poker\nmoderators_exempt: false\ntopic: {delete: true}\n"
    w = world(ends + "---\n" + rule("[hold]"))
    w.post("poker")
    w.post("trigger")
    w.run()
    assert w.calls() == {DELETE_TOPIC: 1}
    assert w.outcomes() == [("hold", "target_gone")]


@pytest.mark.parametrize(("first", "ends"), [(True, "post:9 topic:5"), (False, "post:9"), (None, "post:9")])
def test_with_a_topic_s_first_post_goes_the_topic(first: bool | None, ends: str) -> None:
    event = Event(type="post.created", at=0, post=Post(post_id=9, topic_id=5, is_first_post=first))
    action = PlannedAction(action="delete", rule="r", target=Target(kind="post", id=9), slot="state")
    marks = marks_of("main", event, action)
    assert (marks["within"], marks["ends"]) == ("post:9 topic:5", ends)


def test_who_can_forge_a_deletion_saves_no_post(world: Build) -> None:
    w = world(rule("[delete]"))
    post = w.post("trigger")
    forged = {"type": "topic.deleted", "data": {"object": {"object": "topic", "topicId": 501}}}
    w.deliver(forged, secret=None)
    w.run()
    assert post not in w.posts()


# What is the same.


def test_the_same_change_of_several_members_is_one_call(world: Build) -> None:
    w = world(rule("[{add_to_group: Muted}]"))
    names = joined(w, 4)
    for name in names * 2:
        w.post("trigger", username=name)
    w.run()
    assert w.calls()[ADD] == 1
    assert all("Muted" in w.groups(name) for name in names)
    outcomes = sorted(action["outcome"] for entry in w.log() for action in entry.actions)
    assert outcomes == ["already_done"] * 4 + ["done"] * 4


def test_where_one_member_is_refused_each_is_tried_alone(world: Build) -> None:
    w = world(rule("[{remove_from_group: Members}]"))
    names = joined(w, 3)
    for name in names:
        w.post("trigger", username=name)
    w.happen("user.deleted", username=names[1])
    w.run()
    assert all("Members" not in w.groups(name) for name in (names[0], names[2]))
    assert sorted(action["outcome"] for entry in w.log() for action in entry.actions) == ["done", "done", "target_gone"]


def test_a_failure_leaves_each_action_to_be_tried_again_together(world: Build) -> None:
    w = world(rule("[{add_to_group: Muted}]"))
    names = joined(w, 3)
    w.strike("POST /usergroups", httpx.ConnectError("down"), before=True)
    for name in names:
        w.post("trigger", username=name)
    w.run()
    assert w.calls()[ADD] == 1
    assert all("Muted" in w.groups(name) for name in names)


def test_groups_for_a_time_are_set_one_by_one_and_not_again(world: Build) -> None:
    w = world(rule("[{add_to_group: Muted, for: 1 day}]"))
    for name in ("pip", "wren", "pip", "pip"):
        w.post("trigger", username=name)
    w.run(within=60)
    assert w.calls()[ADD] == 2
    assert w.calls()["GET /api/users/{userId}"] == 2


def test_a_topic_is_locked_once_until_a_moderator_unlocks_it(world: Build) -> None:
    w = world(rule("[lock]"))
    for _ in range(3):
        w.post("trigger", username="ann")
        w.run()
    assert w.calls()[UPDATE_TOPIC] == 1
    w.clock.advance(2)
    w.deliver(w.happen("topic.updated", topicId=501, locked=False))
    w.post("trigger", username="ann")
    w.run()
    assert w.topic(501)["locked"] is True
    assert w.calls()[UPDATE_TOPIC] == 2


def test_what_is_planned_after_its_contrary_keeps_its_place(world: Build) -> None:
    two = rule("[pin]", "body: begin") + "---\n" + rule("[unpin]", "body: end").replace("the rule", "other")
    w = world(two)
    for text in ("begin", "end", "begin", "begin"):
        w.post(text, username="ann")
    w.run()
    assert w.topic(501)["pinned"] is True
    assert w.calls()[UPDATE_TOPIC] == 3


# What we did ourselves.


@pytest.mark.parametrize(
    "action", ["lock", "pin", "{retitle: Quiet}", "{move: 2}", "hold", "delete", "{edit: {replace: trigger, with: x}}"]
)
def test_the_echo_of_our_own_action_triggers_nothing(world: Build, action: str) -> None:
    w = world(rule(f"[{action}]"))
    w.post("trigger")
    w.run()
    (echo,) = w.echoes()
    calls, decided = w.calls(), len(w.log())
    answer = w.deliver(echo)
    w.run()
    record = w.redis.hgetall(f"modbot:event:{answer['id']}")
    assert (record["state"], record["reason"]) == ("ignored", "echo of our own action")
    assert (w.calls(), len(w.log())) == (calls, decided)


def test_what_a_moderator_changes_after_us_is_judged(world: Build) -> None:
    w = world(rule("[lock]"))
    w.post("trigger")
    w.run()
    decided = len(w.log())
    for change in ({"locked": False}, {"title": "Another"}):
        w.deliver(w.happen("topic.updated", topicId=501, **change))
        w.run()
    assert len(w.log()) == decided + 2


def test_the_echo_of_a_group_change_is_known_by_the_rest_of_the_profile(world: Build) -> None:
    w = world(rule("[{add_to_group: Muted}]", "body: trigger\nauthor: {account_age: '< 7 days'}"))
    w.post("trigger", username="pip")
    w.run()
    (echo,) = w.echoes()
    answer = w.deliver(echo)
    w.run()
    assert w.redis.hget(f"modbot:event:{answer['id']}", "reason") == "echo of our own action"
    decided = len(w.log())
    w.deliver(w.happen("user.updated", username="pip", email="other@members.example"))
    w.run()
    assert len(w.log()) == decided + 1


def test_a_job_whose_work_another_call_did_has_nothing_to_do(world: Build) -> None:
    w = world(rule("[{add_to_group: Muted}]"))
    for name in joined(w, 2):
        w.post("trigger", username=name)
    w.work(EVALUATE)
    first, second = (key.removeprefix("modbot:action:") for key in sorted(w.redis.scan_iter("modbot:action:*")))
    assert act(w.context, first) is None
    assert act(w.context, second) == "final"


@pytest.mark.parametrize(("group", "reads"), [("Muted", 1), ("7", 2)])
def test_a_member_whom_we_moved_is_known_as_we_left_them(world: Build, group: str, reads: int) -> None:
    w = world(
        rule(f"[{{add_to_group: {group}}}]", "body: trigger\nauthor: {account_age: '< 7 days'}")
        + "---\n"
        + rule("[hold]", "body: again\nauthor: {groups: [Muted]}").replace("the rule", "other")
    )
    w.post("trigger")
    w.run()
    w.deliver(_as_written_before(w))
    w.run()
    assert w.outcomes() == [("hold", "done")]
    assert w.calls()["GET /api/users/{userId}"] == reads


def _as_written_before(w: World) -> dict[str, Any]:
    """The webhook of a post that pip wrote, who may not write any more."""
    webhook = w.happen("post.created", username="ann", topicId=502, message="again")
    webhook["data"]["object"]["author"] = {"userId": 103, "username": "pip"}
    return webhook
