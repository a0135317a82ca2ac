"""Connections to Redis: one kind for each way of waiting. Imported by `service.wiring`, the commands and tests."""

from __future__ import annotations

from redis import Redis
from redis import asyncio as redis_asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import ExponentialBackoff, NoBackoff
from redis.retry import Retry


def connect(url: str) -> Redis:
    """For workers and commands: text answers, 5 s timeouts, three quick retries (our scripts bear running twice)."""
    return Redis.from_url(
        url,
        decode_responses=True,
        socket_timeout=5,
        socket_connect_timeout=2,
        retry=Retry(ExponentialBackoff(cap=1, base=0.05), 3),
    )


def connect_rq(url: str) -> Redis:
    """For RQ alone: bytes answers. RQ raises this pool's socket timeout, so nothing else may share it (A5)."""
    return Redis.from_url(url)


def connect_async(url: str) -> redis_asyncio.Redis:
    """For the web edge: no retries and sub-second timeouts; trouble is a 503 at once and never a blocked loop (C2)."""
    return redis_asyncio.Redis.from_url(
        url,
        decode_responses=True,
        socket_timeout=0.8,
        socket_connect_timeout=0.5,
        retry=AsyncRetry(NoBackoff(), 0),
    )
