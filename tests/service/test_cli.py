"""The program as people type it: help with an example everywhere, one clear line for every mistake, never a traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from pkgutil import resolve_name
from types import FunctionType
from typing import Any

import pytest
import typer

from service.cli import COMMANDS, app

CONFIG = {
    "forums": {
        "main": {
            "platform": "websitetoolbox",
            "api_url": "http://127.0.0.1:1/v1",
            "api_key": "k",
            "bot_user": {"id": 77, "username": "modbot"},
            "webhook": {"token": "token-of-the-test"},
            "rules": ["rules.yaml"],
        }
    }
}


def modbot(*words: str, folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "service", *words],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(__file__).parents[2]), **environ},
        check=False,
    )


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "modbot.yaml").write_text(json.dumps(CONFIG), encoding="utf-8")
    (tmp_path / "rules.yaml").write_text("name: no ads\nbody: ads\ndelete: true\n", encoding="utf-8")
    return tmp_path


def commands() -> list[tuple[str, ...]]:
    """Every command of the program, as its words."""

    def below(command: Any, words: tuple[str, ...]) -> list[tuple[str, ...]]:
        if hasattr(command, "commands"):
            return [one for name, sub in command.commands.items() for one in below(sub, (*words, name))]
        return [words]

    return below(typer.main.get_command(app), ())


CONTRACT = [
    *[("demo",), ("up",), ("serve",), ("work",), ("simulate",), ("send",), ("config", "check"), ("log",)],
    *[("rules", verb) for verb in ("check", "eval", "test", "explain", "list", "reference", "release", "import")],
    *[("hooks", verb) for verb in ("list", "events", "create", "delete")],
    *[("dead", verb) for verb in ("list", "show", "redeliver", "discard")],
    *[("pause",), ("resume",)],
]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_where_the_table_says(name: str) -> None:
    assert isinstance(resolve_name(COMMANDS[name]), FunctionType | typer.Typer)


def test_the_program_has_the_commands_of_the_contract() -> None:
    assert not set(CONTRACT) - set(commands())


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_has_help_with_an_example(words: tuple[str, ...]) -> None:
    command: Any = typer.main.get_command(app)
    for word in words:
        command = command.commands[word]
    assert f"Example: modbot {' '.join(words)}" in " ".join((command.help or "").split())


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("frobnicate",), 2, "No such command 'frobnicate'"),
        (("serve", "--prot", "1"), 2, "No such option: --prot"),
        (("work",), 2, "Missing option '--role'"),
        (("work", "--role", "chief"), 2, "'chief' is not one of"),
        (("simulate", "phpbb", "--port", "0"), 2, "there is no platform 'phpbb'"),
        (("simulate", "websitetoolbox", "--port", "0", "--faults", "storm=1"), 2, "--faults"),
        (("send", "post.exploded", "--to", "http://127.0.0.1:1"), 2, "there is no sample 'post.exploded'"),
        (("send", "post.created", "--to", "http://127.0.0.1:1"), 1, "no answer from the address given with --to"),
        (("config", "check", "--config", "gone.yaml"), 1, "gone.yaml:1:1: unreadable: No such file or directory"),
        (("serve", "--config", "gone.yaml"), 1, "gone.yaml:1:1: unreadable"),
        (("up", "--config", "gone.yaml"), 1, "gone.yaml:1:1: unreadable"),
        (("hooks", "list", "--forum", "main"), 1, "websitetoolbox has no API for webhooks"),
        (("hooks", "list", "--forum", "other"), 2, "there is no forum 'other'; configured: main"),
        (("log",), 1, "Redis does not answer as it should"),
        (("log", "--since", "yesterday"), 2, "--since takes a number and one of s m h d, such as 12h"),
        (("dead", "list"), 1, "Redis does not answer as it should"),
        (("pause", "--reason", "x"), 1, "Redis does not answer as it should"),
        (("rules", "release", "no-ads"), 2, "the forum 'main' has no rule 'no-ads'; did you mean 'no ads'?"),
        (("rules", "release", "no ads"), 1, "Redis does not answer as it should"),
        (("rules", "release", "no ads", "--forum", "other"), 2, "there is no forum 'other'; configured: main"),
        (("rules", "list"), 1, "Redis does not answer as it should"),
        (("pause",), 2, "Missing option '--reason'"),
    ],
)
def test_a_mistake_is_told_in_a_line(site: Path, words: tuple[str, ...], status: int, said: str) -> None:
    done = modbot(*words, folder=site, MODBOT_REDIS_URL="unix:///nonexistent.sock")
    assert done.returncode == status, done.stderr
    assert said in " ".join(done.stderr.replace("│", " ").split())
    assert "Traceback" not in done.stderr


def test_config_check_reads_rules_too_and_tells_every_fault(site: Path) -> None:
    assert modbot("config", "check", folder=site).returncode == 0
    (site / "rules.yaml").write_text(
        "name: a\nbdy: x\ndelete: true\n---\nname: b\nbody: x\nlock: sometimes\n", encoding="utf-8"
    )
    done = modbot("config", "check", folder=site)
    assert done.returncode == 1
    assert [line.split(": ")[1] for line in done.stderr.splitlines() if "rules.yaml" in line] == [
        "unknown-key",
        "value",
    ]


def test_a_port_that_is_taken_is_told(site: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = modbot("serve", "--port", str(port), folder=site)
    assert done.returncode == 1
    assert done.stderr.strip().endswith(
        f"cannot listen on 127.0.0.1 port {port}: Address already in use; choose another port"
    )


def test_a_worker_with_bad_rules_does_not_start_and_says_why(site: Path) -> None:
    (site / "rules.yaml").write_text("name: a\nbdy: x\ndelete: true\n", encoding="utf-8")
    done = modbot("work", "--role", "evaluate", folder=site)
    assert done.returncode == 1
    assert "rules.yaml:2:1: unknown-key" in done.stderr
    assert "Traceback" not in done.stderr
