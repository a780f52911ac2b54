"""WebSocket protocol of uvicorn, with an end that does not depend on the peer.

uvicorn closes a connection once everything is written, which a peer that reads nothing delays for
ever. Here the rest is dropped some seconds after the end.
"""

import asyncio

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

CUT_OFF_AFTER_S = 12.0
"""Time from the end to the cut: a little more than uvicorn waits for a close's answer (10 s)."""


class MediaProtocol(WebSocketsSansIOProtocol):
    """One connection, which uvicorn makes."""

    cut_off_after_s = CUT_OFF_AFTER_S
    _cut_off: asyncio.TimerHandle | None = None

    async def run_asgi(self) -> None:
        """Serve the connection; after its end, cut it off later."""
        try:
            await super().run_asgi()
        finally:
            self._cut_off_later()

    def keepalive_timeout(self) -> None:
        """Cut the connection off later: a peer that does not answer may not read either."""
        super().keepalive_timeout()
        self._cut_off_later()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the cut: the connection has ended."""
        if self._cut_off is not None:
            self._cut_off.cancel()
            self._cut_off = None
        super().connection_lost(exc)

    def _cut_off_later(self) -> None:
        if self._cut_off is None and not self.disconnected:
            self._cut_off = self.loop.call_later(self.cut_off_after_s, self.transport.abort)
