"""What the HTTP client tells the limiter of each request, over a real socket."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest

from service.forums.http import StalePermit, open_client


@dataclass
class Told:
    """A source of permits that remembers what it is told; the permit is stale from the `stale_at`th look on."""

    stale_at: int = 99
    looks: int = 0
    heard: list[str] = field(default_factory=list)
    was_sent: threading.Event = field(default_factory=threading.Event)

    def acquire(self, lane: str) -> Told:
        self.heard.append(lane)
        return self

    def is_stale(self) -> bool:
        self.looks += 1
        return self.looks >= self.stale_at

    def sent(self) -> None:
        self.heard.append("sent")
        self.was_sent.set()

    def release(self, *, answered: bool = False) -> None:
        self.heard.append("answered" if answered else "failed")

    def pause(self, seconds: float | None) -> None:
        raise AssertionError(seconds)


@contextmanager
def forum(told: Told, *, answers: bool = True) -> Iterator[str]:
    """A forum that answers only once the request is known as sent, or hangs up instead; its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.heard.append("arrived")
            if answers and told.was_sent.wait(5):
                self.send_response(204)
                self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def call(told: Told, url: str) -> None:
    with open_client(url, {}, told) as client:
        client.get("/", extensions={"lane": "bulk", "before_send": lambda: None})


def test_a_request_is_told_as_sent_before_its_reply_and_given_back_with_it() -> None:
    told = Told()
    with forum(told) as url:
        call(told, url)
    assert sorted(told.heard[1:3]) == ["arrived", "sent"]
    assert told.heard[::3] == ["bulk", "answered"]


def test_a_request_without_a_reply_is_given_back_as_failed() -> None:
    told = Told()
    with forum(told, answers=False) as url, pytest.raises(httpx.RemoteProtocolError):
        call(told, url)
    assert told.heard[-1] == "failed"


def test_a_forum_that_cannot_be_reached_is_told_of_nothing_sent() -> None:
    told = Told()
    with forum(told) as url:
        pass
    with pytest.raises(httpx.ConnectError):
        call(told, url)
    assert told.heard == ["bulk", "failed"]


@pytest.mark.parametrize("look", [1, 2])
def test_a_permit_that_grew_old_before_or_while_connecting_is_not_used(look: int) -> None:
    told = Told(stale_at=look)
    with forum(told) as url, pytest.raises(StalePermit):
        call(told, url)
    assert told.heard == ["bulk", "failed"]
