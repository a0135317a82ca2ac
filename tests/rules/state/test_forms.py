"""Both forms against the naive state, over sequences of events that come late, twice and withdrawn."""

from __future__ import annotations

from itertools import count
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from rules.state.counters import Award, Counter
from rules.state.groups import Membership
from rules.state.memory import MemoryState
from rules.state.state import State
from rules.state.windows import Observation, TextObservation
from tests.rules.state.naive import NaiveState
from workers.state import RedisState

Step = tuple[str, tuple[Any, ...]]

TENTHS = st.integers(-30, 30).map(lambda n: 1_767_268_800 + n / 10)
SPANS = st.integers(1, 40).map(lambda n: n / 10)
FEW = st.sampled_from(("a", "b"))
KEYS = st.lists(FEW, max_size=2).map(tuple)
EVENTS = st.sampled_from([f"event {n}" for n in range(8)])
COUNTERS = st.builds(Counter, st.sampled_from(("strikes", "flowers")), st.tuples(FEW))

LANES = st.lists(st.sampled_from(("live", "shadow")), unique=True, min_size=1)

# What a window holds and whether it asks for `kept` belongs to the rule, so it follows from the window's name.
PLAIN = st.builds(Observation, st.just("plain"), KEYS, TENTHS, SPANS, st.integers(0, 3))
KEPT = st.builds(Observation, st.just("kept"), KEYS, TENTHS, SPANS, st.integers(0, 3), kept=st.just("live"))
VALUES = st.lists(st.sampled_from("xyz"), max_size=3).map(tuple)
DISTINCT = st.builds(Observation, st.just("distinct"), KEYS, TENTHS, SPANS, values=VALUES, kept=st.just("live"))
TEXTS = st.text("xyz", max_size=6)
EXACT = st.builds(TextObservation, st.just("exact"), KEYS, TENTHS, SPANS, TEXTS, kept=st.just("shadow"))
SIMILAR = st.builds(TextObservation, st.just("similar"), KEYS, TENTHS, SPANS, TEXTS, st.just(60.0), st.just("live"))


@st.composite
def sequences(draw: st.DrawFn) -> list[Step]:
    """Events, each with its own observations, seen in any order and any number of times."""
    seen = st.lists(PLAIN | KEPT | DISTINCT | EXACT | SIMILAR, min_size=1, max_size=4)
    happened = draw(st.dictionaries(EVENTS, seen, min_size=1))
    events = st.sampled_from(sorted(happened))
    observe = events.map(lambda event: ("observe", (event, happened[event])))
    withdraw = st.tuples(st.just("withdraw"), st.tuples(st.lists(events, min_size=1, max_size=2, unique=True), LANES))
    return draw(st.lists(observe | observe | withdraw, max_size=25))


AWARDS = st.builds(Award, st.sampled_from(("r", "s")), COUNTERS, st.integers(-2, 3), TENTHS, st.none() | SPANS)
POINTS: st.SearchStrategy[Step] = st.one_of(
    st.tuples(st.just("award"), st.tuples(EVENTS, st.lists(AWARDS, max_size=3))),
    st.tuples(st.just("award"), st.tuples(EVENTS, st.lists(AWARDS, max_size=3))),
    st.tuples(st.just("points"), st.tuples(EVENTS, st.lists(COUNTERS, max_size=3), TENTHS)),
    st.tuples(st.just("take_back"), st.tuples(EVENTS, st.sampled_from(("r", "s")), st.just("strikes"))),
)
GROUPS = st.lists(st.sampled_from(("Members", "members", "Muted")), max_size=2).map(tuple)
REGROUP: st.SearchStrategy[Step] = st.tuples(
    st.just("regroup"), st.tuples(EVENTS, st.builds(Membership, FEW, GROUPS, TENTHS))
)
FIRST: st.SearchStrategy[Step] = st.tuples(
    st.just("first"), st.tuples(FEW, KEYS, st.none() | SPANS | SPANS | SPANS, EVENTS, TENTHS)
)

forum = count(1)
many = settings(max_examples=300, deadline=None)
few = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def agree(state: State, steps: list[Step]) -> None:
    naive = NaiveState()
    for verb, words in steps:
        assert getattr(state, verb)(*words) == getattr(naive, verb)(*words), (verb, words)


@many
@given(sequences())
def test_windows_in_memory(steps: list[Step]) -> None:
    agree(MemoryState(), steps)


@few
@given(steps=sequences())
def test_windows_in_redis(redis: Redis, steps: list[Step]) -> None:
    agree(RedisState(redis, f"forum{next(forum)}"), steps)


@many
@given(st.lists(POINTS, max_size=25))
def test_points_in_memory(steps: list[Step]) -> None:
    agree(MemoryState(), steps)


@few
@given(steps=st.lists(POINTS, max_size=25))
def test_points_in_redis(redis: Redis, steps: list[Step]) -> None:
    agree(RedisState(redis, f"forum{next(forum)}"), steps)


@many
@given(st.lists(FIRST, max_size=25))
def test_firsts_in_memory(steps: list[Step]) -> None:
    agree(MemoryState(), steps)


@few
@given(steps=st.lists(FIRST, max_size=25))
def test_firsts_in_redis(redis: Redis, steps: list[Step]) -> None:
    agree(RedisState(redis, f"forum{next(forum)}"), steps)


@many
@given(st.lists(REGROUP, max_size=15))
def test_groups_in_memory(steps: list[Step]) -> None:
    agree(MemoryState(), steps)


@few
@given(steps=st.lists(REGROUP, max_size=15))
def test_groups_in_redis(redis: Redis, steps: list[Step]) -> None:
    agree(RedisState(redis, f"forum{next(forum)}"), steps)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), min_size=250, max_size=400))
def test_both_forms_drop_the_same_texts(redis: Redis, steps: list[tuple[int, int]]) -> None:
    forms: list[State] = [MemoryState(), RedisState(redis, f"forum{next(forum)}")]
    for event, at in steps:
        seen = TextObservation("copies", (), float(at), 100.0, "xyz"[at % 3] * 4, 50.0)
        one, other = (form.observe(f"event {event}", [seen]) for form in forms)
        assert one == other
