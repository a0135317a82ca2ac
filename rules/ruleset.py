"""Rules, loaded: the value that events are decided on. A folder loads whole or not at all."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from rules.examples import broken_examples
from rules.index import Docket, SharedIndex
from rules.loading.documents import Documents
from rules.loading.faults import Fault, Faults, RulesInvalid, Severity
from rules.loading.files import MOST_LIST_BYTES, find_rule_files, read_bounded, read_text
from rules.loading.library import Library
from rules.loading.nodes import read_documents
from rules.loading.occasions import Reach
from rules.loading.rules import RuleReader
from rules.mode import Mode
from rules.rule import Rule, Settings, by_priority
from rules.subject import GROUP_CHANGED, Subject
from rules.watches import Watch, watches_of

__all__ = ["Fault", "Rule", "RulesInvalid", "Ruleset", "Settings", "Severity", "load", "load_text"]


class Digest(Protocol):
    """A running digest, as of hashlib."""

    def update(self, data: bytes, /) -> None:
        """Take in more."""

    def hexdigest(self) -> str:
        """What it comes to."""


@dataclass(frozen=True, eq=False)
class Ruleset:
    """A whole set of rules, in the order written. `digest` names its content; `can` are the platform's action words."""

    rules: tuple[Rule, ...]
    settings: Settings
    digest: str
    warnings: tuple[Fault, ...] = ()
    can: frozenset[str] | None = None
    shared: SharedIndex = field(default_factory=SharedIndex, repr=False)

    def held_back(self, modes: Mapping[str, Mode]) -> Ruleset:
        """The same rules, those named in `modes` no further than there: what brakes and trials make of them."""
        if not modes:
            return self
        rules = tuple(replace(rule, mode=_lesser(rule.mode, modes.get(rule.name, rule.mode))) for rule in self.rules)
        return replace(self, rules=rules)

    def named(self, names: Collection[str]) -> list[Rule]:
        """The rules of these names, in the order written."""
        return [rule for rule in self.rules if rule.name in names] if names else []

    def as_live(self) -> Ruleset:
        """The same rules with every trial lifted, for readers that show what rules would do; off stays off."""
        rules = tuple(rule if rule.mode is Mode.OFF else replace(rule, mode=Mode.LIVE) for rule in self.rules)
        return replace(self, rules=rules)

    @cached_property
    def in_order(self) -> tuple[Rule, ...]:
        """The rules by priority, then as written."""
        return tuple(by_priority(self.rules))

    def for_event(self, subject: Subject) -> Docket:
        """Those that its event and type of item concern; every other is none of its business."""
        named = subject.event.type if subject.event.type in self._named else None
        kind = subject.kind if isinstance(subject.kind, str) else "TR"
        key = (named, subject.trigger, kind)
        if key not in self._dockets:
            words = {named, subject.trigger, GROUP_CHANGED if subject.may_change_groups else None}
            rules = {
                place: rule
                for place, rule in enumerate(self.in_order)
                if rule.events & words and set(kind) & set(rule.types) and rule.mode is not Mode.OFF
            }
            index = self.shared.of(tuple(rule.check for rule in self.in_order))
            concerned = frozenset(rules.values())
            watches = (one for one in self.watches if one.concerns(subject.trigger, kind, concerned))
            self._dockets[key] = Docket.of(rules, index, watches)
        return self._dockets[key]

    @cached_property
    def remembers(self) -> bool:
        """Whether any rule needs the state."""
        return any(rule.remembers for rule in self.rules)

    @cached_property
    def follows_groups(self) -> bool:
        """Whether any rule is for users whose groups have changed."""
        return any(rule.follows_groups for rule in self.rules)

    @cached_property
    def heeds_verdicts(self) -> bool:
        """Whether what is decided on one event changes what the state tells of the next, before that is decided on."""
        return bool(self.kept_lanes) or any(rule.reads for rule in self.rules)

    @cached_property
    def kept_lanes(self) -> frozenset[str]:
        """The lanes with a window that what is deleted is taken out of."""
        return frozenset(watch.lane for watch in self.watches if watch.check.window.kept)

    @cached_property
    def watches(self) -> tuple[Watch, ...]:
        """Every window that its counts are kept in; equal counts share one."""
        return watches_of(self.rules)

    @cached_property
    def _named(self) -> frozenset[str]:
        return frozenset[str]().union(*(rule.events for rule in self.rules))

    @cached_property
    def _dockets(self) -> dict[tuple[str | None, str | None, str], Docket]:
        return {}


def load(
    paths: Sequence[Path],
    *,
    actions: frozenset[str] | None = None,
    events: frozenset[str] | None = None,
    platform: str | None = None,
    lacks: Mapping[str, str] | None = None,
) -> Ruleset:
    """The rules of the files, folders and shipped packs in `paths`.

    `actions` are the words that the platform has, `events` the full names of those that it sends; a rule that asks for
    others is refused. `platform` names it in that fault; `lacks` are the item types that it cannot do a word to.
    Raises RulesInvalid with every fault; what is merely doubtful is in `warnings`.
    """
    faults = Faults()
    files = {file.name: file for file in find_rule_files([Path(path) for path in paths], faults)}
    digest = sha256()

    def read_list(name: str, path: str) -> str:
        folder = files[name].path.parent.resolve()
        target = (folder / path).resolve()
        if not target.is_relative_to(folder):
            raise ValueError("it lies outside the folder of its rules")
        text = read_bounded(target, MOST_LIST_BYTES)
        _count_in(digest, path, text)
        return text

    texts = []
    for file in files.values():
        text = read_text(file, faults)
        if text is not None:
            texts.append((file.name, text))
            _count_in(digest, file.inside, text)
    return _compile(texts, Library(faults, read_list), digest, Reach(actions, events, platform, lacks or {}))


def load_text(
    text: str,
    name: str = "rules.yaml",
    *,
    actions: frozenset[str] | None = None,
    events: frozenset[str] | None = None,
) -> Ruleset:
    """The rules in `text`. Raises RulesInvalid."""

    def no_files(_file: str, _path: str) -> str:
        raise ValueError("rules that are no file have no files beside them")

    digest = sha256()
    _count_in(digest, name, text)
    return _compile([(name, text)], Library(Faults(), no_files), digest, Reach(actions, events))


def _compile(
    texts: list[tuple[str, str]],
    library: Library,
    digest: Digest,
    reach: Reach,
) -> Ruleset:
    faults = library.faults
    documents = Documents(faults, library)
    for name, text in texts:
        documents.take(read_documents(text, name, faults))
    settings = documents.read_settings()
    reader = RuleReader(faults, library, settings, reach)
    rules = tuple(rule for node, place in documents.rules if (rule := reader.read(node, place)))
    library.report_unused()
    reader.counters.report_idle()
    reader.read_unused()
    if not faults.failed:
        for rule in rules:
            for example, why in broken_examples(rule, settings):
                faults.error("example", example.place, why, "mend the rule or the example")
    if faults.failed:
        raise RulesInvalid(faults.in_order())
    settings = replace(settings, timed=_timed(rules))
    return Ruleset(rules, settings, digest.hexdigest()[:16], tuple(faults.in_order()), reach.actions)


def _lesser(*modes: Mode) -> Mode:
    return max(modes, key=list(Mode).index)


def _timed(rules: Iterable[Rule]) -> frozenset[str]:
    """The slots of the groups that are given or taken for a time."""
    steps = (step for rule in rules for step in rule.all_steps if "for" in step.options)
    return frozenset(f"{step.action.slot}:{step.options['group']}".casefold() for step in steps)


def _count_in(digest: Digest, name: str, text: str) -> None:
    digest.update(f"{name}\0{len(text)}\0{text}\0".encode("utf-8", "surrogatepass"))
