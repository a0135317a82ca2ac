"""Copies of the code, as it is or with a mutation that breaks one promise: the harness must fail on every mutation.

A mutation is a text that is replaced in a copy of the packages. One whose text is not there any more fails loudly, and
a test looks for that without running anything. Code as it is is run from a copy too, so that who edits it meanwhile
does not change a run.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.faults.ground import ROOT

PACKAGES = ("rules", "service", "workers")


class NothingToMutate(Exception):
    """The text that a mutation replaces is not in the code, or is there more than once."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """`edits` are a file, a pattern that occurs in it once, and what is put in its place; `form` is the run to fail."""

    breaks: str
    edits: tuple[tuple[str, str, str], ...]
    form: str = "small"


MUTATIONS: Mapping[str, Mutation] = {
    "no-ledger": Mutation(
        "nothing is remembered of what has been claimed, sent and done",
        (
            (
                "service/scripts/claim.lua",
                r"return \{'mine', fence, state",
                "return {'mine', fence, 'planned'",
            ),
            ("service/scripts/claim.lua", r"local held = [^\n]*", "local held = false"),
        ),
    ),
    "done-before-sending": Mutation(
        "an action counts as done before its request has left",
        (("service/scripts/sent.lua", r"'state', 'sent'", "'state', 'done'"),),
    ),
    "no-sweeper": Mutation(
        "nobody wakes a worker for what waits or was lost",
        (("workers/recover.py", r"\n        answer = self\._overdue\([^\n]*\n", "\n        answer: list[str] = []\n"),),
    ),
    "no-read-lag": Mutation(
        "the forum is asked for a text before it can show it",
        (("workers/act.py", r"READ_LAG_SECONDS = [\d.]+", "READ_LAG_SECONDS = 0.0"),),
        form="reads",
    ),
    "acknowledged-too-early": Mutation(
        "a webhook is answered 200 when Redis did not take it",
        (
            (
                "service/intake.py",
                r'return unavailable\("Redis is away"[^\n]*',
                'return Answer(200, {"status": "accepted"})',
            ),
        ),
        form="edge",
    ),
    "short-window": Mutation(
        "the limiter's window is 0.9 s",
        (("service/limiter.py", r"WINDOW_MS = \d+", "WINDOW_MS = 900"),),
        form="limit",
    ),
    "no-margin": Mutation(
        "a request is taken to arrive the moment it is sent",
        (
            ("service/limiter.py", r"WINDOW_MS = \d+", "WINDOW_MS = 1000"),
            ("service/scripts/release.lua", r"now - since \+ way \+ caution \+ ARGV", "now - since + ARGV"),
        ),
        form="limit",
    ),
}


@contextmanager
def copied(mutation: Mutation | None = None) -> Iterator[Path]:
    """A copy of the packages, with the mutation in it if there is one. Raises NothingToMutate."""
    with tempfile.TemporaryDirectory(prefix="modbot-code-") as folder:
        for package in PACKAGES:
            shutil.copytree(ROOT / package, Path(folder) / package, ignore=shutil.ignore_patterns("__pycache__"))
        for name, pattern, text in mutation.edits if mutation else ():
            path = Path(folder) / name
            path.write_text(replaced(path.read_text(encoding="utf-8"), name, pattern, text), encoding="utf-8")
        yield Path(folder)


def replaced(source: str, name: str, pattern: str, text: str) -> str:
    """The source with the one match replaced. Raises NothingToMutate."""
    changed, number = re.subn(pattern, lambda _: text, source)
    if number != 1:
        raise NothingToMutate(f"{name}: {number} places match {pattern!r}: the mutation must be written anew")
    return changed
