"""Lists as the simulated API gives them: filtered, sorted and cut into pages with the documented envelope.

Imported by the simulator's `operations` alone.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from service.forums.websitetoolbox.simulator.reference import ApiError
from service.forums.websitetoolbox.simulator.state import Row, State

DEFAULT_LIMIT = 10

_NOT_FILTERS = frozenset({"limit", "page", "sort", "order", "expand", "includeId", "folder", "period"})

_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "!=": operator.ne,
    "<>": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "=": operator.eq,
}

_SORTS: Mapping[str, Callable[[Row], Any]] = {
    "latest": lambda topic: topic["lastPost"]["timestamp"],
    "views": lambda topic: topic["viewCount"],
    "top": lambda topic: topic["replyCount"],
}
"""How topics are sorted, besides newest first."""


def page(rows: Iterable[Row], query: Mapping[str, Any], path: str, *, limit: int = DEFAULT_LIMIT) -> Row:
    """One page of `rows` in the documented envelope; with `includeId`, the page which holds it."""
    found = list(rows)
    size = query.get("limit", limit)
    first = (_page_number(found, query, size) - 1) * size
    cut = found[first : first + size]
    has_more = first + size < len(found)
    return {
        "data": cut,
        "has_more": has_more,
        "object": "list",
        "size": len(cut),
        "total_size": len(found),
        "url": path,
    }


def _page_number(rows: list[Row], query: Mapping[str, Any], size: int) -> int:
    wanted = query.get("includeId")
    places = (place for place, row in enumerate(rows) if wanted in row.values())
    place = next(places, None) if wanted is not None else None
    return max(1, query.get("page", 1)) if place is None else place // size + 1


def chosen(state: State, rows: Iterable[Row], query: Mapping[str, Any]) -> list[Row]:
    """The rows that fit every filter, newest first unless the query says otherwise."""
    filters = {name: wanted for name, wanted in query.items() if name not in _NOT_FILTERS}
    fitting = [row for row in rows if all(_fits(state, row, name, wanted) for name, wanted in filters.items())]
    if query.get("sort") in query:
        order = query[query["sort"]]
        return sorted(fitting, key=lambda row: order.index(row[query["sort"]]))
    fitting.reverse()
    fitting.sort(key=_SORTS.get(query.get("sort", ""), lambda _: 0), reverse=True)
    return fitting[::-1] if query.get("order") == "asc" else fitting


def _fits(state: State, row: Row, name: str, wanted: Any) -> bool:
    values = _values(state, row, name)
    if isinstance(wanted, str) and wanted.lstrip()[:1] in {"<", ">", "!", "="}:
        return any(_compares(name, wanted.strip(), value) for value in values)
    folded = {_folded(item) for item in (wanted if isinstance(wanted, list) else [wanted])}
    return any(_folded(value) in folded for value in values)


def _values(state: State, row: Row, name: str) -> list[Any]:
    """What a filter looks at in a row."""
    if name == "userId" and "participants" in row:
        return [one["userId"] for one in row["participants"]]
    if name == "userId" and "author" in row:
        return [row["author"]["userId"]]
    if name == "userGroupId" and "userGroups" in row:
        return list(row["userGroups"])
    if name == "categoryId" and "postId" in row:
        return [state.topics[row["topicId"]]["categoryId"]]
    return [row.get(name, 0)]


def _folded(value: Any) -> str:
    return str(value).casefold()


def _compares(name: str, wanted: str, value: Any) -> bool:
    sign = next(sign for sign in _COMPARISONS if wanted.startswith(sign))
    try:
        return _COMPARISONS[sign](value, float(wanted[len(sign) :]))
    except ValueError:
        raise ApiError(400, name, f"{name} must be an operator and a number", "invalid_parameter") from None
