"""Actions on the item: whether people see it, and what of its text."""

from __future__ import annotations

from rules.actions.kinds import Action, ActsOn, Lane, RepeatClass, Takes


class Approve(Action):
    """Lets a waiting item through. It loses against hold and delete of the same priority.

    name: trusted pass
    priority: 10
    pending: true
    author: {post_count: ">= 100"}
    approve: true
    """

    word = "approve"
    acts_on = ActsOn.ITEM
    takes = Takes.REASON
    slot = "state"
    rank = 0
    repeat = RepeatClass.CHECK
    inverse = "hold"


class Hold(Action):
    """Takes the item out of sight until a moderator has looked at it. In `topic:` it holds the topic's first post.

    name: newcomer with links
    author: {post_count: "< 3"}
    link_count: "> 0"
    hold: "New member with a link"
    """

    word = "hold"
    acts_on = ActsOn.ITEM
    takes = Takes.REASON
    slot = "state"
    rank = 1
    lane = Lane.URGENT
    inverse = "approve"
    restricts = True
    destructive = True
    synonyms = ("filter",)


class Delete(Action):
    """Deletes the item. On a topic, and in `topic:`, that ends the topic.

    name: no casino
    title+body: [casino, "free spins"]
    delete: "Casino advertising"
    """

    word = "delete"
    acts_on = ActsOn.ITEM
    takes = Takes.REASON
    types = "TRC"
    slot = "state"
    rank = 2
    lane = Lane.URGENT
    restricts = True
    destructive = True
    synonyms = ("remove", "spam")


class Edit(Action):
    r"""Replaces words in the item's text by others, in each place where they stand; addresses and tags stay.

    name: phone number
    body#n (regex): '\b\d{3}[ .-]\d{3}[ .-]\d{4}\b'
    edit: {replace: "{{match.n}}", with: "[number removed]"}
    """

    word = "edit"
    acts_on = ActsOn.ITEM
    takes = Takes.EDIT
    in_topic = False
    options = ("replace", "with", "inside_words")
    slot = "text"
    lane = Lane.URGENT
    repeat = RepeatClass.CHECK
    restricts = True
    destructive = True
