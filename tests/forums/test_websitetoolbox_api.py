"""Website Toolbox's whole API: every operation of the reference is one typed method, and each request is as it says."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator
from importlib.resources import files
from typing import Any

import pytest
from pydantic.alias_generators import to_snake

from service.forums.websitetoolbox.api import WebsiteToolbox
from service.forums.websitetoolbox.objects import Shape
from service.forums.websitetoolbox.people import GroupPermissions, ModeratorRights, Profile
from tests.forums.conftest import KEY, Simulated
from tests.forums.test_websitetoolbox_contract import KINDS, operation_of
from tests.forums.websitetoolbox_calls import CALLS

REFERENCE: dict[str, Any] = json.loads(
    files("service.forums.websitetoolbox").joinpath("reference.json").read_text("utf-8")
)
OPERATIONS = {f"{one['method']} {one['path']}": one for one in REFERENCE["operations"]}

PAGING = {"limit", "page"}

LEFT_OUT: dict[str, set[str]] = {
    "POST /api/posts/{postId}": {
        *("object", "postId", "canDelete", "canEdit", "editTimestamp", "preview", "attachmentCount"),
    },
    "POST /api/topics/{topicId}": {
        *("object", "topicId", "canReply", "isFollowing", "lastPost", "postCount", "replyCount"),
    },
    "POST /api/category_moderators": {"object"},
    "POST /api/usergroups/{usergroupId}": {"object", "userGroupId"},
    "GET /api/conversations/{conversationId}/messages/{messageId}": {*PAGING, "includeId"},
    "POST /api/usergroups/{usergroupId}/users": {"usernames", "emailAddresses"},  # one of the three ways, see below
    "DELETE /api/usergroups/{usergroupId}/users": {"userIds", "emailAddresses"},
}
"""Documented parameters that are not sent: what the forum itself works out, and what means nothing where it stands."""


class Said:
    """Stands for the API and remembers which method was called."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def __getattr__(self, name: str) -> Any:
        return Said(*self.names, name)

    def __call__(self, *_: object, **__: object) -> Any:
        return self

    def __iter__(self) -> Iterator[Any]:
        return iter((1, 2))

    def __getitem__(self, _: int) -> Any:
        return self

    def __int__(self) -> int:
        return 1


def site_of(simulated: Simulated) -> WebsiteToolbox:
    return WebsiteToolbox(simulated.api)


def method_of(name: str) -> Callable[..., Any]:
    """The method that stands for an operation."""
    resource, verb = CALLS[name](Said()).names  # type: ignore[arg-type]
    found: Callable[..., Any] = getattr(getattr(WebsiteToolbox(None), resource), verb)  # type: ignore[arg-type]
    return found


def done(result: Any) -> Any:
    """The result; of a list, all of it."""
    return list(result) if isinstance(result, Iterator) else result


def test_no_operation_of_the_reference_is_missed() -> None:
    assert set(CALLS) == set(OPERATIONS)
    assert len(OPERATIONS) == 45


def test_every_method_is_one_operation_and_says_what_it_does() -> None:
    site = WebsiteToolbox(None)  # type: ignore[arg-type]
    resources = [
        name for name, one in inspect.getmembers(WebsiteToolbox) if isinstance(one, property) and name[0] != "_"
    ]
    methods = {
        f"{one}.{name}": method
        for one in resources
        for name, method in inspect.getmembers(getattr(site, one), inspect.ismethod)
        if name[0] != "_"
    }
    assert len(methods) == len(CALLS)
    assert {".".join(act(Said()).names) for act in CALLS.values()} == set(methods)  # type: ignore[arg-type]
    assert [name for name, method in methods.items() if not method.__doc__] == []


def fitting(kind: str, value: Any) -> bool:
    others: dict[str, Callable[[Any], bool]] = {
        "array": lambda found: isinstance(found, list) and all(isinstance(item, int | dict) for item in found),
        "object": lambda found: isinstance(found, dict),
    }
    return {**KINDS, **others}[kind](value)


@pytest.mark.parametrize("name", list(CALLS))
def test_each_request_is_as_the_reference_says(simulated: Simulated, name: str) -> None:
    done(CALLS[name](site_of(simulated)))
    operation, request = OPERATIONS[name], simulated.recorder.requests[-1]
    assert operation_of(request, REFERENCE["operations"]) is operation
    assert request.headers["x-api-key"] == KEY
    body, query = json.loads(request.content or b"{}"), request.url.params
    assert body.keys() | query.keys() | LEFT_OUT.get(name, set()) >= operation["body"].keys() | (
        operation["query"].keys() - PAGING
    )
    assert body.keys() <= operation["body"].keys()
    assert query.keys() <= operation["query"].keys()
    for key, value in body.items():
        assert fitting(operation["body"][key]["type"], value), (key, value)
    for key, text in query.multi_items():
        assert not operation["query"][key]["type"].startswith("integer") or text.isdecimal(), (key, text)
    report = simulated.ask("report")
    assert report["unknown_requests"] == []
    assert name in report["by_operation"]
    assert report["requests"] == len(simulated.permits.taken) == simulated.permits.released


@pytest.mark.parametrize("name", list(CALLS))
def test_a_required_parameter_cannot_be_left_out(name: str) -> None:
    """What the reference requires has no default in the method's signature."""
    operation, parameters = OPERATIONS[name], inspect.signature(method_of(name)).parameters
    needed = {
        key for part in ("path_params", "query", "body") for key, one in operation[part].items() if one["required"]
    }
    for key in needed:
        assert parameters[to_snake(key)].default is inspect.Parameter.empty, key


@pytest.mark.parametrize("name", list(CALLS))
def test_every_parameter_of_the_reference_is_one_of_the_method(name: str) -> None:
    operation, parameters = OPERATIONS[name], inspect.signature(method_of(name)).parameters
    shapes: dict[str, type[Shape]] = {"rights": ModeratorRights, "permissions": GroupPermissions, "profile": Profile}
    known = {
        *parameters,
        *(field for one, shape in shapes.items() if one in parameters for field in shape.model_fields),
    }
    several = {f"{one}_id": f"{one}_ids" for one in ("post", "topic", "user", "category")} | {"title": "titles"}
    left_out = LEFT_OUT.get(name, set()) - {"usernames", "userIds", "emailAddresses"}
    for key in ({*operation["query"], *operation["body"]} - left_out) - {"page"}:
        word = to_snake(key)
        assert word in known or several.get(word) in known, key
