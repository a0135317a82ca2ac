"""Logs: one line each, JSON for machines and readable text on a terminal; secrets never in them.

Processes that run long log to standard output, where containers are read; a command's standard output belongs to its
result, so its logs go to standard error (`out`). One canonical line tells of each event (`decided`, or `settled` where
it ended without a plan) and of each action (`acted`); operating.md lists their fields. httpx is kept to warnings, since
it logs every address. Imported by the programs' entry points.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Iterable, Iterator
from typing import Any, TextIO
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, SecretStr

from service import tracing
from service.settings import Settings

HIDDEN = "[secret]"

SHORTEST_SECRET = 8
"""Shorter ones would take words out of every line, and are no secrets."""

NOISY = ("httpx", "httpcore", "rq", "rq.worker", "asyncio", "uvicorn")

_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


def configure(settings: Settings, out: TextIO | None = None) -> None:
    """Send every log record to `out` (standard output), without the settings' secrets.

    As JSON, or as text for a terminal: `log_format: auto` looks which it is.
    """
    stream = sys.stdout if out is None else out
    as_text = settings.log_format == "text" or (settings.log_format == "auto" and stream.isatty())
    handler = logging.StreamHandler(stream)
    handler.setFormatter(WithoutSecrets(TextLines() if as_text else JSONLines(), secrets_of(settings)))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    for noisy in NOISY:
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))


def hide(section: BaseModel) -> None:
    """Keep the section's secrets out of every line from now on, beside those that are kept out already."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, WithoutSecrets):
            handler.formatter.hide(secrets_of(section))


def secrets_of(value: object) -> Iterator[str]:
    """Every secret text in the settings; of an address, its passwords."""
    if isinstance(value, SecretStr):
        secret = value.get_secret_value()
        found = _passwords(secret) if "://" in secret else (secret,)
        yield from (form for one in found for form in {one, unquote(one)} if len(form) >= SHORTEST_SECRET)
    elif isinstance(value, BaseModel):
        yield from _each(getattr(value, name) for name in type(value).model_fields)
    elif isinstance(value, dict):
        yield from _each(value.values())
    elif isinstance(value, tuple | list):
        yield from _each(value)


def _passwords(url: str) -> Iterator[str]:
    """The password of an address, and those among its options (service.connections)."""
    parts = urlsplit(url)
    yield parts.password or ""
    options = (option.partition("=") for option in parts.query.split("&"))
    yield from (value for name, _, value in options if name.endswith("password"))


def _each(values: Iterable[object]) -> Iterator[str]:
    for value in values:
        yield from secrets_of(value)


class WithoutSecrets(logging.Formatter):
    """A formatter's lines without secrets: those in a message by mistake, and those that a library's error quotes."""

    def __init__(self, lines: logging.Formatter, secrets: Iterable[str]) -> None:
        super().__init__()
        self._lines = lines
        self._known = set[str]()
        self._forms: tuple[str, ...] = ()
        self.hide(secrets)

    def hide(self, secrets: Iterable[str]) -> None:
        """Keep these out as well."""
        self._known |= set(secrets)
        longest_first = sorted(self._known, key=len, reverse=True)
        self._forms = tuple(form for one in longest_first for form in (one, json.dumps(one)[1:-1], _escaped(one)))

    def format(self, record: logging.LogRecord) -> str:
        """The record's line."""
        line = self._lines.format(record)
        for secret in self._forms:
            line = line.replace(secret, HIDDEN)
        return line


def _escaped(text: str) -> str:
    """The text without control characters."""
    return text.encode("unicode_escape").decode("ascii")


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    """What the record was given as `extra`, and which trace it belongs to."""
    return {name: value for name, value in record.__dict__.items() if name not in _STANDARD} | tracing.in_log()


class JSONLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message, and whatever the record was given as `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        """The record's line."""
        line: dict[str, Any] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= _fields(record)
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


class TextLines(logging.Formatter):
    """One readable line: time, level, message, fields. Control characters of hostile text are escaped."""

    def format(self, record: logging.LogRecord) -> str:
        """The record's line."""
        fields = " ".join(f"{name}={json.dumps(value, default=str)}" for name, value in _fields(record).items())
        clock = time.strftime("%H:%M:%S", time.localtime(record.created))
        message = _escaped(record.getMessage())
        line = f"{clock} {record.levelname.lower():7} {message} {fields}".rstrip()
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line
