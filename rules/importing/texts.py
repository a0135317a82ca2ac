"""Texts of actions: Reddit's placeholders into ours, and what in them speaks of Reddit or is Markdown."""

from __future__ import annotations

import re

PLACEHOLDER = re.compile(r"\{\{(?P<path>[^{}|]{1,200})\}\}")
_NUMBERED = re.compile(r"match-(?P<name>.+?)(?:-(?P<number>\d{1,3}))?")
_GROUP = re.compile(r"\{\{match-(?:[^{}|]{1,200}-)?(?!0*1\}\})\d{1,3}\}\}")
_OF_REDDIT = re.compile(r"reddit\.com|(?<![\w/])/?[ru]/[\w{]|/message/compose", re.IGNORECASE)
_MARKDOWN = re.compile(r"\]\(|\*\*|\^\(|~~|^ {0,3}(?:#{1,6} |[*-] |>)|^ {4}", re.MULTILINE)


def translate(text: str, labels: dict[str, str]) -> str:
    """`text` with placeholders as they are called here. `labels` gives our name of a check by Reddit's."""

    def ours(match: re.Match[str]) -> str:
        numbered = _NUMBERED.fullmatch(match["path"])
        if numbered is None or numbered["name"] not in labels:
            return match[0]
        group = int(numbered["number"] or 1) - 1
        return f"{{{{match.{labels[numbered['name']]}{f'.{group}' if group > 0 else ''}}}}}"

    return PLACEHOLDER.sub(ours, text)


def without_open_braces(text: str) -> str:
    """`text` in which every `{{` begins a placeholder; Reddit prints the others as they stand."""
    pieces, end = [], 0
    for match in PLACEHOLDER.finditer(text):
        pieces += [_single(text[end : match.start()]), match[0]]
        end = match.end()
    return "".join([*pieces, _single(text[end:])])


def _single(text: str) -> str:
    return re.sub(r"\{{2,}", "{", text)


def quotes_groups(text: str) -> bool:
    """Whether a text quotes a group of a regex by its number."""
    return _GROUP.search(text) is not None


def speaks_of_reddit(text: str) -> bool:
    """Whether a text names Reddit's pages or people."""
    return _OF_REDDIT.search(text) is not None


def holds_markdown(text: str) -> bool:
    """Whether a text uses Reddit's Markdown, which forums do not render."""
    return _MARKDOWN.search(text) is not None
