"""The simulated Website Toolbox: its rules, its limit, its faults, and what it tells about itself."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Any

import httpx
import pytest

from service.forums.websitetoolbox.simulator import operations, reference
from tests.forums.conftest import KEY, PLATFORM, Simulated, serving

RATE_LIMIT = {
    "param": "",
    "message": "You have exceeded the limit of 3 API requests per second",
    "code": "rate_limit_exceeded",
}


def error(answer: httpx.Response) -> tuple[int, str]:
    body = answer.json()
    assert set(body) == {"status", "error"}
    assert set(body["error"]) == {"param", "message", "code"}
    assert body["status"] == "error"
    return answer.status_code, body["error"]["param"]


def test_it_shares_nothing_with_the_client_that_could_hide_a_mistake_of_it() -> None:
    shared = ("arrivals", "deliveries", "faults", "simulated")
    allowed = ("service.forums.websitetoolbox.simulator.", *(f"service.forums.{name} " for name in shared))
    for source in files("service.forums.websitetoolbox.simulator").iterdir():
        if source.name.endswith(".py"):
            imported = re.findall(r"^from (service\.\S+ )", source.read_text("utf-8"), re.MULTILINE)
            assert [name for name in imported if not name.startswith(allowed)] == [], source.name


# The reference


def test_every_documented_operation_is_there() -> None:
    documented = {operation.name for operation in reference.operations()}
    assert len(documented) == 45
    assert set(operations.OPERATIONS) == documented


ARGUMENTS = {
    "/api/categories": {"title": "New"},
    "/api/category_moderators": {"categoryIds": 1, "userId": 201},
    "/api/conversations": {"subject": "s", "message": "m", "recipientUsernames": ["wren"], "senderId": 77},
    "/api/conversations/{conversationId}/messages": {"message": "m", "userId": 77},
    "/api/posts": {"content": "c", "topicId": 501, "username": "wren"},
    "/api/topics": {"content": "c", "title": "t", "username": "wren"},
    "/api/usergroups": {"title": "New"},
    "/api/usergroups/{usergroupId}/users": {"userIds": [101]},
    "/api/users": {"username": "new", "email": "n@members.example", "password": "p"},
    "/api/users/{userId}/followed_topics": {"topicIds": [501]},
}


@pytest.mark.parametrize("operation", reference.operations(), ids=lambda operation: operation.name)
def test_every_operation_answers_in_its_documented_shape(simulated: Simulated, operation: reference.Operation) -> None:
    talk = simulated.call("POST", "conversations", json=ARGUMENTS["/api/conversations"]).json()["conversationId"]
    said = simulated.ask("state")["messages"][0]["messageId"]
    moderator = simulated.call("POST", "category_moderators", json=ARGUMENTS["/api/category_moderators"]).json()[
        "moderatorId"
    ]
    numbers = {"categoryId": 1, "topicId": 501, "postId": 9001, "userId": 101, "usergroupId": 4, "userGroupId": 4}
    numbers |= {"conversationId": talk, "messageId": said, "moderatorId": moderator}
    body = ARGUMENTS.get(operation.path, {}) if operation.method != "GET" else None
    query = {"userId": 77} if operation.name == "GET /api/conversations" else {}
    answer = simulated.call(operation.method, operation.path[5:].format(**numbers), json=body, params=query)
    assert answer.status_code == 200, answer.text
    assert operation.name in simulated.ask("report")["by_operation"]
    assert fits(operation.response, answer.json())


def fits(shape: Any, value: Any) -> bool:
    """Whether an answer has every documented key, in its documented type."""
    if isinstance(shape, dict):
        return isinstance(value, dict) and all(key in value and fits(part, value[key]) for key, part in shape.items())
    if isinstance(shape, list):
        return isinstance(value, list) and all(fits(shape[0], item) for item in value)
    kinds: dict[str, Any] = {
        "string": (str, int),
        "integer": int,
        "boolean": bool,
        "object": dict,
        "array": list,
        "integer array": int,
    }
    return isinstance(value, kinds[shape])


@pytest.mark.parametrize(
    ("method", "path", "options", "answer"),
    [
        ("GET", "topics/999", {}, (404, "topicId")),
        ("POST", "topics/999", {"json": {"locked": True}}, (400, "topicId")),
        ("DELETE", "topics/999", {}, (400, "topicId")),
        ("GET", "topics/abc", {}, (404, "")),
        ("GET", "nothing", {}, (404, "")),
        ("PUT", "topics/501", {}, (404, "")),
        ("POST", "posts", {"json": {"topicId": 501, "username": "wren"}}, (400, "content")),
        ("POST", "posts", {"json": {"topicId": "501", "username": "wren", "content": "x"}}, (400, "topicId")),
        ("POST", "posts", {"json": {"topicId": 999, "username": "wren", "content": "x"}}, (400, "topicId")),
        ("POST", "posts", {"json": {"topicId": 501, "username": "nobody", "content": "x"}}, (400, "username")),
        ("POST", "topics/501", {"json": {"locked": "true"}}, (400, "locked")),
        ("POST", "topics/501", {"json": {"locked": None}}, (400, "locked")),
        ("POST", "topics/501", {"json": {"categoryId": True}}, (400, "categoryId")),
        ("POST", "topics/501", {"json": {"categoryId": 99}}, (400, "categoryId")),
        ("POST", "topics/501", {"json": [1]}, (400, "")),
        ("POST", "topics/501", {"content": b"{"}, (400, "")),
        ("POST", "usergroups/4/users", {"json": {"userIds": ["101"]}}, (400, "userIds")),
        ("POST", "usergroups/4/users", {"json": {"userIds": [999]}}, (400, "userIds")),
        ("POST", "usergroups/4/users", {"json": {}}, (400, "userIds")),
        ("DELETE", "usergroups/3/users", {"json": {"userIds": [101]}}, (400, "userIds")),
        ("GET", "posts", {"params": {"limit": 101}}, (400, "limit")),
        ("GET", "posts", {"params": {"limit": 0}}, (400, "limit")),
        ("GET", "posts", {"params": {"topicId": "x"}}, (400, "topicId")),
        ("GET", "users", {"params": {"postCount": "> many"}}, (400, "postCount")),
        ("GET", "conversations", {}, (400, "userId")),
        (
            "POST",
            "conversations",
            {"json": {"message": "m", "recipientUsernames": ["wren"], "senderId": 77}},
            (400, "subject"),
        ),
        ("POST", "users", {"json": {"username": "WREN", "email": "e", "password": "p"}}, (400, "username")),
    ],
)
def test_a_request_that_is_wrong_is_answered_in_the_documented_error_shape(
    simulated: Simulated, method: str, path: str, options: dict[str, Any], answer: tuple[int, str]
) -> None:
    assert error(simulated.call(method, path, **options)) == answer


def test_a_field_that_the_reference_does_not_have_is_tolerated(simulated: Simulated) -> None:
    assert simulated.call("POST", "topics/501", json={"locked": True, "colour": "red"}).json()["locked"] is True


def test_unknown_requests_are_remembered_once(simulated: Simulated) -> None:
    for _ in range(2):
        simulated.call("GET", "topic/501")
    simulated.call("PUT", "topics/501")
    assert simulated.ask("report")["unknown_requests"] == ["GET /api/topic/501", "PUT /api/topics/501"]


@pytest.mark.parametrize("headers", [{}, {"x-api-key": ""}, {"x-api-key": "wrong"}])
def test_a_request_without_the_key_is_refused(simulated: Simulated, headers: dict[str, str]) -> None:
    assert error(simulated.site.get("/api/topics/501", headers=headers)) == (400, "x-api-key")


def test_any_key_will_do_where_none_is_set() -> None:
    with serving(PLATFORM.simulator()) as url:
        assert httpx.get(f"{url}/api/topics/501", headers={"x-api-key": "any"}).status_code == 200


def test_the_api_answers_with_and_without_its_version(simulated: Simulated) -> None:
    answers = [simulated.site.get(f"{root}/api/topics/501", headers={"x-api-key": KEY}) for root in ("", "/v1")]
    assert answers[0].json() == answers[1].json()


# Lists


def numbers(answer: httpx.Response, key: str) -> list[int]:
    return [row[key] for row in answer.json()["data"]]


def test_a_list_comes_in_pages(simulated: Simulated) -> None:
    first = simulated.call("GET", "posts", params={"limit": 2}).json()
    last = simulated.call("GET", "posts", params={"limit": 2, "page": 3}).json()
    assert {key: first[key] for key in first if key != "data"} == {
        "has_more": True,
        "object": "list",
        "size": 2,
        "total_size": 5,
        "url": "/api/posts",
    }
    assert [row["postId"] for row in first["data"]] == [9002, 9001]
    assert [row["postId"] for row in last["data"]] == [8001]
    assert last["has_more"] is False


@pytest.mark.parametrize(
    ("path", "query", "key", "found"),
    [
        ("posts", {"topicId": 501}, "postId", [9002, 9001, 8001]),
        ("posts", {"topicId": 501, "order": "asc"}, "postId", [8001, 9001, 9002]),
        ("posts", {"topicId": [502, 503]}, "postId", [8003, 8002]),
        ("posts", {"postId": "8001,9002"}, "postId", [9002, 8001]),
        ("posts", {"postId[]": [8001, 9002], "sort": "postId"}, "postId", [8001, 9002]),
        ("posts", {"userId": 101}, "postId", [9001, 8002]),
        ("posts", {"categoryId": 2}, "postId", [8003]),
        ("posts", {"includeId": 8001, "limit": 2}, "postId", [8001]),
        ("topics", {"categoryId": [1, 2]}, "topicId", [503, 501]),
        ("topics", {"sort": "top"}, "topicId", [501, 503, 502]),
        ("users", {"username": "Wren"}, "userId", [101]),
        ("users", {"email": "wren@members.example"}, "userId", [101]),
        ("users", {"postCount": "> 2000"}, "userId", [202, 201, 102]),
        ("users", {"postCount": "<=0"}, "userId", [103, 77]),
        ("users", {"userGroupId": 5}, "userId", [202, 201, 77]),
        ("usergroups", {"title": ["Banned", "muted"]}, "userGroupId", [3, 7]),
        ("usergroups", {}, "userGroupId", [1, 2, 3, 4, 5, 6, 7, 8]),
        ("categories", {}, "categoryId", [1, 2, 3, 4, 5]),
    ],
)
def test_lists_are_filtered_and_sorted(
    simulated: Simulated, path: str, query: dict[str, Any], key: str, found: list[int]
) -> None:
    assert numbers(simulated.call("GET", path, params=query), key) == found


def test_ten_is_the_default_page(simulated: Simulated) -> None:
    for number in range(12):
        simulated.happen("post.created", userId=101, topicId=501, message=str(number))
    assert simulated.call("GET", "posts").json()["size"] == 10


def test_a_post_brings_its_topic_and_category_when_asked(simulated: Simulated) -> None:
    answer = simulated.call("GET", "posts/9001", params={"expand": "topic,category"}).json()
    assert (answer["topic"]["firstPostId"], answer["category"]["title"]) == (8001, "General")
    assert "topic" not in simulated.call("GET", "posts/9001").json()


def test_keys_that_the_reference_spells_with_a_space_have_it(simulated: Simulated) -> None:
    assert simulated.call("GET", "users/101").json()["ipAddress "] == "192.0.2.101"


# Meaning


def test_deleting_a_topic_or_its_first_post_deletes_its_posts(simulated: Simulated) -> None:
    simulated.call("DELETE", "topics/501")
    simulated.call("DELETE", "posts/8002")
    state = simulated.ask("state")
    assert [row["topicId"] for row in state["topics"]] == [503]
    assert [row["postId"] for row in state["posts"]] == [8003]


def test_deleting_a_category_deletes_what_is_in_it(simulated: Simulated) -> None:
    simulated.call("DELETE", "categories/1")
    assert 501 not in {row["topicId"] for row in simulated.ask("state")["topics"]}


def test_a_topic_counts_its_posts(simulated: Simulated) -> None:
    new = simulated.happen("post.created", userId=103, topicId=501, message="x")["data"]["object"]["postId"]
    assert simulated.call("GET", "topics/501").json()["replyCount"] == 3
    simulated.call("DELETE", f"posts/{new}")
    found = simulated.call("GET", "topics/501").json()
    assert (found["replyCount"], found["postCount"], found["lastPost"]["postId"]) == (2, 3, 9002)


def test_users_groups_are_replaced_by_an_update(simulated: Simulated) -> None:
    assert simulated.call("POST", "users/101", json={"userGroups": [8]}).json()["userGroups"] == [8]


def test_a_password_is_not_kept(simulated: Simulated) -> None:
    simulated.call("POST", "users", json={"username": "new", "email": "e", "password": "hunter2"})
    simulated.call("POST", "users/101", json={"password": "hunter2"})
    assert "hunter2" not in simulated.site.get("/_simulator/state").text
