"""Time to evaluate one event against many rules, beside a loop of regular expressions and a general rule library.

Each rule looks for ten whole words in the body of a post of 1 kB; one of the rules has a word there, as on most posts
few rules have. One peer is what somebody would write first: one compiled `re` pattern a rule, its words as
alternatives, searched one after the other. The other is zen-engine (in Rust), an expression a rule that looks for the
words in those of the post: its own patterns would be compiled anew for every event. All must find the same rules, or
there is no measurement. Times are the processor's, which other work on the machine disturbs least.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from time import process_time
from typing import TypeVar

import zen
from rich.table import Table

from bench.spread import Spread
from rules.decide import decide
from rules.decision import Decision
from rules.event import Author, Event, Post, Topic
from rules.ruleset import Ruleset, load_text

T = TypeVar("T")

SIZES = (10, 100, 1000, 10_000)
WORDS_A_RULE = 10
ROUNDS = 7
ROUND_SECONDS = 0.2
LOADS = 3
SEED = 1
SYLLABLES = [a + b for a in "bcdfghklmnprstvz" for b in "aeiou"]
POST = (
    "I finally got round to fitting the new radiator in the back room last weekend, and since a few of you asked how "
    "it went: better than expected, with one surprise. The old valve had been painted over at least twice, so I had "
    "to warm it gently before it would turn at all, and even then half of the thread stayed behind in the pipe. A "
    "friend lent me his extractor, which took it out within a minute. After that everything was easy: tape on the "
    "threads, a quarter turn past hand tight, fill the system slowly, and bleed it from the ground floor upwards. It "
    "has been running for five days now at one and a half bar and nothing drips. What I would do differently is to "
    "measure the distance between the tails before ordering; mine was eleven millimetres short, and the extension "
    "piece cost me another trip to town. The {word} I bought on the way is still in its box. Next month I want to "
    "move the thermostat away from the window, where it never noticed that the rest of the room was warm. Has anybody "
    "here done that without chasing the cable into the wall? Pictures follow when the light is better, and thanks "
    "again for all the advice."
)


@dataclass(frozen=True, slots=True)
class Row:
    """Microseconds an event, for modbot and the peers; how many times as long these took, round by round.

    `load` and `first` are seconds: reading the rules, and the first event, which builds the index.
    """

    rules: int
    modbot: Spread
    loop: Spread
    library: Spread
    times: tuple[Spread, Spread]
    load: Spread
    first: Spread


def measure() -> list[Row]:
    """One row for each number of rules."""
    return [_row(size) for size in SIZES]


def table(rows: list[Row]) -> Table:
    """The rows as they are printed."""
    heads = ("rules", "modbot, µs", "loop of re, µs", "times", "zen-engine, µs", "times", "load, s", "first event, s")
    printed = Table(*heads, title="evaluate: ten words a rule, a post of 1 kB; median (lowest-highest)")
    for row in rows:
        measured = map(str, (row.modbot, row.loop, row.times[0], row.library, row.times[1]))
        printed.add_row(f"{row.rules:,}", *measured, f"{row.load:.2f}", f"{row.first:.3f}")
    return printed


def _row(size: int) -> Row:
    words = _words(size)
    post = POST.format(word=words[size // 2][0])
    event, patterns, expressions = _event(post), [_pattern(ten) for ten in words], [_expression(ten) for ten in words]
    ruleset, load, first = _loaded(_rules(words), event)
    if not _matched(ruleset, event) == _searched(patterns, post) == _evaluated(expressions, post):
        raise AssertionError(f"of {size} rules the three do not find the same")
    sides: tuple[Callable[[], object], ...] = (
        lambda: decide(ruleset, event),
        lambda: _searched(patterns, post),
        lambda: _evaluated(expressions, post),
    )
    rounds = [tuple(map(_microseconds, sides)) for _ in range(ROUNDS)]
    ours, loop, library = (list(side) for side in zip(*rounds, strict=True))
    times = (Spread.of([b / a for a, b, _ in rounds]), Spread.of([c / a for a, _, c in rounds]))
    return Row(size, Spread.of(ours), Spread.of(loop), Spread.of(library), times, load, first)


def _loaded(rules: str, event: Event) -> tuple[Ruleset, Spread, Spread]:
    """The rules, and the seconds to load them and to decide on the first event after that."""
    loads, firsts = list[float](), list[float]()
    for _ in range(LOADS):
        ruleset, seconds = _timed(lambda: load_text(rules, "bench.yaml"))
        loads.append(seconds)
        firsts.append(_timed(lambda ruleset=ruleset: decide(ruleset, event))[1])  # type: ignore[misc]
    return ruleset, Spread.of(loads), Spread.of(firsts)


def _words(rules: int) -> list[list[str]]:
    """Ten words for each rule, none twice."""
    pick = random.Random(SEED)  # noqa: S311 (nothing secret: the same words in every run)
    made: dict[str, None] = {}
    while len(made) < rules * WORDS_A_RULE:
        made["".join(pick.choices(SYLLABLES, k=pick.randint(3, 5)))] = None
    words = list(made)
    return [words[place : place + WORDS_A_RULE] for place in range(0, len(words), WORDS_A_RULE)]


def _rules(words: list[list[str]]) -> str:
    return "\n---\n".join(f"name: r{place}\nbody: [{', '.join(ten)}]\nhold: true" for place, ten in enumerate(words))


def _pattern(words: list[str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE)


def _expression(words: list[str]) -> zen.Expression:
    return zen.compile_expression(" or ".join(f'contains(words, " {word} ")' for word in words))


def _evaluated(expressions: list[zen.Expression], body: str) -> list[str]:
    facts = {"words": f" {' '.join(re.findall(r'[a-z]+', body.lower()))} "}
    return [f"r{place}" for place, expression in enumerate(expressions) if expression.evaluate(facts)]


def _matched(ruleset: Ruleset, event: Event) -> list[str]:
    decision = decide(ruleset, event)
    assert isinstance(decision, Decision)
    return [one.rule for one in decision.trace]


def _searched(patterns: list[re.Pattern[str]], body: str) -> list[str]:
    return [f"r{place}" for place, pattern in enumerate(patterns) if pattern.search(body)]


def _event(post: str) -> Event:
    return Event(
        type="post.created",
        at=1_767_268_800,
        topic=Topic(topic_id=1, title="A topic", first_post_id=1),
        post=Post(post_id=2, topic_id=1, message=f"<p>{post}</p>", is_first_post=False),
        author=Author(user_id=3, username="wren", is_moderator=False),
    )


def _timed(run: Callable[[], T]) -> tuple[T, float]:
    started = process_time()
    return run(), process_time() - started


def _microseconds(run: Callable[[], object]) -> float:
    """A run, on the mean of as many as fit into a round, at least one."""
    started, count = process_time(), 0
    while not count or process_time() - started < ROUND_SECONDS:
        run()
        count += 1
    return (process_time() - started) / count * 1e6
