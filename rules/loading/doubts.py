"""What loads and is likely a mistake: values that cannot match, thresholds that nothing or everything passes.

The list is that of rule-language.md, 9 and 10. Read by the readers of checks alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from rules.conditions.checks import Check, Quantity
from rules.fields.kinds import Field, Kind
from rules.loading.faults import Faults, closest
from rules.loading.library import Word
from rules.loading.nodes import Mapping, Node, Scalar
from rules.loading.nodes import Sequence as SequenceNode
from rules.quantities import Comparison, some_number_passes
from rules.text.match import Matcher
from rules.text.measures import SCRIPTS
from rules.text.method import Method, Modifiers
from rules.text.normalise import Text

SHORTEST_INCLUDED = 4
LONGEST_QUESTIONED = 500
MOST_QUESTIONED = 1_000
"""Characters of a value, and values of a check, that are looked at."""

BELOW_ZERO = frozenset({"author.reputation", "topic.author.reputation"})
TEXTS = frozenset({"body", "title", "html"})
_REGEX_SIGNS = re.compile(r"\\[bBdDsSwW.]|\(\?|\.[*+]|\[[^\]]+\][+*?{]|\(\w+\|\w+")
_MARKUP = re.compile(r"</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|nbsp|#\d{1,7}|#x[0-9a-f]{1,6});", re.IGNORECASE)
_MEDIA = ("application", "audio", "font", "image", "message", "model", "multipart", "text", "video")
_AT_START = (Method.STARTS_WITH, Method.FULL_EXACT, Method.FULL_TEXT)


def question_values(field: Field, words: Sequence[Word], modifiers: Modifiers, faults: Faults) -> None:
    """Warn of values that cannot occur in `field`, or that look like something else."""
    regex = "regex" in modifiers.flags
    for word in words[:MOST_QUESTIONED]:
        if regex or len(word.text) > LONGEST_QUESTIONED:
            continue
        if _REGEX_SIGNS.search(word.text):
            told = "this looks like a regex and is searched as it stands"
            faults.warn("regex-without-regex", word.place, told, "(regex)")
        dead = _why_dead(field, word.text, modifiers)
        if dead:
            faults.warn("never", word.place, f"{field.key} can never hold this: {dead[0]}", dead[1])
    if "wildcard" in modifiers.flags and words and not any("*" in word.text for word in words):
        faults.warn("idle", words[0].place, "wildcard says nothing: no value has a `*`", 'write "casino*"')


def question_short(field: Field, words: Sequence[Word], modifiers: Modifiers, faults: Faults) -> None:
    """Warn of short values of a written `includes`."""
    if modifiers.method is not Method.INCLUDES or field.kind is not Kind.TEXT or "regex" in modifiers.flags:
        return
    for word in words:
        if word.text.isalpha() and len(word.text) < SHORTEST_INCLUDED:
            faults.warn("short-includes", word.place, "so short a text occurs inside many words", "(includes-word)")


def question_exceptions(words: Sequence[Word], excepted: Sequence[Word], matcher: Matcher, faults: Faults) -> None:
    """Warn of exceptions for hits that the method never makes, and of values that are excepted altogether."""
    sought = {word.text.casefold(): word for word in words}
    for word in islice(excepted, MOST_QUESTIONED):
        if word.text.casefold() in sought:
            place = sought[word.text.casefold()].place
            faults.warn("never", place, "this value is excepted as well: no hit of it stands", "take it out of except:")
        elif _stands_inside(sought, word) and not matcher.values_hit(Text.from_plain(word.text)):
            remedy = "a hit lies inside a longer word with (includes), (regex) or (loose) alone"
            faults.warn("idle", word.place, "this exception cancels nothing: no hit lies inside it", remedy)


def _stands_inside(sought: Iterable[str], longer: Word) -> bool:
    return any(text in longer.text.casefold() for text in islice(sought, MOST_QUESTIONED))


def _why_dead(field: Field, text: str, modifiers: Modifiers) -> tuple[str, str | None] | None:
    """Why a plain value never occurs there, and what to write; None if it may."""
    name, whole = field.key.rpartition(".")[2], modifiers.method is Method.FULL_EXACT and "*" not in text
    if name.endswith("_script") and whole and text.strip().casefold() not in {one.casefold() for one in SCRIPTS}:
        near = closest(text, SCRIPTS)
        return "there is no such script", f"did you mean {near!r}?" if near else "as Cyrillic, Han or Latin"
    if name == "country" and whole and not re.fullmatch(r"[A-Za-z]{2}", text.strip()):
        return "a country is two letters", "[GB, NO]"
    if name == "in" and whole and text.strip().casefold() not in ("body", "title"):
        return "a link is in body or title", "in: title"
    if name == "id" and not re.fullmatch(r"[\d*]+", text.strip()):
        return "an id is a number", None
    if field.key == "attachments.type" and whole:
        return _why_no_media(text.strip().casefold())
    return _why_no_address(field, text, modifiers) or _why_unseen(field, text)


def _why_no_media(text: str) -> tuple[str, str] | None:
    if text.partition("/")[0] in _MEDIA:
        return None
    return "a type is a family, as image, or one of it, as image/png", f"attachments: {{name (ends-with): .{text}}}"


def _why_no_address(field: Field, text: str, modifiers: Modifiers) -> tuple[str, str] | None:
    """Why it is no part of a host, a path or an address."""
    name = field.key.rpartition(".")[2]
    if field.kind is Kind.DOMAIN and re.search(r"[\s/:@]", text):
        return "a host has no scheme, port, path or space", "url: ..."
    if name in ("url", "path") and re.search(r"\s", text.strip()):
        return "an address has no space", "use %20"
    if name == "path" and modifiers.method in _AT_START and text.strip()[:1] not in ("/", "*"):
        return "a path begins with /", f"/{text.strip()}"
    return None


def _why_unseen(field: Field, text: str) -> tuple[str, str] | None:
    """Why it is markup, and so no visible text."""
    if field.key != "html" and (field.markup or field.key == "link.text"):
        if _MARKUP.search(text):
            return "tags are no visible text", "html: ..."
        if _ENTITY.search(text):
            return "entities are decoded in visible text", "the character itself, or html: ..."
    return None


def question_number(field: Field, node: Node, comparison: Comparison, text: str, faults: Faults) -> None:
    """Refuse what no number passes, warn of what all pass."""
    lowest, highest = _bounds(field)
    whole = field.kind is Kind.NUMBER
    if comparison.never_holds(lowest, highest) or not some_number_passes([comparison], whole=whole):
        faults.error("never", node, f"{field.key} can never be {text}", "mend the number")
    elif comparison.always_holds(lowest, float("inf") if highest is None else highest):
        faults.warn("always", node, f"{field.key} is always {text}", f"has: {field.key} asks whether it is known")


def _bounds(field: Field) -> tuple[float, float | None]:
    return float("-inf") if field.key in BELOW_ZERO else 0.0, 100.0 if field.kind is Kind.SHARE else None


def question_together(pairs: Iterable[tuple[Scalar, Check]], faults: Faults) -> None:
    """Warn of thresholds that stand beside each other and that no number passes together."""
    asked: dict[str, list[Quantity]] = {}
    for key, check in pairs:
        if not isinstance(check, Quantity):
            continue
        bound = check.field.bound
        beside = asked.setdefault(check.field.key.removesuffix(f"_{bound}_than") + ("+" if bound else ""), [])
        beside.append(check)
        whole = check.field.kind in (Kind.NUMBER, Kind.LENGTH)
        if len(beside) > 1 and not some_number_passes([one.comparison for one in beside], whole=whole):
            others = " and ".join(one.origin.written for one in beside[:-1])
            faults.warn(
                "never", key, f"no number passes this together with {others}", "put them into any:, or mend one"
            )


def conjuncts(node: Node) -> Iterator[tuple[Scalar, Node]]:
    """Every entry below that must hold for the whole to hold."""
    if isinstance(node, Mapping):
        for key, value in node.entries:
            yield key, value
            if key.value.partition("#")[0] == "all":
                yield from conjuncts(value)
    if isinstance(node, SequenceNode):
        for item in node.items:
            yield from conjuncts(item)


def warn_of_masking(entries: Iterable[tuple[Scalar, Node]], faults: Faults) -> None:
    """Warn of a check that exempts a text which another check beside it searches."""
    keys = [key for key, _ in entries]
    positive = {word for key in keys if not key.value.startswith("~") for word in _searched(key.value)}
    for key in keys:
        shared = positive & _searched(key.value) & TEXTS if key.value.startswith("~") else set()
        if shared:
            message = f"one of these words lets the whole {min(shared)} pass, whatever else it holds"
            faults.warn("masks", key, message, "except: in the other check cancels single hits")


def _searched(key: str) -> set[str]:
    return set(re.split(r"[#(]", key.lstrip("~"), maxsplit=1)[0].strip().split("+"))
