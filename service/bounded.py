"""Requests that come whole in time, and whose heads are small: what uvicorn itself does not see to.

Its connections may send a head or a body as slowly as they like, and a head as long as they like; some hundreds of such
connections hold every other one up. Bodies are bounded by the application. Imported by `service.serve`.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

REQUEST_SECONDS = 10.0
"""From a request's first byte to its last, or from the connection to its first request: then it is cut off."""

LOOK_SECONDS = 1.0
"""How often a connection is looked at: one timer each costs less than one for each request."""

MOST_HEAD_BYTES = 64 * 1024
"""Of the request's line and headers together; what has been read at once is taken anyway."""


class Bounded(HttpToolsProtocol):
    """A connection that is closed when its request does not come to an end. Nothing of that request is acknowledged."""

    _since: float | None = None
    _timer: asyncio.TimerHandle | None = None
    _is_in_head = True
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request."""
        super().connection_made(transport)
        self._since = self.loop.time()
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came; count it while it belongs to a head."""
        if self._is_in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._is_in_head and self._head_bytes > MOST_HEAD_BYTES:
            self.transport.close()

    def on_message_begin(self) -> None:
        """A request begins (the parser calls this)."""
        self._since, self._is_in_head, self._head_bytes = self.loop.time(), True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Its head is here."""
        self._is_in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """All of it is here."""
        self._since = None
        super().on_message_complete()

    def _look(self) -> None:
        if self._since is not None and self.loop.time() - self._since > REQUEST_SECONDS:
            self.transport.close()
        elif not self.transport.is_closing():
            self._timer = self.loop.call_later(LOOK_SECONDS, self._look)
