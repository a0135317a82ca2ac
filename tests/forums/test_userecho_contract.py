"""UserEcho's whole API: every operation is one method, and each request is as the reference says."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterator
from importlib.resources import files
from typing import Any

import httpx
import pytest

from service.forums.userecho.api import UserEcho
from tests.forums.conftest import KEY, Project

REFERENCE: dict[str, Any] = json.loads(files("service.forums.userecho").joinpath("reference.json").read_text("utf-8"))
OPERATIONS = {f"{one['method']} {one['path']}": one for one in REFERENCE["operations"]}
NEWER = {f"{one['method']} {one['path']}": one for one in REFERENCE["newer_operations"]}

Act = Callable[[UserEcho], Any]

CALLS: dict[str, Act] = {
    "GET users": lambda echo: echo.users.all(filters={"is_staff": True}),
    "GET users/current": lambda echo: echo.users.current(),
    "GET users/{user_id}": lambda echo: echo.users.get(101),
    "GET users/sso/{sso_guid}": lambda echo: echo.users.get_by_sso_guid("guid-wren"),
    "GET users/{user_id}/logout": lambda echo: echo.users.log_out(101),
    "POST users/get_or_create": lambda echo: echo.users.get_or_create(email="new@members.example", name="New"),
    "GET users/groups": lambda echo: echo.user_groups.all(),
    "POST users/groups": lambda echo: echo.user_groups.create(name="Voters", vote_weight=3, vote_count=100),
    "PUT users/groups": lambda echo: echo.user_groups.update(2, vote_count=None),
    "DELETE users/groups": lambda echo: echo.user_groups.delete(2),
    "GET forums": lambda echo: echo.forums.all(),
    "POST forums": lambda echo: echo.forums.create(name="Beta"),
    "DELETE forums": lambda echo: echo.forums.delete(2),
    "GET forums/{forum_id}/types": lambda echo: echo.forums.types(1),
    "GET forums/{forum_id}/categories": lambda echo: echo.categories.all(1),
    "POST forums/{forum_id}/categories": lambda echo: echo.categories.create(1, name="Bugs"),
    "PUT forums/{forum_id}/categories": lambda echo: echo.categories.update(1, 3, name="Support"),
    "DELETE forums/{forum_id}/categories": lambda echo: echo.categories.delete(1, 3),
    "GET forums/{forum_id}/tags": lambda echo: echo.tags.all(1),
    "POST forums/{forum_id}/tags": lambda echo: echo.tags.create(1, name="web"),
    "PUT forums/{forum_id}/tags": lambda echo: echo.tags.update(1, 2, name="pc"),
    "DELETE forums/{forum_id}/tags": lambda echo: echo.tags.delete(1, 2),
    "GET forums/{forum_id}/access_list": lambda echo: echo.access_lists.all(1),
    "POST forums/{forum_id}/access_list": lambda echo: echo.access_lists.add(1, emails=["a@members.example"]),
    "DELETE forums/{forum_id}/access_list": lambda echo: echo.access_lists.remove(1, emails=["a@members.example"]),
    "GET forums/{forum_id}/topics": lambda echo: echo.topics.in_forum(1, order_by="-created"),
    "POST forums/{forum_id}/topics": lambda echo: echo.topics.create(1, header="T", type=1, tags=[1], category=2),
    "PUT forums/{forum_id}/topics": lambda echo: echo.topics.update(1, 501, header="T", tags=(), category=None),
    "GET forums/{forum_id}/users/{user_id}/topics": lambda echo: echo.topics.of_user_in_forum(1, 102),
    "GET forums/{forum_id}/topics/search": lambda echo: echo.topics.search(1, query="avatar & more"),
    "GET users/{user_id}/topics": lambda echo: echo.topics.of_user(102),
    "GET categories/{category_id}/topics": lambda echo: echo.topics.in_category(3),
    "GET tags/{tag_id}/topics": lambda echo: echo.topics.with_tag(1),
    "GET topics/{topic_id}": lambda echo: echo.topics.get(501),
    "DELETE topics/{topic_id}": lambda echo: echo.topics.delete(502),
    "GET topics/{topic_id}/voters": lambda echo: echo.topics.voters(501),
    "GET topics/{topic_id}/comments": lambda echo: echo.comments.in_topic(501),
    "POST topics/{topic_id}/comments": lambda echo: echo.comments.create(501, text="<p>x</p>", is_official=True),
    "GET users/{user_id}/comments": lambda echo: echo.comments.of_user(101),
    "POST forums/{forum_id}/upload/{file|image}": lambda echo: echo.files.upload(
        1, name="a.png", content=b"\x89P", kind="image"
    ),
    "GET hooks": lambda echo: echo.hooks.all(),
    "POST hooks": lambda echo: echo.hooks.create(event="topic.created", target_url="https://bot.example/x"),
    "DELETE hooks/{hook_id}": lambda echo: echo.hooks.delete(
        echo.hooks.create(event="topic.created", target_url="https://b.example").id or 0
    ),
    "GET hooks/events": lambda echo: echo.hooks.events(),
}
"""How each operation of the reference is called."""

NEWER_CALLS: dict[str, Act] = {
    "POST users/{user_id}/group": lambda echo: echo.users.add_to_group(101, group=3),
    "DELETE users/{user_id}/group": lambda echo: echo.users.remove_from_group(101, group=1),
}


class Said:
    """Stands for the API and remembers which method was called."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def __getattr__(self, name: str) -> Said:
        return Said(*self.names, name)

    def __call__(self, *_: object, **__: object) -> Said:
        return self


def done(result: Any) -> Any:
    """The result; of a list, all of it."""
    return list(result) if isinstance(result, Iterator) else result


def fits(request: httpx.Request, operation: dict[str, Any]) -> bool:
    path = re.sub(r"\{[^}]+\}", "[^/]+", operation["path"])
    return request.method == operation["method"] and bool(re.fullmatch(f"/api/v2/{path}.json", request.url.path))


def test_no_operation_of_the_reference_is_missed() -> None:
    assert set(CALLS) == set(OPERATIONS)
    assert len(OPERATIONS) == 44
    assert set(NEWER_CALLS) == set(NEWER)


def test_every_method_is_an_operation() -> None:
    echo = UserEcho(None)  # type: ignore[arg-type]
    resources = [
        name for name, member in inspect.getmembers(UserEcho) if isinstance(member, property) and name[0] != "_"
    ]
    methods = [
        name
        for one in resources
        for name, _ in inspect.getmembers(getattr(echo, one), inspect.ismethod)
        if name[0] != "_"
    ]
    assert len(methods) == len(CALLS) + len(NEWER_CALLS) == 46
    for one in resources:
        for name, method in inspect.getmembers(getattr(echo, one), inspect.ismethod):
            assert name[0] == "_" or method.__doc__, f"{one}.{name} has no docstring"


@pytest.mark.parametrize("name", [*CALLS, *NEWER_CALLS])
def test_each_request_is_as_the_reference_says(project: Project, name: str) -> None:
    done({**CALLS, **NEWER_CALLS}[name](project.echo))
    operation, request = {**OPERATIONS, **NEWER}[name], project.recorder.requests[-1]
    assert fits(request, operation)
    assert request.headers["authorization"] == f"Bearer {KEY}"
    asked = {key for key in request.url.params if not key.startswith("filter__")}
    assert asked <= set(operation["query"])
    assert {key for key, param in operation["query"].items() if param["required"]} <= asked
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        assert b'name="content"; filename="a.png"' in request.content
    else:
        body = json.loads(request.content or b"{}")
        assert set(body) <= set(operation["body"])
        assert {key for key, param in operation["body"].items() if param["required"]} <= set(body)
    report = project.ask("report")
    assert report["unknown_requests"] == []
    assert f"{operation['method']} /api/v2/{operation['path']}" in report["by_operation"]


@pytest.mark.parametrize("name", list(OPERATIONS))
def test_a_required_parameter_cannot_be_left_out(name: str) -> None:
    """What the reference requires has no default in the method's signature."""
    operation = OPERATIONS[name]
    resource, verb = CALLS[name](Said()).names  # type: ignore[arg-type]
    parameters = inspect.signature(getattr(getattr(UserEcho(None), resource), verb)).parameters  # type: ignore[arg-type]
    needed = {key for part in ("query", "body") for key, param in operation[part].items() if param["required"]}
    ids = {
        "user_groups": "group_id",
        "forums": "forum_id",
        "categories": "label_id",
        "tags": "label_id",
        "topics": "topic_id",
    }
    for key in needed:
        parameter = parameters[ids[resource] if key == "id" else key]
        assert parameter.default is inspect.Parameter.empty
