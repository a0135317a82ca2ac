"""The metrics: their names and labels, their closed sets under hostile traffic, and the shared state as it is read."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from fakeredis import FakeAsyncRedis
from redis import asyncio as redis_asyncio

from rules.actions.table import ACTIONS
from service import exposition, labels, metrics, readings
from service.connections import connect_async
from service.forums import port
from service.forums.port import Forum
from service.gauges import SharedState
from service.instruments import DEFINITIONS, PARTS, Part
from service.labels import Capped
from service.limiter import Limiter, account_key
from tests.operations.pages import BY_NAME, LATER, count, exported, families, missing, strange, value_of
from tests.operations.traffic import RULES, STRICT, Traffic, forget, rules, scraped
from tests.world import World

Build = Callable[..., World]

LISTED = """\
modbot_webhook_requests_total counter forum event outcome
modbot_webhook_rejections_total counter forum reason
modbot_webhook_request_duration_seconds histogram outcome
modbot_webhook_last_received_timestamp_seconds gauge forum
modbot_dedupe_hits_total counter forum stage
modbot_event_latency_seconds histogram forum outcome
modbot_jobs_total counter queue outcome
modbot_job_queue_wait_seconds histogram queue
modbot_job_duration_seconds histogram queue
modbot_retention_trimmed_events_total counter reason
modbot_rule_evaluations_total counter forum rule result
modbot_ruleset_evaluation_duration_seconds histogram
modbot_actions_total counter forum action outcome
modbot_rules_loaded gauge forum mode
modbot_rules_last_reload_successful gauge forum
modbot_rules_last_reload_success_timestamp_seconds gauge forum
modbot_rules_info gauge forum digest
modbot_forum_requests_total counter forum operation code
modbot_forum_request_duration_seconds histogram forum operation
modbot_forum_retries_total counter forum reason
modbot_forum_paused_until_timestamp_seconds gauge forum
modbot_rate_limiter_wait_seconds histogram forum lane
modbot_rate_limiter_permits_total counter forum lane outcome
modbot_rate_limiter_permits_per_second gauge forum
modbot_forum_daily_requests_used gauge forum
modbot_forum_daily_requests_limit gauge forum
modbot_rate_limiter_waiters gauge forum
modbot_queue_jobs gauge queue state
modbot_queue_oldest_job_age_seconds gauge queue
modbot_dead_letters gauge forum reason
modbot_dead_lettered_jobs_total counter forum reason
modbot_workers gauge state
modbot_held_items gauge forum
modbot_paused gauge forum
modbot_pipeline_heartbeat_timestamp_seconds gauge stage
modbot_redis_up gauge
modbot_redis_evicts gauge
modbot_redis_loss_seconds gauge
modbot_state_scrape_duration_seconds gauge
modbot_state_scrape_errors_total counter
modbot_metrics_dropped_total counter
modbot_build_info gauge version revision
"""


def test_the_metrics_are_those_of_the_list() -> None:
    defined = [" ".join([one.name, one.kind, *one.labels]) for one in DEFINITIONS]
    assert sorted(defined) == sorted(LISTED.splitlines())


def test_docs_metrics_md_is_made_from_the_definitions() -> None:
    page = Path(__file__).parents[2] / "docs/metrics.md"
    assert page.read_text(encoding="utf-8") == exposition.reference(), (
        "run: python -m service.exposition > docs/metrics.md"
    )


def test_every_verb_and_read_of_the_forum_port_is_an_operation() -> None:
    verbs = {name for name in vars(Forum) if not name.startswith("_")}
    assert verbs <= set(labels.OPERATIONS)
    assert set(labels.ACTION_WORDS) == set(ACTIONS)


@pytest.fixture
def pages(world: Build, monkeypatch: pytest.MonkeyPatch) -> dict[Part, str]:
    return Traffic(world(rules(), **STRICT), monkeypatch).drive()


def test_hostile_traffic_makes_no_label_value_of_its_own(pages: dict[Part, str]) -> None:
    for page in pages.values():
        assert strange(page, ["main"], [rule for _, rule in metrics._rules.known]) == []


def test_the_labels_of_every_sample_are_those_of_its_definition(pages: dict[Part, str]) -> None:
    for page in pages.values():
        for family in families(page):
            for sample in family.samples:
                assert sample.labels.keys() - {"le"} == BY_NAME[family.name].labels.keys(), sample


def test_a_process_has_fewer_than_3000_series_with_50_rules(pages: dict[Part, str]) -> None:
    for process, page in pages.items():
        assert 100 < count(page) < 3000, process
    named = {s.labels["rule"] for f in families(pages[Part.WORK]) for s in f.samples if "rule" in s.labels}
    assert len(named) == labels.MOST_RULES + 1 > RULES


REQUESTS = "modbot_webhook_requests_total"


ELSEWHERE = {
    ("modbot_webhook_rejections", "reason", "source_not_allowed"),  # no platform tells where it sends from
    ("modbot_webhook_request_duration_seconds", "outcome", "error"),  # the framework answers
    ("modbot_jobs", "outcome", "abandoned"),  # tests/operations/test_pipeline_metrics.py
    ("modbot_actions", "outcome", "suppressed"),  # tests/workers/test_timers.py
    ("modbot_dead_lettered_jobs", "reason", "permanent_error"),  # a forum that is configured no more
    ("modbot_dead_lettered_jobs", "reason", "abandoned"),  # our records outlive their workers
    ("modbot_retention_trimmed_events", "reason", "age"),  # tests/service/test_retention.py
    ("modbot_retention_trimmed_events", "reason", "memory"),  # the same
}
"""What the traffic does not make happen."""

WAYS = {"outcome", "reason", "result", "code", "stage", "lane", "queue"}


def test_every_way_in_which_something_can_end_is_driven_and_counted(pages: dict[Part, str]) -> None:
    counted = Counter[tuple[str, str, str]]()
    for page in pages.values():
        for family in families(page):
            for sample in family.samples:
                if sample.name.endswith(("_total", "_count")):
                    for name in WAYS & sample.labels.keys():
                        counted[family.name, name, sample.labels[name]] += int(sample.value)
    assert {way for way, number in counted.items() if not number} == ELSEWHERE


def test_every_path_is_counted(pages: dict[Part, str]) -> None:
    web, work = pages[Part.WEB], pages[Part.WORK]
    seen = {
        (event, outcome)
        for event in ("post.created", "other")
        for outcome in labels.ANSWERS
        if value_of(web, REQUESTS, event=event, outcome=outcome)
    }
    assert seen == {
        *(("post.created", outcome) for outcome in ("accepted", "duplicate", "unavailable")),
        *(("other", outcome) for outcome in ("ignored", "rejected", "error")),
    }
    assert value_of(work, "modbot_dead_lettered_jobs_total") == value_of(web, "modbot_dead_letters") > 0
    assert value_of(work, "modbot_rule_evaluations_total", rule="gone", result="match") == 2
    assert value_of(work, "modbot_rule_evaluations_total", rule="idle 7", result="timeout") == 0
    assert value_of(web, "modbot_paused", forum="main") == 1
    for stage in ("enqueued", "finished"):
        assert value_of(web, "modbot_pipeline_heartbeat_timestamp_seconds", stage=stage) > 0
    assert value_of(web, "modbot_redis_up") == 1


@pytest.mark.parametrize("process", PARTS)
def test_what_has_not_happened_yet_is_zero_and_not_absent(process: Part) -> None:
    forget()
    exposition.open_metrics(process, ["main", "other"])
    page = exposition.page(process).decode()
    assert missing(page, process, ["main", "other"]) == set()
    assert {one.name for one in exported(process) if not list(one.children(["main"]))} <= LATER


def test_the_rules_of_a_forum_have_their_zeros_when_they_are_loaded(world: Build) -> None:
    forget()
    w = world(rules())
    w.context.rules.current("main")
    page = exposition.page(Part.WORK).decode()
    for result in labels.RESULTS:
        assert value_of(page, "modbot_rule_evaluations_total", forum="main", rule="idle 7", result=result) == 0


def test_values_beyond_the_bound_are_one() -> None:
    capped = Capped(2, set())
    assert [capped.admits(one) for one in ("a", "b", "c", "a")] == [True, True, False, True]


def test_the_reasons_for_a_retry_are_the_failures_of_the_port() -> None:
    retried = {
        name
        for name, kind in vars(port).items()
        if isinstance(kind, type) and issubclass(kind, (port.TryLater, port.Unsure))
    }
    assert retried == set(labels.RETRIES)
    assert labels.retry_label(port.RateLimited("too fast")) == "rate_limited"
    assert labels.retry_label(ValueError("a mistake")) == "error"


@pytest.mark.parametrize(
    ("code", "label"),
    [("200", "200"), ("418", "4xx"), ("599", "5xx"), ("103", "other"), ("timeout", "timeout"), ("", "other")],
)
def test_a_code_is_its_own_a_hundred_or_other(code: str, label: str) -> None:
    assert labels.code_label(code) == label


def read_state(redis: redis_asyncio.Redis, world: World) -> SharedState:
    shared = SharedState(redis, world.configuration.settings.forums)
    asyncio.run(shared.refresh())
    return shared


def test_the_gauges_show_what_the_limiter_has_spent(world: Build) -> None:
    w = world(rules(), limit={"per_second": 3, "per_day": 500})
    limiter = Limiter(
        w.redis, account_key("key-of-the-world"), forum="main", per_second=3, per_day=500, sleep=w.clock.advance
    )
    for _ in range(4):
        limiter.acquire("urgent").release()
    limiter.pause(60)
    page = scraped(w)[Part.WEB]
    assert value_of(page, "modbot_forum_daily_requests_used") == 4
    assert value_of(page, "modbot_forum_daily_requests_limit") == 500
    assert value_of(page, "modbot_rate_limiter_permits_per_second") == 3
    assert value_of(page, "modbot_forum_paused_until_timestamp_seconds") > w.clock.time() + 50


def test_the_gauges_show_what_waits_and_for_how_long(world: Build) -> None:
    w = world(rules())
    w.post("the first, after which Redis knows the scripts")
    w.run()
    w.post("a word")
    w.post("another")
    read_state(FakeAsyncRedis(server=w.server, decode_responses=True), w)
    page = exposition.page(Part.WEB).decode()
    assert value_of(page, "modbot_queue_jobs", queue="evaluate", state="queued") == 2
    assert value_of(page, "modbot_queue_oldest_job_age_seconds", queue="evaluate") > 0
    assert value_of(page, "modbot_queue_oldest_job_age_seconds", queue="bulk") == 0


HOLD = "name: to be seen\nbody: casino\nmoderators_exempt: false\nhold: true\n"


@pytest.mark.parametrize("ending", ["post.approved", "post.deleted"])
def test_a_held_item_counts_until_a_moderator_has_decided(world: Build, ending: str) -> None:
    w = world(HOLD)
    post = w.post("free casino")
    w.run()
    assert value_of(scraped(w)[Part.WEB], "modbot_held_items", forum="main") == 1
    w.deliver(w.happen(ending, username="ann", postId=post))
    w.run()
    assert value_of(scraped(w)[Part.WEB], "modbot_held_items", forum="main") == 0


def test_without_redis_the_page_is_there_and_says_so(world: Build) -> None:
    w = world(rules())
    before = value_of(exposition.page(Part.WEB).decode(), "modbot_state_scrape_errors_total")
    read_state(connect_async("unix:///nonexistent.sock"), w)
    page = exposition.page(Part.WEB).decode()
    assert value_of(page, "modbot_redis_up") == 0
    assert value_of(page, "modbot_state_scrape_errors_total") == before + 1


def test_a_reading_serves_the_scrapes_of_the_next_seconds(world: Build) -> None:
    w = world(rules())
    away = connect_async("unix:///nonexistent.sock")
    shared = SharedState(away, w.configuration.settings.forums)

    async def twice() -> float:
        before = readings.scrape_errors._value.get()
        await asyncio.gather(shared.refresh(), shared.refresh())
        return float(readings.scrape_errors._value.get() - before)

    assert asyncio.run(twice()) == 1
