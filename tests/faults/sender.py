"""The platform's side of webhooks: lets events happen, delivers them out of order, twice, and again until they are taken."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

import httpx

from service.demo.stage import StageTrouble
from service.supervisor import wait_until
from tests.faults.ground import Ground
from tests.faults.plan import Planned, delivered

AT_ONCE = 6
"""Deliveries under way at a time."""

TWICE = 0.1
"""The share of events whose webhook comes once more, in a later group."""

WINDOW = 25
"""Events that are delivered in a shuffled order."""

MOST_WAITING = 250
"""While more events and actions than this are not final, nothing new happens, so that faults meet work to the end."""

GIVE_UP_SECONDS = 180.0
AGAIN_SECONDS = 0.3
"""A platform waits an hour before it sends again; here time runs faster."""


class Sender:
    """Sends a plan in the background, at most so many events a second."""

    def __init__(self, ground: Ground, events: Sequence[Planned], rate: float, dice: random.Random) -> None:
        self.taken = 0
        self.counts: Counter[str] = Counter()
        self._ground = ground
        self._groups = list(delivered(list(events), dice, TWICE, WINDOW))
        self._rate = rate
        self._trouble: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="sender", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def is_sending(self) -> bool:
        """Whether there is more to come. Raises what went wrong."""
        if self._trouble:
            raise self._trouble
        return self._thread.is_alive()

    def deliver(self, events: Iterable[Planned]) -> None:
        """Deliver these at once, each until it is answered 200. Raises StageTrouble when one never is."""
        with httpx.Client(timeout=5) as http, ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda one: self._deliver(http, one), events))

    def _run(self) -> None:
        started = time.monotonic()
        try:
            for group in self._groups:
                new = [one for one in group if not one.webhook]
                for one in sorted(new, key=lambda one: one.token):
                    one.happened(self._ground.happen(one.fields))
                self.deliver(group)
                self.taken += len(new)
                time.sleep(max(0.0, started + self.taken / self._rate - time.monotonic()))
                wait_until(lambda: self._ground.waiting() < MOST_WAITING, GIVE_UP_SECONDS)
        except Exception as trouble:  # noqa: BLE001 - told to who waits for the sender
            self._trouble = trouble

    def _deliver(self, http: httpx.Client, event: Planned) -> None:
        deadline = time.monotonic() + GIVE_UP_SECONDS
        while time.monotonic() < deadline:
            status = self._post(http, event)
            self.counts[status] += 1
            if status in ("accepted", "duplicate"):
                return
            time.sleep(AGAIN_SECONDS)
        raise StageTrouble(f"the webhook of {event.token} is not taken")

    def _post(self, http: httpx.Client, event: Planned) -> str:
        """Deliver once: `accepted`, `duplicate`, `unavailable` (503) or `unanswered`. Raises StageTrouble for others."""
        try:
            answer = self._ground.post(http, event.webhook, signed=event.signed)
        except httpx.TransportError:
            return "unanswered"
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            return "unavailable"
        if answer.is_error:
            raise StageTrouble(f"the webhook of {event.token} is answered {answer.status_code}: {answer.text}")
        return str(answer.json()["status"])
