"""Website Toolbox, as one value for the table of platforms.

Facts come from websitetoolbox-reference.txt and platform-facts.md; `reference.json` holds those that the simulator and
the contract tests use. Imported by `service.forums` alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from service.forums.platform import Platform
from service.forums.websitetoolbox.client import connect, headers
from service.forums.websitetoolbox.inbound import read
from service.forums.websitetoolbox.judge import judge
from service.forums.websitetoolbox.signature import sign
from service.forums.websitetoolbox.simulator import app

ACTIONS = frozenset(
    {
        *("approve", "hold", "delete", "lock", "unlock", "pin", "unpin", "move", "retitle"),
        *("add_to_group", "remove_from_group", "message", "reply", "notify_moderators"),
    }
)
"""The action words it can do. `edit` is not among them: the port has no such verb."""


def _samples() -> Mapping[str, Mapping[str, Any]]:
    """The bodies in samples/, by the name of their file."""
    folder = files(__package__).joinpath("samples")
    paths = sorted((path for path in folder.iterdir() if path.name.endswith(".json")), key=lambda path: path.name)
    return {path.name.removesuffix(".json"): json.loads(path.read_text("utf-8")) for path in paths}


WEBSITETOOLBOX = Platform(
    name="websitetoolbox",
    api_url="https://api.websitetoolbox.com/v1",
    per_second=3,
    per_day=20_000,
    actions=ACTIONS,
    read=read,
    sign=sign,
    headers=headers,
    judge=judge,
    connect=connect,
    simulator=app.simulator,
    samples=_samples(),
)
