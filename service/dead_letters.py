"""The dead letters: work that ended undone, and effects of which nobody knows whether they are done.

A person decides on them. Imported by commands and tests.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar, cast

from redis import Redis

from service.kept import DEAD, DUE, RETENTION_SECONDS
from service.scripts import load

AT_ONCE = 200
"""Dead letters read, or dealt with, in one round trip."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """Work that waits for a person: since when, why (one of `service.labels.DEATHS`), and the last error in words."""

    item: str
    since: float
    fields: dict[str, str]

    @property
    def forum(self) -> str:
        """Whose it is."""
        return self.fields.get("forum", "")

    @property
    def cause(self) -> str:
        """The kind of death."""
        return self.fields.get("cause", "permanent_error")

    @property
    def reason(self) -> str:
        """The last error."""
        return self.fields.get("reason") or self.fields.get("error") or self.fields.get("state", "")

    @property
    def attempts(self) -> int:
        """How often it was tried."""
        return int(self.fields.get("attempt") or self.fields.get("attempts") or 0)

    @property
    def what(self) -> str:
        """The action and its rule, or the type of the event: the platform's name of it where it was not read yet."""
        if "action" in self.fields:
            action = json.loads(self.fields["action"])
            return f"{action['action']} ({action['rule']})"
        event = self.fields.get("event", "")
        return _type_of(event) if event else self.fields.get("name", "unreadable")

    def to_json(self) -> dict[str, object]:
        """What a list says of it, as one JSON object."""
        names = ("item", "since", "forum", "what", "cause", "attempts", "reason")
        return {name: getattr(self, name) for name in names}


def _type_of(event: str) -> str:
    """The type of an event as it is stored, if that can be read."""
    try:
        return str(json.loads(event)["type"])
    except (ValueError, KeyError, TypeError):
        return "unreadable"


@dataclass(frozen=True, slots=True)
class Choice:
    """Which dead letters; None: any. `reason` is a cause, or words of the last error; times in Unix seconds."""

    forum: str | None = None
    reason: str | None = None
    since: float = 0.0
    until: float = math.inf

    def admits(self, letter: DeadLetter) -> bool:
        """Whether it is one of these."""
        return (
            self.forum in (None, letter.forum)
            and (self.reason is None or self.reason == letter.cause or self.reason in letter.reason)
            and self.since <= letter.since <= self.until
        )


ANY = Choice()

T = TypeVar("T")


def _in_parts(these: Sequence[T]) -> Iterator[Sequence[T]]:
    """Parts of them for one round trip each."""
    return (these[start : start + AT_ONCE] for start in range(0, len(these), AT_ONCE))


class DeadLetters:
    """The dead letters and the actions parked as unsure."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._revive = load(redis, "revive")

    def all(self, limit: int | None = None, choice: Choice = ANY) -> list[DeadLetter]:
        """Those chosen as they stand now, the newest first."""
        rows = cast("list[tuple[str, float]]", self._redis.zrevrange(DEAD, 0, -1, withscores=True))
        return list(islice(filter(choice.admits, self._read(rows)), limit))

    def get(self, item: str) -> DeadLetter | None:
        """One by its name, as the list prints it."""
        since = self._redis.zscore(DEAD, item)
        return None if since is None else next(self._read([(item, float(since))]), None)

    def redeliver(self, *letters: DeadLetter) -> int:
        """Try these again under the same ids, so that what was done stays done; returns how many.

        One that was dealt with since it was read, or has died anew, is left alone.
        """
        return self._say("redeliver", letters)

    def discard(self, *letters: DeadLetter) -> int:
        """Let these go; returns how many, as `redeliver`."""
        return self._say("discard", letters)

    def _say(self, verdict: str, letters: Sequence[DeadLetter]) -> int:
        done = 0
        for some in _in_parts(letters):
            with self._redis.pipeline(transaction=False) as pipe:
                for letter in some:
                    args: list[str | float] = [letter.item, verdict, RETENTION_SECONDS, letter.since]
                    self._revive(keys=[DEAD, DUE], args=args, client=pipe)
                done += sum(pipe.execute())
        return done

    def _read(self, rows: Sequence[tuple[str, float]]) -> Iterator[DeadLetter]:
        for some in _in_parts(rows):
            with self._redis.pipeline(transaction=False) as pipe:
                for item, _ in some:
                    pipe.hgetall(f"modbot:{item}")
                records = cast("list[dict[str, str]]", pipe.execute())
            for (item, since), fields in zip(some, records, strict=True):
                if fields:
                    yield DeadLetter(item, since, fields)
