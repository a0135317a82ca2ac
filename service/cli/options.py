"""Options that several commands share, and what they lead to. Imported by `service.cli`."""

from __future__ import annotations

from typing import Annotated

import typer
from redis import Redis

from service.configuration import Configuration, find, read
from service.connections import connect
from service.embedded import find_announced

Config = Annotated[
    str | None, typer.Option("--config", help="The configuration (else MODBOT_CONFIG, else modbot.yaml).")
]
AsJSON = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]


def configuration(path: str | None) -> Configuration:
    """The configuration that the option names. Raises ConfigurationInvalid."""
    return read(find(path))


def shared_state(path: str | None) -> tuple[Configuration, Redis]:
    """The configuration, and its Redis: the one that it names, else the embedded one of a running `modbot up`."""
    found = configuration(path)
    url = found.settings.redis_url.get_secret_value()
    if "redis_url" not in found.settings.model_fields_set:
        url = find_announced(found.folder) or url
    return found, connect(url)


def known_forum(found: Configuration, name: str) -> str:
    """The name, if such a forum is configured. Raises typer.BadParameter."""
    if name not in found.settings.forums:
        raise typer.BadParameter(f"there is no forum {name!r}; configured: {', '.join(found.settings.forums)}")
    return name
