"""Pool of Realtime sockets: each for one sentence at a time, one ahead of need, none for ever."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from audio.providers.realtime_socket import RealtimeSocket
from audio.speech import SpeechError, SpeechRejected, SpeechUnavailable

MOST_SOCKETS = 100
"""Sockets at once, at most: sentences that are voiced at the same time. A sentence is voiced in a
fraction of the time it sounds, so that this is several hundred interviews."""

IDLE_S = 120.0
"""Time after which a socket that nobody used is closed; one is kept ahead of need."""

ROTATE_S = 50 * 60.0
"""Age at which a socket is not used any more: the server closes it after 60 min (OpenAI's guide),
whatever is being said."""

OPEN_S = 10.0
"""Time that opening one ahead may take; who waits for a sentence has a deadline of its own."""

SHORT_LIFE_S = 60.0
"""Age of a socket at whose death none is opened ahead: a server that closes idle ones would be
called for ever."""

log = structlog.get_logger()

Opener = Callable[[Callable[[RealtimeSocket], None]], Awaitable[RealtimeSocket]]


class SocketPool:
    """Pool of the sockets of one voice. For use from one event loop."""

    def __init__(self, open_socket: Opener, most: int = MOST_SOCKETS) -> None:
        self._open_socket = open_socket
        self._most = most
        self._idle: list[RealtimeSocket] = []
        self._retired: list[RealtimeSocket] = []
        self._leased: set[RealtimeSocket] = set()
        self._opening = 0
        self._spare_wanted = False
        self._changed = asyncio.Event()
        self._freed = asyncio.Event()
        self._tending: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def size(self) -> int:
        """Number of sockets, those that are being opened included."""
        return len(self._idle) + len(self._leased) + self._opening

    async def warm_up(self) -> None:
        """Open one ahead of need. Raises SpeechRejected; what may pass is only logged."""
        if self._idle or self._closed:
            return
        try:
            self._idle.append(await self._open())
        except SpeechRejected:
            raise
        except SpeechError as error:
            log.warning("no socket opened ahead", problem=str(error))

    async def lease(self) -> RealtimeSocket:
        """Return a socket for one sentence; it comes back by itself when it is free.

        Waits while there are as many as there may be. Raises SpeechError.
        """
        loop = asyncio.get_running_loop()
        while not self._closed:
            if self._idle:
                socket = self._idle.pop()
                if loop.time() - socket.opened_at >= ROTATE_S:
                    self._retired.append(socket)
                    continue
            elif self.size < self._most:
                socket = await self._open()
            else:
                self._freed.clear()
                await self._freed.wait()
                continue
            self._leased.add(socket)
            self._spare_wanted = not self._idle
            self._changed.set()
            return socket
        raise SpeechUnavailable("The voice is shutting down.")

    def give_back(self, socket: RealtimeSocket) -> None:
        """Take back a socket that was leased and never used."""
        self._on_change(socket)

    async def close(self) -> None:
        """Close all sockets."""
        self._closed = True
        self._freed.set()
        if self._tending is not None:
            self._tending.cancel()
            await asyncio.wait([self._tending])
        async with asyncio.TaskGroup() as group:
            for socket in [*self._idle, *self._leased, *self._retired]:
                group.create_task(socket.close())

    async def _open(self) -> RealtimeSocket:
        self._opening += 1
        try:
            socket = await self._open_socket(self._on_change)
        finally:
            self._opening -= 1
            self._freed.set()
        if self._closed:
            await socket.close()
            raise SpeechUnavailable("The voice is shutting down.")
        if self._tending is None:
            self._tending = asyncio.create_task(self._tend())
            self._tending.add_done_callback(_log_failure)
        return socket

    def _on_change(self, socket: RealtimeSocket) -> None:
        """Take note of a socket that is free, or gone."""
        now = asyncio.get_running_loop().time()
        if socket.gone:
            known = socket in self._leased or socket in self._idle
            self._leased.discard(socket)
            if socket in self._idle:
                self._idle.remove(socket)
            if known and not self._idle and now - socket.opened_at >= SHORT_LIFE_S:
                self._spare_wanted = True
        elif socket in self._leased:
            self._leased.remove(socket)
            self._idle.append(socket)
        self._changed.set()
        self._freed.set()

    # --- tending ---------------------------------------------------------------------------------

    async def _tend(self) -> None:
        """Close what is old, and open one ahead of need, until cancelled."""
        while True:
            self._changed.clear()
            for socket in self._overdue():
                await socket.close()
            if self._spare_wanted and not self._idle and self.size < self._most:
                self._spare_wanted = False
                with suppress(SpeechError, TimeoutError):  # whoever needs one will be told
                    async with asyncio.timeout(OPEN_S):
                        self._idle.insert(0, await self._open())
            with suppress(TimeoutError):
                async with asyncio.timeout(self._wait_s()):
                    await self._changed.wait()

    def _overdue(self) -> list[RealtimeSocket]:
        """Take out the sockets that are to be closed."""
        now = asyncio.get_running_loop().time()
        newest = self._idle[-1] if self._idle else None
        old = [s for s in self._idle if now - s.opened_at >= ROTATE_S]
        unused = [s for s in self._idle if s is not newest and now - s.used_at >= IDLE_S]
        overdue = list(dict.fromkeys([*self._retired, *old, *unused]))
        self._retired.clear()
        self._idle = [socket for socket in self._idle if socket not in overdue]
        if old and not self._idle:
            self._spare_wanted = True
        return overdue

    def _wait_s(self) -> float | None:
        """Return in how many seconds the next socket is to be closed, None if there is none."""
        now = asyncio.get_running_loop().time()
        ends = [socket.opened_at + ROTATE_S for socket in self._idle]
        ends += [socket.used_at + IDLE_S for socket in self._idle[:-1]]
        return max(0.0, min(ends) - now) if ends else None


def _log_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("realtime sockets are not tended any more", exc_info=error)
