"""UserEcho, as one value for the table of platforms.

Facts come from userecho-reference.txt and platform-facts.md, section 2; `reference.json` holds those that the simulator
and the contract tests use. Imported by `service.forums` alone.
"""

from __future__ import annotations

from service.forums.platform import Platform, samples_in
from service.forums.userecho.account import Session, UserEchoOptions
from service.forums.userecho.client import connect, headers
from service.forums.userecho.inbound import read
from service.forums.userecho.judge import judge
from service.forums.userecho.signature import sign
from service.forums.userecho.simulator import app

ACTIONS = frozenset({"delete", "move", "retitle", "reply", "notify_moderators"})
"""The action words it can do on any project; a forum's `options` may add lock, unlock and the groups."""

USERECHO = Platform(
    name="userecho",
    api_url=None,
    per_second=1,
    per_day=None,
    actions=ACTIONS,
    read=read,
    sign=sign,
    headers=headers,
    judge=judge,
    connect=connect,
    simulator=app.simulator,
    samples=samples_in("service.forums.userecho"),
    options=UserEchoOptions,
    hooks=lambda account, api: Session(account).site(api).hooks,
)
