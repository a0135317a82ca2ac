"""The evaluate job: decide on events and write down what is to be done. It never waits for a forum.

Run by the evaluate role; enqueued as `workers.evaluate.evaluate`. A group of events goes from stage to stage together,
and each stage is one round trip: records, our own doing (`screening`), verdicts (`deciding`), plans (`outcomes`).
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from service import metrics
from service.queue import EVALUATE
from workers.case import Case, all_spared, spared
from workers.context import Context
from workers.deciding import decide_all
from workers.outcomes import Outcome, outcome_of, write
from workers.screening import screen

AT_ONCE = 100
"""Events that go from stage to stage together: enough that round trips weigh little, few enough that Redis answers
others in between."""

LONGEST_SECONDS = 1.0
"""How long a job goes on taking what waits behind it: RQ's own round trips then weigh nothing, and a worker that is
told to stop, or to look after its queue, soon does."""


def evaluate(context: Context, ids: list[str]) -> None:
    """Decide on each event of a group, and on those that wait behind it in the queue, for LONGEST_SECONDS.

    One that fails is put off, and never takes its group with it.
    """
    until = time.monotonic() + LONGEST_SECONDS
    _evaluate_all(context, ids)
    while time.monotonic() < until and (taken := context.backlog.take(AT_ONCE)):
        _evaluate_all(context, [id_ for job in taken for id_ in job.ids])
        for job in taken:
            metrics.job_queue_wait.labels(EVALUATE).observe(job.waited)
        metrics.jobs.labels(EVALUATE, "ok").inc(len(taken))


def _evaluate_all(context: Context, ids: Sequence[str]) -> None:
    different = list(dict.fromkeys(ids))
    for start in range(0, len(different), AT_ONCE):
        _evaluate(context, different[start : start + AT_ONCE])


def _evaluate(context: Context, ids: Sequence[str]) -> None:
    cases = _open(context, ids)
    with all_spared(context, cases):
        write(context, screen(context, cases))
    forums: dict[str, list[Case]] = {}
    for case in cases:
        if not (case.written or case.failed):
            forums.setdefault(case.record.forum, []).append(case)
    for waiting in forums.values():
        with all_spared(context, waiting):
            _decide(context, waiting)


def _decide(context: Context, cases: Sequence[Case]) -> None:
    """Decide on events of one forum, and write what becomes of them, until none is left."""
    waiting = list(cases)
    while waiting:
        decide_all(context, waiting)
        write(context, _outcomes(context, waiting))
        waiting = [case for case in waiting if case.is_open]


def _outcomes(context: Context, cases: Sequence[Case]) -> list[Outcome]:
    """The outcomes of those that have a verdict."""
    outcomes = []
    for case in cases:
        if case.verdict is not None:
            with spared(context, case):
                outcomes.append(outcome_of(context, case, case.verdict))
    return outcomes


def _open(context: Context, ids: Sequence[str]) -> list[Case]:
    """Those of the events that are to be decided on: a repeat of a job finds them waiting, planned or final."""
    cases = []
    for record in context.store.begin(EVALUATE, ids):
        section = context.forums.section(record.forum)
        if record.state == "queued" and section is None:
            context.store.settle(record, "dead", f"the forum {record.forum} is not configured any more")
        elif record.state == "queued" and section:
            cases.append(Case(record, section))
    return cases
