"""`python -m bench [NAME...]`: run the named measurements, or every one, and print their tables.

A measurement is a module of this package with `measure()`, which shows its progress, and `table(rows)`.
"""

from __future__ import annotations

import platform
import sys
from importlib import import_module

from rich.console import Console

MEASUREMENTS = ("ingest", "evaluate", "limiter", "raid")


def main(names: list[str]) -> None:
    """Measure and print."""
    if unknown := [name for name in names if name not in MEASUREMENTS]:
        sys.stderr.write(f"no measurement named {', '.join(unknown)}; there are {', '.join(MEASUREMENTS)}\n")
        sys.exit(2)
    console = Console(width=130)
    console.print(f"Python {platform.python_version()} on {platform.machine()}, {sys.platform}")
    for name in names or MEASUREMENTS:
        measurement = import_module(f"bench.{name}")
        console.print(measurement.table(measurement.measure()))


main(sys.argv[1:])
