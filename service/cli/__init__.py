"""The program `modbot`: one verb a file, collected here.

Exit status 0: done; 1: the answer is no; 2: wrong use. Errors are one clear line on standard error, never a traceback.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer
from redis.exceptions import RedisError

from rules.loading.faults import RulesInvalid
from service import __version__
from service.cli.config import config_app
from service.cli.dead import dead_app
from service.cli.demo import demo
from service.cli.hooks import hooks_app
from service.cli.importing import import_rules
from service.cli.log import show_log
from service.cli.rules import rules_app
from service.cli.send import send
from service.cli.simulate import simulate
from service.cli.standing import list_rules, release
from service.cli.switch import pause, resume
from service.cli.up import serve, up, work
from service.configuration import ConfigurationInvalid
from service.embedded import NoServer
from service.serve import PortTaken

app = typer.Typer(
    name="modbot",
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


for command in (demo, up, serve, work, simulate, send, pause, resume):
    app.command()(command)
app.command("log")(show_log)
rules_app.command("import")(import_rules)
rules_app.command("list")(list_rules)
rules_app.command()(release)
app.add_typer(config_app, name="config")
app.add_typer(rules_app, name="rules")
app.add_typer(hooks_app, name="hooks")
app.add_typer(dead_app, name="dead")


def main() -> None:
    """Run the program; known trouble ends it with one line and status 1."""
    try:
        app()
    except (ConfigurationInvalid, RulesInvalid) as invalid:
        for fault in invalid.faults:
            print(f"{fault}{f'; {fault.suggestion}' if fault.suggestion else ''}", file=sys.stderr)  # noqa: T201
        sys.exit(1)
    except RedisError as error:
        print(f"modbot: Redis does not answer as it should: {error}; check redis_url", file=sys.stderr)  # noqa: T201
        sys.exit(1)
    except (NoServer, PortTaken) as trouble:
        print(f"modbot: {trouble}", file=sys.stderr)  # noqa: T201
        sys.exit(1)
    except Exception as error:
        if os.environ.get("MODBOT_DEBUG"):
            raise
        what = f"{type(error).__name__}: {error}"
        print(f"modbot: {what}; if this is not clear, MODBOT_DEBUG=1 shows where it arose", file=sys.stderr)  # noqa: T201
        sys.exit(1)
