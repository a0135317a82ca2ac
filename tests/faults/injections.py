"""The faults: when each strikes, and how. Everything is drawn from one seed; what really struck is counted by kind."""

from __future__ import annotations

import math
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from service.supervisor import Child
from tests.faults.ground import Ground, signal_child

BULK = ("bulk-1", "bulk-2", "bulk-3")
WORKERS = ("evaluate-1", "urgent-1", "urgent-2", *BULK)
PROCESSES = ("web", *WORKERS)
OF_THE_FORUM = ("error", "lost", "cut", "slow", "limit", "silent", "late", "held_before", "held_after", "lost_once")
"""What is ordered from the forum: see `tests.faults.forum`."""

YOUNG_SECONDS = 4.0
"""A process younger than this is left alone: it is still starting, and the supervisor would wait ever longer."""

AGAIN_SECONDS = 0.5
ASK_SECONDS = 0.25
"""How often the forum is asked what has struck, and what it holds: that hangs for seconds."""

STRIKE_SECONDS = 60.0
"""How long an ordered fault may wait for a request that it can strike, once everything else has been injected."""


@dataclass(frozen=True, slots=True)
class Faults:
    """How many of each kind a run has."""

    kill: int = 0
    kill_all: int = 0
    stop: int = 0
    freeze: int = 0
    restart_redis: int = 0
    freeze_redis: int = 0
    cut_web: int = 0
    cut_work: int = 0
    error: int = 0
    lost: int = 0
    lost_once: int = 0
    cut: int = 0
    slow: int = 0
    limit: int = 0
    silent: int = 0
    late: int = 0
    held_before: int = 0
    held_after: int = 0

    def scaled(self, part: float) -> Faults:
        """So many times as many of each kind."""
        return Faults(**{name: math.ceil(getattr(self, name) * part) for name in self.__slots__})

    def schedule(self, dice: random.Random) -> list[tuple[float, str]]:
        """After what part of the events each is injected; the first come while there is work already."""
        kinds = [name for name in self.__slots__ for _ in range(getattr(self, name))]
        return sorted((dice.uniform(0.05, 1.0), kind) for kind in kinds)


@dataclass(slots=True)
class Injector:
    """Carries a schedule out. `tick` is called often, by the thread that restarts the dead."""

    ground: Ground
    schedule: list[tuple[float, str]]
    dice: random.Random
    injected: Counter[str] = field(default_factory=Counter)
    last: float = 0.0
    """When the last fault struck or ended (`time.monotonic`)."""
    _not_before: float = 0.0
    _born: dict[int, float] = field(default_factory=dict)
    _ends: list[tuple[float, Callable[[], None]]] = field(default_factory=list)
    _told: Mapping[str, Any] = field(default_factory=lambda: {"struck": {}, "held": 0, "waiting": 0})
    _asked: float = 0.0

    def is_done(self) -> bool:
        """Whether everything has been injected, has struck and has ended."""
        waits = self._told["waiting"] and time.monotonic() - self.last < STRIKE_SECONDS
        return not self.schedule and not self._ends and not waits

    def tick(self, part: float) -> None:
        """Inject and end what is due, now that this part of the events has been sent."""
        now = time.monotonic()
        for child in self.ground.services.children:
            self._born.setdefault(child.pid, now)
        for end in [end for end in self._ends if end[0] <= now]:
            self._ends.remove(end)
            end[1]()
            self.last = time.monotonic()
        while self.schedule and self.schedule[0][0] <= part and now >= self._not_before:
            self._inject(self.schedule.pop(0)[1])
        if now - self._asked > ASK_SECONDS:
            self._asked = now
            self._look_at_the_forum()

    def finish(self) -> Mapping[str, int]:
        """Let nothing more strike; returns what struck by kind."""
        self.ground.http.delete(f"{self.ground.forum_url}/_faults")
        struck = self.ground.ask_forum("/_faults")["struck"]
        return dict(sorted((self.injected + Counter({f"forum: {kind}": n for kind, n in struck.items()})).items()))

    def _inject(self, kind: str) -> None:
        if kind in OF_THE_FORUM:
            self.ground.http.post(f"{self.ground.forum_url}/_faults", json=[kind])
            self._asked = 0.0
        else:
            getattr(self, f"_{kind}")()
        self.last = time.monotonic()

    def _again(self, kind: str) -> None:
        """Not possible now: try in a moment."""
        self.schedule.insert(0, (0.0, kind))
        self._not_before = time.monotonic() + AGAIN_SECONDS

    def _grown(self, names: tuple[str, ...]) -> list[str]:
        now = time.monotonic()
        running = [name for name in names if self.ground.child(name).is_running()]
        return [name for name in running if now - self._born.get(self.ground.child(name).pid, now) > YOUNG_SECONDS]

    def _one_of(self, names: tuple[str, ...], kind: str, word: str) -> Child | None:
        grown = self._grown(names)
        if not grown:
            self._again(kind)
            return None
        name = self.dice.choice(grown)
        self.injected[f"{word} {name.partition('-')[0]}"] += 1
        return self.ground.child(name)

    def _kill(self) -> None:
        if child := self._one_of(PROCESSES, "kill", "kill -9"):
            child.kill()

    def _kill_all(self) -> None:
        """Every worker at the same moment, as with a machine."""
        for name in self._grown(WORKERS):
            self.injected[f"kill -9 {name.partition('-')[0]}"] += 1
            self.ground.child(name).kill()

    def _stop(self) -> None:
        if child := self._one_of(PROCESSES, "stop", "SIGTERM"):
            child.terminate()

    def _freeze(self) -> None:
        if child := self._one_of(WORKERS, "freeze", "freeze"):
            self._stop_for(child, self.dice.uniform(1.0, 9.0))

    def _freeze_redis(self) -> None:
        self.injected["freeze redis"] += 1
        self._stop_for(self.ground.server, self.dice.uniform(0.5, 4.0))

    def _stop_for(self, child: Child, seconds: float) -> None:
        pid = child.pid
        signal_child(child, signal.SIGSTOP)

        def thaw() -> None:
            if child.pid == pid:
                signal_child(child, signal.SIGCONT)

        self._ends.append((time.monotonic() + seconds, thaw))

    def _restart_redis(self) -> None:
        if not self.ground.server.is_running():
            self._again("restart_redis")
            return
        self.injected["restart redis"] += 1
        self.ground.server.kill()
        self.ground.server.wait(5)
        self._ends.append((time.monotonic() + self.dice.uniform(0.2, 3.0), self.ground.server.start))

    def _cut_web(self) -> None:
        self.injected["reply cut to web"] += 1
        signal_child(self.ground.wire, signal.SIGUSR1)

    def _cut_work(self) -> None:
        self.injected["reply cut to a worker"] += 1
        signal_child(self.ground.wire, signal.SIGUSR2)

    def _look_at_the_forum(self) -> None:
        """Note what has struck there, and kill who waits for an answer that it holds."""
        before, self._told = self._told, self.ground.ask_forum("/_faults")
        if self._told["struck"] != before["struck"]:
            self.last = time.monotonic()
        if self._told["held"] > before["held"]:
            for name in BULK:  # one of them waits for it
                self.injected["kill -9 bulk in a call"] += self.ground.child(name).is_running()
                self.ground.child(name).kill()
