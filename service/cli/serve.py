"""`modbot serve`: the web process. It loads nothing that the web edge has no use for."""

from __future__ import annotations

from service import logs
from service.cli.options import AdminPort, Config, Host, Port, configuration
from service.rotation import Rotation
from service.serve import run
from service.serve import serve as serve_web


def serve(config: Config = None, host: Host = "127.0.0.1", port: Port = 8080, admin_port: AdminPort = 9090) -> None:
    """Run the web process: webhooks in, probes and metrics beside it.

    Example: modbot serve --config modbot.yaml --port 8080
    """
    found = configuration(config)
    logs.configure(found.settings)
    Rotation(found).start()
    run(serve_web(found.settings, host, port, admin_port))
