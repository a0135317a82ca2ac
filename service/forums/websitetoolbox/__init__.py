"""Website Toolbox, as one value for the table of platforms.

Facts come from websitetoolbox-reference.txt and platform-facts.md; `reference.json` holds those that the simulator and
the contract tests use. Imported by `service.forums` alone.
"""

from __future__ import annotations

from service.forums.platform import Platform, samples_in
from service.forums.websitetoolbox.client import WebsiteToolboxForum, connect, headers
from service.forums.websitetoolbox.inbound import identify, read
from service.forums.websitetoolbox.judge import judge
from service.forums.websitetoolbox.signature import sign
from service.forums.websitetoolbox.simulator import app

ACTIONS = frozenset(
    {
        *("approve", "hold", "delete", "edit", "lock", "unlock", "pin", "unpin", "move", "retitle"),
        *("add_to_group", "remove_from_group", "message", "reply", "notify_moderators"),
    }
)
"""The action words it can do."""


WEBSITETOOLBOX = Platform(
    name="websitetoolbox",
    api_url="https://api.websitetoolbox.com/v1",
    per_second=3,
    per_day=20_000,
    actions=ACTIONS,
    identify=identify,
    read=read,
    sign=sign,
    headers=headers,
    judge=judge,
    forum=WebsiteToolboxForum,
    connect=connect,
    simulator=app.simulator,
    samples=samples_in("service.forums.websitetoolbox"),
    api_path="/v1",
)
