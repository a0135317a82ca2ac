"""`modbot rules import`: AutoModerator's configuration into rules of modbot, and a report of what is not the same."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from rules.importing.configuration import import_configuration
from rules.importing.notes import Imported
from rules.loading.files import MOST_BYTES, read_bounded
from service.cli.options import AsJSON


def import_rules(
    file: Annotated[Path, typer.Argument(help="The configuration, as saved from Reddit's wiki page.")],
    out: Annotated[Path | None, typer.Option("--out", help="Write the rules to this file.")] = None,
    as_json: AsJSON = False,
) -> None:
    """Turn an AutoModerator configuration of Reddit into rules, and tell what is not the same.

    The rules go to standard output, the report to standard error, a finding a line: changed (means something else
    here), dropped (has no counterpart), kept (means the same and is likely a mistake). --json prints rules and report
    as one object. Exit status 1 if no rule could be made.

    Example: modbot rules import automoderator.yaml > rules.yaml
    """
    imported = import_configuration(_read(file), file.name)
    if out is not None and imported.rules_yaml:
        _write(out, imported.rules_yaml)
    if as_json:
        typer.echo(json.dumps(asdict(imported)))
    else:
        _tell(file, imported)
        if out is None:
            typer.echo(imported.rules_yaml, nl=False)
    if not imported.rules_yaml:
        raise typer.Exit(1)


def _tell(file: Path, imported: Imported) -> None:
    for note in imported.report:
        typer.echo(f"{file}:{note.line}: {note}", err=True)
    counts = f"{imported.kept} kept, {imported.changed} changed, {imported.dropped} not imported"
    typer.echo(f"{file}: {imported.kept + imported.changed} rules: {counts}", err=True)


def _read(file: Path) -> str:
    try:
        return read_bounded(file, MOST_BYTES)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        typer.echo(f"{file}: the configuration cannot be read: {reason}", err=True)
        raise typer.Exit(1) from None


def _write(out: Path, text: str) -> None:
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        typer.echo(f"{out}: the rules cannot be written: {error.strerror}", err=True)
        raise typer.Exit(1) from None
