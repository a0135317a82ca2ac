"""Counts the requests that arrive, and holds them to the limit in every span of a second.

The clock is read once, as a request enters. Imported by platforms' simulators and
tests.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

SPAN = 1.0
"""Seconds over which the limit is counted: a span holds its start and not its end."""

MOST_UNKNOWN = 100
"""Unknown requests that are remembered."""


@dataclass(slots=True)
class Arrivals:
    """What came in, and whether it may be served; remembers one span of arrivals, however many came before."""

    per_second: int
    clock: Callable[[], float] = time.monotonic
    requests: int = 0
    refused: int = 0
    most: int = 0
    by_operation: Counter[str] = field(default_factory=Counter)
    unknown: list[str] = field(default_factory=list)
    _arrived: deque[float] = field(default_factory=deque)
    _served: deque[float] = field(default_factory=deque)

    def enter(self) -> bool:
        """Count one request and say whether it is within the limit."""
        now = self.clock()
        for recent in (self._arrived, self._served):
            while recent and now - recent[0] >= SPAN:
                recent.popleft()
        self.requests += 1
        self._arrived.append(now)
        self.most = max(self.most, len(self._arrived))
        within = len(self._served) < self.per_second
        if within:
            self._served.append(now)
        self.refused += not within
        return within

    def unknown_request(self, method: str, path: str) -> None:
        """Remember a request that the reference does not have."""
        text = f"{method} {path}"[:200]
        if text not in self.unknown and len(self.unknown) < MOST_UNKNOWN:
            self.unknown.append(text)

    def report(self) -> dict[str, Any]:
        """The report of contract.md, section 6."""
        return {
            "requests": self.requests,
            "refused_by_rate_limit": self.refused,
            "most_in_any_second": self.most,
            "by_operation": dict(sorted(self.by_operation.items())),
            "unknown_requests": list(self.unknown),
        }
