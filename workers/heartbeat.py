"""The heartbeat job: it does nothing but go on to the next queue. Run by every role."""

from __future__ import annotations

from workers.context import Context


def beat(context: Context, queue: str) -> None:
    """Pass the heartbeat of this queue on."""
    context.heartbeats.pass_on(queue)
