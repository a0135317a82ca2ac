"""A folder's documents sorted into definitions and rules, and the settings among them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo, available_timezones

from rules.loading.brakes import read_mode
from rules.loading.checks import known_words
from rules.loading.faults import Faults, closest
from rules.loading.library import SHELVES, Library
from rules.loading.nodes import Mapping, Node, Scalar, Sequence, plain
from rules.loading.parts import RULE_KEYS
from rules.loading.steps import WORDS
from rules.mode import Mode
from rules.rule import Settings
from rules.subject import Moderators

STARTS = (Mode.SHADOW, Mode.HOLD, Mode.LIVE)
"""Where new rules may start."""

DEFINITIONS = ("version", "settings", "lists", "conditions", "actions", "counters", "rules")
SETTINGS = ("timezone", "moderators", "mode", "new_rules", "privileges")


@dataclass(slots=True)
class Documents:
    """What the files of one load hold: rules with their place in their file, and settings by key."""

    faults: Faults
    library: Library
    rules: list[tuple[Node, int]] = field(default_factory=list)
    settings: dict[str, tuple[Scalar, Node]] = field(default_factory=dict)

    def take(self, documents: list[Node]) -> None:
        """Sort the documents of one file."""
        place = 0
        for document in documents:
            if isinstance(document, Mapping) and any(key.value in DEFINITIONS for key, _ in document.entries):
                place = self._definitions(document, place)
            elif isinstance(document, Sequence):
                message = "a file is rules parted by `---`, or one mapping"
                self.faults.error("shape", document, message, "put `rules:` before the list")
            else:
                place += 1
                self.rules.append((document, place))

    def _definitions(self, document: Mapping, place: int) -> int:
        for key, value in document.entries:
            if key.value in SHELVES:
                self.library.stock(key.value, value)
            elif key.value == "settings":
                self._settings(value)
            elif key.value == "rules":
                place = self._rules(value, place)
            elif key.value == "version":
                self._version(value)
            elif key.value in RULE_KEYS or _may_be_of_rule(key.value):
                message = f"{key.value!r} belongs to a rule, and stands among the keys of a file"
                self.faults.error("unknown-key", key, message, "part them with a line `---`, or put it under rules:")
            else:
                self.faults.unknown("unknown-key", key, "key of a rule file", key.value, DEFINITIONS)
        return place

    def _rules(self, value: Node, place: int) -> int:
        if not isinstance(value, Sequence):
            self.faults.error("shape", value, "`rules` is a list", "rules: [{name: ..., checks, actions}]")
            return place
        for node in value.items:
            place += 1
            self.rules.append((node, place))
        return place

    def _version(self, value: Node) -> None:
        if not isinstance(value, Scalar) or value.value != "1":
            self.faults.error("version", value, "this reads version 1 of the rule language", "version: 1")

    def _settings(self, value: Node) -> None:
        if not isinstance(value, Mapping):
            self.faults.error("shape", value, "`settings` is a mapping", "settings: {timezone: Europe/London}")
            return
        for key, node in value.entries:
            if key.value not in SETTINGS:
                self.faults.unknown("unknown-key", key, "setting", key.value, SETTINGS)
            elif key.value in self.settings:
                self._given_twice(key, node, *self.settings[key.value])
            else:
                self.settings[key.value] = (key, node)

    def _given_twice(self, key: Scalar, node: Node, first: Scalar, other: Node) -> None:
        """Two files may say the same, as packs that are loaded together do."""
        if plain(node) != plain(other):
            message = f"the setting {key.value!r} is given before, in {first.file}:{first.line}"
            self.faults.error("name-twice", key, message, "keep one, or give both the same value")

    def read_settings(self) -> Settings:
        """The settings of all files together."""
        groups, users = self._moderators()
        return Settings(
            timezone=self._timezone(),
            moderators=Moderators(frozenset(groups), frozenset(users)),
            mode=self._mode("mode", Mode),
            new_rules=self._mode("new_rules", STARTS),
            privileges=frozenset(
                self._folded(self.settings["privileges"][1] if "privileges" in self.settings else None)
            ),
        )

    def _mode(self, key: str, modes: Iterable[Mode]) -> Mode:
        return read_mode(self.settings[key][1], self.faults, modes) if key in self.settings else Mode.LIVE

    def _timezone(self) -> ZoneInfo:
        if "timezone" in self.settings:
            node = self.settings["timezone"][1]
            try:
                return ZoneInfo(node.value if isinstance(node, Scalar) else "")
            except (OSError, ValueError, LookupError):
                self.faults.error("timezone", node, "there is no such timezone", _timezones(node.written))
        return ZoneInfo("UTC")

    def _moderators(self) -> tuple[list[str], list[str]]:
        if "moderators" not in self.settings:
            return [], []
        node = self.settings["moderators"][1]
        if not isinstance(node, Mapping):
            self.faults.error("shape", node, "`moderators` names groups and users", "moderators: {groups: [Staff]}")
            return [], []
        for key, _ in node.entries:
            if key.value not in ("groups", "users"):
                self.faults.unknown("unknown-key", key, "word of moderators", key.value, ("groups", "users"))
        return self._folded(node.get("groups")), self._folded(node.get("users"))

    def _folded(self, node: Node | None) -> list[str]:
        return [] if node is None else [word.text.casefold() for word in self.library.words(node)]


def _may_be_of_rule(key: str) -> bool:
    """Whether a key is a check or an action, as in a rule whose `---` was forgotten."""
    head = re.split(r"[#. (+]", key.lstrip("~"), maxsplit=1)[0]
    return head in WORDS or head in known_words("")


def _timezones(written: str) -> str:
    known = available_timezones()
    near = next((zone for zone in sorted(known) if zone.endswith(f"/{written}")), None) or closest(written, known)
    return f"did you mean {near!r}?" if near else "Europe/London, America/New_York or UTC"
