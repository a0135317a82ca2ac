"""Senders that mean harm, over real sockets to a real web process: slow, broken off, endless, and very many."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from redis import Redis

from service.forums import PLATFORMS
from service.supervisor import Child, wait_until
from tests.ports import free_run
from tests.processes.life import configured
from tests.processes.test_life import answers

pytestmark = pytest.mark.processes

PATIENCE = 2.0
PATH = "/webhooks/main/token-of-the-test"
SERVE = """
import sys, service.bounded
service.bounded.REQUEST_SECONDS, service.bounded.LOOK_SECONDS = {patience}, 0.2
from service.cli import main
sys.argv[1:] = {words}
main()
"""


class Web:
    """A web process with little patience."""

    def __init__(self, folder: Path, redis_url: str) -> None:
        found = configured(folder, "http://127.0.0.1:1", redis_url=redis_url)
        self.port = free_run(2)
        self.url = f"http://127.0.0.1:{self.port}{PATH}"
        self.admin = f"http://127.0.0.1:{self.port + 1}"
        ports = ["--port", str(self.port), "--admin-port", str(self.port + 1)]
        words = ["serve", "--config", str(found.path), *ports]
        program = SERVE.format(patience=PATIENCE, words=words)
        self.log = folder / "web.log"
        self.child = Child("web", [sys.executable, "-c", program], output=self.log.open("wb"))

    def connect(self) -> socket.socket:
        one = socket.create_connection(("127.0.0.1", self.port))
        one.settimeout(10)
        return one

    def deliver(self, body: bytes) -> httpx.Response:
        headers = {"content-type": "application/json", **PLATFORMS["websitetoolbox"].sign(body, "secret-of-the-test")}
        return httpx.post(self.url, content=body, headers=headers, timeout=5)

    def memory_mb(self) -> float:
        pages = int(Path(f"/proc/{self.child.pid}/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGESIZE") / 1024 / 1024


@pytest.fixture
def web(tmp_path: Path, redis: Redis, redis_url: str) -> Iterator[Web]:
    one = Web(tmp_path, redis_url)
    one.child.start()
    try:
        assert wait_until(lambda: answers(f"{one.admin}/readyz"), 20)
        yield one
        assert one.child.is_running()
    finally:
        one.child.stop(10)
        assert one.child.output
        one.child.output.close()
    assert "Traceback" not in one.log.read_text(encoding="utf-8")


def head(*headers: str, path: str = PATH) -> bytes:
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: forum.example", *headers, "", ""]).encode()


WHOLE = head("Content-Length: 2") + b"{}"
SLOW: dict[str, tuple[bytes, bytes]] = {
    "nothing at all": (b"", b""),
    "a head that does not end": (b"POST / HTTP/1.1\r\nHost: x\r\n", b""),
    "a head that drips": (b"POST / HTTP/1.1\r\n", b"a: b\r\n"),
    "a body that does not come": (head("Content-Length: 100"), b""),
    "a body that drips": (head("Content-Length: 1000"), b"x"),
    "chunks that drip": (head("Transfer-Encoding: chunked"), b"1\r\nx\r\n"),
    "a body that drips to an address that is not there": (head("Content-Length: 1000", path="/x"), b"x"),
    "a second request that drips": (WHOLE + b"POST / HTTP/1.1\r\n", b"a: b\r\n"),
}


def test_a_slow_request_is_cut_off_and_holds_nobody_up(web: Web) -> None:
    with contextlib.ExitStack() as stack:
        started = time.monotonic()
        slow = {name: stack.enter_context(web.connect()) for name in SLOW}
        for name, (first, _) in SLOW.items():
            slow[name].sendall(first)
        closed: dict[str, float] = {}
        while len(closed) < len(SLOW) and time.monotonic() - started < 4 * PATIENCE:
            for name, (_, drip) in SLOW.items():
                if name not in closed and is_closed(slow[name], drip):
                    closed[name] = time.monotonic() - started
            assert web.deliver(b'{"type": "post.created", "data": {"object": {}}}').status_code == 200
            time.sleep(0.1)
    assert set(SLOW) == set(closed)
    assert min(closed.values()) > PATIENCE / 2, "and not before"


def is_closed(one: socket.socket, drip: bytes) -> bool:
    """Send a little more; whether the other side has had enough."""
    one.setblocking(False)
    try:
        if drip:
            one.sendall(drip)
        while one.recv(65536):
            pass
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def test_a_body_that_breaks_off_is_not_taken_in(web: Web, redis: Redis) -> None:
    body = b'{"type": "post.created", "data": {"object": {"postId": 1}}}'
    for number, sent in enumerate(
        (head("Content-Length: 100") + body, head("Transfer-Encoding: chunked") + b"3b\r\n" + body)
    ):
        with web.connect() as one:
            one.sendall(sent)
        refused = f'modbot_webhook_rejections_total{{forum="main",reason="body_malformed"}} {number + 1}.0'
        assert wait_until(lambda refused=refused: refused in httpx.get(f"{web.admin}/metrics").text, 5)  # type: ignore[misc]
    assert redis.keys("modbot:event:*") == []


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        (head("Transfer-Encoding: chunked") + b"zz\r\n", b"400"),
        (head("Content-Length: -1"), b"400"),
        (head("Content-Length: 5", "Content-Length: 6") + b"{}{}{}", b"400"),
        (head("Content-Length: 2", "Transfer-Encoding: chunked") + b"0\r\n\r\n", b"400"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"400"),
        (head("Content-Length: 99999999"), b"413"),
        (head("Transfer-Encoding: chunked") + b"7d000\r\n" + b"x" * 512_000 + b"\r\n", b"413"),
        (b"GET " + PATH.encode() + b" HTTP/1.1\r\nHost: x\r\n\r\n", b"405"),
    ],
)
def test_what_is_not_http_or_too_much_is_refused(web: Web, sent: bytes, answer: bytes) -> None:
    with web.connect() as one:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            one.sendall(sent)
        assert one.recv(65536).split(b" ")[1] == answer


def test_a_head_without_an_end_is_cut_off_before_it_fills_the_memory(web: Web) -> None:
    sent, before = 0, web.memory_mb()
    with web.connect() as one, contextlib.suppress(OSError):
        one.sendall(b"POST / HTTP/1.1\r\n")
        while sent < 64 * 1024 * 1024:
            sent += one.send(b"a" * 60 + b": " + b"b" * 4000 + b"\r\n")
    assert sent < 8 * 1024 * 1024, "what fits into the sockets' buffers and a little more"
    assert web.memory_mb() - before < 16


def test_thousands_of_hostile_deliveries_leave_nothing_that_grows(web: Web, redis: Redis) -> None:
    unheard = [{"type": f"no.such{number}", "data": {"object": {"x": "y" * 2000}}} for number in range(20)]
    bodies = [
        b"",
        b"[" * 5000,
        b"\xff" * 2000,
        b'{"data": ' * 800,
        b"x" * 100_000,
        *(json.dumps(one).encode() for one in unheard),
    ]
    hostile = [*(request(body, PATH) for body in bodies), *(request(b"{}", f"{PATH}{number}") for number in range(20))]

    def attack(times: int) -> None:
        for sent in hostile * times:
            assert answer_to(web, sent) in {b"200", b"400", b"401", b"404"}

    def kept() -> int:
        return len(redis.keys("modbot:event:*")) + len(redis.keys("modbot:seen:*"))

    attack(2)  # what is warmed up and cached is there now
    memory, keys, series = web.memory_mb(), kept(), len(httpx.get(f"{web.admin}/metrics").text.splitlines())
    attack(40)
    assert web.memory_mb() - memory < 8
    assert kept() == keys == 40, "the same again is a duplicate"
    assert len(httpx.get(f"{web.admin}/metrics").text.splitlines()) == series
    assert all(redis.ttl(key) > 0 for key in redis.scan_iter("modbot:event:*")), "and goes away in time"
    assert redis.zcard("modbot:ended") == 20, "or sooner, if memory is short"


def request(body: bytes, path: str) -> bytes:
    signed = PLATFORMS["websitetoolbox"].sign(body, "secret-of-the-test")
    return (
        head(*(f"{name}: {value}" for name, value in signed.items()), f"Content-Length: {len(body)}", path=path) + body
    )


def answer_to(web: Web, sent: bytes) -> bytes:
    with web.connect() as one:
        one.sendall(sent)
        return one.recv(65536).split(b" ")[1]
