"""Options that several commands share, and what they lead to. Imported by `service.cli`."""

from __future__ import annotations

import re
import time
from datetime import datetime
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
Host = Annotated[str, typer.Option(help="The address to listen on.", envvar="MODBOT_HOST")]
Port = Annotated[int, typer.Option(help="The port for webhooks.")]
AdminPort = Annotated[int, typer.Option(help="The port for probes and metrics.")]


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


SPAN = re.compile(r"(\d{1,9})([smhd])")
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}

Since = Annotated[
    str, typer.Option(help="From then on: a span back (90s, 30m, 12h, 7d) or a time (2026-11-29T08:00Z).")
]
Until = Annotated[str, typer.Option(help="Up to then: as --since.")]


def moment(option: str, text: str, otherwise: float) -> float:
    """The time that an option names, in Unix seconds; a time without a zone is local. Raises typer.BadParameter."""
    if not text:
        return otherwise
    if span := SPAN.fullmatch(text):
        return time.time() - int(span[1]) * UNITS[span[2]]
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError):
        raise typer.BadParameter(
            f"{option} takes a number and one of s m h d, such as 12h, or a time: 2026-11-29T08:00Z; not {text!r}"
        ) from None


def clock(at: float) -> str:
    """A time as people read it, by this machine's zone."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))
