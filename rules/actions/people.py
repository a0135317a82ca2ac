"""Actions towards people: groups, messages, replies, notes to the moderators, points."""

from __future__ import annotations

from rules.actions.kinds import Action, ActsOn, Lane, RepeatClass, Takes


class AddToGroup(Action):
    """Puts the author into a user group, for good or for a time; in `topic: {author: }` who started the topic.

    name: throw-away address
    type: user
    author: {email_domain: [mailinator.com]}
    then: [{add_to_group: Review, for: 7 days}]
    """

    word = "add_to_group"
    acts_on = ActsOn.PERSON
    takes = Takes.GROUPS
    types = "TRCU"
    options = ("group", "for")
    slot = "group"
    rank = 0
    lane = Lane.URGENT
    inverse = "remove_from_group"
    restricts = True
    destructive = True


class RemoveFromGroup(Action):
    """Takes the author out of a user group, for good or for a time.

    name: no longer new
    author: {groups: Newcomers, post_count: ">= 10"}
    remove_from_group: Newcomers
    """

    word = "remove_from_group"
    acts_on = ActsOn.PERSON
    takes = Takes.GROUPS
    types = "TRCU"
    options = ("group", "for")
    slot = "group"
    rank = 1
    lane = Lane.URGENT
    inverse = "add_to_group"
    restricts = True
    destructive = True


class Message(Action):
    """Writes to the author in a private conversation.

    name: too short
    type: topic
    body_shorter_than: 10
    message: {subject: "Your topic", body: "Hello {{author.name}}, please add some detail to {{title}}."}
    """

    word = "message"
    acts_on = ActsOn.PERSON
    takes = Takes.LETTER
    types = "TRCU"
    options = ("subject", "body")
    slot = "message"
    repeat = RepeatClass.ONCE


class Reply(Action):
    """Answers in the topic, below the item. One reply an item: the texts of several rules are joined.

    name: which version
    type: topic
    category: Support
    ~title+body: [version, release]
    reply: "Please tell us which version you use."
    """

    word = "reply"
    acts_on = ActsOn.TOPIC
    takes = Takes.TEXT
    options = ("text",)
    slot = "reply"
    repeat = RepeatClass.ONCE
    synonyms = ("comment",)


class NotifyModerators(Action):
    """Tells the moderators; `true` sends the rule's name and a link. An event's notes arrive in one.

    name: someone asks for staff
    body: ["!mods", "!staff"]
    notify_moderators: "{{author.name}} asks for you in {{title}}"
    """

    word = "notify_moderators"
    acts_on = ActsOn.MODERATORS
    takes = Takes.NOTE
    types = "TRCU"
    options = ("text",)
    slot = "note"
    repeat = RepeatClass.ONCE
    resend = True
    synonyms = ("modmail", "report")


class AddPoints(Action):
    """Adds points to a counter of `counters:`, for the key that this event has; a negative number takes some away.

    counters:
      strikes: {per: author, expires: 30 days, ladder: [{at: 3, then: [{add_to_group: Muted}]}]}
    rules:
      - name: bad word
        body: casino
        add_points: {strikes: 1}
    """

    word = "add_points"
    acts_on = ActsOn.COUNTER
    takes = Takes.POINTS
    types = "TRCU"
    options = ("counter", "points")
    slot = "points"
    destructive = True  # enough points mute or ban
