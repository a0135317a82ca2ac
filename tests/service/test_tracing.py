"""Traces: one from a webhook to the forum calls that it led to, what its spans say, and that off means off."""

from __future__ import annotations

import contextlib
import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from service import spans, tracing
from service.logs import JSONLines
from service.settings import Settings
from tests.service.test_logs import RULES
from tests.workers.spam import joined
from tests.world import SECRET, World
from tests.world import TOKEN as WORLD_TOKEN

Build = Callable[..., World]

EXPERTS = """\
name: experts
body: goldfish
moderators_exempt: false
author: {post_count: ">= 0"}
add_to_group: Trusted
"""

TEXT = "free casino, said Zaphod"


@pytest.fixture
def traced(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    """Traces are on, and kept here."""
    kept, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    monkeypatch.setattr(tracing, "_tracer", spans.Spans(provider))
    return kept


def about(span: ReadableSpan) -> dict[str, Any]:
    """What a span says, without our prefix; lists for OpenTelemetry's tuples."""
    found = {name.removeprefix("modbot."): value for name, value in (span.attributes or {}).items()}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}


def story(kept: InMemorySpanExporter) -> list[str]:
    """Each span after its parent's, as `parent > name outcome`, in the order of their starts."""
    done = sorted(kept.get_finished_spans(), key=lambda span: span.start_time)
    names = {span.context.span_id: span.name for span in done if span.context}
    return [
        f"{names[span.parent.span_id] if span.parent else ''} > {span.name} {about(span).get('outcome', '')}".strip()
        for span in done
    ]


def trace_ids(kept: InMemorySpanExporter) -> set[int]:
    return {span.context.trace_id for span in kept.get_finished_spans() if span.context}


def test_one_trace_leads_from_the_webhook_to_the_calls_of_the_forum(world: Build, traced: InMemorySpanExporter) -> None:
    w = world(RULES)
    w.post(TEXT)
    w.run()
    assert len(trace_ids(traced)) == 1
    assert sorted(story(traced)) == [
        "> receive accepted",
        "act > forum delete",
        "act > forum get_author",
        "act > forum message",
        "evaluate > act done",
        "evaluate > act done",
        "receive > evaluate planned",
    ]


def test_a_lookup_is_in_the_trace_of_its_event(world: Build, traced: InMemorySpanExporter) -> None:
    w = world(EXPERTS)
    w.post("my goldfish")
    w.run()
    assert len(trace_ids(traced)) == 1
    assert story(traced)[:7] == [
        "> receive accepted",
        "receive > evaluate waiting",
        "receive > lookup",
        "lookup > forum get_author",
        "lookup > forum get_groups",
        "receive > evaluate planned",
        "evaluate > act done",
    ]


def test_a_span_says_what_its_log_line_says(world: Build, traced: InMemorySpanExporter) -> None:
    w = world(RULES)
    answer = w.deliver(w.happen("post.created", username="pip", topicId=501, message=TEXT))
    w.run()
    told = {span.name: about(span) for span in traced.get_finished_spans() if about(span).get("action") != "message"}
    event = {"event": answer["id"], "forum": "main"}
    assert told["receive"] == event | {"outcome": "accepted"}
    planned = {"outcome": "planned", "rules": ["no-ads"], "actions": ["delete", "message"]}
    assert told["evaluate"] == event | planned | {"type": "post.created", "attempt": 1}
    acted = told["act"]
    assert len(acted.pop("id")) == 32
    assert acted == event | {"rule": "no-ads", "action": "delete", "outcome": "done", "attempt": 1}
    assert told["forum delete"] == {"forum": "main", "operation": "delete", "code": "200"}


def test_no_text_member_or_secret_is_in_a_span(world: Build, traced: InMemorySpanExporter) -> None:
    w = world(RULES)
    w.strike("POST /api/conversations", httpx.ReadTimeout(f"{SECRET} {TEXT}"))
    w.post(TEXT)
    w.run()
    said = "\n".join(span.to_json() for span in traced.get_finished_spans())
    assert "no-ads" in said
    for hidden in ("Zaphod", "No casino", "pip", SECRET, WORLD_TOKEN, "key-of-the-world", "forum.example"):
        assert hidden not in said, hidden


def test_a_call_that_failed_is_an_error_and_its_action_was_put_off(world: Build, traced: InMemorySpanExporter) -> None:
    w = world(RULES)
    w.strike("DELETE /api/posts", httpx.ConnectError("gone"), before=True)
    w.post(TEXT)
    w.run()
    first, second = [span for span in traced.get_finished_spans() if span.name == "forum delete"]
    assert (about(first)["code"], first.status.is_ok, first.status.description) == ("connect", False, "TryLater")
    assert (about(second)["code"], second.status.is_ok) == ("200", True)
    outcomes = [about(span)["outcome"] for span in traced.get_finished_spans() if about(span).get("action") == "delete"]
    assert outcomes == ["put off", "done"]


def test_what_another_s_call_has_done_has_a_span_in_its_own_trace(world: Build, traced: InMemorySpanExporter) -> None:
    w = world(EXPERTS)
    for username in joined(w, 3):
        w.post("my goldfish", username=username)
    w.run()
    acted = [span for span in traced.get_finished_spans() if span.name == "act"]
    assert [about(span)["outcome"] for span in acted] == ["done"] * 3
    assert len({span.context.trace_id for span in acted if span.context}) == 3
    (call,) = [span for span in traced.get_finished_spans() if span.name == "forum add_to_group"]
    along = [span for span in acted if span.links]
    assert call.parent
    assert [link.context.span_id for span in along for link in span.links] == [call.parent.span_id] * 2


def test_a_sender_s_own_trace_is_not_read(world: Build, traced: InMemorySpanExporter) -> None:
    w = world(RULES)
    w.web.headers["traceparent"] = f"00-{'a' * 32}-{'b' * 16}-01"
    w.post("good morning")
    assert trace_ids(traced).isdisjoint({int("a" * 32, 16)})


def test_a_log_line_names_its_trace(world: Build, traced: InMemorySpanExporter) -> None:
    lines = list[dict[str, Any]]()
    listener = logging.Handler()
    listener.emit = lambda record: lines.append(json.loads(JSONLines().format(record)))  # type: ignore[method-assign]
    w = world(RULES)
    with watching(listener):
        w.post(TEXT)
        w.run()
    (trace,) = (f"{one:032x}" for one in trace_ids(traced))
    told = {line["message"]: line["trace"] for line in lines if "event" in line}
    assert told == dict.fromkeys(("decided", "acted"), trace)


@contextlib.contextmanager
def watching(listener: logging.Handler) -> Iterator[None]:
    """What is logged in the block goes to the listener too."""
    root = logging.getLogger()
    level = root.level
    root.addHandler(listener)
    root.setLevel(logging.INFO)
    yield
    root.setLevel(level)
    root.removeHandler(listener)


OFF = """\
import sys, service.serve, workers.worker
from service import tracing
tracing.start("web", on=False)
with tracing.span("receive", forum="main"):
    tracing.note(outcome="accepted")
assert tracing.carried() == tracing.in_log() == {}
made = ("service.spans", "opentelemetry.trace.propagation.tracecontext", "opentelemetry.sdk.trace.export", "opentelemetry.exporter")
print(*(name for name in sys.modules if name.startswith(made)))
"""


def test_while_traces_are_off_nothing_is_imported_or_written_down(world: Build) -> None:
    done = subprocess.run([sys.executable, "-c", OFF], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == ""  # the Redis client itself imports OpenTelemetry's metrics where they are installed
    w = world(RULES)
    w.post(TEXT)
    w.run()
    for key in [*w.redis.keys("modbot:event:*"), *w.redis.keys("modbot:action:*")]:
        assert not w.redis.hexists(key, "trace")


def test_traces_are_off_unless_a_setting_says_otherwise() -> None:
    assert Settings.model_fields["tracing"].default is False


@pytest.mark.parametrize(
    ("missing", "exporter", "said"),
    [
        ("service.spans", "otlp", "OpenTelemetry is not installed; pip install 'modbot[otel]', or set tracing: false"),
        ("", "jaeger", "OTEL_TRACES_EXPORTER names jaeger, which is not installed; otlp, console and none are"),
    ],
)
def test_what_cannot_be_traced_runs_without_and_says_why(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, missing: str, exporter: str, said: str
) -> None:
    monkeypatch.setattr(tracing, "_tracer", None)
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", exporter)
    if missing:
        monkeypatch.setitem(sys.modules, missing, None)
    tracing.start("web", on=True)
    assert [record.message for record in caplog.records] == [f"no traces: {said}"]
    assert tracing.carried() == {}
