"""Texts of actions: every placeholder bound to what it stands for, or refused when the rule loads."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from rules.conditions.checks import Check
from rules.conditions.counting import Counting
from rules.conditions.points import Tally
from rules.facts import Fact
from rules.fields.keys import types_of
from rules.fields.kinds import Kind
from rules.fields.table import FIELDS, find_field
from rules.loading.checks import OF_ALL, resolve
from rules.loading.counters import CounterReader
from rules.loading.counting import STATE
from rules.loading.faults import Faults, closest
from rules.loading.nodes import Node, Scalar
from rules.subject import CONVERSATION, Missing
from rules.templates import (
    Context,
    Placeholder,
    Slot,
    Source,
    Template,
    TemplateError,
    count_source,
    field_source,
    kind_source,
    link_source,
    match_source,
    points_source,
    split,
)

LONGEST_TEXT = 50_000
"""Characters of one text of an action."""

LONGEST_NUMBER = 3
"""Digits of a group's number."""

LINK_PATHS = {
    "url": "url",
    "domain": "host",
    "link.url": "url",
    "link.domain": "host",
    "link.text": "text",
    "link.path": "path",
}
ENTRIES = ("link", "attachments", "time")
NO_TEXT = ("", "true", "false", "null", "~")
SHORT_PATHS = {"author": "author.name", "category": "category.name", "topic": "topic.title"}
_RAM_MATCH = re.compile(r"match(?:-(?P<name>.*?[^\d-]))??(?:-(?P<number>\d+))?")


def _title(context: Context) -> str | Missing | None:
    path = "title" if context.subject.kind == CONVERSATION else "topic.title"
    return field_source(FIELDS[path])(context)


def _permalink(context: Context) -> str | Missing | None:
    link = context.subject.topic.permalink
    if link is None:
        return context.subject.missing(Fact.TOPIC) if context.subject.kind != "U" else None
    return link if re.match(r"https?://[^\s\"'<>]+\Z", link) else None


WORDS: dict[str, Source] = {
    "title": _title,
    "permalink": _permalink,
    "kind": kind_source,
    "forum": lambda context: context.subject.event.forum,
    "subreddit": lambda context: context.subject.event.forum,
}
"""Placeholders that are no field."""


@dataclass(frozen=True, slots=True)
class TextReader:
    """Reads the texts of one rule: `check` is what its placeholders may quote from, `types` what it runs on.

    `quoted` gathers the counters that they tell of.
    """

    faults: Faults
    check: Check | None
    types: str
    counters: CounterReader
    quoted: dict[str, Tally] = field(default_factory=dict)

    def read(self, node: Node, *, html: bool = False) -> Template | None:
        """The template in `node`; None after recording what is wrong."""
        if not isinstance(node, Scalar) or (not node.quoted and node.value.lower() in NO_TEXT):
            self.faults.error("text", node, "here stands a text", 'put it in quotes: "Please read the rules."')
            return None
        if node.uncurled is not None:
            self.faults.warn("curly-quotes", node, "the curly quotes become part of the text", f'"{node.uncurled}"')
        if not node.value.strip() or len(node.value) > LONGEST_TEXT:
            self.faults.error("text", node, f"a text has from 1 to {LONGEST_TEXT:,} characters", "mend the text")
            return None
        return self.bind(node.value, node, html=html)

    def bind(self, text: str, place: Node, *, html: bool = False) -> Template | None:
        """The template that `text` writes."""
        try:
            pieces = tuple(
                piece if isinstance(piece, str) else self._slot(piece, place) for piece in split(text) if piece != ""
            )
        except TemplateError as error:
            self.faults.error("placeholder", place, str(error), error.suggestion)
            return None
        return Template(pieces, html)

    def _slot(self, placeholder: Placeholder, place: Node) -> Slot:
        path = placeholder.path
        if path.startswith("points."):
            return Slot(self._points(placeholder, place), placeholder.filters)
        if re.fullmatch(r"count(?:[.#].+)?", path):
            return Slot(self._count(placeholder), placeholder.filters)
        if path == "match" or path.startswith(("match.", "match-")):
            return Slot(self._match(placeholder), placeholder.filters)
        if path in LINK_PATHS and not self._only_users():
            return Slot(link_source(LINK_PATHS[path]), placeholder.filters)
        if self._only_users() and path in (*LINK_PATHS, "permalink"):
            raise TemplateError(f"{placeholder.written} does not exist on all that this rule runs on", "mend type:")
        if path in WORDS and not (path == "title" and self._only_users()):
            return Slot(WORDS[path], placeholder.filters, trusted=path == "permalink")
        return Slot(self._field(placeholder), placeholder.filters)

    def _count(self, placeholder: Placeholder) -> Source:
        counts = [leaf for leaf in self.check.leaves() if isinstance(leaf, Counting)] if self.check else []
        names = [leaf.origin.called for leaf in counts]
        name = re.split("[.#]", placeholder.path, maxsplit=1)[1] if placeholder.path != "count" else None
        if not names:
            raise TemplateError(f"{placeholder.written} tells of a count, and the rule has none", "leave it out")
        if name is not None and name not in names:
            known = ", ".join("{{count}}" if one in STATE else f"{{{{count.{one}}}}}" for one in names)
            raise TemplateError(f"{placeholder.written} names no count of this rule", f"there is {known}")
        return count_source(name)

    def _points(self, placeholder: Placeholder, place: Node) -> Source:
        name = placeholder.path.removeprefix("points.")
        tally = self.counters.tally(name, place) if name in self.counters.names else None
        if tally is None:
            raise TemplateError(f"{placeholder.written}: there is no counter {name!r}", self.counters.suggestion(name))
        if any(kind not in types_of(tally.per) for kind in self.types):
            raise TemplateError(f"{placeholder.written} does not exist on all that this rule runs on", "mend type:")
        self.quoted[name] = tally
        return points_source(tally)

    def _only_users(self) -> bool:
        return self.types == "U"

    def _field(self, placeholder: Placeholder) -> Source:
        path = SHORT_PATHS.get(placeholder.path, placeholder.path)
        field = find_field(resolve(path, ""))
        if field is None:
            raise TemplateError(f"nothing fills the placeholder {placeholder.written}", self._near(path))
        if field.kind is Kind.LIST or field.of_links or (field.group in ENTRIES and field.key not in OF_ALL):
            told = f"{placeholder.written} has no one value, and fills no placeholder"
            raise TemplateError(told, "placeholders are fields of one value, match, link.url and permalink")
        if any(kind not in field.types for kind in self.types):
            raise TemplateError(f"{placeholder.written} does not exist on all that this rule runs on", "mend type:")
        return field_source(field)

    def _near(self, path: str) -> str:
        fields = [key for key, field in FIELDS.items() if field.kind is not Kind.LIST and field.group not in ENTRIES]
        known = [*WORDS, *LINK_PATHS, *SHORT_PATHS, *fields, *OF_ALL, "match"]
        close = next((word for word in known if word.endswith(f".{path}")), None) or closest(path, known)
        return f"did you mean {{{{{close}}}}}?" if close else "placeholders are fields, match, link.url and permalink"

    def _match(self, placeholder: Placeholder) -> Source:
        names = self.check.names if self.check else frozenset()
        if not names:
            raise TemplateError(
                f"{placeholder.written} quotes a check that finds text, and the rule has none", "leave it out"
            )
        path = placeholder.path
        read = self._by_dashes if path.startswith("match-") else self._by_dots
        source = read(placeholder, names)
        if source is None:
            known = ", ".join(sorted(f"{{{{match.{name}}}}}" for name in names)[:5])
            raise TemplateError(
                f"{placeholder.written} names no check of this rule that finds text", f"there is {known}"
            )
        return source

    def _by_dots(self, placeholder: Placeholder, names: frozenset[str]) -> Source | None:
        rest = placeholder.path.removeprefix("match").removeprefix(".")
        if not rest or rest in names:
            return match_source(rest or None, None)
        head, _, tail = rest.rpartition(".")
        if head in names or (not head and (tail.isdigit() or tail in self._groups(None))):
            return self._grouped(placeholder, head or None, tail)
        return None

    def _groups(self, name: str | None) -> list[str]:
        groups = self.check.groups if self.check else frozenset()
        return sorted({group for called, group in groups if name is None or called == name})

    def _grouped(self, placeholder: Placeholder, name: str | None, group: str) -> Source:
        """A source of one group of a hit, if a pattern of that check has it."""
        known = self._groups(name)
        if group in known:
            return match_source(name, group)
        what = "the check" if name is None else f"{name!r}"
        remedy = f"its groups are {', '.join(known)}" if known else "groups are those of a regex, as (\\d+)"
        raise TemplateError(f"{placeholder.written}: {what} has no group {group[:40]!r}", remedy)

    def _by_dashes(self, placeholder: Placeholder, names: frozenset[str]) -> Source | None:
        """AutoModerator's spelling: {{match-title-2}} is the first group, {{match-title}} and -1 the whole."""
        match = _RAM_MATCH.fullmatch(placeholder.path)
        if match is None or (match["name"] and match["name"] not in names):
            return None
        number = int((match["number"] or "1")[:LONGEST_NUMBER])
        if number > 1:
            return self._grouped(placeholder, match["name"], str(number - 1))
        return match_source(match["name"], None)
