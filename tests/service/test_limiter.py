"""The limiter: what the forum sees, lane by lane, through jitter, crashes and lost state.

The scripts run on a clock that costs no time (`tests.service.crowd`); what needs a server, threads or sockets is below.
"""

from __future__ import annotations

import itertools
import math
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from service import metrics
from service.forums.port import TryLater
from service.limiter import HOLD_MS, WINDOW_MS, Limiter, account_key
from service.scripts import load
from tests.service.crowd import START, Trip, crowd, uniform

WINDOW = WINDOW_MS / 1000

milliseconds = st.integers(0, 3000).map(lambda ms: ms / 1000)
lanes = st.lists(st.sampled_from(["urgent", "bulk"]), min_size=2, max_size=12)


def never() -> float:
    """Seconds to the next request of a worker that has only one."""
    return math.inf


def limiter(redis: Redis, *, account: str = "a", per_second: int = 3, per_day: int = 0) -> Limiter:
    return Limiter(redis, account, forum="main", per_second=per_second, per_day=per_day)


def warm(redis: Redis, account: str = "a") -> None:
    """Past the cold start: the state is known and open."""
    redis.hset(f"modbot:limit:{{{account}}}:state", "opens", 1)


@given(st.lists(st.builds(Trip, milliseconds, milliseconds, milliseconds), min_size=1, max_size=30), lanes)
@settings(deadline=None, max_examples=20)
def test_after_a_rate_limit_answer_no_latency_whatever_breaks_the_limit(trips: list[Trip], workers: list[str]) -> None:
    with crowd(itertools.cycle(trips).__next__) as world:
        world.pause()
        for number, lane in enumerate(workers):
            world.join(lane, str(number))
        world.run(20)
        assert world.shortest() > 1.0


@given(
    st.lists(st.builds(Trip, milliseconds, st.integers(0, 40).map(lambda ms: ms / 1000), milliseconds), min_size=1),
    lanes,
)
@settings(deadline=None, max_examples=20)
def test_slow_replies_do_not_break_the_limit_where_the_way_is_below_the_margin(
    trips: list[Trip], workers: list[str]
) -> None:
    with crowd(itertools.cycle(trips).__next__) as world:
        for number, lane in enumerate(workers):
            world.join(lane, str(number))
        world.run(20)
        assert world.shortest() > 1.0


@given(st.integers(0, 120), st.integers(0, 100), st.integers(0, 30), st.integers(0, 2**32), lanes)
@settings(deadline=None, max_examples=12, derandomize=True)
def test_no_jitter_breaks_the_limit_while_replies_are_quick(
    way: int, work: int, more: int, seed: int, workers: list[str]
) -> None:
    """How quick a reply can be is learned, so this holds but for a chance in thousands: hence the fixed examples."""
    with crowd(uniform(way, (work, work + more), seed=seed)) as world:
        for number, lane in enumerate(workers):
            world.join(lane, str(number))
        world.run(40)
        assert world.shortest() > 1.0


@pytest.mark.parametrize(
    ("way", "work", "least"),
    [
        (0, (30, 80), 0.95),
        (20, (30, 80), 0.95),
        (20, (300, 800), 0.95),
        (20, (1500, 2000), 0.90),
        (100, (30, 80), 0.88),
    ],
)
def test_eight_busy_workers_use_what_is_allowed(way: int, work: tuple[int, int], least: float) -> None:
    with crowd(uniform(way, work)) as world:
        for number in range(8):
            world.join("bulk", str(number))
        world.run(60)
        assert world.use() >= least
        assert world.shortest() > 1.0
        assert world.calls / len(world.arrivals) <= 5


@given(lanes, st.lists(st.integers(0, 200), min_size=12, max_size=12))
@settings(deadline=None, max_examples=20)
def test_a_lane_is_served_in_order_of_arrival(workers: list[str], gaps: list[int]) -> None:
    with crowd(uniform(20, (30, 80))) as world:
        for number, (lane, first) in enumerate(zip(workers, itertools.accumulate(gaps), strict=False)):
            world.join(lane, f"{number:02}", first=first / 1000, again=never)
        world.run(30)
        for lane in ("urgent", "bulk"):
            assert world.order(lane) == [f"{n:02}" for n, own in enumerate(workers) if own == lane]


def test_urgent_requests_go_before_bulk_requests_that_wait_already() -> None:
    with crowd(uniform(0, (30, 80))) as world:
        for number in range(6):
            world.join("bulk", str(number), again=never)
        world.join("urgent", "u", first=1.2, again=never)
        world.run(10)
        assert [lane for _, lane, _ in world.arrivals].index("urgent") <= 2


@pytest.mark.parametrize("urgent", [10, 40])
def test_bulk_gets_one_permit_in_twenty_however_much_urgent_work_there_is(urgent: int) -> None:
    with crowd(uniform(20, (30, 80))) as world:
        for number in range(urgent):
            world.join("urgent", str(number))
        for number in range(3):
            world.join("bulk", str(number))
        world.run(120)
        served = len(world.order("bulk"))
        assert len(world.arrivals) / 22 < served <= len(world.arrivals) / 20 + 1


def test_urgent_work_now_and_then_hardly_waits_behind_sixteen_bulk_workers() -> None:
    with crowd(uniform(20, (30, 80))) as world:
        for number in range(16):
            world.join("bulk", str(number))
        gaps = itertools.cycle([0.7, 2.1, 0.2, 1.9, 1.4])
        world.join("urgent", "u", first=3, again=gaps.__next__)
        world.run(120)
        waits = sorted(wait for lane, wait in world.waits if lane == "urgent")
        assert waits[len(waits) * 95 // 100] <= 0.7
        assert world.use() >= 0.93


def test_holders_that_crashed_cost_one_timeout_and_others_go_on() -> None:
    trips = itertools.chain([Trip(0.001, 0.0, 0.05, lost=True)] * 3, itertools.repeat(Trip(0.001, 0.0, 0.05)))
    with crowd(trips.__next__) as world:
        for number in range(6):
            world.join("urgent", str(number))
        world.run(HOLD_MS / 1000 + 10)
        first, *_ = (at for at, *_ in world.arrivals[3:])
        assert first - START < HOLD_MS / 1000 + 2
        assert len(world.arrivals) > 20


def test_a_waiter_that_died_in_line_is_passed_over() -> None:
    with crowd(uniform(0, (30, 80))) as world:
        world.redis.zadd("modbot:limit:{a}:urgent", {"dead": 0})
        world.redis.zadd("modbot:limit:{a}:waiting", {"dead": (START + 2) * 1000})
        world.join("urgent", "alive", again=never)
        world.run(4)
        assert world.order("urgent") == ["alive"]


@given(st.integers(10, 40), st.integers(1, 5))
@settings(deadline=None, max_examples=10)
def test_no_day_has_more_requests_than_allowed_and_its_last_tenth_is_urgent(per_day: int, workers: int) -> None:
    with crowd(uniform(0, (30, 80)), per_day=per_day) as world:
        for number in range(workers):
            world.join("bulk", f"b{number}")
        world.run(60)
        assert len(world.arrivals) == math.ceil(per_day * 0.9)
        world.join("urgent", "u")
        world.run(60)
        assert len(world.arrivals) == per_day
        world.run(30 * 3600)
        assert per_day < len(world.arrivals)
        assert world.shortest(per_day + 1) > 24 * 3600


def test_the_first_permit_after_lost_state_waits_one_window() -> None:
    with crowd(uniform(0, (30, 80))) as world:
        for number in range(4):
            world.join("bulk", str(number))
        world.run(10)
        world.redis.flushall()
        world.run(10)
        assert world.shortest() > 1.0


def test_pauses_double_while_the_forum_keeps_saying_no(redis: Redis) -> None:
    pause = load(redis, "pause")
    keys = limiter(redis)._keys[:1]
    assert [pause(keys=keys, args=[0, 0]) for _ in range(7)] == [1000, 2000, 4000, 8000, 16000, 30000, 30000]


def test_a_pause_stops_every_holder_of_the_key_and_no_other(redis: Redis) -> None:
    warm(redis)
    warm(redis, "b")
    limiter(redis).pause(30)
    with pytest.raises(TryLater) as refused:
        limiter(redis).acquire("urgent")
    assert refused.value.after is not None
    assert 29 < refused.value.after < 32
    limiter(redis, account="b").acquire("urgent").release()


def test_those_sent_away_are_told_to_come_back_one_by_one(redis: Redis) -> None:
    limiter(redis).pause(30)
    told = []
    for _ in range(4):
        with pytest.raises(TryLater) as refused:
            limiter(redis).acquire("urgent")
        told.append(refused.value.after or 0)
    assert all(0.3 < later - earlier < 0.4 for earlier, later in itertools.pairwise(told))


@pytest.mark.parametrize("state", ["cold", "granted ahead"])
def test_a_wait_ends_early_at_shutdown_and_leaves_nothing_behind(redis: Redis, state: str) -> None:
    if state == "granted ahead":
        redis.hset("modbot:limit:{a}:state", "opens", time.time() * 1000 + 55)
    stop = threading.Event()
    stop.set()
    own = Limiter(redis, "a", forum="main", per_second=3, per_day=0, sleep=stop.wait)
    with pytest.raises(TryLater):
        own.acquire("urgent")
    assert not any(redis.exists(key) for key in own._keys[1:5])


def test_without_redis_nothing_is_granted(redis: Redis) -> None:
    own = limiter(Redis(unix_socket_path="/nowhere", retry=Retry(NoBackoff(), 0)))
    errors = metrics.limiter_permits.labels("main", "urgent", "backend_error")
    before = errors._value.get()
    with pytest.raises(RedisError):
        own.acquire("urgent")
    assert errors._value.get() == before + 1


def test_threads_on_a_real_server_keep_the_limit(redis: Redis) -> None:
    warm(redis)
    arrivals: list[float] = []

    def work() -> None:
        permit = limiter(redis).acquire("urgent")
        arrivals.append(time.monotonic())
        permit.sent()
        permit.release(answered=True)

    threads = [threading.Thread(target=work) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(arrivals) == 10
    assert min(last - first for first, last in itertools.pairwise(sorted(arrivals)[::3])) > 1.0


def test_forums_with_one_key_share_one_limit_and_the_name_does_not_tell_the_key() -> None:
    assert account_key("secret") == account_key("secret") != account_key("other")
    assert "secret" not in account_key("secret")
