"""Files of events, one JSON object a line, read one line at a time."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import typer
from pydantic import ValidationError

from rules.event import Event

LONGEST_LINE = 4 * 1024 * 1024
"""Bytes of one event."""


@dataclass(frozen=True, slots=True)
class Line:
    """An event and the number of its line."""

    number: int
    event: Event


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is no event, and why."""

    file: str
    number: int
    reason: str


def read_events(name: str) -> Iterator[Line | BadLine]:
    """The events of a file, or of standard input for `-`. Empty lines are passed over.

    A file that cannot be read ends the command with one clear line.
    """
    if name == "-":
        yield from _lines("standard input", sys.stdin.buffer)
        return
    try:
        with open(name, "rb") as stream:  # noqa: PTH123
            yield from _lines(name, stream)
    except OSError as error:
        typer.echo(f"{name}: the events cannot be read: {error.strerror}", err=True)
        raise typer.Exit(1) from None


def _lines(file: str, stream: BinaryIO) -> Iterator[Line | BadLine]:
    number = 0
    while line := stream.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            yield BadLine(file, number, f"the line is longer than {LONGEST_LINE:,} bytes")
            while line and not line.endswith(b"\n"):
                line = stream.readline(LONGEST_LINE)
        elif line.strip():
            yield _read(file, number, line)


def _read(file: str, number: int, line: bytes) -> Line | BadLine:
    try:
        return Line(number, Event.model_validate_json(line))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        return BadLine(file, number, f"this is no event: {f'{where}: ' if where else ''}{first['msg']}")
