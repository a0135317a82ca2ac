"""A slow forum's share of the workers: its calls never keep all workers of a lane from another forum's work.

A call to a forum that hangs holds its worker until it times out, and a backlog of such calls would hold every worker
there is. So, where several forums are configured, a forum whose calls take long has all workers of a lane but one at
most; and where the lane has one worker alone, the forum leaves it to others for as long as its last call took. Whoever
is turned away gives its job back. A process goes by its own calls, so quick forums cost nothing; how many slow calls
are under way is shared. Imported by `service.wiring` and tests.
"""

from __future__ import annotations

import random
import time
import uuid
from dataclasses import dataclass
from typing import Final

from redis import Redis

from service.forums.http import Permit, PermitSource
from service.forums.port import ForumFailure, NoPermit
from service.limiter import HOLD_MS
from service.scripts import load

SLOW_SECONDS: Final = 2.0
"""A forum is slow while its calls take longer than this: above what other work may wait for one call anyway."""


@dataclass(slots=True)
class _SharedPermit:
    """A permit, and the place among the slow calls that goes with it."""

    share: Share
    permit: Permit
    lane: str
    place: str | None
    began: float

    def is_stale(self) -> bool:
        return self.permit.is_stale()

    def sent(self) -> None:
        self.permit.sent()

    def release(self, *, answered: bool = False) -> None:
        try:
            self.permit.release(answered=answered)
        finally:
            self.share.leave(self.lane, self.place, time.monotonic() - self.began)


class Share:
    """A source of permits that turns work away while its forum has its share of the workers."""

    def __init__(self, permits: PermitSource, redis: Redis, account: str) -> None:
        """`account` names the forum's API key as the limiter does."""
        self._permits = permits
        self._account = account
        self._usual = 0.0
        self._enter = load(redis, "enter_share")
        self._leave = load(redis, "leave_share")

    def acquire(self, lane: str) -> Permit:
        """Take a permit. Raises NoPermit where the forum's share is used up, and what the permits raise."""
        place = self._place(lane) if self._usual > SLOW_SECONDS else None
        try:
            return _SharedPermit(self, self._permits.acquire(lane), lane, place, time.monotonic())
        except ForumFailure:
            self.leave(lane, place, 0.0)
            raise

    def pause(self, seconds: float | None) -> None:
        """Stop every worker for a while."""
        self._permits.pause(seconds)

    def leave(self, lane: str, place: str | None, seconds: float) -> None:
        """A call has ended that took so long (0: there was none)."""
        if seconds:
            self._usual = (self._usual + seconds) / 2
        if place:
            self._leave(keys=self._keys(lane), args=[place, int(seconds * 1000)])

    def _place(self, lane: str) -> str:
        place = uuid.uuid4().hex
        if not self._enter(keys=self._keys(lane), args=[place, HOLD_MS]):
            wait = self._usual * random.uniform(1, 2)  # noqa: S311 - jitter
            raise NoPermit("the forum is slow, and has its share of the workers", after=wait)
        return place

    def _keys(self, lane: str) -> list[str]:
        return [f"modbot:limit:{{{self._account}}}:slow:{lane}", f"rq:workers:{lane}"]
