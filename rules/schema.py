"""The JSON Schema of rule files, for editors: which words exist and what values they take. The loader knows more."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from rules.actions.kinds import Takes
from rules.actions.table import ACTIONS, SYNONYMS
from rules.conditions.counting import OF, TEXTS
from rules.fields.keys import DISTINCT, KEYS, SCOPES
from rules.fields.kinds import Kind
from rules.fields.table import FIELDS, GROUPS
from rules.loading.counting import NEEDED
from rules.loading.documents import STARTS
from rules.mode import Mode

Schema = dict[str, Any]

SCALAR: Schema = {"type": ["string", "number"]}
VALUES: Schema = {"$ref": "#/$defs/values"}
CHECKS: Schema = {"$ref": "#/$defs/checks"}
ONE_OR_MORE: Schema = {"anyOf": [SCALAR, {"type": "array", "items": SCALAR, "minItems": 1}]}
NAMES: Schema = {"type": "object", "additionalProperties": ONE_OR_MORE}
TYPES = ["topic", "reply", "post", "conversation", "user", "submission", "comment", "any"]
_TAIL = r"(#[A-Za-z0-9_-]+)?( ?\([^()]*\))?$"


def rule_file_schema() -> Schema:
    """The schema of one document: a rule, or definitions with rules."""
    prefixes = ["", *GROUPS]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "modbot rules",
        "anyOf": [{"$ref": "#/$defs/rule"}, {"$ref": "#/$defs/definitions"}],
        "$defs": {
            "values": _values(),
            "checks": {"anyOf": [{"$ref": "#/$defs/entries"}, {"type": "array", "items": {"$ref": "#/$defs/entries"}}]},
            "then": _then(),
            "definitions": _definitions(),
            "rule": _rule(),
            "entries": _group(""),
            **{_name(prefix): _group(prefix) for prefix in prefixes if prefix},
        },
    }


def _name(prefix: str) -> str:
    return f"{prefix}-entries"


def _values() -> Schema:
    words = dict.fromkeys(("any", "all", "of", "except"), ONE_OR_MORE)
    mapping = {"type": "object", "properties": {**words, "at_least": {"type": "integer", "minimum": 1}}}
    return {"anyOf": [*ONE_OR_MORE["anyOf"], {**mapping, "additionalProperties": False}]}


def _kind(kind: Kind) -> Schema:
    if kind.matched:
        return VALUES
    if kind is Kind.YES_NO:
        return {"type": "boolean"}
    if kind is Kind.LENGTH:
        return {"type": "integer", "minimum": 0}
    return ONE_OR_MORE if kind is Kind.DAYS else SCALAR


def _checks_under(prefix: str) -> tuple[dict[str, Schema], dict[str, Schema]]:
    """Properties by key, and by pattern, of the checks under a prefix."""
    below = f"{prefix}." if prefix else ""
    plain = {path.removeprefix(below): _kind(field.kind) for path, field in FIELDS.items() if path.startswith(below)}
    searched = "|".join(re.escape(name) for name, kind in plain.items() if kind is VALUES)
    patterns = {rf"^~?({searched})(\+({searched}))*{_TAIL}": VALUES} if searched else {}
    logic = {rf"^(any|all|none){_TAIL}": CHECKS, rf"^(missing|has|empty|is){_TAIL}": ONE_OR_MORE}
    if prefix in ("", "author", "topic.author"):
        patterns[rf"^~?({'' if prefix else 'author.'}custom\..+){_TAIL}"] = VALUES
    return plain, {**patterns, **logic}


def _group(prefix: str) -> Schema:
    properties, patterns = _checks_under(prefix)
    below = f"{prefix}." if prefix else ""
    for group in GROUPS:
        if group.startswith(below) and "." not in group.removeprefix(below):
            ref: Schema = {"$ref": f"#/$defs/{_name(group)}"}
            name = group.removeprefix(below)
            properties[name] = {"anyOf": [properties[name], ref]} if name in properties else ref
            patterns[rf"^{name}#[A-Za-z0-9_-]+$"] = ref
    if prefix == "author":
        properties["satisfy_any_threshold"] = {"type": "boolean"}
    if prefix in ("author", "topic", "topic.author"):
        properties.update({**_actions(), "action": {"type": "string"}})
    if not prefix:
        patterns.update({rf"^{word}(#[A-Za-z0-9_-]+)?$": shape for word, shape in _state().items()})
    return {"type": "object", "properties": properties, "patternProperties": patterns, "additionalProperties": False}


def _state() -> dict[str, Schema]:
    """The checks that ask what happened before."""
    yes_no: Schema = {"type": "boolean"}
    count = {"of": list(OF), "by": list(KEYS), "distinct": list(DISTINCT)}
    shared = {"within": SCALAR, "is": SCALAR, "where": CHECKS, "kept": yes_no}
    duplicate = {"similar": SCALAR, "min_length": {"type": "integer", "minimum": 1}}
    return {
        "count": _needing({**shared, **{word: _words(known) for word, known in count.items()}}, NEEDED),
        "duplicate": _needing({**shared, **duplicate, "of": _words(list(TEXTS)), "by": _words(list(KEYS))}, NEEDED),
        "points": {"type": "object", "additionalProperties": SCALAR, "minProperties": 1},
    }


def _words(known: list[str]) -> Schema:
    return {"anyOf": [{"enum": known}, {"type": "array", "items": {"enum": known}, "minItems": 1}]}


def _needing(properties: dict[str, Schema], needed: Sequence[str]) -> Schema:
    return {"type": "object", "properties": properties, "required": list(needed), "additionalProperties": False}


def _counter() -> Schema:
    rung = _needing({"at": {"type": "integer", "minimum": 1}, "then": {"$ref": "#/$defs/then"}}, ("at", "then"))
    ladder: Schema = {"type": "array", "items": rung, "minItems": 1}
    return _needing({"per": _words(list(KEYS)), "expires": SCALAR, "ladder": ladder}, ("per",))


def _actions() -> dict[str, Schema]:
    taken: dict[Takes, Schema] = {
        Takes.REASON: {"type": ["boolean", "string"]},
        Takes.NOTHING: {"type": "boolean"},
        Takes.CATEGORY: {"type": ["string", "integer"]},
        Takes.GROUPS: {"anyOf": [*ONE_OR_MORE["anyOf"], {"type": "object"}]},
        Takes.TITLE: {"type": "string"},
        Takes.TEXT: {"type": "string"},
        Takes.LETTER: {"type": ["string", "object"]},
        Takes.NOTE: {"type": ["boolean", "string"]},
        Takes.EDIT: _needing({"replace": ONE_OR_MORE, "with": {"type": "string"}}, ("replace", "with")),
        Takes.POINTS: {"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 1},
    }
    words = {word: {**taken[action.takes], "description": _told(action.__doc__)} for word, action in ACTIONS.items()}
    return {**words, **{synonym: words[word] for synonym, word in SYNONYMS.items()}}


def _told(docstring: str | None) -> str:
    return " ".join((docstring or "").split("\n\n")[0].split())


def _then() -> Schema:
    word: Schema = {"type": "string", "anyOf": [{"enum": list(_actions())}, {"pattern": r"^\$"}]}
    groups: Schema = {name: {"type": "object"} for name in ("author", "topic")}
    beside: dict[str, Schema] = {"for": {"type": "string"}, "action": {"type": "string"}}
    mapping = {"type": "object", "properties": {**_actions(), **groups, **beside}, "additionalProperties": False}
    return {"anyOf": [word, mapping, {"type": "array", "items": {"anyOf": [word, mapping]}}]}


def _rule() -> Schema:
    checks = _group("")
    own: dict[str, Schema] = {
        "name": {"type": "string", "maxLength": 100},
        "type": {"enum": TYPES},
        "event": ONE_OR_MORE,
        "when": CHECKS,
        "then": {"$ref": "#/$defs/then"},
        "priority": {"type": "integer"},
        "stop": {"type": "boolean"},
        "exempt": {**NAMES, "properties": dict.fromkeys(("groups", "users", "categories"), ONE_OR_MORE)},
        "moderators_exempt": {"type": "boolean"},
        "mode": {"enum": [mode.value for mode in Mode]},
        "reason": {"type": "string"},
        "once": {"type": "string", "pattern": f"^per ({'|'.join(SCOPES)})( .+)?$"},
        "cooldown": {"type": "string"},
        "limit": {"type": "string", "pattern": "^(none|[0-9]+ per .+)$"},
        "examples": {"type": "object"},
        "action": {"type": "string"},
        "action_reason": {"type": "string"},
        "report_reason": {"type": "string"},
        "message_subject": {"type": "string"},
        "ignore_blockquotes": {"type": "boolean"},
    }
    return {**checks, "properties": {**checks["properties"], **_actions(), **own}}


def _definitions() -> Schema:
    properties: dict[str, Schema] = {
        "version": {"const": 1},
        "settings": {
            "type": "object",
            "properties": {
                "timezone": {"type": "string"},
                "moderators": NAMES,
                "mode": {"enum": [mode.value for mode in Mode]},
                "new_rules": {"enum": [mode.value for mode in STARTS]},
                "privileges": ONE_OR_MORE,
            },
            "additionalProperties": False,
        },
        "lists": {"type": "object"},
        "conditions": {"type": "object", "additionalProperties": CHECKS},
        "actions": {"type": "object", "additionalProperties": {"$ref": "#/$defs/then"}},
        "counters": {"type": "object", "additionalProperties": _counter()},
        "rules": {"type": "array", "items": {"$ref": "#/$defs/rule"}},
    }
    return {"type": "object", "properties": properties, "additionalProperties": False}
