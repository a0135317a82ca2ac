"""Values as Reddit reads them: YAML 1.1 words, numbers and ages, and regexes that share one numbering of groups."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rules.importing.draft import plain, quoted
from rules.loading.library import LONGEST_VALUE
from rules.loading.nodes import Node, Scalar, Sequence

YES = ("yes", "on", "true")
NO = ("no", "off", "false")
NULLS = ("", "~", "null", "Null", "NULL")
CURLY = "\u201c\u201d\u201e\u2018\u2019"
LONGEST_NUMBER = 100

_DECIMAL = re.compile(r"[-+]?(?:0|[1-9][0-9_]*)")
_OCTAL = re.compile(r"[-+]?0[0-7_]+")
_HEX = re.compile(r"[-+]?0x_*[0-9a-fA-F][0-9a-fA-F_]*")
_SIXTIES = re.compile(r"[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+")
_FLOAT = re.compile(r"[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?")
_AGE = re.compile(
    r"(?P<operator>==?|<=?|>=?)?\s*(?P<number>\d{1,15})\s*(?P<unit>(?:minute|hour|day|week|month|year)s?)?"
)
_GROUP = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|(?P<group>\((?:\?P<|(?!\?)))", re.DOTALL)
_REFERENCE = re.compile(r"\\(?:(?P<number>[1-9]\d?)|.)", re.DOTALL)


def is_cased(word: str, words: tuple[str, ...]) -> bool:
    """Whether YAML 1.1 takes `word` as one of `words`: in small letters, capitals, or with the first a capital."""
    return word.lower() in words and word in (word.lower(), word.upper(), word.capitalize())


def read_yes_no(node: Node) -> bool | None:
    """The truth value of an unquoted YAML 1.1 word, None for anything else."""
    if not isinstance(node, Scalar) or node.quoted:
        return None
    return True if is_cased(node.value, YES) else False if is_cased(node.value, NO) else None


def yes_no(node: Node) -> Node:
    """The node with a YAML 1.1 truth value put into YAML 1.2."""
    found = read_yes_no(node)
    return node if found is None else plain("true" if found else "false")


def searched_text(scalar: Scalar) -> str | None:
    """What Reddit searches for: YAML 1.1 turns unquoted words into other values, and these into text; None for null."""
    text = scalar.value
    if scalar.quoted or len(text) > LONGEST_NUMBER:
        return text
    if text in NULLS:
        return None
    truth = read_yes_no(scalar)
    return _number(text) if truth is None else str(truth)


def _number(text: str) -> str:
    digits = text.replace("_", "")
    if _DECIMAL.fullmatch(text):
        return str(int(digits))
    if _HEX.fullmatch(text):
        return str(int(digits, 16))
    if _OCTAL.fullmatch(text):
        return str(int(digits, 8))
    if _SIXTIES.fullmatch(text):
        return str(_in_sixties(digits))
    return str(float(digits)) if _FLOAT.fullmatch(text) else text


def _in_sixties(text: str) -> int:
    total = 0
    for part in text.lstrip("+-").split(":"):
        total = total * 60 + int(part)
    return -total if text.startswith("-") else total


def vanishes(node: Node) -> bool:
    """Whether Reddit takes a check with this value for none at all: nothing, an empty list, zero, an unquoted no."""
    if isinstance(node, Sequence):
        return not node.items
    return isinstance(node, Scalar) and not node.quoted and searched_text(node) in (None, "False", "0", "0.0")


def is_curly(scalar: Scalar) -> bool:
    """Whether a word was pasted with curly quotes round it, which then are part of it and never match."""
    text = scalar.value
    return not scalar.quoted and len(text) > 1 and text[0] in CURLY and text[-1] in f'{CURLY}"'


def items_of(node: Node) -> list[Node]:
    """The values of a check, of which there may be one alone."""
    return node.items if isinstance(node, Sequence) else [node]


def spell_age(text: str) -> tuple[str, str] | None:
    """An age check as operator and age with its unit, days where there was none; None for what Reddit cannot read."""
    match = _AGE.fullmatch(text.strip())
    if match is None:
        return None
    return (match["operator"] or "=").replace("==", "="), f"{match['number']} {match['unit'] or 'days'}"


def own_groups(values: list[Scalar]) -> list[Scalar]:
    """Regexes with back-references counted in each alone. Reddit joins all values into one group, which is number 1."""
    if any(len(value.value) > LONGEST_VALUE for value in values):
        return values
    return list(_renumbered(values))


def _renumbered(values: list[Scalar]) -> Iterator[Scalar]:
    before = 1
    for value in values:
        shift = before

        def own(match: re.Match[str], shift: int = shift) -> str:
            number = int(match["number"] or 0)
            return f"\\{number - shift}" if number > shift else match[0]

        yield quoted(_REFERENCE.sub(own, value.value))
        before += sum(match["group"] is not None for match in _GROUP.finditer(value.value))
