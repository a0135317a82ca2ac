"""What members may do on the simulated Website Toolbox, its limit and its faults."""

from __future__ import annotations

import threading
import time

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.forums.arrivals import Arrivals
from service.forums.faults import parse
from service.forums.websitetoolbox.simulator import happenings
from service.forums.websitetoolbox.simulator.seed import seeded
from tests.forums.conftest import PLATFORM, Simulated, Start

RATE_LIMIT = {
    "param": "",
    "message": "You have exceeded the limit of 3 API requests per second",
    "code": "rate_limit_exceeded",
}


# Members


def test_a_happening_changes_the_forum_and_yields_its_webhook(simulated: Simulated) -> None:
    joined = simulated.happen(
        "user.created", username="new", email="new@members.example", userGroups=["Members", "Review"]
    )
    started = simulated.happen(
        "topic.created", username="wren", title="T", message="<p>Hello &amp; more</p>", categoryId=2
    )
    assert (joined["api_version"], joined["type"], joined["data"]["object"]["userGroups"]) == (
        "1",
        "user.created",
        [4, 6],
    )
    first = started["data"]["object"]["firstPostId"]
    assert "message" not in started["data"]["object"]
    assert simulated.row("posts", first)["messageText"] == "Hello & more"
    edited = simulated.happen("post.updated", postId=first, message="new")["data"]["object"]
    assert (edited["message"], edited["editTimestamp"] > 0) == ("new", True)
    assert simulated.ask("webhooks") == {"webhooks": []}
    assert simulated.ask("report")["requests"] == 0


def test_each_event_can_happen(simulated: Simulated) -> None:
    simulated.happen("post.created", userId=101, topicId=501, message="x", pending=True)
    number = simulated.ask("state")["posts"][-1]["postId"]
    talk = simulated.happen("conversation.created", userId=101, recipientUsernames=["bo"], subject="s", message="m")
    fields = {"userId": 101, "username": "fresh", "topicId": 501, "postId": number, "title": "t", "message": "m"}
    fields |= {"recipientUsernames": ["bo"], "subject": "s", "conversationId": talk["data"]["object"]["conversationId"]}
    order = sorted(
        happenings.HAPPENINGS,
        key=lambda event: (event != "user.created", event.endswith("deleted"), event == "topic.deleted"),
    )
    for event in order:
        webhook = simulated.happen(event, **fields)
        assert webhook["type"] == event


@pytest.mark.parametrize(
    ("group", "path", "status"),
    [
        ("Banned", "post.created", 400),
        ("Muted", "topic.created", 400),
        ("Pending Approval", "post.created", 400),
        ("Trusted", "post.created", 200),
    ],
)
def test_the_strictest_group_decides_who_may_write(simulated: Simulated, group: str, path: str, status: int) -> None:
    groups = {row["title"]: row["userGroupId"] for row in simulated.ask("state")["usergroups"]}
    simulated.call("POST", f"usergroups/{groups[group]}/users", json={"userIds": [101]})
    body = {"event": path, "userId": 101, "topicId": 501, "title": "t", "message": "m"}
    assert simulated.site.post("/_simulator/happen", json=body).status_code == status


def test_members_in_review_wait_for_approval(simulated: Simulated) -> None:
    simulated.call("POST", "usergroups/6/users", json={"usernames": ["wren"]})
    assert simulated.happen("post.created", userId=101, topicId=501, message="m")["data"]["object"]["pending"] is True


def test_nobody_but_staff_writes_into_a_locked_topic(simulated: Simulated) -> None:
    simulated.call("POST", "topics/501", json={"locked": True})
    body = {"event": "post.created", "topicId": 501, "message": "m"}
    assert simulated.site.post("/_simulator/happen", json={**body, "userId": 101}).status_code == 400
    assert simulated.site.post("/_simulator/happen", json={**body, "userId": 201}).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"event": "post.censored"}',
        b'{"event": "post.created"}',
        b'{"event": "post.created", "userId": [1], "topicId": {}}',
        b'{"event": "post.updated", "postId": "x"}',
        b'{"event": "user.created", "username": "wren"}',
        b'{"event": "user.created", "username": 7}',
        b'{"event": "conversation.created", "recipientUsernames": 7}',
    ],
)
def test_what_cannot_happen_is_refused(simulated: Simulated, body: bytes) -> None:
    assert simulated.site.post("/_simulator/happen", content=body).status_code == 400


def test_writes_through_the_api_raise_webhooks(simulated: Simulated) -> None:
    simulated.call("POST", "topics/501", json={"locked": True})
    simulated.call("POST", "posts", json={"topicId": 501, "username": "modbot", "content": "x"})
    simulated.call("POST", "posts/9002", json={"pending": True})
    simulated.call("POST", "posts/9002", json={"pending": False})
    simulated.call("DELETE", "posts/9002")
    simulated.call("GET", "posts/9001")
    told = simulated.ask("webhooks")["webhooks"]
    assert [one["type"] for one in told] == [
        "topic.updated",
        "post.created",
        "post.updated",
        "post.approved",
        "post.deleted",
    ]
    assert told[-1]["data"]["object"] == {"object": "post", "postId": 9002}


# The limit


def test_in_any_second_three_are_served_and_the_rest_refused(start: Start) -> None:
    simulated = start(per_second=3)
    answers = [simulated.call("GET", "topics/501") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 400, 400]
    assert answers[-1].json()["error"] == RATE_LIMIT
    report = simulated.ask("report")
    assert report == {
        "requests": 5,
        "refused_by_rate_limit": 2,
        "most_in_any_second": 5,
        "by_operation": {"GET /api/topics/{topicId}": 5},
        "unknown_requests": [],
        "faults": {},
    }
    time.sleep(1.01)
    assert simulated.call("GET", "topics/501").status_code == 200
    assert simulated.ask("report")["most_in_any_second"] == 5


def test_requests_that_arrive_together_are_counted_each(start: Start) -> None:
    simulated = start(per_second=3)
    threads = [threading.Thread(target=simulated.call, args=("GET", "topics/501")) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report = simulated.ask("report")
    assert (report["requests"], report["refused_by_rate_limit"], report["most_in_any_second"]) == (20, 17, 20)


def test_refused_requests_do_nothing(start: Start) -> None:
    simulated = start(per_second=1)
    simulated.call("GET", "topics/501")
    simulated.call("DELETE", "topics/501")
    assert simulated.row("topics", 501)


@given(gaps=st.lists(st.floats(0, 1.5), max_size=60), per_second=st.integers(1, 5))
def test_no_span_of_a_second_holds_more_than_the_limit(gaps: list[float], per_second: int) -> None:
    now = [0.0]
    arrivals = Arrivals(per_second, clock=lambda: now[0])
    moments, served = [], []
    for gap in gaps:
        now[0] += gap
        moments.append(now[0])
        if arrivals.enter():
            served.append(now[0])
    inside = [[later for later in moments if first <= later and later - first < 1.0] for first in moments]
    assert arrivals.most == max(map(len, inside), default=0)
    assert all(sum(first <= later and later - first < 1.0 for later in served) <= per_second for first in served)
    assert arrivals.refused == len(moments) - len(served)


# Faults


@pytest.mark.parametrize(
    "spec",
    [
        "error",
        "error=",
        "error=2",
        "error=-1",
        "error=x",
        "error=nan",
        "slow=0.5",
        "slow=0.5:x",
        "pending=yes",
        "seed=x",
        "boom=1",
        "=1",
    ],
)
def test_a_bad_spec_names_what_a_spec_holds(spec: str) -> None:
    with pytest.raises(ValueError, match="no such fault") as bad:
        PLATFORM.simulator(faults=spec)
    assert str(bad.value) == (
        f"no such fault: {spec!r}; a spec holds error=P (500 before doing it), cut=P (connection dropped before doing it), "
        "html=P (a proxy's error page before doing it), lost=P (done, connection dropped), garbage=P (done, the answer's "
        "JSON breaks off), slow=P:SECONDS, stale=P:SECONDS (reads do not show a write for so long), limit=P, pending=ignored, seed=N"
    )


@pytest.mark.parametrize("spec", [None, "", " , "])
def test_an_empty_spec_orders_nothing(spec: str | None) -> None:
    faults = parse(spec)
    assert not any(faults.strikes(name) for name in ("error", "limit", "lost", "slow"))
    assert not faults.ignored


def test_a_spec_holds_several() -> None:
    faults = parse("error=0.1, lost=0.2,slow=0.3:0.5,limit=1,pending=ignored,seed=7", "pending")
    assert (faults.error, faults.lost, faults.slow, faults.delay, faults.limit) == (0.1, 0.2, 0.3, 0.5, 1.0)
    assert faults.ignored == {"pending"}


def test_the_same_seed_gives_the_same_faults() -> None:
    rolls = [
        [faults.strikes("error") for _ in range(50)]
        for faults in (parse("error=0.5,seed=7"), parse("error=0.5,seed=7"))
    ]
    assert rolls[0] == rolls[1]
    assert 10 < sum(rolls[0]) < 40


def test_an_error_comes_before_doing_and_a_loss_after(start: Start) -> None:
    failing, losing = start(faults="error=1"), start(faults="lost=1")
    assert failing.call("DELETE", "topics/501").status_code == 500
    assert failing.row("topics", 501)
    with pytest.raises(httpx.RemoteProtocolError):
        losing.call("DELETE", "topics/501")
    assert 501 not in {row["topicId"] for row in losing.ask("state")["topics"]}
    assert (failing.ask("faults")["error"], losing.ask("faults")["lost"]) == (1, 1)


def test_a_fault_of_the_limit_is_no_fault_of_the_client(start: Start) -> None:
    simulated = start(faults="limit=1")
    assert simulated.call("GET", "topics/501").json()["error"]["code"] == "rate_limit_exceeded"
    assert simulated.ask("report")["refused_by_rate_limit"] == 0


def test_a_slow_forum_answers_late(start: Start) -> None:
    simulated = start(faults="slow=1:0.1")
    started = time.monotonic()
    assert simulated.call("GET", "topics/501").status_code == 200
    assert time.monotonic() - started >= 0.1


def test_it_remembers_within_bounds() -> None:
    state, arrivals = seeded(), Arrivals(3)
    for number in range(20_000):
        state.change_topic(state.topics[501], {"title": str(number)})
    for number in range(200):
        arrivals.unknown_request("GET", f"/{number}" + "x" * 1000)
    assert len(state.webhooks) == 10_000
    assert len(arrivals.unknown) == 100
    assert max(map(len, arrivals.unknown)) == 200
