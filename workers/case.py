"""An event that is being decided on, and what keeps its failure from the others of its group.

Imported by `workers.evaluate`, `workers.deciding` and `workers.screening`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from redis.exceptions import RedisError, ResponseError
from rq.timeouts import JobTimeoutException

from rules.decision import Decision, Needs
from rules.event import Event
from rules.remember import Deliberation, happening_of
from rules.ruleset import Ruleset
from rules.state.asking import Asking, Question
from service import metrics, tracing
from service.settings import ForumSection
from service.store import EventRecord
from workers.context import Context
from workers.waiting import put_off

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Case:
    """One event under its forum's settings. `event` is what it is decided on: what was delivered, or what was read."""

    record: EventRecord
    section: ForumSection
    event: Event = field(init=False)
    span: tracing.Open = field(init=False)
    """Its own in the trace that it came with, from the beginning of the case to what is told of its outcome."""
    deliberation: Deliberation = field(init=False)
    question: Question | None = None
    """What its deliberation asks the state now."""
    verdict: Decision | Needs | None = None
    failed: bool = False
    written: bool = False
    """Whether what becomes of it is written."""
    _asking: Asking[Any] = field(init=False)
    _seconds: float = 0.0

    def __post_init__(self) -> None:
        """At first it is decided on what was delivered."""
        self.event = self.record.event
        self.span = tracing.begin("evaluate", self.record.trace, **self.record.told())

    @property
    def happening(self) -> str:
        """The name under which the state knows the event."""
        return happening_of(self.event, self.record.happening)

    @property
    def is_open(self) -> bool:
        """Whether it still waits for its verdict."""
        return self.verdict is None and not self.failed

    def open(self, ruleset: Ruleset) -> None:
        """Begin to decide on it, up to the first question to the state."""
        self.deliberation = Deliberation(ruleset, self.event, self.record.facts, self.happening)
        self._asking, self._seconds = self.deliberation.look(), 0.0
        self.go_on(None)

    def go_on(self, answer: Any) -> None:
        """Go on with the state's answer, up to the next question. Raises the ResponseError that came in its place."""
        if isinstance(answer, ResponseError):
            raise answer
        started, self.question = perf_counter(), None
        try:
            self.question = self._asking.send(answer)
        except StopIteration:
            metrics.evaluation_duration.observe(self._seconds + perf_counter() - started)
        self._seconds += perf_counter() - started


@contextmanager
def spared(context: Context, case: Case) -> Iterator[None]:
    """Put an event off that fails inside the block, so that it does not take its group with it.

    Raises what concerns every event: a Redis that is away or takes nothing, and the end of the job's time.
    """
    try:
        with case.span.current():
            yield
    except JobTimeoutException:
        raise
    except Exception as error:
        if isinstance(error, RedisError) and type(error) is not ResponseError:
            raise
        _put_off(context, case, error)


@contextmanager
def all_spared(context: Context, cases: Sequence[Case]) -> Iterator[None]:
    """Put off those events that nothing is written of yet when what is done for all of them together fails.

    Raises as `spared`.
    """
    try:
        yield
    except (JobTimeoutException, RedisError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, no event may be tried for ever
        for case in cases:
            if not (case.written or case.failed):
                _put_off(context, case, error)


def _put_off(context: Context, case: Case, error: Exception) -> None:
    case.failed = True
    case.span.end(error)
    told = {"event": case.record.id, "forum": case.record.forum}
    log.error("evaluation failed", exc_info=error, extra=told)
    put_off(context.store, case.record, error, "evaluation", "rule_error")
