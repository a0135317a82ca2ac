"""Calls to the forum that it takes to clean up a raid, beside one call for each action and each look-up.

50 new accounts write 1,000 posts in 20 topics, many of them in two. The rules delete the posts, move the accounts to
Banned, lock the topics hit hardest and tell the moderators. All of modbot runs as real processes against the simulated
forum over HTTP, under a limit that is raised so that it takes seconds; the webhooks of modbot's own calls are delivered
too, and what they cost is in the count. The forum itself counts the calls.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from rich.progress import track
from rich.table import Table

from service.demo.stage import SECRET, Stage, stage
from service.records import DecisionLog, Filter

POSTS, ACCOUNTS, TOPICS = 1000, 50, 20
PER_SECOND = 100
SETTLE_SECONDS = 300.0

RULES = """\
name: raid
body: casino
author: {account_age: '< 1 day'}
limit: none
then: [delete, {add_to_group: Banned}, {remove_from_group: Members}, notify_moderators]
---
name: topic under attack
body: casino
count: {of: post, by: topic, within: 1 hour, is: '>= 60'}
limit: none
topic: {lock: true}
"""

SENT = ("done", "already_done", "target_gone", "refused")


@dataclass(frozen=True, slots=True)
class Row:
    """One raid. `apart`: the calls that one each for every action and look-up would have been."""

    deliveries: str
    calls: Mapping[str, int]
    apart: int
    seconds: float

    @property
    def total(self) -> int:
        """All calls."""
        return sum(self.calls.values())


def measure() -> list[Row]:
    """A raid that signed webhooks tell of, and one whose webhooks anybody may have forged, so that posts are read."""
    return [_raid(secret) for secret in track((SECRET, None), "raid, twice")]


def _raid(secret: str | None) -> Row:
    with tempfile.TemporaryDirectory(prefix="modbot-bench-") as folder:
        rules = Path(folder, "rules.yaml")
        rules.write_text(RULES, encoding="utf-8")
        forum = {"limit": {"per_second": PER_SECOND, "per_day": 0}}
        options = ("--per-second", str(PER_SECOND))
        with stage(rules=[str(rules)], forum=forum, simulator_options=options) as running:
            webhooks = _attack(running)
            return _clean_up(running, webhooks, secret)


def _attack(running: Stage) -> list[dict[str, Any]]:
    """What the raiders do; the webhooks of their posts."""
    names = [f"raider{number}" for number in range(ACCOUNTS)]
    for name in names:
        running.happen(event="user.created", username=name)
    talk = {"event": "topic.created", "username": "wren", "message": "x"}
    started = [running.happen(**talk, title=f"Talk {number}") for number in range(TOPICS)]
    topics = [webhook["data"]["object"]["topicId"] for webhook in started]
    return [
        running.happen(
            event="post.created",
            username=names[number % ACCOUNTS],
            topicId=topics[number % 2 if number % 7 == 0 else number % TOPICS],
            message=f"Free casino, number {number}",
        )
        for number in range(POSTS)
    ]


def _clean_up(running: Stage, webhooks: list[dict[str, Any]], secret: str | None) -> Row:
    started = monotonic()
    for webhook in webhooks:
        running.deliver(webhook, secret=secret)
    running.settle(SETTLE_SECONDS)
    seconds = monotonic() - started
    for echo in running.http.get(f"{running.forum_url}/_simulator/webhooks").json()["webhooks"]:
        running.deliver(echo, secret=secret)
    running.settle(SETTLE_SECONDS)
    _check(running, webhooks)
    calls = Counter[str](running.report()["by_operation"])
    return Row("signed" if secret else "not signed", calls, _calls_apart(running), seconds)


def _check(running: Stage, webhooks: list[dict[str, Any]]) -> None:
    """See that the forum is clean. Raises AssertionError: then there is no measurement."""
    state = running.state()
    left = {post["postId"] for post in state["posts"]} & {one["data"]["object"]["postId"] for one in webhooks}
    raiders = [user["groups"] for user in state["users"] if user["username"].startswith("raider")]
    assert not left, f"{len(left)} posts are left"
    assert raiders == [["Banned"]] * ACCOUNTS, "an account is not banned"
    assert sum(topic["locked"] for topic in state["topics"]) == 2, "not the two topics are locked"  # noqa: PLR2004
    told = len(state["conversations"])
    assert 1 <= told <= 2, "the moderators were not told once, and what came later once"  # noqa: PLR2004 - service.notes


def _calls_apart(running: Stage) -> int:
    """One call for each action that was carried out by itself, and for each fact that an event waited for."""
    actions = looked_up = 0
    for entry in DecisionLog(running.redis).newest_first(Filter()):
        actions += sum(action["outcome"] in SENT for action in entry.actions)
        told = running.redis.hget(f"modbot:event:{entry.id}", "facts")
        looked_up += len(json.loads(str(told or "{}")).get("asked", ()))
    return actions + looked_up


def table(rows: list[Row]) -> Table:
    """The rows as they are printed."""
    heads = ("webhooks", "calls", "calls / post", "one call each", "calls / post", "seconds", "the calls")
    printed = Table(*heads, title=f"raid: {POSTS} posts by {ACCOUNTS} accounts in {TOPICS} topics")
    for row in rows:
        printed.add_row(
            row.deliveries,
            str(row.total),
            f"{row.total / POSTS:.3f}",
            str(row.apart),
            f"{row.apart / POSTS:.2f}",
            f"{row.seconds:.0f}",
            "\n".join(f"{number} {operation}" for operation, number in sorted(row.calls.items())),
        )
    return printed
