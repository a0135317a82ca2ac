"""How every request to Website Toolbox's API is made: its fields, its pages, in whose name, and what comes back.

Facts are those of websitetoolbox-reference.txt and platform-facts.md, 1.3. Imported by the modules of this package.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic.alias_generators import to_camel

from service.forums.answers import told, understood
from service.forums.http import ForumApi
from service.forums.values import to_bool, to_int, to_objects
from service.forums.websitetoolbox.objects import Shape

PAGE = 100
"""Objects on a page: the most that the API gives. Without `limit` it gives 10."""

MOST_PAGES = 1000
"""Pages read of a list that says it never ends."""

A = TypeVar("A", bound=Shape)


def spelt(**fields: object) -> dict[str, Any]:
    """Fields in the API's spelling (post_id: postId), those that are None left out."""
    return {to_camel(name): value for name, value in told(**fields).items()}


@dataclass(frozen=True, slots=True)
class Requests:
    """The requests of one job. `operation` replaces each method's own name in metrics and errors.

    `username` is the member in whose name they are made: they see and may do what that one may ("Anonymous": a guest).
    Without it the key alone counts, which may do everything.
    """

    api: ForumApi
    operation: str | None = None
    username: str | None = None

    def __post_init__(self) -> None:
        if self.username is not None and not (self.username and self.username.isprintable()):
            raise ValueError("a username is printable text")

    def one(
        self,
        shape: type[A],
        operation: str,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> A:
        """Make a request and return the object that it is answered with.

        A write that says yes without showing an object yields an empty one; what it did is read again where it matters.
        """
        data = self.data(operation, method, path, query=query, body=body)
        if not isinstance(data, dict) and method != "GET":
            return shape()
        return understood(shape, data, self.operation or operation)

    def data(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Any:
        """Make a request and return its answer as it is."""
        name = {"x-api-username": self.username.encode()} if self.username else None
        return self.api.call(
            self.operation or operation, method, f"api/{path}", query=query or None, body=body, headers=name
        )

    def many(
        self, shape: type[A], operation: str, path: str, query: Mapping[str, Any] | None = None, *, limit: int = PAGE
    ) -> Iterator[A]:
        """The objects of a list, page after page as they are asked for. `limit` is the size of a page, 1 to 100.

        With `includeId` in the query, the objects of the one page that has it.
        """
        for page in self._pages(operation, path, query or {}, limit):
            yield from (understood(shape, item, self.operation or operation) for item in page)

    def _pages(
        self, operation: str, path: str, query: Mapping[str, Any], limit: int
    ) -> Iterator[tuple[dict[str, Any], ...]]:
        """The pages of a list, each one request; one that comes a second time is the end, whatever it says."""
        before: tuple[dict[str, Any], ...] = ()
        for number in range(1, MOST_PAGES + 1):
            place = {} if "includeId" in query else {"page": number}
            answer = self.data(operation, "GET", path, query={**query, "limit": limit, **place})
            body = answer if isinstance(answer, dict) else {}
            items = to_objects(body.get("data")) or ()
            if items == before:
                return
            yield items
            if not place or not _goes_on(body, number * limit, full=len(items) >= limit):
                return
            before = items


def _goes_on(answer: Mapping[str, Any], read: int, *, full: bool) -> bool:
    """Whether there is another page: as `has_more` says, else `total_size`, else while pages are full."""
    has_more, total = to_bool(answer.get("has_more")), to_int(answer.get("total_size"))
    if has_more is not None:
        return has_more
    return full if total is None else read < total
