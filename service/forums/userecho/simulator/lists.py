"""Lists as the simulated API gives them: filtered, ordered and cut into pages, with `details` beside the envelope.

Imported by the simulator's `operations` alone.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from service.forums.userecho.simulator.reference import ApiError, data

_CONDITIONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "contains": lambda value, wanted: str(wanted) in str(value),
    "icontains": lambda value, wanted: str(wanted).casefold() in str(value).casefold(),
}


def page(rows: list[Any], query: Mapping[str, str]) -> dict[str, Any]:
    """One page of the rows that fit the filters, in the envelope."""
    found = _ordered([row for row in rows if _fits(row, query)], query.get("order_by", "id"))
    number, limit = (
        _number(query, name, default) for name, default in (("page", 1), ("limit", data()["default_limit"]))
    )
    first = (number - 1) * limit
    details = {"page": number, "limit": limit, "count": len(found)}
    return {"status": "success", "data": found[first : first + limit], "details": details}


def _number(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, str(default))
    if not text.isdecimal() or not int(text):
        raise ApiError(f"{name} must be a positive number")
    return int(text)


def _ordered(rows: list[Any], order_by: str) -> list[Any]:
    field = order_by.removeprefix("-")
    if any(not isinstance(row, dict) or row.get(field) is None for row in rows):
        return rows
    return sorted(rows, key=lambda row: row[field], reverse=order_by.startswith("-"))


def _fits(row: Any, query: Mapping[str, str]) -> bool:
    filters = {name.removeprefix("filter__"): text for name, text in query.items() if name.startswith("filter__")}
    return all(_holds(row, name, text) for name, text in filters.items())


def _holds(row: Any, name: str, text: str) -> bool:
    bare, _, condition = name.rpartition("__")
    if condition == "in":
        return str(_value(row, bare)) in text.split(",")
    if condition in _CONDITIONS:
        return _compares(condition, _value(row, bare), text)
    return str(_value(row, name)) == text


def _compares(condition: str, value: Any, text: str) -> bool:
    numbers = isinstance(value, int | float) and not condition.endswith("contains")
    return _CONDITIONS[condition](value, float(text) if numbers else text)


def _value(row: Mapping[str, Any], name: str) -> Any:
    """What a filter looks at: of an object its id, of a yes or no 1 or 0, of a custom field its value."""
    if name.startswith("custom_fields__"):
        codes = {one["code_name"]: one["value"] for one in row.get("custom_fields", [])}
        return codes.get(name.removeprefix("custom_fields__"), "")
    value = row.get(name)
    found = value.get("id") if isinstance(value, dict) else value
    return int(found) if isinstance(found, bool) else found
