"""How alike two texts are, for `duplicate` with `similar` (rule-language.md, section 7).

Similarity is one less the edits in characters (Levenshtein) over the length of the longer text. Imported by the forms
of the state.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor
from typing import Final

from rapidfuzz.distance import Levenshtein

MOST_CHARACTERS: Final = 2000
"""Of a longer text the first so many are compared; beyond them only its length has to agree. One event costs 200
comparisons: measured, 2 to 4 ms at 90 per cent and 40 ms at worst."""

_ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What is kept of a text: how many characters it has, and the first MOST_CHARACTERS of them."""

    length: int
    text: str

    @classmethod
    def of(cls, text: str) -> Excerpt:
        """The excerpt of a text; half characters, which no UTF-8 can hold, become question marks."""
        return cls(len(text), text[:MOST_CHARACTERS].encode("utf-8", "replace").decode())

    @classmethod
    def read(cls, stored: str) -> Excerpt:
        """The excerpt as `str` wrote it."""
        length, _, text = stored.partition(":")
        return cls(int(length), text)

    def __str__(self) -> str:
        return f"{self.length}:{self.text}"

    def lengths(self, similar: float) -> tuple[int, int]:
        """The shortest and the longest text that can be `similar` per cent like this one."""
        share = similar / 100
        return floor(self.length * share), ceil(self.length / share)


def count_similar(mine: Excerpt, others: Iterable[Excerpt], similar: float) -> int:
    """How many of the others are at least `similar` per cent (above 0, up to 100) like this text."""
    return sum(is_similar(mine, other, similar) for other in others)


def is_similar(one: Excerpt, other: Excerpt, similar: float) -> bool:
    """Whether two texts are at least `similar` per cent alike."""
    lengths_differ = abs(one.length - other.length)
    if lengths_differ > _edits(max(one.length, other.length), similar):
        return False
    most = _edits(max(len(one.text), len(other.text)), similar)
    return Levenshtein.distance(one.text, other.text, score_cutoff=most) <= most


def _edits(length: int, similar: float) -> int:
    """The most edits that leave a text of so many characters `similar` enough."""
    return floor(length * (100 - similar) / 100 + _ROUNDING)
