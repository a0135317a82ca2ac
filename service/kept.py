"""What is kept in Redis under names that several modules know, and for how long.

Imported by `service`, `workers`, `bench` and tests.
"""

from __future__ import annotations

from typing import Final

from rules.state.windows import RETENTION_SECONDS as WINDOW_RETENTION_SECONDS

DUE: Final = "modbot:due"
DEAD: Final = "modbot:dead"
PROGRESS: Final = "modbot:progress"
LOG: Final = "modbot:log"
ENDED: Final = "modbot:ended"
"""Sorted set of the events that have ended and wait for nobody, by when (Redis' milliseconds)."""

PAUSED: Final = "modbot:paused"
"""Hash of paused forums (`*`: all) and why; an action of theirs is not claimed (claim.lua)."""

SEEN_SECONDS: Final = 7 * 24 * 3600
"""How long a delivery's identity is remembered: Website Toolbox re-sends for up to 3 days (platform-facts, 1.1)."""

RETENTION_SECONDS: Final = WINDOW_RETENTION_SECONDS
"""How long final records are kept unless `retention` says longer: as long as windows reach (service.retention)."""

LOST_AFTER_MS: Final = 30_000
"""When an item whose job never started, or never ended, is woken again."""
