"""Single values out of another's JSON: taken where they fit, absent where they do not.

Numbers and booleans may come as strings, and a value of a wrong type is None, for a sloppy or hostile payload must cost
one field at most. Only an id beyond 64 bits is an error: cut somewhere later, it would name another thing. Pure;
imported by platform folders.
"""

from __future__ import annotations

import contextlib
import json
import math
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_core import from_json

MOST_ITEMS = 1000
"""Items read of any list inside an object."""

MOST_NESTED = 200
"""Levels of lists and objects in a JSON text. The interpreter's own bound depends on how deep the calls are where it is
read: what the web edge takes in a worker could not read."""

_WHOLE = re.compile(r"-?[0-9]{1,4000}")
_SURROGATES = re.compile("[\ud800-\udfff]")
_YES_NO = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


def _whole(value: object) -> int | None:
    if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def to_int(value: object) -> int | None:
    """A whole number, also out of a string; None for anything else and beyond 64 bits."""
    number = _whole(value)
    return number if number is not None and abs(number) < 2**63 else None


def to_id(value: object) -> int | None:
    """An id, a whole number from 0, or None. Raises ValueError beyond 64 bits."""
    number = _whole(value)
    if number is not None and number >= 2**63:
        raise ValueError("an id has more than 64 bits")
    return number if number is not None and number >= 0 else None


def to_bool(value: object) -> bool | None:
    """A boolean, also as 0, 1 or a word."""
    return value if isinstance(value, bool) else _YES_NO.get(str(value).strip().lower()[:6])


def to_seconds(value: object) -> float | None:
    """A moment in Unix seconds; 0 means never and is None, as is what is no finite number."""
    try:
        number = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else 0.0
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and number > 0 else None


def to_moment(value: object) -> float | None:
    """Unix seconds out of a number, or out of an ISO 8601 text with its zone."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) and "-" in value else None
        return to_seconds(moment.timestamp() if moment and moment.tzinfo else value)
    except (ValueError, OverflowError):
        return None


def to_text(value: object) -> str | None:
    """A text that can be encoded: lone surrogates replaced. A whole number counts, as Perl may send a name like 123."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        return None
    return value if value.isascii() else _SURROGATES.sub("\ufffd", value)


def to_object(value: object) -> dict[str, Any] | None:
    """An object, or None."""
    return value if isinstance(value, dict) else None


def to_objects(value: object) -> tuple[dict[str, Any], ...] | None:
    """The objects in a list, at most MOST_ITEMS; None where it is no list."""
    return tuple(item for item in value[:MOST_ITEMS] if isinstance(item, dict)) if isinstance(value, list) else None


def to_items(value: object) -> tuple[Any, ...] | None:
    """A list as it is, at most MOST_ITEMS long."""
    return tuple(value[:MOST_ITEMS]) if isinstance(value, list) else None


def read_json(raw: bytes) -> Any:
    """The value of a JSON text in UTF-8. Raises ValueError for anything else, NaN and too deep a nesting included."""
    with contextlib.suppress(ValueError):
        return from_json(raw, allow_inf_nan=False)  # much the faster, and stricter: on odd texts Python's has the word
    try:
        value = json.loads(raw.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if _is_deep(value):
        raise ValueError("nested too deeply")
    return value


def _is_deep(value: object) -> bool:
    """Whether it has more than MOST_NESTED levels; level by level, not by calls of itself."""
    level = [value]
    for _ in range(MOST_NESTED + 1):
        level = [inner for one in level if isinstance(one, dict | list) for inner in _inside(one)]
    return bool(level)


def _inside(value: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


Id = Annotated[int | None, BeforeValidator(to_id)]
Whole = Annotated[int | None, BeforeValidator(to_int)]
YesNo = Annotated[bool | None, BeforeValidator(to_bool)]
Seconds = Annotated[float | None, BeforeValidator(to_seconds)]
Moment = Annotated[float | None, BeforeValidator(to_moment)]
Text = Annotated[str | None, BeforeValidator(to_text)]
Items = Annotated[tuple[Any, ...] | None, BeforeValidator(to_items)]
