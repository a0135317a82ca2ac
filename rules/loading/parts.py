"""A rule's mapping taken apart: keys of the rule, checks, actions, and words that have no counterpart."""

from __future__ import annotations

from dataclasses import dataclass, field

from rules.loading.faults import Faults
from rules.loading.nodes import Mapping, Node, Scalar
from rules.loading.steps import SCOPES, WORDS

PLAIN_KEYS = (
    *("name", "type", "event", "priority", "stop", "moderators_exempt", "mode", "examples", "exempt", "reason"),
    *("once", "cooldown", "limit"),
)
REDDIT_KEYS = ("action", "action_reason", "report_reason", "message_subject", "ignore_blockquotes")
RULE_KEYS = (*PLAIN_KEYS, "when", "then", *REDDIT_KEYS)
LEFT_OUT = {
    "set_flair": "topics have tags and people have groups: add_to_group",
    "overwrite_flair": "topics have tags and people have groups: add_to_group",
    "set_nsfw": "forums have no such mark",
    "set_spoiler": "forums have no such mark",
    "set_contest_mode": "forums have no contests",
    "set_suggested_sort": "forums sort as their readers say",
    "comment_locked": "replies cannot be locked one by one",
    "comment_stickied": "replies cannot be pinned",
    "crosspost_id": "forums have no crossposts",
    "poll_option_text": "forums send no polls",
    "standard": "shipped lists stand in lists: and are used as $name",
    "modmail_subject": "notes to moderators have no subject: put it into the text",
    "on": "the key is `event`: YAML 1.1 reads `on` as true",
}
"""Words that have no counterpart here, and what to do."""


@dataclass(slots=True)
class Parts:
    """The entries of one rule, sorted by what they are."""

    keys: dict[str, tuple[Scalar, Node]] = field(default_factory=dict)
    checks: list[tuple[Scalar, Node]] = field(default_factory=list)
    actions: list[tuple[Scalar, Node]] = field(default_factory=list)

    def get(self, key: str) -> Node | None:
        """The value of a key of the rule."""
        return self.keys[key][1] if key in self.keys else None


def take_apart(mapping: Mapping) -> Parts:
    """Every entry of a rule under what it is; a group that holds both checks and actions is split."""
    parts = Parts()
    for key, value in mapping.entries:
        word = key.value.split("#")[0].split(" (")[0]
        if key.value in RULE_KEYS or word in LEFT_OUT:
            parts.keys[key.value] = (key, value)
        elif word in WORDS:
            parts.actions.append((key, value))
        elif word in SCOPES and isinstance(value, Mapping):
            _split_group(key, value, parts)
        else:
            parts.checks.append((key, value))
    return parts


def refuse_words(parts: Parts, faults: Faults) -> None:
    """Record the words of a rule that have no counterpart, or say one thing twice."""
    if {"reason", "action_reason"} <= parts.keys.keys():
        faults.error("duplicate-key", parts.keys["action_reason"][0], "this is `reason` once more", "keep one")
    for written, (key, _) in parts.keys.items():
        word = written.split("#")[0].split(" (")[0]
        if word in LEFT_OUT:
            faults.error("left-out", key, f"`{word}` has no counterpart here", LEFT_OUT[word])


def _split_group(key: Scalar, value: Mapping, parts: Parts) -> None:
    inner = Parts()
    for name, node in value.entries:
        if name.value == "author" and key.value != "author" and isinstance(node, Mapping):
            _split_group(name, node, inner)
        else:
            (inner.actions if name.value in (*WORDS, "action") else inner.checks).append((name, node))
    for kept, given in ((parts.checks, inner.checks), (parts.actions, inner.actions)):
        if given or (kept is parts.checks and not value.entries):
            group = Mapping(file=value.file, line=value.line, column=value.column, weight=value.weight, entries=given)
            kept.append((key, group))
