"""What every platform's Forum promises: verbs, reads, pages. One suite for all of them, and a toy."""

from __future__ import annotations

import inspect
import time
from typing import Any

import httpx
import pytest

from rules.decision import Target
from rules.event import Author, Category, Post, Topic
from service.forums.platform import Platform
from service.forums.port import Forum, Outcome, Refused, Unsupported
from tests.forums.conftest import Begin
from tests.forums.every import EVERY, Answering, Things, all_on

VERBS = {
    name
    for name, member in inspect.getmembers(Forum, inspect.isfunction)
    if "target" in inspect.signature(member).parameters and name != "was_sent"
}
NOWHERE = 4242


def options_for(word: str, forum: Forum, things: Things) -> dict[str, Any]:
    """The options of an action, of what there is on this forum."""
    topic, author = forum.get_topic(things.topic), forum.get_author(things.user)
    assert topic is not None
    assert author is not None
    post = forum.get_post(things.post, things.topic)
    words = (post.message_text or post.message or "word").split() if post else ["word"]
    group = (author.user_groups or ["Members"])[0]
    given: dict[str, dict[str, Any]] = {
        "move": {"category": topic.category_id},
        "retitle": {"text": "Another title"},
        "add_to_group": {"group": group},
        "remove_from_group": {"group": group},
        "message": {"subject": "Your post", "body": "Hello"},
        "reply": {"text": "Thank you"},
        "notify_moderators": {"text": "Look"},
        "edit": {"replace": [words[-1]], "with_": "something else"},
    }
    return given.get(word, {})


@EVERY
def test_each_action_is_done_and_done_again(begin: Begin, platform: Platform) -> None:
    things = Things.of(platform)
    for word in sorted(platform.actions | all_on(platform).adds):
        simulated = begin(platform)
        act = getattr(simulated.forum, word)
        options, target = options_for(word, simulated.forum, things), things.target(platform, word)
        assert act(target, **options) in {Outcome.DONE, Outcome.ALREADY_DONE}, word
        assert act(target, **options) in set(Outcome), word
        assert simulated.ask("report")["unknown_requests"] == []


@EVERY
def test_what_is_gone_is_no_failure(begin: Begin, platform: Platform) -> None:
    things, simulated = Things.of(platform), begin(platform)
    for word in sorted(platform.actions - {"notify_moderators", "delete"}):
        target = things.target(platform, word).model_copy(update={"id": NOWHERE})
        options = options_for(word, simulated.forum, things)
        assert getattr(simulated.forum, word)(target, **options) is Outcome.TARGET_GONE, word
    target = things.target(platform, "delete").model_copy(update={"id": NOWHERE})
    assert simulated.forum.delete(target) is Outcome.ALREADY_DONE


ANY: dict[str, dict[str, Any]] = {
    "message": {"subject": "s", "body": "b"},
    "edit": {"replace": ["x"], "with_": "y"},
    "move": {"category": 1},
    "retitle": {"text": "x"},
    "add_to_group": {"group": 1},
    "remove_from_group": {"group": 1},
}
"""Options of verbs that are not carried out."""


@EVERY
def test_what_it_cannot_do_is_unsupported(begin: Begin, platform: Platform) -> None:
    things, simulated = Things.of(platform), begin(platform)
    before = len(simulated.permits.taken)
    for word in sorted(VERBS - platform.actions - all_on(platform).adds):
        with pytest.raises(Unsupported):
            getattr(simulated.forum, word)(things.target(platform, word), **ANY.get(word, {}))
    for word, items in platform.lacks.items():
        number = {"T": Target(kind="topic", id=things.topic), "R": Target(kind="post", id=things.post)}
        for item in items:
            with pytest.raises((Unsupported, Refused)):
                getattr(simulated.forum, word)(number[item], **ANY.get(word, {}))
    assert len(simulated.permits.taken) == before


@EVERY
def test_reads_give_the_events_words_or_none(begin: Begin, platform: Platform) -> None:
    things, forum = Things.of(platform), begin(platform).forum
    found = (
        forum.get_topic(things.topic),
        forum.get_post(things.post, things.topic),
        forum.get_author(things.user),
    )
    assert [type(one) for one in found] == [Topic, Post, Author]
    topic, post, author = found
    assert topic is not None
    assert post is not None
    assert author is not None
    assert (topic.topic_id, post.post_id, author.user_id) == (things.topic, things.post, things.user)
    assert isinstance(forum.get_category(topic.category_id or 0), Category | None)
    assert forum.get_topic(NOWHERE) is None
    assert forum.get_post(NOWHERE, NOWHERE) is None
    assert forum.get_author(NOWHERE) is None


@EVERY
def test_what_was_sent_is_found_again_over_pages_each_with_a_permit(begin: Begin, platform: Platform) -> None:
    simulated, things = begin(platform), Things.of(platform)
    forum, topic, since = simulated.forum, Target(kind="topic", id=things.topic), time.time()
    assert forum.was_sent("reply", topic, {"text": "the first"}, since) is False
    forum.reply(topic, text="the first")

    def looked(text: str) -> int:
        before = len(simulated.permits.taken)
        assert forum.was_sent("reply", topic, {"text": text}, since) is True
        return len(simulated.permits.taken) - before

    at_once = looked("the first")
    for number in range(110):
        forum.reply(topic, text=f"noise {number}")
    assert max(looked("the first"), looked("noise 109")) > at_once
    assert forum.was_sent("reply", topic, {"text": "never"}, since) is False
    assert simulated.ask("report")["requests"] == len(simulated.permits.taken) == simulated.permits.released


@EVERY
def test_a_list_without_an_end_is_given_up(answering: Answering, platform: Platform) -> None:
    asked: list[int] = []

    def endless(request: httpx.Request) -> httpx.Response:
        if "page" not in request.url.params:
            return httpx.Response(200, json={"id": 1})
        asked.append(len(asked))
        rows = [{"id": n, "postId": n, "topicId": 1} for n in range(len(asked) * 100, len(asked) * 100 + 100)]
        more = {"has_more": True, "details": {"count": 10**9, "limit": 100}}
        return httpx.Response(200, json={"status": "success", "data": rows, "items": rows, **more})

    forum = answering(platform, endless)
    assert forum.was_sent("reply", Target(kind="topic", id=1), {"text": "x"}, 0) is None
    assert 1 < len(asked) <= 10
