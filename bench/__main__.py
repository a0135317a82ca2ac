"""`python -m bench`: run every measurement and print one table."""

from __future__ import annotations

import platform
import sys

from rich.console import Console
from rich.table import Table

from bench.evaluate import measure


def main() -> None:
    """Measure and print."""
    table = Table("rules", "modbot, µs an event", "spread", "loop of re, µs", "spread", "ratio", title="evaluate")
    for row in measure():
        numbers = (row.modbot, row.modbot_spread, row.peer, row.peer_spread)
        table.add_row(str(row.rules), *(f"{n:.0f}" for n in numbers), f"{row.peer / row.modbot:.2f}")
    console = Console()
    console.print(f"Python {platform.python_version()} on {platform.machine()}, {sys.platform}")
    console.print(table)


main()
