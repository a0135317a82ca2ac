"""A sample webhook for every event that the platforms' documents name, and `modbot send` of each."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from typer.testing import CliRunner

from service.cli import app
from service.forums import PLATFORMS
from service.forums.userecho.inbound import EVENTS
from service.forums.userecho.simulator.happenings import HAPPENINGS as USERECHO_HAPPENINGS
from service.forums.userecho.simulator.reference import data
from service.forums.websitetoolbox.inbound import KNOWN
from service.forums.websitetoolbox.simulator.happenings import HAPPENINGS as WEBSITETOOLBOX_HAPPENINGS
from tests.forums.conftest import serving
from tests.forums.every import event_in

SECRET = "signing-secret"

DOCUMENTED = {
    "websitetoolbox": {
        *("user.created", "user.approved", "user.updated", "user.deleted", "user.email.verified"),
        *("user.payment.received", "user.paid_subscription.started", "user.paid_subscription.ended"),
        *("topic.created", "topic.updated", "topic.deleted"),
        *("post.created", "post.approved", "post.updated", "post.deleted"),
        *("conversation.created", "message.created"),
    },
    "userecho": {
        *("topic.created", "topic.accepted", "topic.deleted"),
        *("topic.satisfaction_changed", "topic.satisfaction_received"),
        *("comment.created", "comment.accepted", "comment.deleted"),
    },
}
"""platform-facts.md, 1.1 and 2.1."""

EVERY_EVENT = pytest.mark.parametrize(
    ("platform", "event"), [(name, event) for name, events in DOCUMENTED.items() for event in sorted(events)]
)


def test_what_is_read_and_simulated_is_what_is_documented() -> None:
    assert set(DOCUMENTED) == set(PLATFORMS)
    assert DOCUMENTED["websitetoolbox"] == KNOWN == set(WEBSITETOOLBOX_HAPPENINGS) == PLATFORMS["websitetoolbox"].events
    assert DOCUMENTED["userecho"] == set(EVENTS) == set(USERECHO_HAPPENINGS) == set(data()["events"])
    assert set(PLATFORMS["userecho"].own_samples) == DOCUMENTED["userecho"]


@pytest.fixture(scope="module")
def echoing() -> Iterator[str]:
    """A receiver that answers with what it was sent."""

    async def take(request: Request) -> Response:
        return Response(await request.body())

    with serving(Starlette(routes=[Route("/hook", take, methods=["POST"])])) as url:
        yield f"{url}/hook"


@EVERY_EVENT
def test_each_has_a_sample_that_can_be_sent(echoing: str, platform: str, event: str) -> None:
    done = CliRunner().invoke(app, ["send", event, "--platform", platform, "--to", echoing, "--secret", SECRET])
    assert done.exit_code == 0
    status, _, told = done.output.partition(" ")
    body = told.strip().encode()
    assert status == "200"
    assert json.loads(body)[{"websitetoolbox": "type", "userecho": "hook"}[platform]] == event
    told = event_in(PLATFORMS[platform], body, 1_800_000_000.0)
    assert told.type == (EVENTS[event] if platform == "userecho" else event)


@pytest.mark.parametrize("platform", sorted(PLATFORMS))
def test_the_list_names_them(platform: str) -> None:
    said = CliRunner().invoke(app, ["send", "list", "--platform", platform]).output.splitlines()
    assert set(said) >= DOCUMENTED[platform]
    assert said == sorted(set(said))
