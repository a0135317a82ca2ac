"""Fixtures for every test: a World, and a real Redis server."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from service.connections import connect
from service.embedded import NoServer, embedded_redis
from tests.world import World, open_world


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A real Redis server of this test run."""
    try:
        with embedded_redis() as url:
            yield url
    except NoServer as none:
        pytest.skip(str(none))


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    """The real server, emptied."""
    client = connect(redis_url)
    client.flushall()
    yield client
    client.close()


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., World]]:
    """`world(rules, **forum)`: a World under these rules."""
    with contextlib.ExitStack() as stack:

        def build(rules: str, **forum: Any) -> World:
            return stack.enter_context(open_world(tmp_path, monkeypatch, rules, forum))

        yield build
