"""What comes of one rule by itself, before it meets the others."""

from __future__ import annotations

from dataclasses import dataclass

from rules.conditions.verdict import NO_FACTS, Verdict, awaiting, every
from rules.facts import Fact
from rules.fields.table import FIELDS
from rules.mode import Mode
from rules.planning import Wish, wishes_of
from rules.rule import Rule
from rules.subject import Missing, Subject

IS_MODERATOR = FIELDS["author.is_moderator"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one rule. `skipped` says why it was passed over: off, event, type, exempt, stopped.

    `late` says that a pattern of it reached its time limit.
    """

    rule: Rule
    verdict: Verdict
    skipped: str | None = None
    wishes: tuple[Wish, ...] = ()
    late: bool = False

    @property
    def matched(self) -> bool:
        """Whether the rule acts."""
        return self.verdict.truth is True and self.skipped is None

    @property
    def needs(self) -> frozenset[Fact]:
        """What could still make it act."""
        waits = self.skipped is None and self.verdict.truth is None and self.verdict.may_hold
        return self.verdict.needs if waits else NO_FACTS


def consider(rule: Rule, subject: Subject, can: frozenset[str] | None) -> Finding:
    """What comes of one rule by itself."""
    if rule.mode is Mode.OFF:
        return Finding(rule, awaiting(NO_FACTS), "off")
    is_for = rule.is_for(subject)
    if is_for.truth is False:
        return Finding(rule, is_for, "event" if rule.is_triggered(subject).truth is False else "type")
    holds = rule.check.judge(subject)
    verdict = holds if is_for.truth else every((is_for, holds))
    if verdict.truth is not True:
        return Finding(rule, verdict)
    return _unless_exempt(rule, verdict, subject, can)


def _unless_exempt(rule: Rule, verdict: Verdict, subject: Subject, can: frozenset[str] | None) -> Finding:
    exempt = rule.exempt.judge(subject) if rule.exempt else None
    if exempt is not None and exempt.truth is not False:
        return Finding(rule, verdict, "exempt") if exempt.truth else Finding(rule, ~exempt)
    if rule.exempts_moderators(subject.moderators):
        moderator = IS_MODERATOR.value(subject)
        if moderator is True:
            return Finding(rule, verdict, "exempt: moderator")
        if isinstance(moderator, Missing) and moderator.needs:
            return Finding(rule, awaiting(moderator.needs))
    wishes = wishes_of(rule, subject, can)
    if isinstance(wishes, Missing):
        return Finding(rule, awaiting(wishes.needs))
    return Finding(rule, verdict, None, tuple(wishes))
