"""Deciding with the state: what earlier events were, asked and told for one event. Pure but for the state it is given.

Workers, `modbot rules` and stories call `decide_with`; the form of the state (Redis, memory) is theirs to choose.
"""

from __future__ import annotations

from collections.abc import Iterable

from rules.awarding import award_id, awards_of
from rules.consider import Finding
from rules.decide import conclude, decide, look, needs_of
from rules.decision import Decision, Needs
from rules.event import Event
from rules.facts import LATE, Facts, Remembered
from rules.fields.keys import SCOPES, keys_of
from rules.rule import remembered_as
from rules.ruleset import Ruleset
from rules.settling import is_text_of_rule
from rules.state.state import State
from rules.subject import Missing, Subject
from rules.watches import observe, read_points


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

    The state is asked in this order, each at most once a call and only where a rule wants it: windows are observed,
    points read, points of matching rules awarded, texts under `once` marked as sent. Facts that a window depends on
    are asked for before anything is observed, those of verdicts and texts before anything is awarded, those of a
    rung's own texts and of `once` after it: with the same `event_id` the state repeats its answers, so a second call
    with more facts adds nothing twice. What the state told is in `remembered` of the answer; given back in `facts`, it
    is not asked again, and `rules.decide.decide` on those facts gives the same decision without any state.

    `event_id` names the happening: `happening_of` tells which. `tentative` awards and marks nothing; no rung fires.
    """
    if not ruleset.remembers:
        return decide(ruleset, event, facts, explain=explain)
    told = facts.remembered or Remembered()
    subject = Subject(event, facts, ruleset.settings.moderators).recalling(told)
    watched = observe(ruleset.watches, subject, state, event_id)
    if isinstance(watched, Missing):
        return Needs(facts=watched.needs - LATE or watched.needs, remembered=facts.remembered)
    subject = read_points(ruleset.for_event(subject), watched, state, event_id)
    found = look(ruleset, subject, explain=explain)
    if not tentative and not needs_of(found, subject):
        awarded = _with_awards(found, subject, state, event_id)
        if awarded is not subject:
            subject, found = awarded, look(ruleset, awarded, explain=explain)
    if not tentative and not needs_of(found, subject):
        marked = _with_first(found, subject, state, event_id)
        if isinstance(marked, Missing):
            return Needs(facts=marked.needs, remembered=subject.told)
        subject = marked
    return conclude(ruleset, subject, found, explain=explain)


def happening_of(event: Event, delivery: str) -> str:
    """The `event_id` to decide and act under: the delivery's, but a new topic and its first post are one happening."""
    if event.id is None or event.type not in ("topic.created", "post.created"):
        return delivery
    post = event.post
    if post and post.post_id is not None:
        return f"created post {post.post_id}"
    if event.type == "topic.created" and event.topic and event.topic.topic_id is not None:
        return f"created topic {event.topic.topic_id}"
    return delivery


def _with_awards(found: Iterable[Finding], subject: Subject, state: State, event_id: str) -> Subject:
    told = subject.told or Remembered()
    awards = [one for finding in found if finding.matched for one in awards_of(finding.rule, subject)]
    wanted = {award_id(one): one for one in awards if award_id(one) not in told.awards}
    if not wanted:
        return subject
    totals = state.award(event_id, list(wanted.values()))
    new = {id_: (total.before, total.after) for id_, total in zip(wanted, totals, strict=True)}
    return subject.recalling(told.model_copy(update={"awards": {**told.awards, **new}}))


def _with_first(found: Iterable[Finding], subject: Subject, state: State, event_id: str) -> Subject | Missing:
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
            new[name] = state.first(name, scope, rule.once.span, event_id, subject.at)
    return subject if new == told.first else subject.recalling(told.model_copy(update={"first": new}))
