"""What UserEcho's client reads and finds again."""

from __future__ import annotations

import time

import pytest

from rules.decision import Target
from service.forums.platform import Account
from service.forums.port import Outcome, Refused
from service.forums.userecho.account import Session
from service.forums.userecho.client import UserEchoForum
from tests.forums.conftest import KEY, Open, Project, post, topic

DONE, ALREADY_DONE, GONE = Outcome.DONE, Outcome.ALREADY_DONE, Outcome.TARGET_GONE


# Reads


def test_reads_give_the_events_words(project: Project) -> None:
    client = project.client
    first, reply, place = client.get_post(-501), client.get_post(9001, 501), client.get_topic(501)
    author, category = client.get_author(201), client.get_category(4)
    assert first is not None
    assert reply is not None
    assert place is not None
    assert author is not None
    assert category is not None
    assert (first.is_first_post, first.topic_id, first.message) == (True, 501, "<p>A place for slow talk.</p>")
    assert (reply.is_first_post, reply.topic_id, reply.post_id) == (False, 501, 9001)
    assert [one.author.username for one in (first, reply) if one.author] == ["marlow", "wren"]
    assert (place.title, place.category_id, place.first_post_id, place.reply_count) == ("A quiet corner", 1, -501, 2)
    assert place.locked is None
    assert (author.username, author.is_moderator, author.email) == ("ann", True, "ann@members.example")
    assert author.join_date_timestamp == pytest.approx(time.time() - 2000 * 86_400, abs=60)
    assert (category.name, category.parent_id, category.parent_name) == ("General", 2, "Helpdesk")


def test_a_topic_is_locked_where_its_status_is_the_closed_one(open_project: Open) -> None:
    project = open_project(closed_status=20)
    project.forum.lock(topic(501))
    found = [project.forum.get_topic(number) for number in (501, 502)]
    assert [one.locked for one in found if one] == [True, False]


def test_what_does_not_exist_is_none(project: Project) -> None:
    client = project.client
    assert client.get_post(-999) is None
    assert client.get_post(4242, 501) is None
    assert client.get_post(9001, 999) is None
    assert client.get_topic(999) is None
    assert client.get_author(999) is None
    assert client.get_category(999) is None
    assert client.get_previous(999, 9001) is None


def test_a_comment_cannot_be_read_without_its_topic(project: Project) -> None:
    with pytest.raises(Refused, match="get_post: UserEcho's API cannot read a comment without knowing its topic"):
        project.client.get_post(9001)


def test_the_post_before_a_comment_is_a_comment_or_the_topics_own_text(project: Project) -> None:
    found = [project.client.get_previous(501, number) for number in (9002, 9001)]
    assert [one.post_id for one in found if one] == [9001, -501]
    assert project.client.get_previous(501, -501) is None


# The way out of Unsure


def test_a_reply_is_found_again(project: Project) -> None:
    since, text = time.time(), {"text": "Thank you\nall"}
    assert project.forum.was_sent("reply", topic(501), text, since) is False
    project.forum.reply(topic(501), text="Thank you\nall")
    assert project.forum.was_sent("reply", topic(501), text, since) is True
    assert project.forum.was_sent("reply", post(-501), text, since) is True
    assert project.forum.was_sent("reply", topic(502), text, since) is False
    assert project.forum.was_sent("reply", topic(501), {"text": "other"}, since) is False
    assert project.forum.was_sent("reply", topic(501), text, since + 5) is False
    assert project.forum.was_sent("notify_moderators", topic(501), text, since) is False
    project.forum.notify_moderators(topic(501), text="Thank you\nall")
    assert project.forum.was_sent("notify_moderators", topic(501), text, since) is True


def test_a_members_own_copy_of_the_text_does_not_count(project: Project) -> None:
    project.happen("comment.created", user_id=101, topic_id=501, text="Thank you")
    assert project.forum.was_sent("reply", topic(501), {"text": "Thank you"}, time.time() - 60) is False


def test_what_was_sent_is_found_although_the_key_belongs_to_another_user_than_configured(project: Project) -> None:
    account = Account(project.account.api_url, KEY, 4242, "somebody")
    forum = UserEchoForum(Session(account), project.api)
    forum.reply(topic(501), text="Thank you")
    assert forum.was_sent("reply", topic(501), {"text": "Thank you"}, time.time() - 60) is True


def test_too_many_to_look_through_cannot_tell(project: Project) -> None:
    since = time.time()
    for number in range(301):
        project.happen("comment.created", user_id=101, topic_id=501, text=f"noise {number}")
    assert project.forum.was_sent("reply", topic(501), {"text": "x"}, since) is None


@pytest.mark.parametrize(("action", "target"), [("retitle", topic(501)), ("reply", topic(999)), ("reply", post(9001))])
def test_where_looking_cannot_tell(project: Project, action: str, target: Target) -> None:
    assert project.forum.was_sent(action, target, {"text": "x"}, time.time()) is None
