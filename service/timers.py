"""Groups for a time (`for: 1 day`): the timers that undo them, and what ends a timer early.

A timer is an action like any other, due when the time is over: it is in the due set, claimed and limited as all are.
The hash `modbot:timers:<forum>:<user>` says which action ends which group; one that it does not name any more has
nothing left to undo. So a new `for` moves the end, the same group without `for` makes it last, and a moderator who
changes the group by hand has the last word. Imported by `service.ledger` and `workers`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import cast

from redis import Redis

from rules.actions.table import ACTIONS
from rules.decision import PlannedAction
from rules.quantities import read_span
from service.forums.port import Outcome
from service.scripts import load

SKEW_SECONDS = 5.0
"""How far the forum's clock may be behind: an older account of a member's groups does not know of our change yet."""


@dataclass(frozen=True, slots=True)
class Timer:
    """What a finished action does to its group's timer: `end`, `set`, or `move` it if there is one."""

    key: str
    group: str
    step: str
    id: str = ""
    undo: PlannedAction | None = None
    seconds: float = 0.0


def timer_after(forum: str, id_: str, action: PlannedAction, outcome: str, *, maybe_sent: bool) -> Timer | None:
    """What becomes of the timer when the action `id_` has ended; None where that says nothing about groups.

    A member who was in the group already, and not by an earlier try of ours, was put there by somebody else: no timer
    of ours will take that back, but one that runs is moved.
    """
    spec = ACTIONS[action.action]
    if spec.slot != "group" or outcome not in (Outcome.DONE, Outcome.ALREADY_DONE):
        return None
    key, group = _key(forum, action.target.id), _group(action)
    if "for" not in action.options:
        return Timer(key, group, "end")
    step = "set" if outcome == Outcome.DONE or maybe_sent else "move"
    undo_id = sha256(f"{id_} is over".encode()).hexdigest()[:32]
    return Timer(key, group, step, undo_id, _undoing(action), read_span(str(action.options["for"])))


def _undoing(action: PlannedAction) -> PlannedAction:
    inverse = ACTIONS[action.action].inverse
    assert inverse
    reason = f"{action.action} for {action.options['for']} is over"
    options = {"group": action.options["group"]}
    return action.model_copy(update={"action": inverse, "options": options, "reason": reason, "also": ()})


class Timers:
    """The timers that run."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._end = load(redis, "end_timer")

    def stands(self, forum: str, id_: str, action: PlannedAction) -> bool:
        """Whether the undoing action still has something to undo."""
        named = self._redis.hget(_key(forum, action.target.id), _group(action))
        return named is not None and named.split()[0] == id_

    def running(self, members: Sequence[tuple[str, int]]) -> list[bool]:
        """Whether each member, named with the forum, is in or out of a group for a time."""
        with self._redis.pipeline(transaction=False) as pipe:
            for forum, user in members:
                pipe.exists(_key(forum, user))
            found = pipe.execute() if members else []
        return list(map(bool, found))

    def see(self, forum: str, user: int, groups: Collection[str], at: float) -> list[str]:
        """End the timers of groups that somebody else has changed; returns these groups.

        `groups` are the titles of those that the member was in at the Unix time `at`.
        """
        key, present = _key(forum, user), {group.casefold() for group in groups}
        running = cast("dict[str, str]", self._redis.hgetall(key))
        return [group for group, named in running.items() if self._is_over(key, group, named, present, at)]

    def _is_over(self, key: str, group: str, named: str, present: set[str], at: float) -> bool:
        id_, since = named.split()
        undo = self._redis.hget(f"modbot:action:{id_}", "action")
        gives = undo is not None and PlannedAction.model_validate_json(undo).action == "remove_from_group"
        as_we_left_it = (group in present) is gives
        known = not group.isdecimal() and at > float(since) + SKEW_SECONDS
        return known and not as_we_left_it and bool(self._end(keys=[key], args=[group, named]))


def _key(forum: str, user: int) -> str:
    return f"modbot:timers:{forum}:{user}"


def _group(action: PlannedAction) -> str:
    return str(action.options["group"]).casefold()
