"""Actions that one call carries out: the same change of several members' groups, or of one topic asked for many times.

Calls are money, and in a raid every post asks for the same. Each action stays its own: claimed, finished and tried
again by itself. Imported by `workers.act`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rules.actions.table import ACTIONS
from rules.decision import PlannedAction
from rules.event import Author
from service.forums.port import MOST_CHANGED, ChangesMany, Forum, Outcome
from service.ledger import Claim
from workers.context import Context


def companions(context: Context, forum: Forum, claim: Claim) -> list[Claim]:
    """Other actions, claimed, that the claimed action's call can carry out too."""
    if not claim.alike or (_is_of_group(claim) and not isinstance(forum, ChangesMany)):
        return []
    return context.ledger.claim_alike(claim, MOST_CHANGED - 1)


def perform_all(
    forum: Forum, claims: Sequence[Claim], perform: Callable[[Forum, Claim], Outcome]
) -> list[tuple[Claim, Outcome]]:
    """Carry out several actions that are alike in one request; each with what came of it.

    What one of them did is ALREADY_DONE for those that ask for the same. Raises what the verb raises.
    """
    firsts = {claim.action.target.id: claim for claim in reversed(claims)}
    action = claims[0].action
    if len(firsts) > 1 and isinstance(forum, ChangesMany):
        outcome = forum.change_groups(action.action, list(firsts), group=action.options["group"])
    else:
        outcome = perform(forum, claims[0])
    again = Outcome.ALREADY_DONE if outcome is Outcome.DONE else outcome
    return [(claim, outcome if firsts[claim.action.target.id] is claim else again) for claim in claims]


def regrouped(action: PlannedAction, member: Author) -> Author | None:
    """The member after the action has changed their groups; None where it names the group by its id."""
    group = str(action.options["group"])
    if member.user_groups is None or group.isdecimal():
        return None
    others = tuple(title for title in member.user_groups if title.casefold() != group.casefold())
    return member.model_copy(update={"user_groups": (*others, group) if action.action == "add_to_group" else others})


def _is_of_group(claim: Claim) -> bool:
    return ACTIONS[claim.action.action].slot == "group"
