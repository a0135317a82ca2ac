"""The API's reference as data: which operations there are, what they take, and how their answers are shaped.

Reads `reference.json` beside this package, restated from the vendor's reference. What a request lacks or gets wrong is
answered as the reference documents errors. Imported by the simulator's modules and contract tests.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any


class ApiError(Exception):
    """An answer in the documented error shape."""

    def __init__(self, status: int, param: str, message: str, code: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"status": "error", "error": {"param": param, "message": message, "code": code}}


@dataclass(frozen=True, slots=True)
class Param:
    """A documented parameter: its type's name and whether it must be there."""

    type: str
    required: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """One documented operation; `response` is an answer with type names in the place of values."""

    method: str
    path: str
    query: Mapping[str, Param]
    body: Mapping[str, Param]
    statuses: frozenset[int]
    response: Any
    pattern: re.Pattern[str] = field(repr=False)

    @property
    def name(self) -> str:
        """As reports write it: `POST /api/topics/{topicId}`."""
        return f"{self.method} {self.path}"

    def missing(self, param: str) -> ApiError:
        """What is addressed is not there: 404 where that is documented for this operation, else 400."""
        status = 404 if 404 in self.statuses else 400  # noqa: PLR2004 - the documented status
        return ApiError(status, param, f"{param} was not found", "not_found")


@cache
def operations() -> tuple[Operation, ...]:
    """Every operation of the reference."""
    data = json.loads(files("service.forums.websitetoolbox").joinpath("reference.json").read_text("utf-8"))
    return tuple(_operation(item) for item in data["operations"])


def _operation(item: Mapping[str, Any]) -> Operation:
    pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[0-9]{1,18})", item["path"])
    query, body = ({name: Param(**p) for name, p in item[part].items()} for part in ("query", "body"))
    statuses = frozenset(item["statuses"])
    return Operation(item["method"], item["path"], query, body, statuses, item["response"], re.compile(pattern))


def find(method: str, path: str) -> tuple[Operation, dict[str, int]] | None:
    """The operation for a request and the numbers in its path, or None."""
    for operation in operations():
        if operation.method == method and (match := operation.pattern.fullmatch(path)):
            return operation, {name: int(value) for name, value in match.groupdict().items()}
    return None


def read_query(operation: Operation, pairs: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """The known query parameters, converted. Raises ApiError for a value of a wrong type."""
    values: dict[str, Any] = {}
    for key, text in pairs:
        name = key.removesuffix("[]")
        if name not in operation.query:
            continue
        kind = operation.query[name].type
        value = _converted(name, kind, text)
        values[name] = [*values.get(name, []), *value] if kind.endswith("array") else value
    if not 1 <= values.get("limit", 1) <= 100:  # noqa: PLR2004 - the documented range
        raise ApiError(400, "limit", "limit must be between 1 and 100", "invalid_parameter")
    return values


def _converted(name: str, kind: str, text: str) -> Any:
    numbers = kind.startswith("integer")
    parts = text.split(",") if kind == "integer array" else [text]
    if numbers and not all(part.strip().isdecimal() for part in parts):
        raise ApiError(400, name, f"{name} must be an integer", "invalid_parameter")
    values = [int(part) if numbers else part for part in parts]
    return values if kind.endswith("array") else values[0]


def check_body(operation: Operation, body: Mapping[str, Any]) -> dict[str, Any]:
    """The known body fields. Raises ApiError where a required one is missing or a type is wrong."""
    for name, param in operation.body.items():
        if name not in body and param.required:
            raise ApiError(400, name, f"{name} is required", "missing_parameter")
        if name in body and not _fits(param.type, body[name]):
            raise ApiError(400, name, f"{name} must be of type {param.type}", "invalid_parameter")
    return {name: value for name, value in body.items() if name in operation.body}


def _fits(kind: str, value: Any) -> bool:
    if kind in {"integer array", "string array"}:
        return isinstance(value, list) and all(_fits(kind.removesuffix(" array"), item) for item in value)
    if kind == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, {"string": str, "boolean": bool, "array": list, "object": dict}[kind])


def shaped(shape: Any, value: Any) -> Any:
    """A stored value in a documented shape: every documented key, in its documented type."""
    if isinstance(shape, dict):
        record = value if isinstance(value, dict) else {}
        return {key: shaped(part, record.get(key.strip())) for key, part in shape.items()}
    if isinstance(shape, list):
        items = value if isinstance(value, list) else []
        return [shaped(shape[0], item) for item in items] if isinstance(shape[0], dict) else list(items)
    empty = {"string": "", "integer": 0, "boolean": False, "array": [], "object": {}}
    return empty.get(shape) if value is None else value
