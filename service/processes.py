"""How each of modbot's processes is started. Workers are started as programs and never imported.

Imported by commands, the demo and tests.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from service.configuration import Configuration
from service.queue import BULK, EVALUATE, URGENT
from service.supervisor import Child

WORKERS = ((EVALUATE, 1), (URGENT, 2), (BULK, 1))
"""The workers of `modbot up`: how many of each role."""


def web_child(found: Configuration, host: str, port: int, admin_port: int, env: Mapping[str, str]) -> Child:
    """The web process."""
    options = ["--config", str(found.path), "--host", host, "--port", str(port), "--admin-port", str(admin_port)]
    return Child("web", [sys.executable, "-m", "service", "serve", *options], env)


def worker_argv(role: str, found: Configuration, admin_port: int, host: str) -> list[str]:
    """The command line of a worker process."""
    options = ["--config", str(found.path), "--host", host, "--admin-port", str(admin_port)]
    return [sys.executable, "-m", "workers", "--role", role, *options]


def worker_children(
    found: Configuration,
    counts: Sequence[tuple[str, int]],
    admin_port: int,
    host: str,
    env: Mapping[str, str],
) -> list[Child]:
    """The worker processes, with admin ports counted up from `admin_port` (0: none)."""
    roles = [(role, number) for role, count in counts for number in range(1, count + 1)]
    return [
        Child(f"{role}-{number}", worker_argv(role, found, admin_port and admin_port + place, host), env)
        for place, (role, number) in enumerate(roles)
    ]
