"""The shared rate limiter: every request to a forum, from whatever process, takes a permit here first.

It keeps the forum's promise "at most N requests in any second" by holding: a permit is held from its grant until one
window after the request's reply, so that N+1 requests can never arrive within one second of each other, however slow
the network is between us. State is in Redis, on Redis' own clock, per API key. Facts and measurements:
queue-and-limits.md, part B. Imported by `service.wiring` and tests.
"""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from redis import Redis

from service import metrics
from service.forums.port import TryLater
from service.scripts import load

WINDOW_MS = 1030
"""One second, and a margin for the difference between Redis' clock rate and the forum's."""

HOLD_MS = 20_000
"""How long a permit is held when its holder never gives it back: above the HTTP timeouts' sum of 19 s."""

STALE_SECONDS = 5.0
"""A permit older than this when its request is about to leave is not used: the process was frozen meanwhile."""

PATIENCE_SECONDS = 5.0
"""A permit further away than this is not waited for: the job is given back."""


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave to send one request now."""

    limiter: Limiter
    ticket: str
    granted: float

    def is_stale(self) -> bool:
        """Whether too much time went by since the grant (`time.monotonic`) to send the request under it."""
        return time.monotonic() - self.granted > STALE_SECONDS

    def release(self) -> None:
        """Say that the forum has received the request, or never will."""
        self.limiter.release(self.ticket)


class Limiter:
    """The permits of one API key: `per_second` in any second, `per_day` in any 24 hours (0: unbounded)."""

    def __init__(
        self,
        redis: Redis,
        account: str,
        *,
        forum: str,
        per_second: int,
        per_day: int,
        sleep: Callable[[float], bool] | None = None,
    ) -> None:
        """Share the budget that `account` names (see `account_key`).

        `sleep` waits up to so many seconds and tells whether to stop waiting, as `threading.Event.wait` does.
        """
        self._keys = [
            f"modbot:limit:{{{account}}}:{part}" for part in ("state", "held", "urgent", "bulk", "waiting", "used")
        ]
        self._forum = forum
        self._limits = (per_second, WINDOW_MS, HOLD_MS, per_day)
        self._sleep = sleep or _sleep
        self._acquire = load(redis, "acquire")
        self._release = load(redis, "release")
        self._pause = load(redis, "pause")

    def acquire(self, lane: str) -> Permit:
        """Wait for a permit, urgent lane first and in order of arrival within a lane.

        Raises TryLater when none is near, or at shutdown. A Redis that is away raises RedisError: without it nothing
        is sent.
        """
        ticket, started = uuid.uuid4().hex, time.monotonic()
        while True:
            left = PATIENCE_SECONDS - (time.monotonic() - started)
            granted, wait, in_line = self._acquire(
                keys=self._keys, args=[ticket, lane, *self._limits, max(0, int(left * 1000))]
            )
            if granted:
                metrics.observe_permit(self._forum, lane, "granted", time.monotonic() - started)
                return Permit(self, ticket, time.monotonic())
            if not in_line or self._sleep(wait / 1000):
                metrics.observe_permit(self._forum, lane, "timeout", time.monotonic() - started)
                raise TryLater(f"no permit within {PATIENCE_SECONDS:g} s", after=wait / 1000)

    def release(self, ticket: str) -> None:
        """Free the ticket's permit one window from now."""
        self._release(keys=self._keys[:2], args=[ticket, WINDOW_MS])

    def pause(self, seconds: float | None) -> None:
        """Stop every worker for a while, `seconds` at least where the forum asked for it."""
        self._pause(keys=self._keys[:1], args=[int((seconds or 0) * 1000), random.randint(0, 500)])  # noqa: S311 - jitter


def account_key(api_key: str) -> str:
    """The name under which forums with one API key share their limit; it does not tell the key."""
    return sha256(b"modbot limiter " + api_key.encode()).hexdigest()[:16]


def _sleep(seconds: float) -> bool:
    time.sleep(seconds)
    return False
