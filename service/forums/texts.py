"""Texts that the bot sends: how they go out, and whether two of them read the same.

Text comes escaped for HTML from the rules' templates; all that is added here are line breaks. What a forum shows again
is compared as people see it, since forums reformat what they store. Pure; imported by platform folders.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from rules.text.replacing import TooLong, replace_in_html
from service.forums.port import Refused
from service.forums.values import to_bool, to_int, to_text

_TAG = re.compile(r"<[^<>]*>")


def as_html(text: str) -> str:
    """Escaped text as the forum wants it: line ends become `<br>`."""
    return "<br>".join(text.splitlines())


def edited(html: str | None, replace: Sequence[str], by: str, *, inside_words: bool) -> str | None:
    """A post's HTML after an edit; None where it shows nothing of what is to be replaced. Raises Refused."""
    if html is None:
        raise Refused("edit: the forum does not tell the text as it is now")
    try:
        return replace_in_html(html, replace, by, inside_words=inside_words)
    except TooLong as error:
        raise Refused(f"edit: {error}") from None


def same_text(one: str | None, other: str | None) -> bool:
    """Whether two texts read the same, whatever their tags and spaces."""
    return _seen(one or "") == _seen(other or "")


def _seen(text: str) -> str:
    return "".join(html.unescape(_TAG.sub("", text)).split())


def shows(shown: object, wanted: bool | int | str) -> bool:
    """Whether the forum shows what was asked for, in whichever form it writes it."""
    if isinstance(wanted, bool):
        return to_bool(shown) is wanted
    if isinstance(wanted, int):
        return to_int(shown) == wanted
    return same_text(to_text(shown), wanted)
