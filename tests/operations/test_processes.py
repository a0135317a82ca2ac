"""What real processes tell: web and a worker of each role, at work, by /metrics and by their logs."""

from __future__ import annotations

import json
import os
import pty
import re
import secrets
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.demo.stage import SECRET, TOKEN, Stage, stage
from service.embedded import NoServer
from service.instruments import Part
from service.processes import WORKERS
from tests.operations.pages import count, exported, families, missing, strange
from tests.operations.prometheus import promtool
from tests.operations.traffic import RULES, rules
from tests.ports import free_run

pytestmark = pytest.mark.processes

SAID = f"free casino, said {secrets.token_hex(8)}"
"""A member's text that matches a rule."""


@dataclass(frozen=True)
class Run:
    """What the processes of a modbot have told from their start to their end."""

    fresh: dict[str, str]
    """By process: its page of metrics before anything has come."""
    worked: dict[str, str]
    """The same after the traffic."""
    log: list[str]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A modbot that takes in a spam, a repeat, a harmless post, a forgery and calls to doors that are not there."""
    folder = tmp_path_factory.mktemp("told")
    (folder / "rules.yaml").write_text(rules(), encoding="utf-8")
    first = free_run(sum(number for _, number in WORKERS))
    with pytest.MonkeyPatch.context() as patch, (folder / "log").open("wb") as output:
        patch.setenv("MODBOT_LOG_LEVEL", "info")
        try:
            with stage(rules=[str(folder / "rules.yaml")], worker_port=first, output=output) as parts:
                at = addresses(parts, first)
                fresh = scrape(at)
                come(parts)
                parts.settle(60)
                worked = scrape(at)
        except NoServer as none:
            pytest.skip(str(none))
    return Run(fresh, worked, (folder / "log").read_text(encoding="utf-8").splitlines())


def addresses(parts: Stage, first: int) -> dict[str, str]:
    """The admin addresses of the web process and of the workers."""
    names = [f"{role}-{number}" for role, many in WORKERS for number in range(1, many + 1)]
    return {"web": parts.admin_url} | {name: f"http://127.0.0.1:{first + n}" for n, name in enumerate(names)}


def scrape(at: dict[str, str]) -> dict[str, str]:
    return {name: httpx.get(f"{url}/metrics").text for name, url in at.items()}


def come(parts: Stage) -> None:
    spam = parts.happen(event="post.created", username="pip", topicId=501, message=SAID)
    for webhook in (
        spam,
        spam,
        parts.happen(event="post.created", username="pip", topicId=501, message="good morning"),
    ):
        assert parts.deliver(webhook).is_success
    assert parts.deliver({"type": secrets.token_hex(8)}, secret="not the secret").status_code == 401
    for _ in range(5):
        url = f"{parts.web_url}/webhooks/{secrets.token_hex(8)}/{secrets.token_hex(8)}"
        assert parts.http.post(url, content=b"{}").status_code == 404


NAMES = ["web", *(f"{role}-{number}" for role, many in WORKERS for number in range(1, many + 1))]
every_process = pytest.mark.parametrize("name", NAMES)


def part_of(name: str) -> Part:
    return Part.WEB if name == "web" else Part.WORK


@every_process
def test_a_process_exports_every_metric_of_its_kind_from_its_start(told: Run, name: str) -> None:
    assert missing(told.fresh[name], part_of(name), ["main"]) == set()
    names = {one.name for one in families(told.fresh[name])}
    assert names == {one.name.removesuffix("_total") for one in exported(part_of(name))}
    loaded = {s.labels["rule"] for f in families(told.fresh[name]) for s in f.samples if "rule" in s.labels}
    assert len(loaded) == (0 if name == "web" else RULES)


@every_process
def test_no_label_value_is_made_up_by_who_comes_in(told: Run, name: str) -> None:
    names = re.findall(r"^name: (.+)$", rules(), flags=re.MULTILINE)
    assert strange(told.worked[name], ["main"], names) == []
    assert count(told.worked[name]) < 3000


@every_process
def test_promtool_finds_no_fault_in_what_a_process_exports(told: Run, name: str) -> None:
    assert promtool("check", "metrics", given=told.worked[name].encode()) == (0, "")


def lines(told: Run) -> list[dict[str, Any]]:
    """The log of modbot's processes; the simulator prints a line of text."""
    return [json.loads(line) for line in told.log if not line.startswith("websitetoolbox is simulated")]


def test_every_line_is_one_json_object_with_time_level_logger_and_message(told: Run) -> None:
    for line in lines(told):
        assert {"time", "level", "logger", "message"} <= line.keys()


def test_one_line_tells_of_each_event_and_one_of_each_action(told: Run) -> None:
    found = Counter(line["message"] for line in lines(told) if "event" in line)
    assert found == {"webhook duplicate": 1, "decided": 2, "acted": 2}
    decided = [line for line in lines(told) if line["message"] == "decided"]
    assert sorted((one["outcome"], *one["rules"], *one["actions"]) for one in decided) == [
        ("no_match",),
        ("planned", "gone", "delete", "message"),
    ]
    for one in decided:
        assert {"event", "forum", "type", "latency", "attempt"} <= one.keys()
    (event,) = {line["event"] for line in lines(told) if line["message"] == "acted"}
    for one in (line for line in lines(told) if line["message"] == "acted"):
        of = {"event": event, "forum": "main", "rule": "gone", "outcome": "done", "attempt": 1}
        assert of.items() <= one.items()
        assert one["latency"] >= 0
        assert one["action"] in {"delete", "message"}


def test_no_text_and_no_secret_is_in_the_log(told: Run) -> None:
    said = "\n".join(told.log)
    assert "decided" in said
    for hidden in (SAID, "No casino", TOKEN, SECRET, "demo-key"):
        assert hidden not in said


def test_the_level_is_that_of_the_setting_and_a_terminal_gets_text(tmp_path: Path) -> None:
    """A web process on a terminal, whose Redis is not there."""
    forum = {"platform": "websitetoolbox", "api_key": "k", "bot_user": {"id": 1, "username": "b"}}
    main = {**forum, "webhook": {"token": TOKEN}, "rules": ["rules/packs/starter"]}
    text = json.dumps({"redis_url": "unix:///nonexistent.sock", "forums": {"main": main}})
    (tmp_path / "modbot.yaml").write_text(text, encoding="utf-8")
    assert re.search(r"^\d\d:\d\d:\d\d warning no heartbeat sent", on_terminal(tmp_path), flags=re.MULTILINE)
    assert on_terminal(tmp_path, MODBOT_LOG_LEVEL="error") == ""


def on_terminal(folder: Path, **env: str) -> str:
    """What `modbot serve` writes to a terminal within some seconds."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "service", "serve", "--port", "0", "--admin-port", "0"]
    with subprocess.Popen(
        command, cwd=folder, env=os.environ | env, stdout=theirs, stderr=subprocess.STDOUT
    ) as process:
        os.close(theirs)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(3)
        process.terminate()
        process.wait(20)
    return b"".join(_chunks(ours)).decode()


def _chunks(terminal: int) -> Iterator[bytes]:
    """What is left in the terminal; Linux ends it with an error."""
    try:
        while chunk := os.read(terminal, 65536):
            yield chunk
    except OSError:
        os.close(terminal)
