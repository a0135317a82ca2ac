"""What modbot itself holds back: rules over their limit, new rules, rules that take too long; and their release."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence

import pytest

from service.standing import Brake
from tests.world import World

Build = Callable[..., World]

LIMITED = """
name: casino
body: casino
delete: true
limit: 2 per hour
"""


def conversations(world: World) -> list[str]:
    return [message["message"] for message in world.state["messages"]]


def pending(world: World, post: int) -> bool:
    return bool(world.posts()[post]["pending"])


def test_a_rule_over_its_limit_holds_instead_and_says_so_once(world: Build) -> None:
    here = world(rules=LIMITED)
    posts = [here.post("casino") for _ in range(5)]
    here.run(within=60)
    assert [post in here.posts() for post in posts] == [False, False, True, True, True]
    assert [pending(here, post) for post in posts[2:]] == [True, True, True]
    here.run()
    told = "\n".join(conversations(here))
    assert told.count("has reached its limit of 2 per hour") == 1
    assert "until somebody runs: modbot rules release" in told


def test_a_release_sets_the_rule_live_and_its_count_starts_again(world: Build) -> None:
    here = world(rules=LIMITED)
    for _ in range(3):
        here.post("casino")
    here.run()
    released = here.context.standings.release("main", "casino")
    assert released is not None
    assert (released.mode, released.why) == ("hold", "limit")
    here.clock.advance(2)
    post = here.post("casino")
    here.run()
    assert post not in here.posts()
    assert here.context.standings.release("main", "casino") is None


def test_an_hour_makes_room_again(world: Build) -> None:
    here = world(rules=LIMITED)
    posts = []
    for _ in range(4):
        posts.append(here.post("casino"))
        here.run(within=60)
        here.clock.advance(1801)
    assert not set(posts) & set(here.posts())


@pytest.mark.parametrize(
    ("rule", "limit"),
    [
        ("body: x\ndelete: true", "100 per hour"),
        ("body: x\nadd_to_group: Muted", "100 per hour"),
        ("body: x\nremove_from_group: Members", "100 per hour"),
        ("body: x\ndelete: true\nlimit: none", None),
        ("body: x\ndelete: true\nlimit: 7 per 2 days", "7 per 2 days"),
        ("body: x\nlock: true", None),
        ("body: x\nlock: true\nlimit: 5 per minute", "5 per minute"),
    ],
)
def test_what_deletes_or_changes_groups_has_a_limit_unless_it_says_otherwise(
    world: Build, rule: str, limit: str | None
) -> None:
    here = world(rules=f"name: a\n{rule}")
    found = here.context.rules.current("main").rules[0].limit
    assert (found and found.written) == limit


def test_a_redelivery_and_an_evaluation_that_is_tried_again_count_once(world: Build) -> None:
    here = world(rules=LIMITED)
    webhook = here.happen("post.created", username="pip", topicId=501, message="casino")
    for _ in range(4):
        here.deliver(webhook)
        here.run()
    post = here.post("casino")
    here.run()
    assert post not in here.posts()


def test_a_forum_in_shadow_reaches_no_limit(world: Build) -> None:
    here = world(rules=LIMITED, mode="shadow")
    for _ in range(4):
        here.post("casino")
    here.run()
    assert here.context.rules.held("main") == {}


def test_a_rule_over_its_limit_awards_nothing(world: Build) -> None:
    here = world(
        rules="""
counters: {strikes: {per: author, expires: 1 day, ladder: [{at: 3, then: [lock]}]}}
rules:
  - {name: casino, body: casino, then: [delete, add_points: {strikes: 1}], limit: 2 per hour}
"""
    )
    for _ in range(5):
        here.post("casino")
    here.run(within=60)
    assert not here.topic(501)["locked"]


NEW = "settings: {new_rules: shadow}\nrules:\n  - {name: a, body: casino, hold: true}\n"


def test_a_new_rule_starts_on_trial_until_a_person_releases_it(world: Build) -> None:
    here = world(rules=NEW)
    first = here.post("casino")
    here.run()
    assert here.outcomes() == [("hold", "shadow")]
    released = here.context.standings.release("main", "a")
    assert released is not None
    assert released.why == "new"
    here.clock.advance(2)
    second = here.post("casino")
    here.run()
    assert (pending(here, first), pending(here, second)) == (False, True)


def test_a_changed_rule_starts_on_trial_again_and_an_unchanged_one_stays_live(world: Build) -> None:
    here = world(rules=NEW + "  - {name: b, body: poker, hold: true}\n")
    for name in ("a", "b"):
        here.post("casino")
        here.run()
        here.context.standings.release("main", name)
    here.rules_file.write_text(NEW.replace("casino", "bingo") + "  - {name: b, body: poker, hold: true}\n")
    here.clock.advance(5)
    bingo, poker = here.post("bingo"), here.post("poker")
    here.run()
    assert (pending(here, bingo), pending(here, poker)) == (False, True)
    assert {name: one.why for name, one in here.context.rules.held("main").items()} == {"a": "changed"}


def test_a_change_that_is_taken_back_is_live_at_once(world: Build) -> None:
    here = world(rules=NEW)
    here.post("casino")
    here.run()
    here.context.standings.release("main", "a")
    for text in (NEW.replace("casino", "bingo"), NEW):
        here.rules_file.write_text(text)
        here.clock.advance(5)
        here.post("quiet")
        here.run()
    post = here.post("casino")
    here.run()
    assert pending(here, post)


def test_rules_that_ran_before_the_setting_was_made_stay_live(world: Build) -> None:
    here = world(rules="rules:\n  - {name: a, body: casino, hold: true}\n")
    here.post("quiet")
    here.run()
    here.rules_file.write_text(NEW)
    here.clock.advance(5)
    post = here.post("casino")
    here.run()
    assert pending(here, post)


SLOW = r"""
name: slow
body (includes, regex): '(a+)+\1$'
hold: true
---
name: quick
body: hello
reply: Hi
"""


def test_a_rule_that_takes_too_long_three_times_goes_to_shadow_and_the_moderators_are_told(world: Build) -> None:
    here = world(rules=SLOW)
    for number in range(3):
        assert here.context.rules.held("main") == {}, number
        here.post("a" * 5000 + "!")
        here.run(within=60)
    assert {name: one.why for name, one in here.context.rules.held("main").items()} == {"slow": "timeouts"}
    here.run()
    assert "took too long three times in an hour" in "\n".join(conversations(here))


# A rule whose rate jumps.

QUIET = "name: casino\nbody: casino\nmoderators_exempt: false\ntopic: {pin: true}\n"
DAY = 24 * 3600


def acted(world: World, times: int, within: float, brake: Brake | None = None) -> list[bool]:
    """So many events of a rule, evenly in so many seconds; whether each of them was held back."""
    over = []
    for _ in range(times):
        over.append(bool(world.context.standings.brake("main", uuid.uuid4().hex, [brake or Brake.of_jump("casino")])))
        world.clock.advance(within / times)
    return over


@pytest.mark.parametrize(
    ("a_day", "now", "held_from"),
    [(24, 20, []), (24, 21, [20]), (0, 25, [20]), (2880, 90, []), (2880, 110, range(91, 101))],
    ids=["20 are borne", "the 21st is too many", "it rested for a day", "10 times the usual", "more than that"],
)
def test_ten_times_the_usual_and_more_than_twenty_in_five_minutes_are_too_many(
    world: Build, a_day: int, now: int, held_from: Sequence[int]
) -> None:
    here = world(rules=QUIET)
    acted(here, 1, 0)
    here.clock.advance(DAY)
    acted(here, a_day, DAY)
    here.clock.advance(3600)
    over = acted(here, now, 290)
    assert over.index(True) in held_from if held_from else True not in over


def test_in_its_first_day_a_rule_is_left_alone(world: Build) -> None:
    here = world(rules=QUIET)
    assert not any(acted(here, 300, 300))
    here.clock.advance(DAY - 400)
    assert not any(acted(here, 60, 60))


def test_a_rule_whose_rate_jumps_holds_instead_and_the_moderators_are_told_once(world: Build) -> None:
    here = world(rules=QUIET.replace("topic: {pin: true}", "edit: {replace: casino, with: -}"))
    here.post("casino")
    here.run()
    here.clock.advance(DAY + 60)
    posts = [here.post("casino") for _ in range(23)]
    here.run(within=60)
    assert [pending(here, post) for post in posts] == [False] * 20 + [True] * 3
    here.run()
    told = "\n".join(conversations(here))
    assert told.count("acts 10 times as often as in the day before: more than 20 in five minutes") == 1
    assert "modbot rules release 'casino'" in told.replace("&#x27;", "'")


def test_a_release_gives_a_day_to_learn_what_is_usual_now(world: Build) -> None:
    here = world(rules=QUIET)
    acted(here, 1, DAY + 60)
    assert acted(here, 25, 60)[-1]
    standing = here.context.standings.release("main", "casino")
    assert standing is not None
    assert (standing.mode, standing.why) == ("hold", "jump")
    assert not any(acted(here, 100, 60))
    here.clock.advance(DAY + 60)
    assert acted(here, 100, 60)[-1]


@pytest.mark.parametrize(("limit", "usual"), [("", True), ("limit: none\n", False), ("limit: 50 per hour\n", False)])
def test_a_rule_that_names_its_limit_is_held_back_by_that_alone(world: Build, limit: str, usual: bool) -> None:
    here = world(rules=f"{QUIET}{limit}")
    here.post("casino")
    here.run()
    assert bool(here.redis.keys("modbot:rules:*:jump:*:hours")) is usual


def test_what_a_rule_does_usually_is_kept_in_a_few_fields(world: Build) -> None:
    here = world(rules=QUIET)
    acted(here, 500, 3 * DAY)
    (key,) = here.redis.keys("modbot:rules:*:jump:*:hours")
    assert len(here.redis.hgetall(key)) <= 26
