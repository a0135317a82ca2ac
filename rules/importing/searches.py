"""Search checks: key, values and modifiers of AutoModerator as a check of ours that finds the same."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from rules.importing import words
from rules.importing.draft import Draft, Entry, listed, quoted
from rules.importing.notes import Kind, NotImported, Report
from rules.importing.values import CURLY, is_curly, items_of, own_groups, searched_text, vanishes
from rules.loading.nodes import Node, Scalar

_KEY = re.compile(r"(?P<negated>~?)(?P<fields>[^\s(#~]+)(?:#(?P<label>[^\s(]*))?\s*(?:\((?P<modifiers>[^()]*)\))?")
_NO_HOST = re.compile(r"[/:@\s]")
LONGEST_KEY = 500


@dataclass(frozen=True, slots=True)
class Key:
    """A key taken apart as Reddit does: no space is needed before the brackets, and a label may be a number."""

    node: Scalar
    written: str
    fields: tuple[str, ...]
    negated: bool
    label: str | None
    modifiers: tuple[str, ...]

    @property
    def word(self) -> str:
        """The fields as written."""
        return "+".join(self.fields)

    @property
    def called(self) -> str:
        """What Reddit's placeholders call the check."""
        return f"{self.word}#{self.label}" if self.label is not None else self.word


def read_key(node: Scalar) -> Key:
    """The key in `node`; capitals do not matter. Raises NotImported."""
    written = node.value.strip().lower()
    match = _KEY.fullmatch(written) if len(written) <= LONGEST_KEY else None
    if match is None:
        raise NotImported(node.line, node.value, "this is not the key of a check or an action")
    modifiers = (word.strip() for word in (match["modifiers"] or "").split(","))
    return Key(
        node=node,
        written=node.value.strip(),
        fields=tuple(dict.fromkeys(match["fields"].split("+"))),
        negated=bool(match["negated"]),
        label=match["label"],
        modifiers=tuple(word for word in modifiers if word),
    )


@dataclass(slots=True)
class Searches:
    """Translates the searches of one rule. `labels` fills with our names of its checks, by Reddit's.

    `several_regexes` tells that a check has more than one, in which Reddit counts the groups of all together.
    """

    draft: Draft
    report: Report
    one_link: bool = False
    labels: dict[str, str] = field(default_factory=dict)
    several_regexes: bool = False

    def add(self, key: Key, node: Node, group: str) -> None:
        """Take one search into the draft. Raises NotImported."""
        if vanishes(node):
            meaning = "the check is left out: on Reddit one without a value, or with an unquoted no or 0, is no check"
            self.report.dropped(key.node.line, key.written, meaning, "name a value, in quotes")
            return
        fields = self._fields(key)
        values = self._values(key, node) if fields else []
        if not fields or not values:
            self._without_hits(key)
            return
        if key.word == "domain":
            values = self._hosts(key, values)
        if not values:
            return
        self._tell(key, fields, group)
        if len(fields) > 1 and len(values) > 1 and not key.negated:
            meaning = "any of the values in any of the fields is enough, as on Reddit"
            self.report.once(key.node.line, key.written, meaning, "(all) asks for every one of them", kind=Kind.KEPT)
        self._put(key, fields, values, group)

    def _fields(self, key: Key) -> list[str]:
        found = []
        for word in key.fields:
            if word in words.LOST_CHECKS:
                why, remedy = words.LOST_CHECKS[word]
                if len(key.fields) == 1:
                    raise NotImported(key.node.line, key.written, why, remedy)
                self.report.dropped(key.node.line, key.written, f"`{word}` is not searched: {why}", remedy)
            elif word in words.LOST_FIELDS:
                self.report.dropped(key.node.line, key.written, f"`{word}` is not searched: {words.LOST_FIELDS[word]}")
            else:
                found.append(word)
        return found

    def _values(self, key: Key, node: Node) -> list[Scalar]:
        values = []
        for item in items_of(node):
            if not isinstance(item, Scalar):
                raise NotImported(item.line, key.written, "a value is text", "put quotes round it")
            if is_curly(item):
                self._tell_of_curly_quotes(item)
            else:
                values.append(self._value(item))
        if "regex" not in key.modifiers:
            return values
        self.several_regexes |= len(values) > 1
        return own_groups(values)

    def _tell_of_curly_quotes(self, item: Scalar) -> None:
        bare = item.value.strip(CURLY + '"')
        meaning = "the word is left out: its curly quotes are part of it, so that it never matched on Reddit"
        self.report.dropped(item.line, item.value, meaning, f'write "{bare}"')

    def _value(self, item: Scalar) -> Scalar:
        searched = searched_text(item)
        if searched != item.value:
            meaning = f"{item.value!r} is searched as written; on Reddit, without quotes, it became {searched!r}"
            self.report.changed(item.line, item.value, meaning, f'for what Reddit searched write "{searched}"')
        return quoted(item.value)

    def _without_hits(self, key: Key) -> None:
        """A search that can find nothing: it always holds where it is negated, and else never."""
        if not key.negated:
            raise NotImported(key.node.line, key.written, "this check can never hold")
        self.report.dropped(key.node.line, key.written, "the check is left out: it always holds")

    def _hosts(self, key: Key, values: list[Scalar]) -> list[Scalar]:
        """The values that are hosts; `self.…`, Reddit's name of text posts, is none. Tells where none is left."""
        values = values if self._asks_for_part(key) else self._without_paths(key, values)
        hosts = [value for value in values if not value.value.lower().startswith("self.")]
        if hosts and len(hosts) < len(values):
            self.report.dropped(key.node.line, key.written, "`self.…` is left out: forums have no such text posts")
        elif values and not hosts:
            self.report.changed(
                key.node.line, key.written, "text posts of Reddit: here, whether the topic holds a link"
            )
            self._link_count(key, "> 0" if key.negated else "= 0")
        elif not values:
            self._without_hits(key)
        return hosts

    def _without_paths(self, key: Key, values: list[Scalar]) -> list[Scalar]:
        for value in values:
            if _NO_HOST.search(value.value):
                meaning = "the value is left out: it is no host alone, so that it never matched on Reddit"
                self.report.dropped(key.node.line, value.value, meaning, "without scheme and path, or url: for both")
        return [value for value in values if not _NO_HOST.search(value.value)]

    def _link_count(self, key: Key, wanted: str) -> None:
        if not self.draft.holds("link_count", ""):
            entry = Entry("link_count", quoted(wanted), key.node.line, key.written, is_check=True)
            self.draft.entries.append(entry)

    def _tell(self, key: Key, fields: list[str], group: str) -> None:
        line, written = key.node.line, key.written
        if any(word in words.OF_LINK for word in fields):
            meaning = "this asks about every link in title and text; on Reddit about the one link of a link post"
            if self.one_link and len(key.fields) == 1:
                meaning = "this asks for a link, in title or text, that meets all under `link:`; without links it fails"
            self.report.changed(line, written, meaning)
        if any(word in words.FLAIR for word in fields):
            what = "the groups of the author" if group == "author" else "the tags of the topic"
            self.report.changed(line, written, f"flair is {what} here", "check that these have the same titles")
        if "name" in fields and not self._asks_for_part(key):
            meaning = "the whole name must be this; on Reddit a part of it, between hyphens, was enough"
            self.report.changed(line, written, meaning, "name (includes-word) for a part")
        if key.negated:
            meaning = "a check on what is not known is unknown, and the rule does not act; Reddit takes it as empty"
            self.report.once(line, written, meaning, "any: with missing: asks for what is not known")

    @staticmethod
    def _asks_for_part(key: Key) -> bool:
        return "regex" in key.modifiers or any(word in words.METHODS for word in key.modifiers)

    def _put(self, key: Key, fields: list[str], values: list[Scalar], group: str) -> None:
        if group == "" and self.one_link and key.word in words.OF_LINK:
            group = "link"
        ours = list(dict.fromkeys(_path(word, group, joined=len(fields) > 1) for word in fields))
        if group == "" and ours == ["tags"]:
            group = "topic"
        elif group == "":
            ours = ["topic.tags" if word == "tags" else word for word in ours]
        modifiers = _modifiers(key)
        brackets = f" ({', '.join(modifiers)})" if modifiers else ""
        sign = "~" if key.negated else ""
        label = self._label(key, f"{sign}{'+'.join(ours)}", brackets, group)
        spelled = f"{sign}{'+'.join(ours)}{f'#{label}' if label else ''}{brackets}"
        if group in ("", "link") and not key.negated:
            self.labels[key.called] = label or "+".join(ours)
        value = values[0] if len(values) == 1 else listed(values)
        self.draft.entries.append(
            Entry(spelled, value, key.node.line, key.written, group=group, is_check=True),
        )

    def _label(self, key: Key, head: str, brackets: str, group: str) -> str | None:
        """The label, with a letter before digits alone; one is made where two words of Reddit are one here."""
        label = re.sub(r"[^\w-]", "-", key.label) if key.label else None
        if label and label.isdigit():
            label = f"n{label}"
        number = 2
        while self.draft.holds(f"{head}{f'#{label}' if label else ''}{brackets}", group):
            label, number = f"n{number}", number + 1
        return label


def _path(word: str, group: str, *, joined: bool) -> str:
    if word not in words.FLAIR:
        return word
    return "groups" if group == "author" else "topic.tags" if joined and group == "" else "tags"


def _modifiers(key: Key) -> list[str]:
    """The modifiers: one method, and Reddit's default where ours would be another."""
    methods = [word for word in key.modifiers if word in words.METHODS]
    others = [word for word in dict.fromkeys(key.modifiers) if word not in words.METHODS]
    differs = {*words.OF_LINK, *words.FLAIR, "name"} & set(key.fields)
    joined = len(key.fields) > 1
    by_word = differs and (joined or ("regex" in others and bool(differs & {"domain", "name"})))
    if not methods and by_word:
        methods = ["includes-word"]
    return [*methods[:1], *others]
