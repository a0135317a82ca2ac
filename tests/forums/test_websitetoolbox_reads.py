"""What Website Toolbox's client reads, keeps and finds again."""

from __future__ import annotations

import time

import pytest

from rules.decision import Target
from service.forums.catalogue import RE_READ
from service.forums.platform import Notify
from service.forums.port import Outcome, Refused
from service.forums.websitetoolbox.account import Session
from service.forums.websitetoolbox.client import WebsiteToolboxForum
from tests.forums.conftest import Simulated, Start, post, topic, user

# Reads


def test_reads_give_the_events_words(simulated: Simulated) -> None:
    forum = simulated.forum
    first, reply, place = forum.get_post(8001), forum.get_post(9001), forum.get_topic(501)
    author, category = forum.get_author(102), forum.get_category(4)
    assert first is not None
    assert reply is not None
    assert place is not None
    assert author is not None
    assert category is not None
    assert (first.is_first_post, reply.is_first_post, reply.topic_id) == (True, False, 501)
    assert reply.author is not None
    assert reply.author.username == "wren"
    assert (place.title, place.category_id, place.first_post_id, place.reply_count) == ("A quiet corner", 1, 8001, 2)
    assert (author.username, author.user_groups, author.post_count) == ("marlow", ("Members", "Trusted"), 2400)
    assert (author.ip_address, author.country_code) == ("192.0.2.102", "IE")
    assert author.last_visit_timestamp is None
    assert (category.name, category.parent_id, category.parent_name) == ("Introductions", 1, "General")


@pytest.mark.parametrize("read", ["get_post", "get_topic", "get_author", "get_category"])
def test_what_does_not_exist_is_none(simulated: Simulated, read: str) -> None:
    assert getattr(simulated.forum, read)(4242) is None


def test_groups_are_unknown_where_one_has_no_title(simulated: Simulated) -> None:
    simulated.happen("user.updated", userId=101, userGroups=[4, 4242])
    found = simulated.forum.get_author(101)
    assert found is not None
    assert found.user_groups is None


def test_catalogues_of_many_pages_are_read_whole(simulated: Simulated) -> None:
    for number in range(205):
        simulated.call("POST", "usergroups", json={"title": f"Group {number}"})
    assert simulated.forum.add_to_group(user(103), group="group 204") is Outcome.DONE
    assert simulated.ask("report")["by_operation"]["GET /api/usergroups"] == 3


def test_a_catalogue_is_read_again_for_a_new_title_but_not_at_each_miss(simulated: Simulated) -> None:
    now = [1000.0]
    forum = WebsiteToolboxForum(Session(simulated.account, lambda: now[0]), simulated.api)
    forum.add_to_group(user(103), group="Muted")
    simulated.call("POST", "usergroups", json={"title": "New"})
    for _ in range(3):
        with pytest.raises(Refused):
            forum.add_to_group(user(103), group="New")
    now[0] += RE_READ
    assert forum.add_to_group(user(103), group="New") is Outcome.DONE
    assert simulated.ask("report")["by_operation"]["GET /api/usergroups"] == 2


# The way out of Unsure


MESSAGE = {"subject": "Your post", "body": "Dear pip,\nplease read <the rules> & more"}


def test_a_message_is_found_again(simulated: Simulated) -> None:
    forum, since = simulated.forum, time.time()
    assert forum.was_sent("message", user(103), MESSAGE, since) is False
    forum.message(user(103), **MESSAGE)
    assert forum.was_sent("message", user(103), MESSAGE, since) is True
    assert forum.was_sent("message", user(102), MESSAGE, since) is False
    assert forum.was_sent("message", user(103), {**MESSAGE, "body": "other"}, since) is False
    assert forum.was_sent("message", user(103), {**MESSAGE, "subject": "other"}, since) is False
    assert forum.was_sent("message", user(103), MESSAGE, since + 5) is False


def test_a_members_own_copy_of_the_text_does_not_count(simulated: Simulated) -> None:
    simulated.happen("post.created", userId=101, topicId=501, message="Thank you")
    assert simulated.forum.was_sent("reply", topic(501), {"text": "Thank you"}, time.time() - 60) is False


@pytest.mark.parametrize("notify", [Notify(users=("ann",)), Notify(topic=503)])
def test_a_note_is_found_again(start: Start, notify: Notify) -> None:
    simulated, since = start(notify=notify), time.time()
    assert simulated.forum.was_sent("notify_moderators", post(9001), {"text": "Look"}, since) is False
    simulated.forum.notify_moderators(post(9001), text="Look")
    assert simulated.forum.was_sent("notify_moderators", post(9001), {"text": "Look"}, since) is True


def test_a_reply_is_found_among_many_and_too_many_cannot_tell(simulated: Simulated) -> None:
    since = time.time()
    simulated.forum.reply(topic(501), text="Thank you\nall")
    for number in range(150):
        simulated.happen("post.created", userId=101, topicId=501, message=f"noise {number}")
    assert simulated.forum.was_sent("reply", topic(501), {"text": "Thank you\nall"}, since) is True
    for number in range(200):
        simulated.happen("post.created", userId=101, topicId=501, message=f"noise {number}")
    assert simulated.forum.was_sent("reply", topic(501), {"text": "Thank you\nall"}, since) is None


@pytest.mark.parametrize(("action", "target"), [("lock", topic(501)), ("reply", post(999))])
def test_where_looking_cannot_tell(simulated: Simulated, action: str, target: Target) -> None:
    assert simulated.forum.was_sent(action, target, {"text": "x"}, time.time()) is None
