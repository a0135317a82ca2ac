"""What ends an event, or makes it wait, before any rule is asked: our own doing, an item that is gone, groups to read.

One round trip a stage for a whole group. Imported by `workers.evaluate`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from rules.event import Event
from service.settings import ForumSection
from workers.case import Case, spared
from workers.confirm import confirmed, item_facts, may_be_forged
from workers.context import Context
from workers.outcomes import Outcome, ignored, waiting

log = logging.getLogger(__name__)


def screen(context: Context, cases: Sequence[Case]) -> list[Outcome]:
    """The outcomes of those that no rule is asked about; the `event` of the others is what they are decided on."""
    context.held.happened((case.record.forum, case.record.event) for case in cases)
    echoes, grouped = _echoes(context, cases), _in_groups_for_a_time(context, cases)
    outcomes = []
    for case in cases:
        with spared(context, case):
            outcome = _ignored(context, case, is_echo=case.record.id in echoes) or (
                _see_groups(context, case) if case.record.id in grouped else None
            )
            if outcome:
                outcomes.append(outcome)
    return outcomes


def _echoes(context: Context, cases: Sequence[Case]) -> set[str]:
    """The events that only tell of what we did; not asked of one that was asked before it began to wait."""
    fresh = [case for case in cases if not case.record.asked_at and not _is_own(case.section, case.record.event)]
    told = context.footprints.echoes(
        (case.record.forum, case.record.event, not may_be_forged(case.section, case.record)) for case in fresh
    )
    return {case.record.id for case, is_echo in zip(fresh, told, strict=True) if is_echo}


def _ignored(context: Context, case: Case, *, is_echo: bool) -> Outcome | None:
    if _is_own(case.section, case.record.event):
        return ignored(context, case, "own content")
    if is_echo:
        return ignored(context, case, "echo of our own action")
    event = confirmed(case.record) if case.record.confirm else case.record.event
    if event is None:
        return ignored(context, case, "the item is gone")
    case.event = event
    return None


def _is_own(section: ForumSection, event: Event) -> bool:
    """Whether the bot's own account did this: it must never answer itself."""
    author, bot = event.author, section.bot_user
    if author is None:
        return False
    return author.user_id == bot.id or (author.user_id is None and author.username == bot.username)


def _in_groups_for_a_time(context: Context, cases: Sequence[Case]) -> set[str]:
    """The events that may tell of a change of such a group."""
    members = {
        case.record.id: (case.record.forum, case.record.event.author.user_id)
        for case in cases
        if case.record.event.type == "user.updated" and case.record.event.author and case.record.event.author.user_id
    }
    running = context.timers.running(list(members.values()))
    return {id_ for id_, runs in zip(members, running, strict=True) if runs}


def _see_groups(context: Context, case: Case) -> Outcome | None:
    """End the timers of groups that a moderator has changed; the member must be read from the forum first.

    A webhook tells groups by number at best, may be old, and if it is not signed, anybody's.
    """
    record, author = case.record, case.event.author
    if not record.confirm:
        return waiting(case, item_facts(case.event), confirm=True)
    if author and author.user_id is not None and author.user_groups is not None:
        ended = context.timers.see(record.forum, author.user_id, author.user_groups, time.time())
        if ended:
            told = {"event": record.id, "forum": record.forum, "groups": ended}
            log.info("timers ended by a moderator", extra=told)
    return None
