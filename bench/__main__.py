"""`python -m bench [--write] [NAME...]`: run the named measurements, or every one, and print their tables.

A measurement is a module of this package with `measure()`, which shows its progress, and `table(rows)`. With `--write`
(`make bench`) the tables also go into RESULTS.md, together: a table without its neighbours would be of another day.
The suite takes under ten minutes, so in it each run of `limiter` has 5 s; named alone, it has a minute, unless
MODBOT_BENCH_SECONDS says otherwise.
"""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module

from rich.console import Console

from bench import results

MEASUREMENTS = ("ingest", "latency", "footprint", "evaluate", "drain", "soak", "limiter", "raid")
SUITE_LIMITER_SECONDS = "5"


def main() -> None:
    """Measure, print, and write if told to."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(MEASUREMENTS)}; all if left out")
    parser.add_argument("--write", action="store_true", help="write RESULTS.md; for all measurements together")
    options = parser.parse_args()
    if unknown := [name for name in options.names if name not in MEASUREMENTS]:
        parser.error(f"no measurement named {', '.join(unknown)}; there are {', '.join(MEASUREMENTS)}")
    if options.write and options.names:
        parser.error("--write is for all measurements together: leave the names out")
    if not options.names:
        os.environ.setdefault("MODBOT_BENCH_SECONDS", SUITE_LIMITER_SECONDS)
    console = Console(width=results.WIDTH, record=options.write)
    console.print(results.ground())
    for name in options.names or MEASUREMENTS:
        measurement = import_module(f"bench.{name}")
        console.print(measurement.table(measurement.measure()))
    if options.write:
        results.write(console.export_text())
        sys.stderr.write(f"written to {results.PLACE}\n")


main()
