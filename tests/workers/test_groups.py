"""A group of events is decided on together, and comes to the same as event by event."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis
from redis.connection import AbstractConnection

from rules.event import Author, Event, Post, Topic
from rules.state.windows import digest
from service.queue import EVALUATE, Pusher
from tests.workers.group import context_of, stored, what_became_of
from tests.world import World
from workers import deciding
from workers.evaluate import AT_ONCE, evaluate
from workers.worker import RoleWorker

Build = Callable[..., World]
Cost = Callable[[Callable[[], None]], tuple[int, int]]

COUNTS = """
rules:
- {name: flood, body: casino, count: {of: post, by: author, within: 1 hour, is: '>= 3'}, delete: true, limit: 2 per hour}
- {name: twice, duplicate: {of: body, by: site, within: 1 hour, is: '>= 2'}, topic: {lock: true}}
- {name: greet, body: hello, once: per topic 1 hour, reply: 'Hello {{author.name}}'}
- {name: trial, body: casino, mode: shadow, topic: {pin: true}}
- {name: moved, type: user, event: group_changed, notify_moderators: moved}
- {name: many, body: casino, limit: 3 per hour, topic: {move: 2}}
"""
POINTS = """
counters: {strikes: {per: author, expires: 1 day, ladder: [{at: 2, then: [{add_to_group: Muted}]}]}}
rules:
- {name: casino, body: casino, then: [delete, add_points: {strikes: 1}], limit: 4 per hour}
- {name: known, points: {strikes: '>= 1'}, reply: '{{points.strikes}} so far'}
"""
KEPT = """
rules:
- {name: casino, body: casino, delete: true, limit: none}
- {name: busy, count: {of: post, by: topic, within: 1 hour, is: '>= 2', kept: true}, reply: 'number {{count}}'}
"""
NOW = time.time()


@st.composite
def happened(draw: st.DrawFn) -> list[Event]:
    """Some members' posts and edits in two topics, and changes of their groups, near each other in time."""
    events = []
    for place in range(draw(st.integers(1, 9))):
        member = draw(st.integers(1, 2))
        groups = ("Members", draw(st.sampled_from(["Regulars", "Muted"])))
        kind = draw(st.sampled_from(["post.created", "post.created", "post.created", "post.updated", "user.updated"]))
        author = Author(
            user_id=member,
            username=f"member{member}",
            is_moderator=False,
            user_groups=groups if kind == "user.updated" or draw(st.booleans()) else None,
        )
        fields: dict[str, Any] = {"author": author, "at": NOW + draw(st.integers(0, 3)), "id": f"e{place}"}
        if kind.startswith("post"):
            topic = draw(st.integers(1, 2))
            body = draw(st.sampled_from(["casino", "casino hello", "hello", "a quiet word"]))
            number = draw(st.integers(1, 5))
            fields |= {
                "post": Post(post_id=number, topic_id=topic, message=body, is_first_post=False, pending=False),
                "topic": Topic(topic_id=topic, title="A topic", first_post_id=100, locked=False, pinned=False),
            }
        events.append(Event(type=kind, **fields))
    return events


@pytest.mark.parametrize("rules", [COUNTS, POINTS, KEPT], ids=["counts", "points", "kept"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=happened(), unsigned=st.sets(st.integers(0, 8), max_size=2))
def test_a_group_comes_to_the_same_as_one_event_at_a_time(
    redis: Redis, redis_url: str, tmp_path: Path, rules: str, events: list[Event], unsigned: set[int]
) -> None:
    signed = [place not in unsigned for place in range(len(events))]

    def outcome(groups: Callable[[list[str]], list[list[str]]]) -> object:
        redis.flushall()
        ids = stored(redis, events, signed=signed)
        context = context_of(redis_url, tmp_path, rules)
        for group in groups(ids):
            evaluate(context, group)
        held = context.rules.held("main").standings
        return what_became_of(redis, ids), {name: (one.why, one.event) for name, one in held.items()}

    assert outcome(lambda ids: [ids]) == outcome(lambda ids: [[id_] for id_ in ids])


def acting(number: int, body: str, **other: Any) -> Event:
    event = quiet(number + 1, body)[number]
    return event.model_copy(update={"post": event.post.model_copy(update=other)}) if event.post else event


BRAKED = """
rules:
- {name: lock, body: casino, limit: 2 per hour, topic: {lock: true}}
- {name: approve, body: casino, limit: 3 per hour, approve: true}
"""


def test_what_comes_after_a_pulled_brake_counts_as_it_is_decided_then(
    redis: Redis, redis_url: str, tmp_path: Path
) -> None:
    context = context_of(redis_url, tmp_path, BRAKED)
    ids = stored(redis, [acting(number, "casino", pending=True) for number in range(1, 8)])
    evaluate(context, ids)
    held = context.rules.held("main").standings
    assert {name: one.event for name, one in held.items()} == {"lock": ids[2]}, "approve lost to hold from then on"


# What a group costs.

PLAIN = "name: casino\nbody: casino\ntopic: {pin: true}\n"
COUNTING = PLAIN + "count: {of: post, by: author, within: 1 hour, is: '>= 1'}\n"


def quiet(posts: int, body: str = "a quiet word") -> list[Event]:
    author = Author(user_id=1, username="pip", is_moderator=False)
    topic = Topic(topic_id=1, title="A topic", first_post_id=100, pinned=False)
    return [
        Event(
            type="post.created",
            at=NOW,
            topic=topic,
            post=Post(post_id=number, topic_id=1, message=body, is_first_post=False),
            author=author,
        )
        for number in range(posts)
    ]


@pytest.fixture
def cost(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], tuple[int, int]]:
    """How many round trips something takes, and how many scripts."""
    sent: list[object] = []
    send = AbstractConnection.send_packed_command

    def note(connection: Any, command: Any, **options: Any) -> None:
        sent.append(command)
        send(connection, command, **options)

    monkeypatch.setattr(AbstractConnection, "send_packed_command", note)

    def measure(run: Callable[[], None]) -> tuple[int, int]:
        redis.config_resetstat()
        sent.clear()
        run()
        return len(sent), int(redis.info("commandstats")["cmdstat_evalsha"]["calls"])

    return measure


@pytest.mark.parametrize(
    ("rules", "body", "trips"),
    [(PLAIN, "a quiet word", 3), (PLAIN, "casino", 4), (COUNTING, "a quiet word", 4)],
    ids=["no rule matches", "each pulls at a brake", "each is counted"],
)
def test_a_group_of_a_hundred_takes_the_round_trips_of_one_event(
    redis: Redis, redis_url: str, tmp_path: Path, cost: Cost, rules: str, body: str, trips: int
) -> None:
    context = context_of(redis_url, tmp_path, rules)
    evaluate(context, stored(redis, quiet(1)))  # the rules are taken into use, the scripts are known
    few, many = stored(redis, quiet(1, body)), stored(redis, quiet(AT_ONCE, body))
    one, for_one = cost(lambda: evaluate(context, few))
    hundred, for_hundred = cost(lambda: evaluate(context, many))
    assert (one, hundred) == (trips, trips)
    assert for_hundred - for_one <= (AT_ONCE - 1) * (trips - 2), "one script a stage for each event, and no other"


def test_what_a_group_costs_does_not_grow_with_the_rules(
    redis: Redis, redis_url: str, tmp_path: Path, cost: Cost
) -> None:
    many = "\n---\n".join(f"name: r{place}\nbody: word{place}\nlock: true" for place in range(200))
    costs = []
    for rules in (PLAIN, many):
        context = context_of(redis_url, tmp_path, rules)
        evaluate(context, stored(redis, quiet(1)))
        ids = stored(redis, quiet(50))
        costs.append(cost(lambda context=context, ids=ids: evaluate(context, ids)))  # type: ignore[misc]
    assert costs[0] == costs[1]


# A group and its weak members.


def test_an_event_whose_data_are_spoilt_is_put_off_and_its_group_is_not(
    redis: Redis, redis_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    context = context_of(redis_url, tmp_path, COUNTING)
    ids = stored(redis, quiet(3, "casino"))
    redis.set(f"modbot:state:main:event:{digest(f'created post {1}')}", "spoilt")
    redis.set(f"modbot:state:main:event:{digest(ids[1])}", "spoilt")
    with caplog.at_level(logging.CRITICAL):
        evaluate(context, ids)
    assert [one["state"] for one in what_became_of(redis, ids)] == ["planned", "queued", "planned"]
    assert "ResponseError" in str(what_became_of(redis, ids)[1]["error"])


def test_when_time_runs_out_what_was_decided_is_written_first(
    redis: Redis, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = context_of(redis_url, tmp_path, COUNTING)
    written: list[int] = []
    write = context.store.write
    monkeypatch.setattr(context.store, "write", lambda endings: written.append(len(endings)) or write(endings))
    monkeypatch.setattr(deciding, "LONGEST_SECONDS", -1.0)
    ids = stored(redis, quiet(4))
    evaluate(context, ids)
    assert [one["state"] for one in what_became_of(redis, ids)] == ["done"] * 4
    assert [number for number in written if number] == [1, 1, 1, 1]


# What waits behind a running job.


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What RQ performs, by its description."""
    performed: list[str] = []
    perform = RoleWorker.perform_job

    def note(worker: Any, job: Any, *rest: Any) -> bool:
        performed.append(job.description.split()[0])
        return perform(worker, job, *rest)

    monkeypatch.setattr(RoleWorker, "perform_job", note)
    return performed


def test_a_job_takes_along_the_events_that_wait_behind_it(world: Build, jobs: list[str]) -> None:
    here = world(PLAIN)
    posts = [here.post("casino") for _ in range(30)]
    here.work(EVALUATE)
    assert jobs == ["event"]
    assert len(here.log()) == len(posts)


def test_what_is_no_event_is_left_for_its_own_job(world: Build, jobs: list[str]) -> None:
    here = world(PLAIN)
    here.post("one")
    with here.redis.pipeline() as pipe:
        Pusher().push(pipe, EVALUATE, "heartbeat", "a beat")
        pipe.execute()
    here.post("two")
    here.work(EVALUATE)
    assert jobs[:3] == ["event", "heartbeat", "event"]
    assert len(here.log()) == 2


def test_no_more_is_taken_at_once_than_goes_from_stage_to_stage_together(world: Build) -> None:
    here = world(PLAIN)
    with here.redis.pipeline() as pipe:
        for group in ([f"a{n}" for n in range(60)], [f"b{n}" for n in range(60)], ["c"]):
            Pusher().push(pipe, EVALUATE, "event", group)
        pipe.execute()
    assert [len(job.ids) for job in here.context.backlog.take(AT_ONCE)] == [60]
    assert [len(job.ids) for job in here.context.backlog.take(AT_ONCE)] == [60, 1]
    assert here.redis.keys("rq:job:*") == []


def test_what_a_worker_took_along_and_never_did_comes_back(world: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    here = world(PLAIN)
    here.post("one"), here.post("casino")
    take, lost = here.context.backlog.take, []

    def take_and_die(most: int) -> Any:
        if not lost:
            lost.extend(take(most))
            raise ConnectionError("the worker was killed")
        return take(most)

    monkeypatch.setattr(here.context.backlog, "take", take_and_die)
    here.work(EVALUATE)
    assert here.redis.hget(f"modbot:event:{lost[-1].ids[0]}", "state") == "queued"
    here.run()
    assert len(here.log()) == 2
