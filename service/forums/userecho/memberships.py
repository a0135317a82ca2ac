"""Changes of group memberships, by calls that only the newer edition of UserEcho's API has.

Their bodies are not known for sure, so that this is switched off unless the setting `groups` is on, and a change counts
as made when the user shows it (platform-facts.md, 2.4 and 2.5). Imported by `client`.
"""

from __future__ import annotations

from rules.decision import Target
from service.forums.http import ForumApi
from service.forums.port import NotFound, Outcome, Refused, Unsupported
from service.forums.userecho.account import Session
from service.forums.userecho.api import UserEcho


def set_membership(session: Session, api: ForumApi, action: str, target: Target, group: str | int) -> Outcome:
    """Put a user into a group, or take them out, as `action` says; the group is named by title or id.

    Raises Unsupported while switched off, and Refused where it did not take, or cannot be seen to have.
    """
    if not session.options.groups:
        raise Unsupported(f"{action}: is switched off; set `groups: true` in the forum's options to try it")
    if target.kind != "user":
        raise Refused(f"{action}: acts on a user, not on a {target.kind}")
    number = _group_id(session, api, action, group)
    try:
        return _change(session.site(api), action, target.id, number, member=action == "add_to_group")
    except NotFound:
        return Outcome.TARGET_GONE


def _change(site: UserEcho, action: str, user_id: int, group_id: int, *, member: bool) -> Outcome:
    """Make the change and look at the user. Raises NotFound where there is no such user."""
    change = site.users.add_to_group if member else site.users.remove_from_group
    try:
        change(user_id, group=group_id)
    except Refused as failure:
        if _is_member(site, user_id, group_id) is not member:
            raise Refused(str(failure)) from None
        return Outcome.ALREADY_DONE
    found = _is_member(site, user_id, group_id)
    if found is None:
        raise Refused(f"{action}: the forum said yes, but does not show the user's groups, so nobody can tell")
    if found is not member:
        raise Refused(f"{action}: the forum said yes, but the user's groups did not change")
    return Outcome.DONE


def _group_id(session: Session, api: ForumApi, action: str, group: str | int) -> int:
    known = session.groups
    number = group if isinstance(group, int) else known.find(api, group)
    if number is None:
        raise Refused(f"{action}: no user group is titled {str(group)[:60]!r}; the forum has {len(known.items)}")
    return number


def _is_member(site: UserEcho, user_id: int, group_id: int) -> bool | None:
    """Whether the user is in the group; None where the user's groups are not shown. Raises NotFound."""
    groups = site.users.get(user_id).groups
    return None if groups is None else any(group.id == group_id for group in groups)
