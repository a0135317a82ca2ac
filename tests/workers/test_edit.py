"""The action `edit` from a webhook to the forum's post, through every stage, in one World."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.world import World

Build = Callable[..., World]

MASK = r"""
name: phone number
body#n (regex): '\b\d{3}[ .-]\d{3}[ .-]\d{4}\b'
edit: {replace: "{{match.n}}", with: "[number of {{author.name}} removed]"}
"""
WRITTEN = '<p>Call 555-<b>123</b>-4567, or <a href="tel:5551234567">555 123 4567</a>. Tom &amp; Jerry</p>'
MASKED = (
    '<p>Call [number of pip removed]<b></b>, or <a href="tel:5551234567">[number of pip removed]</a>. '
    "Tom &amp; Jerry</p>"
)
UPDATE = "POST /api/posts/{postId}"


def test_what_a_rule_finds_is_replaced_in_the_post(world: Build) -> None:
    w = world(MASK)
    post = w.post(WRITTEN, username="pip")
    w.run()
    assert w.posts()[post]["message"] == MASKED
    assert w.outcomes() == [("edit", "done")]
    assert w.log()[0].actions[0]["options"] == {
        "replace": ["555-123-4567", "555 123 4567"],
        "with": "[number of pip removed]",
    }


def test_a_topic_s_first_post_is_edited(world: Build) -> None:
    w = world(MASK)
    topic = w.happen("topic.created", username="pip", title="Tent", message="Call 555-123-4567", categoryId=1)
    w.deliver(topic)
    w.run()
    assert w.posts()[topic["data"]["object"]["firstPostId"]]["message"] == "Call [number of pip removed]"


def test_the_bot_s_own_edit_sets_off_no_other(world: Build) -> None:
    w = world("name: loud\nbody: free\nedit: {replace: '{{match}}', with: 'not free'}\n")
    post = w.post("free tea", username="pip")
    w.run()
    assert w.posts()[post]["message"] == "not free tea"
    calls = w.calls()
    w.deliver(w.happen("post.updated", postId=post, message="not free tea"))
    w.run()
    assert w.posts()[post]["message"] == "not free tea"
    assert w.calls() == calls


def test_what_the_author_wrote_meanwhile_stays(world: Build) -> None:
    w = world(MASK)
    webhook = w.happen("post.created", username="pip", topicId=501, message="Call 555-123-4567")
    number = webhook["data"]["object"]["postId"]
    w.happen("post.updated", postId=number, message="Changed my mind. 555-123-4567 it was")
    w.deliver(webhook)
    w.run()
    assert w.posts()[number]["message"] == "Changed my mind. [number of pip removed] it was"


def test_a_redelivered_webhook_edits_nothing_again(world: Build) -> None:
    w = world(MASK)
    webhook = w.happen("post.created", username="pip", topicId=501, message="555-123-4567")
    for _ in range(2):
        w.deliver(webhook)
        w.run()
    assert w.calls()[UPDATE] == 1


def test_an_edit_whose_answer_was_lost_is_looked_at_and_not_done_twice(world: Build, monkeypatch: Any) -> None:
    w = world("name: loud\nbody: free\nedit: {replace: '{{match}}', with: '[{{match}}]'}\n")
    send, lost = w.wire.handle_request, iter(range(1))

    def lose_the_first_write(request: httpx.Request) -> httpx.Response:
        answer = send(request)
        if request.method == "POST" and next(lost, None) is not None:
            raise httpx.ReadTimeout("no answer", request=request)
        return answer

    monkeypatch.setattr(w.wire, "handle_request", lose_the_first_write)
    post = w.post("free tea, free cake", username="pip")
    w.run()
    assert w.posts()[post]["message"] == "[free] tea, [free] cake"
    assert w.outcomes() == [("edit", "already_done")]
    assert w.calls()[UPDATE] == 1


def test_a_forged_delivery_edits_no_innocent_post(world: Build) -> None:
    w = world("name: loud\ntitle+body: casino\nedit: {replace: [casino, quiet], with: x}\n")
    post = w.post("a quiet word", username="pip")
    w.run()
    forged = w.happen("post.updated", postId=post, message="a quiet word")
    forged["data"]["object"]["message"] = "a quiet casino"
    w.deliver(forged, secret=None)
    w.run()
    assert w.posts()[post]["message"] == "a quiet word"


@pytest.mark.parametrize(("author", "message"), [("pip", "x tea"), ("ann", "free tea")])
def test_moderators_are_exempt(world: Build, author: str, message: str) -> None:
    rule = "{name: loud, body: free, edit: {replace: free, with: x}}"
    w = world(f"settings: {{moderators: {{groups: [Staff]}}}}\nrules:\n  - {rule}\n")
    post = w.post("free tea", username=author)
    w.run()
    assert w.posts()[post]["message"] == message
