"""The windows and counters that rules look at, asked of the state for one event.

Imported by `rules.remember`, and by `rules.examples`, which asks an empty state.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rules.conditions.counting import Counting
from rules.facts import Counted, Remembered
from rules.rule import Rule
from rules.state.state import State
from rules.state.windows import Observation, TextObservation
from rules.subject import TRIAL, Missing, Subject, union


@dataclass(frozen=True, slots=True, eq=False)
class Watch:
    """A window that is kept in one lane, and the rules that look at it."""

    check: Counting
    lane: str
    rules: tuple[Rule, ...]


def watches_of(rules: Iterable[Rule]) -> tuple[Watch, ...]:
    """Every window that counts of the rules are kept in; equal counts share one."""
    found: dict[tuple[str, str], tuple[Counting, list[Rule]]] = {}
    for rule in rules:
        for check in rule.counting if rule.remembers else ():
            found.setdefault((rule.lane, check.window.id), (check, []))[1].append(rule)
    return tuple(Watch(check, lane, tuple(rules)) for (lane, _), (check, rules) in found.items())


def observe(watches: Iterable[Watch], subject: Subject, state: State, event_id: str) -> Subject | Missing:
    """The subject with its windows counted; Missing, and nothing observed, where one depends on facts."""
    told = subject.told or Remembered()
    missing, wanted = [], {}
    for watch in watches:
        found = _observations(watch, subject)
        if isinstance(found, Missing):
            missing.append(found)
        else:
            wanted.update({one.id: one for one in found if one.id not in told.counts})
    if missing:
        return union(missing)
    if not wanted:
        return subject
    numbers = state.observe(event_id, list(wanted.values()))
    new = {id_: Counted(number=one.number, at_least=one.at_least) for id_, one in zip(wanted, numbers, strict=True)}
    return subject.recalling(told.model_copy(update={"counts": {**told.counts, **new}}))


def _observations(watch: Watch, subject: Subject) -> list[Observation | TextObservation] | Missing:
    """What the event is to a window: an addition, or a look if one of its rules is for the event."""
    view = subject.on_trial() if watch.lane == TRIAL else subject
    adds = watch.check.window.adds(view).truth is not False
    if not adds and not any(rule.is_for(view).truth is not False for rule in watch.rules):
        return []
    seen = watch.check.sightings(view)
    if isinstance(seen, Missing):
        return seen if adds and seen.needs else []
    return [one.observation for one in seen]


def read_points(rules: Iterable[Rule], subject: Subject, state: State, event_id: str) -> Subject:
    """The subject with the totals told of every counter that the rules read and whose key is known."""
    told = subject.told or Remembered()
    read = [one for rule in rules for tally in rule.reads for one in tally.read_for(rule.view(subject))]
    wanted = {one.id: one for one in read if one.id not in told.points}
    if not wanted:
        return subject
    totals = state.points(event_id, list(wanted.values()), subject.at)
    new = dict(zip(wanted, totals, strict=True))
    return subject.recalling(told.model_copy(update={"points": {**told.points, **new}}))
