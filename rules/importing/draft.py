"""A rule on its way from one language to the other, and how it is written down as YAML that reads back the same."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from rules.loading.nodes import Mapping, Node, Scalar, Sequence

GROUPS = ("author", "topic", "link")
WIDEST = 110
_SAFE_VALUE = re.compile(r"[\w$]+(?:[ .-][\w$]+)*", re.ASCII)
_SAFE_KEY = re.compile(r"~?\w[\w.+#-]*(?: \([\w, -]+\))?", re.ASCII)


@dataclass(slots=True, eq=False)
class Entry:
    """One key of the rule: in a group or in none, and where it came from. Only what is no check may be left out."""

    key: str
    value: Node
    line: int
    written: str
    group: str = ""
    is_check: bool = False
    is_action: bool = False


@dataclass(slots=True)
class Draft:
    """A rule as far as it is known. `origin` says where it stood."""

    origin: str
    line: int
    name: str = ""
    type: str = ""
    entries: list[Entry] = field(default_factory=list)
    of_removal: bool = False
    exempts_moderators: bool = False

    @property
    def checks(self) -> list[Entry]:
        """What it asks."""
        return [entry for entry in self.entries if entry.is_check]

    @property
    def actions(self) -> list[Entry]:
        """What it does."""
        return [entry for entry in self.entries if entry.is_action]

    def holds(self, key: str, group: str) -> bool:
        """Whether a group has that key."""
        return any(entry.key == key and entry.group == group for entry in self.entries)


def quoted(text: str) -> Scalar:
    """Text that is written in quotes."""
    return Scalar(file="", line=1, column=1, value=text, style='"')


def plain(word: str) -> Scalar:
    """A word that is written as it stands."""
    return Scalar(file="", line=1, column=1, value=word)


def listed(items: list[Scalar]) -> Sequence:
    """A list of values."""
    return Sequence(file="", line=1, column=1, items=list(items))


@dataclass(slots=True)
class Writing:
    """A draft as YAML, and which entry begins at which line."""

    lines: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The whole rule."""
        return "\n".join(self.lines) + "\n"

    def entry_at(self, line: int) -> Entry | None:
        """The entry that holds this line of the text, counted from 1."""
        place = bisect_right(self.starts, line) - 1
        return self.entries[place] if place >= 0 else None

    def put(self, entry: Entry, indent: int) -> None:
        """Write one entry."""
        self.starts.append(len(self.lines) + 1)
        self.entries.append(entry)
        self.lines += _pair(entry.key, entry.value, indent)


def write(draft: Draft) -> Writing:
    """The draft as YAML: keys of the rule and of the item first, then the groups."""
    writing = Writing([f"# {draft.origin}", f"name: {_scalar(quoted(draft.name))}"])
    if draft.type:
        writing.lines.append(f"type: {draft.type}")
    for entry in draft.entries:
        if not entry.group:
            writing.put(entry, 0)
    for group in GROUPS:
        inside = [entry for entry in draft.entries if entry.group == group]
        writing.lines += [f"{group}:"] if inside else []
        for entry in inside:
            writing.put(entry, 2)
    return writing


def _pair(key: str, value: Node, indent: int) -> list[str]:
    head = " " * indent + (key if _SAFE_KEY.fullmatch(key) else _double_quoted(key)) + ":"
    if isinstance(value, Scalar):
        return _block(head, value.value, indent) if _fits_block(value) else [f"{head} {_scalar(value)}"]
    flow = f"{head} {_flow(value)}"
    if isinstance(value, Sequence) and value.items and len(flow) > WIDEST:
        return [head, *(f"{' ' * (indent + 2)}- {_flow(item)}" for item in value.items)]
    return [flow]


def _fits_block(value: Scalar) -> bool:
    text = value.value
    lines = text.removesuffix("\n").split("\n")
    return (
        value.quoted
        and len(lines) > 1
        and not lines[0].startswith(" ")
        and all(line.isprintable() and (not line or line.strip()) for line in lines)
        and bool(lines[0] and lines[-1])
    )


def _block(head: str, text: str, indent: int) -> list[str]:
    chomping = "" if text.endswith("\n") else "-"
    body = text.removesuffix("\n").split("\n")
    return [f"{head} |{chomping}", *(f"{' ' * (indent + 2)}{line}" if line else "" for line in body)]


def _flow(node: Node) -> str:
    if isinstance(node, Sequence):
        return f"[{', '.join(_flow(item) for item in node.items)}]"
    if isinstance(node, Mapping):
        return f"{{{', '.join(f'{_double_quoted(key.value)}: {_flow(value)}' for key, value in node.entries)}}}"
    assert isinstance(node, Scalar)
    return _scalar(node)


def _scalar(node: Scalar) -> str:
    safe = not node.quoted and _SAFE_VALUE.fullmatch(node.value)
    return node.value if safe else _double_quoted(node.value)


def _double_quoted(text: str) -> str:
    return f'"{"".join(_escaped(text))}"'


def _escaped(text: str) -> Iterator[str]:
    for char in text:
        if char in '"\\':
            yield f"\\{char}"
        elif char.isprintable():
            yield char
        else:
            yield {"\n": "\\n", "\t": "\\t"}.get(char) or f"\\U{ord(char):08x}"
