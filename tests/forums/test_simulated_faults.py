"""What may be ordered to go wrong on every simulated forum, over real HTTP, and what the client makes of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from rules.decision import Target
from service.forums import PLATFORMS
from service.forums.faults import CHANCES
from service.forums.platform import Platform
from service.forums.port import Forum, ForumFailure, RateLimited, TryLater, Unsure
from tests.forums.conftest import KEY, Begin, Simulated
from tests.forums.every import Things, read_of, write_of

SIMULATED = pytest.mark.parametrize("platform", list(PLATFORMS.values()), ids=list(PLATFORMS))

WRITTEN = "posted by the bot"


def write(platform: Platform, simulated: Simulated) -> None:
    simulated.forum.reply(Target(kind="topic", id=Things.of(platform).topic), text=WRITTEN)


def was_written(simulated: Simulated) -> bool:
    return WRITTEN in simulated.site.get("/_simulator/state").text


def listed(platform: Platform, simulated: Simulated) -> str:
    """The topic's posts as the API lists them now."""
    number = Things.of(platform).topic
    path = (
        f"/v1/api/posts?topicId={number}" if platform.name == "websitetoolbox" else f"/api/v2/topics/{number}/comments"
    )
    answer = simulated.site.get(path, headers={"x-api-key": KEY, "authorization": f"Bearer {KEY}"})
    assert answer.status_code == 200
    return answer.text


def order(simulated: Simulated, spec: str) -> Any:
    answer = simulated.site.post("/_simulator/faults", json={"spec": spec})
    assert answer.status_code == 200, answer.text
    return answer.json()


@SIMULATED
@pytest.mark.parametrize(
    ("spec", "read", "written", "done"),
    [
        ("cut=1", TryLater, Unsure, False),
        ("error=1", TryLater, Unsure, False),
        ("html=1", TryLater, Unsure, False),
        ("limit=1", RateLimited, RateLimited, False),
        ("lost=1", TryLater, Unsure, True),
        ("garbage=1", TryLater, Unsure, True),
    ],
)
def test_a_fault_is_one_of_the_port_s_failures(
    begin: Begin, platform: Platform, spec: str, read: type[ForumFailure], written: type[ForumFailure], done: bool
) -> None:
    simulated = begin(platform, faults=spec)
    acts: list[tuple[Callable[[Forum], Any], type[ForumFailure]]] = [
        (read_of(platform), read),
        (lambda _: write(platform, simulated), written),
    ]
    for act, failure in acts:
        with pytest.raises(failure) as raised:
            act(simulated.forum)
        assert KEY not in f"{raised.value!r}"
    assert was_written(simulated) is done
    assert simulated.ask("report")["faults"] == {spec.partition("=")[0]: 2}
    assert simulated.permits.released == len(simulated.permits.taken) == simulated.ask("report")["requests"] == 2


@SIMULATED
def test_json_that_breaks_off_is_tried_again_a_few_times_only(begin: Begin, platform: Platform) -> None:
    simulated = begin(platform, faults="garbage=1")
    with pytest.raises(TryLater) as raised:
        read_of(platform)(simulated.forum)
    assert raised.value.tries


@SIMULATED
def test_html_is_a_page_with_a_status_as_proxies_give(begin: Begin, platform: Platform) -> None:
    simulated = begin(platform, faults="html=1,seed=1")
    headers = {"x-api-key": KEY, "authorization": f"Bearer {KEY}"}
    answers = [simulated.site.get(f"{platform.api_path}/api/topics/501", headers=headers) for _ in range(1)]
    if platform.name == "userecho":
        answers = [simulated.site.get("/api/v2/topics/501.json", headers=headers)]
    assert answers[0].status_code in {502, 503, 504}
    assert answers[0].headers["content-type"] == "text/html; charset=utf-8"
    assert f"<h1>Error {answers[0].status_code}</h1>" in answers[0].text


@SIMULATED
def test_a_stale_forum_shows_a_write_only_after_a_while(begin: Begin, platform: Platform) -> None:
    simulated = begin(platform, faults="stale=1:0.5")
    write(platform, simulated)
    assert was_written(simulated)
    seen_at_once = WRITTEN in listed(platform, simulated)
    time.sleep(0.55)
    assert not seen_at_once
    assert WRITTEN in listed(platform, simulated)


@SIMULATED
def test_what_is_behind_is_shown_in_the_order_of_writing(begin: Begin, platform: Platform) -> None:
    simulated = begin(platform, faults="stale=1:600")
    write(platform, simulated)
    order(simulated, "stale=1:600")  # clears what was hidden
    assert WRITTEN in listed(platform, simulated)
    simulated.forum.reply(Target(kind="topic", id=Things.of(platform).topic), text="and again")
    assert WRITTEN in listed(platform, simulated)
    assert "and again" not in listed(platform, simulated)
    assert simulated.ask("faults")["stale"] == 2


@SIMULATED
def test_what_a_member_does_is_hidden_as_well(begin: Begin, platform: Platform) -> None:
    simulated, things = begin(platform, faults="stale=1:600"), Things.of(platform)
    if platform.name == "websitetoolbox":
        webhook = simulated.happen("post.created", userId=things.user, topicId=things.topic, message=WRITTEN)
    else:
        webhook = simulated.happen("comment.created", user_id=things.user, topic_id=things.topic, text=WRITTEN)
    assert WRITTEN in str(webhook)
    assert WRITTEN not in listed(platform, simulated)


@SIMULATED
def test_the_earlier_states_that_are_kept_are_bounded(begin: Begin, platform: Platform) -> None:
    simulated = begin(platform, faults="stale=1:600")
    for _ in range(101):
        write(platform, simulated)
    assert WRITTEN in listed(platform, simulated)


# Changed while it runs


@SIMULATED
def test_faults_change_while_it_runs_and_stay_counted(begin: Begin, platform: Platform) -> None:
    simulated = begin(platform, faults="error=1")
    with pytest.raises(TryLater):
        read_of(platform)(simulated.forum)
    assert order(simulated, "cut=1") == {**dict.fromkeys(CHANCES, 0), "error": 1}
    with pytest.raises(TryLater):
        read_of(platform)(simulated.forum)
    assert order(simulated, "")["cut"] == 1
    assert read_of(platform)(simulated.forum)
    write_of(platform)(simulated.forum)
    assert simulated.ask("report")["faults"] == {"cut": 1, "error": 1}


@SIMULATED
@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"spec": "boom=1"}', "no such fault: 'boom=1'; a spec holds error=P"),
        (b'{"spec": 7}', 'the body must be {"spec": "error=0.1"}'),
        (b"{}", 'the body must be {"spec": "error=0.1"}'),
        (b"[" * 100_000, 'the body must be {"spec": "error=0.1"}'),
        (b"\xff", 'the body must be {"spec": "error=0.1"}'),
    ],
    ids=["unknown", "number", "empty", "deep", "bytes"],
)
def test_a_bad_order_is_refused_and_changes_nothing(begin: Begin, platform: Platform, body: bytes, text: str) -> None:
    simulated = begin(platform, faults="limit=1")
    answer = simulated.site.post("/_simulator/faults", content=body)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(text)
    with pytest.raises(RateLimited):
        read_of(platform)(simulated.forum)


def test_a_field_that_is_ignored_can_be_ordered_later(begin: Begin) -> None:
    simulated = begin(PLATFORMS["websitetoolbox"])
    order(simulated, "pending=ignored")
    held = simulated.site.post("/v1/api/posts/9002", json={"pending": True}, headers={"x-api-key": KEY})
    assert isinstance(held, httpx.Response)
    assert held.json()["pending"] is False
