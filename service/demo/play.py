"""Plays the story on a stage and compares the forum with what it should look like. Imported by `service.cli.demo`."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from service.demo.stage import SECRET, Stage
from service.demo.story import EXPECTED, SCENES, Scene
from service.demo.telling import Teller
from service.records import DecisionLog, Filter

SETTLE_SECONDS = 60.0
DONE = ("done", "already_done", "joined")

Made = dict[str, Mapping[str, Any]]


@dataclass(slots=True)
class Outcome:
    """What came of the story."""

    webhooks: Counter[str] = field(default_factory=Counter)
    actions: Counter[str] = field(default_factory=Counter)
    unmet: list[str] = field(default_factory=list)
    report: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def went_well(self) -> bool:
        """Whether the forum is as the story says and was never asked too often or for what it does not have."""
        return not self.unmet and not self.report["refused_by_rate_limit"] and not self.report["unknown_requests"]

    def to_json(self) -> dict[str, Any]:
        """The summary of contract.md, section 6."""
        kinds = ("sent", "accepted", "duplicate", "ignored", "rejected")
        counts = ("requests", "refused_by_rate_limit", "most_in_any_second")
        return {
            "webhooks": {kind: self.webhooks[kind] for kind in kinds},
            "actions": dict(sorted(self.actions.items())),
            "forum": {**{name: self.report[name] for name in counts}, "state_as_expected": not self.unmet},
            "seconds": round(self.seconds, 1),
        }


def play(stage: Stage, teller: Teller) -> Outcome:
    """Play every scene, wait for its work, and tell it. Raises StageTrouble when the work does not end."""
    started, outcome, made = time.monotonic(), Outcome(), Made()
    log, cursor = DecisionLog(stage.redis), "0-0"
    for number, scene in enumerate(SCENES, 1):
        teller.scene(number, scene)
        _play_scene(stage, scene, outcome, made, teller)
        stage.settle(SETTLE_SECONDS)
        entries, cursor = log.newer_than(cursor, Filter())
        for entry in entries:
            teller.decision(entry)
            outcome.actions.update(action["action"] for action in entry.actions if action["outcome"] in DONE)
    state = stage.state()
    for expectation in EXPECTED:
        holds = expectation.holds(state, made)
        teller.expectation(expectation, holds=holds)
        if not holds:
            outcome.unmet.append(expectation.says)
    outcome.report, outcome.seconds = stage.report(), time.monotonic() - started
    return outcome


def _play_scene(stage: Stage, scene: Scene, outcome: Outcome, made: Made, teller: Teller) -> None:
    webhook = _webhook(stage, scene)
    if scene.made:
        made[scene.made] = webhook["data"]["object"]
    for _ in range(2 if scene.delivery == "twice" else 1):
        answer = stage.deliver(webhook, secret="not-the-secret" if scene.delivery == "forged" else SECRET)
        status = answer.json().get("status", "rejected")
        outcome.webhooks.update(["sent", status])
        teller.webhook(webhook["type"], answer.status_code, status)


def _webhook(stage: Stage, scene: Scene) -> dict[str, Any]:
    """The webhook of what happens. What the platform has and the simulator has not is sent as it would be."""
    if scene.fields["event"] == "badge.given":
        return {"api_version": "1", "type": "badge.given", "data": {"object": {"badgeId": 1}}}
    webhook = stage.happen(**scene.fields)
    if scene.delivery == "forged":
        webhook["data"]["object"]["message"] = "<p>Five links that a rule would delete.</p>"
    return webhook
