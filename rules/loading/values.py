"""The values of checks that search: which words, how many of them, what is excepted, and the pattern they make."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

from rules.conditions.patterns import Addresses, Hosts, Pattern
from rules.fields.kinds import Field, Kind
from rules.loading.doubts import question_exceptions, question_short, question_values
from rules.loading.faults import Faults
from rules.loading.keys import Key
from rules.loading.library import Library, Word
from rules.loading.nodes import Mapping, Node, Scalar
from rules.text.links import read_host
from rules.text.match import Matcher, PatternError
from rules.text.method import FLAGS, Method, Modifiers

METHODS = tuple(method.value for method in Method)
DEFAULT_METHOD = {Kind.TEXT: Method.INCLUDES_WORD, Kind.NAME: Method.FULL_EXACT, Kind.LIST: Method.FULL_EXACT}
_HOST = re.compile(r"(?:[^\s./@:]+\.)*[^\s./@:]+")


@dataclass(frozen=True, slots=True)
class Values:
    """The words of one check. `wanted` is how many must occur, None for all of them."""

    words: tuple[Word, ...]
    excepted: tuple[Word, ...] = ()
    wanted: int | None = 1


@dataclass(frozen=True, slots=True)
class Reading:
    """The modifiers of a key: a method if one was written, and flags."""

    method: Method | None
    flags: frozenset[str]

    def modifiers(self, field: Field) -> Modifiers:
        """What a pattern for `field` is built with: its own default method where none was written."""
        default = Method(field.method) if field.method else DEFAULT_METHOD.get(field.kind, Method.INCLUDES)
        return Modifiers(self.method or default, self.flags - {"all"})


def read_modifiers(key: Key, faults: Faults, *, no_quotes: bool = False) -> Reading:
    """The modifiers in brackets."""
    methods, flags = [], set()
    for word in key.modifiers:
        if word in METHODS:
            methods.append(Method(word))
        elif word in FLAGS:
            flags.add(word)
        else:
            faults.unknown("unknown-modifier", key.node, "modifier", word, [*METHODS, *FLAGS])
    if len(methods) > 1:
        faults.error("modifiers", key.node, "a check has one method", f"keep one of {', '.join(methods)}")
    if {"regex", "wildcard"} <= flags:
        faults.error("modifiers", key.node, "regex and wildcard exclude each other", "keep one of them")
    if no_quotes:
        flags.add("no-quotes")
    return Reading(methods[0] if methods else None, frozenset(flags))


def read_values(node: Node, library: Library, *, want_all: bool) -> Values:
    """The values of a check: one, a list, or a mapping of any, all or at_least with of, and except."""
    if not isinstance(node, Mapping):
        return Values(library.words(node), wanted=None if want_all else 1)
    faults = library.faults
    parts = {key.value: (key, value) for key, value in node.entries}
    for name, (key, _) in parts.items():
        if name not in ("any", "all", "at_least", "of", "except"):
            faults.unknown("unknown-key", key, "word in a value", name, ["any", "all", "at_least", "of", "except"])
    chosen = [name for name in ("any", "all", "of") if name in parts]
    if len(chosen) != 1 or ("of" in parts) != ("at_least" in parts):
        remedy = "{any: [...]}, {all: [...]} or {at_least: 2, of: [...]}, each with except: [...] if needed"
        faults.error("value", node, "the mapping does not say which values", remedy)
        return Values(())
    if want_all and "at_least" in parts:
        faults.error("value", parts["at_least"][0], "`all` and `at_least` exclude each other", "keep one of them")
    words = library.words(parts[chosen[0]][1])
    excepted = library.words(parts["except"][1]) if "except" in parts else ()
    wanted = _at_least(parts["at_least"][1], words, faults) if chosen == ["of"] else 1
    return Values(words, excepted, None if want_all or chosen == ["all"] else wanted)


def _at_least(node: Node, words: Sequence[Word], faults: Faults) -> int:
    text = node.value if isinstance(node, Scalar) else ""
    if not re.fullmatch(r"[1-9]\d{0,5}", text):
        faults.error("value", node, "at_least takes a whole number from 1", "{at_least: 2, of: [...]}")
        return 1
    different = len({word.text for word in words})
    if int(text) > different:
        faults.error("never", node, f"{text} of {different} values can never occur", f"at_least: {different}")
    return int(text)


def build_pattern(
    field: Field, words: Sequence[Word], excepted: Sequence[Word], how: Reading, faults: Faults
) -> Pattern:
    """What `field` is searched with. Faulty values are recorded."""
    if field.kind is Kind.DOMAIN and how.method is None and not how.flags & {"regex", "wildcard"}:
        return Hosts(frozenset(_hosts(words, faults)), frozenset(_hosts(excepted, faults)))
    if field.kind is Kind.ADDRESS:
        return Addresses(tuple(_networks(words, faults)), tuple(_networks(excepted, faults)))
    modifiers = how.modifiers(field)
    question_values(field, words, modifiers, faults)
    if how.method:
        question_short(field, words, modifiers, faults)
    found = _matcher(words, excepted, modifiers, faults)
    if excepted and not modifiers.flags & {"regex", "wildcard"} and isinstance(found, Matcher):
        question_exceptions(words, excepted, Matcher.build([word.text for word in words], modifiers), faults)
    return found


def _matcher(words: Sequence[Word], excepted: Sequence[Word], modifiers: Modifiers, faults: Faults) -> Pattern:
    places = {word.text: word.place for word in (*excepted, *words)}
    try:
        return Matcher.build(list(dict.fromkeys(word.text for word in words)), modifiers, [w.text for w in excepted])
    except PatternError as error:
        place = places.get(error.value, words[0].place)
        faults.error("pattern", place, f"this cannot be searched for: {error.reason}", "check the value")
        return Hosts(frozenset())


def _hosts(words: Sequence[Word], faults: Faults) -> list[str]:
    hosts = []
    for word in words:
        host = read_host(word.text.strip().removeprefix("*.").strip("."))
        if not _HOST.fullmatch(word.text.strip()):
            remedy = re.sub(r"^\w+://|^//", "", word.text).split("/", 1)[0].rpartition("@")[2].split(":")[0]
            faults.error("never", word.place, "a domain is a host alone, without scheme, port or path", remedy)
        hosts.append(host)
    return hosts


def _networks(words: Sequence[Word], faults: Faults) -> list[tuple[str, IPv4Network | IPv6Network]]:
    networks = []
    for word in words:
        try:
            networks.append((word.text, ip_network(word.text.strip(), strict=False)))
        except ValueError:
            faults.error("address", word.place, "this is no IP address or network", "192.0.2.7 or 192.0.2.0/24")
    return networks
