"""YAML 1.2 as a tree that remembers where everything stood and how it was spelled.

Scalars keep their text: what `NO`, `007` or `1.10` mean is for the field that takes the value to say. Reading is
bounded (depth, nodes, and nodes after aliases are followed), so a hostile file is refused and never hangs. Documents
parted by `---` are read one by one, so that a fault in one does not hide those of the next.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, MappingEndEvent, MappingStartEvent, ScalarEvent, SequenceEndEvent
from ruamel.yaml.events import SequenceStartEvent as SequenceStart

from rules.loading.faults import Faults, Spot
from rules.loading.remedies import remedy_of

CURLY = "\u201c\u201d\u201e\u2018\u2019"
DEEPEST = 48
MOST_NODES = 1_000_000
_UNCAPPED = {spelled: word for word in ("true", "false") for spelled in (word.capitalize(), word.upper())}
DOCUMENT_MARK = re.compile(r"^(?:---|\.\.\.)(?=[ \t\r\n]|\Z)[ \t]*", re.MULTILINE)


@dataclass(slots=True, eq=False, kw_only=True)
class Node:
    """Something in a file. `weight` counts the nodes below it with aliases followed."""

    file: str
    line: int
    column: int
    weight: int = 1

    @property
    def written(self) -> str:
        """What a fault quotes."""
        return ""


@dataclass(slots=True, eq=False, kw_only=True)
class Scalar(Node):
    """A value as spelled; `style` is YAML's: None for plain, else a quote, `|` or `>`."""

    value: str
    style: str | None = None

    @property
    def written(self) -> str:
        """The value."""
        return self.value

    @property
    def quoted(self) -> bool:
        """Whether the writer said that it is text."""
        return self.style is not None

    @property
    def truth(self) -> bool | None:
        """Yes or no, in the spellings of YAML 1.2; None for all else."""
        return None if self.quoted else {"true": True, "false": False}.get(_UNCAPPED.get(self.value, self.value))

    @property
    def uncurled(self) -> str | None:
        """What stands between curly quotes, if the value stands in such; YAML takes them for letters."""
        around = len(self.value) > 1 and self.value[0] in CURLY and self.value[-1] in CURLY
        return self.value[1:-1] if around and not self.quoted else None


@dataclass(slots=True, eq=False, kw_only=True)
class Sequence(Node):
    """A list."""

    items: list[Node] = field(default_factory=list)

    @property
    def written(self) -> str:
        """Its first entry."""
        return f"[{self.items[0].written}{', …' if len(self.items) > 1 else ''}]" if self.items else "[]"


@dataclass(slots=True, eq=False, kw_only=True)
class Mapping(Node):
    """A mapping in the order written; no key stands twice."""

    entries: list[tuple[Scalar, Node]] = field(default_factory=list)

    @property
    def written(self) -> str:
        """Its first key."""
        return f"{self.entries[0][0].value}:" if self.entries else "{}"

    def get(self, key: str) -> Node | None:
        """The value of `key`, or None."""
        return next((node for name, node in self.entries if name.value == key), None)


class _Parser(YAML):
    """ruamel's, without its search of the disk for plug-ins, which it would make for each document."""

    def official_plug_ins(self) -> list[str]:
        """None."""
        return []


class _Refused(Exception):
    """A document that is not read further; its fault is recorded."""


def read_documents(text: str, file: str, faults: Faults) -> list[Node]:
    """The YAML documents of `text`, empty ones left out. Faults go to `faults`; a faulty document is left out too."""
    documents = []
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    start = line = 0
    marks = [match.span() for match in DOCUMENT_MARK.finditer(text)]
    for mark_start, mark_end in [*marks, (len(text), len(text))]:
        part = text[start:mark_start]
        document = _Composer(file, line, faults).compose(part) if part.strip() else None
        if document is not None:
            documents.append(document)
        start, line = mark_end, line + part.count("\n")
    return documents


def plain(node: Node) -> Any:
    """The node as plain values, for what is not a rule: stories and examples. Plain scalars take YAML 1.2's types."""
    if isinstance(node, Mapping):
        return {key.value: plain(value) for key, value in node.entries}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    assert isinstance(node, Scalar)
    return node.value if node.quoted else _resolved(node.value)


def _resolved(value: str) -> Any:
    words: dict[str, Any] = {"": None, "null": None, "~": None, "true": True, "false": False}
    value = _UNCAPPED.get(value, value)
    if value in words:
        return words[value]
    if re.fullmatch(r"-?(0|[1-9]\d{0,17})", value):
        return int(value)
    return float(value) if re.fullmatch(r"-?\d{1,17}\.\d{1,17}", value) else value


class _Composer:
    """Builds one document."""

    def __init__(self, file: str, first_line: int, faults: Faults) -> None:
        self.file = file
        self.first_line = first_line
        self.faults = faults
        self.anchors: dict[str, Node | None] = {}
        self.nodes = 0

    def compose(self, text: str) -> Node | None:
        """The document's tree, or None after recording what is wrong with it."""
        parser = _Parser(typ="safe", pure=True)
        parser.version = (1, 2)
        try:
            return self._document(iter(parser.parse(text)))
        except _Refused:
            return None
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line, column = (mark.line, mark.column) if mark else (0, 0)
            self._syntax(line, column, f"{error.problem or error.context}", text)
        except (YAMLError, ValueError, OverflowError, LookupError) as error:
            self._syntax(0, 0, str(error).split("\n", 1)[0], text)
        return None

    def _document(self, events: Iterator[Any]) -> Node | None:
        root = None
        for event in events:
            if isinstance(event, ScalarEvent | MappingStartEvent | SequenceStart | AliasEvent):
                root = self._node(event, events, 0)
        empty = isinstance(root, Scalar) and not root.value and not root.quoted
        return None if empty else root

    def _syntax(self, line: int, column: int, problem: str, text: str) -> None:
        lines = text.split("\n", line + 1)
        written = lines[line] if line < len(lines) else ""
        spot = Spot(self.file, self.first_line + line + 1, column + 1, written)
        self.faults.error("syntax", spot, f"this is not YAML: {problem}", remedy_of(problem))

    def _place(self, event: Any) -> dict[str, Any]:
        mark = event.start_mark
        return {"file": self.file, "line": self.first_line + mark.line + 1, "column": mark.column + 1}

    def _refuse(self, code: str, event: Any, message: str, suggestion: str, written: str = "") -> _Refused:
        self.faults.error(code, Spot(**self._place(event), written=written), message, suggestion)
        return _Refused()

    def _node(self, event: Any, events: Iterator[Any], depth: int) -> Node:
        if isinstance(event, AliasEvent):
            return self._alias(event)
        if depth > DEEPEST:
            raise self._refuse(
                "too-deep", event, f"nested deeper than {DEEPEST} levels", "split it up with `conditions`"
            )
        if event.tag and event.tag not in ("!", "tag:yaml.org,2002:str"):
            raise self._refuse(
                "tag", event, "a value that begins with ! needs quotes", f'write "{event.tag}"', event.tag
            )
        if event.anchor:
            self.anchors[event.anchor] = None
        node = self._built(event, events, depth)
        self.nodes += 1
        if max(self.nodes, node.weight) > MOST_NODES:
            raise self._refuse(
                "too-large", event, f"holds more than {MOST_NODES:,} values", "split the file, or use lists"
            )
        if event.anchor:
            self.anchors[event.anchor] = node
        return node

    def _alias(self, event: Any) -> Node:
        node = self.anchors.get(event.anchor)
        if node is None:
            remedy = f'for the text itself write "*{event.anchor}"'
            what = "stands inside itself" if event.anchor in self.anchors else "is not defined before"
            raise self._refuse("alias", event, f"the alias *{event.anchor} {what}", remedy, f"*{event.anchor}")
        return node

    def _built(self, event: Any, events: Iterator[Any], depth: int) -> Node:
        place = self._place(event)
        if isinstance(event, ScalarEvent):
            return Scalar(
                **place, value=event.value, style=event.style if event.style in ("'", '"', "|", ">") else None
            )
        if isinstance(event, MappingStartEvent):
            return self._mapping(Mapping(**place), events, depth)
        return self._sequence(Sequence(**place), events, depth)

    def _sequence(self, sequence: Sequence, events: Iterator[Any], depth: int) -> Sequence:
        for event in events:
            if isinstance(event, SequenceEndEvent):
                break
            item = self._node(event, events, depth + 1)
            sequence.items.append(item)
            sequence.weight += item.weight
        return sequence

    def _mapping(self, mapping: Mapping, events: Iterator[Any], depth: int) -> Mapping:
        seen: dict[str, int] = {}
        cut: Scalar | None = None
        for event in events:
            if isinstance(event, MappingEndEvent):
                break
            key = self._node(event, events, depth + 1)
            value = self._node(next(events), events, depth + 1)
            key, cut = _rejoined(cut, key), None
            if _is_empty(value):
                value.line, value.column = key.line, key.column
            if not isinstance(key, Scalar):
                remedy = 'put quotes round it: "{{title}}"' if isinstance(key, Mapping) else "put quotes round it"
                self.faults.error("key", key, "a key must be plain text", remedy)
            elif _is_cut(key, value):
                cut = key
            elif key.value in seen:
                self._twice(key, seen[key.value])
            else:
                seen[key.value] = key.line
                mapping.entries.append((key, value))
            mapping.weight += value.weight + 1
        if cut is not None:
            mapping.entries.append((cut, value))
        return mapping

    def _twice(self, key: Scalar, first: int) -> None:
        remedy = "part two rules with a line `---`, or tell two checks of one field apart with labels, as body#price"
        message = f"the key {key.value!r} stands twice, first in line {first}: one would be lost"
        self.faults.error("duplicate-key", key, message, remedy)


def _is_empty(value: Node) -> bool:
    return isinstance(value, Scalar) and not value.value and not value.quoted


def _is_cut(key: Scalar, value: Node) -> bool:
    """Whether YAML parted a key at the comma in its brackets, as inside braces: `{title (includes, fold): x}`."""
    return not key.quoted and "(" in key.value and ")" not in key.value and _is_empty(value)


def _rejoined(cut: Scalar | None, key: Node) -> Node:
    if cut is None or not isinstance(key, Scalar):
        return key
    return Scalar(file=cut.file, line=cut.line, column=cut.column, value=f"{cut.value}, {key.value}")
