"""Measures of a text: the numbers and shares of the rule language, section 2, each counted on the visible text.

Conditions import these. A share is in per cent, None where there is nothing to take a share of.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import regex

_SCRIPT_NAMES: Final = """
    Latin Cyrillic Greek Han Hiragana Katakana Hangul Arabic Hebrew Thai Devanagari Armenian Georgian
    Bengali Gurmukhi Gujarati Oriya Tamil Telugu Kannada Malayalam Sinhala Lao Tibetan Myanmar Khmer
    Ethiopic Mongolian Cherokee Canadian_Aboriginal Bopomofo Yi Syriac Thaana Nko Tifinagh Coptic Gothic
    Runic Ogham Glagolitic Lisu Vai Javanese Balinese Sundanese Tagalog Cham Lepcha Limbu Tai_Le New_Tai_Lue
    Tai_Tham Tai_Viet Meetei_Mayek Ol_Chiki Saurashtra Samaritan Mandaic Adlam Deseret Osage Bamum Buginese
    Batak Rejang Kayah_Li Phags_Pa Syloti_Nagri Old_Italic Ugaritic Cuneiform Egyptian_Hieroglyphs
"""
SCRIPTS: Final = tuple(_SCRIPT_NAMES.split())
"""The scripts that are told apart."""

_SCRIPT: Final = regex.compile("|".join(rf"(?P<{name}>\p{{Script={name}}})" for name in SCRIPTS))
_LETTER: Final = regex.compile(r"\p{L}")
_SPOKEN: Final = regex.compile(r"[\p{L}\p{N}]")
_CASED: Final = regex.compile(r"\p{Lu}|\p{Ll}|\p{Lt}")
_CAPITAL: Final = regex.compile(r"\p{Lu}|\p{Lt}")
_VISIBLE: Final = regex.compile(r"[^\s\p{Cf}\p{Cc}\p{Variation_Selector}]")
_SYMBOL: Final = regex.compile(r"[^\s\p{L}\p{M}\p{N}\p{Cf}\p{Cc}]")
_FIRST: Final = regex.compile(r"[\p{L}\p{M}\p{N}]")
_LAST: Final = regex.compile(r"(?r)[\p{L}\p{M}\p{N}]")
_EMOJI_PART: Final = (
    r"(?:(?![\u00a9\u00ae\u203c\u2049\u2122\u2139])(?:\p{Emoji_Presentation}|[\u2600-\u27bf--\P{Extended_Pictographic}]"
    r"|\p{Extended_Pictographic}\uFE0F)\uFE0F?\p{Emoji_Modifier}?)"
)
_EMOJI: Final = regex.compile(
    r"\p{Regional_Indicator}{2}|[0-9#*]\uFE0F?\u20E3|\U0001F3F4[\U000E0020-\U000E007E]+\U000E007F"
    rf"|{_EMOJI_PART}(?:\u200D{_EMOJI_PART})*",
    regex.V1,
)
_MENTION: Final = regex.compile(r"(?<![\w@.+/-])@(\w(?:[\w.-]*\w)?)")


def length(visible: str) -> int:
    """Characters, as written."""
    return len(visible)


def trimmed_length(visible: str) -> int:
    """Characters without the spaces and symbols at both ends, as `body_longer_than` counts."""
    first, last = _FIRST.search(visible), _LAST.search(visible)
    return last.end() - first.start() if first and last else 0


def words(visible: str) -> int:
    """Runs between spaces that hold a letter or digit."""
    return sum(1 for run in visible.split() if _SPOKEN.search(run))


def lines(visible: str) -> int:
    """Lines, empty ones between others included; none in an empty text."""
    return visible.count("\n") + 1 if visible else 0


def caps_count(visible: str) -> int:
    """Upper-case letters."""
    return sum(1 for _ in _CAPITAL.finditer(visible))


def caps_share(visible: str) -> float | None:
    """Per cent of upper case among the letters that have case; None if there are none."""
    cased = sum(1 for _ in _CASED.finditer(visible))
    return 100 * caps_count(visible) / cased if cased else None


def symbol_share(visible: str) -> float | None:
    """Per cent of what is neither letter, digit nor space, among all but spaces; None if there is nothing else."""
    seen = sum(1 for _ in _VISIBLE.finditer(visible))
    return 100 * sum(1 for _ in _SYMBOL.finditer(visible)) / seen if seen else None


def emoji_count(visible: str) -> int:
    """Emoji; a flag or a joined emoji is one, a digit, `#`, `*`, a copyright or currency sign is none."""
    return 0 if visible.isascii() else sum(1 for _ in _EMOJI.finditer(visible))


def scripts(visible: str) -> frozenset[str]:
    """Unicode scripts of the letters, as `Cyrillic` or `Han`; letters shared by scripts give none."""
    found = {_script(letter) for letter in set(visible) if _LETTER.match(letter)}
    return frozenset(name for name in found if name)


def mention_count(visible: str) -> int:
    """Different `@names`, case ignored; an e-mail address is none."""
    return len({name[1].casefold() for name in _MENTION.finditer(visible)}) if "@" in visible else 0


@lru_cache(maxsize=4096)
def _script(letter: str) -> str:
    match = _SCRIPT.match(letter)
    return match.lastgroup if match and match.lastgroup else ""
