"""Options that several commands share, and what they lead to. Imported by `service.cli`."""

from __future__ import annotations

from typing import Annotated

import typer
from redis import Redis

from service.configuration import Configuration, find, read
from service.connections import connect

Config = Annotated[
    str | None, typer.Option("--config", help="The configuration (else MODBOT_CONFIG, else modbot.yaml).")
]
AsJSON = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]


def configuration(path: str | None) -> Configuration:
    """The configuration that the option names. Raises ConfigurationInvalid."""
    return read(find(path))


def shared_state(path: str | None) -> tuple[Configuration, Redis]:
    """The configuration, and the Redis that it names."""
    found = configuration(path)
    return found, connect(found.settings.redis_url.get_secret_value())


def known_forum(found: Configuration, name: str) -> str:
    """The name, if such a forum is configured. Raises typer.BadParameter."""
    if name not in found.settings.forums:
        raise typer.BadParameter(f"there is no forum {name!r}; configured: {', '.join(found.settings.forums)}")
    return name
