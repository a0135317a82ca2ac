"""Faults to order: what may go wrong with a request, how often, and the dice.

A spec is a comma-separated list such as `error=0.1,slow=0.2:0.5,seed=7`. Imported by the simulator's `app` and tests.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

NAMES = (
    "error=P (500 before doing it), lost=P (done, connection dropped), slow=P:SECONDS, limit=P, pending=ignored, seed=N"
)
"""What a spec may hold; P is a probability from 0 to 1."""


@dataclass(slots=True)
class Faults:
    """Probabilities by name, the delay of a slow request in seconds, and how often each fault struck."""

    error: float = 0.0
    lost: float = 0.0
    limit: float = 0.0
    slow: float = 0.0
    delay: float = 0.0
    pending_ignored: bool = False
    dice: random.Random = field(default_factory=random.Random)
    struck: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("error", "limit", "lost", "slow"), 0))

    def strikes(self, name: str) -> bool:
        """Whether this fault strikes now."""
        chance: float = getattr(self, name)
        hit = chance > 0 and self.dice.random() < chance
        self.struck[name] += hit
        return hit


def parse(spec: str | None) -> Faults:
    """The faults of a spec. Raises ValueError, with what is allowed, for a spec that is wrong."""
    faults = Faults()
    for part in (spec or "").split(","):
        if part.strip():
            name, _, value = part.strip().partition("=")
            _set(faults, name.strip(), value.strip(), part.strip())
    return faults


def _set(faults: Faults, name: str, value: str, part: str) -> None:
    try:
        if name == "seed":
            faults.dice.seed(int(value))
        elif (name, value) == ("pending", "ignored"):
            faults.pending_ignored = True
        elif name == "slow":
            chance, _, seconds = value.partition(":")
            faults.slow, faults.delay = _within(chance, 1), _within(seconds, 600)
        elif name in {"error", "lost", "limit"}:
            setattr(faults, name, _within(value, 1))
        else:
            raise ValueError(name)  # noqa: TRY301 - one text for every fault of a spec
    except ValueError:
        raise ValueError(f"no such fault: {part!r}; a spec holds {NAMES}") from None


def _within(text: str, most: float) -> float:
    number = float(text)
    if not 0 <= number <= most:
        raise ValueError(text)
    return number
