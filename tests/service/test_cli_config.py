"""`modbot config check --live`: what it tells of Redis and of each forum, against the simulators."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from service.forums import PLATFORMS
from service.forums.platform import Platform

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module", params=list(PLATFORMS.values()), ids=list(PLATFORMS))
def platform(request: pytest.FixtureRequest) -> Platform:
    found: Platform = request.param
    return found


@pytest.fixture(scope="module")
def forum(platform: Platform) -> Iterator[str]:
    """The address of a simulated forum of the platform; its key is `the-key`."""
    command = [sys.executable, "-m", "service", "simulate", platform.name, "--port", "0", "--api-key", "the-key"]
    command += ["--per-second", "100"]  # forums with keys of their own share this one
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        found = re.search(r"http://\S+?(?=;)", process.stderr.readline())
        assert found
        yield found[0] + platform.api_path
        process.send_signal(signal.SIGTERM)


def check(
    folder: Path, platform: Platform, forum: str, redis_url: str | None, **forums: dict[str, Any]
) -> tuple[int, list[str], list[str]]:
    """The exit status and the lines on standard output and on standard error; `forums` say how each differs."""
    (folder / "rules.yaml").write_text("name: no ads\nbody: ads\nmoderators_exempt: false\nmove: General\n", "utf-8")
    section = {
        "platform": platform.name,
        "api_url": forum,
        "api_key": "the-key",
        "rules": ["rules.yaml"],
        "bot_user": {"id": 77, "username": "modbot"},
        "webhook": {"token": "a-token-that-is-long-enough"},
    }
    sections = {name: {**section, **over} for name, over in forums.items()}
    redis = {"redis_url": redis_url} if redis_url else {}
    path = folder / "modbot.yaml"
    path.write_text(json.dumps({**redis, "forums": sections}), "utf-8")
    command = [sys.executable, "-m", "service", "config", "check", "--live", "--config", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout.splitlines(), done.stderr.splitlines()


def test_it_tells_as_whom_with_which_rights_and_what_is_used(
    platform: Platform, forum: str, tmp_path: Path, redis_url: str
) -> None:
    pip = {"bot_user": {"id": 103, "username": "pip"}}
    status, said, wrong = check(tmp_path, platform, forum, redis_url, main={}, trial=pip)
    assert (status, wrong) == (0, [])
    assert said[0] == "redis: Redis forgets acknowledged events when it restarts (appendonly no): set appendonly yes"
    assert said[1].startswith("forums.main: the key works; acts as modbot (user 77), a moderator")
    assert said[3].startswith(
        "forums.trial: the key works; acts as pip (user 103), NOT a moderator: it may be refused what it is to do"
    )
    limit = platform.per_day or "no limit"
    used = [re.fullmatch(rf"forums\.\w+: requests of the last 24 hours: (\d+) of {limit}", said[at]) for at in (2, 4)]
    before, after = (int(one[1]) for one in used if one)
    assert 0 < before < after, "forums with one key share its budget"


def test_without_a_redis_the_budget_is_not_known(platform: Platform, forum: str, tmp_path: Path) -> None:
    status, said, _ = check(tmp_path, platform, forum, None, main={})
    assert status == 0
    assert said[0] == "redis: none runs and no redis_url is set: the forums are asked with one of its own"
    assert said[2].startswith("forums.main: requests of the last 24 hours: not known of")


# The wrong key comes last: it has a limit of its own, and the simulator counts all requests together.
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "id": ({"bot_user": {"id": 4711, "username": "x"}}, "forums.id.bot_user.id: the forum has no user 4711"),
    "name": (
        {"bot_user": {"id": 77, "username": "x"}},
        "forums.name.bot_user.username: the forum knows user 77 as 'modbot'",
    ),
    "address": ({"api_url": "http://127.0.0.1:1"}, "forums.address: the forum does not answer as it should: "),
    "key": ({"api_key": "another-key"}, "forums.key: the forum does not answer as it should: "),
}


def test_what_is_wrong_is_told_in_a_line_each(platform: Platform, forum: str, tmp_path: Path, redis_url: str) -> None:
    forums = {name: over for name, (over, _) in WRONG.items()}
    status, _, wrong = check(tmp_path, platform, forum, redis_url, **forums)
    assert status == 1
    assert len(wrong) == len(WRONG)
    for line, (_, said) in zip(wrong, WRONG.values(), strict=True):
        assert line.startswith(said)
    assert "another-key" not in "".join(wrong)
