"""What an `edit` replaces: found in the item when its rule matches, and told as texts to look for in the post later.

The post may have been edited by the time the action is carried out, so a plan holds no places. Pure; imported by the
loader, which puts these into the options of a step.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from rules.fields.table import FIELDS
from rules.subject import Missing
from rules.templates import Context
from rules.text.markup import Span
from rules.text.match import Hit, Matcher
from rules.text.normalise import Text
from rules.text.replacing import as_written, reach_into_words

BODY = FIELDS["body"]


@dataclass(frozen=True, slots=True)
class Replaced:
    """Every hit in the body of the check called `called`, None: of the first that has one there; or of `words`."""

    called: str | None = None
    words: Matcher | None = None

    def fill(self, context: Context) -> list[str] | Missing:
        """The texts to replace, as they are written in the item; Missing while its body can still be had."""
        text = _body(context)
        return text if isinstance(text, Missing) else list(as_written(text, self.spans(text, context)))

    def spans(self, text: Text, context: Context) -> list[Span]:
        """Where they stand in the body."""
        hits = self.words.find(text) if self.words else self._hits(context)
        return [(hit.start, hit.end) for hit in hits]

    def _hits(self, context: Context) -> Iterator[Hit]:
        found = [one for one in context.findings if one.hit and one.field == BODY.key]
        called = self.called or next((one.names[0] for one in found), None)
        return (one.hit for one in found if one.hit and called in one.names)


@dataclass(frozen=True, slots=True)
class InsideWords:
    """Whether what is replaced must be looked for inside words too, as hits of `includes` may have to be."""

    replaced: Replaced

    def fill(self, context: Context) -> Literal[True] | Missing | None:
        """True, or None where whole words are all."""
        text = _body(context)
        if isinstance(text, Missing):
            return text
        return reach_into_words(text, self.replaced.spans(text, context)) or None


def _body(context: Context) -> Text | Missing:
    """The item's text; an empty one where nobody can tell it."""
    html = BODY.value(context.subject)
    if isinstance(html, Missing):
        return html if html.needs else context.subject.text_of_html("")
    return context.subject.text_of_html(html)
