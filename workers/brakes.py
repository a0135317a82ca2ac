"""The brakes on rules: asked before a rule acts, and telling the moderators when one has been pulled.

A rule that acts on more events than its `limit` allows, or suddenly far more often than usual, goes to hold; one whose
patterns ran into their time limit three times in an hour goes to shadow; until a person releases it (rule-language.md,
9). Imported by `workers.evaluate`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

from rules.actions.people import NotifyModerators
from rules.decision import Decision, PlannedAction
from rules.planning import FORUM
from rules.ruleset import Mode, Rule, Ruleset
from service.standing import JUMP, JUMP_TIMES, Brake, Standing
from workers.context import Context

log = logging.getLogger(__name__)


def pull_limits(context: Context, forum: str, happening: str, ruleset: Ruleset, decision: Decision) -> bool:
    """Count the event for each rule that would act on it; whether one of them may not, and is now on hold."""
    acting = {name for action in decision.actions if action.mode == "live" for name in (action.rule, *action.also)}
    live = [rule for rule in ruleset.named(acting) if rule.mode is Mode.LIVE]
    brakes = [Brake.of_limit(rule) for rule in live if rule.limit]
    brakes += [Brake.of_jump(rule.name) for rule in live if rule.usual_limit]
    return _pull(context, forum, happening, brakes)


def pull_for_timeouts(context: Context, forum: str, happening: str, decision: Decision) -> bool:
    """Count the event for each rule whose patterns took too long on it; whether one of them is now in shadow."""
    return _pull(context, forum, happening, [Brake.of_timeouts(name) for name in decision.timed_out])


def _pull(context: Context, forum: str, happening: str, brakes: list[Brake]) -> bool:
    over = context.standings.brake(forum, happening, brakes)
    if over:
        context.rules.hold_back(forum)
    return bool(over)


def with_news(context: Context, forum: str, happening: str, ruleset: Ruleset, decision: Decision) -> Decision:
    """The decision with a note to the moderators if this event has pulled a brake."""
    pulled = {name: one for name, one in context.rules.held(forum).items() if one.event == happening}
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
