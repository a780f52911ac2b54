"""Conversation: what is sent over one connection, and what is learnt from it of the pieces."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import structlog

from audio.providers.live_transcription.connection import LiveConnection, may_be_asked_elsewhere
from audio.providers.live_transcription.dialects import Event, LiveDialect
from audio.providers.live_transcription.items import Items, Learnt
from audio.providers.live_transcription.pieces import SoundPiece, SoundPieces
from audio.providers.live_transcription.sayings import (
    Committed,
    FinalWords,
    LiveProblem,
    MoreWords,
    NoWords,
    Saying,
)
from audio.providers.openai_server import OpenAIServer
from audio.speech import SpeechError

log = structlog.get_logger()


class LiveConversation:
    """One connection of a line, from its setting to its end.

    `wake` is set when something changes. `tell` is called with a piece of which more is known.
    `ends_at` returns when the connection is to be closed, at the latest, by the line's own will:
    None if not at all.
    """

    def __init__(
        self,
        server: OpenAIServer,
        dialect: LiveDialect,
        connection: LiveConnection,
        pieces: SoundPieces,
        wake: asyncio.Event,
        tell: Callable[[SoundPiece], None],
        ends_at: Callable[[], float | None],
    ) -> None:
        self._server = server
        self._dialect = dialect
        self._connection = connection
        self._pieces = pieces
        self._wake = wake
        self._tell = tell
        self._ends_at = ends_at
        self._items = Items()
        self._strange: set[str] = set()
        self.lost: SpeechError | None = None
        self.heard_at = connection.opened_at

    async def hold(self) -> None:
        """Send and read until the connection is gone (`lost` says why then) or to be closed."""
        try:
            async with asyncio.TaskGroup() as group:
                reader = group.create_task(self._read())
                await self._write()
                reader.cancel()
        finally:
            await self._connection.close()

    def drop(self) -> None:
        """Cut the connection."""
        self._connection.drop()

    # --- sending ---------------------------------------------------------------------------------

    async def _write(self) -> None:
        """Send what is due, until the connection is gone or to be closed."""
        loop = asyncio.get_running_loop()
        while self.lost is None:
            event = self._next_event()
            if event is not None:
                try:
                    await self._connection.send(event)
                except SpeechError as error:
                    self.lost = self.lost or error
                continue
            ends_at = self._ends_at()
            if ends_at is not None and loop.time() >= ends_at:
                return
            self._wake.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout_at(ends_at):
                    await self._wake.wait()

    def _next_event(self) -> Event | None:
        """Return the next event to send, None while there is none."""
        for piece in self._pieces:
            if piece.unwanted and not piece.committed:
                clear = self._dialect.clear()
                if piece.begun and clear is not None:
                    self._items.clear()
                if clear is not None or not piece.begun:
                    self._pieces.settle(piece, self._server.broke_off())
                    if piece.begun:
                        return clear
                    continue
            if not piece.committed:
                return self._event_of(piece)
            if not self._dialect.pipelined:
                return None
        return None

    def _event_of(self, piece: SoundPiece) -> Event | None:
        """Return the next event of a piece that is not committed, None while there is none."""
        if not piece.whole and piece.trouble is None:  # there was no connection for too long
            self._pieces.spoil(piece, self._server.broke_off())
        if not piece.begun and piece.due and piece.trouble is None:
            piece.begun = True
            self._items.begin(piece)
            if (begin := self._dialect.begin()) is not None:
                return begin
        while piece.due and piece.trouble is None and not piece.unwanted:
            if (sound := piece.next_message()) is not None:
                return self._dialect.append(sound)
        if piece.unwanted or (piece.asked and piece.trouble is None):
            piece.committed = True
            self._items.commit(piece)
            return self._dialect.commit(piece.commit_id)
        return None

    # --- reading ---------------------------------------------------------------------------------

    async def _read(self) -> None:
        """Take in what comes, until the connection is gone."""
        loop = asyncio.get_running_loop()
        try:
            while self.lost is None:
                said = await self._connection.receive()
                self.heard_at = loop.time()
                if said is not None:
                    self._take(said)
        except SpeechError as error:
            self.lost = self.lost or error
        self._wake.set()

    def _take(self, said: Saying) -> None:
        learnt: list[Learnt] | None = []
        match said:
            case Committed():
                learnt = self._items.committed(said)
                if learnt is None:
                    self._torn()
            case MoreWords() | FinalWords() | NoWords():
                learnt = self._items.words(said)
            case LiveProblem():
                self._troubled(said)
        if learnt is None:
            self._note_strange(type(said).__name__)
        for news in learnt or ():
            self._learn(news)

    def _learn(self, news: Learnt) -> None:
        piece, final = news.piece, news.final
        if final is None:
            piece.told_at = piece.samples
            self._tell(piece)
            return
        if not piece.committed:  # the end of what had no id, and was not ended by us
            self.lost = self._server.broke_off()
            return
        usage = final.usage if isinstance(final, FinalWords) else None
        piece.report(self._server.host, self._server.model, usage)
        if isinstance(final, FinalWords):
            self._pieces.settle(piece, final.text)
        else:
            error = self._server.event_error(final.error)
            self._pieces.settle(piece, may_be_asked_elsewhere(error))

    def _troubled(self, problem: LiveProblem) -> None:
        """Take in an error: of one commit, of something else that we sent, or of the session.

        Where nothing has an id, the piece that it is about has ended, and what follows of its sound
        would be taken for another: only a new connection is certain.
        """
        error = may_be_asked_elsewhere(self._server.event_error(problem.error))
        piece = self._items.by_commit_id(problem.event_id) if problem.event_id else None
        if piece is None and problem.code == "input_audio_buffer_commit_empty":
            piece = self._items.oldest_waiting()
        if piece is not None:
            self._items.give_up(piece)
            self._pieces.settle(piece, error)
        elif problem.event_id:
            self._note_strange(f"error {problem.code}")
        elif problem.code == "session_expired" or not self._dialect.pipelined:
            self.lost = error
        else:
            log.warning("live transcription in trouble", problem=str(error))
            for asked in self._pieces:
                if asked.committed:
                    self._items.give_up(asked)
                    self._pieces.settle(asked, error)

    def _torn(self) -> None:
        """Note that the server commits when it likes: the open piece is not whole any more."""
        piece = self._items.current
        if piece is not None and not piece.committed:
            self._pieces.spoil(piece, self._server.unreadable())

    def _note_strange(self, what: str) -> None:
        """Log what is about nothing of ours, once for each kind."""
        if what not in self._strange:
            self._strange.add(what)
            log.warning("live transcription told of something unknown", kind=what)
