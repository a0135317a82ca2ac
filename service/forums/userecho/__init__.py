"""UserEcho, as one value for the table of platforms.

Facts come from userecho-reference.txt and platform-facts.md, section 2; `reference.json` holds those that the simulator
and the contract tests use. Imported by `service.forums` alone.
"""

from __future__ import annotations

from functools import partial
from pkgutil import resolve_name

from service.forums.platform import Later, Platform, samples_in
from service.forums.userecho.inbound import identify
from service.forums.userecho.options import UserEchoOptions
from service.forums.userecho.signature import sign

ACTIONS = frozenset({"delete", "edit", "move", "retitle", "reply", "notify_moderators"})
"""The action words it can do on any project; a forum's `options` may add lock, unlock and the groups."""

SAMPLES = samples_in("service.forums.userecho")
ACCEPTED = {**SAMPLES["topic.created"], "hook": "topic.accepted"}
"""It becomes post.approved, as the sample of that name does, which is `comment.accepted`."""

USERECHO = Platform(
    name="userecho",
    api_url=None,
    per_second=1,
    per_day=None,
    actions=ACTIONS,
    identify=identify,
    read=Later("service.forums.userecho.reading:read"),
    sign=sign,
    headers=Later("service.forums.userecho.client:headers"),
    judge=Later("service.forums.userecho.judge:judge"),
    forum=partial(resolve_name, "service.forums.userecho.client:UserEchoForum"),
    connect=Later("service.forums.userecho.client:connect"),
    simulator=Later("service.forums.userecho.simulator.app:simulator"),
    samples=SAMPLES,
    own_samples={**{body["hook"]: body for body in SAMPLES.values()}, "topic.accepted": ACCEPTED},
    lacks={"delete": "R", "edit": "R"},
    notifies=frozenset({"topic"}),
    api_path="/api/v2",
    trial={"closed_status": 20, "open_status": 17, "groups": True},
    options=UserEchoOptions,
    hooks=Later("service.forums.userecho.account:hooks"),
)
"""Its API has no call to delete or change a comment, and no conversations (platform-facts.md, 2.4 and 2.5)."""
