"""A simulated Website Toolbox forum or UserEcho project over real HTTP, and the client as a job has it."""

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
from service.forums.platform import Account, Notify, Platform
from service.forums.port import Forum
from service.forums.userecho.api import UserEcho
from service.forums.userecho.client import UserEchoForum
from service.forums.userecho.options import UserEchoOptions
from tests.forums.every import Answer, Answering, Things, all_on

KEY = "key-0123456789abcdef"
PLATFORM = PLATFORMS["websitetoolbox"]
USERECHO = PLATFORMS["userecho"]

_STOPPING: list[threading.Thread] = []


class CountingPermits:
    """A permit source without a limit that counts what is taken and given back."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.released = 0
        self.answered = 0
        self.pauses: list[float | None] = []

    def acquire(self, lane: str) -> CountingPermits:
        self.taken.append(lane)
        return self

    def is_stale(self) -> bool:
        return False

    def sent(self) -> None:
        """What was sent is answered or not; `release` says so."""

    def release(self, *, answered: bool = False) -> None:
        self.released += 1
        self.answered += answered

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
        """A record of the Website Toolbox forum as it is now."""
        key = {"topics": "topicId", "posts": "postId", "users": "userId"}[table]
        return next(row for row in self.ask("state")[table] if row[key] == number)


class Project(Simulated):
    """The same of UserEcho."""

    @property
    def echo(self) -> UserEcho:
        """The whole API."""
        return UserEcho(self.api)

    @property
    def client(self) -> UserEchoForum:
        """The forum, with the reads that UserEcho's has beyond the port."""
        assert isinstance(self.forum, UserEchoForum)
        return self.forum

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        return self.site.request(method, f"/api/v2/{path}", headers={"authorization": f"Bearer {KEY}"}, **options)

    def row(self, table: str, number: int) -> dict[str, Any]:
        return next(row for row in self.ask("state")[table] if row["id"] == number)

    def paths(self) -> list[str]:
        """The requests that the client made: method and path."""
        return [f"{request.method} {request.url.path.removeprefix('/api/v2/')}" for request in self.recorder.requests]


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
Open = Callable[..., Project]


def opened(
    stack: contextlib.ExitStack, platform: Platform, account: Account
) -> tuple[CountingPermits, Recorder, ForumApi]:
    """An account's API as one job has it, every request remembered."""
    permits, recorder = CountingPermits(), Recorder()
    client = stack.enter_context(open_client(account.api_url, platform.headers(account), permits, inner=recorder))
    return permits, recorder, ForumApi(client, permits, platform.judge)


def simulate(
    stack: contextlib.ExitStack, platform: Platform, faults: str | None, per_second: int, **account: Any
) -> tuple[httpx.Client, Account, CountingPermits, Recorder, ForumApi, Forum]:
    """A running simulator, and an account on it."""
    url = stack.enter_context(serving(platform.simulator(faults=faults, api_key=KEY, per_second=per_second)))
    on_it = Account(f"{url}{platform.api_path}", KEY, 77, "modbot", **account)
    permits, recorder, api = opened(stack, platform, on_it)
    site = stack.enter_context(httpx.Client(base_url=url, verify=False))
    return site, on_it, permits, recorder, api, platform.connect(on_it)(api)


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts simulated Website Toolbox forums: `faults`, `per_second`, `notify` as asked for."""
    with contextlib.ExitStack() as stack:

        def begin(*, faults: str | None = None, per_second: int = 100_000, notify: Notify | None = None) -> Simulated:
            told = notify or Notify(users=("ann", "bo"))
            return Simulated(*simulate(stack, PLATFORM, faults, per_second, notify=told))

        yield begin


@pytest.fixture
def simulated(start: Start) -> Simulated:
    return start()


@pytest.fixture
def open_project() -> Iterator[Open]:
    """Starts simulated UserEcho projects: `faults`, `per_second`, `notify` and the forum's options as asked for."""
    with contextlib.ExitStack() as stack:

        def begin(
            *, faults: str | None = None, per_second: int = 100_000, notify: Notify | None = None, **options: Any
        ) -> Project:
            settings = {"notify": notify or Notify(topic=601), "options": UserEchoOptions(**options)}
            return Project(*simulate(stack, USERECHO, faults, per_second, **settings))

        yield begin


@pytest.fixture
def project(open_project: Open) -> Project:
    return open_project()


Begin = Callable[..., Simulated]


@pytest.fixture
def begin() -> Iterator[Begin]:
    """Starts the simulator of any platform: `faults` and `per_second` as asked for."""
    with contextlib.ExitStack() as stack:

        def start(platform: Platform, *, faults: str | None = None, per_second: int = 100_000) -> Simulated:
            notify = Notify(topic=Things.of(platform).topic)
            return Simulated(*simulate(stack, platform, faults, per_second, notify=notify, options=all_on(platform)))

        yield start


@pytest.fixture
def answering() -> Iterator[Answering]:
    """A Forum whose every request is answered by the function given."""
    with contextlib.ExitStack() as stack:

        def start(platform: Platform, answer: Answer) -> Forum:
            account = Account("https://forum.example", KEY, 77, "modbot", Notify(topic=1), all_on(platform))
            permits, inner = CountingPermits(), httpx.MockTransport(answer)
            client = stack.enter_context(open_client(account.api_url, platform.headers(account), permits, inner=inner))
            return platform.connect(account)(ForumApi(client, permits, platform.judge))

        yield start


def topic(number: int) -> Target:
    return Target(kind="topic", id=number)


def post(number: int) -> Target:
    return Target(kind="post", id=number)


def user(number: int) -> Target:
    return Target(kind="user", id=number)
