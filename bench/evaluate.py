"""Time to evaluate one event against many rules, beside a plain loop of Python regular expressions.

Each rule looks for one whole word in the body; the event holds none of them, as most posts hold none. The peer is what
somebody would write first: one compiled `re` pattern a rule, searched one after the other.
"""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from rules.decide import decide
from rules.event import Author, Event, Post, Topic
from rules.ruleset import load_text

SIZES = (10, 100, 1000)
ROUNDS = 7
BODY = " ".join(f"quiet{number} word{number}" for number in range(60))


@dataclass(frozen=True, slots=True)
class Row:
    """Microseconds an event: the median of the rounds and their spread, for modbot and for the peer."""

    rules: int
    modbot: float
    modbot_spread: float
    peer: float
    peer_spread: float


def measure() -> list[Row]:
    """One row for each number of rules."""
    return [_row(size) for size in SIZES]


def _row(size: int) -> Row:
    words = [f"forbidden{number}" for number in range(size)]
    rules = (f"name: r{number}\nbody: {word}\nhold: true" for number, word in enumerate(words))
    ruleset = load_text("\n---\n".join(rules), "bench.yaml")
    patterns = [re.compile(rf"\b{word}\b", re.IGNORECASE) for word in words]
    event = _event()
    ours = _times(lambda: decide(ruleset, event), 2000 // size + 3)
    peer = _times(lambda: [pattern.search(BODY) for pattern in patterns], 20000 // size + 3)
    return Row(size, statistics.median(ours), max(ours) - min(ours), statistics.median(peer), max(peer) - min(peer))


def _event() -> Event:
    return Event(
        type="post.created",
        at=1_767_268_800,
        topic=Topic(topic_id=1, title="A topic", first_post_id=1),
        post=Post(post_id=2, topic_id=1, message=f"<p>{BODY}</p>", is_first_post=False),
        author=Author(user_id=3, username="wren", is_moderator=False),
    )


def _times(run: Callable[[], object], count: int) -> list[float]:
    """Microseconds a run, for each round."""
    run()
    rounds = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        for _ in range(count):
            run()
        rounds.append((time.perf_counter() - started) / count * 1e6)
    return rounds
