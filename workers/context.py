"""What the jobs of one worker process work with; every job function takes it first. Imported by `workers` and tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rules.state.state import State
from service.ledger import Ledger
from service.store import EventStore
from service.wiring import Forums
from workers.facts import FactCache
from workers.live_rules import LiveRules


@dataclass(frozen=True, slots=True)
class Context:
    """The parts that jobs share, opened once a process."""

    store: EventStore
    ledger: Ledger
    forums: Forums
    rules: LiveRules
    facts: FactCache
    state: Callable[[str], State]
    """What a forum's rules remember, by the forum's name."""
