"""The pages of docs/ say what is so: commands parse, settings load, links lead somewhere, log fields are there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from textwrap import dedent
from typing import Any

import click
import pytest
import typer

from rules.ruleset import load
from service.cli import app
from service.configuration import read
from service.logs import secrets_of
from tests.test_readme import README

ROOT = Path(__file__).parents[1]
PAGES = {path.name: path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").glob("*.md"))}
BEFORE = ("", ".venv/bin/", "docker compose exec web ")
"""What stands before `modbot` where a line is a command of ours."""

SECRETS = {name: f"{name.lower()}-for-the-test" for name in ("MAIN_API_KEY", "MAIN_WEBHOOK_TOKEN", "MAIN_SIGNING")}
COMMAND: Any = typer.main.get_command(app)


def blocks(page: str) -> list[str]:
    """The indented blocks of a page, flush left."""
    return [dedent(one) for one in re.findall(r"(?:^ {4,}.*\n(?:\n(?= {4}))?)+", page, flags=re.MULTILINE)]


def lines(page: str) -> list[str]:
    """The command lines of a page, from `modbot` on."""
    starts = "|".join(re.escape(one) for one in BEFORE)
    found = [re.match(rf"(?:{starts})(modbot .*)", line) for one in blocks(page) for line in one.splitlines()]
    return [match[1] for match in found if match and not match[1].startswith("modbot.yaml")]


def mentions(page: str) -> list[str]:
    """The commands that stand in a sentence."""
    return [" ".join(one.split()) for one in re.findall(r"`(modbot [a-z][^`]*)`", page)]


LINES = sorted({(name, line) for name, page in PAGES.items() for line in lines(page)})
MENTIONS = sorted({(name, one) for name, page in PAGES.items() for one in mentions(page)})


def follow(words: list[str]) -> tuple[Any, list[str]]:
    """The command that the words lead to, and the words that are left for it. Raises AssertionError."""
    command = COMMAND
    while words and hasattr(command, "commands"):
        assert words[0] in command.commands, f"there is no command {words[0]!r}"
        command, words = command.commands[words[0]], words[1:]
    return command, words


@pytest.mark.parametrize(("page", "line"), LINES)
def test_every_command_line_is_one_that_the_program_takes(page: str, line: str) -> None:
    command, rest = follow(shlex.split(line, comments=True)[1:])
    try:
        command.make_context(command.name, rest)
    except click.UsageError as wrong:
        pytest.fail(f"{page}: {line}: {wrong.format_message()}")


@pytest.mark.parametrize(("page", "said"), MENTIONS)
def test_every_command_that_is_named_exists_with_its_options(page: str, said: str) -> None:
    command, rest = follow(said.split()[1:])
    known = {option for one in command.params for option in (*one.opts, *one.secondary_opts)} | {"--help", "--version"}
    assert {word.partition("=")[0] for word in rest if word.startswith("-")} <= known, page


@pytest.mark.parametrize("page", PAGES)
def test_every_file_of_ours_that_is_named_exists(page: str) -> None:
    named = re.findall(r"\b(?:tests|service|workers|rules|bench)/[\w./*{},-]*\w(?:\.py|/)?", PAGES[page])
    assert [name for name in named if not list(ROOT.glob(name))] == []


def test_there_are_commands_to_look_at() -> None:
    assert len(LINES) >= 20
    assert len(MENTIONS) >= 20


CONFIGURATIONS = [(name, one) for name, page in PAGES.items() for one in blocks(page) if one.startswith("forums:")]


@pytest.mark.parametrize(("page", "text"), CONFIGURATIONS)
def test_every_configuration_is_accepted_and_acts_on_nothing_at_first(tmp_path: Path, page: str, text: str) -> None:
    path = tmp_path / "modbot.yaml"
    path.write_text(text, encoding="utf-8")
    found = read(path, SECRETS).settings
    assert {forum.mode for forum in found.forums.values()} == {"shadow"}, page
    assert set(secrets_of(found)) <= set(SECRETS.values())


def test_the_first_steps_show_every_platform() -> None:
    assert {re.findall(r"platform: (\w+)", text)[0] for page, text in CONFIGURATIONS if page == "connecting.md"} == {
        *("websitetoolbox", "userecho"),
    }


def test_the_rule_that_is_looked_for_is_in_the_pack_that_is_installed() -> None:
    starter = {rule.name for rule in load([Path("rules/packs/starter")]).rules}
    assert set(re.findall(r"--rule ([\w-]+)", PAGES["connecting.md"])) <= starter


def anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


LINKS = sorted({(name, to) for name, page in PAGES.items() for to in re.findall(r"\]\(([^)\s]+)\)", page)})


@pytest.mark.parametrize(("page", "to"), LINKS)
def test_every_link_leads_somewhere(page: str, to: str) -> None:
    path, _, place = to.partition("#")
    target = (ROOT / "docs" / (path or page)).resolve()
    assert target.exists(), f"{page} links to {to}"
    assert not place or place in anchors(target.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["operating.md", "connecting.md", "runbook.md", "metrics.md"])
def test_every_page_can_be_found_from_the_readme(name: str) -> None:
    reached = README + "".join(PAGES[other] for other in PAGES if f"docs/{other}" in README)
    assert f"({name})" in reached or f"docs/{name}" in reached


def test_every_make_target_that_is_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    told = {target for page in PAGES.values() for target in re.findall(r"\bmake ([a-z]+)`|^    make ([a-z]+)", page)}
    for target in {word for pair in told for word in pair if word}:
        assert f"\n{target}:" in makefile, target
