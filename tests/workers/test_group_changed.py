"""`event: group_changed` from a webhook to the forum: what the webhook does not tell is looked up."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.world import World

Build = Callable[..., World]

RULE = """\
name: welcome
event: group_changed
author: {groups: [Muted]}
moderators_exempt: false
notify_moderators: "{{author.name}} is muted"
"""
EDITED = "name: edited\ntype: user\nevent: edited\nauthor: {name: nobody}\nnotify_moderators: x\n"
MEMBERS, MUTED = 4, 7


def change(w: World, groups: list[int], **more: object) -> None:
    w.deliver(w.happen("user.updated", userId=103, userGroups=groups, **more))
    w.run()


def test_a_member_who_is_put_into_a_group_sets_off_the_rule_once(world: Build) -> None:
    w = world(RULE)
    change(w, [MEMBERS])
    change(w, [MEMBERS, MUTED])
    assert w.outcomes() == [("notify_moderators", "done")]
    change(w, [MEMBERS, MUTED], enableMessages=False)
    assert w.outcomes() == []


def test_the_first_that_is_known_of_a_member_is_no_change(world: Build) -> None:
    w = world(RULE)
    change(w, [MEMBERS, MUTED])
    assert w.outcomes() == []
    assert w.log()[0].unknown == ("welcome",)


def test_a_sign_up_is_where_the_groups_are_known_from(world: Build) -> None:
    w = world(RULE)
    webhook = w.happen("user.created", username="newcomer")
    w.deliver(webhook)
    w.run()
    w.deliver(w.happen("user.updated", userId=webhook["data"]["object"]["userId"], userGroups=[MUTED]))
    w.run()
    assert w.outcomes() == [("notify_moderators", "done")]


@pytest.mark.parametrize(("rules", "reads"), [(RULE, 1), (EDITED, 0)])
def test_groups_are_looked_up_once_an_event_and_only_where_a_rule_follows_them(
    world: Build, rules: str, reads: int
) -> None:
    w = world(rules)
    change(w, [MEMBERS])
    assert w.calls().get("GET /api/users/{userId}", 0) == reads
