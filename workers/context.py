"""What the jobs of one worker process work with; every job function takes it first. Imported by `workers` and tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from service.footprints import Footprints
from service.heartbeat import Heartbeats
from service.held import HeldItems
from service.ledger import Ledger
from service.notes import Notes
from service.queue import Backlog
from service.standing import Standings
from service.store import EventStore
from service.timers import Timers
from service.wiring import Forums
from workers.facts import FactCache
from workers.live_rules import LiveRules
from workers.state import RedisState
from workers.warming import Warming


@dataclass(frozen=True, slots=True)
class Context:
    """The parts that jobs share, opened once a process."""

    backlog: Backlog
    store: EventStore
    ledger: Ledger
    forums: Forums
    rules: LiveRules
    standings: Standings
    facts: FactCache
    footprints: Footprints
    heartbeats: Heartbeats
    held: HeldItems
    timers: Timers
    notes: Notes
    warming: Warming
    state: Callable[[str], RedisState]
    """What a forum's rules remember, by the forum's name."""
