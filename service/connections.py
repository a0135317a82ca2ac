"""Connections to Redis: one kind for each way of waiting, and one way to write where it is.

    redis://:PASSWORD@HOST:6379/0   a server; managed ones too
    rediss://:PASSWORD@HOST:6380/0  the same over TLS; the server's certificate and name are checked. Options that may
                                    follow a `?`, with `&` between them: ssl_ca_certs=FILE, ssl_certfile=FILE,
                                    ssl_keyfile=FILE, ssl_check_hostname=false
    unix:///run/redis.sock?db=0     a socket
    redis+sentinel://:PASSWORD@A:26379,B:26379,C:26379/NAME/0
                                    whichever server these Sentinels call the master NAME, found anew after a failover;
                                    rediss+sentinel:// is all over TLS. The password is the server's; the Sentinels'
                                    own are the options sentinel_username and sentinel_password

Imported by `service.wiring`, `service.settings`, the commands and tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

from redis import Redis
from redis import asyncio as redis_asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.asyncio.sentinel import Sentinel as AsyncSentinel
from redis.backoff import ExponentialBackoff, NoBackoff
from redis.connection import parse_url
from redis.retry import Retry
from redis.sentinel import Sentinel

SCHEMES = ("redis", "rediss", "unix", "redis+sentinel", "rediss+sentinel")
SENTINEL_PORT = 26379
SENTINEL_SECONDS = 0.5
"""How long one Sentinel may take; the next one is asked then."""


def connect(url: str) -> Redis:
    """For workers and commands: text answers, 5 s timeouts, three quick retries (our scripts bear running twice)."""
    return _open(
        url,
        decode_responses=True,
        socket_timeout=5,
        socket_connect_timeout=2,
        retry=Retry(ExponentialBackoff(cap=1, base=0.05), 3),
    )


def connect_rq(url: str) -> Redis:
    """For RQ alone: bytes answers. RQ raises this pool's socket timeout, so nothing else may share it (A5)."""
    return _open(url)


def _open(url: str, **options: Any) -> Redis:
    where = watched(url)
    return Redis.from_url(url, **options) if where is None else cast("Redis", _master(where, Sentinel, options))


def connect_async(url: str) -> redis_asyncio.Redis:
    """For the web edge: no retries and sub-second timeouts; trouble is a 503 at once and never a blocked loop (C2)."""
    options: dict[str, Any] = {
        "decode_responses": True,
        "socket_timeout": 0.8,
        "socket_connect_timeout": 0.5,
        "retry": AsyncRetry(NoBackoff(), 0),
    }
    where = watched(url)
    if where is None:
        return redis_asyncio.Redis.from_url(url, **options)
    return cast("redis_asyncio.Redis", _master(where, AsyncSentinel, options))


def _master(where: Watched, kind: Any, options: Mapping[str, Any]) -> Any:
    """A client of whichever server is the master, by the library's Sentinel for threads or for asyncio."""
    sentinel = kind(where.sentinels, sentinel_kwargs=dict(where.own), **where.server)
    return sentinel.master_for(where.name, **options)


@dataclass(frozen=True, slots=True, repr=False)
class Watched:
    """A master that Sentinels watch: its name, their addresses, and the options of connections to it and to them."""

    name: str
    sentinels: list[tuple[str, int]]
    server: Mapping[str, Any]
    own: Mapping[str, Any]


def watched(url: str) -> Watched | None:
    """What a Sentinel URL says; None for any other. Raises ValueError, which does not quote the URL."""
    parts = urlsplit(url)
    scheme, _, kind = parts.scheme.partition("+")
    if kind != "sentinel":
        return None
    credentials, _, hosts = parts.netloc.rpartition("@")
    name, _, database = parts.path.strip("/").partition("/")
    sentinels = [_address(host) for host in hosts.split(",") if host]
    if not name or not sentinels:
        raise ValueError("must name Sentinels and a master: redis+sentinel://HOST:26379,HOST:26379/NAME/0")
    query = f"?{parts.query}" if parts.query else ""
    told = parse_url(f"{scheme}://{credentials}{'@' if credentials else ''}any/{database}{query}")  # type: ignore[no-untyped-call]
    del told["host"]
    tls = {"ssl": True} if told.pop("connection_class", None) else {}
    own = {key.removeprefix("sentinel_"): told.pop(key) for key in list(told) if key.startswith("sentinel_")}
    own |= tls | {key: value for key, value in told.items() if key.startswith("ssl_")}
    own |= {"socket_timeout": SENTINEL_SECONDS, "socket_connect_timeout": SENTINEL_SECONDS}
    return Watched(name, sentinels, told | tls, own)


def _address(host: str) -> tuple[str, int]:
    """A host and its port. Raises ValueError if that is no number, without quoting it: it may be part of a password."""
    parts = urlsplit(f"//{host}")
    try:
        return parts.hostname or "", parts.port or SENTINEL_PORT
    except ValueError:
        raise ValueError("has a port that is no number; in a password / @ # must be written %2F %40 %23") from None
