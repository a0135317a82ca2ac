"""Runs a module as a program on a host whose clock is wrong: `python skewed.py SECONDS MODULE ARGUMENTS...`.

Every wall clock of the process is off by so much, `time.time` and `datetime.now`; intervals stay right, as with a host
whose clock nobody sets.
"""

from __future__ import annotations

import datetime as dt
import runpy
import sys
import time
from datetime import datetime

OFF, MODULE = float(sys.argv[1]), sys.argv[2]

right_time = time.time


class _Kind(type):
    def __instancecheck__(cls, one: object) -> bool:
        return isinstance(one, datetime)


class Skewed(datetime, metaclass=_Kind):
    """A date that is read from the wrong clock."""

    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> Skewed:
        return cls.fromtimestamp(right_time() + OFF, tz)


time.time = lambda: right_time() + OFF
dt.datetime = Skewed  # type: ignore[misc]
sys.argv = [MODULE, *sys.argv[3:]]
runpy.run_module(MODULE, run_name="__main__", alter_sys=True)
