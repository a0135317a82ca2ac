"""From a rule that matched to the actions that it wants: targets, slots, filled texts."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

from rules.actions.items import Hold
from rules.actions.kinds import ActsOn
from rules.actions.people import NotifyModerators
from rules.actions.table import ACTIONS
from rules.awarding import rungs_of, totals_of
from rules.conditions.points import Tally
from rules.decision import PlannedAction, Target
from rules.facts import Fact
from rules.mode import Mode
from rules.rule import Rule, Scope, Step
from rules.subject import CONVERSATION, USER, Missing, Subject, union
from rules.templates import Context, Fillable

FORUM = Target(kind="forum", id=0)


@dataclass(frozen=True, slots=True)
class Wish:
    """An action that a rule wants, before it competes. `target` is None where nobody knows what to act on."""

    rule: Rule
    action: str
    target: Target | None
    slot: str
    options: dict[str, Any]
    reason: str | None = None
    mode: Mode = Mode.LIVE
    also: tuple[str, ...] = ()

    @property
    def rank(self) -> int:
        """How restrictive it is in its slot."""
        return ACTIONS[self.action].rank

    def planned(self) -> PlannedAction:
        """The action as decisions hold it."""
        assert self.target is not None
        return PlannedAction(
            action=self.action,
            rule=self.rule.name,
            target=self.target,
            slot=self.slot,
            options=self.options,
            reason=self.reason,
            mode="live" if self.mode is Mode.LIVE else "hold" if self.mode is Mode.HOLD else "shadow",
            also=self.also,
        )


def wishes_of(rule: Rule, subject: Subject, can: frozenset[str] | None) -> list[Wish] | Missing:
    """What a matching rule wants, or the facts that its texts and targets still need."""
    totals = totals_of(rule, subject)
    awarded = {name: total.after for name, total in totals.items()}
    context = Context(subject, tuple(rule.check.findings(subject)), awarded)
    made = [_wish(rule, step, context) for step in (*rule.steps, *rungs_of(rule, totals))]
    waiting = [one for one in made if isinstance(one, Missing)]
    if waiting:
        return union(waiting)
    wishes = [one for one in made if isinstance(one, Wish)]
    return [*_in_place(rule, wishes, subject, can), *wishes] if rule.mode is Mode.HOLD and wishes else wishes


def _wish(rule: Rule, step: Step, context: Context) -> Wish | Missing:
    target = _whose(step.tally, context.subject) if step.tally else _target(step, context.subject)
    filled = {name: _filled(option, context) for name, option in step.options.items()}
    template = step.reason or rule.reason
    reason = template.fill(context) if template else None
    waiting = [one for one in (target, reason, *filled.values()) if isinstance(one, Missing) and one.needs]
    if waiting:
        return union(one for one in waiting if isinstance(one, Missing))
    options = {name: value for name, value in filled.items() if value is not None and not isinstance(value, Missing)}
    part = options.get("group", options.get("counter"))
    return Wish(
        rule=rule,
        action=step.action.word,
        target=None if isinstance(target, Missing) else target,
        slot=step.action.slot + ("" if part is None else f":{part}"),
        options=options,
        reason=reason or None if not isinstance(reason, Missing) else None,
        mode=rule.mode,
    )


def _target(step: Step, subject: Subject) -> Target | Missing:
    return target_of(step.action.acts_on, step.scope, subject)


def _whose(tally: Tally, subject: Subject) -> Target | Missing:
    """Whose points they are: of the author or the topic, else something that only the forum as a whole stands for."""
    counters = tally.counters(subject, subject.lane)
    if isinstance(counters, Missing) or not counters:
        return counters if isinstance(counters, Missing) else Missing()
    person, topic = subject.author.user_id, subject.topic.topic_id
    if tally.per == ("author",) and person is not None:
        return Target(kind="user", id=person)
    return Target(kind="topic", id=topic) if tally.per == ("topic",) and topic is not None else FORUM


def _filled(option: Fillable | str | int, context: Context) -> Any:
    return option if isinstance(option, str | int) else option.fill(context)


def target_of(acts_on: ActsOn, scope: Scope, subject: Subject) -> Target | Missing:
    """What an action is done to; Missing where the ids are not known."""
    if acts_on is ActsOn.MODERATORS:
        return FORUM
    if acts_on is ActsOn.PERSON:
        return _person(scope, subject)
    if acts_on is ActsOn.TOPIC or scope == "topic" or subject.on_topic_event:
        topic_id = subject.topic.topic_id if subject.topic.topic_id is not None else subject.post.topic_id
        return subject.missing(Fact.POST) if topic_id is None else Target(kind="topic", id=topic_id)
    if subject.kind == CONVERSATION:
        conversation = subject.event.conversation
        known = conversation.conversation_id if conversation else None
        return Missing() if known is None else Target(kind="conversation", id=known)
    post_id = subject.post.post_id
    return Missing() if post_id is None else Target(kind="post", id=post_id)


def _person(scope: Scope, subject: Subject) -> Target | Missing:
    if scope == "topic.author":
        starter = subject.topic_author.user_id
        return subject.missing(Fact.TOPIC) if starter is None else Target(kind="user", id=starter)
    author = subject.author.user_id
    return Missing() if author is None else Target(kind="user", id=author)


def _in_place(rule: Rule, wishes: list[Wish], subject: Subject, can: frozenset[str] | None) -> list[Wish]:
    """What a rule on hold does in place of its actions: hold the item, and tell the moderators what it wanted."""
    wanted = ", ".join(dict.fromkeys(wish.action for wish in wishes))
    reason = f"the rule {rule.name!r} is on hold and would have: {wanted}"
    made = []
    if subject.kind not in (CONVERSATION, USER) and (can is None or Hold.word in can):
        target = target_of(Hold.acts_on, "item", subject)
        found = None if isinstance(target, Missing) else target
        made.append(Wish(rule, Hold.word, found, Hold.slot, {}, reason))
    if can is None or NotifyModerators.word in can:
        where = subject.topic.permalink or ""
        text = escape(f"{reason} {where}" if where.startswith(("https://", "http://")) else reason, quote=False)
        made.append(Wish(rule, NotifyModerators.word, FORUM, NotifyModerators.slot, {"text": text}, reason))
    return made
