"""`modbot config check`: read the configuration and say everything that is wrong with it."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Annotated, cast

import typer
from redis import Redis
from redis.exceptions import RedisError

from rules.event import Author
from rules.loading.faults import Fault, RulesInvalid, Severity
from rules.ruleset import load
from service.cli.options import Config, configuration
from service.configuration import Configuration
from service.connections import connect
from service.durability import look
from service.embedded import embedded_redis, find_announced
from service.forums.port import ForumFailure
from service.limiter import account_key
from service.settings import ForumSection
from service.wiring import Forums

config_app = typer.Typer(help="The configuration.", no_args_is_help=True)

SHORT_TOKEN = 16

OWN_REDIS = "none runs and no redis_url is set: the forums are asked with one of its own"


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
            can, on = forum.actions, forum.on
            load(_paths(found, name), actions=can, events=on.events, platform=forum.platform, lacks=on.lacks)
        except RulesInvalid as invalid:
            lines += [_line(fault) for fault in invalid.faults if fault.severity is Severity.ERROR]
    return lines


def _line(fault: Fault) -> str:
    return f"{fault}{f'; {fault.suggestion}' if fault.suggestion else ''}"


def _live_faults(found: Configuration) -> list[str]:
    """Ask Redis and every forum; what they say is printed, and what is wrong is returned."""
    with contextlib.ExitStack() as stack:
        url = _url_of(found)
        redis = connect(url or stack.enter_context(embedded_redis()))
        try:
            redis.ping()
            typer.echo(f"redis: {look(redis) if url else OWN_REDIS}")
            forums = Forums(found.settings, redis)
            faults = [_forum_fault(name, forums, redis if url else None) for name in found.settings.forums]
        except RedisError as error:
            return [f"redis_url: Redis does not answer: {error}"]
    return [fault for fault in faults if fault]


def _url_of(found: Configuration) -> str | None:
    """The Redis that the service uses: the one it names, or the embedded one of a running `modbot up`."""
    if "redis_url" in found.settings.model_fields_set:
        return found.settings.redis_url.get_secret_value()
    return find_announced(found.folder)


def _forum_fault(name: str, forums: Forums, shared: Redis | None) -> str | None:
    """Read the bot's account from the forum, within its limit: that shows whether address, key and user are right."""
    section = forums.section(name)
    assert section is not None
    bot = section.bot_user
    try:
        account = forums.at(name, "urgent").get_author(bot.id)
    except ForumFailure as failure:
        return f"forums.{name}: the forum does not answer as it should: {failure}"
    if account is None:
        return f"forums.{name}.bot_user.id: the forum has no user {bot.id}"
    if account.username != bot.username:
        return f"forums.{name}.bot_user.username: the forum knows user {bot.id} as {account.username!r}"
    used = _used(section, shared) if shared else "not known"
    typer.echo(f"forums.{name}: the key works; acts as {bot.username} (user {bot.id}), {_rights(account)}")
    typer.echo(f"forums.{name}: requests of the last 24 hours: {used} of {section.per_day or 'no limit'}")
    return None


def _rights(account: Author) -> str:
    """What the forum says of the account's rights; what the key itself may do no platform tells before it is tried."""
    told = {True: "a moderator", False: "NOT a moderator: it may be refused what it is to do", None: "rights not told"}
    groups = f", in {', '.join(map(repr, account.user_groups))}" if account.user_groups else ""
    return told[account.is_moderator] + groups


def _used(section: ForumSection, redis: Redis) -> int:
    """Requests that all forums with this key made in the last 24 hours, this one included."""
    account = account_key(section.api_key.get_secret_value())
    hours = cast("dict[str, str]", redis.hgetall(f"modbot:limit:{{{account}}}:used"))
    return sum(int(number) for number in hours.values())
