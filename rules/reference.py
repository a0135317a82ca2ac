"""The reference of the rule language and its JSON Schema, made from the tables that the loader uses.

`REFERENCE.md` and `schema.json` beside this file are their output, kept fresh by a test, which also runs every example.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rules import samples, vocabulary
from rules.actions.kinds import Action
from rules.actions.table import ACTIONS
from rules.conditions.counting import OF, TEXTS, Of
from rules.fields.keys import DISTINCT, KEYS, SCOPES, Key
from rules.fields.kinds import Field, Kind
from rules.fields.table import EVERYWHERE, FIELDS
from rules.loading.checks import TYPE_NAMES
from rules.prose import DECIDED, INTRODUCTION, MODIFIERS, STATE
from rules.schema import rule_file_schema

PAGE = Path(__file__).parent / "REFERENCE.md"
SCHEMA = Path(__file__).parent / "schema.json"

HEADINGS = {
    "": "The item",
    "link": "One link (`link:`)",
    "attachments": "One file (`attachments:`)",
    "author": "The author (`author:`)",
    "topic": "The topic (`topic:`)",
    "topic.author": "Who started the topic (`topic: {author: }`)",
    "category": "The category (`category:`)",
    "time": "Day and hour (`time:`)",
}

EXAMPLES = {
    Kind.TEXT: "[casino, free spins]",
    Kind.NAME: "Marlow",
    Kind.LIST: "[Staff, Trusted]",
    Kind.DOMAIN: "[example.com]",
    Kind.ADDRESS: "192.0.2.0/24",
    Kind.NUMBER: '">= 5"',
    Kind.SHARE: '"> 80%"',
    Kind.AGE: '"< 7 days"',
    Kind.LENGTH: "20",
    Kind.YES_NO: "true",
    Kind.DAYS: "[sat, sun]",
    Kind.HOURS: '"22:00-06:00"',
}


FITTING = {
    "id": "9001",
    "html": '"<iframe"',
    "url": "/offer",
    "link.url": "ref=",
    "link.path": "/offer",
    "link.text": "[click here, login]",
    "link.in": "title",
    "attachments.name": ".exe",
    "attachments.type": "[image, application/zip]",
    "attachments.size": '"> 1000000"',
    "body_script": "[Cyrillic, Han]",
    "title_script": "[Cyrillic, Han]",
    "author.id": "101",
    "author.email": "wren@example.org",
    "author.country": "[GB, NO]",
    "topic.id": "501",
    "topic.tags": "[for sale, wanted]",
    "topic.author.id": "102",
    "topic.author.email": "marlow@example.org",
    "topic.author.country": "[GB, NO]",
    "category": "[Classifieds, 31]",
    "category.id": "31",
    "category.name": "Classifieds",
    "category.parent": "Hobbies",
}
"""Values for fields that those of their kind do not fit."""

CUSTOM = (
    "| `author.custom.<field>` | TRCU | name | a custom field: by title, spaces written `_` "
    "| `author.custom.city: Oslo` |"
)


def reference_page() -> str:
    """The whole page, in Markdown."""
    return "\n".join(
        [
            INTRODUCTION.strip(),
            "",
            *_words("Keys of a file", "key", vocabulary.FILE_KEYS),
            *_words("Keys of `settings:`", "key", vocabulary.SETTINGS),
            *_words("Keys of a rule", "key", vocabulary.RULE_KEYS),
            *_words("Logic", "word", vocabulary.LOGIC),
            *_fields(),
            *_words("Values and keys of checks", "form", vocabulary.VALUES),
            *_words("Numbers, shares and ages", "sign", vocabulary.QUANTITIES),
            *_modifiers(),
            *_state(),
            *_actions(),
            *_texts(),
            *_rest(),
        ]
    )


def schema() -> dict[str, Any]:
    """The JSON Schema of a rule file."""
    return rule_file_schema()


def field_example(field: Field) -> str:
    """The field in a check, as one line of YAML."""
    return f"{field.key}: {FITTING.get(field.key, EXAMPLES[field.kind])}"


def action_example(action: type[Action]) -> tuple[str, str]:
    """What the action's docstring says, and the rule that it shows."""
    told, _, example = inspect.cleandoc(action.__doc__ or "").partition("\n\n")
    return " ".join(told.split()), example


def _words(heading: str, what: str, words: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    yield from (f"## {heading}", "", f"| {what} | meaning | example |", "|---|---|---|")
    yield from (
        f"| `{_cell(word)}` | {_cell(about)} | `{_cell(example)}` |" for word, (about, example) in words.items()
    )
    yield ""


def _fields() -> Iterator[str]:
    yield from ("## Fields", "", "Where: " + ", ".join(f"{kind} {name}" for kind, name in TYPE_NAMES.items()) + ".", "")
    for group, heading in HEADINGS.items():
        yield from (f"### {heading}", "", "| key | where | value | what it is | example |", "|---|---|---|---|---|")
        for field in FIELDS.values():
            if field.group == group:
                yield _row(field)
        if group == "author":
            yield CUSTOM
        yield ""


def _row(field: Field) -> str:
    example = _cell(field_example(field))
    return f"| `{field.key}` | {field.types} | {_kind(field)} | {field.about} | `{example}` |"


def _kind(field: Field) -> str:
    return f"{field.kind} ({field.method})" if field.method else str(field.kind)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _modifiers() -> Iterator[str]:
    yield from ("## Modifiers", "", "In brackets behind the key, on text, name, list and link keys.", "")
    yield from ("| modifier | meaning | example |", "|---|---|---|")
    yield from (f"| `{word}` | {about} | `{_cell(example)}` |" for word, (about, example) in MODIFIERS.items())
    yield ""


def _state() -> Iterator[str]:
    yield from ("## Counts, duplicates and points", "", STATE.strip(), "")
    yield from ("| word of | words |", "|---|---|")
    rows: dict[str, Mapping[str, Of | Key]] = {
        "`of` in a count": OF,
        "`of` in a duplicate": TEXTS,
        "`by`, and `per` of a counter": KEYS,
        "`distinct`": DISTINCT,
        "`once: per`": SCOPES,
    }
    yield from (
        f"| {what} | {', '.join(_where(word, known[word].types) for word in known)} |" for what, known in rows.items()
    )
    yield ""


def _where(word: str, types: str) -> str:
    """A word, and where it exists if not everywhere."""
    return f"`{word}`" + ("" if types == EVERYWHERE else f" ({types})")


def _actions() -> Iterator[str]:
    yield from ("## Actions", "")
    for word, action in ACTIONS.items():
        told, example = action_example(action)
        where = ", ".join(TYPE_NAMES[kind] for kind in action.types)
        yield from (
            f"### `{word}`",
            "",
            told,
            "",
            f"Takes {action.takes}. In rules on {where}. Acts on {action.acts_on}.",
        )
        yield from _notes(action)
        yield from ("", "```yaml", example, "```", "")


def _notes(action: type[Action]) -> Iterator[str]:
    if action.restricts:
        yield "Moderators are exempt, unless the rule asks for them or says `moderators_exempt: false`."
    if action.synonyms:
        yield "AutoModerator calls it " + ", ".join(f"`{word}`" for word in action.synonyms) + "."
    if action.inverse:
        yield f"Undone by `{action.inverse}`."


def _texts() -> Iterator[str]:
    yield from _words("Texts", "placeholder", vocabulary.PLACEHOLDERS)
    yield from _words("Filters of placeholders", "filter", vocabulary.FILTERS)
    yield from _words("Words of AutoModerator", "word", vocabulary.AUTOMODERATOR)


def _rest() -> Iterator[str]:
    yield from ("## Stories and examples", "", inspect.cleandoc(samples.__doc__ or ""), "")
    yield from ("## Decided here", "", *(f"- {one}" for one in DECIDED), "")
