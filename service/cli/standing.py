"""`modbot rules list` and `release`: the rules as they stand, and setting live what modbot itself holds back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from rules.loading.faults import closest
from rules.ruleset import Rule, Ruleset, load
from service.cli.options import AsJSON, Config, known_forum, shared_state
from service.cli.rules import clear_faults
from service.configuration import Configuration
from service.standing import Standing, Standings

WHY = {
    "new": "new, on trial",
    "changed": "changed, on trial",
    "limit": "reached its limit",
    "jump": "acted far more often than usual",
    "timeouts": "its patterns took too long",
}
"""What holds a rule back, for people."""

Paths = Annotated[
    list[Path] | None, typer.Argument(help="Rule files, folders or packs; without them, the rules of each forum.")
]
Forum = Annotated[str, typer.Option("--forum", help="A configured forum; without it, all.")]


def list_rules(paths: Paths = None, forum: Forum = "", as_json: AsJSON = False, config: Config = None) -> None:
    """List rules with mode, actions, place and digest; of a forum in service also matches, and what holds rules back.

    Example: modbot rules list
    """
    with clear_faults():
        for entry in _of_paths(paths) if paths else _of_forums(config, forum):
            typer.echo(json.dumps(entry, ensure_ascii=False) if as_json else _line(entry))


def release(
    rules: Annotated[list[str], typer.Argument(help="Names of rules.")], forum: Forum = "", config: Config = None
) -> None:
    """Set rules live that a limit, time-outs or `new_rules` have put in shadow or hold. Exit status 1 if none were.

    Example: modbot rules release newcomer-link
    """
    found, redis = shared_state(config)
    standings, released = Standings(redis), False
    for name, ruleset in _rulesets(found, forum):
        for rule in _named(ruleset, rules, name):
            standing = standings.release(name, rule.name)
            released |= standing is not None
            typer.echo(f"{name}: {rule.name}: {_told(rule, standing)}", err=standing is None)
    if not released:
        raise typer.Exit(1)


def _told(rule: Rule, standing: Standing | None) -> str:
    if standing is None:
        return f"{rule.mode} by its file; nothing to release"
    return f"released, {rule.mode} from now on (was in {standing.mode}: {WHY[standing.why]})"


def _named(ruleset: Ruleset, names: list[str], forum: str) -> list[Rule]:
    known = {rule.name for rule in ruleset.rules}
    for name in names:
        if name not in known:
            near = closest(name, known)
            raise typer.BadParameter(
                f"the forum {forum!r} has no rule {name!r}{f'; did you mean {near!r}?' if near else ''}"
            )
    return ruleset.named(names)


def _rulesets(found: Configuration, forum: str) -> Iterator[tuple[str, Ruleset]]:
    for name in [known_forum(found, forum)] if forum else found.settings.forums:
        section = found.settings.forums[name]
        paths = [found.folder / path for path in section.rules]
        yield name, load(paths, actions=section.actions, platform=section.platform)


def _of_paths(paths: list[Path]) -> Iterator[dict[str, Any]]:
    for rule in load(paths).in_order:
        yield _entry(rule)


def _of_forums(config: str | None, forum: str) -> Iterator[dict[str, Any]]:
    found, redis = shared_state(config)
    standings = Standings(redis)
    for name, ruleset in _rulesets(found, forum):
        held, matches = standings.of(name, ruleset), standings.matches(name)
        for rule in ruleset.held_back({one: standing.mode for one, standing in held.items()}).in_order:
            why = held[rule.name].why if rule.name in held else None
            yield {"forum": name, **_entry(rule), "held_back": why, "matches": matches.get(rule.name, 0)}


def _entry(rule: Rule) -> dict[str, Any]:
    return {
        "rule": rule.name,
        "mode": rule.mode.value,
        "priority": rule.priority,
        "actions": list(dict.fromkeys(step.action.word for step in rule.steps)),
        "limit": rule.limit.written if rule.limit else None,
        "file": rule.file,
        "line": rule.line,
        "digest": rule.digest,
    }


def _line(entry: dict[str, Any]) -> str:
    actions = ", ".join(entry["actions"]) or "nothing"
    forum = f"{entry['forum']:<12} " if "forum" in entry else ""
    matched = f"{entry['matches']:>7} matches  " if "matches" in entry else ""
    held = f"  ({WHY[entry['held_back']]})" if entry.get("held_back") else ""
    place = f"{entry['file']}:{entry['line']}"
    return f"{forum}{entry['rule']:<40} {entry['mode']:<7}{held} {matched}{actions}  ({place}, {entry['digest']})"
