"""The windows, counters and groups that rules look at, asked of the state for one event.

Imported by `rules.remember`, by `rules.examples`, which asks an empty state, and by whoever fills windows afterwards.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from rules.conditions.counting import Counting
from rules.facts import Counted, Fact, Remembered
from rules.rule import Rule
from rules.state.asking import Asking, Question
from rules.state.groups import Change, Membership
from rules.state.windows import Count, Observation, TextObservation
from rules.subject import TRIAL, Missing, Subject, union


@dataclass(frozen=True, slots=True, eq=False)
class Watch:
    """A window that is kept in one lane, and the rules that look at it."""

    check: Counting
    lane: str
    rules: tuple[Rule, ...]

    def concerns(self, trigger: str | None, types: str, rules: Collection[Rule]) -> bool:
        """Whether events with this trigger, on items of one of `types`, may add to it, or be for one of `rules`."""
        of = self.check.window.of
        return (of.trigger == trigger and not set(of.types).isdisjoint(types)) or any(
            rule in rules for rule in self.rules
        )

    @property
    def name(self) -> str:
        """The same for two watches that count the same."""
        return f"{self.lane}:{self.check.window.id}"

    def view(self, subject: Subject) -> Subject:
        """The subject as it looks in the watch's lane."""
        return subject.on_trial() if self.lane == TRIAL else subject


def watches_of(rules: Iterable[Rule]) -> tuple[Watch, ...]:
    """Every window that counts of the rules are kept in; equal counts share one."""
    found: dict[tuple[str, str], tuple[Counting, list[Rule]]] = {}
    for rule in rules:
        for check in rule.counting if rule.remembers else ():
            found.setdefault((rule.lane, check.window.id), (check, []))[1].append(rule)
    return tuple(Watch(check, lane, tuple(rules)) for (lane, _), (check, rules) in found.items())


def observe(watches: Iterable[Watch], subject: Subject, event_id: str) -> Asking[Subject | Missing]:
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
    numbers: list[Count] = yield Question("observe", (event_id, list(wanted.values())))
    new = {id_: Counted(number=one.number, at_least=one.at_least) for id_, one in zip(wanted, numbers, strict=True)}
    return subject.recalling(told.model_copy(update={"counts": {**told.counts, **new}}))


def _observations(watch: Watch, subject: Subject) -> list[Observation | TextObservation] | Missing:
    """What the event is to a window: an addition, or a look if one of its rules is for the event."""
    view = watch.view(subject)
    adds = watch.check.window.adds(view).truth is not False
    if not adds and not any(rule.is_for(view).truth is not False for rule in watch.rules):
        return []
    seen = watch.check.sightings(view)
    if isinstance(seen, Missing):
        return seen if adds and seen.needs else []
    return [one.observation for one in seen]


def additions(watches: Iterable[Watch], subject: Subject) -> list[Observation | TextObservation]:
    """What the event adds to the windows, so far as it is known; a window that depends on more is left out."""
    found: dict[str, Observation | TextObservation] = {}
    for watch in watches:
        view = watch.view(subject)
        seen = watch.check.sightings(view) if watch.check.window.adds(view).truth else ()
        found.update({one.observation.id: one.observation for one in (() if isinstance(seen, Missing) else seen)})
    return list(found.values())


def see_groups(subject: Subject, event_id: str) -> Asking[Subject | Missing]:
    """The subject with whether its author's groups changed; these are noted for later events.

    Events on users ask the forum for the groups that they lack; any other is heeded for those that it brings itself,
    since a fact looked up for it may be older than the event.
    """
    told = subject.told or Remembered()
    if told.groups is not None:
        return subject
    on_user = subject.event.type in ("user.created", "user.updated")
    author = subject.author if on_user else subject.event.author
    change = Change.UNKNOWN
    if author and author.user_id is not None:
        if author.user_groups is not None:
            seen = Membership(str(author.user_id), author.user_groups, subject.at)
            change = yield Question("regroup", (event_id, seen))
        elif on_user and subject.missing(Fact.AUTHOR).needs:
            return subject.missing(Fact.AUTHOR)
    return subject.recalling(told.model_copy(update={"groups": change}))


def read_points(rules: Iterable[Rule], subject: Subject, event_id: str) -> Asking[Subject]:
    """The subject with the totals told of every counter that the rules read and whose key is known."""
    told = subject.told or Remembered()
    read = [one for rule in rules for tally in rule.reads for one in tally.read_for(rule.view(subject))]
    wanted = {one.id: one for one in read if one.id not in told.points}
    if not wanted:
        return subject
    totals: list[int] = yield Question("points", (event_id, list(wanted.values()), subject.at))
    new = dict(zip(wanted, totals, strict=True))
    return subject.recalling(told.model_copy(update={"points": {**told.points, **new}}))
