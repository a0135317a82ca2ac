"""Actions as rules write them: flat keys, `then:`, named blocks, AutoModerator's spellings."""

from __future__ import annotations

import collections.abc
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from rules.actions.kinds import Action, ActsOn, Takes
from rules.actions.table import ACTIONS, SYNONYMS
from rules.fields.keys import types_of
from rules.loading.checks import TYPE_NAMES
from rules.loading.counters import MOST_POINTS, read_seconds, whole_number
from rules.loading.edits import read_edit
from rules.loading.faults import Faults
from rules.loading.library import Library
from rules.loading.nodes import Mapping, Node, Scalar, Sequence
from rules.loading.texts import TextReader
from rules.quantities import DAY
from rules.rule import SUBJECT, Scope, Step
from rules.templates import Fillable, Template

MOST_BLOCKS = 200
DEEPEST = 24
"""How many blocks of actions a rule may open, and how far they may lead to others."""

MOST_FOR_SECONDS = 3650 * DAY

GROUP_WORDS = tuple(word for word, action in ACTIONS.items() if action.takes is Takes.GROUPS)
"""Actions that can be for a time."""

HTML_ACTIONS = ("message", "reply", "notify_moderators")
ON_REDDIT_THE_COMMENT = ("set_locked", "set_sticky")
WORDS = {*ACTIONS, *SYNONYMS}
ACTION_WORDS = ("approve", "hold", "delete", "remove", "spam", "filter", "report")
"""What AutoModerator's `action:` may say."""

SCOPES: dict[str, Scope] = {"topic": "topic", "parent_submission": "topic", "author": "author"}


@dataclass(slots=True)
class StepReader:
    """Reads the actions of one rule. `can` are the words that the platform has, None where that is not asked."""

    faults: Faults
    library: Library
    texts: TextReader
    rule: str
    types: str
    can: frozenset[str] | None = None
    platform: str = "this forum's platform"
    lacks: collections.abc.Mapping[str, str] = field(default_factory=dict)
    opening: tuple[str, ...] = ()
    subject: Node | None = None
    opened: int = 0
    on_ladder: bool = False

    def read_then(self, node: Node, scope: Scope = "item") -> Iterator[Step]:
        """The actions of a `then:`: one, or a list of them."""
        if isinstance(node, Sequence | Mapping) and not (node.items if isinstance(node, Sequence) else node.entries):
            self.faults.error("empty", node, "here stands no action", "name one, as hold, or delete the key")
        for item in node.items if isinstance(node, Sequence) else [node]:
            if isinstance(item, Mapping):
                yield from self._mapping(item, scope)
            elif not isinstance(item, Scalar):
                self.faults.error(
                    "shape", item, "an action is a word, or a word with its value", "then: [lock, reply: Hi]"
                )
            elif item.value.startswith("$"):
                yield from self._block(item, scope)
            else:
                yield from self.read(item, _true_at(item), scope)

    def _mapping(self, item: Mapping, scope: Scope) -> Iterator[Step]:
        for key, value in item.entries:
            inner = self._inner(key.value, scope)
            if key.value == "for":
                self._refuse_idle_for(key, item)
            elif inner and isinstance(value, Mapping):
                yield from self._mapping(value, inner)
            elif key.value == "action":
                yield from self.read_word(value, scope)
            else:
                yield from self._for_a_time(self.read(key, value, scope), item.get("for"))

    def _refuse_idle_for(self, key: Scalar, item: Mapping) -> None:
        if not any(name.value in GROUP_WORDS for name, _ in item.entries):
            remedy = "{add_to_group: Muted, for: 1 day}"
            self.faults.error("wrong-place", key, f"`for` stands beside {' or '.join(GROUP_WORDS)}", remedy)

    def _for_a_time(self, steps: Iterator[Step], span: Node | None) -> Iterator[Step]:
        """The steps, those on groups with the time after which they are undone."""
        if span is None:
            yield from steps
            return
        seconds = read_seconds(span, "for", MOST_FOR_SECONDS, "a timer runs for ten years at most", self.faults)
        for step in steps if seconds else ():
            timed = step.action.word in GROUP_WORDS
            yield replace(step, options={**step.options, "for": span.written}) if timed else step

    @staticmethod
    def _inner(word: str, scope: Scope) -> Scope | None:
        if scope == "topic" and word == "author":
            return "topic.author"
        return SCOPES.get(word) if scope == "item" else None

    def read_word(self, node: Node, scope: Scope, told: Node | None = None) -> Iterator[Step]:
        """The step of AutoModerator's `action: word`; `told` is the text of a report."""
        if not isinstance(node, Scalar) or node.value not in ACTION_WORDS:
            self.faults.unknown("unknown-action", node, "action", node.written, ACTION_WORDS)
            return
        yield from self.read(node, told if told is not None and node.value == "report" else _true_at(node), scope)

    def _block(self, item: Scalar, scope: Scope) -> Iterator[Step]:
        name = item.value[1:]
        if name in self.opening:
            self.faults.error("circular", item, f"the actions lead back to themselves: ${name}", "take one out")
            return
        node = self.library.find("actions", name, item)
        self.opened += 1
        if self.opened == MOST_BLOCKS or len(self.opening) == DEEPEST:
            self.faults.error("too-large", item, "the rule opens too many blocks of actions", "join some of them")
        elif node is not None and self.opened < MOST_BLOCKS:
            self.opening = (*self.opening, name)
            yield from self.read_then(node, scope)
            self.opening = self.opening[:-1]

    def read(self, key: Scalar, value: Node, scope: Scope) -> Iterator[Step]:
        """The steps of one action: several for a list of groups, none when it is faulty."""
        action = self._action(key, value)
        if action and _is(value, "false"):
            value = _true_at(value)
        if action is None or not self._fits(action, key, scope):
            return
        if action.takes is Takes.GROUPS:
            yield from self._groups(action, key, value, scope)
            return
        if action.takes is Takes.POINTS:
            yield from self._points(action, key, value, scope)
            return
        if action.takes is Takes.EDIT:
            found = read_edit(value, self.texts, self.library, self.faults)
            yield from [Step(action, scope, found, None, key.line)] if found else []
            return
        taken = self._taken(action, value)
        if taken is not None:
            reason, options = taken
            yield Step(action, scope, options, reason, key.line)

    def _action(self, key: Scalar, value: Node) -> type[Action] | None:
        word = SYNONYMS.get(key.value, key.value)
        if word not in ACTIONS:
            self.faults.unknown("unknown-action", key, "action", key.value, WORDS)
            return None
        action = ACTIONS[word]
        if not _is(value, "false"):
            return action
        if action.opposite is None:
            self.faults.error("value", value, f"`{word}: false` does nothing", "delete the line")
            return None
        return ACTIONS[action.opposite]

    def _fits(self, action: type[Action], key: Scalar, scope: Scope) -> bool:
        if key.value in ON_REDDIT_THE_COMMENT and scope == "item" and "R" in self.types:
            message = f"on Reddit {key.value} would mean the reply itself; here only topics have that"
            self.faults.error("reply-only", key, message, f"topic: {{{action.word}: true}}")
            return False
        if self.can is not None and action.word not in self.can and action.acts_on is not ActsOn.COUNTER:
            others = ", ".join(sorted(self.can)) or "none"
            message = f"{self.platform} cannot `{action.word}`"
            self.faults.error("unsupported", key, message, f"it can {others}")
            return False
        if scope in ("author", "topic.author") and action.acts_on is not ActsOn.PERSON:
            self.faults.error("wrong-place", key, f"`{action.word}` is not done to people", "move it out of author:")
            return False
        if scope == "topic" and action.acts_on is ActsOn.PERSON:
            remedy = f"topic: {{author: {{{action.word}: ...}}}}"
            self.faults.error("wrong-place", key, f"`{action.word}` is done to people, not to topics", remedy)
            return False
        if scope == "topic" and not action.in_topic:
            message = f"`{action.word}` is done to the item itself"
            self.faults.error("wrong-place", key, message, "move it out of topic:")
            return False
        lacking = [TYPE_NAMES[kind] for kind in self.types if kind not in ("TR" if scope != "item" else action.types)]
        if lacking and not (scope == "author" and action.acts_on is ActsOn.PERSON):
            self.faults.error(
                "wrong-type", key, f"`{action.word}` cannot be done to {' and '.join(lacking)}", "mend type:"
            )
        return (not lacking or scope == "author") and (scope != "item" or self._reaches(action, key))

    def _reaches(self, action: type[Action], key: Scalar) -> bool:
        """Whether the platform can do it to some of the rule's items; warns of those that it cannot do it to."""
        lacking = [kind for kind in self.types if kind in self.lacks.get(action.word, "")]
        rest = " and ".join(TYPE_NAMES[kind] for kind in self.types if kind not in lacking)
        if lacking:
            message = f"{self.platform} cannot `{action.word}` {' and '.join(TYPE_NAMES[kind] for kind in lacking)}"
            report = self.faults.warn if rest else self.faults.error
            report("unsupported", key, message, f"write the rule for {rest}" if rest else "take the line out")
        return bool(rest) or not lacking

    def _groups(self, action: type[Action], key: Scalar, value: Node, scope: Scope) -> Iterator[Step]:
        if isinstance(value, Mapping):
            unknown = [name for name, _ in value.entries if name.value not in ("name", "for")]
            for name in unknown:
                self.faults.unknown("unknown-key", name, "word of a group action", name.value, ["name", "for"])
            named = value.get("name")
            if named is None:
                self.faults.error("value", value, "the group has no name", "{name: Muted}")
                return
            yield from self._for_a_time(self._groups(action, key, named, scope), value.get("for"))
            return
        for word in self.library.words(value):
            yield Step(action, scope, {"group": word.name_or_id}, None, key.line)

    def _points(self, action: type[Action], key: Scalar, value: Node, scope: Scope) -> Iterator[Step]:
        if self.on_ladder:
            self.faults.error("ladder", key, "a rung awards no points: it would climb by itself", "take it out")
        elif not isinstance(value, Mapping) or not value.entries:
            self.faults.error("value", value, "points are given to a counter", "add_points: {strikes: 1}")
        else:
            for name, number in value.entries:
                yield from self._award(action, name, number, scope)

    def _award(self, action: type[Action], name: Scalar, number: Node, scope: Scope) -> Iterator[Step]:
        counters = self.texts.counters
        tally, points = counters.tally(name.value, name), whole_number(number)
        counters.awarded.add(name.value)
        if not points:
            message = f"an award is a whole number, not 0, up to {MOST_POINTS:,}"
            self.faults.error("value", number, message, f"{name.value}: 1")
        lacking = [TYPE_NAMES[kind] for kind in self.types if tally and kind not in types_of(tally.per)]
        if tally and lacking:
            message = f"the counter {name.value!r} is kept by {' and '.join(tally.per)}, and {lacking[0]} have none"
            self.faults.error("wrong-type", name, message, "mend type:, or the counter's per:")
        if tally and points and not lacking:
            yield Step(action, scope, {"counter": tally.name, "points": points}, None, name.line, tally)

    def _taken(
        self, action: type[Action], value: Node
    ) -> tuple[Template | None, dict[str, Fillable | str | int]] | None:
        if _is(value, "true") and action.takes in (Takes.REASON, Takes.NOTHING, Takes.NOTE):
            return None, {"text": self._default_note()} if action.takes is Takes.NOTE else {}
        if action.takes is Takes.NOTHING:
            self.faults.error("value", value, f"`{action.word}` takes true", f"{action.word}: true")
            return None
        if action.takes is Takes.REASON:
            reason = self.texts.read(value)
            return (reason, {}) if reason else None
        if action.takes is Takes.CATEGORY:
            return self._category(value)
        if action.takes is Takes.LETTER:
            return self._letter(value)
        text = self.texts.read(value, html=action.word in HTML_ACTIONS)
        return (None, {"text": text}) if text else None

    def _default_note(self) -> Template:
        link = (
            self.texts.bind("{{permalink}}", Node(file="", line=1, column=1), html=True) if self.types != "U" else None
        )
        name = Template((f"{self.rule}: ",))
        return Template((*name.pieces, *link.pieces), html=True) if link else Template((self.rule,))

    def _category(self, value: Node) -> tuple[None, dict[str, Fillable | str | int]] | None:
        words = self.library.words(value)
        if len(words) == 1:
            return None, {"category": words[0].name_or_id}
        self.faults.error("value", value, "`move` takes one category", "move: Marketplace")
        return None

    def _letter(self, value: Node) -> tuple[None, dict[str, Fillable | str | int]] | None:
        body_node, subject_node = value, self.subject
        if isinstance(value, Mapping):
            for name, _ in value.entries:
                if name.value not in ("subject", "body"):
                    self.faults.unknown("unknown-key", name, "part of a message", name.value, ["subject", "body"])
            found, subject_node = value.get("body"), value.get("subject")
            if found is None:
                self.faults.error("value", value, "the message has no body", "{subject: text, body: text}")
                return None
            body_node = found
        body = self.texts.read(body_node, html=True)
        subject = self.texts.read(subject_node) if subject_node else Template((SUBJECT,))
        return (None, {"subject": subject, "body": body}) if body and subject else None


def _is(value: Node, word: str) -> bool:
    return isinstance(value, Scalar) and value.truth is (word == "true")


def _true_at(place: Node) -> Scalar:
    return Scalar(file=place.file, line=place.line, column=place.column, value="true")
