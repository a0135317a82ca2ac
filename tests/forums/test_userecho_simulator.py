"""The simulated UserEcho: its rules, its limit, its faults, and what it tells about itself."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Any

import httpx
import pytest

from service.forums.userecho.simulator import happenings, operations, reference
from tests.forums.conftest import KEY, USERECHO, Open, Project, serving

SIMULATOR = "service.forums.userecho.simulator"


def error(answer: httpx.Response) -> tuple[int, str]:
    body = answer.json()
    assert set(body) == {"status", "message"}
    assert body["status"] == "error"
    return answer.status_code, body["message"]


def test_it_shares_nothing_with_the_client_that_could_hide_a_mistake_of_it() -> None:
    shared = ("arrivals", "deliveries", "faults", "simulated")
    allowed = (f"{SIMULATOR}.", *(f"service.forums.{name} " for name in shared))
    for source in files(SIMULATOR).iterdir():
        if source.name.endswith(".py"):
            imported = re.findall(r"^from (service\.\S+ )", source.read_text("utf-8"), re.MULTILINE)
            assert [name for name in imported if not name.startswith(allowed)] == [], source.name


def test_every_operation_of_the_reference_is_there() -> None:
    documented = {f"{operation.method} {operation.path}" for operation in reference.operations()}
    assert len(documented) == 46
    assert set(operations.OPERATIONS) == documented


@pytest.mark.parametrize("path", ["topics/501.json", "topics/501"])
@pytest.mark.parametrize("token", ["header", "query"])
def test_a_topic_is_answered_in_the_envelope(project: Project, path: str, token: str) -> None:
    how: dict[str, Any] = (
        {"headers": {"authorization": f"Bearer {KEY}"}} if token == "header" else {"params": {"access_token": KEY}}
    )
    body = project.site.get(f"/api/v2/{path}", **how).json()
    assert body["status"] == "success"
    assert body["data"]["header"] == "A quiet corner"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", body["data"]["created"])


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer wrong"}, {"authorization": KEY}])
def test_a_request_without_the_token_is_refused(project: Project, headers: dict[str, str]) -> None:
    assert error(project.site.get("/api/v2/topics/501.json", headers=headers)) == (401, "Wrong access token")


def test_any_token_will_do_where_none_is_set() -> None:
    with serving(USERECHO.simulator()) as url:
        assert httpx.get(f"{url}/api/v2/topics/501", params={"access_token": "any"}).json()["status"] == "success"


@pytest.mark.parametrize(
    ("method", "path", "body", "answer"),
    [
        ("GET", "topics/999.json", None, (200, "Topic does not exist")),
        ("DELETE", "topics/999.json", None, (200, "Topic does not exist")),
        ("GET", "topics/abc.json", None, (404, "No such resource")),
        ("POST", "topics/501.json", {}, (404, "No such resource")),
        ("GET", "nothing", None, (404, "No such resource")),
        ("POST", "forums/1/topics.json", {"header": "T"}, (200, "type is required")),
        ("POST", "forums/1/topics.json", {"header": 7, "type": 1}, (200, "header must be of type string")),
        ("POST", "forums/9/topics.json", {"header": "T", "type": 1}, (200, "Forum does not exist")),
        ("PUT", "forums/1/topics.json", {"header": "T"}, (200, "id is required")),
        ("PUT", "forums/2/topics.json", {"id": 501}, (200, "Topic does not exist in this forum")),
        ("PUT", "forums/1/topics.json", {"id": 501, "status": 2}, (200, "Status does not exist")),
        ("PUT", "forums/1/topics.json", {"id": 501, "tags": ["1"]}, (200, "tags must be of type integer array")),
        ("POST", "topics/501/comments.json", {"comment": "x"}, (200, "text is required")),
        ("POST", "hooks.json", {"event": "topic.created"}, (200, "target_url is required")),
        ("GET", "forums/1/topics/search.json", None, (200, "query is required")),
        ("GET", "topics/501/comments.json?page=0", None, (200, "page must be a positive number")),
    ],
)
def test_a_request_that_is_wrong_is_an_error_in_the_envelope(
    project: Project, method: str, path: str, body: Any, answer: tuple[int, str]
) -> None:
    assert error(project.call(method, path, json=body)) == answer


@pytest.mark.parametrize("body", [b"{", b"[]", b"7"])
def test_a_body_that_is_no_object_is_an_error(project: Project, body: bytes) -> None:
    assert error(project.call("POST", "hooks.json", content=body)) == (200, "The body must be a JSON object")


def test_unknown_requests_are_remembered_once(project: Project) -> None:
    for _ in range(2):
        project.call("GET", "topic/501.json")
    assert project.ask("report")["unknown_requests"] == ["GET /api/v2/topic/501.json"]


def test_a_list_comes_in_pages_of_fifty_and_is_counted(project: Project) -> None:
    for number in range(60):
        project.happen("comment.created", user_id=101, topic_id=502, text=str(number))
    first = project.call("GET", "topics/502/comments.json").json()
    last = project.call("GET", "topics/502/comments.json", params={"page": 2, "order_by": "-created"}).json()
    assert first["details"] == {"page": 1, "limit": 50, "count": 60}
    assert (len(first["data"]), len(last["data"])) == (50, 10)


@pytest.mark.parametrize(
    ("path", "query", "found"),
    [
        ("forums/1/topics", {}, [501, 502]),
        ("forums/1/topics", {"order_by": "-id"}, [502, 501]),
        ("forums/1/topics", {"filter__id": 502}, [502]),
        ("forums/1/topics", {"filter__id__gt": 501}, [502]),
        ("forums/1/topics", {"filter__status__in": "1,3"}, [501, 502]),
        ("forums/1/topics", {"filter__status": 20}, []),
        ("forums/1/topics", {"filter__needs_review": 0, "filter__header__contains": "quiet"}, [501]),
        ("forums/1/topics", {"filter__created__gte": "2126-01-01"}, []),
        ("forums/1/topics", {"filter__custom_fields__cf_1": "x"}, []),
        ("forums/1/users/101/topics", {}, [502]),
        ("users/102/topics", {}, [501, 601]),
        ("categories/3/topics", {}, [502]),
        ("tags/1/topics", {}, []),
        ("forums/1/topics/search", {"query": "SETTING"}, [502]),
        ("users", {"filter__is_staff": 1}, [77, 201]),
        ("users/101/comments", {}, [9001]),
    ],
)
def test_lists_are_filtered_and_ordered(project: Project, path: str, query: dict[str, Any], found: list[int]) -> None:
    answer = project.call("GET", f"{path}.json", params=query).json()
    assert [row["id"] for row in answer["data"]] == found


# People


def test_each_event_can_happen(project: Project) -> None:
    fields = {
        "user_id": 101,
        "topic_id": 501,
        "comment_id": 9001,
        "header": "T",
        "description": "<p>x</p>",
        "text": "x",
    }
    order = sorted(happenings.HAPPENINGS, key=lambda event: (event.endswith("deleted"), event == "topic.deleted"))
    for event in order:
        webhook = project.happen(event, **fields)
        assert webhook["hook"] == event
        assert set(webhook) == {"hook", "created", "data"}
    assert [row["id"] for row in project.ask("state")["topics"]][:2] == [502, 601]
    assert project.ask("webhooks") == {"webhooks": []}
    assert project.ask("report")["requests"] == 0


def test_who_is_muted_cannot_write(open_project: Open) -> None:
    project = open_project(groups=True)
    project.call("POST", "users/101/group.json", json={"group": 3})
    body = {"event": "comment.created", "username": "wren", "topic_id": 501, "text": "x"}
    answer = project.site.post("/_simulator/happen", json=body)
    assert (answer.status_code, answer.json()["message"]) == (400, "wren may not write")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"event": "user.created"}',
        b'{"event": "comment.created"}',
        b'{"event": "topic.deleted", "topic_id": []}',
    ],
)
def test_what_cannot_happen_is_refused(project: Project, body: bytes) -> None:
    assert project.site.post("/_simulator/happen", content=body).status_code == 400


def test_writes_through_the_api_raise_the_platforms_webhooks(project: Project) -> None:
    project.call("POST", "topics/501/comments.json", json={"text": "x"})
    project.call("PUT", "forums/1/topics.json", json={"id": 501, "header": "changed"})  # there is no event for it
    project.call("DELETE", "topics/502.json")
    told = project.ask("webhooks")["webhooks"]
    assert [one["hook"] for one in told] == ["comment.created", "topic.deleted"]


# The limit and faults


def test_in_any_second_one_is_served_by_default() -> None:
    with serving(USERECHO.simulator()) as url:
        answers = [httpx.get(f"{url}/api/v2/topics/501", params={"access_token": "k"}) for _ in range(3)]
        report = httpx.get(f"{url}/_simulator/report").json()
    assert [answer.status_code for answer in answers] == [200, 429, 429]
    assert error(answers[1]) == (429, "Rate limit exceeded: 1 requests per second")
    assert answers[1].headers["retry-after"] == "1"
    assert report == {
        "requests": 3,
        "refused_by_rate_limit": 2,
        "most_in_any_second": 3,
        "by_operation": {"GET /api/v2/topics/{topic_id}": 3},
        "unknown_requests": [],
        "faults": {},
    }


def test_an_error_comes_before_doing_and_a_loss_after(open_project: Open) -> None:
    failing, losing = open_project(faults="error=1"), open_project(faults="lost=1")
    assert failing.call("DELETE", "topics/501.json").status_code == 500
    assert failing.row("topics", 501)
    with pytest.raises(httpx.RemoteProtocolError):
        losing.call("DELETE", "topics/501.json")
    assert 501 not in {row["id"] for row in losing.ask("state")["topics"]}
    assert (failing.ask("faults")["error"], losing.ask("faults")["lost"]) == (1, 1)


def test_a_bad_spec_names_what_a_spec_holds() -> None:
    with pytest.raises(ValueError, match="no such fault") as bad:
        USERECHO.simulator(faults="pending=ignored")
    assert str(bad.value) == (
        "no such fault: 'pending=ignored'; a spec holds error=P (500 before doing it), cut=P (connection dropped before doing it), "
        "html=P (a proxy's error page before doing it), lost=P (done, connection dropped), garbage=P (done, the answer's "
        "JSON breaks off), slow=P:SECONDS, stale=P:SECONDS (reads do not show a write for so long), limit=P, header=ignored, category=ignored, status=ignored, group=ignored, seed=N"
    )
