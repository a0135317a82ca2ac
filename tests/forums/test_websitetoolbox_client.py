"""The verbs and reads of Website Toolbox's client, over real HTTP against the simulated forum."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from rules.decision import Target
from service.forums.http import ForumApi, open_client
from service.forums.platform import Notify
from service.forums.port import Outcome, Refused, Unsure
from service.forums.websitetoolbox.client import WebsiteToolboxForum
from service.forums.websitetoolbox.notes import NOTE_SUBJECT
from tests.forums.conftest import PLATFORM, CountingPermits, Simulated, Start, post, topic, user

DONE, ALREADY_DONE, GONE = Outcome.DONE, Outcome.ALREADY_DONE, Outcome.TARGET_GONE


@pytest.mark.parametrize(
    ("verb", "options", "field", "value"),
    [
        ("lock", {}, "locked", True),
        ("unlock", {}, "locked", False),
        ("pin", {}, "pinned", True),
        ("unpin", {}, "pinned", False),
        ("move", {"category": "Marketplace"}, "categoryId", 2),
        ("move", {"category": "  marketPLACE "}, "categoryId", 2),
        ("move", {"category": 4}, "categoryId", 4),
        ("retitle", {"text": "Tom &amp; Jerry"}, "title", "Tom &amp; Jerry"),
    ],
)
def test_a_topic_verb_sets_the_topics_state(
    simulated: Simulated, verb: str, options: dict[str, Any], field: str, value: Any
) -> None:
    act = getattr(simulated.forum, verb)
    assert act(topic(501), **options) is DONE
    assert simulated.row("topics", 501)[field] == value
    assert act(topic(501), **options) is DONE
    assert act(topic(999), **options) is GONE


def test_hold_and_approve_a_post(simulated: Simulated) -> None:
    forum = simulated.forum
    assert forum.hold(post(9002)) is DONE
    assert simulated.row("posts", 9002)["pending"] is True
    assert forum.approve(post(9002)) is DONE
    assert simulated.row("posts", 9002)["pending"] is False
    assert forum.approve(post(9002)) is ALREADY_DONE
    assert simulated.ask("report")["by_operation"]["POST /api/posts/{postId}"] == 2
    assert forum.hold(post(1)) is GONE
    assert forum.approve(post(1)) is GONE


def test_hold_and_approve_of_a_topic_are_about_its_first_post(simulated: Simulated) -> None:
    assert simulated.forum.hold(topic(501)) is DONE
    assert simulated.row("posts", 8001)["pending"] is True
    assert simulated.forum.approve(topic(501)) is DONE
    assert simulated.forum.hold(topic(999)) is GONE


def test_an_approval_that_the_forum_ignores_is_refused(start: Start) -> None:
    simulated = start(faults="pending=ignored")
    simulated.happen("post.created", userId=101, topicId=501, message="x", pending=True)
    number = simulated.ask("state")["posts"][-1]["postId"]
    with pytest.raises(Refused, match="approve: the forum said yes, but `pending` did not change"):
        simulated.forum.approve(post(number))
    with pytest.raises(Refused, match="hold: the forum said yes, but `pending` did not change"):
        simulated.forum.hold(post(9001))


@pytest.mark.parametrize("target", [post(9001), topic(501)])
@pytest.mark.parametrize("verb", ["approve", "hold"])
def test_a_pending_that_did_not_change_is_refused_wherever_it_is_looked_for(
    start: Start, verb: str, target: Target
) -> None:
    simulated = start(faults="pending=ignored")
    number = {"post": 9001, "topic": 8001}[target.kind]
    if verb == "approve":
        simulated.happen("topic.created", userId=101, title="Waiting", message="x", pending=True)
        waiting = simulated.ask("state")["topics"][-1]
        target = topic(waiting["topicId"]) if target.kind == "topic" else post(waiting["firstPostId"])
        number = waiting["firstPostId"]
    with pytest.raises(Refused, match=f"{verb}: the forum said yes, but `pending` did not change"):
        getattr(simulated.forum, verb)(target)
    assert simulated.row("posts", number)["pending"] is (verb == "approve")


class LosesTheFirst(httpx.HTTPTransport):
    """A connection that breaks once, after the request has arrived."""

    lost = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = super().handle_request(request)
        if self.lost:
            return answer
        answer.close()
        self.lost = True
        raise httpx.ReadError("reset")


@pytest.mark.parametrize("ignored", [False, True])
def test_a_hold_whose_answer_was_lost_is_looked_at_when_tried_again(start: Start, ignored: bool) -> None:
    simulated = start(faults="pending=ignored" if ignored else None)
    account, permits = simulated.account, CountingPermits()
    with open_client(account.api_url, PLATFORM.headers(account), permits, inner=LosesTheFirst()) as client:
        forum = PLATFORM.connect(account)(ForumApi(client, permits, PLATFORM.judge))
        with pytest.raises(Unsure, match="hold: sent, but no answer"):
            forum.hold(post(9002))
        assert simulated.row("posts", 9002)["pending"] is not ignored
        if ignored:
            with pytest.raises(Refused, match="`pending` did not change"):
                forum.hold(post(9002))
        else:
            assert forum.hold(post(9002)) is DONE


@pytest.mark.parametrize(("target", "table"), [(post(9001), "posts"), (topic(502), "topics")])
def test_delete_and_delete_again(simulated: Simulated, target: Target, table: str) -> None:
    assert simulated.forum.delete(target) is DONE
    assert simulated.forum.delete(target) is ALREADY_DONE
    assert target.id not in {row[f"{target.kind}Id"] for row in simulated.ask("state")[table]}


def test_delete_a_conversation(simulated: Simulated) -> None:
    simulated.forum.message(user(101), subject="Hi", body="x")
    number = simulated.ask("state")["conversations"][0]["conversationId"]
    target = Target(kind="conversation", id=number)
    assert [simulated.forum.delete(target), simulated.forum.delete(target)] == [DONE, ALREADY_DONE]


def test_groups_are_found_by_title_or_id_and_the_others_stay(simulated: Simulated) -> None:
    forum = simulated.forum
    assert forum.add_to_group(user(102), group="Muted") is DONE
    assert forum.add_to_group(user(102), group="bANNED") is DONE
    assert forum.add_to_group(user(102), group=6) is DONE
    assert simulated.row("users", 102)["groups"] == ["Members", "Trusted", "Muted", "Banned", "Review"]
    assert forum.remove_from_group(user(102), group="muted") is DONE
    assert forum.remove_from_group(user(102), group="muted") is ALREADY_DONE
    assert simulated.row("users", 102)["groups"] == ["Members", "Trusted", "Banned", "Review"]
    assert forum.add_to_group(user(9), group="Muted") is GONE
    assert forum.remove_from_group(user(9), group="Muted") is GONE
    assert simulated.ask("report")["by_operation"]["GET /api/usergroups"] == 1


def test_several_users_change_groups_in_one_request(simulated: Simulated) -> None:
    forum = in_full(simulated)
    assert forum.change_groups("add_to_group", [101, 102, 103, 102], group="Muted") is DONE
    assert simulated.ask("report")["by_operation"]["POST /api/usergroups/{usergroupId}/users"] == 1
    assert "Muted" in simulated.row("users", 103)["groups"]
    assert forum.change_groups("remove_from_group", [102, 103], group="Muted") is DONE
    assert "Muted" not in simulated.row("users", 103)["groups"]


def test_where_one_of_several_users_cannot_be_changed_none_is(simulated: Simulated) -> None:
    forum = in_full(simulated)
    forum.change_groups("add_to_group", [101], group="Muted")
    with pytest.raises(Refused, match="the user is not a member of this user group"):
        forum.change_groups("remove_from_group", [101, 102], group="Muted")
    assert "Muted" in simulated.row("users", 101)["groups"]
    with pytest.raises(Refused, match="no user group is titled 'Mute'"):
        forum.change_groups("add_to_group", [101], group="Mute")
    with pytest.raises(Refused, match="usergroupId was not found"):
        forum.change_groups("add_to_group", [101, 102], group=99)


def test_posts_and_topics_are_read_many_at_once_and_what_is_not_there_is_left_out(simulated: Simulated) -> None:
    forum = in_full(simulated)
    posts = forum.get_posts([8001, 9001, 7])
    assert posts == {number: forum.get_post(number) for number in (8001, 9001)}
    assert forum.get_topics([501, 503, 7]) == {number: forum.get_topic(number) for number in (501, 503)}
    calls = simulated.ask("report")["by_operation"]
    assert (calls["GET /api/posts"], calls["GET /api/topics"]) == (1, 1)


def in_full(simulated: Simulated) -> WebsiteToolboxForum:
    """The forum, with what Website Toolbox's has beyond the port."""
    assert isinstance(simulated.forum, WebsiteToolboxForum)
    return simulated.forum


def test_a_title_in_the_exact_case_is_preferred(simulated: Simulated) -> None:
    number = simulated.call("POST", "usergroups", json={"title": "muted"}).json()["userGroupId"]
    simulated.forum.add_to_group(user(103), group="muted")
    assert number in simulated.row("users", 103)["userGroups"]


@pytest.mark.parametrize(
    ("verb", "target", "options", "text"),
    [
        ("add_to_group", user(101), {"group": "Mute"}, "add_to_group: no user group is titled 'Mute'; the forum has 8"),
        ("move", topic(501), {"category": "Nowhere"}, "move: no category is titled 'Nowhere'; the forum has 5"),
        (
            "move",
            topic(501),
            {"category": 99},
            "move: refused by the forum with status 400 (categoryId): categoryId was not found",
        ),
        ("add_to_group", user(101), {"group": 99}, "add_to_group: not found (usergroupId): usergroupId was not found"),
        ("lock", post(9001), {}, "lock: acts on a topic, not on a post"),
        ("hold", user(101), {}, "hold: acts on a post, not on a user"),
        ("delete", user(101), {}, "delete: acts on a post, topic or conversation, not on a user"),
        ("message", post(9001), {"subject": "s", "body": "b"}, "message: acts on a user, not on a post"),
        ("reply", user(101), {"text": "t"}, "reply: acts on a topic, not on a user"),
    ],
)
def test_what_cannot_be_done_is_refused_with_its_reason(
    simulated: Simulated, verb: str, target: Target, options: dict[str, Any], text: str
) -> None:
    with pytest.raises(Refused) as refused:
        getattr(simulated.forum, verb)(target, **options)
    assert str(refused.value) == text


def test_a_message_is_a_conversation_of_the_bot(simulated: Simulated) -> None:
    assert (
        simulated.forum.message(user(103), subject="Your post", body="Dear pip,\nplease read &lt;the rules&gt;") is DONE
    )
    state = simulated.ask("state")
    talk, said = state["conversations"][0], state["messages"][0]
    assert talk["subject"] == "Your post"
    assert [one["user"]["username"] for one in talk["participants"]] == ["modbot", "pip"]
    assert said["message"] == "Dear pip,<br>please read &lt;the rules&gt;"
    assert simulated.forum.message(user(9), subject="Hi", body="x") is GONE


def test_a_members_name_is_read_once(simulated: Simulated) -> None:
    for _ in range(3):
        simulated.forum.message(user(103), subject="Hi", body="x")
    assert simulated.ask("report")["by_operation"]["GET /api/users/{userId}"] == 1


def test_a_message_to_someone_who_takes_none_is_refused(simulated: Simulated) -> None:
    simulated.happen("user.updated", userId=103, enableMessages=False)
    with pytest.raises(Refused, match="recipientUsernames"):
        simulated.forum.message(user(103), subject="Hi", body="x")


@pytest.mark.parametrize("target", [topic(501), post(9001)])
def test_a_reply_is_a_post_of_the_bot_below_the_topic(simulated: Simulated, target: Target) -> None:
    simulated.forum.lock(topic(501))
    assert simulated.forum.reply(target, text="Thank you") is DONE
    newest = simulated.ask("state")["posts"][-1]
    assert (newest["topicId"], newest["message"], newest["author"]["userId"]) == (501, "Thank you", 77)


def test_a_reply_where_nothing_is_left(simulated: Simulated) -> None:
    assert simulated.forum.reply(topic(999), text="x") is GONE
    assert simulated.forum.reply(post(999), text="x") is GONE


def test_moderators_are_told_in_one_conversation(simulated: Simulated) -> None:
    assert simulated.forum.notify_moderators(post(9001), text="Look") is DONE
    talk = simulated.ask("state")["conversations"][0]
    assert talk["subject"] == NOTE_SUBJECT
    assert [one["user"]["username"] for one in talk["participants"]] == ["modbot", "ann", "bo"]


def test_moderators_are_told_in_a_topic(start: Start) -> None:
    simulated = start(notify=Notify(topic=503))
    assert simulated.forum.notify_moderators(post(9001), text="Look") is DONE
    assert simulated.ask("state")["posts"][-1]["topicId"] == 503


def test_without_notify_there_is_nobody_to_tell(start: Start) -> None:
    simulated = start(notify=Notify())
    with pytest.raises(Refused, match="set `notify` of the forum to users or a topic"):
        simulated.forum.notify_moderators(post(9001), text="Look")
