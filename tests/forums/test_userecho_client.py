"""The verbs of UserEcho's client, over real HTTP against the simulated project."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from rules.decision import Target
from service.forums.platform import Account, Notify
from service.forums.port import Forum, Outcome, Refused, Unsupported
from service.forums.userecho.account import Session
from service.forums.userecho.client import UserEchoForum
from tests.forums.conftest import KEY, Open, Project, post, topic, user

DONE, ALREADY_DONE, GONE = Outcome.DONE, Outcome.ALREADY_DONE, Outcome.TARGET_GONE


# Verbs


@pytest.mark.parametrize(
    ("verb", "options", "field", "value"),
    [
        ("retitle", {"text": "Tom &amp; Jerry"}, "header", "Tom &amp; Jerry"),
        ("move", {"category": "Marketplace"}, "category", {"id": 2, "name": "Marketplace"}),
        ("move", {"category": "  marketPLACE "}, "category", {"id": 2, "name": "Marketplace"}),
        ("move", {"category": 3}, "category", {"id": 3, "name": "Help"}),
    ],
)
def test_a_topic_verb_sets_the_topics_state(
    project: Project, verb: str, options: dict[str, Any], field: str, value: Any
) -> None:
    act = getattr(project.forum, verb)
    assert act(topic(501), **options) is DONE
    assert project.row("topics", 501)[field] == value
    assert act(topic(501), **options) is ALREADY_DONE
    assert act(topic(999), **options) is GONE
    assert project.paths().count("PUT forums/1/topics.json") == 1


def test_lock_and_unlock_set_the_statuses_that_are_configured(open_project: Open) -> None:
    project = open_project(closed_status=20, open_status=17)
    assert project.forum.lock(topic(501)) is DONE
    assert project.row("topics", 501)["status"]["name"] == "Completed"
    assert project.forum.lock(topic(501)) is ALREADY_DONE
    assert project.forum.unlock(topic(501)) is DONE
    assert project.row("topics", 501)["status"]["name"] == "Under review"
    assert project.forum.lock(topic(999)) is GONE


def test_a_topic_of_another_forum_is_changed_there(project: Project) -> None:
    assert project.forum.retitle(topic(601), text="Ticket 1") is DONE
    assert project.forum.move(topic(601), category="General") is ALREADY_DONE
    assert "PUT forums/2/topics.json" in project.paths()


def test_delete_and_delete_again(project: Project) -> None:
    assert project.forum.delete(topic(502)) is DONE
    assert project.forum.delete(topic(502)) is ALREADY_DONE
    assert project.forum.delete(post(-501)) is DONE  # a topic's own text: the topic
    assert [row["id"] for row in project.ask("state")["topics"]] == [601]
    assert project.ask("state")["comments"] == []


@pytest.mark.parametrize("target", [topic(501), post(-501)])
def test_a_reply_is_a_comment_of_the_keys_user(project: Project, target: Target) -> None:
    assert project.forum.reply(target, text="Dear marlow,\nplease read &lt;the rules&gt;") is DONE
    newest = project.ask("state")["comments"][-1]
    assert (newest["topic_id"], newest["author"]["name"]) == (501, "modbot")
    assert newest["text"] == "Dear marlow,<br>please read &lt;the rules&gt;"
    assert project.forum.reply(topic(999), text="x") is GONE


def test_moderators_are_told_in_the_topic_that_is_set(project: Project) -> None:
    assert project.forum.notify_moderators(post(9001), text="Look") is DONE
    assert project.ask("state")["comments"][-1]["topic_id"] == 601


@pytest.mark.parametrize("notify", [Notify(users=("ann",)), Notify()])
def test_without_a_topic_there_is_nowhere_to_tell(open_project: Open, notify: Notify) -> None:
    forum = UserEchoForum(Session(Account("https://a.example", KEY, 77, "modbot", notify)), open_project().api)
    with pytest.raises(Refused, match=r"UserEcho has no private messages; set `notify` to \{topic: ID\}"):
        forum.notify_moderators(post(9001), text="Look")


@pytest.mark.parametrize(
    ("act", "text"),
    [
        (lambda forum: forum.approve(post(9001)), "approve: UserEcho's API has no call for it (of post 9001)"),
        (lambda forum: forum.hold(topic(501)), "hold: UserEcho's API has no call for it (of topic 501)"),
        (lambda forum: forum.pin(topic(501)), "pin: UserEcho's API has no call for it (of topic 501)"),
        (lambda forum: forum.unpin(topic(501)), "unpin: UserEcho's API has no call for it (of topic 501)"),
        (
            lambda forum: forum.message(user(101), subject="s", body="b"),
            "message: UserEcho's API has no call for it (of user 101)",
        ),
        (
            lambda forum: forum.delete(post(9001)),
            "delete: UserEcho's API has no call to delete a comment; delete the topic, or tell staff",
        ),
        (
            lambda forum: forum.lock(topic(501)),
            "lock: UserEcho knows statuses alone; set `closed_status` in the forum's options",
        ),
        (
            lambda forum: forum.unlock(topic(501)),
            "unlock: UserEcho knows statuses alone; set `open_status` in the forum's options",
        ),
        (
            lambda forum: forum.add_to_group(user(101), group="Muted"),
            "add_to_group: is switched off; set `groups: true` in the forum's options to try it",
        ),
    ],
)
def test_what_the_platform_cannot_do_is_unsupported_and_asks_nothing(
    project: Project, act: Callable[[Forum], Any], text: str
) -> None:
    with pytest.raises(Unsupported) as unsupported:
        act(project.forum)
    assert str(unsupported.value) == text
    assert project.recorder.requests == []


@pytest.mark.parametrize(
    ("act", "text"),
    [
        (
            lambda forum: forum.move(topic(501), category="Nowhere"),
            "move: no category is titled 'Nowhere'; the forum has 3",
        ),
        (lambda forum: forum.move(topic(501), category=99), "update_topic: not found: Category does not exist"),
        (lambda forum: forum.retitle(user(101), text="x"), "retitle: acts on a topic, not on a user"),
        (lambda forum: forum.reply(post(9001), text="x"), "reply: acts on a topic, not on a post"),
        (lambda forum: forum.delete(user(101)), "delete: acts on a topic, not on a user"),
    ],
)
def test_what_cannot_be_done_is_refused_with_its_reason(
    project: Project, act: Callable[[Forum], Any], text: str
) -> None:
    with pytest.raises(Refused) as refused:
        act(project.forum)
    assert str(refused.value) == text


@pytest.mark.parametrize(
    ("field", "act"),
    [
        ("header", lambda forum: forum.retitle(topic(501), text="Other")),
        ("category", lambda forum: forum.move(topic(501), category=3)),
        ("status", lambda forum: forum.lock(topic(501))),
    ],
)
def test_a_change_that_the_forum_ignores_is_refused(
    open_project: Open, field: str, act: Callable[[Forum], Any]
) -> None:
    project = open_project(faults=f"{field}=ignored", closed_status=20)
    with pytest.raises(Refused, match="the forum said yes, but the topic did not change"):
        act(project.forum)


# Groups


def test_groups_are_changed_where_that_is_switched_on(open_project: Open) -> None:
    project = open_project(groups=True)
    assert project.forum.add_to_group(user(101), group="muted") is DONE
    assert project.row("users", 101)["groups"] == [1, 3]
    assert project.forum.remove_from_group(user(101), group=3) is DONE
    assert project.row("users", 101)["groups"] == [1]
    assert project.forum.add_to_group(user(999), group="Muted") is GONE
    assert project.forum.remove_from_group(user(101), group=99) is ALREADY_DONE


@pytest.mark.parametrize(
    ("target", "group", "text"),
    [
        (user(101), "Mute", "add_to_group: no user group is titled 'Mute'; the forum has 3"),
        (user(101), 99, "add_user_to_group: not found: User group does not exist"),
        (topic(501), 3, "add_to_group: acts on a user, not on a topic"),
    ],
)
def test_a_group_that_cannot_be_changed(open_project: Open, target: Target, group: str | int, text: str) -> None:
    with pytest.raises(Refused) as refused:
        open_project(groups=True).forum.add_to_group(target, group=group)
    assert str(refused.value) == text


def test_a_change_of_groups_must_be_seen(open_project: Open) -> None:
    project = open_project(faults="group=ignored", groups=True)
    with pytest.raises(Refused, match="the forum said yes, but the user's groups did not change"):
        project.forum.add_to_group(user(101), group="Muted")
