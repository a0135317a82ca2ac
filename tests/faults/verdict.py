"""The forum's own final state against the plan. It asks the forum alone; our records only tell what is parked as unsure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.faults.plan import UNDONE, Planned, Row

TOKEN = re.compile(r"tok\d+x")


@dataclass(slots=True)
class Verdict:
    """What was found, each as a sentence that names the event."""

    effects: int = 0
    lost: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    unplanned: list[str] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)


def judge(
    events: Sequence[Planned], undone: Iterable[Planned], forum: Mapping[str, Any], parked: Iterable[str]
) -> Verdict:
    """Compare. `undone` are events whose effect staff took back; `parked` are tokens whose outcome a person must find."""
    verdict, taken_back, unknown = Verdict(), {id(one) for one in undone}, set(parked)
    texts = {"message": _counted(_messages(forum)), "reply": _counted(_replies(forum))}
    for event in events:
        verdict.effects += event.effects()
        _judge_thing(verdict, event, _find(forum, event), undone=id(event) in taken_back)
        for kind, wanted in event.texts().items():
            _judge_texts(verdict, event, kind, texts[kind][event.token] - wanted, parked=event.token in unknown)
    return verdict


def is_done(event: Planned, forum: Mapping[str, Any]) -> bool:
    """Whether the event's thing shows what was planned."""
    wanted, found = event.shows(), _find(forum, event)
    if wanted is None or found is None:
        return wanted is found
    return all(found[name] == value for name, value in wanted.items())


def _judge_thing(verdict: Verdict, event: Planned, found: Row | None, *, undone: bool) -> None:
    wanted = event.shows()
    if wanted is None or found is None:
        if found is not None:
            verdict.lost.append(f"{event.token}: {event.kind} was not done")
        elif wanted is not None:
            verdict.unplanned.append(f"{event.token}: the {event.kind} is gone")
        return
    if undone:
        wanted = wanted | UNDONE[event.kind]
    wrong = {name: found[name] for name, value in wanted.items() if found[name] != value}
    if wrong:
        kinds = ("post", "topic", "message", "reply", "note")
        told = verdict.repeated if undone else verdict.unplanned if event.kind in kinds else verdict.lost
        told.append(f"{event.token}: {event.kind}{' undone by staff' if undone else ''} shows {wrong}")


def _judge_texts(verdict: Verdict, event: Planned, kind: str, over: int, *, parked: bool) -> None:
    if over < 0 and parked:
        verdict.unsure.append(f"{event.token}: the {kind} waits for a person")
    elif over < 0:
        verdict.lost.append(f"{event.token}: the {kind} is missing")
    elif over and kind in [name for name, wanted in event.texts().items() if wanted]:
        verdict.repeated.append(f"{event.token}: {over} more {kind}(s) than one")
    elif over:
        verdict.unplanned.append(f"{event.token}: {over} {kind}(s) of a {event.kind}")


def _find(forum: Mapping[str, Any], event: Planned) -> Row | None:
    found: Row | None = forum[event.table].get(event.number)
    return found


def _messages(forum: Mapping[str, Any]) -> Iterable[str]:
    """The texts of the bot in conversations with members: notes to the moderators are not counted one by one."""
    subjects = {talk["conversationId"]: talk["subject"] for talk in forum["conversations"].values()}
    return (said["message"] for said in forum["messages"].values() if TOKEN.search(subjects[said["conversationId"]]))


def _replies(forum: Mapping[str, Any]) -> Iterable[str]:
    return (post["message"] for post in forum["posts"].values() if post["author"]["username"] == "modbot")


def _counted(texts: Iterable[str]) -> Counter[str]:
    return Counter(token for text in texts for token in TOKEN.findall(text))


def by_id(state: Mapping[str, Any]) -> dict[str, dict[int, Row]]:
    """The simulator's state with its lists as tables."""
    keys = {"posts": "postId", "topics": "topicId", "users": "userId", "conversations": "conversationId"}
    keys["messages"] = "messageId"
    return {name: {row[key]: row for row in state[name]} for name, key in keys.items()}
