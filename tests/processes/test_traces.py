"""Traces of real processes: they reach a collector as one, and a collector that is away holds nothing up."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from service.demo.stage import TOKEN, stage
from service.embedded import NoServer
from service.supervisor import wait_until
from tests.service.test_logs import RULES
from tests.service.test_tracing import TEXT

pytestmark = pytest.mark.processes

GRACE_SECONDS = 25
"""What Kubernetes gives the web process at least, and workers twice."""


class Collector(http.server.BaseHTTPRequestHandler):
    """Takes in what OTLP's exporter sends."""

    taken: list[ExportTraceServiceRequest]

    def do_POST(self) -> None:
        assert self.path == "/v1/traces"
        self.taken.append(ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def collector() -> Iterator[tuple[str, list[ExportTraceServiceRequest]]]:
    """The address of a collector, and what it has taken in."""
    taken = list[ExportTraceServiceRequest]()
    handler = type("Taking", (Collector,), {"taken": taken})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", taken
        server.shutdown()


def test_real_processes_send_one_trace_of_an_event_to_a_collector(
    collector: tuple[str, list[ExportTraceServiceRequest]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    address, taken = collector
    monkeypatch.setenv("MODBOT_TRACING", "true")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "600000")  # so all of them are sent at the stop
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    try:
        with stage(rules=[str(tmp_path / "rules.yaml")]) as parts:
            parts.deliver(parts.happen(event="post.created", username="pip", topicId=501, message=TEXT))
            parts.settle(60)
    except NoServer as none:
        pytest.skip(str(none))
    found = [
        (dict(_said(resource.resource.attributes)), span)
        for request in taken
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]
    assert len({span.trace_id for _, span in found}) == 1
    assert sorted((about["modbot.role"], span.name) for about, span in found) == [
        ("bulk", "act"),
        ("bulk", "forum get_author"),
        ("bulk", "forum message"),
        ("evaluate", "evaluate"),
        ("urgent", "act"),
        ("urgent", "forum delete"),
        ("web", "receive"),
    ]
    assert {about["service.name"] for about, _ in found} == {"modbot"}
    assert TOKEN not in str(taken)
    assert "Zaphod" not in str(taken)


def _said(attributes: Any) -> Iterator[tuple[str, str]]:
    return ((one.key, one.value.string_value) for one in attributes)


def test_a_collector_that_is_away_holds_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODBOT_TRACING", "true")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    try:
        with stage() as parts:
            parts.deliver(parts.happen(event="post.created", username="pip", topicId=501, message="good morning"))
            parts.settle(60)
            for child in parts.supervisor.children:
                child.terminate()
            assert wait_until(lambda: not any(one.is_running() for one in parts.supervisor.children), GRACE_SECONDS)
            assert {one.exit_status() for one in parts.supervisor.children} == {0}
    except NoServer as none:
        pytest.skip(str(none))
