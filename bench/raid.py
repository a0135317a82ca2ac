"""Calls to the forum that it takes to clean up a raid, beside one call for each action and each look-up.

10 new accounts write 200 posts in 20 topics, many of them in two. The rules delete the posts, move the accounts to
Banned, lock the topics hit hardest and tell the moderators. All of modbot runs as real processes against the simulated
forum over HTTP, under a limit that is raised so that it takes seconds; the webhooks of modbot's own calls are delivered
too, and what they cost is in the count. The forum itself counts the calls. A raid of the same kind at 3 requests a
second, once, shows when the last spam post is gone. When it would be with one call each, in order of arrival, is
computed from the calls.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from rich.console import Group
from rich.progress import track
from rich.table import Table

from bench.attack import Raid, rules
from bench.processes import NOWHERE
from bench.spread import Spread
from service.demo.stage import SECRET, Stage, stage
from service.records import DecisionLog, Filter
from service.supervisor import wait_until

TOPICS, POSTS_AN_ACCOUNT = 20, 20
POSTS, PER_SECOND, ROUNDS = 200, 100, 3
SLOW_POSTS, SLOW_PER_SECOND = 240, 3
LOCK_AT_SHARE = 0.06
SETTLE_SECONDS = 300.0

AFTER_THE_LAST = ("add_to_group", "remove_from_group", "notify_moderators")
"""What the last post's account and the moderators still get when its post is gone."""

SENT = ("done", "already_done", "target_gone", "refused")


@dataclass(frozen=True, slots=True)
class Run:
    """A raid of so many posts, at a forum that allows so many requests a second; repeated so often."""

    title: str
    posts: int
    per_second: int
    secret: str | None
    rounds: int = 1

    @property
    def accounts(self) -> int:
        """Who writes them."""
        return self.posts // POSTS_AN_ACCOUNT


RUNS = (
    Run("signed", POSTS, PER_SECOND, SECRET, ROUNDS),
    Run("not signed", POSTS, PER_SECOND, None, ROUNDS),
    Run("signed", SLOW_POSTS, SLOW_PER_SECOND, SECRET),
)


@dataclass(frozen=True, slots=True)
class Round:
    """One raid. `apart`: the calls that one each for every action and look-up would have been.

    Seconds from the first webhook: `gone` until the last spam post was, `seconds` until all was done.
    """

    calls: Mapping[str, int]
    apart: int
    gone: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Row:
    """The rounds of one kind of raid."""

    run: Run
    rounds: Sequence[Round]

    @property
    def calls(self) -> Spread:
        """All calls."""
        return Spread.of([sum(one.calls.values()) for one in self.rounds])

    @property
    def apart(self) -> Spread:
        """The calls that one each would have been."""
        return Spread.of([one.apart for one in self.rounds])

    @property
    def own(self) -> float:
        """Seconds that the deletions alone need at the forum's limit."""
        return self.run.posts / self.run.per_second

    @property
    def in_order(self) -> Spread:
        """Seconds until the last deletion's turn has come, with one call each in order of arrival (computed)."""
        return self.apart.over(self.run.per_second, less=len(AFTER_THE_LAST))


def measure() -> list[Row]:
    """A raid that signed webhooks tell of, one whose webhooks anybody may have forged, and one at the limit."""
    every = [run for run in RUNS for _ in range(run.rounds)]
    done = [(run, _raid(run)) for run in track(every, "raid")]
    return [Row(run, [one for of, one in done if of is run]) for run in RUNS]


def _raid(run: Run) -> Round:
    with tempfile.TemporaryDirectory(prefix="modbot-bench-") as folder:
        path = Path(folder, "rules.yaml")
        path.write_text(rules(lock_at=int(run.posts * LOCK_AT_SHARE)), encoding="utf-8")
        forum = {"limit": {"per_second": run.per_second, "per_day": 0}}
        options = ("--per-second", str(run.per_second))
        with (
            NOWHERE.open("wb") as output,
            stage(rules=[str(path)], forum=forum, simulator_options=options, output=output) as running,
        ):
            return _clean_up(running, _attack(running, run), run)


def _attack(running: Stage, run: Run) -> list[dict[str, Any]]:
    """What the raiders do; the webhooks of their posts."""
    talk = {"event": "topic.created", "username": "wren", "message": "x"}
    started = [running.happen(**talk, title=f"Talk {number}") for number in range(TOPICS)]
    raid = Raid(run.posts, run.accounts, [webhook["data"]["object"]["topicId"] for webhook in started])
    for name in raid.names:
        running.happen(event="user.created", username=name)
    return [running.happen(event="post.created", **post) for post in raid.happenings()]


def _clean_up(running: Stage, webhooks: list[dict[str, Any]], run: Run) -> Round:
    spam, started = {one["data"]["object"]["postId"] for one in webhooks}, monotonic()
    for webhook in webhooks:
        running.deliver(webhook, secret=run.secret)
    assert wait_until(lambda: not _left(running, spam), SETTLE_SECONDS, every=0.1), "spam is left"
    gone = monotonic() - started
    running.settle(SETTLE_SECONDS)
    seconds = monotonic() - started
    for echo in running.http.get(f"{running.forum_url}/_simulator/webhooks").json()["webhooks"]:
        running.deliver(echo, secret=run.secret)
    running.settle(SETTLE_SECONDS)
    _check(running, spam, run.accounts)
    return Round(Counter[str](running.report()["by_operation"]), _calls_apart(running), gone, seconds)


def _left(running: Stage, spam: set[int]) -> set[int]:
    return {post["postId"] for post in running.state()["posts"]} & spam


def _check(running: Stage, spam: set[int], accounts: int) -> None:
    """See that the forum is clean. Raises AssertionError: then there is no measurement."""
    state, left = running.state(), _left(running, spam)
    raiders = [user["groups"] for user in state["users"] if user["username"].startswith("raider")]
    assert not left, f"{len(left)} posts are left"
    assert raiders == [["Banned"]] * accounts, "an account is not banned"
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


def table(rows: list[Row]) -> Group:
    """The tables as they are printed: how many calls and when, and which calls."""
    heads = ("webhooks", "posts", "calls", "a post", "one call each", "a post")
    times = ("last spam gone, s", "its deletions need, s", "times", "one call each, s (computed)", "all done, s")
    title = f"raid: {POSTS_AN_ACCOUNT} posts by each account, in {TOPICS} topics; {ROUNDS} rounds (at 3 a second: one)"
    printed = Table(*heads, *times, title=title)
    for row in rows:
        posts, gone = row.run.posts, Spread.of([one.gone for one in row.rounds])
        printed.add_row(
            f"{row.run.title}, {row.run.per_second} a second",
            f"{posts:,}",
            f"{row.calls:,.0f}",
            f"{row.calls.over(posts):.3f}",
            f"{row.apart:,.0f}",
            f"{row.apart.over(posts):.2f}",
            f"{gone:.1f}",
            f"{row.own:.1f}",
            f"{gone.over(row.own):.2f}",
            f"{row.in_order:.1f}",
            f"{Spread.of([one.seconds for one in row.rounds]):.0f}",
        )
    return Group(printed, _calls(rows))


def _calls(rows: list[Row]) -> Table:
    heads = (f"{row.run.title}, {row.run.per_second} a second" for row in rows)
    printed = Table("call", *heads, title="raid: the calls")
    for operation in sorted({operation for row in rows for one in row.rounds for operation in one.calls}):
        counts = (Spread.of([one.calls.get(operation, 0) for one in row.rounds]) for row in rows)
        printed.add_row(operation, *(f"{count:.0f}" for count in counts))
    return printed
