"""Checks as they nest: logic, groups with a prefix, named conditions; and which of their fields exist where."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from rules.actions.table import ACTIONS
from rules.actions.table import SYNONYMS as ACTION_SYNONYMS
from rules.conditions.checks import Check, Leaf, Quantity
from rules.conditions.logic import Every, Never, OneOf, Some
from rules.fields.kinds import Field
from rules.fields.table import ENTRY_GROUPS, FIELDS, FLAIR, GROUPS, SYNONYMS, find_field
from rules.loading.counters import CounterReader
from rules.loading.counting import STATE, CountReader
from rules.loading.doubts import question_together, warn_of_masking
from rules.loading.faults import Faults
from rules.loading.keys import Key, read_key
from rules.loading.leaves import LeafReader
from rules.loading.nodes import Mapping, Node, Scalar, Sequence

LOGIC: dict[str, type[Every | Some | Never]] = {"any": Some, "all": Every, "none": Never}
PRESENCE = ("missing", "has", "empty")
CHECK_WORDS = (*LOGIC, "is", *PRESENCE, "satisfy_any_threshold")
TYPE_NAMES = {"T": "topics", "R": "replies", "C": "conversations", "U": "users"}
OF_ALL = ("attachments.count",)
"""Fields of an entry group that speak of all entries together."""

DEEPEST = 24
"""How far conditions may lead to other conditions."""

MOST_COST = 20_000
"""The cost of one named condition, others in it counted each time."""

_RULE_ONLY = "it is an action and stands beside the checks of a rule, or in then:"


def resolve(word: str, prefix: str) -> str:
    """The path of a word under a prefix, AutoModerator's spellings put into ours."""
    head, dot, rest = word.partition(".")
    head = SYNONYMS.get(head, head)
    if head.endswith("_karma"):
        head = "reputation"
    if head in FLAIR:
        return f"{prefix}.groups" if prefix.endswith("author") else "topic.tags"
    path = f"{head}{dot}{rest}"
    if prefix == "topic" and (path == "category" or path.startswith("category.")):
        return path if dot else "topic.category"
    if path == "is_topic_author":
        return "author.is_topic_author"
    return f"{prefix}.{path}" if prefix else path


def known_words(prefix: str) -> list[str]:
    """Every word that a check may begin with under a prefix."""
    below = f"{prefix}." if prefix else ""
    fields = [path.removeprefix(below) for path in FIELDS if path.startswith(below)]
    return [*fields, *CHECK_WORDS, *([] if prefix else (*GROUPS, *STATE))]


@dataclass(slots=True)
class CheckReader:
    """Reads the checks of one rule. `types` are the item types that it was written for, "" where it did not say."""

    leaves: LeafReader
    counters: CounterReader
    types: str = ""
    opening: tuple[str, ...] = ()
    conditions: dict[tuple[str, str, bool], Check | None] = field(default_factory=dict)

    @property
    def faults(self) -> Faults:
        """Where faults go."""
        return self.leaves.faults

    def for_types(self, types: str) -> CheckReader:
        """The same reader for checks that are asked of these item types."""
        return replace(self, types=types)

    def read_all(self, node: Node, prefix: str = "") -> list[Check]:
        """Every check in `node`: a mapping's entries, or the mappings of a list."""
        if isinstance(node, Mapping):
            if not node.entries:
                self.faults.error("empty", node, "this checks nothing", "name a check, or delete it")
            return self._together(node, prefix)
        if isinstance(node, Sequence):
            if not node.items:
                self.faults.error("empty", node, "an empty list checks nothing", "name a check, or delete it")
            return [check for item in node.items if (check := self._item(item, prefix))]
        self.faults.error("shape", node, "here stand checks, each a key with its value", "any: [{title: x}, {body: y}]")
        return []

    def _together(self, node: Mapping, prefix: str) -> list[Check]:
        warn_of_masking(node.entries, self.faults)
        read = [(key, check) for key, value in node.entries if (check := self.entry(key, value, prefix))]
        question_together(read, self.faults)
        return [check for _, check in read]

    def _item(self, item: Node, prefix: str) -> Check | None:
        if not isinstance(item, Mapping):
            self.faults.error("shape", item, "an entry of this list is a mapping of checks", "{title: x}")
            return None
        return _joined(self.read_all(item, prefix))

    def entry(self, key_node: Scalar, node: Node, prefix: str) -> Check | None:
        """One check; None after recording what is wrong with it."""
        key = read_key(key_node, self.faults)
        return None if key is None else self.check(key, node, prefix)

    def check(self, key: Key, node: Node, prefix: str) -> Check | None:
        """The check under a key that was taken apart."""
        word = key.spelled
        if word in STATE and not prefix:
            found = CountReader(self, self.counters).read(key, node)
            return None if found is None else self._placed(key, found)
        if word in LOGIC or word == "is" or word in PRESENCE:
            return self._logic(key, node, prefix)
        path = resolve(word, prefix)
        if path == "topic.category" and isinstance(node, Mapping) and not _values(node):
            path = "category"
        if path in GROUPS and (path != "category" or (isinstance(node, Mapping) and not _values(node))):
            return self._group(path, key, node)
        return self._fields(key, node, prefix)

    def _logic(self, key: Key, node: Node, prefix: str) -> Check | None:
        if key.negated or key.modifiers:
            remedy = f"none: {{{key.spelled}: ...}}" if key.negated else "write them on the checks inside"
            self.faults.error("modifiers", key.node, f"`{key.spelled}` takes neither ~ nor modifiers", remedy)
            return None
        if key.spelled == "is":
            return self._is(node, key.label)
        if key.spelled in PRESENCE:
            return self._presence(key, node, prefix)
        checks = tuple(self.read_all(node, prefix))
        return LOGIC[key.spelled](checks, key.label) if checks else None

    def _is(self, node: Node, label: str | None) -> Check | None:
        names = node.items if isinstance(node, Sequence) else [node]
        found = [self.condition(name) for name in names if isinstance(name, Scalar)]
        if len(found) < len(names) or not names:
            self.faults.error("shape", node, "`is` takes the name of a condition, or several", "is: newcomer")
        checks = tuple(check for check in found if check)
        return Some(checks, label) if checks else None

    def condition(self, name: Scalar) -> Check | None:
        """The named condition; None after recording what is wrong with it."""
        known = (name.value, self.types, self.leaves.no_quotes)
        if len(self.opening) > DEEPEST:
            self.faults.error("too-deep", name, f"conditions lead on over {DEEPEST} times", "join some of them")
            return None
        if name.value in self.opening:
            ring = " > ".join([*self.opening, name.value])
            self.faults.error("circular", name, f"the condition leads back to itself: {ring}", "take one `is` out")
            return None
        node = self.leaves.library.find("conditions", name.value, name)
        if node is None or known in self.conditions:
            return self.conditions.get(known)
        inner = replace(self, opening=(*self.opening, name.value))
        check = _joined(inner.read_all(node))
        if check and check.cost > MOST_COST:
            self.faults.error("too-large", name, "the condition asks too many questions, others counted in", "split it")
            check = None
        self.conditions[known] = check
        return check

    def _presence(self, key: Key, node: Node, prefix: str) -> Check | None:
        names = node.items if isinstance(node, Sequence) else [node]
        fields = [self._asked(name, prefix) for name in names if isinstance(name, Scalar)]
        if len(fields) < len(names) or not names:
            remedy = f"{key.spelled}: author.country"
            self.faults.error("shape", node, f"`{key.spelled}` takes a field, or several", remedy)
        known = tuple(one for one in fields if one)
        return self._placed(key, self.leaves.presence(key, known, node, prefix)) if known else None

    def _asked(self, name: Scalar, prefix: str) -> Field | None:
        head = name.value.partition(".")[0]
        if head in ENTRY_GROUPS and name.value not in OF_ALL:
            remedy = 'link_count: "> 0"' if head == "link" else 'attachments: {count: "> 0"}'
            self.faults.error("has-entry", name, f"`{head}` is counted, not known or missing", remedy)
            return None
        return self._field(name.value, name, prefix)

    def _group(self, path: str, key: Key, node: Node) -> Check | None:
        if not isinstance(node, Mapping) or key.negated or key.modifiers:
            remedy = f"{path}: {{...}}; what must not hold goes into none:"
            self.faults.error("group", key.node, f"`{path}` takes a mapping, and neither ~ nor modifiers", remedy)
            return None
        if path in ENTRY_GROUPS:
            return self._entries(path, key, node)
        checks = self._with_thresholds(node, path) if path == "author" else self.read_all(node, path)
        return Every(tuple(checks), key.label) if checks else None

    def _entries(self, path: str, key: Key, node: Mapping) -> Check | None:
        of_all = [entry for entry in node.entries if f"{path}.{entry[0].value.split('#')[0]}" in OF_ALL]
        of_one = [entry for entry in node.entries if entry not in of_all]
        checks = [check for name, value in of_all if (check := self.entry(name, value, path))]
        inside = [check for name, value in of_one if (check := self.entry(name, value, path))]
        if inside:
            checks.append(OneOf(path, Every(tuple(inside), key.label)))
        if not node.entries:
            self.faults.error("empty", node, "this checks nothing", "name a check, or delete it")
        return _joined(checks)

    def _with_thresholds(self, node: Mapping, prefix: str) -> list[Check]:
        wanted = node.get("satisfy_any_threshold")
        if wanted is None:
            return self.read_all(node, prefix)
        if not isinstance(wanted, Scalar) or wanted.truth is None:
            self.faults.error("yes-no", wanted, "satisfy_any_threshold is true or false", "satisfy_any_threshold: true")
        either: list[Check] = []
        both: list[Check] = []
        for key, value in node.entries:
            if value is not wanted and (check := self.entry(key, value, prefix)):
                (either if isinstance(check, Quantity) else both).append(check)
        any_is_enough = isinstance(wanted, Scalar) and wanted.truth
        return [*both, Some(tuple(either))] if either and any_is_enough else [*both, *either]

    def _fields(self, key: Key, node: Node, prefix: str) -> Check | None:
        found = [self._field(word, key.node, prefix) for word in key.fields]
        fields = tuple(one for one in found if one)
        if len(fields) < len(found):
            return None
        if len({one.group if one.group in ENTRY_GROUPS else "" for one in fields}) > 1:
            message = "what is asked of one link or file is joined with nothing else"
            self.faults.error("join", key.node, message, "any: [{body: x}, {link: {text: x}}]")
            return None
        if key.negated and fields[0].key == "domain":
            remedy = "link: {~domain: ...} asks for a link that is not on the list"
            self.faults.warn("no-link-at-all", key.node, "this holds if no link at all is on the list", remedy)
        check = self.leaves.read(key, fields, node, prefix)
        if check is None:
            return None
        entries = fields[0].group
        alone = entries in ENTRY_GROUPS and prefix not in ENTRY_GROUPS and fields[0].key not in OF_ALL
        return self._placed(key, OneOf(entries, Every((check,))) if alone else check)

    def _field(self, word: str, place: Scalar, prefix: str) -> Field | None:
        path = resolve(word, prefix)
        found = find_field(path)
        if found is None and word in {*ACTIONS, *ACTION_SYNONYMS}:
            self.faults.error("action-as-check", place, f"{word!r} cannot be asked", _RULE_ONLY)
        elif found is None and path in GROUPS:
            first = next(known for known in FIELDS if known.startswith(f"{path}."))
            self.faults.error("unknown-check", place, f"{word!r} is a group of checks", f"name one of it, as {first}")
        elif found is None:
            under = f" under `{prefix}`" if prefix else ""
            self.faults.unknown("unknown-check", place, f"check{under} called", word, known_words(prefix))
        return found

    def _placed(self, key: Key, check: Leaf | Check) -> Check:
        lacking = [TYPE_NAMES[kind] for kind in self.types if kind not in check.types]
        if lacking:
            remedy = (
                "topic.title speaks of the title above a reply" if key.spelled == "title" else "mend type: or the check"
            )
            message = f"`{key.spelled}` does not exist on {' and '.join(lacking)}"
            self.faults.error("wrong-type", key.node, message, remedy)
        return check

    def any_of(self, checks: list[Check]) -> Check | None:
        """One check that holds if any of `checks` does."""
        return Some(tuple(checks)) if checks else None


def _joined(checks: list[Check]) -> Check | None:
    if len(checks) == 1:
        return checks[0]
    return Every(tuple(checks)) if checks else None


def _values(node: Mapping) -> bool:
    """Whether a mapping speaks of values, as {any: [a, b]}, and not of checks, as {any: [{name: a}]}."""
    words = ("any", "all", "at_least", "of", "except")
    first = node.entries[0][1] if node.entries else node
    checks = isinstance(first, Mapping) or (
        isinstance(first, Sequence) and any(isinstance(one, Mapping) for one in first.items)
    )
    return not checks and all(key.value in words for key, _ in node.entries)
