"""What answers of UserEcho's API mean."""

from __future__ import annotations

from typing import Any

import pytest

from service.forums.http import Reply
from service.forums.port import ForumFailure, KeyRefused, NotFound, RateLimited, Refused, TryLater, Unsure
from service.forums.userecho.judge import judge


def error(message: str | None = None) -> dict[str, Any]:
    return {"status": "error", "message": message}


def verdict(status: int, body: Any, *, writes: bool = False, retry_after: float | None = None) -> ForumFailure | None:
    return judge(Reply(status, body, retry_after, "move", writes))


@pytest.mark.parametrize(
    "body",
    [
        {"status": "success", "data": []},
        {"status": "SUCCESS"},
        {"id": 12, "target_url": "https://a.example", "events": {}},  # the vendor's example of a hook has no envelope
        {"id": 501, "status": {"id": 1, "name": "New"}},
    ],
)
def test_a_success_is_no_failure(body: Any) -> None:
    assert verdict(200, body) is None
    assert verdict(200, body, writes=True) is None


@pytest.mark.parametrize("body", [[], {}, "ok", 7, True])
def test_an_answer_that_is_not_the_apis_leaves_a_write_open(body: Any) -> None:
    assert verdict(200, body) is None  # what a read makes of it is for its shape to say
    found = verdict(200, body, writes=True)
    assert isinstance(found, Unsure)
    assert str(found) == "move: sent, but the answer is not the API's"


def test_no_content_is_a_success() -> None:
    assert verdict(204, None, writes=True) is None


@pytest.mark.parametrize(
    ("status", "body", "failure", "text"),
    [
        # the limit, however it is said
        (429, None, RateLimited, "move: over the forum's request limit"),
        (200, error("Rate limit exceeded"), RateLimited, "move: over the forum's request limit"),
        (403, error("API calls per minute exceeded"), RateLimited, None),
        (200, error("Too many requests"), RateLimited, None),
        (200, {"status": "fail", "message": "Request was throttled"}, RateLimited, None),
        # an error under 200 is an error
        (200, error("Topic does not exist"), NotFound, "move: not found: Topic does not exist"),
        (200, error("Wrong access token"), KeyRefused, "move: the forum does not accept the API key; check api_key"),
        (
            200,
            error("You have no permission"),
            Refused,
            "move: refused; check the bot's permission: You have no permission",
        ),
        (200, error("header is required"), Refused, "move: refused by the forum with status 200: header is required"),
        (200, error("Something odd"), TryLater, "move: the forum gave an error without a known cause: Something odd"),
        (200, error(), TryLater, "move: the forum gave an error without a known cause"),
        # status codes, with or without an envelope
        (401, None, KeyRefused, "move: the forum does not accept the API key; check api_key"),
        (403, None, Refused, "move: refused; check the bot's permission"),
        (404, None, NotFound, "move: not found"),
        (404, error("Not found."), NotFound, None),
        (405, None, Refused, "move: refused by the forum with status 405"),
        (302, None, Refused, "move: redirects are refused; check api_url"),
        (500, None, TryLater, "move: answered with status 500"),
        (503, None, TryLater, "move: answered with status 503"),
        (200, None, TryLater, "move: the answer is not JSON; check api_url"),
    ],
)
def test_a_read_that_fails(status: int, body: Any, failure: type[ForumFailure], text: str | None) -> None:
    found = verdict(status, body)
    assert type(found) is failure
    if text is not None:
        assert str(found) == text


@pytest.mark.parametrize(
    ("status", "body", "failure"),
    [
        (500, None, Unsure),
        (503, None, Unsure),
        (200, None, Unsure),
        (429, None, RateLimited),
        (200, error("Something odd"), TryLater),
        (404, None, NotFound),
    ],
)
def test_a_write_whose_outcome_is_not_known_is_unsure(status: int, body: Any, failure: type[ForumFailure]) -> None:
    assert type(verdict(status, body, writes=True)) is failure


@pytest.mark.parametrize("writes", [False, True])
def test_unavailable_with_a_time_to_come_back_makes_everybody_wait(writes: bool) -> None:
    found = verdict(503, None, writes=writes, retry_after=7.5)
    assert isinstance(found, RateLimited)
    assert (str(found), found.after) == ("move: the forum asks us to wait", 7.5)


@pytest.mark.parametrize(
    "body",
    [{"status": []}, {"status": ["error"]}, error("\ud800"), {"status": "error", "message": {"a": 1}}, 7, "text"],
)
@pytest.mark.parametrize("status", [200, 400, 404, 500])
def test_no_shape_of_error_makes_judging_fail(status: int, body: Any) -> None:
    found = verdict(status, body)
    assert found is None or str(found).encode()


def test_words_about_tokens_are_never_quoted() -> None:
    assert "s3cret" not in str(verdict(200, error("The access token s3cret is wrong")))
