"""`modbot config check`: read the configuration and say everything that is wrong with it."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Annotated

import typer
from redis.exceptions import RedisError

from rules.loading.faults import Fault, RulesInvalid, Severity
from rules.ruleset import load
from service.cli.options import Config, configuration
from service.configuration import Configuration
from service.connections import connect
from service.embedded import embedded_redis, find_announced
from service.forums.port import ForumFailure
from service.wiring import Forums

config_app = typer.Typer(help="The configuration.", no_args_is_help=True)

SHORT_TOKEN = 16


@config_app.callback()
def _group() -> None:
    """Work on the configuration."""


@config_app.command()
def check(
    config: Config = None,
    live: Annotated[bool, typer.Option("--live", help="Also ask Redis and each forum (one request each).")] = False,
) -> None:
    """Read the configuration and its rules, and report every fault at once, with its place.

    Example: modbot config check --config modbot.yaml --live
    """
    found = configuration(config)
    problems = [*_rule_faults(found), *(_live_faults(found) if live else [])]
    for name, forum in found.settings.forums.items():
        if len(forum.webhook.token.get_secret_value()) < SHORT_TOKEN:
            typer.echo(
                f"{found.path.name}: warning: forums.{name}.webhook.token is short; use 24 random characters or more"
            )
    for problem in problems:
        typer.echo(problem, err=True)
    if problems:
        raise typer.Exit(1)
    rules = sum(len(load(paths).rules) for paths in (_paths(found, name) for name in found.settings.forums))
    typer.echo(f"{found.path.name}: {len(found.settings.forums)} forums, {rules} rules, no faults")


def _paths(found: Configuration, forum: str) -> list[Path]:
    return [found.folder / path for path in found.settings.forums[forum].rules]


def _rule_faults(found: Configuration) -> list[str]:
    lines: list[str] = []
    for name, forum in found.settings.forums.items():
        try:
            load(_paths(found, name), actions=forum.actions, platform=forum.platform)
        except RulesInvalid as invalid:
            lines += [_line(fault) for fault in invalid.faults if fault.severity is Severity.ERROR]
    return lines


def _line(fault: Fault) -> str:
    return f"{fault}{f'; {fault.suggestion}' if fault.suggestion else ''}"


def _live_faults(found: Configuration) -> list[str]:
    with contextlib.ExitStack() as stack:
        if "redis_url" in found.settings.model_fields_set:
            url = found.settings.redis_url.get_secret_value()
        else:
            url = find_announced(found.folder) or stack.enter_context(embedded_redis())
        redis = connect(url)
        try:
            redis.ping()
        except RedisError as error:
            return [f"redis_url: Redis does not answer: {error}"]
        return _forum_faults(found, Forums(found.settings, redis))


def _forum_faults(found: Configuration, forums: Forums) -> list[str]:
    """One request to each forum, within its limit, shows whether address, key and bot user are right."""
    lines = []
    for name, section in found.settings.forums.items():
        try:
            if forums.at(name, "urgent").get_author(section.bot_user.id) is None:
                lines.append(f"forums.{name}.bot_user.id: the forum has no user {section.bot_user.id}")
        except ForumFailure as failure:
            lines.append(f"forums.{name}: the forum does not answer as it should: {failure}")
    return lines
