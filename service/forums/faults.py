"""Faults to order: what may go wrong with a request, how often, and the dice.

A spec is a comma-separated list such as `error=0.1,slow=0.2:0.5,seed=7`. Imported by platforms' simulators and tests.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field, fields
from typing import Any

from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send

NAMES = (
    "error=P (500 before doing it), cut=P (connection dropped before doing it), html=P (a proxy's error page before "
    "doing it), lost=P (done, connection dropped), garbage=P (done, the answer's JSON breaks off), slow=P:SECONDS, "
    "stale=P:SECONDS (reads do not show a write for so long), limit=P"
)
"""What a spec may hold, besides fields to ignore and `seed=N`; P is a probability from 0 to 1."""

CHANCES = ("cut", "error", "garbage", "html", "limit", "lost", "slow", "stale")
"""The faults that strike by chance."""

_SECONDS = {"slow": "delay", "stale": "lag"}
"""Those that last, and the field that says how long."""

PROXY_ERRORS = (502, 503, 504)


@dataclass(slots=True)
class Faults:
    """Probabilities by name, how long those that last do in seconds, and how often each fault struck."""

    cut: float = 0.0
    error: float = 0.0
    garbage: float = 0.0
    html: float = 0.0
    limit: float = 0.0
    lost: float = 0.0
    slow: float = 0.0
    delay: float = 0.0
    stale: float = 0.0
    lag: float = 0.0
    ignored: set[str] = field(default_factory=set)
    """Fields of a write that the forum says yes to and leaves as they were."""
    dice: random.Random = field(default_factory=random.Random)
    struck: dict[str, int] = field(default_factory=lambda: dict.fromkeys(CHANCES, 0))

    def strikes(self, name: str) -> bool:
        """Whether this fault strikes now."""
        chance: float = getattr(self, name)
        hit = chance > 0 and self.dice.random() < chance
        self.struck[name] += hit
        return hit

    def become(self, ordered: Faults) -> None:
        """Let what `ordered` holds strike from now on; what has struck stays counted."""
        for one in fields(self):
            if one.name != "struck":
                setattr(self, one.name, getattr(ordered, one.name))

    async def meet(self) -> Response | None:
        """What befalls a request before anything is done: a delay, and perhaps this answer."""
        if self.strikes("slow"):
            await asyncio.sleep(self.delay)
        if self.strikes("cut"):
            return Dropped()
        return _proxy_error(self.dice.choice(PROXY_ERRORS)) if self.strikes("html") else None

    def send(self, done: Any) -> Response:
        """The answer to a request that was done, as it arrives."""
        if self.strikes("lost"):
            return Dropped()
        answer = JSONResponse(done)
        whole = bytes(answer.body)
        return Response(whole[: len(whole) // 2], media_type=answer.media_type) if self.strikes("garbage") else answer


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
    elif name in _SECONDS:
        chance, _, seconds = value.partition(":")
        setattr(faults, name, _within(chance, 1))
        setattr(faults, _SECONDS[name], _within(seconds, 600))
    elif name in CHANCES:
        setattr(faults, name, _within(value, 1))
    else:
        raise ValueError(name)


def _within(text: str, most: float) -> float:
    number = float(text)
    if not 0 <= number <= most:
        raise ValueError(text)
    return number


def _proxy_error(status: int) -> Response:
    """The page of a proxy whose forum is away."""
    page = f"<!doctype html><html><head><title>{status}</title></head><body><h1>Error {status}</h1></body></html>"
    return HTMLResponse(page, status)


class Dropped(Response):
    """An answer that never comes: its head promises a body, and the connection ends instead."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        """Send the head alone, which makes the server drop the connection."""
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
