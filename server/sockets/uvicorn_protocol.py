"""WebSocket protocol of uvicorn, bounded where a peer could otherwise go on without end.

uvicorn closes a connection once everything is written, which a peer that reads nothing delays for
ever; here the rest is dropped some seconds after the end. It answers every ping at once, whatever
waits to be written, and takes frames that the application never sees; here both have a bound.
"""

import asyncio

from uvicorn._types import ASGISendEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode, Frame

from sessions.token_bucket import TokenBucket

CUT_OFF_AFTER_S = 12.0
"""Time from the end to the cut: a little more than uvicorn waits for a close's answer (10 s)."""

MAX_UNREAD_BYTES = 1_000_000
"""Most that may wait to be written when one more ping comes: as much as waits for one leg."""

UNSEEN_AT_ONCE = 200
UNSEEN_A_S = 20.0
"""As many frames that reach nobody: pings, pongs and parts of messages. Clients ping once in some
seconds, and a message of the largest size has a few parts."""


class MediaProtocol(WebSocketsSansIOProtocol):
    """One connection, which uvicorn makes."""

    cut_off_after_s = CUT_OFF_AFTER_S
    _cut_off: asyncio.TimerHandle | None = None
    _unseen: TokenBucket | None = None

    async def send(self, message: ASGISendEvent) -> None:
        """Send what the application says.

        A handshake that it refuses with an HTTP response is complete: uvicorn would log an error.
        """
        await super().send(message)
        if self.initial_response is not None and self.close_sent:
            self.handshake_complete = True

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

    def handle_ping(self) -> None:
        """Answer a ping, unless the peer reads none of the answers: that ends the connection."""
        if self._may_go_on():
            super().handle_ping()
            if self.transport.get_write_buffer_size() > MAX_UNREAD_BYTES:
                self.logger.warning("A peer that reads nothing goes on sending: it is cut off.")
                self.transport.abort()

    def handle_pong(self, event: Frame) -> None:
        """Take a pong, if there are not too many."""
        if self._may_go_on():
            super().handle_pong(event)

    def handle_cont(self, event: Frame) -> None:
        """Take a further part of a message, if there are not too many."""
        if event.fin or self._may_go_on():
            super().handle_cont(event)

    def handle_text(self, event: Frame) -> None:
        """Take a text, or its first part."""
        if event.fin or self._may_go_on():
            super().handle_text(event)

    def handle_bytes(self, event: Frame) -> None:
        """Take a frame of bytes, or its first part."""
        if event.fin or self._may_go_on():
            super().handle_bytes(event)

    def send_receive_event_to_app(self) -> None:
        """Hand a message on; a text that is no text (UTF-8) ends the connection, with no traceback.

        What is still read after the end of the connection is for nobody.
        """
        if self.transport.is_closing():
            self.frames = []
            return
        if self.curr_msg_data_type == "text":
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:
                self._fail(CloseCode.INVALID_DATA, "text that is not UTF-8")
                return
        super().send_receive_event_to_app()

    def handle_parser_exception(self) -> None:
        """End the connection of a peer that breaks the protocol, even during the handshake."""
        if self.conn.close_sent is None:
            self.transport.abort()
            return
        super().handle_parser_exception()
        self._cut_off_later()

    def _may_go_on(self) -> bool:
        """Count a frame that reaches nobody; close the connection of a peer that floods.

        Returns False for what comes in excess, and for what comes after the end.
        """
        if self.transport.is_closing():
            return False
        now_s = self.loop.time()
        if self._unseen is None:
            self._unseen = TokenBucket(UNSEEN_AT_ONCE, UNSEEN_A_S, now_s)
        if self._unseen.take(now_s):
            return True
        self.logger.warning("Too many control frames or parts of messages: the peer is sent away.")
        self._fail(CloseCode.POLICY_VIOLATION, "too many control frames")
        return False

    def _fail(self, code: CloseCode, reason: str) -> None:
        """Close the connection because of what the peer sent; what it sends now is dropped."""
        self.frames = []
        self.conn.data_to_send()  # pongs in excess
        if not self.handshake_complete:  # nothing can be told before the answer to the handshake
            self.transport.abort()
            return
        if not self.close_sent:
            self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
            self.conn.fail(code, reason)
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.close_sent = True
        self.transport.close()
        self._cut_off_later()

    def _cut_off_later(self) -> None:
        if self._cut_off is None and not self.disconnected:
            self._cut_off = self.loop.call_later(self.cut_off_after_s, self.transport.abort)
