"""Actions on the topic: lock, pin, category, title."""

from __future__ import annotations

from rules.actions.kinds import Action, ActsOn, Lane, Takes


class Lock(Action):
    """Locks the topic, so that nobody replies any more; `lock: false` is unlock.

    name: old topic woken up
    type: reply
    event: created
    topic: {idle: "> 180 days"}
    lock: true
    """

    word = "lock"
    acts_on = ActsOn.TOPIC
    takes = Takes.NOTHING
    slot = "lock"
    rank = 1
    lane = Lane.URGENT
    opposite = "unlock"
    inverse = "unlock"
    restricts = True
    synonyms = ("set_locked",)


class Unlock(Action):
    """Opens a locked topic again; `unlock: false` is lock.

    name: staff unlock
    type: reply
    author: {groups: Staff}
    body (full-exact): "!unlock"
    unlock: true
    """

    word = "unlock"
    acts_on = ActsOn.TOPIC
    takes = Takes.NOTHING
    slot = "lock"
    rank = 0
    opposite = "lock"
    inverse = "lock"


class Pin(Action):
    """Pins the topic to the top of its category; `pin: false` is unpin.

    name: staff pin
    type: reply
    author: {groups: Staff}
    body (full-exact): "!pin"
    pin: true
    """

    word = "pin"
    acts_on = ActsOn.TOPIC
    takes = Takes.NOTHING
    slot = "pin"
    rank = 0
    opposite = "unpin"
    inverse = "unpin"
    synonyms = ("set_sticky",)


class Unpin(Action):
    """Takes the topic's pin away; `unpin: false` is pin.

    name: nobody replies to a pinned topic
    type: reply
    topic: {pinned: true, age: "> 30 days"}
    unpin: true
    """

    word = "unpin"
    acts_on = ActsOn.TOPIC
    takes = Takes.NOTHING
    slot = "pin"
    rank = 1
    opposite = "pin"
    inverse = "pin"


class Move(Action):
    """Moves the topic to another category, named by title, or by id as a number.

    name: selling belongs elsewhere
    type: topic
    title (starts-with): ["[WTS]", "For sale"]
    ~category: Marketplace
    move: Marketplace
    """

    word = "move"
    acts_on = ActsOn.TOPIC
    takes = Takes.CATEGORY
    options = ("category",)
    slot = "category"
    inverse = "move"
    restricts = True


class Retitle(Action):
    """Gives the topic a new title.

    name: shouting title
    type: topic
    title_length: ">= 12"
    title_caps_share: "> 80%"
    retitle: "{{title|sentence_case}}"
    """

    word = "retitle"
    acts_on = ActsOn.TOPIC
    takes = Takes.TITLE
    options = ("text",)
    slot = "title"
    inverse = "retitle"
    restricts = True
