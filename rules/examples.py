"""The `examples:` of rules: events that a rule must match, and events that it must not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from rules.consider import consider
from rules.event import Event
from rules.facts import NOTHING_MORE, Remembered
from rules.mode import Mode
from rules.rule import Example, Rule, Settings
from rules.samples import SampleError, make_event
from rules.state.asking import answered
from rules.state.groups import Change
from rules.state.memory import MemoryState
from rules.subject import Missing, Subject
from rules.watches import observe, read_points, watches_of


def broken_examples(rule: Rule, settings: Settings) -> Iterator[tuple[Example, str]]:
    """Each example that does not do as it says, and why."""
    for example in rule.examples if rule.mode is not Mode.OFF else ():
        try:
            event = event_of(example, rule)
        except SampleError as error:
            yield example, f"the example of {rule.name!r} is no event: {error}"
            continue
        live = replace(rule, mode=Mode.LIVE)
        finding = consider(live, _alone(live, Subject(event, NOTHING_MORE, settings.moderators)), None)
        if finding.matched is not example.matches:
            why = (
                f"it was passed over: {finding.skipped}"
                if finding.skipped
                else "modbot rules explain tells which check"
            )
            yield (
                example,
                f"the rule {rule.name!r} {'does not match' if example.matches else 'matches'} this example ({why})",
            )


def _alone(rule: Rule, subject: Subject) -> Subject:
    """The subject as if nothing had happened before: a count finds the example's event alone, groups are new."""
    state = MemoryState()
    if rule.follows_groups:
        subject = subject.recalling(Remembered(groups=Change.CHANGED))
    watched = answered(observe(watches_of((rule,)), subject, "example"), state)
    return subject if isinstance(watched, Missing) else answered(read_points((rule,), watched, "example"), state)


def event_of(example: Example, rule: Rule) -> Event:
    """The event that an example describes: a text is the body. Raises SampleError."""
    written: Mapping[str, object] = {"body": example.event} if isinstance(example.event, str) else example.event
    return make_event(written, default_type=_usual_type(rule, written))


def _usual_type(rule: Rule, written: Mapping[str, object]) -> str:
    named = next((event for event in sorted(rule.events) if "." in event), None)
    if named:
        return named
    what = {"U": "user", "C": "message"}.get(rule.types, "post")
    if rule.types == "T" or ("T" in rule.types and "title" in written):
        what = "topic"
    if what == "user":
        return "user.created" if "joined" in rule.events else "user.updated"
    if "created" in rule.events:
        return f"{what}.created"
    return (
        "post.approved"
        if "approved" in rule.events
        else f"{what}.{'updated' if 'edited' in rule.events else 'reported'}"
    )
