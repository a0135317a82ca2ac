"""Runs programs as child processes: starts them, restarts those that die, stops them in order.

Children do not outlive their supervisor, not even when it is killed. Imported by `service.embedded`, commands, tests.
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

log = logging.getLogger(__name__)

QUICK_DEATH_SECONDS = 5.0
LONGEST_BACKOFF_SECONDS = 30.0
HURRY_SECONDS = 3.0
"""How long a child has that is asked a second time."""

PR_SET_PDEATHSIG = 1


def wait_until(condition: Callable[[], bool], seconds: float, every: float = 0.05) -> bool:
    """Poll until `condition` holds; False when it did not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(every)
    return True


@dataclass(slots=True)
class Child:
    """One program."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    output: IO[bytes] | None = None
    """Where its standard output and error go; None: ours."""
    restarts: int = 0
    _process: subprocess.Popen[bytes] | None = None
    _started: float = 0.0
    _not_before: float = 0.0

    def start(self) -> None:
        """Start it in a session of its own, so that a terminal's Ctrl-C reaches only the supervisor."""
        self._started = time.monotonic()
        self._process = subprocess.Popen(  # noqa: S603 - our own programs
            list(self.argv),
            env={**os.environ, **self.env},
            stdin=subprocess.DEVNULL,
            stdout=self.output,
            stderr=subprocess.STDOUT if self.output else None,
            start_new_session=True,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - one thread at this point
        )

    @property
    def pid(self) -> int:
        """The process id of the running program."""
        assert self._process is not None
        return self._process.pid

    def is_running(self) -> bool:
        """Whether it has been started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def exit_status(self) -> int | None:
        """The exit status, None while it runs."""
        return self._process.poll() if self._process else None

    def restart_if_dead(self) -> bool:
        """Start it again if it died, with a growing pause if it keeps dying at once; True if it was started."""
        if self.is_running() or time.monotonic() < self._not_before:
            return False
        if self._not_before == 0.0:
            lived = time.monotonic() - self._started
            self.restarts = self.restarts + 1 if lived < QUICK_DEATH_SECONDS else 1
            pause = min(LONGEST_BACKOFF_SECONDS, 2.0 ** (self.restarts - 1) - 1)
            told = (self.name, self.exit_status(), pause)
            log.log(
                logging.WARNING if self.exit_status() else logging.INFO,
                "%s ended with status %s, starting it again in %.0f s",
                *told,
            )
            self._not_before = time.monotonic() + pause
            return False
        self._not_before = 0.0
        self.start()
        return True

    def stop(self, grace: float) -> None:
        """Ask it to stop, and kill it when it has not within `grace` seconds."""
        self.terminate()
        self.wait(grace)

    def terminate(self) -> None:
        """Ask it to stop."""
        if self._process and self.is_running():
            self._process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once, as the kernel does when memory runs out."""
        if self._process and self.is_running():
            self._process.kill()

    def wait(self, grace: float) -> None:
        """Wait for its end, and kill it when it has not come within `grace` seconds."""
        if self._process is None:
            return
        try:
            self._process.wait(grace)
        except subprocess.TimeoutExpired:
            log.warning("%s did not stop in time and is killed", self.name)
            self._process.kill()
            self._process.wait()


class Supervisor:
    """A set of children: all run until `stop`."""

    def __init__(self, children: Sequence[Child]) -> None:
        self.children = list(children)

    def start(self) -> None:
        """Start every child."""
        for child in self.children:
            child.start()

    def watch(self, until: Callable[[], bool], every: float = 0.2) -> None:
        """Keep every child running until `until` holds."""
        while not until():
            for child in self.children:
                child.restart_if_dead()
            time.sleep(every)

    def stop(self, grace: float = 35.0, hurry: Callable[[], bool] = lambda: False) -> None:
        """Ask all to stop, those started last first, and wait for them together; ask again as soon as `hurry` holds."""
        self._ask()
        wait_until(lambda: self._has_ended() or hurry(), grace)
        if hurry():
            self._ask()
            wait_until(self._has_ended, HURRY_SECONDS)
        for child in reversed(self.children):
            child.wait(0)

    def _ask(self) -> None:
        for child in reversed(self.children):
            child.terminate()

    def _has_ended(self) -> bool:
        return not any(child.is_running() for child in self.children)


def _die_with_parent() -> None:
    """In the child, before its program starts: have the kernel send SIGTERM when the supervisor is gone."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
