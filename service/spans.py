"""Traces as OpenTelemetry makes them: the one module that knows it, from the extra `otel`.

Exporter, sampler and resource are those of OpenTelemetry's own variables (its specification, "Environment Variable
Specification"). Imported by `service.tracing`, once traces are on, and by tests.
"""

from __future__ import annotations

import atexit
import logging
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import entry_points
from typing import Any, Final

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import Link, SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from service import __version__

KINDS: Final = {"receive": SpanKind.SERVER, "forum": SpanKind.CLIENT}
"""By a name's first word; all else takes work from a queue."""

LAST_SECONDS = 3.0
"""How long the last spans may take to be sent when a process stops; then the exporter is told to give up."""

RETRYING = "opentelemetry.exporter"
"""The logger that tells of every single try; that a batch was lost is an error."""

PARENT = "traceparent"
_w3c = TraceContextTextMapPropagator()


class _Open:
    """A span that is open while its work is done in parts."""

    def __init__(self, span: trace.Span) -> None:
        self._span = span

    @contextmanager
    def current(self) -> Iterator[None]:
        with trace.use_span(self._span, record_exception=False, set_status_on_exception=False):
            yield

    def end(self, error: Exception | None = None) -> None:
        if error is not None:
            self._span.set_status(StatusCode.ERROR, type(error).__name__)
        self._span.end()


class Spans:
    """The spans of a process."""

    def __init__(self, provider: trace.TracerProvider) -> None:
        self._tracer = provider.get_tracer("modbot", __version__)

    @contextmanager
    def span(self, name: str, trace_: str, about: Mapping[str, Any]) -> Iterator[None]:
        """A span around the block. Of an exception it tells the kind alone: its text may quote anything."""
        kind = KINDS.get(name.partition(" ")[0], SpanKind.CONSUMER)
        with self._tracer.start_as_current_span(
            name,
            _context(trace_),
            kind,
            _attributes(about),
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield
            except BaseException as error:
                span.set_status(StatusCode.ERROR, type(error).__name__)
                raise

    def begin(self, name: str, trace_: str, about: Mapping[str, Any]) -> _Open:
        """A span that is not the current one by itself."""
        return _Open(self._tracer.start_span(name, _context(trace_), SpanKind.CONSUMER, _attributes(about)))

    def note(self, about: Mapping[str, Any]) -> None:
        """Say more of the current span; an answer that is no success makes it an error."""
        span = trace.get_current_span()
        span.set_attributes(_attributes(about))
        if (code := about.get("code")) and not str(code).startswith("2"):
            span.set_status(StatusCode.ERROR, str(code))

    def mark(self, name: str) -> None:
        """Note the moment in the current span."""
        trace.get_current_span().add_event(name)

    def ended(self, name: str, trace_: str, about: Mapping[str, Any]) -> None:
        """Say how an action has ended: of the current span if that is its own, else of a new one, linked to it."""
        current = trace.get_current_span()
        own = isinstance(current, ReadableSpan) and (current.attributes or {}).get("modbot.id") == about["id"]
        if own:
            self.note(about)
            return
        links = [Link(current.get_span_context())]
        self._tracer.start_span(name, _context(trace_), SpanKind.CONSUMER, _attributes(about), links).end()

    def carried(self) -> str:
        """The current span as W3C writes it."""
        carrier: dict[str, str] = {}
        _w3c.inject(carrier)
        return carrier.get(PARENT, "")

    def trace_id(self) -> str:
        """The current trace's id in hexadecimal digits."""
        found = trace.get_current_span().get_span_context()
        return trace.format_trace_id(found.trace_id) if found.is_valid else ""


def open_tracer(role: str, environ: Mapping[str, str]) -> Spans:
    """A tracer that sends spans on in the background. Raises LookupError for an exporter that is not installed."""
    provider = TracerProvider(resource=_resource(role), shutdown_on_exit=False)
    exporters = [found for name in _names(environ) if (found := _exporter(name))]
    for exporter in exporters:
        provider.add_span_processor(BatchSpanProcessor(exporter))
    logging.getLogger(RETRYING).setLevel(logging.ERROR)
    _close_at_exit(provider, exporters)
    return Spans(provider)


def _names(environ: Mapping[str, str]) -> list[str]:
    return [name.strip() for name in environ.get("OTEL_TRACES_EXPORTER", "otlp").split(",")]


def _exporter(name: str) -> SpanExporter | None:
    """The exporter that OTEL_TRACES_EXPORTER names; `otlp` is the one over HTTP, as the extra brings it."""
    if name == "none":
        return None
    known = "otlp_proto_http" if name == "otlp" else name
    for found in entry_points(group="opentelemetry_traces_exporter", name=known):
        exporter: SpanExporter = found.load()()
        return exporter
    raise LookupError(f"OTEL_TRACES_EXPORTER names {name}, which is not installed; otlp, console and none are")


def _resource(role: str) -> Resource:
    """What OpenTelemetry's variables say of this process, and what it is where they do not."""
    found = Resource.create({SERVICE_VERSION: __version__, "modbot.role": role})
    if str(found.attributes[SERVICE_NAME]).startswith("unknown_service"):
        return found.merge(Resource({SERVICE_NAME: "modbot"}))
    return found


def _close_at_exit(provider: TracerProvider, exporters: list[SpanExporter]) -> None:
    """Send the last spans at the end; a collector that is away must not hold a process up that was told to stop."""
    ending = threading.Event()

    def give_up() -> None:
        ending.wait()
        time.sleep(LAST_SECONDS)
        for exporter in exporters:
            exporter.shutdown()

    threading.Thread(target=give_up, name="last spans", daemon=True).start()  # none may be started at the exit itself
    atexit.register(provider.shutdown)
    atexit.register(ending.set)  # the last registered runs first


def _context(trace_: str) -> Context | None:
    """The context of a record's work; None: the current one."""
    return _w3c.extract({PARENT: trace_}, Context()) if trace_ else None


def _attributes(about: Mapping[str, Any]) -> dict[str, Any]:
    return {f"modbot.{name}": value for name, value in about.items()}
