"""The Redis scripts: each makes one decision on shared state in one atomic step. Each file's head says what it does.

Imported by the modules of `service` and `workers` that own the state.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from hashlib import sha1
from importlib import resources
from typing import Any

from redis import Redis
from redis import asyncio as redis_asyncio
from redis.commands.core import Script
from redis.exceptions import NoScriptError, ResponseError


def names() -> list[str]:
    """Every script."""
    files = (item.name for item in resources.files(__package__).iterdir())
    return sorted(name.removesuffix(".lua") for name in files if name.endswith(".lua"))


@cache
def source(name: str) -> str:
    """The text of `<name>.lua`."""
    return resources.files(__package__).joinpath(f"{name}.lua").read_text(encoding="utf-8")


@cache
def digest(name: str) -> str:
    """The name under which Redis knows the script."""
    return sha1(source(name).encode(), usedforsecurity=False).hexdigest()


def load(redis: Redis, name: str) -> Script:
    """The script as a callable that takes keys and args; it is sent once to each server, then called by its digest."""
    return redis.register_script(source(name))


def call(pipeline: Any, name: str, keys: Sequence[str], args: Sequence[str | float | bytes]) -> None:
    """Put a call of the script on a pipeline, of redis or redis.asyncio, without a round trip of its own."""
    pipeline.evalsha(digest(name), len(keys), *keys, *args)


def transact(redis: Redis, called: Sequence[str], fill: Callable[[Any], None]) -> list[Any]:
    """Execute what `fill` puts on a transaction, in one round trip; `called` are its scripts.

    A server that was restarted does not know them: then they are sent, and the transaction is made again. All our
    writes bear that, since the records decide and a job too many does no harm.
    """
    try:
        return _execute(redis, fill)
    except NoScriptError:
        for name in called:
            redis.script_load(source(name))
        return _execute(redis, fill)


def _execute(redis: Redis, fill: Callable[[Any], None]) -> list[Any]:
    with redis.pipeline(transaction=True) as pipe:
        fill(pipe)
        return pipe.execute()


Fill = Callable[[Any], None]
"""Puts commands on a pipeline."""


def together(redis: Redis, fills: Sequence[Fill], *, whole: bool) -> list[list[Any]]:
    """Execute what each of `fills` puts on a pipeline, in one round trip; returns the answers to each.

    `whole`: as a transaction.
    Where one's data make a command fail, its ResponseError is among its answers, and the others are not concerned. What
    a server that was restarted did not know is sent to it, and made again (see `transact`). Raises RedisError if no
    answer came, or the server takes nothing at present.
    """
    answers = _answers(redis, fills, whole=whole)
    unknown = [place for place, rows in enumerate(answers) if any(isinstance(row, NoScriptError) for row in rows)]
    if unknown:
        teach(redis)
        again = _answers(redis, [fills[place] for place in unknown], whole=whole)
        for place, rows in zip(unknown, again, strict=True):
            answers[place] = rows
    for row in (row for rows in answers for row in rows if isinstance(row, Exception)):
        if type(row) is not ResponseError:  # its kinds tell of the server's state: no memory, read-only, loading
            raise row
    return answers


def sound(answers: list[list[Any]]) -> list[list[Any]]:
    """The answers, where none may have failed. Raises the first ResponseError."""
    for error in (row for rows in answers for row in rows if isinstance(row, ResponseError)):
        raise error
    return answers


def _answers(redis: Redis, fills: Sequence[Fill], *, whole: bool) -> list[list[Any]]:
    with redis.pipeline(transaction=whole) as pipe:
        ends = []
        for fill in fills:
            fill(pipe)
            ends.append(len(pipe))
        rows = pipe.execute(raise_on_error=False) if ends else []
    return [rows[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def teach(redis: Redis) -> None:
    """Send every script, so that no transaction has to be made twice."""
    for name in names():
        redis.script_load(source(name))


async def call_async(
    redis: redis_asyncio.Redis, name: str, keys: Sequence[str], args: Sequence[str | float | bytes]
) -> Any:
    """Call the script, in one round trip; a server that was restarted is taught it, and called again."""
    try:
        return await redis.evalsha(digest(name), len(keys), *keys, *args)
    except NoScriptError:
        await redis.script_load(source(name))
        return await redis.evalsha(digest(name), len(keys), *keys, *args)
