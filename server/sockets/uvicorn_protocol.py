"""uvicorn's WebSocket, with an end that does not depend on the peer.

uvicorn closes a connection once everything is written, which a peer that reads nothing puts off
for ever. Here the rest is dropped some seconds after the end.
"""

import asyncio

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

CUT_OFF_AFTER_S = 12.0
"""A little more than uvicorn itself waits for the peer to answer a close (10 s)."""


class MediaWire(WebSocketsSansIOProtocol):
    """One connection; uvicorn makes it."""

    cut_off_after_s = CUT_OFF_AFTER_S
    _cut_off: asyncio.TimerHandle | None = None

    async def run_asgi(self) -> None:
        """Serve the connection, then see to its end."""
        try:
            await super().run_asgi()
        finally:
            self._cut_off_later()

    def keepalive_timeout(self) -> None:
        """The peer does not answer: it may not read any more either."""
        super().keepalive_timeout()
        self._cut_off_later()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        if self._cut_off is not None:
            self._cut_off.cancel()
            self._cut_off = None
        super().connection_lost(exc)

    def _cut_off_later(self) -> None:
        if self._cut_off is None and not self.disconnected:
            self._cut_off = self.loop.call_later(self.cut_off_after_s, self.transport.abort)
