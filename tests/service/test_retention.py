"""What is kept and what is dropped, on a real Redis with a memory budget: unfinished work never, the oldest first."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import OutOfMemoryError

from service import metrics
from service.connections import connect
from service.dead_letters import DeadLetters
from service.embedded import NoServer, embedded_redis
from service.kept import DUE, ENDED, LOG
from service.ledger import FINAL_SECONDS, Claim
from service.queue import Pusher
from service.records import DecisionLog, Filter
from service.retention import AT_ONCE, BEGIN_SHARE, END_SHARE, MOST_CALLS, Retention, keep_seconds
from service.serve import MEMORY_SHARE
from service.settings import RetentionSection
from tests.service.site import DAY, Site
from tests.world import World
from workers.recover import Sweeper

MB = 1024 * 1024


@pytest.fixture(scope="module")
def server() -> Iterator[Redis]:
    """A server of this module's own, whose memory is limited and counted."""
    try:
        with embedded_redis() as url:
            yield connect(url)
    except NoServer as none:
        pytest.skip(str(none))


@pytest.fixture
def site(server: Redis) -> Iterator[Site]:
    yield Site(server)
    server.config_set("maxmemory", 0)


def test_the_oldest_go_first_until_there_is_room(site: Site) -> None:
    for _ in range(600):
        site.ended(size=4000)
    site.limit_so_that_used_is(BEGIN_SHARE + 0.05)
    dropped = site.retention.step()
    assert 0 < dropped < 600
    assert site.events() == {f"e{number}" for number in range(dropped + 1, 601)}
    budget = int(site.redis.config_get("maxmemory")["maxmemory"])
    assert site.used() < budget * END_SHARE
    assert site.retention.step() == 0, "and it does not go on"


def test_nothing_is_dropped_while_there_is_room(site: Site) -> None:
    for _ in range(50):
        site.ended()
    site.limit_so_that_used_is(BEGIN_SHARE - 0.05)
    assert site.retention.step() == 0
    site.redis.config_set("maxmemory", 0)
    assert site.retention.step() == 0, "nor where Redis has no limit"


def test_a_budget_of_its_own_takes_the_place_of_redis_maxmemory(site: Site) -> None:
    for _ in range(300):
        site.ended(size=20_000)
    budget = round(site.used() / MB / 0.75)
    assert Retention(site.redis, RetentionSection(memory_mb=budget)).step() > 0


def test_what_is_not_final_is_never_dropped(site: Site) -> None:
    site.taken_in()
    waiting = site.newest
    open_actions = site.planned()
    planned = site.newest
    unsure = site.ended("unsure")
    parked = site.newest
    dead = site.taken_in()
    site.store.settle(dead, "dead", "no good", "rule_error")
    for _ in range(300):
        site.ended(size=2000)
    site.limit_so_that_used_is(0.99)
    site.redis.config_set("maxmemory", site.used() // 2)  # far more is wanted than can be had
    for _ in range(5):
        site.retention.step()
    assert site.events() == {waiting, planned, parked, dead.id}
    assert {letter.item for letter in DeadLetters(site.redis).all()} == {
        f"event:{dead.id}",
        *(f"action:{action}" for action in unsure),
    }
    for action in (*open_actions, *unsure):
        assert site.redis.hexists(f"modbot:action:{action}", "action"), "with all that is needed to carry it out"
    assert {f"event:{waiting}", *(f"action:{action}" for action in open_actions)} <= set(site.redis.zrange(DUE, 0, -1))


def test_of_an_action_its_state_stays_so_that_it_is_not_done_again(site: Site) -> None:
    actions = site.ended()
    (entry,) = DecisionLog(site.redis).newest_first(Filter())
    site.age(days=31)
    before = [site.redis.ttl(f"modbot:action:{action}") for action in actions]
    assert site.retention.step() == 1
    for action, seconds in zip(actions, before, strict=True):
        assert site.redis.hgetall(f"modbot:action:{action}") == {"state": "done"}
        assert 0 < site.redis.ttl(f"modbot:action:{action}") <= seconds
        assert site.ledger.claim(action) == "final"
    assert entry.id == "e1"
    assert list(DecisionLog(site.redis).newest_first(Filter())) == []
    assert site.redis.xlen(LOG) == 0, "its line in the log went too"


def test_what_is_older_than_the_days_asked_for_is_dropped_though_there_is_room(site: Site) -> None:
    for _ in range(3):
        site.ended()
    site.age(days=2)
    site.ended()
    assert Retention(site.redis, RetentionSection(days=3)).step() == 0
    assert Retention(site.redis, RetentionSection(days=1)).step() == 3
    assert site.events() == {"e4"}


@pytest.mark.parametrize(("days", "seconds"), [(1, FINAL_SECONDS), (30, 31 * DAY), (90, 91 * DAY)])
def test_what_was_done_is_known_for_thirty_days_at_least(days: int, seconds: int) -> None:
    assert keep_seconds(RetentionSection(days=days)) == seconds


def test_a_step_is_bounded_however_much_there_is(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    most = AT_ONCE * MOST_CALLS
    with site.redis.pipeline() as pipe:
        for number in range(most + 50):
            pipe.hset(f"modbot:event:old{number}", "state", "done")
            pipe.zadd(ENDED, {f"old{number}": number})
        pipe.execute()
    calls: list[Any] = []
    trim = site.retention._trim
    monkeypatch.setattr(site.retention, "_trim", lambda **given: calls.append(given) or trim(**given))
    assert site.retention.step() == most
    assert len(calls) == MOST_CALLS
    assert site.retention.step() == 50


def test_an_effect_that_a_person_let_go_of_no_longer_keeps_its_event(site: Site) -> None:
    actions = site.ended("unsure")
    site.age(days=31)
    assert site.retention.step() == 0
    assert site.redis.ttl("modbot:event:e1") == -1, "it stays as long as somebody must look at it"
    letters = DeadLetters(site.redis)
    for letter in letters.all():
        assert letters.discard(letter)
    assert site.redis.ttl("modbot:event:e1") > 0
    site.age(days=31)
    assert site.retention.step() == 1
    assert site.events() == set()
    assert {site.redis.hget(f"modbot:action:{action}", "state") for action in actions} == {"discarded"}


def test_an_event_that_was_taken_up_again_stays_until_it_has_ended_again(site: Site) -> None:
    first, *_ = site.ended("unsure")
    letters = DeadLetters(site.redis)
    for letter in letters.all():
        (letters.redeliver if letter.item.endswith(first) else letters.discard)(letter)
    site.age(days=31)
    site.retention.step()
    assert site.events() == {"e1"}
    claim = site.ledger.claim(first)
    assert isinstance(claim, Claim)
    site.ledger.finish(claim, "done")
    site.age(days=31)
    assert site.retention.step() == 1


def test_a_timer_runs_on_when_its_event_is_dropped(world: Callable[..., World]) -> None:
    w = world("name: mute\nbody: casino\nmoderators_exempt: false\nadd_to_group: Muted\nfor: 1 day\n".replace(
        "add_to_group: Muted\nfor: 1 day", "then: [{add_to_group: Muted, for: 1 day}]"))  # fmt: skip
    w.post("casino", username="wren")
    w.run(within=3600)
    assert "Muted" in w.groups("wren")
    w.redis.zadd(ENDED, dict.fromkeys(w.redis.zrange(ENDED, 0, -1), 0))
    fake = Retention(w.redis, RetentionSection())
    assert fake._drop("age", 1, lambda: True) >= 1
    assert w.log() == []
    w.run()
    assert "Muted" not in w.groups("wren")


def test_deliveries_that_mean_nothing_do_not_fill_redis(world: Callable[..., World]) -> None:
    w = world("name: r\nbody: xyzzy\nlock: true\n")
    webhook = w.happen("post.created", username="pip", topicId=501, message="hello")
    for number in range(20):
        assert w.deliver({**webhook, "type": f"unheard.of{number}"})["status"] == "ignored"
    assert w.redis.zcard(ENDED) == 20
    assert Retention(w.redis, RetentionSection())._drop("age", 2**53, lambda: True) == 20
    assert w.redis.keys("modbot:event:*") == []
    assert w.redis.keys("modbot:seen:*") != [], "that they came is still known"


def test_a_full_redis_is_made_room_in_though_it_takes_no_lock(site: Site) -> None:
    for _ in range(300):
        site.ended(size=2000)
    site.redis.config_set("maxmemory", int(site.used() * 0.9))
    with pytest.raises(OutOfMemoryError):
        site.redis.set("more", 1)
    sweeper = Sweeper(site.redis, Pusher(), "me", site.retention)
    with pytest.raises(OutOfMemoryError):
        sweeper._turn()
    assert site.redis.set("more", 1)
    sweeper._turn()
    assert site.redis.get("modbot:sweeper") == "me"


def test_it_is_told_and_counted(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "service.retention")
    before = metrics.retention_trimmed.labels("age")._value.get()
    site.ended()
    site.age(days=31)
    site.retention.step()
    assert metrics.retention_trimmed.labels("age")._value.get() == before + 1
    (line,) = caplog.records
    assert (line.message, line.reason, line.events) == ("dropped what ended the longest ago", "age", 1)  # type: ignore[attr-defined]


def test_when_nothing_is_left_to_drop_that_is_said_now_and_then(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(20):
        site.taken_in()
    site.limit_so_that_used_is(0.9)
    now = [0.0]
    retention = Retention(site.redis, RetentionSection(), lambda: now[0])
    for second in (0, 1, 599, 601):
        now[0] = second
        assert retention.step() == 0
    assert [line.message.split(",")[0] for line in caplog.records] == ["Redis is short of memory"] * 2


def test_room_is_made_before_deliveries_are_refused() -> None:
    assert END_SHARE < BEGIN_SHARE < MEMORY_SHARE


def test_the_settings_have_bounds() -> None:
    for wrong in ({"days": 0}, {"days": 366}, {"memory_mb": -1}, {"hours": 1}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            RetentionSection.model_validate(wrong)
    assert json.loads(RetentionSection().model_dump_json()) == {"days": 30, "memory_mb": 0}
