"""`modbot rules list` and `release` beside a real Redis: how the rules stand, and setting live what is held back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from redis import Redis

from rules.mode import Mode
from rules.ruleset import load
from service.standing import Brake, Limit, Standings
from tests.service.test_cli import CONFIG, modbot

RULES = """
settings: {new_rules: shadow}
rules:
  - {name: no ads, body: ads, delete: true, limit: 5 per hour}
  - {name: greet, body: hello, reply: Hi}
  - {name: resting, body: x, lock: true, mode: 'off'}
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "modbot.yaml").write_text(json.dumps(CONFIG), encoding="utf-8")
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    return tmp_path


def listed(site: Path, url: str) -> dict[str, tuple[str, str | None]]:
    done = modbot("rules", "list", "--json", folder=site, MODBOT_REDIS_URL=url)
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return {row["rule"]: (row["mode"], row["held_back"]) for row in rows}


def test_rules_are_listed_as_they_stand_and_set_live_by_name(site: Path, redis: Redis, redis_url: str) -> None:
    standings, ruleset = Standings(redis), load([site / "rules.yaml"])
    standings.adopt("main", ruleset)
    assert listed(site, redis_url) == {
        "no ads": ("shadow", "new"),
        "greet": ("shadow", "new"),
        "resting": ("off", "new"),
    }
    done = modbot("rules", "release", "no ads", "greet", folder=site, MODBOT_REDIS_URL=redis_url)
    assert done.stdout.splitlines() == [
        "main: no ads: released, live from now on (was in shadow: new, on trial)",
        "main: greet: released, live from now on (was in shadow: new, on trial)",
    ]
    standings.brake("main", "event 1", [Brake("no ads", Limit(0, 60.0, "0 per minute"), Mode.HOLD, "limit")])
    assert listed(site, redis_url)["no ads"] == ("hold", "limit")
    again = modbot("rules", "release", "greet", folder=site, MODBOT_REDIS_URL=redis_url)
    assert (again.returncode, again.stderr) == (1, "main: greet: live by its file; nothing to release\n")


def test_a_list_for_people_tells_why_a_rule_does_not_act(site: Path, redis: Redis, redis_url: str) -> None:
    Standings(redis).adopt("main", load([site / "rules.yaml"]))
    done = modbot("rules", "list", folder=site, MODBOT_REDIS_URL=redis_url)
    line = done.stdout.splitlines()[0]
    assert line.split()[:2] == ["main", "no"]
    assert "shadow   (new, on trial)       0 matches  delete" in line


def test_rules_that_are_in_no_service_are_listed_from_their_files_alone(site: Path) -> None:
    done = modbot("rules", "list", "rules.yaml", "--json", folder=site)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(row["rule"], row["mode"], row["limit"]) for row in rows] == [
        ("no ads", "live", "5 per hour"),
        ("greet", "live", None),
        ("resting", "off", None),
    ]
    assert len({row["digest"] for row in rows}) == len(rows)
