"""The windows of rules that come into use, filled from stored events: a new rule starts warm (rule-language.md, 7).

It is done before the rules decide on anything, in the job that first asks for them, and bounded by MOST_SECONDS and
MOST_EVENTS: to wait that long once is better than to miss a raid that is under way. Windows count by the events' own
ids and times, so neither the order nor a repeat matters, nor live traffic beside it.

Which windows are warm, and since when, is noted in Redis for the rules in use. Whoever takes them into use later
catches up from there: a worker that had the old rules for longer decided on events that the new windows never saw.
Imported by `workers` and tests.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from redis import Redis
from rq.timeouts import JobTimeoutException

from rules.event import Event
from rules.remember import deleted_happenings, deleting_lanes, happening_of
from rules.ruleset import Ruleset
from rules.state.windows import Observation, TextObservation
from rules.subject import Subject
from rules.watches import Watch, additions
from service.history import History, Past
from service.kept import RETENTION_SECONDS
from service.store import EventRecord
from workers.confirm import confirmed
from workers.state import PREFIX, RedisState

log = logging.getLogger(__name__)

MOST_EVENTS: Final = 50_000
MOST_SECONDS: Final = 5.0
"""How much is read to fill windows, the newest events first: what is reached first ends it."""

CATCH_UP_SECONDS: Final = 600.0
"""How much longer than another a worker may have had the old rules (files reach the machines at different times)."""

LOCK_SECONDS: Final = 10.0
"""One worker fills at a time; another waits this long, and then fills as well, which does no harm."""

Addition = tuple[str, list[Observation | TextObservation]]
"""A happening, and what it adds to windows."""


class Warming:
    """Fills windows, and remembers for one process which are warm."""

    def __init__(self, redis: Redis, clock: Callable[[], float] = time.monotonic) -> None:
        self._redis = redis
        self._history = History(redis)
        self._clock = clock
        self._warm: dict[str, frozenset[str]] = {}

    def fill(self, forum: str, ruleset: Ruleset) -> None:
        """Fill those windows of the rules that are not known to be warm. Raises RedisError."""
        watches = {watch.name: watch for watch in ruleset.watches}
        if self._warm.get(forum) == watches.keys():
            return
        with self._alone(forum):
            now = self._history.now()
            starts = self._starts(forum, watches, now)
            if starts:
                self._replay(forum, _Filling(ruleset, starts))
            self._note(forum, watches, now)
        self._warm[forum] = frozenset(watches)

    @contextmanager
    def _alone(self, forum: str) -> Iterator[None]:
        lock = self._redis.lock(f"{PREFIX}:{forum}:warming", timeout=LOCK_SECONDS)
        lock.acquire(blocking_timeout=LOCK_SECONDS)
        try:
            yield
        finally:
            if lock.owned():
                lock.release()

    def _starts(self, forum: str, watches: Mapping[str, Watch], now: float) -> dict[Watch, float]:
        """From when on each window is to be filled: all of it, or since it was last known to be warm."""
        noted: list[Any] = self._redis.zmscore(_warm_key(forum), list(watches)) if watches else []
        since = (None if at is None else max(at, now - CATCH_UP_SECONDS) for at in noted)
        return {
            watch: max(at or 0.0, now - watch.check.window.within)
            for watch, at in zip(watches.values(), since, strict=True)
        }

    def _note(self, forum: str, watches: Mapping[str, Watch], now: float) -> None:
        """These windows are warm, and no others: of one that no rule looks at any more, events will be missing."""
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.delete(_warm_key(forum))
            if watches:
                pipe.zadd(_warm_key(forum), dict.fromkeys(watches, now))
                pipe.expire(_warm_key(forum), RETENTION_SECONDS)
            pipe.execute()

    def _replay(self, forum: str, filling: _Filling) -> None:
        state, started, events = RedisState(self._redis, forum), self._clock(), 0
        whole = True
        for page in self._history.pages(forum, min(filling.starts.values())):
            whole = events < MOST_EVENTS and self._clock() - started < MOST_SECONDS
            if not whole:
                break
            state.replay(filling.additions(page))
            events += len(page)
        told = {"forum": forum, "windows": len(filling.starts), "events": events, "seconds": self._clock() - started}
        if whole:
            log.info("windows filled from stored events", extra=told)
        else:
            log.warning("windows filled from the newest stored events alone", extra=told)


@dataclass(frozen=True, slots=True)
class _Filling:
    """What windows are filled with, and from when on (Unix seconds); `gone` are happenings deleted, by lane."""

    ruleset: Ruleset
    starts: Mapping[Watch, float]
    gone: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def additions(self, page: list[Past]) -> list[Addition]:
        """What the events of a page add, the oldest first. Pages come the newest first, so deletions are known."""
        for past in page:
            self._take_out(past)
        return [found for past in reversed(page) if (found := self._addition(past))]

    def _take_out(self, past: Past) -> None:
        event = _event_of(past.record) if '"delete"' in past.written else None
        if event:
            for happening in deleted_happenings(event, happening_of(event, past.record.happening)):
                self.gone[happening] |= deleting_lanes(past.decision)

    def _addition(self, past: Past) -> Addition | None:
        try:
            return self._added(past, _event_of(past.record))
        except JobTimeoutException:
            raise
        except Exception:  # one stored event must not keep the rules from being used
            log.exception("stored event left out of windows", extra={"event": past.record.id})
            return None

    def _added(self, past: Past, event: Event | None) -> Addition | None:
        if event is None:
            return None
        happening = happening_of(event, past.record.happening)
        gone = self.gone.get(happening, set())
        watches = [
            watch
            for watch, start in self.starts.items()
            if start <= past.decided_at and not (watch.check.window.kept and watch.lane in gone)
        ]
        found = additions(watches, Subject(event, past.record.facts, self.ruleset.settings.moderators))
        return (happening, found) if found else None


def _event_of(record: EventRecord) -> Event | None:
    """The event that was decided on."""
    return confirmed(record) if record.confirm else record.event


def _warm_key(forum: str) -> str:
    return f"{PREFIX}:{forum}:warm"
