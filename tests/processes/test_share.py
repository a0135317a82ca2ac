"""A forum that hangs, and another beside it whose work goes on, with real processes."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from service.demo.stage import stage
from service.embedded import NoServer, find_server
from service.supervisor import wait_until

pytestmark = pytest.mark.processes

RULES = "name: no casino\nbody: casino\nmoderators_exempt: false\nlimit: none\ndelete: true\n"
HANG_SECONDS = 10.0
"""The HTTP client's read timeout."""


@pytest.fixture(autouse=True)
def _server() -> None:
    try:
        find_server()
    except NoServer as none:
        pytest.skip(str(none))


@contextmanager
def hanging() -> Iterator[int]:
    """A forum that takes connections and never answers; its port."""
    with socket.create_server(("127.0.0.1", 0), backlog=512) as forum:
        yield int(forum.getsockname()[1])


def test_a_forum_that_hangs_does_not_keep_the_workers_from_another(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    with hanging() as port:
        away = {"api_url": f"http://127.0.0.1:{port}/v1", "api_key": "key-of-the-other-forum"}
        with stage(rules=[str(tmp_path / "rules.yaml")], beside={"away": away}) as parts:
            spam = [
                parts.happen(event="post.created", username="pip", topicId=501, message="casino") for _ in range(24)
            ]
            for one in spam[:20]:
                parts.deliver(one, forum="away")
            time.sleep(HANG_SECONDS + 2)  # both urgent workers are in a call that hangs, and learn that it is slow
            started = time.monotonic()
            for one in spam[20:]:
                parts.deliver(one)
            wanted = {one["data"]["object"]["postId"] for one in spam[20:]}

            def are_gone() -> bool:
                return not wanted & {post["postId"] for post in parts.state()["posts"]}

            assert wait_until(are_gone, HANG_SECONDS), "a worker of the lane is left for them"
            assert time.monotonic() - started < HANG_SECONDS
