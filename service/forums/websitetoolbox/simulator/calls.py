"""One checked request to the simulated API, and how what it yields is dressed for the answer.

Imported by the simulator's `operations` and `app`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.forums.websitetoolbox.simulator.reference import ApiError, Operation, shaped
from service.forums.websitetoolbox.simulator.state import Row, State


@dataclass(frozen=True, slots=True)
class Call:
    """One request to the API, checked: numbers of the path, query and body."""

    state: State
    operation: Operation
    path: Mapping[str, int]
    query: Mapping[str, Any]
    body: Mapping[str, Any]
    pending_ignored: bool = False

    def one(self, table: dict[int, Row], param: str) -> Row:
        """The row that the path names. Raises ApiError as documented where there is none."""
        row = table.get(self.path[param])
        if row is None:
            raise self.operation.missing(param)
        return row

    def referred(self, table: dict[int, Row], param: str) -> Row:
        """The row that a body field names."""
        row = table.get(self.body[param])
        if row is None:
            raise ApiError(400, param, f"{param} was not found", "not_found")
        return row

    def writer(self, param: str = "username") -> Row:
        """The member in whose name something is written."""
        user = self.state.user_named(self.body[param])
        if user is None:
            raise ApiError(400, param, "no member has that username", "not_found")
        return user


def dressed_row(call: Call, shape: Any, row: Row) -> Row:
    """A row in the documented shape, with what the reference leaves out or `expand` asks for."""
    answer: Row = shaped(shape, row)
    if "URL" in row:
        answer["URL"] = row["URL"]
    wanted = str(call.query.get("expand", "")).split(",")
    topic = call.state.topics.get(row.get("topicId", 0)) if "postId" in row else row
    if topic is not None and topic is not row and "topic" in wanted:
        answer["topic"] = topic
    if topic is not None and "category" in wanted:
        answer["category"] = call.state.categories.get(topic["categoryId"])
    return answer
