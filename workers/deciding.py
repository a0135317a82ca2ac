"""The verdicts on events of one forum, reached together: one round trip a stage for all of them.

Each is decided on as if those before it had been decided on one by one. So where a verdict changes what the state tells
of the next event (`Ruleset.heeds_verdicts`) they go singly, and when a brake is pulled, the event that pulled it and
those after it are decided anew. Imported by `workers.evaluate`.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import takewhile
from typing import Final

from rules.decision import Decision, Needs
from rules.ruleset import Ruleset
from rules.state.asking import Verb, answered
from service.settings import ForumSection
from service.store import EventRecord
from workers.brakes import pull_for_timeouts, pull_limits, with_news
from workers.case import Case, spared
from workers.confirm import must_confirm
from workers.context import Context

LONGEST_SECONDS: Final = 1.0
"""How long events are decided on before what was decided is written, so that slow rules never make a job's time run out
with nothing done."""

ORDER: Final[Sequence[Verb]] = ("regroup", "observe", "points")
"""In this order an event asks the state before it has a verdict."""


def decide_all(context: Context, cases: Sequence[Case]) -> None:
    """Give verdicts to events of one forum, in order: to all that do not fail, or to the first of them.

    The rest is to be given in again: its rules have changed since, or time ran out. Raises RedisError.
    """
    forum, until = cases[0].record.forum, time.monotonic() + LONGEST_SECONDS
    ruleset = context.rules.current(forum)
    context.warming.fill(forum, ruleset)
    width = 1 if ruleset.heeds_verdicts else len(cases)
    for start in range(0, len(cases), width):
        some = cases[start : start + width]
        _look(context, ruleset, some, until)
        _settle(context, ruleset, _allowed(context, ruleset, some))
        if any(case.is_open for case in some) or time.monotonic() > until:
            return


def _look(context: Context, ruleset: Ruleset, cases: Sequence[Case], until: float) -> None:
    """What the rules come to on each, before anything follows from it; when time runs out, on the first of them."""
    state, begun = context.state(cases[0].record.forum), list[Case]()
    for case in cases:
        if begun and time.monotonic() > until:
            break
        with spared(context, case):
            case.open(ruleset)
            begun.append(case)
    for verb in ORDER:
        asking = [case for case in begun if case.question and case.question.verb == verb]
        answers = state.answer([case.question for case in asking if case.question])
        for case, answer in zip(asking, answers, strict=True):
            if case is not asking[0] and time.monotonic() > until:
                break
            with spared(context, case):
                case.go_on(answer)


def _allowed(context: Context, ruleset: Ruleset, cases: Sequence[Case]) -> list[Case]:
    """Those that were looked at to the end, in order, up to the first on which a brake was pulled."""
    looked = list(takewhile(_has_been_looked_at, (case for case in cases if not case.failed)))
    acting = [
        (case, verdict)
        for case in looked
        if isinstance(verdict := case.deliberation.verdict, Decision) and _may_act(case.section, case.record, verdict)
    ]
    forum = cases[0].record.forum
    free = pull_limits(context, forum, ruleset, [(case.happening, verdict) for case, verdict in acting])
    return looked if free == len(acting) else looked[: looked.index(acting[free][0])]


def _has_been_looked_at(case: Case) -> bool:
    return case.question is None and hasattr(case, "deliberation")


def _may_act(section: ForumSection, record: EventRecord, verdict: Decision) -> bool:
    """Whether the decision is carried out as it is, so that it counts for the brakes."""
    return bool(verdict.actions) and section.mode != "shadow" and not must_confirm(section, record, verdict)


def _settle(context: Context, ruleset: Ruleset, cases: Sequence[Case]) -> None:
    """The verdicts, and what follows from them kept in the state: of what may be forged, nothing follows."""
    for case in cases:
        with spared(context, case):
            case.verdict = _settled(context, case)
    slow = [
        (case, verdict) for case in cases if isinstance(verdict := case.verdict, Decision) and not _waits(case, verdict)
    ]
    if not slow:
        return
    forum = cases[0].record.forum
    pull_for_timeouts(context, forum, [(case.happening, verdict) for case, verdict in slow])
    for case, verdict in slow:
        case.verdict = with_news(context, forum, case.happening, ruleset, verdict)


def _settled(context: Context, case: Case) -> Decision | Needs:
    verdict = case.deliberation.verdict
    if isinstance(verdict, Needs) or _waits(case, verdict):
        return verdict
    return answered(case.deliberation.settle(), context.state(case.record.forum))


def _waits(case: Case, verdict: Decision) -> bool:
    return must_confirm(case.section, case.record, verdict)
