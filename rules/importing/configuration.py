"""A whole configuration: its documents, one by one, into rules that load together."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import dropwhile, takewhile

from rules.importing.comparing import Placed, compare_exemption, compare_order
from rules.importing.draft import Draft
from rules.importing.notes import Imported, NotImported, Report, printable
from rules.importing.proving import prove
from rules.importing.translating import Translation
from rules.loading.faults import MOST_FAULTS, Faults, Severity
from rules.loading.nodes import DOCUMENT_MARK, MOST_NODES, Mapping, Node, Scalar, Sequence, read_documents

MOST_RULES = 2_000
MOST_TEXT = 4 * 1024 * 1024
"""Characters that a configuration comes to at most, with all that its aliases repeat."""

LONGEST_NAME = 60


def import_configuration(text: str, name: str = "automoderator.yaml") -> Imported:
    """The rules of a configuration and the report. Any text is imported or told why not; nothing is raised."""
    return _Import(text.replace("\r\n", "\n").replace("\r", "\n"), printable(name)).run()


@dataclass(slots=True)
class _Import:
    """One import. `room` is what is left of MOST_TEXT and of MOST_NODES."""

    text: str
    name: str
    report: Report = field(default_factory=Report)
    placed: list[Placed] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    refused: int = 0
    characters: int = MOST_TEXT
    nodes: int = MOST_NODES

    def run(self) -> Imported:
        """Everything, in order."""
        faults = Faults()
        documents = read_documents(self.text, self.name, faults)
        marks = _lines_of_marks(self.text)
        broken = self._refuse_broken(faults, marks)
        whole = [node for node in documents if bisect_right(marks, node.line) not in broken]
        lines = self.text.split("\n")
        for number, node in enumerate(whole):
            self.report.rule = number
            self._take(node, number, lines)
        compare_order(self.placed, self.report)
        changed = sum(one.number in self.report.altered for one in self.placed)
        return Imported(
            rules_yaml="---\n".join(self.pieces) if self.placed else "",
            report=self.report.in_order(),
            kept=len(self.placed) - changed,
            changed=changed,
            dropped=self.refused,
        )

    def _refuse_broken(self, faults: Faults, marks: list[int]) -> set[int]:
        """Tell what is no YAML, or has one key twice; returns the documents, counted by the marks before them."""
        broken, unread = set(), set()
        for fault in faults.in_order():
            meaning = f"the rule is not imported: {fault.message}"
            self.report.dropped(fault.line, fault.text or "", meaning, fault.suggestion)
            if fault.code == "syntax":  # it may lie at the mark that ends the document, which the reader left out
                unread.add(bisect_left(marks, fault.line))
            else:
                broken.add(bisect_right(marks, fault.line))
        if faults.counts[Severity.ERROR] > MOST_FAULTS:
            broken |= set(range(max(broken | unread), len(marks) + 1))
        self.refused += len(broken | unread)
        return broken

    def _take(self, node: Node, number: int, lines: list[str]) -> None:
        if not isinstance(node, Mapping):
            self.report.dropped(node.line, node.written, "this is no rule; Reddit passes over it without a word")
            return
        origin = f"{self.name}, line {node.line}"
        try:
            self._rule(node, number, Draft(origin, node.line, self._name(node, lines)))
        except NotImported as lost:
            self.refused += 1
            self.report.add(lost.note)
            self.pieces.append(f"# {origin}: not imported\n")

    def _rule(self, node: Mapping, number: int, draft: Draft) -> None:
        self._bound(node)
        Translation(draft, self.report).fill(node)
        rule, text = prove(draft, self.report)
        words = frozenset(step.action.word for step in rule.steps if step.scope == "item")
        placed = Placed(rule, draft, number, words)
        compare_exemption(placed, self.report)
        self.placed.append(placed)
        self.pieces.append(text)

    def _bound(self, node: Mapping) -> None:
        """Raises NotImported for a rule that would make the configuration too large."""
        self.nodes -= node.weight
        if self.nodes >= 0:
            self.characters -= sum(len(text) for text in _texts(node))
        if self.nodes < 0 or self.characters < 0 or len(self.placed) == MOST_RULES:
            why = f"the file holds over {MOST_RULES:,} rules, {MOST_NODES:,} values or {MOST_TEXT:,} characters"
            raise NotImported(node.line, node.written, why, "split the file")

    def _name(self, node: Mapping, lines: list[str]) -> str:
        """What its comment calls the rule, else its reason for the log, else its place; never the same twice."""
        above = dropwhile(lambda line: not line, _upwards(lines, node.line))
        block = [*takewhile(lambda line: line.startswith("#"), above)]
        comments = [line.strip("# -=*") for line in reversed(block)]
        told = [_text_of(node, "name"), *comments, _text_of(node, "action_reason")]
        found = next((name for line in told if (name := printable(line)[:LONGEST_NAME].strip())), "")
        name, number = found or f"line {node.line}", 2
        while name in self.names:
            name, number = f"{found or 'line'} ({number})", number + 1
        self.names.add(name)
        return name


def _lines_of_marks(text: str) -> list[int]:
    lines, line, start = [], 1, 0
    for mark in DOCUMENT_MARK.finditer(text):
        line += text.count("\n", start, mark.start())
        start = mark.start()
        lines.append(line)
    return lines


def _upwards(lines: list[str], line: int) -> Iterator[str]:
    """Some lines above a line, nearest first, without the space round them."""
    return (lines[place].strip() for place in range(line - 2, max(-1, line - 40), -1))


def _text_of(node: Mapping, key: str) -> str:
    """The text under a key, unless it is filled in when the rule fires."""
    value = next((value for name, value in node.entries if name.value.lower() == key), None)
    return value.value if isinstance(value, Scalar) and "{{" not in value.value else ""


def _texts(node: Node) -> Iterator[str]:
    if isinstance(node, Scalar):
        yield node.value
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _texts(item)
    elif isinstance(node, Mapping):
        for key, value in node.entries:
            yield key.value
            yield from _texts(value)
