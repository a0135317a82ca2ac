"""What goes into a request and what comes out of an answer, alike on every platform. Imported by platform folders."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from service.forums.port import Refused

A = TypeVar("A", bound=BaseModel)


def told(**fields: object) -> dict[str, Any]:
    """The fields that are told: those that are None left out."""
    return {name: value for name, value in fields.items() if value is not None}


def understood(shape: type[A], data: object, operation: str) -> A:
    """An answer's data as an object of the platform. Raises Refused where it is none."""
    try:
        return shape.model_validate(data)
    except ValidationError:
        raise Refused(f"{operation}: the answer is not what the API's reference says; check api_url") from None
