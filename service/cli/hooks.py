"""`modbot hooks`: the platform's webhook registrations, where it has an API for them."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from service.cli.options import AsJSON, Config, known_forum, shared_state
from service.forums.platform import HookCalls
from service.forums.port import ForumFailure
from service.wiring import Forums

hooks_app = typer.Typer(help="The platform's webhook registrations.", no_args_is_help=True)

Forum = Annotated[str, typer.Option("--forum", help="The configured forum.")]


def _calls(config: str | None, forum: str) -> HookCalls:
    """The platform's calls; exits with status 1 where registrations are made by hand (platform-facts.md, 1.1)."""
    found, redis = shared_state(config)
    section = found.settings.forums[known_forum(found, forum)]
    calls = Forums(found.settings, redis).hooks(forum)
    if calls is None:
        typer.echo(
            f"modbot: {section.platform} has no API for webhooks: enter the address by hand, "
            f"under Integrate -> Webhook: https://YOUR-HOST/webhooks/{forum}/TOKEN",
            err=True,
        )
        raise typer.Exit(1)
    return calls


def _refused(failure: ForumFailure) -> typer.Exit:
    typer.echo(f"modbot: {failure}", err=True)
    return typer.Exit(1)


@hooks_app.command("list")
def list_hooks(forum: Forum, config: Config = None, as_json: AsJSON = False) -> None:
    """List the registrations. Example: modbot hooks list --forum main."""
    try:
        for hook in _calls(config, forum).all():
            events = sorted(name for name, wanted in (hook.events or {}).items() if wanted)
            row = {"id": hook.id, "target_url": hook.target_url, "events": events}
            typer.echo(json.dumps(row) if as_json else f"{hook.id}  {hook.target_url}  {' '.join(events)}")
    except ForumFailure as failure:
        raise _refused(failure) from None


@hooks_app.command()
def events(forum: Forum, config: Config = None) -> None:
    """List the events that can be registered for. Example: modbot hooks events --forum main."""
    try:
        typer.echo("\n".join(_calls(config, forum).events()))
    except ForumFailure as failure:
        raise _refused(failure) from None


@hooks_app.command()
def create(
    forum: Forum,
    event: Annotated[str, typer.Option(help="The event, as `modbot hooks events` lists it.")],
    url: Annotated[str, typer.Option(help="This service's public address, token included.")],
    config: Config = None,
) -> None:
    """Register this service for an event.

    Example: modbot hooks create --forum main --event topic.created --url https://bot.example/webhooks/main/TOKEN
    """
    try:
        hook = _calls(config, forum).create(event=event, target_url=url)
    except ForumFailure as failure:
        raise _refused(failure) from None
    typer.echo(f"registered: {hook.id}")


@hooks_app.command()
def delete(
    forum: Forum, hook: Annotated[int, typer.Argument(help="The registration's id.")], config: Config = None
) -> None:
    """Remove a registration. Example: modbot hooks delete --forum main 12."""
    try:
        _calls(config, forum).delete(hook)
    except ForumFailure as failure:
        raise _refused(failure) from None
    typer.echo(f"removed: {hook}")
