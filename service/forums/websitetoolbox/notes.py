"""Letters of the bot: a conversation with members, which the forum refuses for all where one of them takes no messages.

A note to the moderators then goes to the others. Nobody is told twice: what was refused was told to nobody, and once
somebody was told alone, what fails for another does not begin again. Imported by `client`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Sequence

from service.forums.http import ForumApi
from service.forums.port import ForumFailure, Outcome, Refused
from service.forums.texts import as_html
from service.forums.websitetoolbox.account import Session
from service.forums.websitetoolbox.api import WebsiteToolbox

NOTE_SUBJECT = "Note from the moderation bot"
"""Subject of the conversation that notify_moderators starts."""

log = logging.getLogger(__name__)

Send = Callable[[Sequence[str]], None]


def converse(session: Session, api: ForumApi, action: str, names: Sequence[str], subject: str, body: str) -> Outcome:
    """Start one conversation of the bot with these members. Raises Refused where one of them takes no messages."""
    conversations = WebsiteToolbox(api, action).conversations
    sender = session.account.bot_id
    conversations.create(recipient_usernames=names, subject=subject, message=as_html(body), sender_id=sender)
    return Outcome.DONE


def tell_moderators(session: Session, api: ForumApi, names: Sequence[str], text: str) -> Outcome:
    """Tell these moderators, in one conversation if it can be; else those who take messages. Raises Refused if none do.

    Who refused is left out of the notes of the next minutes (catalogue.KEEP).
    """

    def send(to: Sequence[str]) -> None:
        converse(session, api, "notify_moderators", to, NOTE_SUBJECT, text)

    willing = [name for name in names if session.takes_notes(name)] or list(names)
    while True:
        try:
            send(willing)
        except Refused as refusal:
            named = _named(refusal, willing)
            if len(willing) == 1:
                raise
            if not named or len(named) == len(willing):
                return _one_by_one(session, send, willing)
            _leave_out(session, named)
            willing = [name for name in willing if name not in named]
        else:
            return Outcome.DONE


def _named(refusal: Refused, names: Iterable[str]) -> set[str]:
    """Those whom the forum's own words name; they stand behind ours, as `action: reason: words` (forums.verdict)."""
    words = str(refusal).split(": ", 2)[2:]
    return {name for name in names if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", "".join(words), re.IGNORECASE)}


def _one_by_one(session: Session, send: Send, names: Sequence[str]) -> Outcome:
    """A conversation with each, where the error named nobody.

    Until somebody was told, a failure is the caller's; after that it costs this one moderator the note.
    """
    told, refusals = 0, []
    for name in names:
        try:
            send([name])
            told += 1
        except Refused as refusal:
            refusals.append(refusal)
            _leave_out(session, [name])
        except ForumFailure as failure:
            if not told:
                raise
            log.warning("a moderator was not told: %s", failure, extra={"moderator": name})
    if not told:
        raise refusals[-1]
    return Outcome.DONE


def _leave_out(session: Session, names: Iterable[str]) -> None:
    for name in names:
        session.refuses_notes(name)
        log.warning("a moderator takes no notes: mend the forum's `notify`", extra={"moderator": name})
