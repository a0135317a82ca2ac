"""Changes of group memberships: several users in one request, as the API takes lists of them.

The API refuses a list as a whole where one of it cannot be changed, and does not say whether it finds a user in the
group already. So a user whose change is refused is looked at, and where a list is refused each is to be tried alone
(platform-facts.md, 1.5). Imported by `client`.
"""

from __future__ import annotations

from collections.abc import Sequence

from service.forums.http import ForumApi
from service.forums.port import Outcome, Refused
from service.forums.values import to_int
from service.forums.websitetoolbox.account import Session
from service.forums.websitetoolbox.api import WebsiteToolbox


def set_membership(session: Session, api: ForumApi, action: str, user_id: int, group: str | int) -> Outcome:
    """Put a user into a group, or take them out, as `action` says. Raises Refused where that cannot be done."""
    group_id = session.group_id(api, action, group)
    try:
        _change(api, action, [user_id], group_id)
    except Refused:
        outcome = _outcome(session, api, user_id, group_id, wanted=action == "add_to_group")
        if outcome is None:
            raise
        return outcome
    return Outcome.DONE


def set_memberships(session: Session, api: ForumApi, action: str, user_ids: Sequence[int], group: str | int) -> Outcome:
    """The same for several users in one request. Raises Refused where one of them cannot be changed: then none was."""
    _change(api, action, list(dict.fromkeys(user_ids)), session.group_id(api, action, group))
    return Outcome.DONE


def _change(api: ForumApi, action: str, user_ids: Sequence[int], group_id: int) -> None:
    groups = WebsiteToolbox(api, action).user_groups
    change = groups.add_users if action == "add_to_group" else groups.remove_users
    change(group_id, user_ids=user_ids)


def _outcome(session: Session, api: ForumApi, user_id: int, group_id: int, *, wanted: bool) -> Outcome | None:
    """What a refused change comes to, by a look at the user; None where the refusal stands."""
    user = session.user(api, user_id)
    if user is None:
        return Outcome.TARGET_GONE
    if (group_id in map(to_int, user.user_groups or ())) == wanted:
        return Outcome.ALREADY_DONE
    session.groups.forget()
    return None
