"""`modbot rules import`: where rules and report go, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import service.cli
from rules.ruleset import load

Run = Callable[..., Result]
GOOD = "# No ads\ntitle: advert\naction: remove\n"
MIXED = f"{GOOD}---\n# New here\nauthor: {{contributor_quality: low}}\naction: filter\n"
NOTE = (
    "am.yaml:6: dropped: contributor_quality: the rule is not imported: forums have no contributor quality score; "
    'author: {account_age: "< 7 days", post_count: "< 5"}'
)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(service.cli.app, ["rules", "import", *words])


def test_rules_go_to_standard_output_and_the_report_to_standard_error(run: Run, tmp_path: Path) -> None:
    (tmp_path / "am.yaml").write_text(MIXED)
    result = run("am.yaml")
    assert result.exit_code == 0
    assert result.stdout == (
        '# am.yaml, line 2\nname: "No ads"\ntype: topic\ntitle: "advert"\naction: delete\n---\n'
        "# am.yaml, line 6: not imported\n"
    )
    assert result.stderr.splitlines() == [NOTE, "am.yaml: 1 rules: 1 kept, 0 changed, 1 not imported"]


def test_rules_go_to_a_file_where_one_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "am.yaml").write_text(MIXED)
    result = run("am.yaml", "--out", "rules.yaml")
    assert (result.exit_code, result.stdout) == (0, "")
    assert [rule.name for rule in load([tmp_path / "rules.yaml"]).rules] == ["No ads"]


def test_json_is_one_object(run: Run, tmp_path: Path) -> None:
    (tmp_path / "am.yaml").write_text(MIXED)
    result = run("am.yaml", "--json")
    found = json.loads(result.stdout)
    assert (result.exit_code, result.stderr) == (0, "")
    assert found["rules_yaml"].startswith('# am.yaml, line 2\nname: "No ads"')
    assert (found["kept"], found["changed"], found["dropped"]) == (1, 0, 1)
    assert found["report"] == [
        {
            "kind": "dropped",
            "line": 6,
            "written": "contributor_quality",
            "meaning": "the rule is not imported: forums have no contributor quality score",
            "remedy": 'author: {account_age: "< 7 days", post_count: "< 5"}',
        }
    ]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"standard: video hosting sites\naction: remove\n", "am.yaml: 0 rules: 0 kept, 0 changed, 1 not imported"),
        (b"", "am.yaml: 0 rules: 0 kept, 0 changed, 0 not imported"),
        (b"title: [x\n", "am.yaml: 0 rules: 0 kept, 0 changed, 1 not imported"),
        (b"\xff", "am.yaml: the configuration cannot be read: this is not UTF-8: byte 0xff at 0"),
        (b"#" * (4 * 1024 * 1024 + 1), "am.yaml: the configuration cannot be read: this is larger than 4,096 KiB"),
    ],
)
def test_where_no_rule_can_be_made_the_command_says_why(run: Run, tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "am.yaml").write_bytes(data)
    result = run("am.yaml", "--out", "rules.yaml")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines()[-1] == message
    assert not (tmp_path / "rules.yaml").exists()


def test_files_that_cannot_be_opened_are_told_in_a_line(run: Run, tmp_path: Path) -> None:
    missing = run("gone.yaml")
    assert (missing.exit_code, missing.stderr.count("\n")) == (1, 1)
    assert missing.stderr.startswith("gone.yaml: the configuration cannot be read: ")
    (tmp_path / "am.yaml").write_text(GOOD)
    unwritable = run("am.yaml", "--out", "no/such/folder.yaml")
    assert (unwritable.exit_code, unwritable.stdout) == (1, "")
    assert unwritable.stderr == "no/such/folder.yaml: the rules cannot be written: No such file or directory\n"


def test_what_a_configuration_says_cannot_steer_a_terminal(run: Run, tmp_path: Path) -> None:
    (tmp_path / "am.yaml").write_text(
        '# \u001b[31mred\n"bo\\edy": x\naction: remove\n---\nbody: "a\\e\\ud800"\naction: remove\n'
    )
    result = run("am.yaml")
    assert result.exit_code == 0
    assert "\u001b" not in result.stdout + result.stderr
