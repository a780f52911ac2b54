"""HTTP protocol of uvicorn, with a time for each request to come, and a bound on connections.

uvicorn waits for ever for a first byte, for headers and for a body. What is slow on purpose costs a
connection each; a proxy in front may be stricter.
"""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

REQUEST_WITHIN_S = 20.0
"""Longest time from the connection, or from a request's first byte, to the end of its body: the
largest one (256 KiB) comes in it over the slowest line on which an interview can be held."""

CONNECTIONS_A_SESSION = 10
CONNECTIONS_BESIDE = 500
"""Connections for each interview that may be live (a page has a socket and some requests, and
people watch), and for everybody else."""


def max_connections(max_sessions: int) -> int:
    """Return how many connections a server for so many interviews takes."""
    return CONNECTIONS_A_SESSION * max_sessions + CONNECTIONS_BESIDE


class EdgeProtocol(HttpToolsProtocol):
    """One connection, which uvicorn makes; an upgrade to a WebSocket ends this object's part."""

    request_within_s = REQUEST_WITHIN_S
    _due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request, unless there are too many connections.

        Requests beyond `limit_concurrency` are answered with 503; beyond twice as many connections
        nothing is answered.
        """
        super().connection_made(transport)
        most = self.config.limit_concurrency
        if most is not None and len(self.connections) > 2 * most:
            transport.abort()
            return
        self._wait()

    def on_message_begin(self) -> None:
        """Begin to wait for the whole of a request."""
        super().on_message_begin()
        if self._due is None:
            self._wait()

    def on_message_complete(self) -> None:
        """Wait no more: the request is there."""
        self._stop_waiting()
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._due = self.loop.call_later(self.request_within_s, self._too_slow)

    def _stop_waiting(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _too_slow(self) -> None:
        self._due = None
        self.logger.info("A request did not come in time: the connection is cut.")
        self.transport.abort()
