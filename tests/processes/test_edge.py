"""The web process for real: without Redis, under a signal, and with a server that goes away and comes back."""

from __future__ import annotations

import contextlib
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from service.configuration import read
from service.demo.stage import FORUM, SECRET, TOKEN
from service.embedded import NoServer, embedded_redis, find_server
from service.forums import PLATFORMS
from service.processes import web_child
from service.supervisor import Child, wait_until

pytestmark = pytest.mark.processes

BODY = b'{"type": "post.created", "data": {"object": {"postId": 1, "topicId": 2, "message": "hello"}}}'
CONFIG = f"""\
forums:
  {FORUM}:
    platform: websitetoolbox
    api_key: k
    bot_user: {{id: 77, username: modbot}}
    webhook: {{token: {TOKEN}, signing_secrets: [{SECRET}]}}
    rules: [rules/packs/starter]
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


@contextlib.contextmanager
def web(folder: Path, redis_url: str, drain: float = 0, token: str = TOKEN) -> Iterator[tuple[Child, str, str]]:
    """A web process, its public address and its admin address; `token` as the configuration has it."""
    path = folder / "modbot.yaml"
    path.write_text(f"drain_seconds: {drain}\n{CONFIG.replace(TOKEN, token)}", encoding="utf-8")
    public, admin = free_port(), free_port()
    child = web_child(read(path, {}), "127.0.0.1", public, admin, {"MODBOT_REDIS_URL": redis_url})
    child.start()
    try:
        assert wait_until(lambda: answers(f"http://127.0.0.1:{admin}/livez"), 20)
        yield child, f"http://127.0.0.1:{public}/webhooks/{FORUM}/{TOKEN}", f"http://127.0.0.1:{admin}"
    finally:
        child.stop(20)


def answers(url: str) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(url).is_success
    return False


def post(url: str) -> httpx.Response:
    return httpx.post(url, content=BODY, headers=dict(PLATFORMS["websitetoolbox"].sign(BODY, SECRET)), timeout=10)


def test_without_redis_webhooks_get_503_at_once_and_only_readiness_fails(tmp_path: Path) -> None:
    with web(tmp_path, "unix:///nonexistent/redis.sock") as (_, url, admin):
        answer = post(url)
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) >= 30
        assert httpx.get(f"{admin}/readyz").status_code == 503
        assert httpx.get(f"{admin}/livez").status_code == 200
        assert 'outcome="unavailable"' in httpx.get(f"{admin}/metrics").text


def test_redis_may_go_and_come_back_while_the_web_process_runs(tmp_path: Path) -> None:
    try:
        binary = find_server()
    except NoServer as none:
        pytest.skip(str(none))
    sock = tmp_path / "r.sock"
    argv = [binary, "--port", "0", "--unixsocket", str(sock), "--dir", str(tmp_path), "--appendonly", "yes"]
    server = Child("redis", argv, output=(tmp_path / "redis.log").open("wb"))
    server.start()
    with web(tmp_path, f"unix://{sock}?db=0") as (_, url, admin):
        assert wait_until(lambda: answers(f"{admin}/readyz"), 10)
        first = post(url)
        assert first.json()["status"] == "accepted"
        server.kill()
        server.wait(5)
        assert post(url).status_code == 503
        server.start()
        assert wait_until(lambda: answers(f"{admin}/readyz"), 10)
        assert post(url).json() == {"status": "duplicate", "id": first.json()["id"]}, "what was acknowledged is there"
    server.stop(10)
    assert server.output is not None
    server.output.close()


def test_on_a_signal_readiness_fails_first_and_webhooks_are_still_taken_in(tmp_path: Path) -> None:
    try:
        with embedded_redis() as redis_url, web(tmp_path, redis_url, drain=3) as (child, url, admin):
            child.terminate()
            assert wait_until(lambda: httpx.get(f"{admin}/readyz").text == "shutting down", 2)
            assert post(url).status_code == 200
            child.wait(20)
            assert child.exit_status() == 0
    except NoServer as none:
        pytest.skip(str(none))


def test_the_token_is_in_no_log_line(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    with log.open("wb") as output:
        path = tmp_path / "modbot.yaml"
        path.write_text(f"log_level: debug\n{CONFIG}", encoding="utf-8")
        public, admin = free_port(), free_port()
        child = web_child(read(path, {}), "127.0.0.1", public, admin, {"MODBOT_REDIS_URL": "unix:///nonexistent.sock"})
        child.output = output
        child.start()
        assert wait_until(lambda: answers(f"http://127.0.0.1:{admin}/livez"), 20)
        post(f"http://127.0.0.1:{public}/webhooks/{FORUM}/{TOKEN}")
        child.stop(20)
    text = log.read_text(encoding="utf-8")
    assert "webhook not stored" in text
    assert TOKEN not in text
    assert SECRET not in text


def test_a_supervisor_that_is_killed_takes_its_children_with_it(tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("the kernel's parent-death signal is Linux's own")
    script = (
        "import sys, time\n"
        "from service.supervisor import Child\n"
        f"child = Child('sleeper', ['sleep', '60'], output=open({str(tmp_path / 'log')!r}, 'wb'))\n"
        "child.start(); print(child.pid, flush=True); time.sleep(60)\n"
    )
    import subprocess

    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    assert wait_until(lambda: not Path(f"/proc/{pid}").exists() or "Z" in stat_of(pid), 5)


def stat_of(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").split()[2]
    return "Z"
