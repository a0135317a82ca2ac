"""The value that a ruleset's evaluation returns: planned actions, what lost, what is unknown, and why.

Everything that runs, previews, explains or tests rules is a reader of this value. Anyone may import this module.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from rules.facts import Fact, Remembered


class Value(BaseModel):
    """A frozen value with snake_case JSON."""

    model_config = ConfigDict(frozen=True)


class Target(Value):
    """What an action acts on."""

    kind: Literal["post", "topic", "user", "conversation", "forum"]
    id: int


class PlannedAction(Value):
    """One action to carry out. `options` are the action's own, as in YAML, with templates filled.

    `slot` is what it competes for (state, lock, pin, category, title, text, group:<name>): one slot of one target is
    set at most once per event by what is live. `reason` goes to the audit log and, where the platform has a place for
    it, to moderators. Only `mode` live is carried out; the others record what a rule on trial would have done (a rule
    on hold plans a live hold and a live note in their place). `also` names other rules whose texts were joined in.
    """

    action: str
    rule: str
    target: Target
    slot: str
    options: dict[str, Any] = Field(default_factory=dict)
    reason: str | None = None
    mode: Literal["live", "hold", "shadow"] = "live"
    also: tuple[str, ...] = ()


class Overridden(Value):
    """An action that lost to the rule named in `by`, or for the reason there: "no change", "no target"."""

    action: str
    rule: str
    by: str


class CheckTrace(Value):
    """What one check looked at and found.

    `verdict` is None when unknown. `check` is the check as written, `line` its line in the file, `looked_at` the text
    or value (as originally written, shortened), `found` the part that held, `why` a sentence for people.
    """

    check: str
    line: int | None = None
    verdict: bool | None
    looked_at: str | None = None
    found: str | None = None
    why: str


class RuleTrace(Value):
    """Why a rule matched, did not, or was skipped (`skipped` names the reason: off, event, type, exempt, stopped)."""

    rule: str
    file: str
    line: int
    verdict: bool | None
    skipped: str | None = None
    checks: tuple[CheckTrace, ...] = ()


class Decision(Value):
    """What to do about one event, decided on one snapshot by one ruleset (`digest`).

    `timed_out` are the rules that had a pattern reach its time limit. `remembered` is what the state told about it; the
    event and the facts with it decide the same again.
    """

    digest: str
    actions: tuple[PlannedAction, ...] = ()
    overridden: tuple[Overridden, ...] = ()
    unknown: tuple[str, ...] = ()
    timed_out: tuple[str, ...] = ()
    trace: tuple[RuleTrace, ...] = ()
    remembered: Remembered | None = None


class Needs(Value):
    """The facts that the verdict still depends on; `remembered` is what the state told so far."""

    facts: frozenset[Fact]
    remembered: Remembered | None = None
