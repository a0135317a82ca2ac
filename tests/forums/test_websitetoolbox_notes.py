"""Notes to several moderators when one of them takes no messages: the others are told, and nobody twice."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from service.forums.catalogue import KEEP
from service.forums.http import ForumApi, open_client
from service.forums.platform import Account, Notify
from service.forums.port import Outcome, Refused, TryLater, Unsure
from service.forums.websitetoolbox.account import Session
from service.forums.websitetoolbox.client import WebsiteToolboxForum
from tests.forums.conftest import KEY, PLATFORM, CountingPermits, Simulated, Start, post

STAFF = ("ann", "bo", "cy.d")


def told_in(simulated: Simulated) -> list[list[str]]:
    """Who is in each conversation, without the bot."""
    talks = simulated.ask("state")["conversations"]
    return [[one["user"]["username"] for one in talk["participants"]][1:] for talk in talks]


def refuse_messages(simulated: Simulated, *numbers: int) -> None:
    for number in numbers:
        simulated.happen("user.updated", userId=number, enableMessages=False)


def test_a_moderator_who_takes_no_messages_does_not_keep_the_note_from_the_others(start: Start) -> None:
    simulated = start(notify=Notify(users=("ann", "bo", "wren")))
    refuse_messages(simulated, 201)
    assert simulated.forum.notify_moderators(post(9001), text="Look") is Outcome.DONE
    assert told_in(simulated) == [["bo"], ["wren"]]
    assert simulated.forum.notify_moderators(post(9001), text="Another") is Outcome.DONE
    assert told_in(simulated) == [["bo"], ["wren"], ["bo", "wren"]]


def test_where_all_refuse_the_note_is_refused(start: Start) -> None:
    simulated = start(notify=Notify(users=("ann", "bo")))
    refuse_messages(simulated, 201, 202)
    for _ in range(2):
        with pytest.raises(Refused, match="notify_moderators: refused by the forum with status 400"):
            simulated.forum.notify_moderators(post(9001), text="Look")
    assert told_in(simulated) == []


def test_who_refused_is_asked_again_after_a_while(start: Start) -> None:
    simulated, now = start(notify=Notify(users=("ann", "bo"))), [1000.0]
    forum = WebsiteToolboxForum(Session(simulated.account, lambda: now[0]), simulated.api)
    refuse_messages(simulated, 201)
    forum.notify_moderators(post(9001), text="Look")
    simulated.happen("user.updated", userId=201, enableMessages=True)
    forum.notify_moderators(post(9001), text="Second")
    now[0] += KEEP
    forum.notify_moderators(post(9001), text="Third")
    assert told_in(simulated) == [["bo"], ["bo"], ["ann", "bo"]]


# Answers that the simulator never gives


@dataclass
class Conversations:
    """A forum that answers to each conversation as told, by its recipients."""

    answer: Callable[[list[str]], httpx.Response]
    asked: list[list[str]] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        names = json.loads(request.content)["recipientUsernames"]
        self.asked.append(names)
        answer = self.answer(names)
        if answer.is_success:
            self.told += names
        return answer


def refusal(message: str, param: str = "recipientUsernames") -> httpx.Response:
    return httpx.Response(400, json={"status": "error", "error": {"param": param, "message": message, "code": "x"}})


Answering = Callable[..., WebsiteToolboxForum]


@pytest.fixture
def answering() -> Iterator[Answering]:
    with contextlib.ExitStack() as stack:

        def begin(conversations: Conversations, users: tuple[str, ...] = STAFF) -> WebsiteToolboxForum:
            account = Account("https://a.example/v1", KEY, 77, "modbot", Notify(users=users))
            permits = CountingPermits()
            inner = httpx.MockTransport(conversations)
            client = stack.enter_context(open_client(account.api_url, {}, permits, inner=inner))
            return WebsiteToolboxForum(Session(account), ForumApi(client, permits, PLATFORM.judge))

        yield begin


def without(*names: str, message: str = "{} cannot receive messages") -> Callable[[list[str]], httpx.Response]:
    """Refuses while one of these is among the recipients, and names the first."""

    def answer(recipients: list[str]) -> httpx.Response:
        found = [name for name in names if name in recipients]
        return refusal(message.format(*found)) if found else httpx.Response(200, json={"conversationId": 1})

    return answer


@pytest.mark.parametrize(
    ("unwilling", "asked"),
    [
        (["bo"], [["ann", "bo", "cy.d"], ["ann", "cy.d"]]),
        (["cy.d"], [["ann", "bo", "cy.d"], ["ann", "bo"]]),
        (["ann", "bo"], [["ann", "bo", "cy.d"], ["bo", "cy.d"], ["cy.d"]]),
    ],
)
def test_whom_the_error_names_is_left_out(answering: Answering, unwilling: list[str], asked: list[list[str]]) -> None:
    conversations = Conversations(without(*unwilling))
    assert answering(conversations).notify_moderators(post(9001), text="Look") is Outcome.DONE
    assert conversations.asked == asked
    assert sorted(conversations.told) == sorted(set(STAFF) - set(unwilling))


def test_the_words_around_the_error_name_nobody(answering: Answering) -> None:
    conversations = Conversations(without("bo"))
    assert answering(conversations, ("forum", "status", "bo")).notify_moderators(post(9001), text="x") is Outcome.DONE
    assert conversations.told == ["forum", "status"]
    assert len(conversations.asked) == 2


@pytest.mark.parametrize("message", ["About this, a bold member is disabled", "ann, bo and cy.d: one must be wrong"])
def test_an_error_that_names_nobody_or_all_means_one_conversation_each(answering: Answering, message: str) -> None:
    conversations = Conversations(without("bo", message=message))
    assert answering(conversations).notify_moderators(post(9001), text="Look") is Outcome.DONE
    assert conversations.asked == [list(STAFF), ["ann"], ["bo"], ["cy.d"]]
    assert conversations.told == ["ann", "cy.d"]


def then(name: str, failure: httpx.Response | Exception) -> Callable[[list[str]], httpx.Response]:
    """Refuses all together without a name, and fails for this one alone."""

    def answer(recipients: list[str]) -> httpx.Response:
        if len(recipients) > 1:
            return refusal("a recipient is disabled")
        if recipients == [name]:
            if isinstance(failure, Exception):
                raise failure
            return failure
        return httpx.Response(200, json={})

    return answer


@pytest.mark.parametrize("failure", [httpx.Response(429), httpx.ConnectError("gone"), httpx.ReadTimeout("slow")])
def test_a_failure_after_somebody_was_told_does_not_tell_them_again(answering: Answering, failure: Any) -> None:
    conversations = Conversations(then("bo", failure))
    assert answering(conversations).notify_moderators(post(9001), text="Look") is Outcome.DONE
    assert conversations.told == ["ann", "cy.d"]


@pytest.mark.parametrize(
    ("failure", "raised"),
    [(httpx.Response(429), TryLater), (httpx.ConnectError("gone"), TryLater), (httpx.ReadTimeout("slow"), Unsure)],
)
def test_a_failure_before_anybody_was_told_is_for_the_worker_to_try_again(
    answering: Answering, failure: Any, raised: type[Exception]
) -> None:
    conversations = Conversations(then("ann", failure))
    with pytest.raises(raised):
        answering(conversations).notify_moderators(post(9001), text="Look")
    assert conversations.told == []


def test_a_refusal_that_is_not_about_recipients_ends_as_one(answering: Answering) -> None:
    conversations = Conversations(lambda _: refusal("senderId was not accepted", "senderId"))
    with pytest.raises(Refused, match="senderId"):
        answering(conversations).notify_moderators(post(9001), text="Look")
    assert conversations.asked == [list(STAFF), ["ann"], ["bo"], ["cy.d"]]
