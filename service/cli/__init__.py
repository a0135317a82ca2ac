"""The program `modbot`: one verb a file, listed here and imported when it is used.

Exit status 0: done; 1: the answer is no; 2: wrong use. Errors are one clear line on standard error, never a traceback.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer
from redis.exceptions import RedisError

from rules.loading.faults import Invalid
from service import __version__
from service.cli.lazy import lazily
from service.trouble import Trouble

COMMANDS = {
    "demo": "service.cli.demo:demo",
    "up": "service.cli.up:up",
    "serve": "service.cli.serve:serve",
    "work": "service.cli.up:work",
    "simulate": "service.cli.simulate:simulate",
    "send": "service.cli.send:send",
    "pause": "service.cli.switch:pause",
    "resume": "service.cli.switch:resume",
    "log": "service.cli.log:show_log",
    "config": "service.cli.config:config_app",
    "rules": "service.cli.rules:rules_app",
    "hooks": "service.cli.hooks:hooks_app",
    "dead": "service.cli.dead:dead_app",
}
"""Where each command is, in the order of `modbot --help`."""

app = typer.Typer(
    name="modbot",
    cls=lazily(COMMANDS),
    help="Moderates forums by rule: webhooks in, YAML rules decide, the forum changes within its request limit.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"modbot {__version__}")
        raise typer.Exit


@app.callback()
def program(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Moderates forums by rule: webhooks in, YAML rules decide, the forum changes within its request limit."""


def main() -> None:
    """Run the program; known trouble ends it with one line and status 1."""
    try:
        app()
    except Invalid as invalid:
        print(*invalid.lines(), sep="\n", file=sys.stderr)  # noqa: T201
        sys.exit(1)
    except RedisError as error:
        print(f"modbot: Redis does not answer as it should: {error}; check redis_url", file=sys.stderr)  # noqa: T201
        sys.exit(1)
    except Trouble as trouble:
        print(f"modbot: {trouble}", file=sys.stderr)  # noqa: T201
        sys.exit(1)
    except Exception as error:
        if os.environ.get("MODBOT_DEBUG"):
            raise
        what = f"{type(error).__name__}: {error}"
        print(f"modbot: {what}; if this is not clear, MODBOT_DEBUG=1 shows where it arose", file=sys.stderr)  # noqa: T201
        sys.exit(1)
