"""Calls are money: a raid is cleaned up with few, and what is read is read for all that need it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from bench.attack import Raid, rules
from rules.event import Author
from service.forums.port import TryLater
from service.queue import EVALUATE
from tests.workers.spam import ADD, REMOVE, UPDATE_TOPIC, joined, rule
from tests.world import World
from workers.facts import Source
from workers.lookup import look_up

Build = Callable[..., World]


@pytest.mark.parametrize("secret", [None, "signed"])
def test_a_raid_costs_hardly_more_calls_than_it_has_posts(world: Build, secret: str | None) -> None:
    raid = Raid(posts=100, accounts=5, topics=(501, 502, 501))
    w = world(rules(lock_at=40))
    for name in raid.names:
        w.happen("user.created", username=name)
    hooks = [w.happen("post.created", **post) for post in raid.happenings()]
    for hook in hooks:
        w.deliver(hook, **({"secret": None} if secret is None else {}))
    w.run(within=60)
    for echo in w.echoes():
        w.deliver(echo)
    w.run()
    assert not {hook["data"]["object"]["postId"] for hook in hooks} & set(w.posts())
    assert all(w.groups(name) == ["Banned"] for name in raid.names)
    assert (w.topic(501)["locked"], w.topic(502)["locked"]) == (True, False)
    assert len(w.state["conversations"]) == 2, "the first note, and one for all others"
    calls = w.calls()
    assert sum(calls.values()) <= 115, calls
    assert {ADD: calls[ADD], REMOVE: calls[REMOVE], UPDATE_TOPIC: calls[UPDATE_TOPIC]} == {
        ADD: 1,
        REMOVE: 1,
        UPDATE_TOPIC: 1,
    }


# What an event needs is read with what others need.


def test_posts_that_wait_to_be_confirmed_are_read_in_one_call(world: Build) -> None:
    w = world(rule("[hold]"))
    hooks = [w.happen("post.created", username="pip", topicId=501, message="trigger") for _ in range(120)]
    for hook in hooks:
        w.deliver(hook, secret=None)
    w.run()
    assert w.calls()["GET /api/posts"] == 2
    assert "GET /api/posts/{postId}" not in w.calls()
    assert all(post["pending"] for number, post in w.posts().items() if number > 10_000)


def test_what_a_list_leaves_out_is_asked_for_by_itself(world: Build, monkeypatch: Any) -> None:
    w = world(rule("[delete]"))
    send = w.wire.handle_request

    def list_nothing(request: httpx.Request) -> httpx.Response:
        listed = request.method == "GET" and request.url.path.endswith("/posts")
        return httpx.Response(200, json={"data": []}) if listed else send(request)

    monkeypatch.setattr(w.wire, "handle_request", list_nothing)
    hooks = [w.happen("post.created", username="pip", topicId=501, message="trigger") for _ in range(3)]
    for hook in hooks:
        w.deliver(hook, secret=None)
    w.run()
    assert not {hook["data"]["object"]["postId"] for hook in hooks} & set(w.posts())


def test_a_post_that_changed_since_it_was_read_is_read_again(world: Build) -> None:
    w = world(rule("[delete]"))
    one, two = (w.happen("post.created", username="pip", topicId=501, message="trigger") for _ in range(2))
    w.deliver(one, secret=None)
    w.run()
    number = two["data"]["object"]["postId"]
    w.deliver(two, secret=None)
    innocent = w.happen("post.updated", postId=number, message="a quiet word")
    w.deliver(innocent, secret=None)
    w.run()
    assert number in w.posts()


def source(read: list[int]) -> Source[Author]:
    def one(user_id: int) -> Author:
        read.append(user_id)
        return Author(user_id=user_id)

    return Source("main", "author", Author, one)


def test_nobody_reads_what_somebody_else_is_reading(world: Build) -> None:
    w = world(rule("[delete]"))
    cache = w.context.facts

    def meanwhile(user_id: int) -> Author:
        with pytest.raises(TryLater, match="another worker reads this author"):
            cache.read(source([]), user_id)
        return Author(user_id=user_id)

    assert cache.read(Source("main", "author", Author, meanwhile), 7) == Author(user_id=7)
    assert cache.read(source([]), 7) == Author(user_id=7)


def test_what_changed_while_it_was_read_is_not_kept(world: Build) -> None:
    w = world(rule("[delete]"))
    cache, read = w.context.facts, [0]

    def changed_meanwhile(user_id: int) -> Author:
        w.clock.advance(0.01)
        cache.forget("main", "author", user_id)
        return Author(user_id=user_id)

    cache.read(Source("main", "author", Author, changed_meanwhile), 7)
    w.clock.advance(0.01)
    cache.read(source(read), 7)
    cache.read(source(read), 7)
    assert read == [0, 7]


def test_a_read_that_failed_leaves_nobody_waiting(world: Build) -> None:
    w = world(rule("[delete]"))

    def fail(_: int) -> Author:
        raise TryLater("no answer")

    with pytest.raises(TryLater, match="no answer"):
        w.context.facts.read(Source("main", "author", Author, fail), 7)
    assert w.context.facts.read(source([]), 7) == Author(user_id=7)


@pytest.mark.parametrize(
    ("event", "fields", "reads"),
    [
        ("user.updated", {"username": "pip", "email": "new@members.example"}, 2),
        ("post.created", {"username": "pip", "topicId": 501, "message": "hello"}, 1),
    ],
)
def test_an_event_that_changes_a_fact_has_it_read_again(
    world: Build, event: str, fields: dict[str, Any], reads: int
) -> None:
    w = world(rule("[hold]", "body: trigger\nauthor: {email_domain: spam.example}"))
    w.post("trigger")
    w.run()
    w.deliver(w.happen(event, **fields))
    w.post("trigger")
    w.run()
    assert w.calls()["GET /api/users/{userId}"] == reads


def test_a_look_up_that_finds_another_worker_reading_is_put_off(world: Build) -> None:
    w = world(rule("[hold]", "body: trigger\nauthor: {account_age: '< 7 days'}"))
    w.post("trigger", username="pip")
    w.work(EVALUATE)
    w.redis.zadd("modbot:reading:main:author", {"103": int((w.clock.time() + 5) * 1000)})
    (event,) = (key.removeprefix("modbot:event:") for key in w.redis.scan_iter("modbot:event:*"))
    look_up(w.context, event)
    assert w.calls() == {}
    w.run()
    assert w.calls()["GET /api/users/{userId}"] == 1


# In a burst, the third call in a moment waits for more to join it.


def test_in_a_burst_members_gather_for_the_next_call(world: Build) -> None:
    w = world(rule("[{add_to_group: Muted}]"))
    names = joined(w, 5)
    with at_one_moment(w):
        for name in names:
            w.post("trigger", username=name)
            w.work()
        assert w.calls()[ADD] == 2
    w.run()
    assert w.calls()[ADD] == 3
    assert all("Muted" in w.groups(name) for name in names)


def test_in_a_burst_posts_gather_for_the_next_list(world: Build) -> None:
    w = world(rule("[hold]"))
    with at_one_moment(w):
        for _ in range(5):
            hook = w.happen("post.created", username="pip", topicId=501, message="trigger")
            w.deliver(hook, secret=None)
            w.work()
        assert w.calls()["GET /api/posts/{postId}"] == 2
    w.run()
    assert w.calls()["GET /api/posts"] == 1
    assert sum(post["pending"] for post in w.posts().values()) == 5


@contextlib.contextmanager
def at_one_moment(w: World) -> Iterator[None]:
    """While it lasts, no time passes but what is waited for."""
    began = w.clock.time() - w.clock.ahead
    with pytest.MonkeyPatch.context() as still:
        still.setattr(w.clock, "time", lambda: began + w.clock.ahead)
        yield
