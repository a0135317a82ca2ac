"""The platforms: one folder and one line in `PLATFORMS` each.

Contract tests, simulator, support matrix and demo pick a platform up from the table. A platform's folder holds
`inbound` (verify and identify a webhook) and `reading` (its event), both pure, `client` (the Forum over HTTP), its
simulator and its sample payloads. All but `inbound` is loaded when it is first used.
"""

from __future__ import annotations

from collections.abc import Mapping

from service.forums.platform import Platform
from service.forums.userecho import USERECHO
from service.forums.websitetoolbox import WEBSITETOOLBOX

PLATFORMS: Mapping[str, Platform] = {platform.name: platform for platform in (WEBSITETOOLBOX, USERECHO)}
"""Every platform by the name that modbot.yaml uses."""
