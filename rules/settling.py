"""Which of the wanted actions stand: one a slot, texts joined, nothing done to the deleted, nothing done for nothing.

Live wishes are settled among themselves, so that a rule on trial changes nothing. Wishes on trial are then settled
beside them, to show how they would have fared.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from rules.actions.items import Delete, Edit
from rules.actions.kinds import ActsOn
from rules.actions.people import Message
from rules.actions.table import ACTIONS
from rules.decision import Overridden, PlannedAction
from rules.mode import Mode
from rules.planning import Wish, target_of
from rules.rule import SUBJECT, Settings, remembered_as
from rules.subject import TOPIC, Missing, Subject

TEXT_SLOTS = {"reply": "text", "message": "body", "note": "text"}
"""Slots whose texts are joined, and the option that holds the text."""

ENDED_WITH_TOPIC = ("lock", "pin", "category", "title")
"""Slots that mean nothing any more when the topic is deleted."""

NO_CHANGE = "no change"
NO_TARGET = "no target"
ONCE = "once"
"""Why an action lost if not to another rule."""


@dataclass(slots=True)
class Settled:
    """What stands and what lost."""

    stands: list[Wish] = field(default_factory=list)
    lost: list[tuple[Wish, str]] = field(default_factory=list)

    def drop(self, wish: Wish, by: str) -> None:
        """Record a loser."""
        self.lost.append((wish, by))


def settle(wishes: list[Wish], subject: Subject, settings: Settings) -> tuple[list[PlannedAction], list[Overridden]]:
    """The actions to plan and those that lost, in the order of their rules."""
    live = _settled([wish for wish in wishes if wish.mode is Mode.LIVE], subject, settings)
    stands, lost = list(live.stands), list(live.lost)
    if any(wish.mode is not Mode.LIVE for wish in wishes):
        both = _settled(wishes, subject, settings)
        stands += [wish for wish in both.stands if wish.mode is not Mode.LIVE]
        lost += [(wish, by) for wish, by in both.lost if wish.mode is not Mode.LIVE]
    overridden = [Overridden(action=wish.action, rule=wish.rule.name, by=by) for wish, by in lost]
    return [wish.planned() for wish in stands], list(dict.fromkeys(overridden))


def asks_for_kind(wishes: list[Wish]) -> bool:
    """Whether it matters for these wishes that the post might be its topic's first one."""
    slots = {wish.slot for wish in wishes}
    return any(wish.action == "delete" for wish in wishes) and bool(slots & {*ENDED_WITH_TOPIC, "reply"})


def _settled(wishes: list[Wish], subject: Subject, settings: Settings) -> Settled:
    settled = Settled()
    addressed = []
    for wish in wishes:
        if wish.target is None:
            settled.drop(wish, NO_TARGET)
        elif is_held_back(wish, subject):
            settled.drop(wish, ONCE)
        else:
            addressed.append(wish)
    standing = _compete(addressed, settings, settled)
    standing = _without_topic(standing, subject, settled)
    standing = _without_edits_of_the_deleted(standing, settled)
    standing = _joined(standing)
    for wish in standing:
        if changes_nothing(wish, subject, settings):
            settled.drop(wish, NO_CHANGE)
        else:
            settled.stands.append(wish)
    return settled


def is_text_of_rule(wish: Wish) -> bool:
    """Whether it is a text that the rule itself would send, and somebody would get."""
    return wish.slot in TEXT_SLOTS and wish.mode is wish.rule.mode and wish.target is not None


def is_held_back(wish: Wish, subject: Subject) -> bool:
    """Whether it is a text that `once` says was sent before."""
    told = subject.told.first if subject.told else {}
    return is_text_of_rule(wish) and told.get(remembered_as(wish.rule)) is False


def _compete(wishes: list[Wish], settings: Settings, settled: Settled) -> list[Wish]:
    """One wish a slot and target: higher priority, then the more restrictive, then the first."""
    slots: dict[object, Wish] = {}
    for place, wish in enumerate(wishes):
        alone = wish.slot in TEXT_SLOTS or ACTIONS[wish.action].acts_on is ActsOn.COUNTER
        key: object = place if alone else (wish.slot.casefold(), wish.target)
        holder = slots.setdefault(key, wish)
        if holder is wish or _same(holder, wish):
            continue
        stronger = _strength(wish, settings) > _strength(holder, settings)
        winner, loser = (wish, holder) if stronger else (holder, wish)
        slots[key] = winner
        settled.drop(loser, winner.rule.name)
    winners = {id(wish) for wish in slots.values()}
    return [wish for wish in wishes if id(wish) in winners]


def _same(one: Wish, other: Wish) -> bool:
    return one.rule is other.rule and one.action == other.action and one.options == other.options


def _strength(wish: Wish, settings: Settings) -> tuple[int, int]:
    """Priority, then restrictiveness. To lose a privilege is stricter than to gain it, of other groups the contrary."""
    rank = wish.rank
    if wish.slot.startswith("group:") and wish.slot.removeprefix("group:").casefold() not in settings.privileges:
        rank = -rank
    return wish.rule.priority, rank


def _without_topic(wishes: list[Wish], subject: Subject, settled: Settled) -> list[Wish]:
    """When the topic is deleted: what was wanted of it is dropped, and a reply goes to the author instead."""
    end = next((wish for wish in wishes if wish.action == "delete" and _ends_topic(wish, subject)), None)
    if end is None:
        return wishes
    kept = []
    for wish in wishes:
        if wish.slot in ENDED_WITH_TOPIC:
            settled.drop(wish, end.rule.name)
        elif wish.slot == "reply":
            kept += _as_message(wish, subject, settled, end.rule.name)
        else:
            kept.append(wish)
    return kept


def _without_edits_of_the_deleted(wishes: list[Wish], settled: Settled) -> list[Wish]:
    """What is deleted, or stands in a topic that is, gets no edit."""
    end = next((wish for wish in wishes if wish.action == Delete.word), None)
    if end is None:
        return wishes
    for wish in wishes:
        if wish.action == Edit.word:
            settled.drop(wish, end.rule.name)
    return [wish for wish in wishes if wish.action != Edit.word]


def _ends_topic(wish: Wish, subject: Subject) -> bool:
    return wish.target is not None and (wish.target.kind == "topic" or subject.kind == TOPIC)


def _as_message(wish: Wish, subject: Subject, settled: Settled, by: str) -> list[Wish]:
    target = target_of(Message.acts_on, "author", subject)
    if isinstance(target, Missing):
        settled.drop(wish, by)
        return []
    options: dict[str, str | int] = {"subject": SUBJECT, "body": wish.options["text"]}
    return [replace(wish, action=Message.word, target=target, slot=Message.slot, options=options)]


def _joined(wishes: Iterable[Wish]) -> list[Wish]:
    """Texts to one target in one: in order, duplicates dropped. Those on trial stay apart from those that are sent."""
    joined: dict[object, list[Wish]] = {}
    for wish in wishes:
        text = wish.slot in TEXT_SLOTS
        key: object = (wish.slot, wish.target, wish.mode) if text else id(wish)
        joined.setdefault(key, []).append(wish)
    return [_one_text(group) if len(group) > 1 else group[0] for group in joined.values()]


def _one_text(group: list[Wish]) -> Wish:
    first = group[0]
    option = TEXT_SLOTS[first.slot]
    text = "\n\n".join(dict.fromkeys(str(wish.options[option]) for wish in group))
    names = [name for name in dict.fromkeys(wish.rule.name for wish in group) if name != first.rule.name]
    return replace(first, options={**_heading(group), option: text}, also=tuple(names))


def _heading(group: list[Wish]) -> dict[str, str | int]:
    """The first subject that a rule wrote itself."""
    subjects = [wish.options["subject"] for wish in group if "subject" in wish.options]
    return {"subject": next((one for one in subjects if one != SUBJECT), subjects[0])} if subjects else {}


def changes_nothing(wish: Wish, subject: Subject, settings: Settings) -> bool:
    """Whether the event itself shows that what the action would bring about is so already.

    Never so for a group that some rule gives or takes for a time: the action may move the end of that time.
    """
    event, options = subject.event, wish.options
    if wish.slot in ("lock", "pin") and event.topic:
        state = event.topic.locked if wish.slot == "lock" else event.topic.pinned
        return state is (wish.action in ("lock", "pin"))
    if wish.slot == "state" and event.post and wish.action != "delete" and wish.target != _topic_above(subject):
        return event.post.pending is (wish.action == "hold")
    if wish.slot == "title":
        return event.topic is not None and event.topic.title == options["text"]
    if wish.slot == "text":
        return not options["replace"]
    if wish.slot == "category":
        return _is_category(options["category"], subject)
    return "group" in options and wish.slot.casefold() not in settings.timed and _has_group_already(wish, subject)


def _topic_above(subject: Subject) -> object:
    return None if subject.kind == TOPIC else target_of(ActsOn.TOPIC, "topic", subject)


def _is_category(wanted: str | int, subject: Subject) -> bool:
    event = subject.event
    if isinstance(wanted, int):
        ids = (event.category.category_id if event.category else None, event.topic.category_id if event.topic else None)
        return wanted in ids
    name = event.category.name if event.category else None
    return name is not None and name.casefold() == wanted.casefold()


def _has_group_already(wish: Wish, subject: Subject) -> bool:
    author = subject.event.author
    if author is None or author.user_groups is None or wish.target is None or wish.target.id != author.user_id:
        return False
    has = str(wish.options["group"]).casefold() in {group.casefold() for group in author.user_groups}
    return has is (wish.action == "add_to_group")
