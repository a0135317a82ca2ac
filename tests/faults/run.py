"""One run: start, send and inject, let everything come to its end, take some effects back, send again, judge."""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from service.dead_letters import DeadLetters
from service.kept import DUE
from service.supervisor import wait_until
from tests.faults.ground import Ground, Terrain, ground
from tests.faults.injections import Faults, Injector
from tests.faults.plan import UNDOING, Planned, plan
from tests.faults.sender import Sender
from tests.faults.verdict import TOKEN, Verdict, by_id, is_done, judge

RECOVERY_SECONDS = 120.0
"""How long after the last fault an event may take to be final, beyond what its calls need at the limit."""

CALLS_PER_ITEM = 2.0
"""What an item that waits may cost at the forum: a look and a write."""

SAMPLE = 0.2
"""The share of events that are sent once more at the end, after staff took effects back."""

MOST_ECHOES = 50

Progress = Callable[[str, int, int], None]
"""Told what is going on, how far it is, and how far it goes."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What a run is made of; two runs of one trial differ by the machine's timing alone."""

    events: int
    rate: float
    """Events a second."""
    faults: Faults
    terrain: Terrain = field(default_factory=Terrain)
    seed: int = 0
    patience: float = RECOVERY_SECONDS


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it."""

    trial: Trial
    faults: Mapping[str, int]
    webhooks: Mapping[str, int]
    verdict: Verdict
    report: Mapping[str, Any]
    dead: Sequence[str]
    recovery: float
    """Seconds from the last fault until everything was final."""
    overdue: int
    """Events and actions that were not final when the time for that was over."""
    seconds: float
    folder: Path

    def violations(self) -> int:
        """Requests over the limit."""
        return int(self.report["refused_by_rate_limit"])

    def problems(self) -> list[str]:
        """Every promise that was broken; empty if all were kept."""
        limit, found = self.trial.terrain.per_second, []
        if self.violations():
            found.append(f"{self.violations()} requests over the limit of {limit} in a second")
        if self.report["unknown_requests"]:
            found.append(f"requests that the forum does not know: {self.report['unknown_requests']}")
        if self.overdue:
            found.append(f"{self.overdue} events or actions were not final {self.recovery:.0f} s after the last fault")
        return [*found, *self.verdict.lost, *self.verdict.repeated, *self.verdict.unplanned, *self.dead]


def run(trial: Trial, progress: Progress) -> Result:
    """Run it. Its folder with every log is kept where a promise was broken. Raises StageTrouble, NoServer."""
    folder = Path(tempfile.mkdtemp(prefix="modbot-faults-"))
    dice = random.Random(trial.seed)
    started = time.monotonic()
    with ground(trial.terrain, folder, dice) as running:
        result = _played(_Play(trial, running, dice, progress), folder, started)
    if not result.problems():
        shutil.rmtree(folder)
    return result


@dataclass(slots=True)
class _Play:
    """A run while it lasts."""

    trial: Trial
    ground: Ground
    dice: random.Random
    progress: Progress
    recovery: float = 0.0
    overdue: int = 0

    def settle(self, since: float) -> None:
        """Wait until everything is final, as long as is allowed; `since` is the last fault (`time.monotonic`)."""
        waiting = self.waiting()
        allowed = self.trial.patience + waiting * CALLS_PER_ITEM / self.trial.terrain.per_second
        if not wait_until(lambda: not self._look(waiting), since + allowed - time.monotonic(), every=0.2):
            self.overdue = self.waiting()
        self.recovery = max(self.recovery, time.monotonic() - since)

    def waiting(self) -> int:
        """How many events and actions are not final; timers and digests, which no event waits for, left out."""
        due = cast("list[str]", self.ground.redis.zrange(DUE, 0, -1))
        return sum(
            not (item.startswith("action:") and self.ground.redis.hexists(f"modbot:{item}", "apart")) for item in due
        )

    def _look(self, most: int) -> int:
        self.ground.restart_the_dead()
        waiting = self.waiting()
        self.progress("coming to an end", max(0, most - waiting), most)
        return waiting


def _played(play: _Play, folder: Path, started: float) -> Result:
    trial, running = play.trial, play.ground
    events = plan(trial.events, play.dice)
    sender = Sender(running, events, trial.rate, play.dice)
    injector = Injector(running, trial.faults.schedule(play.dice), play.dice)
    sender.start()
    while sender.is_sending() or not injector.is_done():
        running.restart_the_dead()
        injector.tick(sender.taken / trial.events)
        play.progress("events", sender.taken, trial.events)
        time.sleep(0.02)
    faults = injector.finish()
    play.settle(injector.last)
    undone = [] if play.overdue else _take_back(play, events, sender)
    return Result(
        trial=trial,
        faults=faults,
        webhooks=dict(sender.counts),
        verdict=judge(events, undone, by_id(running.ask_forum("/_simulator/state")), _parked(running)),
        report=running.ask_forum("/_simulator/report"),
        dead=[f"dead letter {letter.item}: {letter.reason}" for letter in _letters(running, "failed", "dead")],
        recovery=play.recovery,
        overdue=play.overdue,
        seconds=time.monotonic() - started,
        folder=folder,
    )


def _take_back(play: _Play, events: Sequence[Planned], sender: Sender) -> list[Planned]:
    """Have staff take effects back, then deliver these and others once more; returns what was taken back.

    What was not done cannot be taken back: the verdict will say so.
    """
    sample = play.dice.sample(list(events), int(len(events) * SAMPLE))
    forum = by_id(play.ground.ask_forum("/_simulator/state"))
    undone = [one for one in sample if one.kind in UNDOING and is_done(one, forum)]
    for one in undone:
        play.ground.happen({**UNDOING[one.kind], one.key: one.number})
    sender.deliver([*sample, *_echoes(play)])
    play.settle(time.monotonic())
    return undone


def _echoes(play: _Play) -> list[Planned]:
    """What the forum tells us of our own replies, as of everybody's: the bot must not listen to itself."""
    told = play.ground.ask_forum("/_simulator/webhooks")["webhooks"]
    own = [one for one in told if one["type"] == "post.created"]
    return [Planned("an echo", "echo", {}, webhook=one) for one in own[:MOST_ECHOES]]


def _letters(running: Ground, *states: str) -> list[Any]:
    return [one for one in DeadLetters(running.redis).all(1000) if one.fields.get("state") in states]


def _parked(running: Ground) -> list[str]:
    """The tokens of effects that a person must look for."""
    return [token for one in _letters(running, "unsure") for token in TOKEN.findall(one.fields.get("action", ""))]
