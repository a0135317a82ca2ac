"""The metrics: their names and labels, their closed sets under hostile traffic, and the shared state as it is read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fakeredis import FakeAsyncRedis
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families
from redis import asyncio as redis_asyncio

from rules.actions.table import ACTIONS
from service import exposition, labels, metrics, readings
from service.connections import connect_async
from service.forums import port
from service.forums.port import Forum
from service.gauges import SharedState
from service.instruments import DEFINITIONS, PARTS, Part
from service.labels import FORUM, Capped, Named
from service.limiter import Limiter, account_key
from tests.operations.traffic import RULES, Traffic, forget, rules, scraped
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


def families(text: str) -> list[Metric]:
    return [one for one in text_string_to_metric_families(text) if one.name.startswith("modbot_")]


@pytest.fixture
def pages(world: Build, monkeypatch: pytest.MonkeyPatch) -> dict[Part, str]:
    return Traffic(world(rules()), monkeypatch).drive()


def test_hostile_traffic_makes_no_label_value_of_its_own(pages: dict[Part, str]) -> None:
    by_name = {one.name.removesuffix("_total"): one for one in DEFINITIONS}
    strange = [
        (sample.name, name, value)
        for page in pages.values()
        for family in families(page)
        for sample in family.samples
        for name, value in sample.labels.items()
        if name != "le" and not _is_known(by_name[family.name].labels[name], value)
    ]
    assert strange == []


def _is_known(values: Any, value: str) -> bool:
    if values is FORUM:
        return value in {"main", labels.NO_FORUM}
    if values is labels.RULE:
        return value == labels.OTHER or len(metrics._rules.known) <= labels.MOST_RULES
    return isinstance(values, Named) or value in values


def test_a_process_has_fewer_than_3000_series_with_50_rules(pages: dict[Part, str]) -> None:
    for process, page in pages.items():
        series = sum(len(family.samples) for family in text_string_to_metric_families(page))
        assert 100 < series < 3000, process
    named = {s.labels["rule"] for f in families(pages[Part.WORK]) for s in f.samples if "rule" in s.labels}
    assert len(named) == labels.MOST_RULES + 1 > RULES


def value_of(page: str, name: str, **of: str) -> float:
    values = [s.value for f in families(page) for s in f.samples if s.name == name and of.items() <= s.labels.items()]
    assert values, (name, of)
    return sum(values)


REQUESTS = "modbot_webhook_requests_total"


def test_every_path_is_counted(pages: dict[Part, str]) -> None:
    web, work = pages[Part.WEB], pages[Part.WORK]
    seen = {
        (event, outcome)
        for event in ("post.created", "other")
        for outcome in ("accepted", "duplicate", "ignored", "rejected")
        if value_of(web, REQUESTS, event=event, outcome=outcome)
    }
    assert seen == {
        ("post.created", "accepted"),
        ("post.created", "duplicate"),
        ("other", "ignored"),
        ("other", "rejected"),
    }
    for reason in ("not_found", "signature_mismatch", "body_too_large", "body_malformed"):
        assert value_of(web, "modbot_webhook_rejections_total", reason=reason), reason
    for outcome in ("done", "shadow", "refused"):
        assert value_of(work, "modbot_actions_total", outcome=outcome), outcome
    for outcome in ("acted", "no_match", "shadow", "held", "failed"):
        assert value_of(work, "modbot_event_latency_seconds_count", outcome=outcome), outcome
    assert value_of(work, "modbot_dead_lettered_jobs_total") == value_of(web, "modbot_dead_letters") > 0
    assert value_of(work, "modbot_rule_evaluations_total", rule="gone", result="match") == 1
    assert value_of(work, "modbot_rule_evaluations_total", rule="idle 7", result="timeout") == 0
    assert value_of(web, "modbot_paused", forum="main") == 1
    for stage in ("enqueued", "finished"):
        assert value_of(web, "modbot_pipeline_heartbeat_timestamp_seconds", stage=stage) > 0
    assert value_of(web, "modbot_redis_up") == 1


@pytest.mark.parametrize("process", PARTS)
def test_what_has_not_happened_yet_is_zero_and_not_absent(process: Part) -> None:
    forget()
    exposition.open_metrics(process, ["main", "other"])
    found = {
        (sample.name.removesuffix("_count"), tuple(sorted(sample.labels.items())))
        for family in families(exposition.page(process).decode())
        for sample in family.samples
    }
    known = {
        (one.name, tuple(sorted(zip(one.labels, values, strict=True))))
        for one in DEFINITIONS
        if one.part in PARTS[process]
        for values in one.children(["main", "other"])
    }
    assert known - found == set()
    assert {name for name, _ in known} == {one.name for one in DEFINITIONS if one.part in PARTS[process]} - LATER


LATER = {"modbot_rule_evaluations_total", "modbot_rules_info", "modbot_build_info"}
"""Metrics of which a label is known once the rules are read, or the program's version is."""


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
