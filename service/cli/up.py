"""`modbot up` and `work`: the service on one machine, or a worker process."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

import typer

from service import logs
from service.cli.options import AdminPort, Config, Host, Port, configuration
from service.configuration import Configuration
from service.embedded import announced, embedded_redis
from service.processes import WORKERS, web_child, worker_argv, worker_children
from service.queue import QUEUES
from service.supervisor import Child, Supervisor


def work(
    role: Annotated[
        Literal["evaluate", "urgent", "bulk", "all"], typer.Option(help="Which queue; all: one process each.")
    ],
    config: Config = None,
    host: Host = "127.0.0.1",
    admin_port: Annotated[int, typer.Option(help="The port for probes and metrics; 0: none.")] = 9091,
) -> None:
    """Run one worker process, or one of each role under a supervisor.

    Example: modbot work --role urgent --config modbot.yaml
    """
    found = configuration(config)
    if role != "all":
        argv = worker_argv(role, found, admin_port, host)
        os.execv(argv[0], argv)  # noqa: S606 - the worker takes this process's place, and its signals
    logs.configure(found.settings)
    _supervise(worker_children(found, [(name, 1) for name in QUEUES], admin_port, host, {}))


def up(
    config: Config = None,
    data: Annotated[Path | None, typer.Option(help="Folder that keeps the embedded Redis' data.")] = None,
    host: Host = "127.0.0.1",
    port: Port = 8080,
    admin_port: AdminPort = 9090,
) -> None:
    """Run the whole service on this machine: web, workers, and Redis unless the configuration names one.

    Example: modbot up --config modbot.yaml --data ./data
    """
    found = configuration(config)
    logs.configure(found.settings)
    with _redis_for(found, data) as url:
        env = {"MODBOT_REDIS_URL": url}
        web = web_child(found, host, port, admin_port, env)
        typer.echo(
            f"modbot: webhooks at http://{host}:{port}/webhooks/FORUM/TOKEN, metrics at http://{host}:{admin_port}/metrics",
            err=True,
        )
        _supervise([web, *worker_children(found, WORKERS, admin_port + 1, host, env)])


@contextlib.contextmanager
def _redis_for(found: Configuration, data: Path | None) -> Iterator[str]:
    """The configured Redis, else an embedded one."""
    if "redis_url" in found.settings.model_fields_set:
        if data:
            raise typer.BadParameter("--data is for the embedded Redis, but the configuration sets redis_url")
        yield found.settings.redis_url.get_secret_value()
        return
    if data is None:
        typer.echo("modbot: without --data the embedded Redis forgets everything at the end", err=True)
    with embedded_redis(data) as url, announced(url, found.folder):
        yield url


def _supervise(children: list[Child]) -> None:
    """Run the children until SIGTERM or Ctrl-C, then stop them cleanly; quickly at a second signal."""
    stop, hurry = threading.Event(), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: (hurry if stop.is_set() else stop).set())
    supervisor = Supervisor(children)
    supervisor.start()
    try:
        supervisor.watch(stop.is_set)
    finally:
        supervisor.stop(hurry=hurry.is_set)
