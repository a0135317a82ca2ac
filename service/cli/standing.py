"""`modbot rules release`: set live what modbot itself has put on trial."""

from __future__ import annotations

from typing import Annotated

import typer

from rules.loading.faults import closest
from rules.ruleset import load
from service.cli.options import Config, configuration


def release(
    rules: Annotated[list[str], typer.Argument(help="Names of rules.")],
    config: Config = None,
) -> None:
    """Set rules live that a brake, time-outs or `new_rules` have put in shadow or hold.

    This version has none of these yet: the mode of a rule is what its file says. Exit status 1 if nothing is released.
    Example: modbot rules release newcomer-link
    """
    found = configuration(config)
    modes = {
        rule.name: str(rule.mode)
        for forum in found.settings.forums.values()
        for rule in load([found.folder / path for path in forum.rules]).rules
    }
    for name in rules:
        if name not in modes:
            near = closest(name, modes)
            raise typer.BadParameter(f"there is no rule {name!r}{f'; did you mean {near!r}?' if near else ''}")
        typer.echo(f"{name}: {modes[name]} by its file; nothing to release", err=True)
    raise typer.Exit(1)
