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
from rules.remember import decide_with, happening_of
from service import metrics
from service.queue import EVALUATE
from service.records import outcome_unsent
from service.settings import ForumSection
from service.store import EventRecord, plan_steps
from workers.confirm import confirmed, item_facts
from workers.context import Context
from workers.waiting import put_off

log = logging.getLogger(__name__)


def evaluate(context: Context, ids: list[str]) -> None:
    """Decide on each event of a group. One that fails is put off, and never takes its group with it."""
    for record in context.store.begin(EVALUATE, ids):
        if record.state != "queued":
            continue  # a repeat of a job: waiting for facts, planned or final
        try:
            _evaluate(context, record)
        except (JobTimeoutException, RedisError):
            raise
        except Exception as error:
            log.exception("evaluation failed", extra={"event": record.id, "forum": record.forum})
            put_off(context.store, record, error, "evaluation")


def _evaluate(context: Context, record: EventRecord) -> None:
    section = context.forums.section(record.forum)
    if section is None:
        context.store.settle(record, "dead", f"the forum {record.forum} is not configured any more")
        return
    if _is_own(section, record.event):
        context.store.settle(record, "ignored", "own content")
        return
    event = confirmed(record) if record.confirm else record.event
    if event is None:
        context.store.settle(record, "ignored", "the item is gone")
        return
    verdict = _decide(context, section, record, event)
    if isinstance(verdict, Needs):
        context.store.wait_for(record, verdict.facts, confirm=record.confirm)
    elif _must_confirm(section, record, verdict):
        context.store.wait_for(record, item_facts(event), confirm=True)
    else:
        _plan(context, section, record, verdict)


def _decide(context: Context, section: ForumSection, record: EventRecord, event: Event) -> Decision | Needs:
    """The verdict. What may be forged is decided tentatively first: it awards no points and marks no text as sent."""
    ruleset, state = context.rules.current(record.forum), context.state(record.forum)
    happening = happening_of(event, record.happening)
    started = time.perf_counter()
    verdict = None
    if _may_be_forged(section, record):
        verdict = decide_with(ruleset, event, record.facts, state, happening, tentative=True)
    if verdict is None or (isinstance(verdict, Decision) and not _must_confirm(section, record, verdict)):
        verdict = decide_with(ruleset, event, record.facts, state, happening)
    metrics.evaluation_duration.observe(time.perf_counter() - started)
    return verdict


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
    if not new:
        outcome = "shadow" if decision.actions and not live else "no_match"
        metrics.event_latency.labels(record.forum, outcome).observe(max(0.0, time.time() - record.received_at))
    log.info(
        "decided",
        extra={
            "event": record.id,
            "forum": record.forum,
            "type": record.event.type,
            "rules": sorted({action.rule for action in decision.actions}),
            "actions": [action.action for action in decision.actions],
            "new": new,
        },
    )


def _is_carried_out(section: ForumSection, action: PlannedAction) -> bool:
    """What is for the forum to do: points are given by now, rules on trial act on nothing, and notes need a reader."""
    if action.mode != "live" or action.action not in section.actions:
        return False
    return action.action != "notify_moderators" or section.notify is not None


def _count(record: EventRecord, decision: Decision, live: list[PlannedAction], repeated: int) -> None:
    for rule in {action.rule for action in decision.actions}:
        metrics.rule_evaluations.labels(record.forum, rule, "match").inc()
    for action in decision.actions:
        if action not in live:
            metrics.actions.labels(record.forum, action.action, outcome_unsent(action.action, action.mode)).inc()
    if repeated:
        metrics.dedupe_hits.labels(record.forum, "execute").inc(repeated)
