"""RESULTS.md: the tables of one run of the whole suite, and its ground. Imported by `bench.__main__`."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

PLACE = Path(__file__).parent / "RESULTS.md"
WIDTH = 150
LIBRARIES = ("uvicorn", "uvloop", "starlette", "redis", "hiredis", "rq", "pydantic", "google-re2", "limits")
HEAD = """\
# Measurements

Written by `make bench`: every measurement once, one after the other, on the machine that is named below. Each figure is
the median of its rounds, and in brackets the lowest and the highest. What is compared took turns in the same run, so
ratios bear other work on the machine better than the figures themselves. What a measurement does, and what its peers
are, is said at the head of `bench/NAME.py`; `python -m bench NAME` repeats one.

"""


def ground() -> str:
    """The machine, the versions and the date, in three lines."""
    cores, memory = len(os.sched_getaffinity(0)), os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = f"{platform.system()} {platform.release()}; Python {platform.python_version()}"
    machine = f"{datetime.now(UTC):%Y-%m-%d}; {_processor()}, {cores} cores, {memory:.0f} GiB; {system}"
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    others = f"other work when it began: {os.getloadavg()[0]:.1f} processes on average in the last minute"
    return f"{machine}\n{libraries}\n{others}"


def _processor() -> str:
    """The processor's name as Linux tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def write(tables: str) -> None:
    """Replace RESULTS.md."""
    PLACE.write_text(f"{HEAD}```\n{tables.rstrip()}\n```\n", encoding="utf-8")
