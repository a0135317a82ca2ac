"""The log: what each event and action says of itself, in which form, where to, and what is never in it."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from service import logs
from service.settings import Settings
from tests.world import World

KEY, TOKEN, SIGNING, PASSWORD = "key-of-the-forum", "token-of-the-address", 'sign"ing\\secret', "pass%2Fword-of-redis"
SECTION = {
    "platform": "websitetoolbox",
    "api_key": KEY,
    "bot_user": {"id": 77, "username": "modbot"},
    "webhook": {"token": TOKEN, "signing_secrets": [SIGNING]},
    "rules": ["rules/packs/starter"],
}


def settings(**over: Any) -> Settings:
    url = f"redis://:{PASSWORD}@redis.example:6379/0"
    return Settings.model_validate({"redis_url": url, "forums": {"main": SECTION}, **over})


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    """The root logger is the whole process's."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.parametrize(
    ("form", "out", "as_json"),
    [
        ("auto", io.StringIO, True),
        ("auto", Terminal, False),
        ("json", Terminal, True),
        ("text", io.StringIO, False),
    ],
)
def test_lines_are_json_unless_a_person_reads_them(form: str, out: type[io.StringIO], as_json: bool) -> None:
    stream = out()
    logs.configure(settings(log_format=form), stream)
    logging.getLogger("service.somewhere").info("a %s", "word", extra={"forum": "main", "seconds": 1.5})
    (line,) = stream.getvalue().splitlines()
    if as_json:
        told = json.loads(line)
        assert told.pop("time").endswith("Z")
        assert told == {
            "level": "info",
            "logger": "service.somewhere",
            "message": "a word",
            "forum": "main",
            "seconds": 1.5,
        }
    else:
        assert line.endswith('info    a word forum="main" seconds=1.5')


@pytest.mark.parametrize(
    ("level", "told"),
    [("debug", ["debug", "info", "warning"]), ("info", ["info", "warning"]), ("warning", ["warning"]), ("error", [])],
)
def test_the_level_is_the_least_that_is_told(level: str, told: list[str]) -> None:
    stream = io.StringIO()
    logs.configure(settings(log_level=level), stream)
    for one in ("debug", "info", "warning"):
        getattr(logging.getLogger("service.somewhere"), one)("x")
    assert [json.loads(line)["level"] for line in stream.getvalue().splitlines()] == told


def test_httpx_does_not_tell_addresses() -> None:
    stream = io.StringIO()
    logs.configure(settings(log_level="info"), stream)
    logging.getLogger("httpx").info("HTTP Request: POST https://forum.example/secret-path")
    assert stream.getvalue() == ""


@pytest.mark.parametrize("form", ["json", "text"])
@pytest.mark.parametrize("secret", [KEY, TOKEN, SIGNING, PASSWORD, "pass/word-of-redis"])
def test_a_secret_is_in_no_line_however_it_got_there(form: str, secret: str) -> None:
    stream = io.StringIO()
    logs.configure(settings(log_format=form), stream)
    log = logging.getLogger("service.somewhere")
    log.warning("it was %s", secret)
    log.warning("beside", extra={"reason": f"not {secret}"})
    log.error("failed", exc_info=ValueError(secret))
    said = stream.getvalue()
    assert said.count(logs.HIDDEN) >= 3
    assert secret not in said
    assert json.dumps(secret)[1:-1] not in said


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_hostile_text_cannot_begin_a_line(form: str) -> None:
    stream = io.StringIO()
    logs.configure(settings(log_format=form), stream)
    logging.getLogger("service.somewhere").info("a\n%s", "\x1b[31m\r\nb", extra={"rule": "c\nd\x1b"})
    assert len(stream.getvalue().splitlines()) == 1
    assert "\x1b" not in stream.getvalue()


RULES = """\
name: no-ads
body: casino
moderators_exempt: false
then: [delete, message: 'No casino, {{author.name}}.']
---
name: on-trial
body: perhaps
moderators_exempt: false
mode: shadow
hold: true
"""


def fields(records: list[logging.LogRecord], message: str) -> list[dict[str, Any]]:
    return [logs._fields(one) for one in records if one.message == message]


@pytest.mark.parametrize(
    ("body", "outcome", "rules", "actions"),
    [
        ("free casino", "planned", ["no-ads"], ["delete", "message"]),
        ("perhaps", "shadow", ["on-trial"], ["hold"]),
        ("good morning", "no_match", [], []),
    ],
)
def test_one_line_tells_of_each_event(
    world: Callable[..., World],
    caplog: pytest.LogCaptureFixture,
    body: str,
    outcome: str,
    rules: list[str],
    actions: list[str],
) -> None:
    caplog.set_level(logging.INFO)
    w = world(RULES)
    came = w.deliver(w.happen("post.created", username="pip", topicId=501, message=body))
    w.run()
    (told,) = fields(caplog.records, "decided")
    assert told.pop("latency") >= 0
    assert told == {
        "event": came["id"],
        "forum": "main",
        "type": "post.created",
        "outcome": outcome,
        "attempt": 1,
        "rules": rules,
        "actions": actions,
        "new": len(actions) if outcome == "planned" else 0,
    }


def test_one_line_tells_of_each_action(world: Callable[..., World], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    w = world(RULES)
    post = w.post("free casino")
    w.run()
    (event,) = fields(caplog.records, "decided")
    told = {one["action"]: one for one in fields(caplog.records, "acted")}
    assert sorted(told) == ["delete", "message"]
    for one in told.values():
        assert one.pop("latency") >= event["latency"]
        assert len(one.pop("id")) == 32
    assert told["delete"] == {
        "event": event["event"],
        "forum": "main",
        "rule": "no-ads",
        "action": "delete",
        "target": f"post {post}",
        "outcome": "done",
        "attempt": 1,
        "error": None,
    }


def test_an_event_without_a_plan_is_settled_in_a_line(
    world: Callable[..., World], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    w = world(RULES)
    w.deliver(w.happen("post.created", username="modbot", topicId=501, message="free casino"))
    w.run()
    (told,) = fields(caplog.records, "settled")
    assert (told["outcome"], told["reason"], told["forum"]) == ("ignored", "own content", "main")


@pytest.mark.processes
@pytest.mark.parametrize("words", [("serve", "--port", "0", "--admin-port", "0"), ("work", "--role", "all")])
def test_a_process_that_runs_long_logs_to_standard_output(tmp_path: Path, words: tuple[str, ...]) -> None:
    forum = {**SECTION, "api_url": "http://127.0.0.1:1/v1"}
    text = json.dumps({"redis_url": "unix:///nonexistent.sock", "forums": {"main": forum}})
    (tmp_path / "modbot.yaml").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "service", *words]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert json.loads(process.stdout.readline())["level"] in {"info", "warning"}
        finally:
            process.terminate()
            process.wait(40)
