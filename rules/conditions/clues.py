"""Clues: what an event must show somewhere for a check to hold, so that most rules need no look at most events.

A check that has clues is certainly false on an event that shows none of them and whose fields they speak of are all
known. Checks say what their clues are, `rules.index` looks for those of all rules at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rules.fields.kinds import Field
from rules.fields.table import FIELDS
from rules.subject import Missing, Subject
from rules.text.literals import Literal
from rules.text.normalise import Text

Sight = frozenset[str] | None
"""How a text is looked at: the flags of its form (`rules.text.method.SIGHT`); None where it is read as a host."""

Sign = Literal | str
"""A value in a text, or a domain that holds a host."""


@dataclass(frozen=True, slots=True)
class Clue:
    """One of `signs` in one field; with `entries`, in that field of one of the links or files."""

    field: Field
    sight: Sight
    signs: tuple[Sign, ...]
    entries: str = ""


Clues = tuple[Clue, ...]
"""One of them must be found."""


def sharpest(choices: Iterable[Clues | None]) -> Clues | None:
    """Of several clues that must all be found those that are found most seldom: the shortest sign is the longest."""
    return max((clues for clues in choices if clues is not None), key=_sharpness, default=None)


def _sharpness(clues: Clues) -> int:
    return min((len(_spelled(sign)) for clue in clues for sign in clue.signs), default=0)


def _spelled(sign: Sign) -> str:
    return sign if isinstance(sign, str) else sign.text


def texts_of(field: Field, subject: Subject) -> Sequence[Text] | Missing:
    """The value of a field as texts: one, or one for each entry of a list."""
    value = field.value(subject)
    if isinstance(value, Missing):
        return value
    if field.markup:
        return (subject.text_of_html(value),)
    entries = value if isinstance(value, tuple | frozenset) else (value,)
    return [subject.text_of(str(entry)) for entry in entries]


def views_of(entries: str, subject: Subject) -> Iterator[Subject]:
    """The subject with each of its links or files in view."""
    if entries == "link":
        return (subject.focused(link=link) for link in subject.links)
    return (subject.focused(attachment=file) for file in subject.post.attachments or ())


def entries_missing(entries: str, subject: Subject) -> Missing | None:
    """Why there may be more of them."""
    if entries == "link":
        return subject.links_missing
    count = FIELDS["attachments.count"].value(subject)
    return count if isinstance(count, Missing) else None
