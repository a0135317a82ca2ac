"""A slow forum's share of the workers: what is left for other forums, in numbers and with real processes."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import pytest
from redis import Redis

from service.forums.port import NoPermit
from service.share import Share
from tests.forums.conftest import CountingPermits


@dataclass
class Worker:
    """One worker process as the share sees it."""

    redis: Redis
    lane: str = "urgent"
    permits: CountingPermits = field(default_factory=CountingPermits)

    def __post_init__(self) -> None:
        self.share = Share(self.permits, self.redis, "a")

    def learn(self, seconds: float) -> None:
        """It has made a few calls that took so long."""
        for _ in range(5):
            self.share.leave(self.lane, None, seconds)


def crew(redis: Redis, number: int, seconds: float = 10.0) -> list[Worker]:
    """The workers of a lane, whose calls to the forum took so long."""
    redis.sadd("rq:workers:urgent", *(f"w{one}" for one in range(number)))
    found = [Worker(redis) for _ in range(number)]
    for one in found:
        one.learn(seconds)
    return found


def entered(workers: list[Worker]) -> int:
    """How many of them get a permit when all ask."""
    count = 0
    for one in workers:
        try:
            one.share.acquire("urgent")
        except NoPermit:
            continue
        count += 1
    return count


@pytest.mark.parametrize(("workers", "at_once"), [(1, 1), (2, 1), (3, 2), (5, 4)])
def test_a_slow_forum_has_all_workers_of_a_lane_but_one(redis: Redis, workers: int, at_once: int) -> None:
    assert entered(crew(redis, workers)) == at_once


def test_a_quick_forum_has_them_all_and_asks_redis_for_nothing(redis: Redis) -> None:
    workers = crew(redis, 3, seconds=0.3)
    before = int(redis.info("stats")["total_commands_processed"])
    assert entered(workers) == 3
    assert int(redis.info("stats")["total_commands_processed"]) == before + 1, "the look itself"


def test_who_is_turned_away_is_told_when_to_come_back(redis: Redis) -> None:
    first, second = crew(redis, 2)
    first.share.acquire("urgent")
    with pytest.raises(NoPermit) as turned:
        second.share.acquire("urgent")
    assert 9 < (turned.value.after or 0) < 21


def test_a_call_that_has_ended_makes_room(redis: Redis) -> None:
    first, second = crew(redis, 2)
    first.share.acquire("urgent").release(answered=True)
    assert entered([second]) == 1


def test_the_only_worker_is_left_to_others_for_as_long_as_the_last_call_took(redis: Redis) -> None:
    (only,) = crew(redis, 1)
    permit = only.share.acquire("urgent")
    time.sleep(0.2)
    permit.release()
    assert entered([only]) == 0
    time.sleep(0.25)
    assert entered([only]) == 1


def test_lanes_do_not_count_for_each_other(redis: Redis) -> None:
    first, second = crew(redis, 2)
    redis.sadd("rq:workers:bulk", "b1", "b2")
    first.share.acquire("urgent")
    second.share.acquire("bulk")


def test_without_a_permit_the_place_is_given_up(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = crew(redis, 2)

    def none(lane: str) -> CountingPermits:
        raise NoPermit(f"none for {lane}", after=1)

    monkeypatch.setattr(first.permits, "acquire", none)
    assert entered([first]) == 0
    assert entered([second]) == 1


def test_a_worker_that_died_in_a_call_gives_its_place_up_in_time(redis: Redis) -> None:
    first, second = crew(redis, 2)
    first.share.acquire("urgent")
    (key,) = redis.keys("modbot:limit:*:slow:urgent")
    redis.zadd(key, {redis.zrange(key, 0, 0)[0]: time.time() * 1000 - 1})
    assert entered([second]) == 1


def test_a_forum_that_is_quick_again_has_all_workers_again(redis: Redis) -> None:
    workers = crew(redis, 2)
    for one in workers:
        one.learn(0.2)
    assert entered(workers) == 2
