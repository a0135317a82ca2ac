"""What answers of Website Toolbox's API mean."""

from __future__ import annotations

from typing import Any

import pytest

from service.forums.http import Reply
from service.forums.port import ForumFailure, KeyRefused, NotFound, RateLimited, Refused, TryLater, Unsure
from service.forums.websitetoolbox.judge import judge


def error(message: str = "", param: str = "", code: str = "") -> dict[str, Any]:
    return {"status": "error", "error": {"param": param, "message": message, "code": code}}


def verdict(status: int, body: Any, *, writes: bool = False, retry_after: float | None = None) -> ForumFailure | None:
    return judge(Reply(status, body, retry_after, "lock", writes))


@pytest.mark.parametrize("body", [{"topicId": 1}, {"status": "success"}, {}, [], {"data": [], "has_more": False}])
def test_a_success_is_no_failure(body: Any) -> None:
    assert verdict(200, body) is None
    assert verdict(200, body, writes=True) is None


NO_PERMISSION = "lock: refused; check the bot's permission"
NO_KEY = "lock: the forum does not accept the API key; check api_key"


@pytest.mark.parametrize(
    ("status", "body", "failure", "text"),
    [
        # the limit, however it is said
        (429, None, RateLimited, "lock: over the forum's request limit"),
        (400, error("Rate limit exceeded"), RateLimited, "lock: over the forum's request limit"),
        (400, error("You have exceeded the limit of 3 API requests per second"), RateLimited, None),
        (400, error("Too many requests"), RateLimited, None),
        (400, error(code="rate_limit"), RateLimited, None),
        (400, error("Daily quota reached"), RateLimited, None),
        (400, error("Exceeded the maximum of 3 API requests per second"), RateLimited, None),
        (200, error("Too many requests"), RateLimited, None),
        (403, error("Requests per second exceeded"), RateLimited, None),
        # a parameter that quotes a member's words about limits is no limit
        (400, error("Too many requests is not a fit title", param="title"), Refused, None),
        (400, error("limit must be between 1 and 100", param="limit"), Refused, None),
        # a limit of what is written is no limit of requests
        (400, error("The message exceeds the maximum length"), Refused, None),
        (400, error("Too many recipients are required to be named"), Refused, None),
        (400, error("Attachment quota exceeded"), TryLater, None),
        # not there
        (404, None, NotFound, "lock: not found"),
        (404, {"page": "html"}, NotFound, "lock: not found"),
        (400, error("Invalid topic", param="topicId"), NotFound, "lock: not found (topicId): Invalid topic"),
        (400, error("", param="postId"), NotFound, "lock: not found (postId)"),
        (400, error("The topic was not found"), NotFound, None),
        (400, error("User does not exist", param="userId"), NotFound, None),
        (200, error("", param="topicId"), NotFound, None),
        # bad input and no permission
        (400, error("categoryId was not found", param="categoryId"), Refused, None),
        (
            400,
            error("The topic is locked", param="topicId"),
            Refused,
            NO_PERMISSION + " (topicId): The topic is locked",
        ),
        (
            400,
            error("title is required", param="title"),
            Refused,
            "lock: refused by the forum with status 400 (title): title is required",
        ),
        (400, error("You do not have permission"), Refused, NO_PERMISSION + ": You do not have permission"),
        (401, None, KeyRefused, NO_KEY),
        (400, error("Authentication failed"), KeyRefused, NO_KEY + ": Authentication failed"),
        (403, None, Refused, NO_PERMISSION),
        (400, error("The user is not a member of this group"), Refused, None),
        (400, error("Messages are disabled for this user"), Refused, None),
        (405, None, Refused, "lock: refused by the forum with status 405"),
        (418, {"a": 1}, Refused, "lock: refused by the forum with status 418"),
        (301, None, Refused, "lock: redirects are refused; check api_url"),
        (308, error("moved"), Refused, "lock: redirects are refused; check api_url"),
        # what may pass by itself
        (400, None, TryLater, "lock: the forum gave an error without a known cause"),
        (400, error("Something odd"), TryLater, "lock: the forum gave an error without a known cause: Something odd"),
        (200, {"status": "error"}, TryLater, None),
        (200, {"error": "odd"}, TryLater, None),
        (500, None, TryLater, "lock: answered with status 500"),
        (503, {"status": "error"}, TryLater, "lock: answered with status 503"),
        (408, None, TryLater, "lock: answered with status 408"),
        # not the API
        (200, None, TryLater, "lock: the answer is not JSON; check api_url"),
    ],
)
def test_a_read_that_fails(status: int, body: Any, failure: type[ForumFailure], text: str | None) -> None:
    found = verdict(status, body)
    assert type(found) is failure
    if text is not None:
        assert str(found) == text


@pytest.mark.parametrize(
    ("status", "body", "failure", "text"),
    [
        (500, None, Unsure, "lock: sent, and answered with status 500"),
        (502, None, Unsure, "lock: sent, and answered with status 502"),
        (408, None, Unsure, "lock: sent, and answered with status 408"),
        (200, None, Unsure, "lock: sent, but the answer is not JSON"),
        (429, None, RateLimited, "lock: over the forum's request limit"),
        (400, error("Something odd"), TryLater, "lock: the forum gave an error without a known cause: Something odd"),
        (400, error("bad", param="title"), Refused, "lock: refused by the forum with status 400 (title): bad"),
        (404, None, NotFound, "lock: not found"),
    ],
)
def test_a_write_whose_outcome_is_not_known_is_unsure(
    status: int, body: Any, failure: type[ForumFailure], text: str
) -> None:
    found = verdict(status, body, writes=True)
    assert (type(found), str(found)) == (failure, text)


@pytest.mark.parametrize(("status", "body"), [(429, None), (400, error("Too many requests")), (503, None), (400, None)])
def test_the_wait_that_the_forum_asks_for_is_kept(status: int, body: Any) -> None:
    found = verdict(status, body, retry_after=7.5)
    assert isinstance(found, TryLater)
    assert found.after == 7.5


def test_what_the_forum_says_is_shortened_and_keeps_to_one_line() -> None:
    text = str(verdict(400, error("a\nb  " + "long " * 100, param="p" * 100)))
    assert len(text) < 250
    assert "\n" not in text


@pytest.mark.parametrize("message", ["The API key 0123456789abcdef is invalid", "Bad token xyz", "Wrong password"])
@pytest.mark.parametrize("status", [400, 401, 500])
def test_words_about_keys_are_never_quoted(status: int, message: str) -> None:
    for writes in (False, True):
        assert (
            not set(message.split())
            & {"0123456789abcdef", "xyz"}
            & set(str(verdict(status, error(message), writes=writes)).split())
        )


@pytest.mark.parametrize(
    "body",
    [
        {"error": []},
        {"error": 7},
        {"status": "error", "error": {"message": ["x"], "code": {}, "param": 3}},
        {"status": ["error"]},
        {"status": {"a": 1}, "error": None},
        {"status": "error", "error": {"message": "\ud800"}},
        ["error"],
        7,
        "text",
        True,
    ],
)
@pytest.mark.parametrize("status", [200, 400, 404, 500])
def test_no_shape_of_error_makes_judging_fail(status: int, body: Any) -> None:
    found = verdict(status, body)
    assert found is None or str(found).encode()
