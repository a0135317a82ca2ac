"""The support matrix: which action can be done to which items on which platform, and what it comes to there.

Computed from the platforms' values and the table of actions; `docs/platforms.md` is its output, kept fresh by a test.
Imported by `modbot rules reference` and tests.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from pathlib import Path

from rules.actions.kinds import Action, ActsOn
from rules.actions.table import ACTIONS
from service.forums import PLATFORMS
from service.forums.platform import Options, Platform

PAGE = Path(__file__).parents[2] / "docs" / "platforms.md"

ITEMS = {"T": "topic", "R": "reply", "C": "conversation", "U": "user"}
"""The types of items by the letters of `Action.types`."""

ABOUT = {"topic": "T", "post": "TR", "conversation": "C", "message": "C", "user": "U"}
"""The items that an event is about, by the first word of its name."""

NOTIFY = {"users": "a conversation with `users`", "topic": "a reply in `topic`"}

INTRODUCTION = """\
# What each platform can do

Made by `modbot rules reference --write` from the tables that the program uses; do not edit it by hand.

A column is a type of item that a rule can be for (`type:`). **yes**: the action can be done in such a rule. **no**: it
cannot, and a rule with it is refused when it is loaded; one that is also for other items loads with a warning. A
setting's name: it can be done where that setting is among the forum's `options`. An empty cell: the action is not for
such items. The platform sends no events about items that have no column.
"""


def support_page(platforms: Iterable[Platform] = tuple(PLATFORMS.values())) -> str:
    """The page as Markdown."""
    return "\n".join([INTRODUCTION, *(line for platform in platforms for line in _section(platform))])


def support(platform: Platform, action: type[Action], item: str) -> str:
    """Whether `platform` can do `action` to an item (a letter of ITEMS): yes, no, the options that it needs, or ""."""
    if item not in action.types:
        return ""
    if action.acts_on is ActsOn.COUNTER:
        return "yes"
    if action.word in platform.actions:
        return "no" if item in platform.lacks.get(action.word, "") else "yes"
    return " or ".join(f"`{name}`" for name in _enabling(platform.options, action.word)) or "no"


def items_of(platform: Platform) -> str:
    """The letters of the items that the platform sends events about."""
    about = {letter for event in platform.events for letter in ABOUT.get(event.partition(".")[0], "")}
    return "".join(letter for letter in ITEMS if letter in about)


def _enabling(options: type[Options], word: str) -> Iterator[str]:
    """The settings of a platform each of which makes an action possible by itself."""
    for name in options.model_fields:
        if word in options.model_validate({name: 1}).adds:
            yield name


def _section(platform: Platform) -> Iterator[str]:
    items = items_of(platform)
    yield f"## {platform.name}\n"
    yield from _facts(platform)
    heads = ["action", *(ITEMS[item] for item in items), "what it comes to"]
    yield f"\n| {' | '.join(heads)} |\n|{'---|' * len(heads)}"
    for word, action in ACTIONS.items():
        cells = [support(platform, action, item) for item in items]
        yield f"| `{word}` | {' | '.join(cells)} | {_meaning(platform, word, cells)} |"
    yield ""


def _facts(platform: Platform) -> Iterator[str]:
    daily = f" and {platform.per_day:,} in any 24 hours" if platform.per_day else ""
    address = f"`{platform.api_url}` unless set" if platform.api_url else "each site has its own: set `api_url`"
    yield f"- API address: {address}"
    yield f"- Request limit unless set: {platform.per_second} in any second{daily}"
    yield f"- Events: {', '.join(f'`{event}`' for event in sorted(platform.events))}"
    yield f"- `notify`: {' or '.join(text for key, text in NOTIFY.items() if key in platform.notifies)}"
    yield f"- Webhooks are registered {'by `modbot hooks`' if platform.hooks else 'by hand, on the site'}"
    if platform.options is not Options:
        yield f"\n{inspect.getdoc(platform.options)}"


def _meaning(platform: Platform, word: str, cells: list[str]) -> str:
    """The first line of the verb's docstring, where the platform can do it at all."""
    verb = getattr(platform.forum(), word, None)
    if verb is None or not {*cells} - {"", "no"}:
        return "kept by modbot itself" if verb is None else ""
    return (inspect.getdoc(verb) or "").partition("\n")[0].replace("|", "\\|")
