"""What a folder names once and its rules use: lists, conditions and actions.

Names are shared by all files of a folder; a name given twice, one that leads back to itself and one that nobody uses
are told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from rules.loading.faults import Faults, Place, Spot
from rules.loading.nodes import Mapping, Node, Scalar, Sequence

MOST_VALUES = 1_000_000
"""Values that one list holds at most, other lists in it included."""

DEEPEST = 24
"""How far lists may lead to other lists."""

LONGEST_VALUE = 5_000
"""Characters of one value."""

SHELVES = ("lists", "conditions", "actions", "counters")

WHAT = {"lists": "list", "conditions": "condition", "actions": "block of actions", "counters": "counter"}
"""What an entry of each shelf is called."""


@dataclass(frozen=True, slots=True)
class Word:
    """A value of a text check; `bare` that it stood without quotes, so that digits are a number."""

    text: str
    place: Place
    bare: bool = False

    @property
    def is_id(self) -> bool:
        """Whether it is a number."""
        return self.bare and self.text.isdecimal() and self.text.isascii()

    @property
    def name_or_id(self) -> str | int:
        """A number is an id, all else a title, as for categories and groups."""
        return int(self.text) if self.is_id else self.text


ReadFile = Callable[[str, str], str]
"""Reads a list's file: the rule file's name and the path as written, to text. Raises OSError or ValueError."""


@dataclass(slots=True)
class Library:
    """The named things of one load."""

    faults: Faults
    read_file: ReadFile
    shelves: dict[str, dict[str, tuple[Scalar, Node]]] = field(default_factory=lambda: {name: {} for name in SHELVES})
    used: set[tuple[str, str]] = field(default_factory=set)
    _lists: dict[str, tuple[Word, ...]] = field(default_factory=dict)
    _opening: list[str] = field(default_factory=list)

    def stock(self, shelf: str, entries: Node) -> None:
        """Take in the `lists:`, `conditions:` or `actions:` of one file."""
        if not isinstance(entries, Mapping):
            self.faults.error("shape", entries, f"`{shelf}` is a mapping of names", f"{shelf}: {{name: ...}}")
            return
        for key, node in entries.entries:
            first = self.shelves[shelf].get(key.value)
            if first is not None:
                where = f"{first[0].file}:{first[0].line}"
                self.faults.error("name-twice", key, f"{shelf} {key.value!r} is named before, in {where}", "rename one")
            else:
                self.shelves[shelf][key.value] = (key, node)

    def find(self, shelf: str, name: str, place: Place) -> Node | None:
        """The thing of that name, marked as used; None after recording that there is none."""
        entry = self.shelves[shelf].get(name)
        if entry is None:
            self.faults.unknown(f"unknown-{shelf.removesuffix('s')}", place, WHAT[shelf], name, self.shelves[shelf])
            return None
        self.used.add((shelf, name))
        return entry[1]

    def report_unused(self) -> None:
        """Warn of every name that no rule uses."""
        for shelf, name, key in self.unused():
            self.faults.warn("unused", key, f"no rule uses {name!r} of `{shelf}`", "use it or delete it")

    def unused(self) -> list[tuple[str, str, Scalar]]:
        """The shelf, name and place of all that no rule uses."""
        entries = [(shelf, name, key) for shelf, named in self.shelves.items() for name, (key, _) in named.items()]
        return [(shelf, name, key) for shelf, name, key in entries if (shelf, name) not in self.used]

    def words(self, node: Node) -> tuple[Word, ...]:
        """The values in `node`, `$lists` put in; faults are recorded and left out."""
        items = node.items if isinstance(node, Sequence) else [node]
        if not items:
            self.faults.error("empty", node, "an empty list checks nothing", "name a value, or delete the check")
        words = tuple(islice((word for item in items for word in self._entry(item)), MOST_VALUES + 1))
        if len(words) > MOST_VALUES:
            self.faults.error("too-large", node, f"a list holds at most {MOST_VALUES:,} values", "split it")
            return ()
        return words

    def _entry(self, node: Node) -> Iterator[Word]:
        if not isinstance(node, Scalar):
            remedy = "put quotes round text that begins with [ or {"
            self.faults.error("value", node, "a value is text", remedy)
        elif node.value.startswith("$") and not node.quoted and len(node.value) > 1:
            yield from self.list_of(node.value[1:], node)
        elif self._is_text(node) and _fits(node, node.value, self.faults):
            yield Word(node.value, node, bare=not node.quoted)

    def list_of(self, name: str, place: Place) -> tuple[Word, ...]:
        """The values of a list, other lists put in."""
        if len(self._opening) > DEEPEST:
            self.faults.error("too-deep", place, f"lists lead on over {DEEPEST} times", "join some of them")
            return ()
        if name in self._opening:
            ring = " > ".join([*self._opening, name])
            self.faults.error("circular", place, f"the list holds itself: {ring}", "take one of them out")
            return ()
        node = self.find("lists", name, place)
        if node is None or name in self._lists:
            return self._lists.get(name, ())
        self._opening.append(name)
        words = self._from_file(node) if isinstance(node, Mapping) else self.words(node)
        self._opening.pop()
        self._lists[name] = words
        return words

    def values_read(self, name: str) -> list[str]:
        """The values of a list that a rule has asked for; none of one that nobody has."""
        return [word.text for word in self._lists.get(name, ())]

    def _from_file(self, node: Mapping) -> tuple[Word, ...]:
        path = node.get("file")
        if not isinstance(path, Scalar) or len(node.entries) != 1:
            self.faults.error("list", node, "a list is values, or one file of them", "{file: bad.txt}")
            return ()
        try:
            text = self.read_file(node.file, path.value)
        except (OSError, ValueError) as error:
            self.faults.error("list-file", path, f"the list cannot be read: {error}", "one value a line, in UTF-8")
            return ()
        lines = ((number, line.strip()) for number, line in enumerate(text.split("\n"), 1))
        named = (
            (Spot(path.value, number, 1, line), line) for number, line in lines if line and not line.startswith("#")
        )
        words = tuple(Word(line, spot) for spot, line in named if _fits(spot, line, self.faults))
        if not words:
            self.faults.error("empty", path, "the list's file holds no value", "one value a line")
        return words

    def _is_text(self, node: Scalar) -> bool:
        if node.style in ("|", ">") and not node.value.strip():
            self.faults.error("empty", node, "a value that begins with > or | needs quotes", 'write it as "> 5"')
            return False
        if not node.quoted and node.value.lower() in ("true", "false", "null", "~", ""):
            remedy = f'for the word write "{node.value}"' if node.value else "name a value, or delete the line"
            shown = f"{node.value} without quotes" if node.value else "nothing"
            self.faults.error("value", node, f"{shown} is no text", remedy)
            return False
        if node.uncurled is not None:
            self.faults.error("curly-quotes", node, "curly quotes become part of the value", f'"{node.uncurled}"')
            return False
        return _occurs(node, self.faults)


def _fits(place: Place, text: str, faults: Faults) -> bool:
    if len(text) <= LONGEST_VALUE:
        return True
    faults.error("too-long", place, f"a value has at most {LONGEST_VALUE:,} characters", "search for a part of it")
    return False


def _occurs(node: Scalar, faults: Faults) -> bool:
    if not node.value.strip():
        faults.error("empty", node, "an empty text is no value", "name one, or use empty: and missing:")
        return False
    return True
