"""The evaluate job: decide on events and write down what is to be done. It never waits for a forum.

Run by the evaluate role; enqueued as `workers.evaluate.evaluate`.
"""

from __future__ import annotations

import logging
import time

from redis.exceptions import RedisError
from rq.timeouts import JobTimeoutException

from rules.actions.table import ACTIONS
from rules.decision import Decision, Needs, PlannedAction
from rules.event import Event
from rules.facts import Fact
from rules.remember import decide_with, happening_of
from service import metrics, tracing
from service.queue import EVALUATE
from service.records import outcome_unsent
from service.settings import ForumSection
from service.store import EventRecord, plan_steps
from workers.brakes import pull_for_timeouts, pull_limits, with_news
from workers.confirm import confirmed, item_facts
from workers.context import Context
from workers.facts import wanted_of
from workers.waiting import put_off

log = logging.getLogger(__name__)


def evaluate(context: Context, ids: list[str]) -> None:
    """Decide on each event of a group. One that fails is put off, and never takes its group with it."""
    for record in context.store.begin(EVALUATE, ids):
        if record.state != "queued":
            continue  # a repeat of a job: waiting for facts, planned or final
        try:
            with tracing.span("evaluate", record.trace, **record.told()):
                _evaluate(context, record)
        except (JobTimeoutException, RedisError):
            raise
        except Exception as error:
            log.exception("evaluation failed", extra={"event": record.id, "forum": record.forum})
            put_off(context.store, record, error, "evaluation", "rule_error")


def _evaluate(context: Context, record: EventRecord) -> None:
    section = context.forums.section(record.forum)
    if section is None:
        context.store.settle(record, "dead", f"the forum {record.forum} is not configured any more")
        return
    context.held.happened(record.forum, record.event)
    if own := _of_our_own(context, section, record):
        context.store.settle(record, "ignored", own)
        return
    event = confirmed(record) if record.confirm else record.event
    if event is None:
        context.store.settle(record, "ignored", "the item is gone")
        return
    if not _see_groups(context, record, event):
        _wait(context, record, event, item_facts(event), confirm=True)
        return
    verdict = _decide(context, section, record, event)
    if isinstance(verdict, Needs):
        _wait(context, record, event, verdict.facts, confirm=record.confirm)
    elif _must_confirm(section, record, verdict):
        _wait(context, record, event, item_facts(event), confirm=True)
    else:
        _plan(context, section, record, verdict)


def _wait(context: Context, record: EventRecord, event: Event, needs: frozenset[Fact], *, confirm: bool) -> None:
    tracing.note(outcome="waiting")
    context.store.wait_for(record, needs, confirm=confirm, wanted=wanted_of(event, record.facts, needs))


def _of_our_own(context: Context, section: ForumSection, record: EventRecord) -> str:
    """Why the event is nobody's doing but ours, and triggers nothing; empty if it is not."""
    if _is_own(section, record.event):
        return "own content"
    if record.asked_at:
        return ""  # it was looked at before it began to wait
    trusted = not _may_be_forged(section, record)
    return "echo of our own action" if context.footprints.is_echo(record.forum, record.event, trusted=trusted) else ""


def _see_groups(context: Context, record: EventRecord, event: Event) -> bool:
    """End the timers of groups that a moderator has changed. False: the member must be read from the forum first.

    A webhook tells groups by number at best, may be old, and if it is not signed, anybody's.
    """
    member = event.author.user_id if event.author else None
    if event.type != "user.updated" or member is None or not context.timers.run_for(record.forum, member):
        return True
    if not record.confirm:
        return False
    groups = event.author.user_groups if event.author else None
    ended = context.timers.see(record.forum, member, groups, time.time()) if groups is not None else []
    if ended:
        log.info("timers ended by a moderator", extra={"event": record.id, "forum": record.forum, "groups": ended})
    return True


def _decide(context: Context, section: ForumSection, record: EventRecord, event: Event) -> Decision | Needs:
    """The verdict. At first it is tentative: what may be forged, or is over its limit, awards and marks nothing."""
    forum, happening = record.forum, happening_of(event, record.happening)
    state, limited = context.state(forum), section.mode != "shadow"
    while True:
        ruleset = context.rules.current(forum)
        context.warming.fill(forum, ruleset)
        with metrics.evaluation_duration.time():
            verdict = decide_with(ruleset, event, record.facts, state, happening, tentative=True)
        if isinstance(verdict, Needs) or _must_confirm(section, record, verdict):
            return verdict
        if not (limited and pull_limits(context, forum, happening, ruleset, verdict)):
            break
    if verdict.trace:  # a rule matched: only then is there anything to award, mark or take out
        told = record.facts.model_copy(update={"remembered": verdict.remembered})
        verdict = decide_with(ruleset, event, told, state, happening)
    if isinstance(verdict, Needs):
        return verdict
    pull_for_timeouts(context, forum, happening, verdict)
    return with_news(context, forum, happening, ruleset, verdict)


def _is_own(section: ForumSection, event: Event) -> bool:
    """Whether the bot's own account did this: it must never answer itself."""
    author, bot = event.author, section.bot_user
    if author is None:
        return False
    return author.user_id == bot.id or (author.user_id is None and author.username == bot.username)


def _may_be_forged(section: ForumSection, record: EventRecord) -> bool:
    """Whether the delivery alone is not to be believed."""
    policy = section.webhook.confirm
    return not record.confirm and (policy == "always" or (policy == "auto" and not record.signed))


def _must_confirm(section: ForumSection, record: EventRecord, decision: Decision) -> bool:
    """Whether the item must be read from the forum before a destructive action (contract.md, `confirm`)."""
    return _may_be_forged(section, record) and any(ACTIONS[action.action].destructive for action in decision.actions)


def _plan(context: Context, section: ForumSection, record: EventRecord, decision: Decision) -> None:
    live = [] if section.mode == "shadow" else [a for a in decision.actions if _is_carried_out(section, a)]
    steps = plan_steps(record, live)
    new = context.store.plan(record, decision, steps)
    if new < 0:
        return  # another worker was quicker; its plan stands
    _count(record, decision, live, len(steps) - new)
    outcome = "planned" if new else "shadow" if decision.actions and not live else "no_match"
    if not new:
        metrics.event_latency.labels(record.forum, outcome).observe(record.latency)
    rules, actions = sorted({action.rule for action in decision.actions}), [one.action for one in decision.actions]
    tracing.note(outcome=outcome, rules=rules, actions=actions)
    log.info("decided", extra={**record.told(), "outcome": outcome, "rules": rules, "actions": actions, "new": new})


def _is_carried_out(section: ForumSection, action: PlannedAction) -> bool:
    """What is for the forum to do: points are given by now, rules on trial act on nothing, and notes need a reader."""
    if action.mode != "live" or action.action not in section.actions:
        return False
    return action.action != "notify_moderators" or section.notify is not None


def _count(record: EventRecord, decision: Decision, live: list[PlannedAction], repeated: int) -> None:
    for rule in {action.rule for action in decision.actions}:
        metrics.count_rule(record.forum, rule, "match")
    for rule in decision.timed_out:
        metrics.count_rule(record.forum, rule, "timeout")
    for action in decision.actions:
        if action not in live:
            metrics.count_action(record.forum, action.action, outcome_unsent(action.action, action.mode))
    if repeated:
        metrics.dedupe_hits.labels(record.forum, "execute").inc(repeated)
