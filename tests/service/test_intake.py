"""The web edge: every answer of contract.md, section 4, and what is in Redis when it was given."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NoReturn

import pytest
from redis import Redis
from redis import asyncio as redis_asyncio

from service.connections import connect_async
from service.enqueue import Arrival, GroupCommit, Overloaded, Receipt
from service.forums import PLATFORMS
from tests.world import SECRET, TOKEN, World

NO_RULES = "name: never\nbody: xyzzy\ndelete: true\n"
PATH = f"/webhooks/main/{TOKEN}"
SAMPLES = PLATFORMS["websitetoolbox"].samples


@pytest.fixture
def edge(world: Callable[..., World]) -> World:
    return world(NO_RULES)


def signed(body: bytes) -> dict[str, str]:
    return dict(PLATFORMS["websitetoolbox"].sign(body, SECRET))


def records(edge: World, state: str) -> list[dict[str, str]]:
    rows = [edge.redis.hgetall(key) for key in edge.redis.keys("modbot:event:*")]
    return [row for row in rows if row["state"] == state]


def test_an_event_is_in_redis_with_a_job_before_it_is_answered(edge: World) -> None:
    answer = edge.deliver(SAMPLES["post.created"])
    assert (answer["code"], answer["status"]) == (200, "accepted")
    (record,) = records(edge, "queued")
    assert (record["platform"], record["name"]) == ("websitetoolbox", "post.created")
    assert json.loads(record["body"]) == SAMPLES["post.created"]
    assert "event" not in record, "a worker reads it"
    assert edge.redis.llen("rq:queue:evaluate") == 1
    assert edge.redis.zrange("modbot:due", 0, -1) == [f"event:{answer['id']}"]


def test_the_edge_does_not_read_what_a_worker_will(edge: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*_: Any) -> NoReturn:
        raise AssertionError("the edge has read an event")

    for platform in PLATFORMS.values():
        monkeypatch.setitem(PLATFORMS, platform.name, replace(platform, read=read))  # type: ignore[arg-type]
    assert edge.deliver(SAMPLES["post.created"])["status"] == "accepted"


def test_a_redelivery_is_a_duplicate_under_the_first_id(edge: World) -> None:
    first, second = edge.deliver(SAMPLES["post.created"]), edge.deliver(SAMPLES["post.created"])
    assert second == {**first, "status": "duplicate"}
    assert len(records(edge, "queued")) == 1
    assert edge.redis.llen("rq:queue:evaluate") == 1, "a repeat wakes no worker"


def test_an_update_repeats_only_the_last_body_seen_of_its_object(edge: World) -> None:
    locked = SAMPLES["topic.updated"]
    unlocked = json.loads(json.dumps(locked))
    unlocked["data"]["object"]["locked"] = not locked["data"]["object"]["locked"]
    statuses = [edge.deliver(body)["status"] for body in (locked, locked, unlocked, locked)]
    assert statuses == ["accepted", "duplicate", "accepted", "accepted"]


@pytest.mark.parametrize("body", [{"type": "badge.given", "data": {"object": {}}}, {"data": {"object": {"postId": 1}}}])
def test_an_unknown_event_is_answered_200_and_kept(edge: World, body: dict[str, Any]) -> None:
    answer = edge.deliver(body)
    assert (answer["code"], answer["status"]) == (200, "ignored")
    (record,) = records(edge, "ignored")
    assert json.loads(record["body"]) == body
    assert edge.redis.llen("rq:queue:evaluate") == 0


GOOD = json.dumps(SAMPLES["post.created"]).encode()


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status"),
    [
        ("POST", PATH, b"{", {}, 400),
        ("POST", PATH, b"[]", {}, 400),
        ("POST", PATH, b'{"type": "post.created"}', {}, 400),
        ("POST", PATH, b"\xff\xfe", {}, 400),
        ("POST", PATH, GOOD, {"x-wtsignature": "AAAA"}, 401),
        ("POST", "/webhooks/main/wrong", GOOD, {}, 404),
        ("POST", f"/webhooks/other/{TOKEN}", GOOD, {}, 404),
        ("POST", f"{PATH}/", GOOD, {}, 404),
        ("POST", "/webhooks/main", GOOD, {}, 404),
        ("POST", "/", GOOD, {}, 404),
        ("GET", PATH, b"", {}, 405),
        ("PUT", PATH, GOOD, {}, 405),
        ("DELETE", PATH, b"", {}, 405),
        ("POST", PATH, b" " * 300_000, {}, 413),
    ],
)
def test_bad_requests_get_their_status_and_store_nothing(
    edge: World, method: str, path: str, body: bytes, headers: dict[str, str], status: int
) -> None:
    answer = edge.web.request(method, path, content=body, headers=headers, follow_redirects=False)
    assert answer.status_code == status
    assert not edge.redis.keys("modbot:event:*")


def test_an_unknown_forum_and_a_wrong_token_look_the_same(edge: World) -> None:
    wrong, unknown = edge.web.post("/webhooks/main/x", content=GOOD), edge.web.post("/webhooks/nope/x", content=GOOD)
    assert (wrong.status_code, wrong.content, wrong.headers) == (unknown.status_code, unknown.content, unknown.headers)


def test_a_chunked_body_over_the_limit_is_refused_too(edge: World) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(100):
            yield b" " * 10_000

    assert edge.web.post(PATH, content=chunks()).status_code == 413


def test_a_missing_signature_is_refused_where_one_is_required(world: Callable[..., World]) -> None:
    strict = world(NO_RULES, webhook={"token": TOKEN, "signing_secrets": [SECRET], "require_signature": True})
    assert strict.deliver(SAMPLES["post.created"], secret=None)["code"] == 401
    assert strict.deliver(SAMPLES["post.created"])["code"] == 200


def arrival(id_: str, subject: str) -> Arrival:
    record = {"state": "queued", "forum": "main", "signed": "1", "received_at": "1.0", "event": "{}", "happening": "h"}
    return Arrival(id_, f"modbot:seen:main:{subject}", "", record)


def commit_together(redis_url: str, arrivals: list[Arrival]) -> list[Receipt | BaseException]:
    async def run() -> list[Receipt | BaseException]:
        client = connect_async(redis_url)
        commit = GroupCommit(client)
        answers = await asyncio.gather(*(commit.commit(one) for one in arrivals), return_exceptions=True)
        await client.aclose()
        return list(answers)

    return asyncio.run(run())


def test_a_burst_is_committed_in_a_few_round_trips_with_one_job_a_group(redis: Redis, redis_url: str) -> None:
    commit_together(redis_url, [arrival("warm", "warm")])
    redis.config_resetstat()
    answers = commit_together(redis_url, [arrival(f"e{n}", f"s{n}") for n in range(200)])
    assert {one.status for one in answers if isinstance(one, Receipt)} == {"accepted"}
    assert redis.info("commandstats")["cmdstat_evalsha"]["calls"] <= 2
    assert redis.llen("rq:queue:evaluate") <= 1 + 2


def commands(redis: Redis, redis_url: str, arrivals: list[Arrival]) -> dict[str, int]:
    """How often each command ran while these were committed together."""
    redis.config_resetstat()
    commit_together(redis_url, arrivals)
    stats = redis.info("commandstats")
    return {name.removeprefix("cmdstat_"): told["calls"] for name, told in stats.items()}


def group(size: int, name: str) -> list[Arrival]:
    return [arrival(f"{name}{n}", f"{name}{n}") for n in range(size)]


@pytest.mark.parametrize("size", [2, 10, 300])
def test_a_group_costs_one_round_trip_and_five_commands_for_each_more_delivery(
    redis: Redis, redis_url: str, size: int
) -> None:
    commit_together(redis_url, [arrival("warm", "warm")])
    alone = commands(redis, redis_url, group(1, "alone"))
    together = commands(redis, redis_url, group(size, "together"))
    more = {name: together[name] - alone[name] for name in together if together[name] > alone[name]}
    each = {"hmget": 1, "hset": 2, "expire": 1, "zadd": 1}
    assert more == {name: times * (size - 1) for name, times in each.items()}
    assert together["evalsha"] == 1


def large(number: int, size: int) -> Arrival:
    one = arrival(f"large{number}", f"large{number}")
    return replace(one, record={**one.record, "body": "x" * size})


def test_a_round_trip_holds_a_megabyte_and_the_delivery_that_goes_beyond(redis: Redis, redis_url: str) -> None:
    commit_together(redis_url, [arrival("warm", "warm")])
    assert commands(redis, redis_url, [large(number, 600_000) for number in range(4)])["evalsha"] == 2


@pytest.mark.parametrize(("size", "taken"), [(1, 10_000), (2**20, 15), (2**25, 1)])
def test_what_waits_for_redis_is_bounded_by_number_and_by_size(
    redis: Redis, redis_url: str, size: int, taken: int
) -> None:
    answers = commit_together(redis_url, [large(number, size) for number in range(taken + 3)])
    assert [isinstance(one, Receipt) for one in answers] == [True] * taken + [False] * 3
    assert {type(one) for one in answers[taken:]} == {Overloaded}


def test_the_ten_thousandth_event_costs_as_many_commands_as_the_first(redis: Redis, redis_url: str) -> None:
    commit_together(redis_url, [arrival("warm", "warm")])
    first = commands(redis, redis_url, group(1, "first"))
    redis.zadd("modbot:due", {f"event:old{n}": n for n in range(10_000)})
    redis.rpush("rq:queue:evaluate", *range(10_000))
    assert commands(redis, redis_url, group(1, "late")) == first


def test_one_group_tells_its_own_repeats_apart(redis: Redis, redis_url: str) -> None:
    answers = commit_together(redis_url, [arrival("a", "same"), arrival("b", "same"), arrival("c", "other")])
    assert answers == [Receipt("accepted", "a"), Receipt("duplicate", "a"), Receipt("accepted", "c")]


def test_a_server_that_forgot_its_scripts_is_taught_again(redis: Redis, redis_url: str) -> None:
    commit_together(redis_url, [arrival("a", "a")])
    redis.script_flush()
    assert commit_together(redis_url, [arrival("b", "b")]) == [Receipt("accepted", "b")]


def test_without_redis_the_answer_is_503_with_a_time_to_come_back(edge: World, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = redis_asyncio.Redis(unix_socket_path="/nonexistent/redis.sock")

    async def fail(self: GroupCommit, group: list[Arrival]) -> list[Receipt]:
        await nowhere.ping()
        return []

    monkeypatch.setattr(GroupCommit, "_send", fail)
    answer = edge.web.post(PATH, content=GOOD, headers=signed(GOOD))
    assert answer.status_code == 503
    assert 30 <= int(answer.headers["retry-after"]) < 40
    assert answer.json() == {"error": "not stored: Redis is away"}
