"""`modbot rules …`: what it prints, how it ends, and that bad input is one clear line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from service.cli.rules import rules_app

Run = Callable[..., Result]
RULES = "name: no-ads\nbody: casino\ndelete: true\n---\nname: vip\nauthor: {groups: VIP}\napprove: true\npriority: 1\n"
EVENT = {
    "type": "post.created",
    "at": 1767268800,
    "id": "e1",
    "post": {"postId": 9001, "messageText": "casino", "pending": True},
    "author": {"userId": 1, "userGroups": ["VIP"]},
}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rules.yaml").write_text(RULES)
    (tmp_path / "bad.yaml").write_text("name: a\nboddy: x\nhold: true\n")
    (tmp_path / "events.jsonl").write_text(
        json.dumps(EVENT) + "\n\n" + json.dumps({**EVENT, "author": {"userId": 1}}) + "\n"
    )
    return lambda *args, **more: CliRunner().invoke(rules_app, list(args), **more)


def test_eval_prints_the_public_lines(run: Run) -> None:
    lines = [
        json.loads(line) for line in run("eval", "rules.yaml", "--events", "events.jsonl", "--json").stdout.splitlines()
    ]
    target = {"kind": "post", "id": 9001}
    assert lines == [
        {
            "line": 1,
            "id": "e1",
            "actions": [{"action": "approve", "rule": "vip", "target": target, "options": {}}],
            "overridden": [{"action": "delete", "rule": "no-ads", "by": "vip"}],
            "unknown": [],
        },
        {
            "line": 3,
            "id": "e1",
            "actions": [{"action": "delete", "rule": "no-ads", "target": target, "options": {}}],
            "overridden": [],
            "unknown": ["vip"],
        },
    ]


def test_events_come_from_standard_input_too(run: Run) -> None:
    assert (
        "delete post 9001 (no-ads)"
        in run(
            "eval",
            "rules.yaml",
            "--events",
            "-",
            input='{"type":"post.created","at":1,"post":{"postId":9001,"messageText":"casino"}}',
        ).stdout
    )


def test_explain_tells_which_check_and_on_what(run: Run) -> None:
    told = run("explain", "rules.yaml", "--events", "events.jsonl").stdout
    assert "+ no-ads (rules.yaml:1)" in told
    assert "+ body: casino (line 2): body holds 'casino', sought as 'casino'" in told
    assert "? author.groups: VIP (line 6): author.groups is not known" in told


def test_check_prints_place_text_and_suggestion(run: Run) -> None:
    result = run("check", "bad.yaml")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "bad.yaml:2:1: unknown-key: there is no check, action or key of a rule called 'boddy'",
        "    boddy",
        "    > did you mean 'body'?",
    ]


def test_check_can_ask_for_a_platform(run: Run) -> None:
    assert run("check", "rules.yaml", "--platform", "websitetoolbox").exit_code == 0
    assert run("check", "rules.yaml", "--platform", "nobody").exit_code == 2


def test_check_prints_json_for_scripts(run: Run) -> None:
    fault = json.loads(run("check", "bad.yaml", "--json").stdout)
    assert (fault["code"], fault["line"], fault["column"], fault["severity"]) == ("unknown-key", 2, 1, "error")


def test_test_ends_with_one_where_a_story_fails(run: Run, tmp_path: Path) -> None:
    (tmp_path / "rules.test.yaml").write_text(
        "- {story: s, events: [{type: post.created, body: casino, expect: [hold]}]}\n"
    )
    result = run("test", "rules.yaml")
    assert result.exit_code == 1
    assert "rules.test.yaml:1: s, event 1: expected hold, found no-ads: [delete]" in result.stdout


def test_list_tells_mode_and_actions(run: Run) -> None:
    first = json.loads(run("list", "rules.yaml", "--json").stdout.splitlines()[0])
    assert (first["rule"], first["mode"], first["actions"]) == ("vip", "live", ["approve"])


def test_reference_is_printed(run: Run) -> None:
    assert run("reference").stdout.startswith("# Reference of the rule language")
    assert json.loads(run("reference", "--schema").stdout)["title"] == "modbot rules"


BAD_EVENTS = [
    (b"nonsense\n", "events:1: this is no event: Invalid JSON"),
    (b'{"type": "post.created"}\n', "events:1: this is no event: at: Field required"),
    (b'{"type": "", "at": 1}\n', "events:1: this is no event: type: Value error, an event needs a type"),
    (b"\xff\xfe\n", "events:1: this is no event: Invalid JSON"),
    (b"[" * 100_000 + b"\n", "events:1: this is no event: Invalid JSON: recursion limit exceeded"),
    (b"x" * 5_000_000 + b"\n", "events:1: the line is longer than 4,194,304 bytes"),
]


@pytest.mark.parametrize(("data", "message"), BAD_EVENTS)
def test_a_bad_line_is_told_and_the_others_are_decided(run: Run, tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "events").write_bytes(data + json.dumps(EVENT).encode())
    result = run("eval", "rules.yaml", "--events", "events", "--json")
    assert result.exit_code == 1
    assert result.stderr.startswith(message)
    assert json.loads(result.stdout)["line"] == 2


@pytest.mark.parametrize("command", ["check", "list", "test"])
@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda _: None, "thing.yaml:1:1: no-file: there is no such file, folder or shipped pack"),
        (lambda path: path.write_bytes(b"\x80"), "thing.yaml:1:1: unreadable: this is not UTF-8: byte 0x80 at 0"),
        (lambda path: path.write_text("- " * 9_999), "thing.yaml:1:99: too-deep: nested deeper than 48 levels"),
        (lambda path: path.mkdir(), "thing.yaml:1:1: no-rules: the folder holds no rule files"),
    ],
)
def test_bad_rule_files_are_told_in_one_line(
    run: Run, tmp_path: Path, command: str, make: Callable[[Path], object], message: str
) -> None:
    make(tmp_path / "thing.yaml")
    result = run(command, "thing.yaml")
    assert result.exit_code == 1
    assert result.output.splitlines()[0] == message


def test_events_that_cannot_be_read_are_told(run: Run) -> None:
    result = run("eval", "rules.yaml", "--events", "nowhere")
    assert (result.exit_code, result.stderr) == (1, "nowhere: the events cannot be read: No such file or directory\n")


def test_what_forums_send_cannot_steer_a_terminal(run: Run, tmp_path: Path) -> None:
    event = {**EVENT, "post": {"postId": 1, "messageText": "casino \u001b[31m"}}
    (tmp_path / "events").write_text(json.dumps(event))
    assert "\u001b" not in run("explain", "rules.yaml", "--events", "events").stdout


FLOOD = "name: flood\nmode: shadow\ncount: {of: post, by: author, within: 1 minute, is: '>= 2'}\nreply: '{{count}}'\n"
POST = {"type": "post.created", "at": 1767268800, "post": {"postId": 9001, "topicId": 5}, "author": {"userId": 1}}


def test_eval_remembers_from_line_to_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "flood.yaml").write_text(FLOOD)
    lines = [POST, POST, {**POST, "id": "x"}, {**POST, "id": "x"}, {**POST, "at": POST["at"] + 60}]
    (tmp_path / "posts").write_text("\n".join(map(json.dumps, lines)))
    told = [json.loads(line) for line in run("eval", "flood.yaml", "--events", "posts", "--json").stdout.splitlines()]
    assert [[one["options"]["text"] for one in line["actions"]] for line in told] == [[], ["2"], ["3"], ["3"], []]


def test_explain_tells_the_count_and_by_how_much_it_missed(run: Run, tmp_path: Path) -> None:
    (tmp_path / "flood.yaml").write_text(FLOOD)
    (tmp_path / "posts").write_text(json.dumps(POST))
    assert (
        "(line 3): 1 of post by author within 1 minute, off by 1"
        in run("explain", "flood.yaml", "--events", "posts").stdout
    )
