"""Questions to the state, put by whoever decides and answered by whoever has the state: one by one, or many at once.

What asks is a generator that yields its questions, so that those of many events can be answered in one round trip.
Anyone may import this module.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, TypeVar

from rules.state.state import State

R = TypeVar("R")

Verb = Literal["regroup", "observe", "points", "award", "first", "withdraw"]


@dataclass(frozen=True, slots=True)
class Question:
    """One call of a method of State, with its arguments."""

    verb: Verb
    args: tuple[Any, ...]

    def put_to(self, state: State) -> Any:
        """What the state answers."""
        return getattr(state, self.verb)(*self.args)


Asking: TypeAlias = Generator[Question, Any, R]
"""Yields questions, is sent their answers, and returns what it makes of them."""


def answered(asking: Asking[R], state: State) -> R:
    """What comes of asking when the state answers each question as it is put."""
    try:
        question = next(asking)
        while True:
            question = asking.send(question.put_to(state))
    except StopIteration as end:
        result: R = end.value
        return result
