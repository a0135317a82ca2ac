"""The API's reference as data: which operations there are, what they take, and how their answers are shaped.

Reads `reference.json` beside this package. The vendor documents no status codes and no error but the envelope's, so
what a request lacks or gets wrong is an error under 200. Imported by the simulator's modules and contract tests.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

ACTS_ON_BEHALF = ("sso_token", "user_sso_guid", "user_id")


class ApiError(Exception):
    """An error in the documented envelope."""

    def __init__(self, message: str, status: int = 200) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"status": "error", "message": message}


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter: its type's name, whether it must be there, and how sure that is (D, C or I)."""

    type: str
    required: bool
    source: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation; `answer` names the kind of object that it yields, in a list where it yields several."""

    method: str
    path: str
    query: Mapping[str, Param]
    body: Mapping[str, Param]
    answer: str | list[str] | None
    pattern: re.Pattern[str] = field(repr=False)

    @property
    def name(self) -> str:
        """As reports write it: `PUT /api/v2/forums/{forum_id}/topics`."""
        return f"{self.method} /api/v2/{self.path}"


@cache
def data() -> Mapping[str, Any]:
    """The whole file."""
    found: dict[str, Any] = json.loads(files("service.forums.userecho").joinpath("reference.json").read_text("utf-8"))
    return found


@cache
def operations() -> tuple[Operation, ...]:
    """Every operation of the reference, then those of the newer edition alone."""
    return tuple(_operation(item) for item in (*data()["operations"], *data()["newer_operations"]))


def _operation(item: Mapping[str, Any]) -> Operation:
    pattern = item["path"].replace("{file|image}", "(?P<kind>file|image)").replace("{sso_guid}", r"(?P<sso_guid>[^/]+)")
    pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[0-9]{1,18})", pattern)
    query, body = ({name: Param(**p) for name, p in item[part].items()} for part in ("query", "body"))
    return Operation(item["method"], item["path"], query, body, item["answer"], re.compile(pattern))


def find(method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
    """The operation for a request, its path given without /api/v2/ and .json, and the values in that path; or None."""
    for operation in operations():
        if operation.method == method and (match := operation.pattern.fullmatch(path)):
            return operation, match.groupdict()
    return None


def check_body(operation: Operation, body: Mapping[str, Any]) -> dict[str, Any]:
    """The known fields. Raises ApiError where a required one is missing or a type is wrong; others are ignored."""
    for name, param in operation.body.items():
        if name not in body and param.required:
            raise ApiError(f"{name} is required")
        if name in body and not _fits(param.type, body[name]):
            raise ApiError(f"{name} must be of type {param.type}")
    return {name: value for name, value in body.items() if name in operation.body}


def _fits(kind: str, value: Any) -> bool:
    if kind.endswith(" or null"):
        return value is None or _fits(kind.removesuffix(" or null"), value)
    if kind.endswith(" array"):
        return isinstance(value, list) and all(_fits(kind.removesuffix(" array"), item) for item in value)
    if kind == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, {"string": str, "boolean": bool, "object": dict, "file": dict}[kind])


def shaped(kind: str, row: Any) -> Any:
    """A stored record in the documented shape of its kind: every documented key, nothing else."""
    return row if kind == "string" else _dressed(data()["objects"][kind], row)


def _dressed(shape: Any, value: Any) -> Any:
    if isinstance(shape, dict):
        record = value if isinstance(value, dict) else {}
        return {key: _dressed(part, record.get(key)) for key, part in shape.items()}
    empty: dict[str, Any] = {"string": "", "integer": 0, "number": 0.0, "boolean": False, "array": [], "object": {}}
    return empty.get(shape) if value is None else value
