"""How far a rule goes. Anyone may import this module."""

from __future__ import annotations

from enum import StrEnum


class Mode(StrEnum):
    """How far a rule goes: it acts, it holds the item in place of acting, it only tells, it rests."""

    LIVE = "live"
    HOLD = "hold"
    SHADOW = "shadow"
    OFF = "off"
