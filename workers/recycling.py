"""When a worker has grown too big: it ends after its job, and whoever supervises it starts it afresh.

Memory that was once asked for is seldom given back, and a container that passes its limit is killed in the middle of a
job. So a worker ends by itself before that, at most every ten minutes: Kubernetes answers frequent exits, clean ones
too, with a growing back-off. Imported by `workers.worker` and tests.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

LEAST_LIFE_SECONDS = 600.0

STATM = Path("/proc/self/statm")
"""Linux: the memory of this process in pages; its second number is what is resident."""


def resident_mb() -> float:
    """The memory of this process in MB; 0 where the system does not tell."""
    try:
        pages = int(STATM.read_text(encoding="ascii").split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGESIZE") / 1024 / 1024


class Recycling:
    """Whether this process has had its time."""

    def __init__(
        self, most_mb: int, memory: Callable[[], float] = resident_mb, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most_mb = most_mb
        self._memory = memory
        self._clock = clock
        self._started = clock()

    def why(self) -> str | None:
        """Why it is to end; None while it is not."""
        if self._clock() - self._started < LEAST_LIFE_SECONDS:
            return None
        memory = self._memory()
        return f"{memory:.0f} MB of memory, over {self._most_mb} (worker_memory_mb)" if memory > self._most_mb else None
