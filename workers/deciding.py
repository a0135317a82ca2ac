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
        looked = _look(context, ruleset, some, until)
        allowed = _allowed(context, ruleset, looked)
        _settle(context, ruleset, allowed)
        if len(allowed) < len(looked):
            context.rules.hold_back(forum)
        if (
            any(case.is_open for case in some)
            or time.monotonic() > until
            or context.rules.current(forum) is not ruleset
        ):
            return


def _look(context: Context, ruleset: Ruleset, cases: Sequence[Case], until: float) -> list[Case]:
    """Find what the rules come to on each, before anything follows from it; returns those for which there was time."""
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
    return list(takewhile(lambda case: case.question is None, (case for case in begun if not case.failed)))


def _allowed(context: Context, ruleset: Ruleset, looked: Sequence[Case]) -> Sequence[Case]:
    """Those before the first on which a brake was pulled."""
    acting = [
        (place, (case.happening, verdict))
        for place, case in enumerate(looked)
        if isinstance(verdict := case.deliberation.verdict, Decision) and _may_act(case.section, case.record, verdict)
    ]
    if not acting:
        return looked
    free = pull_limits(context, looked[0].record.forum, ruleset, [decided for _, decided in acting])
    return looked if free == len(acting) else looked[: acting[free][0]]


def _may_act(section: ForumSection, record: EventRecord, verdict: Decision) -> bool:
    """Whether the decision is carried out as it is, so that it counts for the brakes."""
    return bool(verdict.actions) and section.mode != "shadow" and not must_confirm(section, record, verdict)


def _settle(context: Context, ruleset: Ruleset, cases: Sequence[Case]) -> None:
    """The verdicts, and what follows from them kept in the state: of what may be forged, nothing follows."""
    final = []
    for case in cases:
        with spared(context, case):
            verdict = _settled(context, case)
            if isinstance(verdict, Decision) and not _waits(case, verdict):
                final.append((case, verdict))
            case.verdict = verdict
    if not final:
        return
    forum = cases[0].record.forum
    pull_for_timeouts(context, forum, [(case.happening, verdict) for case, verdict in final])
    for case, verdict in final:
        case.verdict = with_news(context, forum, case.happening, ruleset, verdict)


def _settled(context: Context, case: Case) -> Decision | Needs:
    verdict = case.deliberation.verdict
    if isinstance(verdict, Needs) or _waits(case, verdict):
        return verdict
    return answered(case.deliberation.settle(), context.state(case.record.forum))


def _waits(case: Case, verdict: Decision) -> bool:
    return must_confirm(case.section, case.record, verdict)
