"""What becomes of events that were looked at: written for all in one transaction, then counted and logged.

Imported by `workers.evaluate` and `workers.screening`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from redis.exceptions import ResponseError

from rules.decision import Decision, Needs, PlannedAction
from rules.facts import Fact
from service import metrics, tracing
from service.records import outcome_unsent
from service.settings import ForumSection
from service.store import Ending, EventRecord, Step, plan_steps, tell_end, wait_for
from workers.case import Case, spared
from workers.confirm import item_facts, must_confirm
from workers.context import Context
from workers.facts import wanted_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of an event, and how it is told once it is written: with the script's answer."""

    case: Case
    ending: Ending
    tell: Callable[[int], None]


def write(context: Context, outcomes: Sequence[Outcome]) -> None:
    """Write the outcomes, each whole or not at all, and tell them. Raises RedisError when none of them is certain."""
    answers = context.store.write([one.ending for one in outcomes])
    for one, answer in zip(outcomes, answers, strict=True):
        with spared(context, one.case):
            if isinstance(answer, ResponseError):
                raise answer
            one.case.written = True
            one.tell(answer)
        if not one.case.failed:
            one.case.span.end()


def ignored(context: Context, case: Case, reason: str) -> Outcome:
    """The event ends without a decision."""

    def tell(ended: int) -> None:
        if ended:
            tell_end(case.record, "ignored", reason)

    return Outcome(case, context.store.ending(case.record, "ignored", reason), tell)


def waiting(case: Case, needs: frozenset[Fact], *, confirm: bool) -> Outcome:
    """The event waits for facts."""
    tracing.note(outcome="waiting")
    wanted = wanted_of(case.event, case.record.facts, needs)
    return Outcome(case, wait_for(case.record, needs, confirm=confirm, wanted=wanted), lambda _: None)


def outcome_of(context: Context, case: Case, verdict: Decision | Needs) -> Outcome:
    """The event waits for what its verdict depends on, or for a look at its item; or it is planned."""
    if isinstance(verdict, Needs):
        return waiting(case, verdict.facts, confirm=case.record.confirm)
    if must_confirm(case.section, case.record, verdict):
        return waiting(case, item_facts(case.event), confirm=True)
    return _planned(context, case, verdict)


def _planned(context: Context, case: Case, decision: Decision) -> Outcome:
    record, section = case.record, case.section
    live = [] if section.mode == "shadow" else [a for a in decision.actions if _is_carried_out(section, a)]
    steps = plan_steps(record, live)
    return Outcome(case, context.store.plan(record, decision, steps), partial(_tell, record, decision, live, steps))


def _is_carried_out(section: ForumSection, action: PlannedAction) -> bool:
    """What is for the forum to do: points are given by now, rules on trial act on nothing, and notes need a reader."""
    if action.mode != "live" or action.action not in section.actions:
        return False
    return action.action != "notify_moderators" or section.notify is not None


def _tell(
    record: EventRecord, decision: Decision, live: Sequence[PlannedAction], steps: Sequence[Step], new: int
) -> None:
    if new < 0:
        return  # another worker was quicker; its plan stands
    _count(record, decision, live, len(steps) - new)
    outcome = "planned" if new else "shadow" if decision.actions and not live else "no_match"
    if not new:
        metrics.event_latency.labels(record.forum, outcome).observe(record.latency)
    rules, actions = sorted({action.rule for action in decision.actions}), [one.action for one in decision.actions]
    tracing.note(outcome=outcome, rules=rules, actions=actions)
    log.info("decided", extra={**record.told(), "outcome": outcome, "rules": rules, "actions": actions, "new": new})


def _count(record: EventRecord, decision: Decision, live: Sequence[PlannedAction], repeated: int) -> None:
    for rule in {action.rule for action in decision.actions}:
        metrics.count_rule(record.forum, rule, "match")
    for rule in decision.timed_out:
        metrics.count_rule(record.forum, rule, "timeout")
    for action in decision.actions:
        if action not in live:
            metrics.count_action(record.forum, action.action, outcome_unsent(action.action, action.mode))
    if repeated:
        metrics.dedupe_hits.labels(record.forum, "execute").inc(repeated)
