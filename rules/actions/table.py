"""The actions. Adding one is a class, a word in `ACTIONS`, and a verb of the Forum port."""

from __future__ import annotations

from rules.actions.items import Approve, Delete, Edit, Hold
from rules.actions.kinds import Action
from rules.actions.people import AddPoints, AddToGroup, Message, NotifyModerators, RemoveFromGroup, Reply
from rules.actions.topics import Lock, Move, Pin, Retitle, Unlock, Unpin

ACTIONS: dict[str, type[Action]] = {
    action.word: action
    for action in (
        Approve,
        Hold,
        Delete,
        Edit,
        Lock,
        Unlock,
        Pin,
        Unpin,
        Move,
        Retitle,
        AddToGroup,
        RemoveFromGroup,
        Message,
        Reply,
        NotifyModerators,
        AddPoints,
    )
}

SYNONYMS: dict[str, str] = {synonym: action.word for action in ACTIONS.values() for synonym in action.synonyms}
"""AutoModerator's words for them."""
