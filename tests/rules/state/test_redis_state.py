"""What only the Redis form has: other workers at the same time, round trips, keys and their expiry, size."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest
from redis import Redis

from rules.state.counters import Award, Counter
from rules.state.groups import MOST_SIGHTINGS, Membership
from rules.state.windows import (
    FOREVER_SECONDS,
    LATE_SECONDS,
    MOST_MEMBERS,
    MOST_TEXTS,
    Observation,
    TextObservation,
)
from service.connections import connect
from workers.state import RedisState

A = TypeVar("A")
STRIKES = Counter("strikes", ("pip",))
EACH = 50

VERBS: dict[str, Callable[[RedisState], Any]] = {
    "observe": lambda state: state.observe("a", [count(), values("x", "y"), text("hello"), text("hello", 100)]),
    "withdraw": lambda state: state.withdraw(["a"], ["live"]),
    "points": lambda state: state.points("a", [STRIKES, Counter("flowers", ("pip",))], 0.0),
    "award": lambda state: state.award("a", [Award("r", STRIKES, 1, 0.0), Award("s", STRIKES, 1, 0.0)]),
    "take_back": lambda state: state.take_back("a", "r", "strikes"),
    "regroup": lambda state: state.regroup("a", Membership("101", ("Members",), 0.0)),
    "first": lambda state: state.first("r", (), 60.0, "a", 0.0),
}


def count(**other: Any) -> Observation:
    fields: dict[str, Any] = {"window": "count", "key": ("pip",), "at": 0.0, "within": 600.0} | other
    return Observation(**fields)


def values(*different: str) -> Observation:
    return count(window="values", values=different, kept="live")


def text(written: str, similar: float = 90.0) -> TextObservation:
    return TextObservation(window="text", key=("pip",), at=0.0, within=600.0, text=written, similar=similar)


def in_eight_threads(redis_url: str, ask: Callable[[RedisState, str], A]) -> list[A]:
    """What eight workers are told about EACH events of theirs, all begun together."""
    together = threading.Barrier(8)

    def work(worker: int) -> list[A]:
        with connect(redis_url) as client:
            state = RedisState(client, "main")
            together.wait()
            return [ask(state, f"event {worker} {n}") for n in range(EACH)]

    with ThreadPoolExecutor(8) as threads:
        return [answer for answers in threads.map(work, range(8)) for answer in answers]


@pytest.mark.parametrize("seen", [count(), text("hello"), text("hello", 100)], ids=["count", "similar", "equal"])
def test_no_two_workers_see_the_same_count(redis: Redis, redis_url: str, seen: Observation | TextObservation) -> None:
    told = in_eight_threads(redis_url, lambda state, event: state.observe(event, [seen])[0].number)
    most = MOST_TEXTS if seen == text("hello") else 8 * EACH
    assert sorted(told) == [min(n, most) for n in range(1, 8 * EACH + 1)]


def test_no_two_workers_see_the_same_total(redis: Redis, redis_url: str) -> None:
    told = in_eight_threads(redis_url, lambda state, event: state.award(event, [Award("r", STRIKES, 1, 0.0)])[0])
    assert sorted((total.before, total.after) for total in told) == [(n, n + 1) for n in range(8 * EACH)]


def test_one_of_all_workers_is_first(redis: Redis, redis_url: str) -> None:
    assert sum(in_eight_threads(redis_url, lambda state, event: state.first("r", (), None, event, 0.0))) == 1


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_is_one_round_trip(redis: Redis, verb: str) -> None:
    state = RedisState(redis, "main")
    VERBS[verb](state)  # the server learns the script

    def reads() -> int:
        return int(redis.info("stats")["total_reads_processed"])

    redis.config_resetstat()
    before = reads()
    VERBS[verb](state)
    assert reads() - before == 2, "its own, and that of asking"
    scripts = redis.info("commandstats").get("cmdstat_evalsha", {"calls": 0})
    assert scripts["calls"] == (0 if verb == "points" else 1)


@pytest.mark.parametrize("verb", VERBS)
def test_a_server_that_lost_the_scripts_is_sent_them_again(redis: Redis, verb: str) -> None:
    state = RedisState(redis, "main")
    for fill in ("observe", "award", "first"):
        VERBS[fill](state)
    told = VERBS[verb](RedisState(redis, "other"))
    redis.script_flush()
    assert VERBS[verb](RedisState(redis, "another")) == told


def test_every_key_has_an_expiry(redis: Redis) -> None:
    state = RedisState(redis, "main")
    for verb in VERBS.values():
        verb(state)
    state.first("forever", (), None, "a", 0.0)
    expiries = {key: redis.ttl(key) for key in keys(redis)}
    assert {key.split(":")[3] for key in expiries} == {"event", "window", "counter", "first", "order", "groups"}
    assert all(0 < seconds <= FOREVER_SECONDS + LATE_SECONDS for seconds in expiries.values())
    windows = [seconds for key, seconds in expiries.items() if ":window:" in key]
    assert all(LATE_SECONDS + 590 < seconds <= LATE_SECONDS + 600 for seconds in windows)


def test_an_event_is_remembered_as_long_as_the_longest_of_its_windows(redis: Redis) -> None:
    RedisState(redis, "main").observe("a", [count(), count(window="long", within=86_400.0), count(window="short")])
    [record] = [key for key in keys(redis) if ":event:" in key]
    assert redis.ttl(record) > LATE_SECONDS + 86_000


def test_keys_and_members_have_a_fixed_length_whatever_is_written(redis: Redis) -> None:
    def lengths(word: str) -> tuple[set[int], set[int]]:
        redis.flushall()
        state = RedisState(redis, "main")
        state.observe(word, [count(window=word, key=(word, word), values=(word,))])
        state.award(word, [Award(word, Counter(word, (word,)), 1, 0.0)])
        state.first(word, (word,), None, word, 0.0)
        rows = [key for key in keys(redis) if redis.type(key) == "zset"]
        return {len(key) for key in keys(redis)}, {len(one) for row in rows for one in redis.zrange(row, 0, -1)}

    assert lengths("a") == lengths("*\n:" * 100_000) == lengths("\ud800")


def test_forums_share_nothing(redis: Redis) -> None:
    for forum in ("main", "other"):
        state = RedisState(redis, forum)
        assert state.observe("a", [count(kept="live"), text("hello")]) == [state.observe("a", [count()])[0]] * 2
        assert state.award("a", [Award("r", STRIKES, 1, 0.0)])[0].before == 0
        assert state.first("r", (), None, forum, 0.0)
    assert RedisState(redis, "other").withdraw(["a"], ["live"]) == 1
    assert RedisState(redis, "main").observe("b", [count()])[0].number == 2


def test_a_full_window_is_as_large_as_it_says(redis: Redis) -> None:
    state = RedisState(redis, "main")
    state.observe("before", [values("x")])
    for n in range(3):
        words = tuple(f"{n} {word}" for word in range(MOST_MEMBERS))
        assert state.observe(f"raid {n}", [values(*words)])[0].at_least
    [window] = [key for key in keys(redis) if ":window:" in key]
    assert redis.zcard(window) == MOST_MEMBERS
    assert (redis.memory_usage(window, samples=0) or 0) in range(1_000_000, 2_000_000)


def test_only_so_many_sightings_of_a_person_are_kept(redis: Redis) -> None:
    state = RedisState(redis, "main")
    for n in range(3 * MOST_SIGHTINGS):
        state.regroup(f"e{n}", Membership("101", (f"Rank {n}",), float(n)))
    [row] = [key for key in keys(redis) if ":groups:" in key]
    assert redis.zcard(row) == MOST_SIGHTINGS


def test_a_replay_adds_what_observing_would_and_asks_in_one_round_trip(redis: Redis) -> None:
    one, other = RedisState(redis, "main"), RedisState(redis, "other")
    happened: list[tuple[str, list[Observation | TextObservation]]] = [
        (f"e{n}", [count(at=float(n)), text(f"hello {n}"), values(str(n))]) for n in range(5)
    ]
    for event, seen in happened:
        one.observe(event, seen)
    other.replay(happened[::-1])
    other.replay(happened)
    last: list[Observation | TextObservation] = [count(at=6.0), text("hello"), values("new")]
    assert other.observe("last", last) == one.observe("last", last)
    redis.config_resetstat()
    other.replay(happened)
    assert redis.info("commandstats")["cmdstat_evalsha"]["calls"] == len(happened)
    assert int(redis.info("stats")["total_reads_processed"]) <= 4, "scripts known, the page, and what was asked here"


def keys(redis: Redis) -> list[str]:
    return sorted(redis.scan_iter("modbot:*"))
