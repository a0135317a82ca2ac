"""Importing any text: rules that load, or a note that says why not; nothing is raised, and nothing grows without bound."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.importing.configuration import MOST_RULES, import_configuration
from rules.importing.draft import Draft, Entry, listed, quoted, write
from rules.loading.faults import Faults
from rules.loading.nodes import Mapping, plain, read_documents
from rules.ruleset import load_text

LINES = sorted({*(Path(__file__).parent / "importing.txt").read_text(encoding="utf-8").splitlines()})
ODD = [
    "---",
    "- a",
    "'",
    "{",
    "? x",
    "\t",
    "author:",
    "  name: x",
    "&a [*a]",
    "!!int 3",
    "1: 2",
    "~: a",
    "comment: ''",
    "when: {body: x}",
]


def assert_imported_or_refused(text: str) -> None:
    imported = import_configuration(text)
    assert len(load_text(imported.rules_yaml).rules) == imported.kept + imported.changed
    assert all(note.line >= 1 and note.meaning and str(note).isprintable() for note in imported.report)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_imported_or_refused(text: str) -> None:
    assert_imported_or_refused(text)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from([*LINES, *ODD]), max_size=12))
def test_any_lines_are_imported_or_refused(lines: list[str]) -> None:
    assert_imported_or_refused("\n".join(lines))


@settings(max_examples=150, deadline=None)
@given(st.text(min_size=1), st.text(), st.lists(st.text(), min_size=1))
def test_what_is_written_reads_back_the_same(key: str, text: str, items: list[str]) -> None:
    draft = Draft("here", 1, name=text)
    draft.entries = [
        Entry(f"x{key}", quoted(text), 1, "", group="author"),
        Entry("y", listed([quoted(one) for one in items]), 1, ""),
    ]
    (document,) = read_documents(write(draft).text, "x", Faults())
    assert isinstance(document, Mapping)
    assert plain(document) == {"name": text, "author": {f"x{key}": text}, "y": items}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("body: x\naction: remove\n---\n" * (MOST_RULES + 1), "over 2,000 rules"),
        ("\n".join(f"body#{number}: x" for number in range(501)), "over 500 keys"),
        ('body: &a "' + "x" * 100_000 + '"\ntitle: [' + ", ".join(["*a"] * 100) + "]\naction: remove\n", "4,194,304 characters"),
        ("- " * 100 + "x", "nested deeper than 48 levels"),
    ],
)  # fmt: skip
def test_what_is_too_large_is_told(text: str, why: str) -> None:
    imported = import_configuration(text)
    assert why in imported.report[-1].meaning
    assert imported.dropped == 1
