"""What names a rule's content: two loads of one rule have one digest, whatever stands around it.

The digest holds what the rule says and every list, condition, block of actions and counter that it leads to, so that
a changed word list is a changed rule. Examples are left out: they change nothing that the rule does. Only the rule
reader imports this module.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from rules.loading.library import SHELVES, Library
from rules.loading.nodes import Mapping, Node, Scalar, Sequence, plain

IDLE_KEYS = frozenset({"examples"})

Name = tuple[str, str]
"""A shelf of the library, and a name on it."""


@dataclass(slots=True)
class Identities:
    """Digests of the rules of one load; each named thing is digested once."""

    library: Library
    _contents: dict[Name, str] = field(default_factory=dict)
    _leads_to: dict[Name, frozenset[Name]] = field(default_factory=dict)

    def digest_of(self, rule: Mapping) -> str:
        """Twelve hexadecimal digits, to be asked for once the rule has been read."""
        entries = [(key, value) for key, value in rule.entries if key.value not in IDLE_KEYS]
        used = self._reached(name for _, value in entries for name in self._named(value))
        content = {key.value: plain(value) for key, value in entries}
        return _digest([content, [[*name, self._content(name)] for name in sorted(used)]])[:12]

    def _reached(self, names: Iterable[Name]) -> set[Name]:
        """The names, and all that they lead to."""
        reached, ahead = set[Name](), list(names)
        while ahead:
            name = ahead.pop()
            if name not in reached:
                reached.add(name)
                ahead += self._next(name)
        return reached

    def _next(self, name: Name) -> frozenset[Name]:
        if name not in self._leads_to:
            self._leads_to[name] = frozenset(self._named(self._node(name)))
        return self._leads_to[name]

    def _content(self, name: Name) -> str:
        if name not in self._contents:
            self._contents[name] = _digest([plain(self._node(name)), self.library.values_read(name[1])])
        return self._contents[name]

    def _node(self, name: Name) -> Node:
        return self.library.shelves[name[0]][name[1]][1]

    def _named(self, node: Node) -> Iterator[Name]:
        """What the words below `node` name. A word that only looks like a name is counted in: that does no harm."""
        for word in _words(node):
            yield from ((shelf, word) for shelf in SHELVES if word in self.library.shelves[shelf])


def _digest(value: Any) -> str:
    return sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _words(node: Node) -> Iterator[str]:
    if isinstance(node, Scalar):
        yield node.value.removeprefix("$")
    for item in node.items if isinstance(node, Sequence) else ():
        yield from _words(item)
    for key, value in node.entries if isinstance(node, Mapping) else ():
        yield key.value
        yield from _words(value)
