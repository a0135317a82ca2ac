"""Deciding with the state: what earlier events were, asked and told for one event. Pure but for the state it is given.

Workers, `modbot rules` and stories decide by this; the form of the state (Redis, memory) is theirs to choose. Whoever
decides on one event calls `decide_with`; whoever decides on many drives a Deliberation for each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rules.awarding import award_id, awards_of
from rules.consider import Finding
from rules.decide import conclude, look, needs_of
from rules.decision import Decision, Needs
from rules.event import Event
from rules.facts import LATE, Facts, Remembered
from rules.fields.keys import SCOPES, keys_of
from rules.rule import remembered_as
from rules.ruleset import Ruleset
from rules.settling import is_text_of_rule
from rules.state.asking import Asking, Question, answered
from rules.state.counters import Total
from rules.state.state import State
from rules.subject import LIVE, TRIAL, Missing, Subject
from rules.watches import observe, read_points, see_groups


def decide_with(
    ruleset: Ruleset,
    event: Event,
    facts: Facts,
    state: State,
    event_id: str,
    *,
    explain: bool = False,
    tentative: bool = False,
) -> Decision | Needs:
    """What to do about `event`, counts and points included, or the facts that the answer depends on.

    The state is asked in this order, each at most once a call and only where a rule wants it: groups are compared and
    noted, windows observed, points read, points of matching rules awarded, texts under `once` marked as sent, and an
    item that is to be deleted is taken out of the windows that ask for `kept`. Facts that a window depends on
    are asked for before anything is observed, those of verdicts and texts before anything is awarded, those of a
    rung's own texts and of `once` after it: with the same `event_id` the state repeats its answers, so a second call
    with more facts adds nothing twice. What the state told is in `remembered` of the answer; given back in `facts`, it
    is not asked again, and `rules.decide.decide` on those facts gives the same decision without any state.

    `event_id` names the happening: `happening_of` tells which. `tentative` awards, marks and takes out nothing; no rung
    fires.
    """
    deliberation = Deliberation(ruleset, event, facts, event_id, explain=explain)
    verdict = answered(deliberation.look(), state)
    return verdict if tentative else answered(deliberation.settle(), state)


class Deliberation:
    """One event that is being decided on: `look` first, then `settle`, in between of which a caller may ask others."""

    def __init__(self, ruleset: Ruleset, event: Event, facts: Facts, event_id: str, *, explain: bool = False) -> None:
        """See `decide_with`."""
        self._ruleset = ruleset
        self._told = facts.remembered
        self._seen: Subject | Missing = Subject(event, facts, ruleset.settings.moderators)
        self._event_id = event_id
        self._explain = explain
        self._found: list[Finding] = []
        self.verdict: Decision | Needs

    def look(self) -> Asking[Decision | Needs]:
        """The verdict so far: the state has noted the event, and nothing that follows from a verdict."""
        if self._ruleset.remembers and isinstance(self._seen, Subject):
            self._seen = yield from self._observed(self._seen.recalling(self._told or Remembered()))
        if isinstance(self._seen, Missing):
            self.verdict = Needs(facts=self._seen.needs - LATE or self._seen.needs, remembered=self._told)
        else:
            self._found = look(self._ruleset, self._seen, explain=self._explain)
            self.verdict = self._concluded(self._seen)
        return self.verdict

    def settle(self) -> Asking[Decision | Needs]:
        """The verdict, and what follows from it kept: awards, texts marked as sent, the item taken out of windows."""
        if self._ruleset.remembers and isinstance(self._seen, Subject):
            self.verdict = yield from self._remembered(self._seen)
        return self.verdict

    def _observed(self, subject: Subject) -> Asking[Subject | Missing]:
        """The subject with what earlier events were, its own being noted for later ones."""
        grouped = (yield from see_groups(subject, self._event_id)) if self._ruleset.follows_groups else subject
        if isinstance(grouped, Missing):
            return grouped
        docket = self._ruleset.for_event(grouped)
        watched = yield from observe(docket.watches, grouped, self._event_id)
        if isinstance(watched, Missing):
            return watched
        return (yield from read_points(docket.readers, watched, self._event_id))

    def _concluded(self, subject: Subject) -> Decision | Needs:
        return conclude(self._ruleset, subject, self._found, explain=self._explain)

    def _remembered(self, subject: Subject) -> Asking[Decision | Needs]:
        seen = subject
        if not needs_of(self._found, subject):
            subject = yield from _with_awards(self._found, subject, self._event_id)
            if subject is not seen:
                self._found = look(self._ruleset, subject, explain=self._explain)
        if not needs_of(self._found, subject):
            marked = yield from _with_first(self._found, subject, self._event_id)
            if isinstance(marked, Missing):
                return Needs(facts=marked.needs, remembered=subject.told)
            subject = marked
        decision = self.verdict if subject is seen else self._concluded(subject)
        if isinstance(decision, Needs):
            return decision
        return (yield from _without_deleted(self._ruleset, subject.event, decision, self._event_id))


def happening_of(event: Event, delivery: str) -> str:
    """The `event_id` to decide and act under: the delivery's, but a new topic and its first post are one happening."""
    if event.id is None or event.type not in ("topic.created", "post.created"):
        return delivery
    return next(_creations(event), delivery)


def _creations(event: Event) -> Iterator[str]:
    """The happening that made the event's item, under each name that it may have."""
    if event.post and event.post.post_id is not None:
        yield f"created post {event.post.post_id}"
    if event.type.startswith("topic.") and event.topic and event.topic.topic_id is not None:
        yield f"created topic {event.topic.topic_id}"


def deleted_happenings(event: Event, event_id: str) -> tuple[str, ...]:
    """What never was for windows under `kept` once the event's item is deleted: the event, and the item's making."""
    return tuple(dict.fromkeys((event_id, *_creations(event))))


def deleting_lanes(decision: Decision) -> frozenset[str]:
    """The lanes in which the decision deletes the item: a live deletion is one for rules on trial too."""
    modes = {action.mode for action in decision.actions if action.action == "delete"}
    return frozenset((LIVE, TRIAL) if "live" in modes else (TRIAL,) if modes else ())


def _without_deleted(ruleset: Ruleset, event: Event, decision: Decision, event_id: str) -> Asking[Decision]:
    """The decision, its item taken out of the windows that ask for it."""
    told = decision.remembered or Remembered()
    lanes = deleting_lanes(decision) & ruleset.kept_lanes
    if lanes <= set(told.withdrawn):
        return decision
    yield Question("withdraw", (deleted_happenings(event, event_id), lanes))
    noted = told.model_copy(update={"withdrawn": tuple(sorted(lanes))})
    return decision.model_copy(update={"remembered": noted})


def _with_awards(found: Iterable[Finding], subject: Subject, event_id: str) -> Asking[Subject]:
    told = subject.told or Remembered()
    awards = [one for finding in found if finding.matched for one in awards_of(finding.rule, subject)]
    wanted = {award_id(one): one for one in awards if award_id(one) not in told.awards}
    if not wanted:
        return subject
    totals: list[Total] = yield Question("award", (event_id, list(wanted.values())))
    new = {id_: (total.before, total.after) for id_, total in zip(wanted, totals, strict=True)}
    return subject.recalling(told.model_copy(update={"awards": {**told.awards, **new}}))


def _with_first(found: Iterable[Finding], subject: Subject, event_id: str) -> Asking[Subject | Missing]:
    """The subject with every rule under `once` that would send a text asked for; Missing where its scope waits."""
    told = subject.told or Remembered()
    new = dict(told.first)
    for rule in [one.rule for one in found if one.rule.once and any(map(is_text_of_rule, one.wishes))]:
        assert rule.once
        keys = keys_of((rule.once.per,), subject, SCOPES)
        if isinstance(keys, Missing) and keys.needs:
            return keys
        name = remembered_as(rule)
        if name not in new and not isinstance(keys, Missing):
            scope = (rule.once.per, *keys[0].values)
            new[name] = yield Question("first", (name, scope, rule.once.span, event_id, subject.at))
    return subject if new == told.first else subject.recalling(told.model_copy(update={"first": new}))
