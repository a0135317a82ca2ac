"""Website Toolbox, as one value for the table of platforms.

Facts come from websitetoolbox-reference.txt and platform-facts.md; `reference.json` holds those that the simulator and
the contract tests use. Imported by `service.forums` alone.
"""

from __future__ import annotations

from functools import partial
from pkgutil import resolve_name

from service.forums.platform import Later, Platform, samples_in
from service.forums.websitetoolbox.inbound import identify
from service.forums.websitetoolbox.signature import sign

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
    read=Later("service.forums.websitetoolbox.reading:read"),
    sign=sign,
    headers=Later("service.forums.websitetoolbox.client:headers"),
    judge=Later("service.forums.websitetoolbox.judge:judge"),
    forum=partial(resolve_name, "service.forums.websitetoolbox.client:WebsiteToolboxForum"),
    connect=Later("service.forums.websitetoolbox.client:connect"),
    simulator=Later("service.forums.websitetoolbox.simulator.app:simulator"),
    samples=samples_in("service.forums.websitetoolbox"),
    api_path="/v1",
)
