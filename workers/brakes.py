"""The brakes on rules: asked before a rule acts, and telling the moderators when one has been pulled.

A rule that acts on more events than its `limit` allows, or suddenly far more often than usual, goes to hold; one whose
patterns ran into their time limit three times in an hour goes to shadow; until a person releases it (rule-language.md,
9). Imported by `workers.evaluate`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

from rules.actions.people import NotifyModerators
from rules.decision import Decision, PlannedAction
from rules.mode import Mode
from rules.planning import FORUM
from rules.ruleset import Rule, Ruleset
from service.standing import JUMP, JUMP_TIMES, Brake, Standing
from workers.context import Context

log = logging.getLogger(__name__)

Decided = tuple[str, Decision]
"""A happening, and what was decided on it."""


def pull_limits(context: Context, forum: str, ruleset: Ruleset, decided: Sequence[Decided]) -> int:
    """Count events, in order, for each rule that would act on them; returns how many of them may be acted on.

    The next after these is one whose rules have just been held back (`LiveRules.hold_back` tells which), so that it is
    to be decided again, and those after it: nothing is counted for them.
    """
    asked = [(happening, _limits_on(ruleset, decision)) for happening, decision in decided]
    return _pull(context, forum, asked, known=context.rules.held(forum).noted)


def pull_for_timeouts(context: Context, forum: str, decided: Sequence[Decided]) -> None:
    """Count events for each rule whose patterns took too long on them; such a rule may now be in shadow."""
    asked = [(happening, list(map(Brake.of_timeouts, decision.timed_out))) for happening, decision in decided]
    if _pull(context, forum, asked) < len(asked):
        context.rules.hold_back(forum)


def _limits_on(ruleset: Ruleset, decision: Decision) -> list[Brake]:
    acting = {name for action in decision.actions if action.mode == "live" for name in (action.rule, *action.also)}
    live = [rule for rule in ruleset.named(acting) if rule.mode is Mode.LIVE]
    brakes = [Brake.of_limit(rule) for rule in live if rule.limit]
    return brakes + [Brake.of_jump(rule.name) for rule in live if rule.usual_limit]


def _pull(context: Context, forum: str, asked: Sequence[tuple[str, list[Brake]]], known: int | None = None) -> int:
    """Count the events for their brakes; returns how many there are before the first that pulled one."""
    braked = [place for place, (_, brakes) in enumerate(asked) if brakes]
    answers = context.standings.brake_each(forum, [asked[place] for place in braked], known)
    return next((place for place, over in zip(braked, answers, strict=True) if over is None or over), len(asked))


def with_news(context: Context, forum: str, happening: str, ruleset: Ruleset, decision: Decision) -> Decision:
    """The decision with a note to the moderators if this event has pulled a brake."""
    standings = context.rules.held(forum).standings
    pulled = {name: one for name, one in standings.items() if one.event == happening}
    told = [_told(rule, pulled[rule.name]) for rule in ruleset.named(pulled)]
    if not told:
        return decision
    log.warning("rules held back", extra={"forum": forum, "rules": sorted(pulled)})
    return decision.model_copy(update={"actions": tuple(_noted(decision, next(iter(pulled)), "\n\n".join(told)))})


def _told(rule: Rule, standing: Standing) -> str:
    if standing.why == "limit" and rule.limit:
        cause, now = f"has reached its limit of {rule.limit.written}", "holds items and does nothing else"
    elif standing.why == "jump":
        cause = f"acts {JUMP_TIMES} times as often as in the day before: more than {JUMP.written}"
        now = "holds items and does nothing else"
    else:
        cause, now = "took too long three times in an hour: its patterns need mending", "does nothing"
    return (
        f"The rule {rule.name!r} {cause}. From now on it {now}, until somebody runs: modbot rules release {rule.name!r}"
    )


def _noted(decision: Decision, rule: str, text: str) -> Iterator[PlannedAction]:
    """The actions, the text added to the event's note: an event's notes arrive in one."""
    note = next((one for one in decision.actions if one.action == NotifyModerators.word and one.mode == "live"), None)
    for action in decision.actions:
        if action is note:
            yield action.model_copy(update={"options": {"text": f"{text}\n\n{action.options['text']}"}})
        else:
            yield action
    if note is None:
        word, slot = NotifyModerators.word, NotifyModerators.slot
        yield PlannedAction(action=word, rule=rule, target=FORUM, slot=slot, options={"text": text}, reason="brake")
