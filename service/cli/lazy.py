"""Commands that are loaded when they are used, so that the web process carries none of the others.

Imported by `service.cli` and its groups of commands.
"""

from __future__ import annotations

from collections import UserDict
from collections.abc import Mapping
from pkgutil import resolve_name
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_group


class Commands(UserDict[str, Any]):
    """Commands by name; one that is a place as yet, as "module:attribute", is loaded when somebody takes it."""

    def __getitem__(self, name: str) -> Any:
        found = self.data[name]
        if isinstance(found, str):
            found = self.data[name] = _command(name, resolve_name(found))
        return found

    def get(self, name: str, default: Any = None) -> Any:
        """The command, if there is one. Python 3.11's own would take a KeyError of its module for there being none."""
        if name not in self:
            return default
        return self[name]


def lazily(places: Mapping[str, str]) -> type[TyperGroup]:
    """The class of a group that also has the commands that are to be found in these places."""

    class Lazy(TyperGroup):
        def __init__(self, **attributes: Any) -> None:
            super().__init__(**attributes)
            self.commands = Commands({**self.commands, **places})

    return Lazy


def _command(name: str, found: Any) -> Any:
    """The command of a function, or the group of commands of a typer.Typer."""
    around = typer.Typer(rich_markup_mode=None)
    if isinstance(found, typer.Typer):
        around.add_typer(found, name=name)
    else:
        around.command(name)(found)
    return get_group(around).commands[name]
