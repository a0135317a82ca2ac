"""The README's examples do what it says: its rules load, its configuration is accepted, its commands exist."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent

import pytest
import typer

from rules.ruleset import load_text
from service.cli import app
from service.configuration import read
from service.forums import PLATFORMS

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
BLOCKS = [dedent(block) for block in re.findall(r"(?:^    .*\n(?:\n(?=    ))?)+", README, flags=re.MULTILINE)]


def block(start: str) -> str:
    return next(one for one in BLOCKS if one.startswith(start))


def test_the_rules_load_on_the_platform_without_a_warning() -> None:
    ruleset = load_text(block("name:"), "README.md", actions=PLATFORMS["websitetoolbox"].actions)
    assert [rule.name for rule in ruleset.rules] == ["newcomer-link", "solved"]
    assert ruleset.warnings == ()


def test_the_configuration_is_accepted(tmp_path: Path) -> None:
    path = tmp_path / "modbot.yaml"
    path.write_text(block("forums:"), encoding="utf-8")
    settings = read(path, {"MAIN_API_KEY": "k", "MAIN_WEBHOOK_TOKEN": "t"}).settings
    assert settings.forums["main"].mode == "shadow"


COMMANDS = sorted(
    set(re.findall(r"modbot ((?:[a-z]+ )?[a-z]+)", "\n".join(BLOCKS) + "".join(re.findall(r"`[^`]+`", README))))
)


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_that_it_names_exists(words: str) -> None:
    command = typer.main.get_command(app)
    for word in words.split():
        if not hasattr(command, "commands"):
            break
        assert word in command.commands, words
        command = command.commands[word]


def test_every_make_target_that_it_names_exists() -> None:
    makefile = (Path(__file__).parent.parent / "Makefile").read_text(encoding="utf-8")
    for target in set(
        re.findall(r"make ([a-z]+)", README + (Path(__file__).parent.parent / "CONTRIBUTING.md").read_text())
    ):
        assert f"\n{target}:" in makefile, target
