"""The act job: one action, one claim, one verb of the forum, one outcome.

Run by the urgent and bulk roles; enqueued as `workers.act.act`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from keyword import iskeyword
from typing import Any

from redis.exceptions import RedisError
from rq.timeouts import JobTimeoutException

from rules.actions.kinds import RepeatClass
from rules.actions.table import ACTIONS
from rules.decision import PlannedAction
from rules.event import Author, Post, Topic
from service import metrics
from service.footprints import OURS
from service.forums.port import Forum, ForumFailure, NoPermit, Outcome, TryLater, Unsure
from service.ledger import Claim, ClaimLost
from service.notes import is_note
from workers.context import Context
from workers.second_look import second_look
from workers.together import companions, perform_all, regrouped
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

DEATHS = {"failed": "retries_exhausted", "unsure": "timeout"}
"""Outcomes that leave a dead letter, and its cause (service.labels): what failed was tried until it was given up."""

MOST_FAILURES = 5
"""An action that fails in a way nobody foresaw is tried this often."""


def act(context: Context, action_id: str) -> str | None:
    """Carry out one planned action; or return why nothing is to be done now (`Ledger.claim`)."""
    claim = context.ledger.claim(action_id)
    if isinstance(claim, str):
        return claim
    try:
        _carry_out(context, claim)
    except ClaimLost:
        log.warning("claim lost before anything was sent", extra=_told(claim))
    except (JobTimeoutException, RedisError):
        raise
    except Exception as error:
        log.exception("action failed", extra=_told(claim))
        _fail(context, claim, error)
    return None


def _carry_out(context: Context, claim: Claim) -> None:
    if context.forums.section(claim.forum) is None:
        _finish(context, claim, "failed", f"the forum {claim.forum} is not configured any more")
    elif claim.stands:
        _finish(context, claim, *_standing(claim))
    elif claim.apart == "timer" and not context.timers.stands(claim.forum, claim.id, claim.action):
        _finish(context, claim, "suppressed", "the group has been changed since, or given anew")
    elif claim.apart == "digest":
        _send(context, replace(claim, action=context.notes.digest(claim)))
    elif is_note(claim.action) and not claim.maybe_sent and context.notes.gather(claim):
        _finish(context, claim, "joined")
    else:
        _send(context, claim)


def _standing(claim: Claim) -> tuple[str, str]:
    """How an action ends for which there is nothing to do, and why."""
    if claim.stands == "later":
        return "suppressed", "what a later event asked for is done already"
    gone = claim.stands == "gone" and claim.action.action != "delete"
    return (Outcome.TARGET_GONE if gone else Outcome.ALREADY_DONE), ""


def _is_dropped(context: Context, forum: Forum, claim: Claim) -> bool:
    """Whether a second look at the item has ended the action."""
    ended = second_look(context, forum, claim)
    if ended:
        _finish(context, claim, *ended)
    return ended is not None


def _send(context: Context, claim: Claim) -> None:
    claims = [claim]
    shown = partial(_leave, context, claim)
    forum = context.forums.at(claim.forum, claim.lane, lambda: context.ledger.sent(*claims), shown)
    for other in companions(context, forum, claim):
        if other.stands:
            _finish(context, other, *_standing(other))
        else:
            claims.append(other)
    try:
        for one in tuple(claims):
            if _is_dropped(context, forum, one):
                claims.remove(one)
        outcomes = _outcomes(context, forum, claims) if claims else []
    except ForumFailure as failure:
        for one in claims:
            _failed(context, one, failure, alone=len(claims) == 1)
    else:
        for one, outcome in outcomes:
            _finish(context, one, outcome)


def _outcomes(context: Context, forum: Forum, claims: Sequence[Claim]) -> Sequence[tuple[Claim, str]]:
    """How each of the actions ended; one that waits for another look is left out."""
    if len(claims) > 1:
        return perform_all(forum, claims, _perform)
    (claim,) = claims
    outcome = _reconcile(context, forum, claim) if _must_look(claim) else _perform(forum, claim)
    return [] if outcome is None else [(claim, outcome)]


def _failed(context: Context, claim: Claim, failure: ForumFailure, *, alone: bool) -> None:
    """What becomes of an action whose call failed; `alone`: it is the failure's only cause."""
    if isinstance(failure, TryLater):
        if failure.tries and claim.attempt >= failure.tries:
            _finish(context, claim, "refused", f"{failure} (tried {claim.attempt} times)")
        else:
            _later(context, claim, failure.after or backoff(claim.attempt), failure, sent=claim.maybe_sent)
    elif isinstance(failure, Unsure):
        _later(context, claim, _unsure_wait(claim), failure, sent=True)
    elif alone:
        _finish(context, claim, "refused", str(failure))
    else:
        context.ledger.give_back(claim, 0, f"each is tried alone: {failure}", sent=claim.maybe_sent, alone=True)


def _perform(forum: Forum, claim: Claim) -> Outcome:
    """The action's own verb."""
    action = claim.action
    if OURS in action.options and not claim.maybe_sent and _is_so_already(forum, action):
        return Outcome.ALREADY_DONE
    verb = getattr(forum, action.action)
    outcome: Outcome = verb(action.target, **_options(action))
    return outcome


def _options(action: PlannedAction) -> dict[str, Any]:
    """The action's options as its verb takes them: without our own, and with a name for `with` that Python allows."""
    return {f"{name}_" if iskeyword(name) else name: value for name, value in action.options.items() if name != OURS}


def _is_so_already(forum: Forum, action: PlannedAction) -> bool:
    """Whether the member's group is as the action wants it. Only then did somebody else do it, and no timer is set."""
    member = forum.get_author(action.target.id)
    if member is None or member.user_groups is None:
        return False
    has = str(action.options["group"]).casefold() in {group.casefold() for group in member.user_groups}
    return has is (action.action == "add_to_group")


def _must_look(claim: Claim) -> bool:
    """Whether an earlier attempt may have written something that must not be written twice."""
    spec = ACTIONS[claim.action.action]
    return claim.maybe_sent and spec.repeat is RepeatClass.ONCE and not spec.resend


def _reconcile(context: Context, forum: Forum, claim: Claim) -> Outcome | str | None:
    """Look whether the text arrived: then it is done; if surely not, send it; if that cannot tell, a person must."""
    waited = claim.claimed_at - claim.last_sent_at  # both by Redis' clock: ours may be ahead
    if waited < READ_LAG_SECONDS:
        not_shown_yet = Unsure("waiting for the forum to show what it has")
        _later(context, claim, READ_LAG_SECONDS - waited, not_shown_yet, sent=True)
        return None
    since = claim.first_sent_at - CLOCK_SKEW_SECONDS
    arrived = forum.was_sent(claim.action.action, claim.action.target, claim.action.options, since)
    if arrived is None:
        return "unsure"
    return Outcome.DONE if arrived else _perform(forum, claim)


def _unsure_wait(claim: Claim) -> float:
    once = ACTIONS[claim.action.action].repeat is RepeatClass.ONCE
    return READ_LAG_SECONDS if once else backoff(claim.attempt)


def _later(context: Context, claim: Claim, seconds: float, failure: Exception, *, sent: bool | None) -> None:
    reason = _in_words(failure)
    if time.time() - claim.planned_at > GIVE_UP_SECONDS:
        _finish(context, claim, "unsure" if sent or claim.maybe_sent else "failed", f"given up after a day: {reason}")
        return
    metrics.count_retry(claim.forum, failure)
    context.ledger.give_back(claim, seconds, reason, sent=sent, tried=not isinstance(failure, NoPermit))
    log.info("action put off", extra={**_told(claim), "seconds": round(seconds, 1), "reason": reason})


def _fail(context: Context, claim: Claim, error: Exception) -> None:
    if claim.attempt >= MOST_FAILURES:
        _finish(context, claim, "failed", _in_words(error))
    else:
        _later(context, claim, backoff(claim.attempt), error, sent=None)


def _in_words(failure: Exception) -> str:
    return str(failure) if isinstance(failure, ForumFailure) else f"{type(failure).__name__}: {failure}"


def _ended_as(claim: Claim, outcome: str) -> str:
    """How an event ended with its last action, for the metric of its latency."""
    if outcome in DEATHS:
        return "failed"
    return "held" if claim.action.action == "hold" and outcome in {Outcome.DONE, Outcome.ALREADY_DONE} else "acted"


def _leave(context: Context, claim: Claim, item: Topic | Post) -> None:
    """Remember how a write has left its item: the webhook that tells of it is an echo."""
    id_ = item.topic_id if isinstance(item, Topic) else item.post_id
    if id_ is not None:
        context.footprints.left_in(claim.forum, "topic" if isinstance(item, Topic) else "post", id_, item)


def _note_change(context: Context, claim: Claim) -> None:
    """Set right what is known of the target: we have changed it. A member's webhook is known by what we left alone."""
    target, forum = claim.action.target, claim.forum
    member = context.facts.known(forum, "author", target.id, Author) if target.kind == "user" else None
    after = regrouped(claim.action, member) if member else None
    if member:
        context.footprints.left_in(forum, "user", target.id, member)
    if after:
        context.facts.replace(forum, "author", target.id, after)
    else:
        context.facts.forget(forum, CACHED_AS[target.kind], target.id)


def _finish(context: Context, claim: Claim, outcome: str, error: str = "") -> None:
    cause = DEATHS.get(outcome, "")
    ended = context.ledger.finish(claim, outcome, error, cause)
    metrics.count_action(claim.forum, claim.action.action, outcome)
    if cause:
        metrics.dead_lettered.labels(claim.forum, cause).inc()
    target = claim.action.target
    if outcome == Outcome.DONE and target.kind in CACHED_AS and claim.action.action != "message":
        _note_change(context, claim)
    context.held.acted(claim.forum, claim.action.action, target, outcome)
    if ended:
        metrics.event_latency.labels(claim.forum, _ended_as(claim, outcome)).observe(ended.seconds)
    log.info("acted", extra={**_told(claim), "outcome": outcome, "error": error or None})


def _told(claim: Claim) -> dict[str, Any]:
    """What a log line says of an action; the latency in seconds since its event was received."""
    action, target = claim.action, claim.action.target
    of = {"event": claim.event, "forum": claim.forum, "rule": action.rule, "action": action.action, "id": claim.id}
    latency = round(max(0.0, time.time() - claim.received_at), 3)
    return {**of, "target": f"{target.kind} {target.id}", "latency": latency, "attempt": claim.attempt}
