"""What each platform can do: the page that says it, and the rules and settings that ask for more."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from rules.actions.table import ACTIONS
from rules.loading.faults import Severity
from rules.ruleset import RulesInvalid, load
from service.cli.rules import rules_app
from service.configuration import ConfigurationInvalid, read
from service.forums import PLATFORMS
from service.forums.support import PAGE, items_of, support, support_page
from service.settings import ForumSection
from tests.forums.conftest import USERECHO

REMEDY = f"run `modbot rules reference --write`: {PAGE.name} is older than the tables"


def test_the_page_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == support_page(), REMEDY


@pytest.mark.parametrize(
    ("platform", "action", "cells"),
    [
        ("websitetoolbox", "delete", "T yes, R yes, C yes, U "),
        ("websitetoolbox", "hold", "T yes, R yes, C , U "),
        ("websitetoolbox", "message", "T yes, R yes, C yes, U yes"),
        ("userecho", "delete", "T yes, R no"),
        ("userecho", "hold", "T no, R no"),
        ("userecho", "lock", "T `closed_status`, R `closed_status`"),
        ("userecho", "unlock", "T `open_status`, R `open_status`"),
        ("userecho", "add_to_group", "T `groups`, R `groups`"),
        ("userecho", "add_points", "T yes, R yes"),
    ],
)
def test_a_cell_says_whether_and_with_which_setting(platform: str, action: str, cells: str) -> None:
    on = PLATFORMS[platform]
    assert ", ".join(f"{item} {support(on, ACTIONS[action], item)}" for item in items_of(on)) == cells


def in_service(folder: Path, platform: str, rules: str, *lines: str) -> ForumSection:
    """A forum's settings with these rules beside them."""
    (folder / "rules.yaml").write_text(rules, encoding="utf-8")
    parts = [
        f"forums: {{main: {{platform: {platform}, api_key: k, api_url: https://forum.example",
        "bot_user: {id: 77, username: modbot}, webhook: {token: t}, rules: [rules.yaml]",
        *lines,
    ]
    (folder / "modbot.yaml").write_text(", ".join(parts) + "}}\n", encoding="utf-8")
    return read(folder / "modbot.yaml", {}).settings.forums["main"]


def faults(folder: Path, platform: str, rules: str, *lines: str) -> list[str]:
    """What loading says of the rules, as a worker loads them."""
    forum = in_service(folder, platform, rules, *lines)
    can, on = forum.actions, forum.on
    try:
        ruleset = load([folder / "rules.yaml"], actions=can, platform=on.name, lacks=on.lacks)
    except RulesInvalid as invalid:
        found = invalid.faults
    else:
        found = tuple(one for one in ruleset.warnings if one.severity is Severity.WARNING)
    return [f"{one.severity} {one}; {one.suggestion}".replace(f"{folder}/", "") for one in found]


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (
            "name: a\ntype: reply\nbody: casino\ndelete: true\n",
            "error rules.yaml:4:1: unsupported: userecho cannot `delete` replies; take the line out",
        ),
        (
            "name: a\nbody: casino\ndelete: true\n",
            "warning rules.yaml:3:1: unsupported: userecho cannot `delete` replies; write the rule for topics",
        ),
        (
            "name: a\nbody: casino\nhold: true\n",
            f"error rules.yaml:3:1: unsupported: userecho cannot `hold`; it can {', '.join(sorted(USERECHO.actions))}",
        ),
    ],
)
def test_a_rule_that_asks_for_more_than_the_platform_can_do_is_told_when_it_is_loaded(
    tmp_path: Path, rules: str, said: str
) -> None:
    assert faults(tmp_path, "userecho", rules) == [said]
    assert faults(tmp_path, "websitetoolbox", rules) == []


@pytest.mark.parametrize(
    "rules",
    [
        "name: a\ntype: topic\nbody: casino\ndelete: true\n",
        "name: a\ntype: reply\nbody: casino\ntopic: {delete: true}\n",
        "name: a\ntype: reply\nbody: casino\nreply: please do not\n",
    ],
)
def test_what_it_can_do_loads_without_a_word(tmp_path: Path, rules: str) -> None:
    assert faults(tmp_path, "userecho", rules) == []


def test_a_setting_makes_more_possible(tmp_path: Path) -> None:
    rules = "name: a\ntype: topic\nbody: casino\nlock: true\n"
    assert [line.split(";")[0] for line in faults(tmp_path, "userecho", rules)] == [
        "error rules.yaml:4:1: unsupported: userecho cannot `lock`"
    ]
    assert faults(tmp_path, "userecho", rules, "options: {closed_status: 3}") == []


def test_notes_to_several_people_are_a_fault_where_the_platform_has_no_conversations(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationInvalid, match=r"forums\.main\.notify: userecho has no conversations with several"):
        in_service(tmp_path, "userecho", "", "notify: {users: [ann, bo]}")
    assert in_service(tmp_path, "userecho", "", "notify: {topic: 812}").account.notify.topic == 812
    assert in_service(tmp_path, "websitetoolbox", "", "notify: {users: [ann]}").account.notify.users == ("ann",)


def test_the_page_is_printed_and_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in (
        ("service.cli.rules", "PAGE"),
        ("service.cli.rules", "SCHEMA"),
        ("service.forums.support", "PAGE"),
    ):
        monkeypatch.setattr(f"{module}.{name}", tmp_path / "docs" / f"{module}.{name}")
    (tmp_path / "docs").mkdir()
    runner = CliRunner()
    assert runner.invoke(rules_app, ["reference", "--platforms"]).output == support_page()
    written = runner.invoke(rules_app, ["reference", "--write"])
    assert written.exit_code == 0, written.output
    assert (tmp_path / "docs" / "service.forums.support.PAGE").read_text(encoding="utf-8") == support_page()
