"""The dashboard and the alerts against a real Prometheus that scrapes a modbot at work: every expression has an answer."""

from __future__ import annotations

import contextlib
import json
import math
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.demo.stage import Stage, stage
from service.embedded import NoServer
from service.instruments import DEFINITIONS
from service.processes import WORKERS
from service.supervisor import wait_until
from tests.operations.prometheus import ALERTS, DASHBOARD, find, promtool
from tests.operations.test_alerts import GROUPS
from tests.operations.traffic import STRICT, Traffic, rules
from tests.ports import free_run

BOARD: dict[str, Any] = json.loads(DASHBOARD.read_text(encoding="utf-8"))
PANELS = [panel for panel in BOARD["panels"] if panel["type"] != "row"]
EXPRESSIONS = [target["expr"] for panel in PANELS for target in panel["targets"]]
ANNOTATIONS = [one["expr"] for one in BOARD["annotations"]["list"]]
VARIABLES = {"$__rate_interval": "1m", "$__range": "1m", "$namespace": ".*", "$job": ".*", "$forum": ".*"}
SCRAPE_SECONDS = 1


def filled(expression: str) -> str:
    """The expression with Grafana's variables filled in."""
    for variable, value in VARIABLES.items():
        expression = expression.replace(variable, value)
    return expression


def test_every_metric_is_on_a_panel_or_in_an_alert() -> None:
    shown = "\n".join(EXPRESSIONS) + ALERTS.read_text(encoding="utf-8")
    missing = [one.name for one in DEFINITIONS if not re.search(rf"\b{one.name}(_bucket|_count|_sum)?\b", shown)]
    assert missing == []


def test_every_metric_that_is_asked_for_exists() -> None:
    asked = set(
        re.findall(r"\bmodbot_\w+", "\n".join([*EXPRESSIONS, *ANNOTATIONS]) + ALERTS.read_text(encoding="utf-8"))
    )
    known = {one.name + end for one in DEFINITIONS for end in ("", "_bucket", "_count") if end == "" or one.buckets}
    assert asked <= known


def test_panels_do_not_overlap_and_have_numbers_of_their_own() -> None:
    cells = [
        (x, y)
        for panel in BOARD["panels"]
        for at in [panel["gridPos"]]
        for x in range(at["x"], at["x"] + at["w"])
        for y in range(at["y"], at["y"] + at["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
    assert len({panel["id"] for panel in BOARD["panels"]}) == len(BOARD["panels"])


def test_its_rows_go_from_whether_it_is_well_to_why_not() -> None:
    assert [panel["title"] for panel in BOARD["panels"] if panel["type"] == "row"] == [
        *("Is it well?", "Ingest", "Pipeline", "Forum and limiter", "Moderation", "Failures", "Runtime"),
    ]


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["title"])
def test_a_panel_says_what_it_shows_and_in_which_unit(panel: dict[str, Any]) -> None:
    assert panel["description"].endswith(".")
    unit, asked = panel["fieldConfig"]["defaults"]["unit"], " ".join(target["expr"] for target in panel["targets"])
    if asked.startswith("sum") and "rate(" in asked and "/" not in asked and "[$__range]" not in asked:
        assert unit in {"reqps", "ops", "percentunit"}, "a rate is of something in a second"
    if re.match(r"histogram_quantile|time\(\) -|max by \(queue\) \(modbot_queue_oldest", asked):
        assert unit == "s" or "succeeded" in str(panel["targets"])


def test_the_variables_are_those_of_the_queries() -> None:
    assert [one["name"] for one in BOARD["templating"]["list"]] == ["datasource", "namespace", "job", "forum"]
    assert BOARD["uid"] == "modbot"
    assert {panel["datasource"]["uid"] for panel in PANELS} == {"${datasource}"}


def test_promtool_finds_no_fault_in_what_is_exported(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for page in Traffic(world(rules(), **STRICT), monkeypatch).drive().values():
        status, said = promtool("check", "metrics", given=page.encode())
        assert (status, said) == (0, "")


@contextlib.contextmanager
def prometheus(folder: Path, targets: list[str]) -> Iterator[httpx.Client]:
    """A Prometheus that scrapes the targets and evaluates the alerts; its query API."""
    program, port = find("prometheus"), f"127.0.0.1:{free_run(1)}"
    every = f"{SCRAPE_SECONDS}s"
    config = {
        "global": {"scrape_interval": every, "scrape_timeout": every, "evaluation_interval": every},
        "rule_files": [str(ALERTS)],
        "scrape_configs": [{"job_name": "modbot", "static_configs": [{"targets": targets}]}],
    }
    (folder / "prometheus.yaml").write_text(json.dumps(config), encoding="utf-8")
    options = [f"--config.file={folder / 'prometheus.yaml'}", f"--storage.tsdb.path={folder / 'data'}"]
    with (folder / "log").open("wb") as log:
        child = subprocess.Popen([program, *options, f"--web.listen-address={port}"], stdout=log, stderr=log)
        with httpx.Client(base_url=f"http://{port}/", timeout=10) as client:
            try:
                assert wait_until(lambda: _is_ready(client), 30), (folder / "log").read_text(encoding="utf-8")
                yield client
            finally:
                child.terminate()
                child.wait(20)


def _is_ready(client: httpx.Client) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return client.get("-/ready").is_success
    return False


def ask(client: httpx.Client, expression: str) -> list[float]:
    """The values of the answer. Raises AssertionError with what Prometheus says about a wrong expression."""
    answer = client.post("api/v1/query", data={"query": expression}).json()
    assert answer["status"] == "success", f"{expression}: {answer.get('error')}"
    return [float(sample["value"][1]) for sample in answer["data"]["result"]]


def busy(parts: Stage) -> None:
    """What a forum sees in minutes, at once: posts that rules act on, repeats, forgeries."""
    for number in range(12):
        said = f"free casino credits ({number})" if number % 6 == 0 else f"thanks, that helped ({number})"
        webhook = parts.happen(event="post.created", username="pip", topicId=501, message=said)
        parts.deliver(webhook)
        parts.deliver(webhook)
        parts.deliver(webhook, secret="not the secret")


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A Prometheus that has watched a modbot for some seconds of traffic."""
    find("prometheus")
    folder = tmp_path_factory.mktemp("prometheus")
    (folder / "rules.yaml").write_text(rules(), encoding="utf-8")
    first, workers = free_run(10), sum(count for _, count in WORKERS)
    try:
        with stage(rules=[str(folder / "rules.yaml")], worker_port=first) as parts:
            at_workers = [f"127.0.0.1:{port}" for port in range(first, first + workers)]
            targets = [httpx.URL(parts.admin_url).netloc.decode(), *at_workers]
            with prometheus(folder, targets) as client:
                everywhere = wait_until(lambda: len(ask(client, "up == 1")) == len(targets), 30)
                assert everywhere, "what comes before the first scrape is no increase"
                for _ in range(4):
                    busy(parts)
                    time.sleep(SCRAPE_SECONDS)
                parts.settle(60)
                time.sleep(3 * SCRAPE_SECONDS)
                yield client
    except NoServer as none:
        pytest.skip(str(none))


@pytest.mark.processes
@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["title"])
def test_every_panel_has_an_answer(watched: httpx.Client, panel: dict[str, Any]) -> None:
    for target in panel["targets"]:
        values = ask(watched, filled(target["expr"]))
        assert [value for value in values if not math.isnan(value)], f"nothing to show for {target['expr']}"


@pytest.mark.processes
def test_every_alert_and_annotation_can_be_asked_and_reads_metrics_that_are_there(watched: httpx.Client) -> None:
    expressions = [rule["expr"] for group in GROUPS for rule in group["rules"]]
    for expression in [*expressions, *map(filled, ANNOTATIONS)]:
        ask(watched, expression)
        for name in re.findall(r"\bmodbot[_:][\w:]+|\bup\b", expression):
            assert ask(watched, name), f"{expression} reads {name}, which nobody exports"


@pytest.mark.processes
def test_a_modbot_that_is_well_fires_nothing(watched: httpx.Client) -> None:
    firing = watched.get("api/v1/alerts").json()["data"]["alerts"]
    assert [
        one["labels"]["alertname"] for one in firing if one["labels"]["severity"] == "page" and one["state"] == "firing"
    ] == []
