"""The verb `edit` on both platforms, over real HTTP against their simulators: it changes the post as it is now."""

from __future__ import annotations

from typing import Any

import pytest

from rules.decision import Target
from service.forums.port import Forum, Outcome, Refused, Unsupported
from tests.forums.conftest import Project, Simulated, post, topic, user

NUMBER = "555-123-4567"
MESSAGE = '<p>Call 555-<b>123</b>-4567 &amp; <a href="tel:555-123-4567">me</a></p>'
MASKED = '<p>Call [removed]<b></b> &amp; <a href="tel:555-123-4567">me</a></p>'


def edit(forum: Forum, target: Target, *, replace: str = NUMBER, **options: Any) -> Outcome:
    return forum.edit(target, replace=[replace], with_="[removed]", **options)


# Website Toolbox


def set_message(simulated: Simulated, number: int, message: str) -> None:
    assert simulated.call("POST", f"posts/{number}", json={"message": message}).status_code == 200


def test_a_post_is_edited_once(simulated: Simulated) -> None:
    set_message(simulated, 9002, MESSAGE)
    assert edit(simulated.forum, post(9002)) is Outcome.DONE
    assert simulated.row("posts", 9002)["message"] == MASKED
    assert edit(simulated.forum, post(9002)) is Outcome.ALREADY_DONE
    assert simulated.ask("report")["by_operation"]["POST /api/posts/{postId}"] == 2


def test_a_topic_s_first_post_is_edited(simulated: Simulated) -> None:
    set_message(simulated, 8001, "Call 555-123-4567")
    assert edit(simulated.forum, topic(501)) is Outcome.DONE
    assert simulated.row("posts", 8001)["message"] == "Call [removed]"
    assert edit(simulated.forum, topic(999)) is Outcome.TARGET_GONE


def test_what_the_author_has_edited_meanwhile_is_kept(simulated: Simulated) -> None:
    set_message(simulated, 9002, "New words. Call 555-123-4567, or not.")
    assert edit(simulated.forum, post(9002)) is Outcome.DONE
    assert simulated.row("posts", 9002)["message"] == "New words. Call [removed], or not."
    set_message(simulated, 9002, "Never mind.")
    assert edit(simulated.forum, post(9002)) is Outcome.ALREADY_DONE
    assert edit(simulated.forum, post(1)) is Outcome.TARGET_GONE


def test_inside_words_only_where_asked(simulated: Simulated) -> None:
    set_message(simulated, 9002, "megacasino")
    assert edit(simulated.forum, post(9002), replace="casino") is Outcome.ALREADY_DONE
    assert edit(simulated.forum, post(9002), replace="casino", inside_words=True) is Outcome.DONE
    assert simulated.row("posts", 9002)["message"] == "mega[removed]"


def test_a_text_that_would_grow_without_bound_is_refused(simulated: Simulated) -> None:
    set_message(simulated, 9002, "a " * 1000)
    with pytest.raises(Refused, match="edit: with 1000 replacements the text would be over 1,000,000 characters"):
        simulated.forum.edit(post(9002), replace=["a"], with_="b" * 1000)


def test_people_are_not_edited(simulated: Simulated) -> None:
    with pytest.raises(Refused, match="edit: acts on a post, not on a user"):
        edit(simulated.forum, user(101))


# UserEcho


def set_description(project: Project, number: int, text: str) -> None:
    answer = project.call("PUT", "forums/1/topics.json", json={"id": number, "description": text})
    assert answer.json()["status"] == "success"


@pytest.mark.parametrize("target", [topic(501), post(-501)])
def test_a_topic_s_own_text_is_edited_once(project: Project, target: Target) -> None:
    set_description(project, 501, MESSAGE)
    title = project.row("topics", 501)["header"]
    assert edit(project.forum, target) is Outcome.DONE
    assert project.row("topics", 501)["description"] == MASKED
    assert project.row("topics", 501)["header"] == title
    assert edit(project.forum, target) is Outcome.ALREADY_DONE
    assert project.paths().count("PUT forums/1/topics.json") == 1
    assert edit(project.forum, topic(999)) is Outcome.TARGET_GONE


def test_a_comment_cannot_be_edited(project: Project) -> None:
    with pytest.raises(Unsupported, match="edit: UserEcho's API has no call to change a comment"):
        edit(project.forum, post(9001))
    assert project.paths() == []
