"""Texts with placeholders, such as `Hello {{author.name}}, please read the rules`.

A template is taken apart when rules load, where every placeholder is bound to what it stands for, and filled when a
rule matches. What is inserted comes from the forum and is hostile: it is bounded, and where the text becomes HTML it is
escaped, and mentions and links in it are disarmed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, Protocol

from rules.conditions.checks import Finding
from rules.conditions.points import Tally
from rules.fields.kinds import Field, Kind
from rules.quantities import spell_age, spell_number
from rules.subject import CONVERSATION, REPLY, TOPIC, Missing, Subject, union

LONGEST_INSERT = 5_000
"""Characters of forum text that one placeholder inserts at most."""

_PLACEHOLDER = re.compile(r"\{\{\s*(?P<path>[^{}|]{1,200}?)\s*(?P<filters>(?:\|[^{}|]{1,200})*)\}\}")
_FILTER = re.compile(r"\s*(?P<name>\w+)\s*(?::\s*(?P<argument>.*?)\s*)?")
_LINK = re.compile(r"\b(?:h(ttps?)://)|\b((?:[\w-]{1,63}\.){1,8})(?=[^\W\d]{2,24}\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A path and its filters, with their arguments."""

    written: str
    path: str
    filters: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Context:
    """What a matching rule fills its texts from; `awarded` are the totals that its own awards left."""

    subject: Subject
    findings: tuple[Finding, ...]
    awarded: Mapping[str, int]


class Fillable(Protocol):
    """An option of an action that is known when its rule matches."""

    def fill(self, context: Context) -> Any:
        """The value, Missing with all that it waits for, or None to leave the option out."""


Source = Callable[[Context], "str | Missing | None"]
"""Where a placeholder's text comes from: text, None where there is none, Missing where a fact might tell."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A bound placeholder. `trusted` text is the forum's own, such as a permalink, and keeps its links."""

    source: Source
    filters: tuple[tuple[str, str], ...] = ()
    trusted: bool = False

    def fill(self, context: Context, *, html: bool) -> str | Missing:
        """The text to insert."""
        text = self.source(context)
        if isinstance(text, Missing) and text.needs:
            return text
        found = "" if text is None or isinstance(text, Missing) else text[:LONGEST_INSERT]
        for name, argument in self.filters:
            found = FILTERS[name](found, argument)
        if not html:
            return found
        return escape(found) if self.trusted else escape(disarmed(found))


@dataclass(frozen=True, slots=True)
class Template:
    """A text whose placeholders are bound. `html` says that the result is HTML."""

    pieces: tuple[str | Slot, ...]
    html: bool = False

    def fill(self, context: Context) -> str | Missing:
        """The text, or all that it waits for."""
        filled = [piece if isinstance(piece, str) else piece.fill(context, html=self.html) for piece in self.pieces]
        waiting = [piece for piece in filled if isinstance(piece, Missing)]
        return union(waiting) if waiting else "".join(piece for piece in filled if isinstance(piece, str)).strip()


class TemplateError(ValueError):
    """A text that cannot be filled; the message says why, `suggestion` what to write."""

    def __init__(self, reason: str, suggestion: str | None = None) -> None:
        super().__init__(reason)
        self.suggestion = suggestion


def split(text: str) -> Iterator[str | Placeholder]:
    """The literal pieces and placeholders of `text`. Raises TemplateError."""
    end = 0
    for match in _PLACEHOLDER.finditer(text):
        yield _literal(text[end : match.start()])
        yield Placeholder(match[0], match["path"], tuple(_filters(match["filters"])))
        end = match.end()
    yield _literal(text[end:])


def _literal(text: str) -> str:
    if "{{" in text:
        where = text[text.index("{{") :][:40]
        fault = "names nothing" if "}}" in where else "is not closed"
        raise TemplateError(f"the placeholder {where!r} {fault}", "write {{author.name}} or {{match|mask}}")
    return text


def _filters(text: str) -> Iterator[tuple[str, str]]:
    for part in text.split("|")[1:]:
        match = _FILTER.fullmatch(part)
        name = match["name"] if match else part.strip()
        argument = (match["argument"] or "") if match else ""
        if name not in FILTERS:
            raise TemplateError(f"there is no filter {name!r}", "filters are " + ", ".join(FILTERS))
        if name == "truncate" and not re.fullmatch(r"\d{1,6}", argument):
            raise TemplateError("truncate needs a number of characters", "write {{title|truncate:80}}")
        yield name, argument.strip("\"'")


def field_source(field: Field) -> Source:
    """A source that reads a field, spelled for people."""

    def source(context: Context) -> str | Missing | None:
        value = field.value(context.subject)
        if isinstance(value, Missing):
            return value
        if field.markup:
            return context.subject.text_of_html(value).visible
        return _spelled(field, value)

    return source


def _spelled(field: Field, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return spell_age(value) if field.kind is Kind.AGE else spell_number(value)
    return str(value)


def match_source(name: str | None, group: str | None) -> Source:
    """A source that quotes the first hit of the check called `name`, or of the first check; whole, or one group."""

    def source(context: Context) -> str | None:
        hits = (one.hit for one in context.findings if one.hit and (name is None or name in one.names))
        hit = next(hits, None)
        if hit is None or group is None:
            return hit.text if hit else None
        if group.isdigit():
            number = int(group) - 1
            return hit.groups[number] if 0 <= number < len(hit.groups) else None
        return hit.named.get(group)

    return source


def link_source(attribute: str) -> Source:
    """A source that tells of the link that matched, else of the item's first one."""

    def source(context: Context) -> str | None:
        links = (one.link for one in context.findings if one.link)
        link = next(links, None) or next(iter(context.subject.links), None)
        return None if link is None else str(getattr(link, attribute))

    return source


def count_source(name: str | None) -> Source:
    """A source that tells the number of the count called `name`, or of the first one that holds."""

    def source(context: Context) -> str | None:
        counts = (one.count for one in context.findings if name is None or name in one.names)
        return next((str(count) for count in counts if count is not None), None)

    return source


def points_source(tally: Tally) -> Source:
    """A source that tells a counter's total, with what this rule awards for the event."""

    def source(context: Context) -> str | Missing:
        total = context.awarded.get(tally.name, tally.total(context.subject))
        return total if isinstance(total, Missing) else str(total)

    return source


def kind_source(context: Context) -> str | Missing | None:
    """What the item is."""
    kind = context.subject.kind
    return (
        kind
        if isinstance(kind, Missing)
        else {TOPIC: "topic", REPLY: "reply", CONVERSATION: "message"}.get(kind, "user")
    )


def disarmed(text: str) -> str:
    """`text` that mentions nobody and links nowhere: `hxxps://`, `example[.]com`, a word joiner after `@`."""

    def blunt(match: re.Match[str]) -> str:
        return f"hxx{match[1][2:]}://" if match[1] else match[2].replace(".", "[.]")

    return _LINK.sub(blunt, text).replace("@", "@\u2060")


def _masked(text: str, _: str) -> str:
    return re.sub(r"(?<=\w)\w", "*", text)


def _truncated(text: str, length: str) -> str:
    most = int(length)
    return text if len(text) <= most else text[: max(0, most - 1)].rstrip() + "…"


def _sentence_case(text: str, _: str) -> str:
    lowered = text.lower()
    return re.sub(r"(?:^|(?<=[.!?]\s))\W*\w", lambda match: match[0].upper(), lowered)


FILTERS: dict[str, Callable[[str, str], str]] = {
    "mask": _masked,
    "truncate": _truncated,
    "default": lambda text, instead: text or instead,
    "upper": lambda text, _: text.upper(),
    "lower": lambda text, _: text.lower(),
    "sentence_case": _sentence_case,
}
"""What may stand after `|` in a placeholder."""
