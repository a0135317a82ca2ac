"""What an action declares of itself."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar


class Lane(StrEnum):
    """The queue that carries an action out."""

    URGENT = "urgent"
    BULK = "bulk"


class RepeatClass(StrEnum):
    """What is safe when the outcome of an attempt is not known: the table in architecture.md."""

    SAFE = "safe"
    CHECK = "check"
    ONCE = "once"


class Takes(StrEnum):
    """The value that an action has in YAML."""

    REASON = "true, or text: the reason shown to moderators"
    NOTHING = "true"
    CATEGORY = "a category's title, or its id as a number"
    GROUPS = "a group's title, or its id as a number, a list of them, or {name: Muted, for: 1 day}"
    TITLE = "text, the whole new title"
    TEXT = "text"
    LETTER = "text, or {subject: text, body: text}"
    NOTE = "text, or true for the rule's name and a link"
    POINTS = "{counter: number}"
    EDIT = '{replace: "{{match}}", "{{match.label}}" or whole words, with: text}'


class ActsOn(StrEnum):
    """What an action is done to."""

    ITEM = "the item"
    TOPIC = "the topic"
    PERSON = "the author"
    MODERATORS = "the moderators"
    COUNTER = "the counter"


class Action:
    """One action. Its docstring says what it does and shows it in a rule; the example is loaded by a test.

    `types` are the item types whose rules may have it, `in_topic` whether `topic:` may. `slot` is what it competes
    for and `rank` how restrictive it is there: on equal priority the higher wins. `opposite` is the word that `false`
    stands for, `inverse` the one that undoes it. `resend`: ONCE, yet sent again when the outcome is unknown.
    `restricts`: moderators are exempt. `destructive`: confirmed before acting on an unsigned delivery, for it or what
    it adds up to takes something away.
    """

    word: ClassVar[str]
    acts_on: ClassVar[ActsOn]
    takes: ClassVar[Takes]
    types: ClassVar[str] = "TR"
    in_topic: ClassVar[bool] = True
    options: ClassVar[tuple[str, ...]] = ()
    slot: ClassVar[str]
    rank: ClassVar[int] = 0
    lane: ClassVar[Lane] = Lane.BULK
    repeat: ClassVar[RepeatClass] = RepeatClass.SAFE
    resend: ClassVar[bool] = False
    opposite: ClassVar[str | None] = None
    inverse: ClassVar[str | None] = None
    restricts: ClassVar[bool] = False
    destructive: ClassVar[bool] = False
    synonyms: ClassVar[tuple[str, ...]] = ()
