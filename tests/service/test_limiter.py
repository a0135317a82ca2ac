"""The limiter against a real Redis: what the forum sees, lane by lane, through crashes and lost state."""

from __future__ import annotations

import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redis import Redis

from service.forums.port import TryLater
from service.limiter import HOLD_MS, WINDOW_MS, Limiter, account_key
from service.scripts import load

WINDOW = WINDOW_MS / 1000


def limiter(redis: Redis, *, account: str = "a", per_second: int = 3, per_day: int = 0) -> Limiter:
    return Limiter(redis, account, forum="main", per_second=per_second, per_day=per_day)


def warm(redis: Redis, account: str = "a") -> None:
    """Past the cold start: the state is known and open."""
    redis.hset(f"modbot:limit:{{{account}}}:state", "opens", 1)


def smallest_span(arrivals: list[float], count: int) -> float:
    """The shortest span that holds `count` arrivals."""
    ordered = sorted(arrivals)
    return min(last - first for first, last in zip(ordered, ordered[count - 1 :], strict=False))


@pytest.mark.parametrize("latency", [0.0, 0.05])
def test_eight_threads_never_send_four_requests_in_one_second_and_go_on_sending(redis: Redis, latency: float) -> None:
    arrivals: list[float] = []
    end = time.monotonic() + 6

    def worker(lane: str) -> None:
        own = limiter(redis)
        while time.monotonic() < end:
            try:
                permit = own.acquire(lane)
            except TryLater:
                continue  # bulk behind a steady stream of urgent requests gives its job back
            time.sleep(latency / 2)
            arrivals.append(time.monotonic())
            time.sleep(latency / 2)
            permit.release()

    threads = [threading.Thread(target=worker, args=[lane]) for lane in ["urgent", "bulk"] * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert smallest_span(arrivals, 4) > 1.0
    assert len(arrivals) >= 9, "half of what the forum allows in the time"


def test_the_first_permit_after_lost_state_waits_one_window(redis: Redis) -> None:
    started = time.monotonic()
    limiter(redis).acquire("urgent").release()
    assert time.monotonic() - started >= WINDOW - 0.01


def test_an_urgent_request_goes_before_bulk_requests_that_wait_already(redis: Redis) -> None:
    warm(redis)
    own, order = limiter(redis, per_second=1), []
    own.acquire("bulk").release()

    def wait(lane: str) -> None:
        limiter(redis, per_second=1).acquire(lane).release()
        order.append(lane)

    threads = [threading.Thread(target=wait, args=[lane]) for lane in ("bulk", "bulk", "urgent")]
    for thread in threads:
        thread.start()
        time.sleep(0.05)
    for thread in threads:
        thread.join()
    assert order[0] == "urgent"


def test_bulk_gets_one_permit_in_twenty_however_much_urgent_work_there_is(redis: Redis) -> None:
    warm(redis)
    acquire = load(redis, "acquire")
    keys = limiter(redis)._keys

    def ask(ticket: str, lane: str) -> list[int]:
        return list(acquire(keys=keys, args=[ticket, lane, 1000, 0, 0, 0, 5000]))

    redis.hset(keys[0], "urgent_streak", 19)
    redis.zadd(keys[3], {"b": 1})
    redis.zadd(keys[4], {"b": 9e15})
    assert ask("u", "urgent")[0] == 0, "it is bulk's turn"
    assert ask("b", "bulk")[0] == 1
    assert ask("u", "urgent")[0] == 1


def test_a_holder_that_crashed_costs_its_own_permit_and_no_other(redis: Redis) -> None:
    warm(redis)
    own = limiter(redis)
    own.acquire("urgent")  # never released
    started = time.monotonic()
    for _ in range(4):
        own.acquire("urgent").release()
    assert time.monotonic() - started < HOLD_MS / 1000 / 2, "they did not wait for its hold to end"


def test_a_pause_stops_every_holder_of_the_key_and_no_other(redis: Redis) -> None:
    warm(redis)
    warm(redis, "b")
    limiter(redis).pause(30)
    with pytest.raises(TryLater) as refused:
        limiter(redis).acquire("urgent")
    assert refused.value.after is not None
    assert 29 < refused.value.after < 32
    limiter(redis, account="b").acquire("urgent").release()


def test_pauses_double_while_the_forum_keeps_saying_no(redis: Redis) -> None:
    pause = load(redis, "pause")
    keys = limiter(redis)._keys[:1]
    assert [pause(keys=keys, args=[0, 0]) for _ in range(7)] == [1000, 2000, 4000, 8000, 16000, 30000, 30000]


def test_the_day_s_last_tenth_is_kept_for_urgent_work(redis: Redis) -> None:
    warm(redis)
    own = limiter(redis, per_second=100, per_day=10)
    for _ in range(9):
        own.acquire("bulk").release()
    with pytest.raises(TryLater) as refused:
        own.acquire("bulk")
    assert refused.value.after is not None
    assert refused.value.after <= 3600
    own.acquire("urgent").release()
    with pytest.raises(TryLater):
        own.acquire("urgent")


def test_a_wait_ends_early_at_shutdown(redis: Redis) -> None:
    stop = threading.Event()
    own = Limiter(redis, "a", forum="main", per_second=3, per_day=0, sleep=stop.wait)
    threading.Timer(0.1, stop.set).start()
    started = time.monotonic()
    with pytest.raises(TryLater):
        own.acquire("urgent")  # a cold start: one window to wait
    assert time.monotonic() - started < WINDOW


def test_a_permit_takes_few_calls_however_many_wait(redis: Redis) -> None:
    warm(redis)
    redis.config_resetstat()
    threads = [threading.Thread(target=lambda: limiter(redis).acquire("urgent").release()) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert redis.info("commandstats")["cmdstat_evalsha"]["calls"] <= 12 * 8


def test_forums_with_one_key_share_one_limit_and_the_name_does_not_tell_the_key() -> None:
    assert account_key("secret") == account_key("secret") != account_key("other")
    assert "secret" not in account_key("secret")


@given(st.lists(st.tuples(st.integers(0, 700), st.booleans()), min_size=5, max_size=40))
@settings(max_examples=40, deadline=None)
def test_no_schedule_of_grants_and_releases_breaks_the_limit(schedule: list[tuple[int, bool]]) -> None:
    """Whenever the request arrives between its grant and its release, no four arrivals share a second."""
    import fakeredis.commands_mixins.server_mixin as server
    from fakeredis import FakeRedis

    now = [1_000_000.0]
    real = server.time
    server.time = type("Clock", (), {"time": staticmethod(lambda: now[0])})  # type: ignore[attr-defined]
    try:
        redis = FakeRedis(decode_responses=True)
        warm(redis)
        acquire, release = load(redis, "acquire"), load(redis, "release")
        keys = limiter(redis)._keys
        arrivals, held = [], []
        for number, (gap, early) in enumerate(schedule):
            now[0] += gap / 1000
            if acquire(keys=keys, args=[str(number), "urgent", 3, WINDOW_MS, 20000, 0, 0])[0]:
                if early:
                    arrivals.append(now[0])
                held.append((str(number), early))
            if held and gap % 3:
                ticket, arrived = held.pop(0)
                if not arrived:
                    arrivals.append(now[0])  # the latest moment that it can have arrived
                release(keys=keys[:2], args=[ticket, WINDOW_MS])
        if len(arrivals) > 3:
            assert smallest_span(arrivals, 4) > 1.0
    finally:
        server.time = real  # type: ignore[attr-defined]
