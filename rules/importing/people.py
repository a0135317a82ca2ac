"""What AutoModerator asks about authors: karma, ages, and who they are."""

from __future__ import annotations

from rules.importing import words
from rules.importing.draft import Draft, Entry, quoted
from rules.importing.notes import NotImported, Report
from rules.importing.searches import Key
from rules.importing.values import read_yes_no, spell_age, yes_no
from rules.loading.nodes import Node, Scalar


def add_age(key: Key, node: Node, group: str, draft: Draft, report: Report) -> None:
    """Take in `account_age`. Raises NotImported for what can never hold."""
    text = node.value if isinstance(node, Scalar) else ""
    spelled = spell_age(text)
    if spelled is None:
        why = f"Reddit takes {text[:40]!r} when it is saved and then fails on it, without a word"
        raise NotImported(key.node.line, key.written, why, 'account_age: "< 7 days"')
    operator, age = spelled
    if operator == "=":
        raise NotImported(key.node.line, key.written, "no age is exactly that", f'account_age: "< {age}"')
    if operator.endswith("="):
        meaning = f"{operator} is read; Reddit takes it when it is saved and then fails on it: the rule never ran"
        report.changed(key.node.line, key.written, meaning)
    draft.entries.append(_check(key, quoted(f"{operator} {age}"), group))


def add_karma(key: Key, node: Node, group: str, draft: Draft, report: Report) -> None:
    """Take in a kind of karma. Reddit's word stays where another kind stands beside it: both are reputation here."""
    meaning = "karma is the reputation that the forum keeps, which may count on another scale"
    report.changed(key.node.line, key.written, meaning, "check the number; post_count is often the better question")
    value = quoted(node.value) if isinstance(node, Scalar) else node
    ours = key.word if draft.holds("reputation", group) else "reputation"
    draft.entries.append(_check(key, value, group, ours))


def add_archived(key: Key, node: Node, draft: Draft) -> None:
    """Take in `past_archive_date`, six months on Reddit."""
    wanted = read_yes_no(node)
    if wanted is None:
        raise NotImported(key.node.line, key.written, "this is true or false")
    draft.entries.append(_check(key, quoted("> 6 months" if wanted else "<= 6 months"), "topic", "age"))


def add_absent(key: Key, node: Node, report: Report) -> None:
    """Weigh a yes/no check of what forums do not have. Raises NotImported where it could never hold."""
    what = words.ABSENT[key.word]
    if read_yes_no(node) is not False:
        raise NotImported(key.node.line, key.written, f"forums have no {what}, so that this never holds")
    meaning = f"the check is left out: forums have no {what}, so that it always holds"
    report.dropped(key.node.line, key.written, meaning)


def add_yes_no(key: Key, node: Node, group: str, draft: Draft) -> None:
    """Take in a yes/no check that is ours too."""
    ours = "is_topic_author" if key.word == "is_submitter" else key.word
    draft.entries.append(_check(key, yes_no(node), group, ours))


def _check(key: Key, value: Node, group: str, ours: str | None = None) -> Entry:
    return Entry(ours or key.word, value, key.node.line, key.written, group=group, is_check=True)
