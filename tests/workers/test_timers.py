"""Groups for a time: given, taken back when the time is over, and never against what a moderator has decided since."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from tests.world import World

Build = Callable[..., World]

DAY = 86400.0
REVIEW = 6
"""The group as the simulated forum numbers it."""
MUTE = """
name: mute
body: casino
then: [{add_to_group: Review, for: 1 day}]
limit: none
---
name: ban
body: poker
then: [{add_to_group: Review}]
limit: none
"""


def muted(world: World) -> bool:
    return "Review" in world.groups("pip")


def say(world: World, message: str) -> None:
    world.post(message)
    world.run(within=60)


def test_the_group_is_taken_back_when_the_time_is_over(world: Build) -> None:
    here = world(rules=MUTE)
    say(here, "casino")
    assert muted(here)
    here.clock.advance(DAY - 60)
    here.run(within=0)
    assert muted(here)
    here.clock.advance(120)
    here.run()
    assert not muted(here)


def test_the_event_does_not_wait_for_its_timer_and_the_log_shows_both(world: Build) -> None:
    here = world(rules=MUTE)
    say(here, "casino")
    assert here.log()[0].state == "done"
    here.run()
    assert here.outcomes() == [("add_to_group", "done"), ("remove_from_group", "done")]


def test_a_second_offence_moves_the_end(world: Build) -> None:
    here = world(rules=MUTE)
    say(here, "casino")
    here.clock.advance(DAY / 2)
    say(here, "casino")
    here.clock.advance(DAY / 2 + 60)
    here.run(within=60)
    assert muted(here)
    here.clock.advance(DAY / 2)
    here.run()
    assert not muted(here)


def test_the_same_group_without_a_time_lasts(world: Build) -> None:
    here = world(rules=MUTE)
    say(here, "casino")
    say(here, "poker")
    here.run()
    assert muted(here)


def test_a_member_whom_somebody_else_put_there_stays(world: Build) -> None:
    here = world(rules=MUTE)
    say(here, "poker")
    say(here, "casino")
    here.run()
    assert muted(here)


def test_a_moderator_s_change_ends_the_timer(world: Build) -> None:
    here = world(rules=MUTE)
    say(here, "casino")
    here.clock.advance(600)
    for groups in ([4], [4, REVIEW]):
        here.deliver(here.happen("user.updated", username="pip", userGroups=groups))
        here.run(within=60)
        here.clock.advance(60)
    here.run()
    assert muted(here)


def test_an_older_account_of_the_member_ends_nothing(world: Build) -> None:
    here = world(rules=MUTE)
    before = here.happen("user.updated", username="pip", userGroups=[4])
    say(here, "casino")
    here.deliver(before)
    here.run()
    assert not muted(here)


def test_an_add_whose_answer_was_lost_is_taken_back_all_the_same(world: Build) -> None:
    here = world(rules=MUTE)
    here.strike("POST /api/users", httpx.ReadTimeout("no answer"))
    say(here, "casino")
    assert muted(here)
    here.run()
    assert not muted(here)
