"""How every request to UserEcho's API is made: its path, its filters, its pages, in whose name, and what comes back.

Facts are those of userecho-reference.txt and platform-facts.md, 2.2. Imported by the modules of this package.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final, TypeVar

from service.forums.answers import told, understood
from service.forums.http import ForumApi
from service.forums.userecho.objects import Shape
from service.forums.values import to_int

SUFFIX = ".json"
"""The format asked for; it follows the path."""

PAGE = 100
"""Objects asked for at a time. Without it the API gives 50."""

MOST_PAGES = 1000
"""Pages read of a list that says it never ends."""

CONDITIONS = frozenset({"in", "gt", "gte", "lt", "lte", "contains", "icontains"})

_FIELD = re.compile(r"(?:custom_fields__)?[a-z][a-z0-9]*(?:_[a-z0-9]+)*")

A = TypeVar("A", bound=Shape)

Value = str | int | float | bool | datetime
Filters = Mapping[str, Value | Sequence[Value]]
"""Conditions on a list by `field` or `field__condition`, such as {"status__in": [1, 3], "created__gte": a datetime}."""


class Unchanged(Enum):
    """Stands for a field that an update leaves as it is; None, "" and () clear one."""

    UNCHANGED = "unchanged"


UNCHANGED: Final = Unchanged.UNCHANGED


@dataclass(frozen=True, slots=True)
class OnBehalf:
    """The user in whose name requests are made, told in one of three ways. The key needs the access level `all`.

    `sso_token`: signed by the project's own site; who is not there yet is created. `user_sso_guid` and `user_id` (0:
    anonymous): a user who does not exist makes the request go out in the name of the key's owner.
    """

    sso_token: str | None = field(default=None, repr=False)
    user_sso_guid: str | None = None
    user_id: int | None = None

    def __post_init__(self) -> None:
        if len(self.parameters) > 1:
            raise ValueError(f"in whose name? {' and '.join(self.parameters)} are given; give one")

    @property
    def parameters(self) -> dict[str, str | int]:
        """What it adds to a request."""
        told = {"sso_token": self.sso_token, "user_sso_guid": self.user_sso_guid, "user_id": self.user_id}
        return {name: value for name, value in told.items() if value is not None}


NOBODY = OnBehalf()
"""Requests in the name of the key's own user."""


def given(**fields: object) -> dict[str, Any]:
    """The fields of a body, those that are not changed left out."""
    return {name: value for name, value in fields.items() if value is not UNCHANGED}


@dataclass(frozen=True, slots=True)
class Requests:
    """The requests of one job. `access_token` goes into each address where the site takes no Authorization header."""

    api: ForumApi
    on_behalf: OnBehalf = NOBODY
    access_token: str | None = field(default=None, repr=False)

    def one(
        self,
        shape: type[A],
        operation: str,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        files: Mapping[str, tuple[str, bytes]] | None = None,
    ) -> A:
        """Make a request and return the object that it is answered with.

        A write that says yes without showing an object yields an empty one; what it did is read again where it matters.
        """
        data = self.data(operation, method, path, query=query, body=body, files=files)
        if not isinstance(data, dict) and method != "GET":
            return shape()
        return understood(shape, data, operation)

    def data(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        files: Mapping[str, tuple[str, bytes]] | None = None,
        write: bool | None = None,
    ) -> Any:
        """Make a request and return what is in the envelope; `write` says that a GET changes something."""
        answer = self._call(operation, method, path, query, body, files=files, write=write)
        return answer["data"] if isinstance(answer, dict) and "data" in answer else answer

    def many(
        self,
        shape: type[A],
        operation: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        filters: Filters | None = None,
        order_by: str | None = None,
        limit: int = PAGE,
    ) -> Iterator[A]:
        """The objects of a list, page after page as they are asked for. `limit` is the size of a page."""
        asked = {**(query or {}), **filter_query(filters or {}), **told(order_by=order_by)}
        for page in self.pages(operation, path, asked, limit):
            yield from (understood(shape, item, operation) for item in page if isinstance(item, dict))

    def pages(self, operation: str, path: str, query: Mapping[str, Any], limit: int = PAGE) -> Iterator[list[Any]]:
        """The pages of a list, each one request: on while page x limit is below `details.count`.

        Where the answer does not count, on while pages are full.
        """
        for number in range(1, MOST_PAGES + 1):
            answer = self._call(operation, "GET", path, {**query, "page": number, "limit": limit}, None)
            items = _items(answer)
            yield items
            if not items or not _goes_on(answer, number, limit, len(items)):
                return

    def _call(
        self,
        operation: str,
        method: str,
        path: str,
        query: Mapping[str, Any] | None,
        body: Mapping[str, Any] | None,
        *,
        files: Mapping[str, tuple[str, bytes]] | None = None,
        write: bool | None = None,
    ) -> Any:
        """Act-on-behalf goes into the body of POST and PUT, else into the query (userecho-reference.txt)."""
        name, in_body = self.on_behalf.parameters, method in {"POST", "PUT"}
        asked = {**(query or {}), **({} if in_body else name), **told(access_token=self.access_token)}
        content = {**(body or {}), **(name if in_body else {})}
        return self.api.call(
            operation, method, path + SUFFIX, query=asked or None, body=content or None, files=files, write=write
        )


def filter_query(filters: Filters) -> dict[str, str | int | float]:
    """Filters as query parameters. Raises ValueError for a name that is no field with one of the seven conditions."""
    return {f"filter__{_checked(name)}": _written(value) for name, value in filters.items()}


def _checked(name: str) -> str:
    bare, _, condition = name.rpartition("__")
    whole = bare if condition in CONDITIONS else name
    if not _FIELD.fullmatch(whole):
        raise ValueError(f"{name!r} is no filter: write a field, or field__condition with one of {sorted(CONDITIONS)}")
    return name


def _written(value: Value | Sequence[Value]) -> str | int | float:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    if isinstance(value, bool):
        return int(value)
    return value if isinstance(value, str | int | float) else ",".join(str(_written(one)) for one in value)


def _items(answer: object) -> list[Any]:
    data = answer.get("data") if isinstance(answer, dict) else answer
    return data if isinstance(data, list) else []


def _goes_on(answer: object, page: int, limit: int, size: int) -> bool:
    details = answer.get("details") if isinstance(answer, dict) else None
    if not isinstance(details, dict) or (count := to_int(details.get("count"))) is None:
        return size >= limit
    return page * (to_int(details.get("limit")) or limit) < count
