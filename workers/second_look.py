"""A second look at the item before something is taken away: what was decided may be out of date by now.

An action that deletes, holds, edits or changes groups is carried out at once if it was decided on what the item is now.
If that was seen long ago (a backlog, a pause, a late webhook), or somebody has changed the item since, the item is read
anew and the decision is made once more on it. The plan is carried out as it stands, or dropped; never another one. So
what a moderator has approved stays, and an author who took the words out keeps the post (rule-language.md, 6.7;
platform-facts, 1.5). Many old items are read in one list. Imported by `workers.act`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from rules.actions.table import ACTIONS
from rules.decide import decide
from rules.decision import Decision, PlannedAction
from rules.event import Event
from rules.facts import Fact, Facts
from service.forums.port import Forum, Outcome
from service.ledger import Claim
from service.store import EventRecord
from workers.confirm import confirmed, item_facts
from workers.context import Context
from workers.lookup import read_facts

OLD_SECONDS: Final = 600.0
"""What was seen so long ago is looked at again (platform-facts, 1.5: ten minutes)."""

FRESH_SECONDS: Final = 60.0
"""A read that is not older than this serves for the look; news of a change drop it at once."""

Ended = tuple[str, str]
"""An outcome, and why."""


def second_look(context: Context, forum: Forum, claim: Claim) -> Ended | None:
    """How the action ends without being carried out; None if it is to be. Raises ForumFailure if it cannot be told."""
    if claim.maybe_sent or not _is_doubtful(claim):
        return None
    decided = context.store.decided(claim.event)
    if decided is None:
        return None  # redelivered by a person after its event's record was gone
    record, decision = decided
    if context.footprints.is_gone(claim.forum, record.event):
        return _without_its_item(claim, record)
    if _is_old(claim):
        context.facts.want_judged(claim.forum, before=claim.claimed_at - OLD_SECONDS + FRESH_SECONDS)
    since = int((claim.claimed_at - FRESH_SECONDS) * 1000)
    asked = replace(record, needs=item_facts(record.event), confirm=True, asked_at=since)
    known = read_facts(context, forum, asked).model_copy(update={"remembered": decision.remembered})
    return _judge(context, claim, record, known)


def _is_doubtful(claim: Claim) -> bool:
    return ACTIONS[claim.action.action].destructive and not claim.apart and (claim.news or _is_old(claim))


def _is_old(claim: Claim) -> bool:
    return claim.claimed_at - claim.seen_at > OLD_SECONDS


def _judge(context: Context, claim: Claim, record: EventRecord, facts: Facts) -> Ended | None:
    now = confirmed(replace(record, facts=facts, confirm=True))
    if now is None:
        return _without_its_item(claim, record)
    if _was_approved(record, now):
        return "suppressed", "a moderator has approved the item since"
    if not _asks_still(context, claim, now, facts):
        return "suppressed", "the item has changed since, and the rule does not ask for it any more"
    return None


def _without_its_item(claim: Claim, record: EventRecord) -> Ended | None:
    """The item is gone: then there is nothing to do about it, but its author is judged for it all the same."""
    of_an_item = claim.action.target.kind == "user" and not record.event.type.startswith("user.")
    return None if of_an_item else (Outcome.TARGET_GONE, "")


def _was_approved(record: EventRecord, now: Event) -> bool:
    """Whether the post waited for a moderator when it was decided on, and does not any more."""
    before = confirmed(record) if record.confirm else record.event
    return bool(before and before.post and before.post.pending and now.post and now.post.pending is False)


def _asks_still(context: Context, claim: Claim, event: Event, facts: Facts) -> bool:
    """Whether the rule, as its file has it now, asks for this or more on the item as it is now, all else as it was.

    What else the changed item makes it depend on is not asked for, and so unknown: a rule acts only on true.
    """
    decision = decide(context.rules.as_written(claim.forum), event, facts.model_copy(update={"asked": frozenset(Fact)}))
    assert isinstance(decision, Decision)
    return any(_is_as_much(one, claim.action) for one in decision.actions)


def _is_as_much(found: PlannedAction, wanted: PlannedAction) -> bool:
    same = (found.rule, found.target, found.slot, found.mode) == (wanted.rule, wanted.target, wanted.slot, "live")
    return same and ACTIONS[found.action].rank >= ACTIONS[wanted.action].rank
