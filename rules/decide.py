"""Deciding: a function from a ruleset, an event and what is known of it to a Decision, or to the facts still needed.

It calls nothing, remembers nothing and reads no clock. Running, previewing, explaining and testing rules all read the
value that it returns. For rules that count, `rules.remember` asks the state first.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from rules.conditions.verdict import NO_FACTS, awaiting
from rules.consider import Finding, consider
from rules.decision import Decision, Needs, RuleTrace
from rules.event import Event
from rules.facts import LATE, NOTHING_MORE, Fact, Facts
from rules.mode import Mode
from rules.rule import Rule
from rules.ruleset import Ruleset
from rules.settling import asks_for_kind, settle
from rules.subject import Missing, Subject


@dataclass(slots=True)
class _Sight:
    """The rules found so far; a live `stop` ends the search, one on trial ends it for rules on trial."""

    found: list[Finding] = field(default_factory=list)
    stopped: bool = False
    stopped_on_trial: bool = False

    def passes_over(self, rule: Rule) -> bool:
        """Whether a rule before it stopped this one."""
        return self.stopped or (self.stopped_on_trial and rule.mode is not Mode.LIVE)

    def add(self, finding: Finding) -> None:
        """Take in what came of a rule."""
        self.found.append(finding)
        if finding.matched and finding.rule.stop:
            self.stopped |= finding.rule.mode is not Mode.SHADOW
            self.stopped_on_trial = True


def decide(ruleset: Ruleset, event: Event, facts: Facts = NOTHING_MORE, *, explain: bool = False) -> Decision | Needs:
    """What to do about `event`, or the facts that the answer depends on.

    A rule acts only on true. What the event and `facts` lack and was asked for is unknown. `trace` tells of the rules
    that matched; with `explain`, of every rule.
    """
    subject = Subject(event, facts, ruleset.settings.moderators)
    return conclude(ruleset, subject, look(ruleset, subject, explain=explain), explain=explain)


def look(ruleset: Ruleset, subject: Subject, *, explain: bool = False) -> list[Finding]:
    """What comes of each rule that the event concerns; with `explain`, of every rule."""
    sight = _Sight()
    for rule in ruleset.in_order if explain else ruleset.for_event(subject).to_consider(subject):
        before = len(subject.late)
        finding = (
            Finding(rule, awaiting(NO_FACTS), "stopped")
            if sight.passes_over(rule)
            else consider(rule, rule.view(subject), ruleset.can)
        )
        sight.add(replace(finding, late=True) if len(subject.late) > before else finding)
    return sight.found


def conclude(ruleset: Ruleset, subject: Subject, found: list[Finding], *, explain: bool = False) -> Decision | Needs:
    """What the rules come to together, or the facts that this depends on."""
    needs = needs_of(found, subject)
    if needs:
        return Needs(facts=needs, remembered=subject.told)
    wishes = [wish for finding in found for wish in finding.wishes]
    actions, overridden = settle(wishes, subject, ruleset.settings) if wishes else ([], [])
    unknown = (one.rule.name for one in found if one.skipped is None and one.verdict.truth is None)
    return Decision(
        digest=ruleset.digest,
        actions=tuple(actions),
        overridden=tuple(overridden),
        unknown=tuple(unknown),
        timed_out=tuple(one.rule.name for one in found if one.late),
        trace=tuple(_traced(one, one.rule.view(subject)) for one in found if explain or one.matched),
        remembered=subject.told,
    )


def needs_of(found: list[Finding], subject: Subject) -> frozenset[Fact]:
    """The facts to ask for next: late ones when nothing else is needed."""
    needs = frozenset[Fact]().union(*(finding.needs for finding in found))
    if needs:
        return needs - LATE or needs
    wishes = [wish for finding in found for wish in finding.wishes]
    return subject.kind.needs if isinstance(subject.kind, Missing) and asks_for_kind(wishes) else NO_FACTS


def _traced(finding: Finding, subject: Subject) -> RuleTrace:
    rule = finding.rule
    looked = finding.skipped not in ("off", "event", "type", "stopped")
    return RuleTrace(
        rule=rule.name,
        file=rule.file,
        line=rule.line,
        verdict=finding.verdict.truth if looked else None,
        skipped=finding.skipped,
        checks=tuple(rule.check.trace(subject)) if looked else (),
    )
