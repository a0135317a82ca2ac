"""How a value is looked for: the methods and flags of a text check, and where a hit may lie. Anyone may import it.

The words are those of the rule language, section 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

import regex

from rules.text.normalise import Form, Text


class Method(StrEnum):
    """Where in the text a value must lie."""

    INCLUDES_WORD = "includes-word"
    INCLUDES = "includes"
    STARTS_WITH = "starts-with"
    ENDS_WITH = "ends-with"
    FULL_EXACT = "full-exact"
    FULL_TEXT = "full-text"


SIGHT: Final = frozenset({"fold", "case-sensitive", "no-quotes", "no-code"})
"""The flags that tell one form of a text from another."""

FLAGS: Final = frozenset({"wildcard", "regex", "case-sensitive", "fold", "loose", "all", "no-quotes", "no-code"})

# A character that a word may consist of, in scripts that part words by spaces; both engines read these classes.
SPACELESS: Final = (
    r"\p{Han}\p{Hiragana}\p{Katakana}\p{Bopomofo}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}" + "\u30fc"
)
WORD: Final = r"\p{L}\p{N}\p{M}_"
_EDGE: Final = regex.compile(rf"(?![{SPACELESS}])[{WORD}]")
_LETTER: Final = regex.compile(r"[\p{L}\p{N}\p{M}]")


@dataclass(frozen=True, slots=True)
class Modifiers:
    """What stands in brackets behind a key: one method, any flags."""

    method: Method
    flags: frozenset[str] = frozenset()

    @property
    def fold(self) -> bool:
        """Look-alikes count as alike; `loose` implies it."""
        return not self.flags.isdisjoint({"fold", "loose"})

    @property
    def case_sensitive(self) -> bool:
        """Capitals matter."""
        return "case-sensitive" in self.flags

    @property
    def sight(self) -> frozenset[str]:
        """The flags that the form depends on: what has the same sight is looked for in the same form."""
        return self.flags & SIGHT | ({"fold"} if self.fold else set())

    def form_of(self, text: Text, *, with_capitals: bool = False) -> Form:
        """The form of a text that these modifiers ask for; `with_capitals` keeps them although they do not matter."""
        return text.form(
            fold=self.fold,
            case_sensitive=self.case_sensitive or with_capitals,
            without_quotes="no-quotes" in self.flags,
            without_code="no-code" in self.flags,
        )


@lru_cache(maxsize=4096)
def has_edge(character: str) -> bool:
    """Whether this character is a letter, digit, mark or `_` of a script written with spaces."""
    return _EDGE.match(character) is not None


def lies_right(text: str, start: int, end: int, method: Method, value: str) -> bool:
    """Whether a hit of `value` at this span of the text lies where the method wants it."""
    match method:
        case Method.INCLUDES_WORD:
            return not (
                (start > 0 and has_edge(value[0]) and has_edge(text[start - 1]))
                or (end < len(text) and has_edge(value[-1]) and has_edge(text[end]))
            )
        case Method.INCLUDES:
            return True
        case Method.STARTS_WITH:
            return start == 0
        case Method.ENDS_WITH:
            return end == len(text)
        case Method.FULL_EXACT:
            return start == 0 and end == len(text)
        case Method.FULL_TEXT:
            return not (_LETTER.search(text, 0, start) or _LETTER.search(text, end))
