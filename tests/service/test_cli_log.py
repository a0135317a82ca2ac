"""`modbot log` beside a real Redis: what it finds, how it goes on, and that a search that finds little says so."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from redis import Redis
from typer.testing import CliRunner

from service.cli import app
from service.records import PAGE, DecisionLog, Filter
from tests.service.site import DAY, Site
from tests.service.test_cli import CONFIG

Run = Callable[..., Result]


@pytest.fixture
def site(redis: Redis) -> Site:
    return Site(redis)


@pytest.fixture
def modbot(tmp_path: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The program in this process, in a folder with a configuration."""
    (tmp_path / "modbot.yaml").write_text(json.dumps(CONFIG), encoding="utf-8")
    monkeypatch.setenv("MODBOT_REDIS_URL", redis_url)
    monkeypatch.setenv("COLUMNS", "250")
    monkeypatch.chdir(tmp_path)
    return lambda *words, **given: CliRunner().invoke(app, list(words), **given)


def found(modbot: Run, *words: str) -> list[str]:
    """The events that the log shows, newest first."""
    done = modbot("log", "--json", *words)
    assert done.exit_code == 0, done.output
    return [json.loads(line)["id"] for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("words", "events"),
    [
        ((), ["e4", "e3", "e2", "e1"]),
        (("--author", "marlow"), ["e2"]),
        (("--post", "3"), ["e3"]),
        (("--topic", "504"), ["e4"]),
        (("--rule", "casino"), ["e3", "e2", "e1"]),
        (("--action", "lock", "--outcome", "unsure"), ["e3"]),
        (("--forum", "main"), ["e4", "e3", "e2", "e1"]),
        (("--forum", "elsewhere"), []),
        (("--since", "1d"), ["e4", "e3"]),
        (("--until", "1d"), ["e2", "e1"]),
        (("--since", "4d", "--until", "1d"), ["e2"]),
        (("--since", "4d", "--until", "1d", "--author", "wren"), []),
    ],
)
def test_what_is_asked_for_is_found(site: Site, modbot: Run, words: tuple[str, ...], events: list[str]) -> None:
    site.ended(ago=6 * DAY)
    site.ended(ago=3 * DAY, author="marlow")
    site.ended("unsure")
    site.planned("good morning")
    assert found(modbot, *words) == events


def test_a_time_may_be_a_date_with_or_without_a_zone(site: Site, modbot: Run) -> None:
    site.ended(ago=2 * DAY)
    site.ended()
    zoned = datetime.now(UTC) - timedelta(days=1)
    local = zoned.astimezone().replace(tzinfo=None)
    for since in (zoned.isoformat(), local.isoformat(), zoned.strftime("%Y-%m-%dT%H:%M:%SZ")):
        assert found(modbot, "--since", since) == ["e2"]
    assert found(modbot, "--since", (local - timedelta(days=4)).date().isoformat()) == ["e2", "e1"]


def test_a_page_tells_how_to_go_on_and_the_pages_together_are_the_log(site: Site, modbot: Run) -> None:
    for _ in range(7):
        site.ended()
    pages: list[list[str]] = []
    before: tuple[str, ...] = ()
    while True:
        done = modbot("log", "--limit", "3", "--json", *before)
        pages.append([json.loads(line)["id"] for line in done.stdout.splitlines()])
        if "for more" not in done.stderr:
            break
        before = ("--before", done.stderr.split()[-1])
        site.ended()  # what comes meanwhile does not shift the pages
    assert pages == [["e7", "e6", "e5"], ["e4", "e3", "e2"], ["e1"]]


def test_a_search_looks_through_so_much_and_tells_how_to_look_further(site: Site, modbot: Run) -> None:
    site.ended(author="marlow")
    for _ in range(2 * PAGE):
        site.planned("good morning")
    done = modbot("log", "--author", "marlow", "--look", str(PAGE), "--json")
    assert done.stdout == ""
    assert done.stderr.startswith(f"looked through {PAGE} decisions, back to 20")
    cursor = done.stderr.split("--before ")[1].split(",")[0]
    assert found(modbot, "--author", "marlow", "--before", cursor) == ["e1"]


def test_a_search_by_time_reads_no_more_than_that_time(site: Site, modbot: Run) -> None:
    for number in range(3 * PAGE):
        site.redis.xadd("modbot:log", {"event": f"old{number}"}, id=f"{1000 + number}-1")
    site.ended()
    done = modbot("log", "--since", "1h", "--outcome", "refused")
    assert (done.stdout, done.stderr) == ("", "no decision is like that, of 1 that were looked through\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--since", "yesterday"), "--since takes a number and one of s m h d, such as 12h, or a time"),
        (("--until", "2026-13-01"), "--until takes a number and one of s m h d, such as 12h, or a time"),
        (("--action", "delet"), "--action does not know 'delet'; did you mean 'delete'?"),
        (("--outcome", "unsur"), "--outcome does not know 'unsur'; did you mean 'unsure'?"),
        (("--before", "e1"), "--before takes a cursor, as a page ends with or --json prints, not 'e1'"),
    ],
)
def test_a_word_that_means_nothing_is_told(modbot: Run, redis: Redis, words: tuple[str, ...], said: str) -> None:
    done = modbot("log", *words)
    assert done.exit_code == 2
    assert said in " ".join(done.stderr.replace("│", " ").split())


def test_a_page_is_read_in_three_round_trips(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(30):
        site.ended()
    trips: list[str] = []
    log = DecisionLog(site.redis)
    for name in ("pipeline", "xrevrange"):
        asked = getattr(site.redis, name)

        def counted(*words: Any, name: str = name, asked: Any = asked, **options: Any) -> Any:
            trips.append(name)
            return asked(*words, **options)

        monkeypatch.setattr(site.redis, name, counted)
    assert [len(page.entries) for page in log.pages(Filter())] == [30]
    assert trips == ["xrevrange", "pipeline", "pipeline", "xrevrange"]


def test_an_event_whose_record_was_dropped_is_left_out(site: Site, modbot: Run) -> None:
    site.ended()
    site.ended()
    site.redis.delete("modbot:event:e2")
    assert found(modbot) == ["e1"]


def test_hostile_text_cannot_begin_a_line_for_people(site: Site, modbot: Run) -> None:
    site.ended(author="\x1b[31mmallory\n2026-01-01 main post.created by 'ann'")
    done = modbot("log")
    assert len(done.stdout.splitlines()) == 1
    assert "\x1b" not in done.stdout


@pytest.mark.processes
def test_follow_prints_what_comes_until_it_is_stopped(site: Site, modbot: Run, redis_url: str) -> None:
    site.ended()
    command = [sys.executable, "-m", "service", "log", "--follow", "--json", "--action", "lock"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        seen: list[dict[str, Any]] = [json.loads(process.stdout.readline())]
        for _ in range(PAGE + 10):
            site.planned("good morning")
        site.ended()
        started = time.monotonic()
        seen.append(json.loads(process.stdout.readline()))
        process.terminate()
    assert [one["id"] for one in seen] == ["e1", f"e{PAGE + 12}"]
    assert time.monotonic() - started < 10


def test_a_line_says_why_an_action_came_to_nothing(site: Site, modbot: Run) -> None:
    site.ended("suppressed", "a moderator has approved the item since")
    assert "=suppressed (casino; a moderator has approved the item since)" in modbot("log").stdout
    (line,) = modbot("log", "--json").stdout.splitlines()
    assert {action["error"] for action in json.loads(line)["actions"]} == {"a moderator has approved the item since"}
