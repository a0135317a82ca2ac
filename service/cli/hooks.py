"""`modbot hooks`: the platform's webhook registrations, where it has an API for them."""

from __future__ import annotations

from typing import Annotated

import typer

from service.cli.options import Config, configuration, known_forum

hooks_app = typer.Typer(help="The platform's webhook registrations.", no_args_is_help=True)

Forum = Annotated[str, typer.Option("--forum", help="The configured forum.")]


def _no_api(config: str | None, forum: str) -> None:
    """Website Toolbox has no call for hooks: they are set up by hand (platform-facts.md, 1.1)."""
    found = configuration(config)
    platform = found.settings.forums[known_forum(found, forum)].platform
    typer.echo(
        f"modbot: {platform} has no API for webhooks: enter the address by hand, under Integrate -> Webhook: "
        f"https://YOUR-HOST/webhooks/{forum}/TOKEN",
        err=True,
    )
    raise typer.Exit(1)


@hooks_app.command("list")
def list_hooks(forum: Forum, config: Config = None) -> None:
    """List the registrations. Example: modbot hooks list --forum main."""
    _no_api(config, forum)


@hooks_app.command()
def events(forum: Forum, config: Config = None) -> None:
    """List the events that can be registered for. Example: modbot hooks events --forum main."""
    _no_api(config, forum)


@hooks_app.command()
def create(forum: Forum, config: Config = None) -> None:
    """Register this service. Example: modbot hooks create --forum main."""
    _no_api(config, forum)


@hooks_app.command()
def delete(forum: Forum, config: Config = None) -> None:
    """Remove the registration. Example: modbot hooks delete --forum main."""
    _no_api(config, forum)
