"""One rule: its mapping taken apart into what it is for, what it asks and what it does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from rules.conditions.checks import Check
from rules.conditions.logic import Every
from rules.fields.table import FLAIR, SYNONYMS
from rules.loading.brakes import read_limit, read_mode
from rules.loading.checks import CHECK_WORDS, TYPE_NAMES, CheckReader, known_words
from rules.loading.counters import CounterReader
from rules.loading.doubts import conjuncts, question_together, warn_of_masking
from rules.loading.faults import Faults
from rules.loading.identity import Identities
from rules.loading.leaves import LeafReader
from rules.loading.library import Library
from rules.loading.memory import (
    read_ladders,
    read_once,
    tallies_of,
    types_of_events,
    usual_events,
    usual_types,
    warn_of_idle_once,
)
from rules.loading.nodes import Mapping, Node, Scalar, Sequence, plain
from rules.loading.occasions import Occasion, Reach, question_events, question_reach, read_events, read_types
from rules.loading.parts import RULE_KEYS, Parts, refuse_words, take_apart
from rules.loading.steps import SCOPES, WORDS, StepReader
from rules.loading.texts import TextReader
from rules.mode import Mode
from rules.rule import Example, Rule, Rung, Settings, Step
from rules.templates import Template


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a rule asks, of items of which types and after which events; `reader` has read its checks."""

    reader: CheckReader
    check: Every
    types: str
    events: frozenset[str]


@dataclass(slots=True)
class RuleReader:
    """Reads the rules of one load."""

    faults: Faults
    library: Library
    settings: Settings
    reach: Reach
    checks: dict[bool, CheckReader] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    counters: CounterReader = field(init=False)
    identities: Identities = field(init=False)

    def __post_init__(self) -> None:
        self.counters = CounterReader(self.faults, self.library)
        self.identities = Identities(self.library)

    def read(self, node: Node, place: int) -> Rule | None:
        """The rule in `node`, the `place`-th of its file; None when it is no mapping."""
        if not isinstance(node, Mapping):
            self.faults.error("shape", node, "a rule is a mapping of checks and actions", "name: ...")
            return None
        parts = take_apart(node)
        refuse_words(parts, self.faults)
        return self._rule(parts, node, self._name(parts, node, place), self._asked(parts, node))

    def _asked(self, parts: Parts, node: Mapping) -> _Asked:
        words = read_events(parts, self.library)
        named = frozenset(word.text for word in words)
        written = read_types(parts, self.faults)
        reader = self._checks(parts, written)
        check = Every(tuple(self._all_checks(parts, reader)))
        types = self._narrowed(written, named, check, node)
        events = named or usual_events(types, check)
        occasion = Occasion(node, words, events, types)
        question_events(occasion, self.faults)
        question_reach(occasion, self.reach, self.faults)
        return _Asked(reader, check, types, events)

    def _rule(self, parts: Parts, node: Mapping, name: str, asked: _Asked) -> Rule:
        types = asked.types
        texts = TextReader(self.faults, asked.check, types, self.counters)
        steps, ladders = self._steps(parts, texts, name, types)
        every = [*steps, *(step for ladder in ladders.values() for rung in ladder for step in rung.steps)]
        self._question(steps, parts, node, types)
        self._warn_of_idle_words(steps, parts)
        warn_of_idle_once(parts, every, self.faults)
        reason = self._reason(parts, texts)
        return Rule(
            name=name,
            file=node.file,
            line=node.line,
            types=types,
            events=asked.events,
            check=asked.check,
            steps=steps,
            priority=self._priority(parts),
            stop=self._yes(parts, "stop") or False,
            exempt=self._exempt(parts, asked.reader),
            moderators_exempt=self._yes(parts, "moderators_exempt"),
            reason=reason,
            mode=self._mode(parts),
            examples=tuple(self._examples(parts)),
            once=read_once(parts, types, self.faults),
            reads=tallies_of(asked.check, texts.quoted),
            ladders=ladders,
            limit=read_limit(parts, every, self.faults),
            usual_limit=parts.get("limit") is None,
            digest=self.identities.digest_of(node),
        )

    def read_unused(self) -> None:
        """Record what is wrong with lists, conditions and counters that no rule uses."""
        for shelf, name, place in self.library.unused():
            if shelf == "lists":
                self.library.list_of(name, place)
            elif shelf == "conditions":
                self._checks(Parts(), "").condition(place)
            elif shelf == "counters":
                self.counters.tally(name, place)

    def _name(self, parts: Parts, node: Node, place: int) -> str:
        given = parts.get("name")
        name = given.value.strip() if isinstance(given, Scalar) else ""
        if given is not None and not 0 < len(name) <= 100:  # noqa: PLR2004
            self.faults.error("name", given, "a name is a text of 1 to 100 characters", "name: no-ads")
        if not name:
            name = f"{node.file.rsplit('/', 1)[-1]}:{place}"
            message = (
                f"the rule has no name and is called {name!r} after its place, which moves when rules are put before it"
            )
            self.faults.warn("no-name", node, message, "name: no-ads")
        first = self.names.setdefault(name, f"{node.file}:{node.line}")
        if first != f"{node.file}:{node.line}":
            self.faults.error("name-twice", given or node, f"a rule {name!r} stands before, in {first}", "rename one")
        return name

    def _checks(self, parts: Parts, types: str) -> CheckReader:
        no_quotes = self._yes(parts, "ignore_blockquotes") or False
        if no_quotes not in self.checks:
            leaves = LeafReader(self.faults, self.library, self.settings.timezone, no_quotes)
            self.checks[no_quotes] = CheckReader(leaves, self.counters)
        reader = self.checks[no_quotes]
        reader.types = types
        return reader

    def _all_checks(self, parts: Parts, reader: CheckReader) -> Iterator[Check]:
        words = [*known_words(""), *RULE_KEYS, *WORDS]
        flat: list[tuple[Scalar, Check]] = []
        for key, value in parts.checks:
            head = re.split(r"[#. (+]", key.value.lstrip("~"), maxsplit=1)[0]
            if head in WORDS:
                self.faults.error("action-as-check", key, f"{head!r} cannot be asked", f"{head}: true")
            elif head and not _may_be_check(head):
                self.faults.unknown("unknown-key", key, "check, action or key of a rule called", head, words)
            elif check := reader.entry(key, value, ""):
                flat.append((key, check))
                yield check
        question_together(flat, self.faults)
        when = parts.get("when")
        asked = Mapping(file="", line=1, column=1, entries=parts.checks)
        warn_of_masking([*conjuncts(asked), *(conjuncts(when) if when is not None else ())], self.faults)
        if when is not None:
            yield from reader.read_all(when)

    def _narrowed(self, written: str, events: frozenset[str], check: Check, node: Node) -> str:
        base = written or usual_types(events, check)
        types = "".join(kind for kind in base if kind in check.types)
        if not types and not self.faults.failed:
            self.faults.error(
                "wrong-type", node, "no item has all that these checks ask for", "split the rule, or use any:"
            )
        if not written and types and types != types_of_events(events):
            names = " and ".join(TYPE_NAMES[kind] for kind in types)
            self.faults.note("narrowed", node, f"the rule runs on {names} alone: its checks speak of nothing else")
        return types or base

    def _steps(
        self, parts: Parts, texts: TextReader, name: str, types: str
    ) -> tuple[tuple[Step, ...], dict[str, tuple[Rung, ...]]]:
        subject, reach = parts.get("message_subject"), self.reach
        can, lacks = reach.actions, reach.lacks
        reader = StepReader(self.faults, self.library, texts, name, types, can, reach.called, lacks, subject=subject)
        steps = tuple(self._own_steps(parts, reader))
        return steps, dict(read_ladders(steps, reader, self.counters))

    def _own_steps(self, parts: Parts, steps: StepReader) -> Iterator[Step]:
        for key, value in parts.actions:
            if key.value in SCOPES and isinstance(value, Mapping):
                scope = SCOPES[key.value]
                yield from steps.read_then(value, scope)
            else:
                yield from steps.read(key, value, "item")
        if "action" in parts.keys:
            yield from self._reddit_action(parts, steps)
        then = parts.get("then")
        if then is not None:
            yield from steps.read_then(then)

    def _reddit_action(self, parts: Parts, steps: StepReader) -> Iterator[Step]:
        yield from steps.read_word(parts.keys["action"][1], "item", told=parts.get("report_reason"))

    def _question(self, steps: tuple[Step, ...], parts: Parts, node: Node, types: str) -> None:
        if not (parts.actions or parts.keys.keys() & {"then", "action", "stop"}):
            self.faults.warn("no-action", node, "the rule does nothing", "name an action, as hold: true")
        words = {step.action.word for step in steps}
        lost = sorted(words & {"lock", "unlock", "pin", "unpin", "move", "retitle", "reply"})
        if "delete" in words and lost and "T" in types:
            message = f"deleting a topic's first post ends the topic: {', '.join(lost)} is dropped there"
            told = " (the reply's text goes to the author as a message)" if "reply" in lost else ""
            self.faults.warn("ends-topic", node, message + told, "use hold: in place of delete:, or message:")

    def _warn_of_idle_words(self, steps: tuple[Step, ...], parts: Parts) -> None:
        action = parts.get("action")
        reported = isinstance(action, Scalar) and action.value == "report"
        written = {step.action.word for step in steps}
        for word, used in (("report_reason", reported), ("message_subject", "message" in written)):
            if word in parts.keys and not used:
                remedy = "action: report" if word == "report_reason" else "message: ..."
                self.faults.warn("idle", parts.keys[word][0], f"`{word}` says nothing without its action", remedy)

    def _reason(self, parts: Parts, texts: TextReader) -> Template | None:
        node = parts.get("reason") or parts.get("action_reason")
        return texts.read(node) if node is not None else None

    def _exempt(self, parts: Parts, reader: CheckReader) -> Check | None:
        node = parts.get("exempt")
        if node is None:
            return None
        paths = {"groups": "author.groups", "users": "author.name", "categories": "category"}
        if not isinstance(node, Mapping) or not node.entries:
            self.faults.error("shape", node, "exempt takes groups, users or categories", "exempt: {groups: [Staff]}")
            return None
        for key, _ in node.entries:
            if key.value not in paths:
                self.faults.unknown("unknown-key", key, "word of exempt", key.value, paths)
        written = [(key, value) for key, value in node.entries if key.value in paths]
        checks = [reader.entry(_renamed(key, paths[key.value]), value, "") for key, value in written]
        return reader.any_of([check for check in checks if check])

    def _priority(self, parts: Parts) -> int:
        node = parts.get("priority")
        if node is None:
            return 0
        if isinstance(node, Scalar) and re.fullmatch(r"-?\d{1,9}", node.value):
            return int(node.value)
        self.faults.error("priority", node, "a priority is a whole number", "priority: 10")
        return 0

    def _yes(self, parts: Parts, key: str) -> bool | None:
        node = parts.get(key)
        if node is None:
            return None
        if isinstance(node, Scalar) and node.truth is not None:
            return node.truth
        self.faults.error("yes-no", node, f"{key} is true or false, without quotes", f"{key}: true")
        return None

    def _mode(self, parts: Parts) -> Mode:
        node = parts.get("mode")
        return self.settings.mode if node is None else read_mode(node, self.faults)

    def _examples(self, parts: Parts) -> Iterator[Example]:
        node = parts.get("examples")
        if node is None:
            return
        if not isinstance(node, Mapping) or not node.entries:
            self.faults.error("shape", node, "examples are two lists", "examples: {match: [...], no_match: [...]}")
            return
        for key, value in node.entries:
            if key.value not in ("match", "no_match"):
                self.faults.unknown("unknown-key", key, "word of examples", key.value, ("match", "no_match"))
                continue
            if isinstance(value, Sequence) and not value.items:
                self.faults.error("empty", value, "here stands no example", "name one, or delete the key")
            for item in value.items if isinstance(value, Sequence) else [value]:
                event = plain(item)
                yield Example(event if isinstance(event, dict) else item.written, key.value == "match", item)


def _renamed(key: Scalar, path: str) -> Scalar:
    return Scalar(file=key.file, line=key.line, column=key.column, value=path)


_HEADS = {word.split(".")[0] for word in known_words("")} | {*CHECK_WORDS, *SCOPES, *SYNONYMS, *FLAIR}


def _may_be_check(head: str) -> bool:
    return head in _HEADS or head.endswith("_karma")
