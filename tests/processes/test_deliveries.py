"""A simulated forum that delivers its own webhooks to a whole modbot, and hears of what modbot did."""

from __future__ import annotations

import socket
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.demo.stage import FORUM, SECRET, TOKEN, stage
from service.embedded import NoServer, find_server
from service.supervisor import Child, wait_until

pytestmark = pytest.mark.processes

RULES = "name: lock-it\ntitle: xyzzy\nlock: true\n"


@pytest.fixture(autouse=True)
def _server() -> None:
    try:
        find_server()
    except NoServer as none:
        pytest.skip(str(none))


def test_a_lock_comes_back_as_an_echo_and_a_delivery_to_a_web_that_is_away_comes_again(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    kept = socket.create_server(("127.0.0.1", 0))  # until the forum starts: nobody else may take the port meanwhile
    port = kept.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with stage(rules=[str(tmp_path / "rules.yaml")], forum={"api_url": f"{url}/v1"}) as parts:
        to = f"{parts.web_url}/webhooks/{FORUM}/{TOKEN}"
        argv = [sys.executable, "-m", "service", "simulate", "websitetoolbox", "--port", str(port)]
        forum = Child("forum", [*argv, "--webhooks", to, "--secret", SECRET, "--hurry", "3600"])

        kept.close()
        try:
            forum.start()
            assert wait_until(lambda: bool(report(url)), 20)
            web = parts.child("web")
            web.kill()
            web.wait(5)
            body = {"event": "topic.created", "userId": 101, "title": "xyzzy", "message": "hello"}
            happened = httpx.post(f"{url}/_simulator/happen", json=body)
            assert happened.status_code == 200, happened.text
            assert wait_until(lambda: report(url)["webhooks"]["attempts"] >= 1, 20)
            assert report(url)["webhooks"]["delivered"] == 0
            web.start()
            assert wait_until(lambda: report(url)["webhooks"]["delivered"] == 2, 60), report(url)
            parts.settle(60)
            told = report(url)
        finally:
            forum.stop(20)
    assert told["webhooks"]["waiting"] == 0
    assert [(one["event"], one["answer"]) for one in told["webhooks"]["latest"][-2:]] == [
        ("topic.created", 200),
        ("topic.updated", 200),
    ]
    assert told["by_operation"]["POST /api/topics/{topicId}"] == 1, "the echo of the lock is not acted on"
    assert told["refused_by_rate_limit"] == 0


def report(url: str) -> dict[str, Any]:
    """What the forum tells; empty while it starts."""
    try:
        return dict(httpx.get(f"{url}/_simulator/report").json())
    except httpx.TransportError:
        return {}
