"""What a matching rule awards, and which rungs that fires. Planning reads it to plan, `remember` to award."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rules.conditions.points import Tally
from rules.rule import Rule, Step
from rules.state.counters import Award, Counter, Total, rung_fired
from rules.subject import Missing, Subject


def awards_of(rule: Rule, subject: Subject) -> list[Award]:
    """The points that a matching rule gives for the event; none to counters whose key is not known."""
    points: dict[Tally, int] = {}
    for step in rule.steps:
        if step.tally:
            points[step.tally] = points.get(step.tally, 0) + int(str(step.options["points"]))
    return [
        Award(rule.name, counter, number, subject.at, tally.expires)
        for tally, number in points.items()
        for counter in _counters(tally, rule, subject)
    ]


def _counters(tally: Tally, rule: Rule, subject: Subject) -> Iterator[Counter]:
    found = tally.counters(subject, rule.acting_lane)
    yield from () if isinstance(found, Missing) else found


def award_id(award: Award) -> str:
    """What the snapshot calls an award."""
    return f"{award.identity}:{award.counter.id}"


def totals_of(rule: Rule, subject: Subject) -> dict[str, Total]:
    """What the state told of the rule's awards, by counter; of several keys the highest."""
    told = subject.told.awards if subject.told else {}
    totals: dict[str, Total] = {}
    for award in awards_of(rule, subject) if told else ():
        name, found = award.counter.name.partition(":")[2], told.get(award_id(award))
        if found and (name not in totals or found[1] > totals[name].after):
            totals[name] = Total(*found)
    return totals


def rungs_of(rule: Rule, totals: Mapping[str, Total]) -> Iterator[Step]:
    """The actions of the rungs that the rule's awards fire."""
    for name, total in totals.items():
        ladder = rule.ladders.get(name, ())
        fired = rung_fired([rung.at for rung in ladder], total)
        yield from () if fired is None else ladder[fired].steps
