"""The shared rate limiter: every request to a forum, from whatever process, takes a permit here first.

The promise is "never more than N requests in any second, as the forum counts them, and hardly fewer". There are N
permits. One is taken before a request and is free again one window after the latest moment at which that request can
have arrived; so N+1 requests never arrive within a window, whoever sends them. A request arrives after it was written
(httpx tells when it was fully sent) and before its reply. Where in between is settled in release.lua:

- The quickest of the last quick replies tells what the forum's work and the way back take at least, so a request
  arrived at least that long before its reply. This holds for any jitter on the way, since the shortest way out is in
  both the quickest reply and the next request. A quick forum costs its jitter only, and no margin is guessed.
- A slow reply (over 250 ms) tells nothing. While slow replies are rare they are waited for, since it may have been the
  way that was slow. Where they are common that would cost a third of the use: their requests are taken to have arrived
  after the longest way that the quick replies allow, or 40 ms if there were none. This is the one assumption here;
  where it fails, the forum says so, and the last point holds.
- What failed on the way may have arrived by now, and is counted from now. What was never released (its holder
  crashed) is free after HOLD_MS, above the longest request.
- When the forum says that we are too fast, all pause; then every permit is held until a window after its reply for a
  minute, which needs no assumption at all, and windows are wider by a caution that wears off.

One sorted set of permits does this, with two lines of waiters, and no numbered reservations: a permit that is only
given out as it opens can go to urgent work that came last, and a waiter that dies leaves nothing to be cancelled.
State is in Redis, on Redis' own clock, per API key; lost state costs one window. Facts and measurements:
queue-and-limits.md, part B; `python -m bench limiter` prints ours. Imported by `service.wiring`, bench and tests.
"""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from redis import Redis
from redis.exceptions import RedisError

from service import metrics
from service.forums.port import NoPermit
from service.scripts import load

WINDOW_MS = 1001
"""One second, and what two clocks can differ by in it."""

HOLD_MS = 20_000
"""How long a permit is held when its holder never gives it back: above the HTTP timeouts' sum of 19 s."""

STALE_SECONDS = 5.0
"""A permit older than this when its request is about to leave is not used: the process was frozen meanwhile."""

PATIENCE_SECONDS = 5.0
"""A permit further away than this is not waited for: the job is given back."""

LONGEST_WAIT_SECONDS = 8.0
"""Who stands in line may be overtaken by urgent work, and waits so long in all before it gives up its place."""

SLOW_SECONDS = 0.8
"""While replies take longer than this, a permit is settled as soon as its request is sent, at the price of a call."""


@dataclass(slots=True)
class Permit:
    """Leave to send one request now."""

    limiter: Limiter
    ticket: str
    granted: float
    sent_at: float | None = None

    def is_stale(self) -> bool:
        """Whether too much time went by since the grant (`time.monotonic`) to send the request under it."""
        return time.monotonic() - self.granted > STALE_SECONDS

    def sent(self) -> None:
        """Say that the request has left this process whole."""
        self.sent_at = time.monotonic()
        self.limiter.note_sent(self.ticket)

    def release(self, *, answered: bool = False) -> None:
        """Give it back: the reply began to come now (`answered`), or the request failed and may have arrived by now."""
        self.limiter.release(self.ticket, self.sent_at if answered else None)


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
        parts = ("state", "held", "urgent", "bulk", "waiting", "used", "replies")
        self._redis = redis
        self._keys = [f"modbot:limit:{{{account}}}:{part}" for part in parts]
        self._forum = forum
        self._limits = (per_second, WINDOW_MS, HOLD_MS, per_day)
        self._sleep = sleep or _sleep
        self._acquire = load(redis, "acquire")
        self._release = load(redis, "release")
        self._pause = load(redis, "pause")
        self._slow = False

    def acquire(self, lane: str) -> Permit:
        """Wait for a permit, urgent lane first and in order of arrival within a lane.

        Raises NoPermit when none is near, or at shutdown. A Redis that is away raises RedisError: without it nothing
        is sent.
        """
        ticket, started = uuid.uuid4().hex, time.monotonic()
        try:
            wait = self._stand_in_line(ticket, lane, started)
        except RedisError:
            metrics.observe_permit(self._forum, lane, "backend_error", time.monotonic() - started)
            raise
        metrics.observe_permit(self._forum, lane, "timeout" if wait else "granted", time.monotonic() - started)
        if wait:
            raise NoPermit(f"no permit within {PATIENCE_SECONDS:g} s", after=wait)
        return Permit(self, ticket, time.monotonic())

    def _stand_in_line(self, ticket: str, lane: str, started: float) -> float:
        """Wait for a permit: 0 once it may be used, else the seconds until one is near, or when we are to stop."""
        patience = PATIENCE_SECONDS
        while True:
            granted, wait_us, in_line = self._acquire(
                keys=self._keys[:6], args=[ticket, lane, *self._limits, int(patience * 1000)]
            )
            wait = float(wait_us) / 1e6
            if not (granted or in_line):
                return wait
            if wait and self._sleep(wait):
                self._leave(ticket)
                return wait
            if granted:
                return 0.0
            patience = max(0.0, started + LONGEST_WAIT_SECONDS - time.monotonic())

    def _leave(self, ticket: str) -> None:
        """Give up the permit or the place in line, so that nobody waits for it."""
        with self._redis.pipeline(transaction=True) as pipe:
            for holders in self._keys[1:5]:
                pipe.zrem(holders, ticket)
            pipe.execute()

    def note_sent(self, ticket: str) -> None:
        """Settle the ticket's permit before its reply, if replies are slow."""
        if self._slow:
            self._settle(ticket, "sent", 0.0)

    def release(self, ticket: str, sent_at: float | None) -> None:
        """Settle the ticket's permit: sent at `sent_at` (`time.monotonic`) and answered now, or failed (None)."""
        if sent_at is None:
            self._settle(ticket, "failed", 0.0)
        else:
            took = time.monotonic() - sent_at
            self._slow = took > SLOW_SECONDS
            self._settle(ticket, "answered", took)

    def _settle(self, ticket: str, known: str, seconds_since_sent: float) -> None:
        state, held, *_, replies = self._keys
        self._release(keys=[state, held, replies], args=[ticket, WINDOW_MS, known, seconds_since_sent * 1000])

    def pause(self, seconds: float | None) -> None:
        """Stop every worker for a while, `seconds` at least where the forum asked for it."""
        self._pause(keys=self._keys[:1], args=[int((seconds or 0) * 1000), random.randint(0, 500)])  # noqa: S311 - jitter


def account_key(api_key: str) -> str:
    """The name under which forums with one API key share their limit; it does not tell the key."""
    return sha256(b"modbot limiter " + api_key.encode()).hexdigest()[:16]


def _sleep(seconds: float) -> bool:
    time.sleep(seconds)
    return False
