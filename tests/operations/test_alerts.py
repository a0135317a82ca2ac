"""Every alert fires in one story and stays silent in another, links to its section of the runbook, and is well formed."""

from __future__ import annotations

import json
import re
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.operations.prometheus import ALERTS, ROOT, promtool, say

yaml = YAML(typ="safe", pure=True)
GROUPS: list[dict[str, Any]] = yaml.load(ALERTS)["groups"]
RULES: list[dict[str, Any]] = [rule for group in GROUPS for rule in group["rules"] if "alert" in rule]
TOLD: dict[str, dict[str, Any]] = {
    name: story
    for path in sorted((Path(__file__).parent / "alerts").glob("*.yaml"))
    for name, story in yaml.load(path).items()
}
STORIES = [(name, ends) for name, story in TOLD.items() for ends in story]
RUNBOOK = (ROOT / "docs/runbook.md").read_text(encoding="utf-8")


def subject(name: str) -> str:
    """The alert, and the severity where it has two, that a story is about."""
    return name.partition(",")[0]


def identity(rule: dict[str, Any]) -> str:
    several = sum(one["alert"] == rule["alert"] for one in RULES) > 1
    told = f"{rule['alert']}/{rule['labels']['severity']}" if several else rule["alert"]
    return str(told)


def groups_for(name: str) -> list[dict[str, Any]]:
    """The measures and this story's alert alone, since all would take their time; one group, so that they go in order."""
    alert = subject(name).partition("/")[0]
    rules = [rule for group in GROUPS for rule in group["rules"] if rule.get("alert", alert) == alert]
    return [{"name": "modbot", "rules": rules}]


def unit_test(name: str, ends: str) -> dict[str, Any]:
    """The story as promtool takes it: how many alerts of this name fire at its end."""
    story = TOLD[name][ends]
    alert, _, severity = subject(name).partition("/")
    wanted = f'alertname="{alert}",alertstate="firing"' + (f',severity="{severity}"' if severity else "")
    series = [line.split("  ") for line in story["series"]]
    firing = {
        "expr": f"count(ALERTS{{{wanted}}}) or vector(0)",
        "eval_time": story["at"],
        "exp_samples": [{"labels": "{}", "value": int(ends == "fires")}],
    }
    return {
        "interval": story.get("interval", "1m"),
        "input_series": [{"series": what, "values": values} for what, values in series],
        "promql_expr_test": [firing],
    }


@pytest.mark.parametrize(("name", "ends"), STORIES)
def test_an_alert_fires_when_it_should_and_only_then(tmp_path: Path, name: str, ends: str) -> None:
    rules, told = tmp_path / "rules.yaml", tmp_path / "story.yaml"
    rules.write_text(json.dumps({"groups": groups_for(name)}), encoding="utf-8")
    test = unit_test(name, ends)
    story = {"rule_files": [str(rules)], "evaluation_interval": test["interval"], "tests": [test]}
    told.write_text(json.dumps(story), encoding="utf-8")
    status, said = promtool("test", "rules", str(told))
    assert status == 0, said


def test_every_alert_has_a_story_of_each_kind() -> None:
    told = {(subject(name), ends) for name, ends in STORIES}
    assert told == {(identity(rule), ends) for rule in RULES for ends in ("fires", "silent")}


def test_prometheus_takes_the_file() -> None:
    status, said = promtool("check", "rules", str(ALERTS))
    assert status == 0, said


@pytest.mark.parametrize("rule", RULES, ids=identity)
def test_an_alert_says_what_is_wrong_how_bad_it_is_and_where_to_read_on(rule: dict[str, Any]) -> None:
    name, annotations = rule["alert"], rule["annotations"]
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert set(annotations) == {"summary", "runbook_url", "dashboard_url"}
    assert annotations["runbook_url"].endswith(f"runbook.md#{name.lower()}")
    section = re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", RUNBOOK, flags=re.MULTILINE | re.DOTALL)
    assert section, f"docs/runbook.md has no section {name}"
    for part in ("**Means.**", "**Check.**", "**Do.**"):
        assert part in section[1], f"the runbook's {name} has no {part}"


def test_the_runbook_has_no_section_of_an_alert_that_is_gone() -> None:
    assert set(re.findall(r"^## (\w+)$", RUNBOOK, flags=re.MULTILINE)) == {rule["alert"] for rule in RULES}


ROUTES = ROOT / "docs/alertmanager.yaml"
ROUTE = yaml.load(ROUTES)


@pytest.mark.parametrize("rule", RULES, ids=identity)
def test_the_sample_route_takes_each_alert_where_its_severity_says(rule: dict[str, Any]) -> None:
    labels = f"severity={rule['labels']['severity']}"
    words = ("config", "routes", "test", f"--config.file={ROUTES}", f"alertname={rule['alert']}", labels)
    status, said = say("amtool", *words)
    assert (status, said.splitlines()[0]) == (0, {"page": "pager", "ticket": "tickets"}[rule["labels"]["severity"]])


def test_alertmanager_takes_the_sample_whose_alerts_exist() -> None:
    status, said = say("amtool", "check-config", str(ROUTES))
    assert status == 0, said
    named = re.findall(r'alertname=~?"([^"]+)"', ROUTES.read_text(encoding="utf-8"))
    assert {name for one in named for name in one.split("|")} <= {rule["alert"] for rule in RULES}


def test_no_alert_silences_itself_and_a_cause_that_silences_pages_pages_itself() -> None:
    severities = {
        name: {rule["labels"]["severity"] for rule in RULES if rule["alert"] == name}
        for name in map(itemgetter("alert"), RULES)
    }
    for inhibition in ROUTE["inhibit_rules"]:
        (cause,), (effects,) = (
            [re.findall(r'"([^"]+)"', one)[0].split("|") for one in inhibition[side]]
            for side in ("source_matchers", "target_matchers")
        )
        assert not set(cause) & set(effects)
        assert all(severities[name] == {"page"} for name in cause)
