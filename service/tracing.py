"""Traces: one from a webhook to the forum calls that it led to, across the queues. Off unless `tracing: true`.

While they are off, nothing of OpenTelemetry is imported and nothing is written down; while they are on, `service.spans`
does the work. Between processes the trace goes in the records of event and action (their field `trace`, as W3C writes
it), never in a payload, and what a sender of webhooks says of traces is not read. Spans tell of names and outcomes
(`ABOUT`): never a text, a member, an address or a secret. Where they go is told by OpenTelemetry's own variables, which
docs/operating.md lists. Imported by `service` and `workers`.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from typing import Any, Final, Protocol

log = logging.getLogger(__name__)

ABOUT: Final = frozenset(
    {"event", "forum", "type", "rule", "rules", "action", "actions", "operation", "outcome", "code", "attempt", "id"}
)
"""What a span may say; other words that it is given are left out. `id` is an action's."""


class Open(Protocol):
    """A span that is open while its work is done in parts, with other spans' parts in between."""

    def current(self) -> AbstractContextManager[None]:
        """Make it the current span inside the block."""

    def end(self, error: Exception | None = None) -> None:
        """End it; of an error it tells the kind alone."""


class Tracer(Protocol):
    """What `service.spans` does while traces are on."""

    def span(self, name: str, trace: str, about: Mapping[str, Any]) -> AbstractContextManager[None]:
        """A span around the block, in the trace that a record carries; empty: in the current one, or a new one."""

    def begin(self, name: str, trace: str, about: Mapping[str, Any]) -> Open:
        """A span that is not the current one by itself."""

    def note(self, about: Mapping[str, Any]) -> None:
        """Say more of the current span."""

    def mark(self, name: str) -> None:
        """Note the moment in the current span."""

    def ended(self, name: str, trace: str, about: Mapping[str, Any]) -> None:
        """Say how an action has ended, which may not be the current span's."""

    def carried(self) -> str:
        """The current span as a record carries it; empty: there is none."""

    def trace_id(self) -> str:
        """The current trace's id; empty: there is none."""


class _NotOpen:
    """What is open while traces are off."""

    def current(self) -> AbstractContextManager[None]:
        return _OFF

    def end(self, error: Exception | None = None) -> None:
        """Nothing was begun."""


_tracer: Tracer | None = None
_OFF: Final = nullcontext()
_NOT_OPEN: Final = _NotOpen()


def start(role: str, *, on: bool) -> None:
    """Begin to trace if it is `on`. Where that cannot be, a line in the log says why: moderation goes on without."""
    global _tracer  # noqa: PLW0603 - one tracer a process, as there is one log
    if not on:
        return
    try:
        _tracer = import_module("service.spans").open_tracer(role, os.environ)
    except ImportError:
        log.warning("no traces: OpenTelemetry is not installed; pip install 'modbot[otel]', or set tracing: false")
    except LookupError as unknown:
        log.warning("no traces: %s", unknown)


def span(name: str, trace: str = "", **about: object) -> AbstractContextManager[None]:
    """A span around the block; `trace` is what the record carries of the work that led to it."""
    return _OFF if _tracer is None else _tracer.span(name, trace, _told(about))


def begin(name: str, trace: str = "", **about: object) -> Open:
    """A span for work that is done in parts."""
    return _NOT_OPEN if _tracer is None else _tracer.begin(name, trace, _told(about))


def note(**about: object) -> None:
    """Say more of the current span."""
    if _tracer is not None:
        _tracer.note(_told(about))


def mark(name: str) -> None:
    """Note the moment in the current span."""
    if _tracer is not None:
        _tracer.mark(name)


def ended(name: str, trace: str, **about: object) -> None:
    """Say how the action `id` has ended. One that another's call has carried out gets a span of its own."""
    if _tracer is not None:
        _tracer.ended(name, trace, _told(about))


def carried() -> dict[str, str]:
    """The field by which a record carries the current span; none while traces are off."""
    trace = _tracer.carried() if _tracer else ""
    return {"trace": trace} if trace else {}


def in_log() -> dict[str, str]:
    """The field by which a log line names the current trace; none while traces are off."""
    trace = _tracer.trace_id() if _tracer else ""
    return {"trace": trace} if trace else {}


def _told(about: Mapping[str, object]) -> dict[str, Any]:
    return {name: value for name, value in about.items() if name in ABOUT and value is not None}
