"""A simulated Website Toolbox forum over real HTTP, and the client as a job has it."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette

from rules.decision import Target
from service.forums import PLATFORMS
from service.forums.http import ForumApi, open_client
from service.forums.platform import Account, Notify
from service.forums.port import Forum

KEY = "key-0123456789abcdef"
PLATFORM = PLATFORMS["websitetoolbox"]

_STOPPING: list[threading.Thread] = []


class CountingPermits:
    """A permit source without a limit that counts what is taken and given back."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.released = 0
        self.pauses: list[float | None] = []

    def acquire(self, lane: str) -> CountingPermits:
        self.taken.append(lane)
        return self

    def is_stale(self) -> bool:
        return False

    def release(self) -> None:
        self.released += 1

    def pause(self, seconds: float | None) -> None:
        self.pauses.append(seconds)


@dataclass
class Recorder(httpx.BaseTransport):
    """Sends for real and remembers every request."""

    inner: httpx.BaseTransport = field(default_factory=lambda: httpx.HTTPTransport(verify=False))
    requests: list[httpx.Request] = field(default_factory=list)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        return self.inner.handle_request(request)

    def close(self) -> None:
        self.inner.close()


@dataclass
class Simulated:
    """A running simulator, and one job's view of it."""

    site: httpx.Client
    account: Account
    permits: CountingPermits
    recorder: Recorder
    api: ForumApi
    forum: Forum

    def ask(self, path: str) -> Any:
        return self.site.get(f"/_simulator/{path}").json()

    def happen(self, event: str, **fields: Any) -> Any:
        answer = self.site.post("/_simulator/happen", json={"event": event, **fields})
        assert answer.status_code == 200, answer.text
        return answer.json()["webhook"]

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        return self.site.request(method, f"/v1/api/{path}", headers={"x-api-key": KEY}, **options)

    def row(self, table: str, number: int) -> dict[str, Any]:
        """A record of the forum as it is now."""
        key = {"topics": "topicId", "posts": "postId", "users": "userId"}[table]
        return next(row for row in self.ask("state")[table] if row[key] == number)


@contextlib.contextmanager
def serving(app: Starlette) -> Iterator[str]:
    """Serve an app on a free loopback port, in a thread."""
    server = uvicorn.Server(
        uvicorn.Config(app, port=0, log_level="critical", lifespan="off", timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        _STOPPING.append(thread)


@pytest.fixture(scope="session", autouse=True)
def _stopped() -> Iterator[None]:
    """Servers stop while other tests run; the last of them before the session ends."""
    yield
    for thread in _STOPPING:
        thread.join(timeout=5)


Start = Callable[..., Simulated]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts simulators: `faults`, `per_second`, `notify` as asked for."""
    with contextlib.ExitStack() as stack:

        def begin(*, faults: str | None = None, per_second: int = 100_000, notify: Notify | None = None) -> Simulated:
            app = PLATFORM.simulator(faults=faults, api_key=KEY, per_second=per_second)
            url = stack.enter_context(serving(app))
            account = Account(f"{url}/v1", KEY, 77, "modbot", notify or Notify(users=("ann", "bo")))
            permits, recorder = CountingPermits(), Recorder()
            headers = PLATFORM.headers(account)
            client = stack.enter_context(open_client(account.api_url, headers, permits, inner=recorder))
            api = ForumApi(client, permits, PLATFORM.judge)
            site = stack.enter_context(httpx.Client(base_url=url, verify=False))
            return Simulated(site, account, permits, recorder, api, PLATFORM.connect(account)(api))

        yield begin


@pytest.fixture
def simulated(start: Start) -> Simulated:
    return start()


def topic(number: int) -> Target:
    return Target(kind="topic", id=number)


def post(number: int) -> Target:
    return Target(kind="post", id=number)


def user(number: int) -> Target:
    return Target(kind="user", id=number)
