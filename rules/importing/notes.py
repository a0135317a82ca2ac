"""What an import has to say: one value a finding, with the line and the words of the configuration."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from rules.loading.faults import quote


class Kind(StrEnum):
    """Whether words mean something else here, have no counterpart, or mean the same and deserve a second look."""

    CHANGED = "changed"
    DROPPED = "dropped"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Note:
    """One finding: `line` counts from 1, `meaning` is what holds now, `remedy` what a person may do, if anything."""

    kind: Kind
    line: int
    written: str
    meaning: str
    remedy: str | None = None

    def __str__(self) -> str:
        written = f"{self.written}: " if self.written else ""
        return printable(f"{self.kind}: {written}{self.meaning}{f'; {self.remedy}' if self.remedy else ''}")


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a configuration: rules that load, the notes in order of lines, and how many rules fared how.

    `changed` rules were imported with a note that something in them changed or was dropped; `dropped` ones were not
    imported. Notes told once for the whole file count for no rule.
    """

    rules_yaml: str
    report: tuple[Note, ...]
    kept: int
    changed: int
    dropped: int


class NotImported(Exception):
    """A rule that cannot be imported without acting on what it should leave alone; the note says why."""

    def __init__(self, line: int, written: str, why: str, remedy: str | None = None) -> None:
        super().__init__(why)
        self.note = Note(Kind.DROPPED, line, quote(written) or "", f"the rule is not imported: {why}", remedy)


@dataclass(slots=True)
class Report:
    """The collector of one import. Notes of one rule mark it as changed; those told once hold for the whole file."""

    notes: list[Note] = field(default_factory=list)
    altered: set[int] = field(default_factory=set)
    told: set[str] = field(default_factory=set)
    rule: int = 0

    def add(self, note: Note) -> None:
        """Record what was found in the present rule."""
        self.notes.append(note)
        if note.kind is not Kind.KEPT:
            self.altered.add(self.rule)

    def changed(self, line: int, written: str, meaning: str, remedy: str | None = None) -> None:
        """Record words that mean something else here."""
        self.add(Note(Kind.CHANGED, line, quote(written) or "", meaning, remedy))

    def dropped(self, line: int, written: str, meaning: str, remedy: str | None = None) -> None:
        """Record words that have no counterpart."""
        self.add(Note(Kind.DROPPED, line, quote(written) or "", meaning, remedy))

    def kept(self, line: int, written: str, meaning: str, remedy: str | None = None) -> None:
        """Record words that mean the same and are likely a mistake."""
        self.add(Note(Kind.KEPT, line, quote(written) or "", meaning, remedy))

    def once(
        self, line: int, written: str, meaning: str, remedy: str | None = None, *, kind: Kind = Kind.CHANGED
    ) -> None:
        """Record what holds for all rules alike, at the first of them."""
        if meaning not in self.told:
            self.told.add(meaning)
            self.notes.append(Note(kind, line, quote(written) or "", f"{meaning} (told once)", remedy))

    def in_order(self) -> tuple[Note, ...]:
        """Every note once, by line."""
        return tuple(sorted(dict.fromkeys(self.notes), key=lambda note: note.line))


def printable(text: str) -> str:
    """`text` in one line, without what could steer a terminal."""
    return "".join(char if char.isprintable() else " " for char in text).strip()
