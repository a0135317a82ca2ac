"""Drafts shown to the loader: what it refuses is left out and told, or the whole rule is."""

from __future__ import annotations

import re

from rules.importing.draft import Draft, Entry, Writing, quoted, write
from rules.importing.notes import NotImported, Report
from rules.loading.faults import Fault, RulesInvalid, Severity
from rules.loading.nodes import Scalar
from rules.rule import Rule
from rules.ruleset import load_text

MOST_TRIES = 50
"""Loads of one draft: each leaves out at least one action or placeholder."""

CHANGES = ("ends-topic",)
"""Warnings of the loader that tell of another meaning than Reddit's; the others hold on Reddit too."""

_PLACEHOLDER = re.compile(r"\{\{[^{}]+\}\}")


def prove(draft: Draft, report: Report) -> tuple[Rule, str]:
    """The loaded rule and its text. Raises NotImported when nothing of it may stand."""
    for _ in range(MOST_TRIES):
        if not draft.actions:
            raise NotImported(draft.line, "", "it does nothing here")
        writing = write(draft)
        try:
            ruleset = load_text(writing.text)
        except RulesInvalid as invalid:
            _mend(draft, invalid, writing, report)
            continue
        for warning in ruleset.warnings:
            _tell(warning, draft, writing, report)
        return ruleset.rules[0], writing.text
    raise NotImported(draft.line, "", "too much in it has no counterpart")


def _mend(draft: Draft, invalid: RulesInvalid, writing: Writing, report: Report) -> None:
    seen: set[int] = set()
    for fault in invalid.faults:
        if fault.severity is not Severity.ERROR:
            continue
        entry = writing.entry_at(fault.line)
        if entry is None or entry.is_check or fault.code == "wrong-type":
            line, written = (entry.line, entry.written) if entry else (draft.line, "")
            raise NotImported(line, written, fault.message, fault.suggestion)
        if id(entry) not in seen:
            seen.add(id(entry))
            _leave_out(fault, entry, draft, report)


def _leave_out(fault: Fault, entry: Entry, draft: Draft, report: Report) -> None:
    found = _PLACEHOLDER.search(fault.message) if fault.code == "placeholder" else None
    text = entry.value.value if isinstance(entry.value, Scalar) else ""
    shorter = text.replace(found[0], "") if found else ""
    if found and shorter.strip() and shorter != text:
        report.changed(entry.line, entry.written, f"the placeholder is left out: {fault.message}", fault.suggestion)
        entry.value = quoted(shorter.strip())
        return
    draft.entries.remove(entry)
    report.dropped(entry.line, entry.written, fault.message, fault.suggestion)


def _tell(warning: Fault, draft: Draft, writing: Writing, report: Report) -> None:
    if warning.severity is Severity.NOTE:
        return
    entry = writing.entry_at(warning.line)
    line, written = (entry.line, entry.written) if entry else (draft.line, draft.name)
    tell = report.changed if warning.code in CHANGES else report.kept
    tell(line, written, warning.message, warning.suggestion)
