"""The act job: one action, one claim, one verb of the forum, one outcome.

Run by the urgent and bulk roles; enqueued as `workers.act.act`.
"""

from __future__ import annotations

import logging
import time

from redis.exceptions import RedisError
from rq.timeouts import JobTimeoutException

from rules.actions.kinds import RepeatClass
from rules.actions.table import ACTIONS
from service import metrics
from service.forums.port import Forum, Outcome, Refused, TryLater, Unsupported, Unsure
from service.ledger import Claim, ClaimLost
from workers.context import Context
from workers.waiting import backoff

log = logging.getLogger(__name__)

READ_LAG_SECONDS = 10.0
"""How long a forum may take to show what was written: a look before that proves nothing (queue-and-limits, D1)."""

CLOCK_SKEW_SECONDS = 5.0
"""How far the forum's clock may be behind ours when we look for what was sent."""

GIVE_UP_SECONDS = 24 * 3600.0
"""An action that could not be tried successfully for this long is a dead letter."""

CACHED_AS = {"topic": "topic", "post": "post", "user": "author"}
"""What the fact cache calls the targets that an action changes."""

MOST_FAILURES = 5
"""An action that fails in a way nobody foresaw is tried this often."""


def act(context: Context, action_id: str) -> None:
    """Carry out one planned action, unless it is final or another worker is at it."""
    claim = context.ledger.claim(action_id)
    if isinstance(claim, str):
        return
    try:
        _carry_out(context, claim)
    except ClaimLost:
        log.warning("claim lost before anything was sent", extra={"action": claim.id})
    except (JobTimeoutException, RedisError):
        raise
    except Exception as error:
        log.exception("action failed", extra={"action": claim.id})
        _fail(context, claim, error)


def _carry_out(context: Context, claim: Claim) -> None:
    if context.forums.section(claim.forum) is None:
        _finish(context, claim, "failed", f"the forum {claim.forum} is not configured any more")
        return
    forum = context.forums.at(claim.forum, claim.lane, lambda: context.ledger.sent(claim))
    try:
        outcome = _reconcile(context, forum, claim) if _must_look(claim) else _perform(forum, claim)
    except TryLater as failure:
        if failure.tries and claim.attempt >= failure.tries:
            _finish(context, claim, "refused", f"{failure} (tried {claim.attempt} times)")
            return
        _later(context, claim, failure.after or backoff(claim.attempt), str(failure), sent=claim.maybe_sent)
    except Unsure as failure:
        _later(context, claim, _unsure_wait(claim), str(failure), sent=True)
    except (Refused, Unsupported) as failure:
        _finish(context, claim, "refused", str(failure))
    else:
        if outcome is not None:
            _finish(context, claim, outcome)


def _perform(forum: Forum, claim: Claim) -> Outcome:
    """The action's own verb."""
    action = claim.action
    verb = getattr(forum, action.action)
    outcome: Outcome = verb(action.target, **action.options)
    return outcome


def _must_look(claim: Claim) -> bool:
    """Whether an earlier attempt may have written something that must not be written twice."""
    spec = ACTIONS[claim.action.action]
    return claim.maybe_sent and spec.repeat is RepeatClass.ONCE and not spec.resend


def _reconcile(context: Context, forum: Forum, claim: Claim) -> Outcome | str | None:
    """Look whether the text arrived: then it is done; if surely not, send it; if that cannot tell, a person must."""
    waited = time.time() - claim.last_sent_at
    if waited < READ_LAG_SECONDS:
        _later(context, claim, READ_LAG_SECONDS - waited, "waiting for the forum to show what it has", sent=True)
        return None
    since = claim.first_sent_at - CLOCK_SKEW_SECONDS
    arrived = forum.was_sent(claim.action.action, claim.action.target, claim.action.options, since)
    if arrived is None:
        return "unsure"
    return Outcome.DONE if arrived else _perform(forum, claim)


def _unsure_wait(claim: Claim) -> float:
    once = ACTIONS[claim.action.action].repeat is RepeatClass.ONCE
    return READ_LAG_SECONDS if once else backoff(claim.attempt)


def _later(context: Context, claim: Claim, seconds: float, reason: str, *, sent: bool | None) -> None:
    if time.time() - claim.planned_at > GIVE_UP_SECONDS:
        _finish(context, claim, "unsure" if sent or claim.maybe_sent else "failed", f"given up after a day: {reason}")
        return
    metrics.forum_retries.labels(claim.forum, "action").inc()
    context.ledger.give_back(claim, seconds, reason, sent=sent)
    log.info("action put off", extra={"action": claim.id, "seconds": round(seconds, 1), "reason": reason})


def _fail(context: Context, claim: Claim, error: Exception) -> None:
    reason = f"{type(error).__name__}: {error}"
    if claim.attempt >= MOST_FAILURES:
        _finish(context, claim, "failed", reason)
    else:
        _later(context, claim, backoff(claim.attempt), reason, sent=None)


def _finish(context: Context, claim: Claim, outcome: str, error: str = "") -> None:
    ended = context.ledger.finish(claim, outcome, error)
    metrics.actions.labels(claim.forum, claim.action.action, outcome).inc()
    if outcome in ("failed", "unsure"):
        metrics.dead_lettered.labels(claim.forum, "permanent_error").inc()
    target = claim.action.target
    if outcome == Outcome.DONE and target.kind in CACHED_AS:
        context.facts.forget(claim.forum, CACHED_AS[target.kind], target.id)
    if ended:
        metrics.event_latency.labels(claim.forum, "acted").observe(ended.seconds)
    log.info(
        "acted",
        extra={
            "event": claim.event,
            "forum": claim.forum,
            "rule": claim.action.rule,
            "action": claim.action.action,
            "target": f"{target.kind} {target.id}",
            "outcome": outcome,
            "attempt": claim.attempt,
            "error": error or None,
        },
    )
