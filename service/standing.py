"""Which rules modbot itself holds back, and why: new ones on trial, those that act too often or take too long.

What holds a rule back stays until a person releases it (rule-language.md, 9). It is kept in Redis by the rule's name,
so that all workers agree; what a trial holds back is one content of the rule, by its digest, so that an older content
that was live stays live during a rollout. Imported by `service.cli`, `workers` and tests.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal, cast

from redis import Redis

from rules.mode import Mode
from rules.rule import Limit, Rule
from rules.ruleset import Ruleset
from service.scripts import Fill, call, load, sound, together

Why = Literal["new", "changed", "limit", "jump", "timeouts"]

SLOW_LIMIT = Limit(2, 3600.0, "2 per hour")
"""Time-outs of a rule that are borne: the third within an hour puts it in shadow (rule-language.md, 9)."""


JUMP = Limit(20, 300.0, "20 in five minutes")
"""So many events of a rule in five minutes are borne, however few are usual for it."""

JUMP_TIMES = 10
"""So many times what is usual is a jump (operations.md, B.5, ActionSpike: the same two numbers)."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a rule was held back to, since when (Unix seconds), and by which event."""

    mode: Mode
    why: Why
    since: float
    digest: str | None = None
    event: str | None = None

    @classmethod
    def read(cls, text: str) -> Standing:
        """The standing as Redis holds it."""
        fields = json.loads(text)
        return cls(Mode(fields["mode"]), fields["why"], fields["at"], fields.get("digest"), fields.get("event"))

    def concerns(self, rule: Rule) -> bool:
        """Whether it holds back this content of the rule."""
        return self.digest in (None, rule.digest)


@dataclass(frozen=True, slots=True)
class Held:
    """The rules of a ruleset that are held back, and of how many rules in all that is noted (`brake_each`)."""

    standings: Mapping[str, Standing]
    noted: int


NONE_HELD = Held({}, 0)


@dataclass(frozen=True, slots=True)
class Brake:
    """More than `limit` events of a rule hold it back to `mode`; with `times`, if they are so many times the usual."""

    rule: str
    limit: Limit
    mode: Mode
    why: Why
    times: int = 0

    @classmethod
    def of_limit(cls, rule: Rule) -> Brake:
        """The brake that the rule's `limit` is."""
        assert rule.limit is not None
        return cls(rule.name, rule.limit, Mode.HOLD, "limit")

    @classmethod
    def of_jump(cls, rule: str) -> Brake:
        """The brake on a rule that suddenly acts far more often than it does usually."""
        return cls(rule, JUMP, Mode.HOLD, "jump", JUMP_TIMES)

    @classmethod
    def of_timeouts(cls, rule: str) -> Brake:
        """The brake on a rule whose patterns take too long."""
        return cls(rule, SLOW_LIMIT, Mode.SHADOW, "timeouts")


class Standings:
    """The rules held back, of every forum."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._adopt = load(redis, "adopt")
        self._free = load(redis, "free")

    def adopt(self, forum: str, ruleset: Ruleset) -> None:
        """Take the rules into use; those that were never live start where `settings: new_rules` says."""
        rules = [text for rule in ruleset.rules for text in (rule.name, rule.digest)]
        self._adopt(keys=[_live(forum), _held(forum)], args=[ruleset.settings.new_rules.value, *rules])

    def of(self, forum: str, ruleset: Ruleset) -> Held:
        """Those of the rules that are held back."""
        rows = cast("dict[str, str]", self._redis.hgetall(_held(forum)))
        held = {name: Standing.read(text) for name, text in rows.items()}
        standings = {
            rule.name: held[rule.name] for rule in ruleset.rules if rule.name in held and held[rule.name].concerns(rule)
        }
        return Held(standings, len(rows))

    def brake(self, forum: str, event: str, brakes: Sequence[Brake]) -> list[str]:
        """Count the event for each brake; returns the rules that may not act any more, by this event or before."""
        (over,) = self.brake_each(forum, [(event, brakes)])
        assert over is not None
        return over

    def brake_each(
        self, forum: str, events: Sequence[tuple[str, Sequence[Brake]]], known: int | None = None
    ) -> list[list[str] | None]:
        """Count each event for its brakes, in one round trip; the rules that may not act any more on its account.

        With `known`, how many rules were held back when the events were decided on: None, and nothing counted, for an
        event whose turn comes after that has changed, so that it is to be decided again.
        """
        asked = [self._asked(forum, event, brakes, known) for event, brakes in events]
        return [over for (over,) in sound(together(self._redis, asked, whole=False))]

    @staticmethod
    def _asked(forum: str, event: str, brakes: Sequence[Brake], known: int | None) -> Fill:
        keys = [_held(forum), *(_events(forum, one.rule, one.why) for one in brakes)]
        args: list[Any] = [event]
        for one in brakes:
            standing = json.dumps({"mode": one.mode, "why": one.why})
            args += [one.rule, one.limit.most, int(one.limit.span * 1000), one.times, standing]
        args.append("" if known is None else known)
        return lambda pipe: call(pipe, "brake", keys, args)

    def release(self, forum: str, rule: str) -> Standing | None:
        """Set the rule live; returns what held it back, None if nothing did."""
        counts = [_events(forum, rule, why) for why in ("limit", "timeouts", "jump")]
        usual = f"{_events(forum, rule, 'jump')}:hours"  # see brake.lua
        found = self._free(keys=[_live(forum), _held(forum), *counts, usual], args=[rule])
        return Standing.read(found) if found else None

    def matches(self, forum: str) -> dict[str, int]:
        """How often each rule has matched."""
        rows = cast("dict[str, str]", self._redis.hgetall(matches_key(forum)))
        return {name: int(number) for name, number in rows.items()}


def matches_key(forum: str) -> str:
    """Where matches are counted, with each plan."""
    return f"modbot:rules:{forum}:matches"


def modes_of(held: Mapping[str, Standing]) -> dict[str, Mode]:
    """The modes to which rules are held back."""
    return {name: standing.mode for name, standing in held.items()}


def _live(forum: str) -> str:
    return f"modbot:rules:{forum}:live"


def _held(forum: str) -> str:
    return f"modbot:rules:{forum}:held"


def _events(forum: str, rule: str, why: Why) -> str:
    return f"modbot:rules:{forum}:{why}:{sha256(rule.encode()).hexdigest()[:16]}"
