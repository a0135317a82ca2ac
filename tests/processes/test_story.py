"""The main job on real processes: embedded Redis, web, workers and simulator, over HTTP; then again with a kill -9 each."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from rich.console import Console

from service.demo.play import Outcome, play
from service.demo.stage import Stage, stage
from service.demo.telling import Teller
from service.embedded import NoServer, find_server
from service.supervisor import wait_until

pytestmark = pytest.mark.processes

SILENT = Teller(Console(), wanted=False)


@pytest.fixture(autouse=True)
def _server() -> None:
    try:
        find_server()
    except NoServer as none:
        pytest.skip(str(none))


def essence(state: dict[str, Any]) -> dict[str, Any]:
    """What a forum's owner would call its state: ids and times of the bot's own texts left out."""
    posts = [(p["topicId"], p["author"]["username"], p["message"], p["pending"]) for p in state["posts"]]
    talks = {talk["conversationId"]: talk for talk in state["conversations"]}
    texts = [
        (
            talks[said["conversationId"]]["subject"],
            sorted(person["user"]["username"] for person in talks[said["conversationId"]]["participants"]),
            said["message"],
        )
        for said in state["messages"]
    ]
    return {
        "topics": sorted((t["title"], t["categoryId"], t["locked"], t["pinned"]) for t in state["topics"]),
        "posts": sorted(posts, key=str),
        "groups": {user["username"]: sorted(user["groups"]) for user in state["users"]},
        "messages": sorted(texts, key=str),
    }


@pytest.fixture(scope="module")
def undisturbed() -> Iterator[tuple[Outcome, dict[str, Any]]]:
    with stage() as parts:
        outcome = play(parts, SILENT)
        yield outcome, essence(parts.state())


def test_the_story_ends_as_it_should_within_the_forum_s_limit(undisturbed: tuple[Outcome, dict[str, Any]]) -> None:
    outcome, _ = undisturbed
    assert outcome.unmet == []
    assert outcome.report["refused_by_rate_limit"] == 0
    assert outcome.report["most_in_any_second"] <= 3
    assert outcome.report["unknown_requests"] == []
    assert outcome.report["requests"] >= 25
    assert len(outcome.actions) >= 8
    assert outcome.webhooks["duplicate"] == outcome.webhooks["rejected"] == outcome.webhooks["ignored"] == 1


def killed_while(parts: Stage, names: list[str], is_busy: Callable[[], bool]) -> threading.Thread:
    """Kill these processes with -9 the moment that `is_busy` first holds; the supervisor starts them again."""

    def kill() -> None:
        if wait_until(is_busy, 60, every=0.001):
            for name in names:
                parts.child(name).kill()

    thread = threading.Thread(target=kill)
    thread.start()
    return thread


def busy_action(parts: Stage, lane: str, state: str) -> bool:
    """Whether an action of this lane is in this state: `intent` before its request leaves, `sent` after."""
    records = (parts.redis.hmget(key, "lane", "state") for key in parts.redis.scan_iter("modbot:action:*"))
    return [lane, state] in list(records)


def has_records(parts: Stage) -> bool:
    return bool(parts.redis.zcard("modbot:due"))


KILLS: dict[str, tuple[list[str], Callable[[Stage], bool]]] = {
    "evaluate": (["evaluate-1"], has_records),
    "urgent, before it sends": (["urgent-1", "urgent-2"], lambda parts: busy_action(parts, "urgent", "intent")),
    "urgent, while it sends": (["urgent-1", "urgent-2"], lambda parts: busy_action(parts, "urgent", "sent")),
    "bulk, while it sends": (["bulk-1"], lambda parts: busy_action(parts, "bulk", "sent")),
    "web": (["web"], has_records),
}


@pytest.mark.parametrize("kill", KILLS)
def test_a_worker_killed_in_the_middle_of_the_story_changes_nothing(
    kill: str, undisturbed: tuple[Outcome, dict[str, Any]]
) -> None:
    names, is_busy = KILLS[kill]
    with stage() as parts:
        before = [parts.child(name).pid for name in names]
        thread = killed_while(parts, names, lambda: is_busy(parts))
        outcome = play(parts, SILENT)
        thread.join()
        assert [parts.child(name).pid for name in names] != before, "nothing was killed"
        assert outcome.unmet == []
        assert outcome.report["refused_by_rate_limit"] == 0
        assert essence(parts.state()) == undisturbed[1]


def test_the_demo_command_prints_the_summary_that_scripts_read() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "service", "demo", "--json"], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert set(summary) == {"webhooks", "actions", "forum", "seconds"}
    assert set(summary["webhooks"]) == {"sent", "accepted", "duplicate", "ignored", "rejected"}
    assert summary["forum"] == {
        "requests": summary["forum"]["requests"],
        "refused_by_rate_limit": 0,
        "most_in_any_second": summary["forum"]["most_in_any_second"],
        "state_as_expected": True,
    }
    assert summary["seconds"] < 60
