"""Faults to order: what may go wrong with a request, how often, and the dice.

A spec is a comma-separated list such as `error=0.1,slow=0.2:0.5,seed=7`. Imported by platforms' simulators and tests.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

NAMES = "error=P (500 before doing it), lost=P (done, connection dropped), slow=P:SECONDS, limit=P"
"""What a spec may hold, besides fields to ignore and `seed=N`; P is a probability from 0 to 1."""


@dataclass(slots=True)
class Faults:
    """Probabilities by name, the delay of a slow request in seconds, and how often each fault struck."""

    error: float = 0.0
    lost: float = 0.0
    limit: float = 0.0
    slow: float = 0.0
    delay: float = 0.0
    ignored: set[str] = field(default_factory=set)
    """Fields of a write that the forum says yes to and leaves as they were."""
    dice: random.Random = field(default_factory=random.Random)
    struck: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("error", "limit", "lost", "slow"), 0))

    def strikes(self, name: str) -> bool:
        """Whether this fault strikes now."""
        chance: float = getattr(self, name)
        hit = chance > 0 and self.dice.random() < chance
        self.struck[name] += hit
        return hit


def parse(spec: str | None, *ignorable: str) -> Faults:
    """The faults of a spec; `ignorable` are the fields that `FIELD=ignored` may name.

    Raises ValueError, with what is allowed, for a spec that is wrong.
    """
    faults = Faults()
    for part in (spec or "").split(","):
        if part.strip():
            name, _, value = part.strip().partition("=")
            try:
                _set(faults, name.strip(), value.strip(), ignorable)
            except ValueError:
                allowed = ", ".join([NAMES, *(f"{field}=ignored" for field in ignorable), "seed=N"])
                raise ValueError(f"no such fault: {part.strip()!r}; a spec holds {allowed}") from None
    return faults


def _set(faults: Faults, name: str, value: str, ignorable: tuple[str, ...]) -> None:
    if name == "seed":
        faults.dice.seed(int(value))
    elif value == "ignored" and name in ignorable:
        faults.ignored.add(name)
    elif name == "slow":
        chance, _, seconds = value.partition(":")
        faults.slow, faults.delay = _within(chance, 1), _within(seconds, 600)
    elif name in {"error", "lost", "limit"}:
        setattr(faults, name, _within(value, 1))
    else:
        raise ValueError(name)


def _within(text: str, most: float) -> float:
    number = float(text)
    if not 0 <= number <= most:
        raise ValueError(text)
    return number


class Dropped(Response):
    """An answer that never comes: its head promises a body, and the connection ends instead."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        """Send the head alone, which makes the server drop the connection."""
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
