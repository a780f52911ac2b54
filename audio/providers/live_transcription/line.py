"""Line: one session's live transcription, over one connection at a time.

The connection is made ahead of the first sound, closed while nobody speaks for long, replaced
between two pieces before the server ends it, and made again when it is lost; sound that was not
committed then is sent again, and what was committed fails, so that it is heard elsewhere at once.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from contextvars import copy_context
from dataclasses import dataclass

import numpy as np
import structlog
from numpy.typing import NDArray

from audio.hallucinations import Piece as Heard
from audio.hallucinations import speech_ms_of, text_of, without_hallucinations
from audio.providers.live_transcription.connection import LiveConnection
from audio.providers.live_transcription.conversation import LiveConversation
from audio.providers.live_transcription.dialects import LiveDialect
from audio.providers.live_transcription.pieces import SoundPiece, SoundPieces
from audio.providers.openai_server import OpenAIServer
from audio.speech import SPEECH_RATE, SpeechError, SpeechUnavailable, Transcript

MIN_COMMIT_MS = 100.0
"""Shortest sound that OpenAI lets one commit; it answers less with an error, a second later."""

COMMIT_WITHIN_S = 2.5
"""Time from a commit to its words, after which the file endpoint is asked: of 50 commits measured
in October 2026 the median took 0.53 to 0.7 s and the slowest 1.7 s."""

CONNECT_WITHIN_S = 5.0
"""Time for a connection, its TLS and the setting of its session."""

IDLE_S = 120.0
"""Time without sound after which the connection is closed; the next sound opens another."""

ROTATE_S = 50 * 60.0
"""Age from which a connection is replaced between two pieces: OpenAI ends it after 60 minutes
(its guide), whatever is being said."""

SHORT_LIFE_S = 10.0
"""Life of a connection whose loss counts as a failure: after a second one time passes first."""

PAUSE_S, MAX_PAUSE_S = 0.25, 30.0
"""First and longest pause between attempts to connect, each twice the one before, jittered by half.
Words that are asked for meanwhile fail at once."""

MAX_UNANSWERED = 4
"""Commits without their words, over one connection, after which it is given up."""

FEWEST_CHARS_A_S, UNCOUNTED_S = 4.0, 1.0
"""Characters for each second of sound above its own noise, beyond some, below which a text is cut
off. Answers of the corpus have 15 a second in the median."""

LEAST_OF_THE_TOLD = 0.75
"""Part of the words told so far that a final text holds at least; those are only ever added to."""

MAX_UNTOLD_MS = 2_000.0
"""Speech after the last word that was told, with no more words at the end: then they have stopped
in the midst of it, as OpenAI's do now and then without an error. They follow speech by 0.9 s."""

log = structlog.get_logger()
_random = random.SystemRandom()

Opener = Callable[[], Awaitable[LiveConnection]]


@dataclass(frozen=True, slots=True)
class LineTimes:
    """Deadlines of a line, in seconds."""

    commit_within_s: float = COMMIT_WITHIN_S
    connect_within_s: float = CONNECT_WITHIN_S
    idle_s: float = IDLE_S
    rotate_s: float = ROTATE_S
    pause_s: float = PAUSE_S


class LiveLine:
    """A session's line: the protocol `audio.speech.SpeechStream`. For use from one event loop.

    `open_connection` makes a connection whose session is set; `on_partial` takes the words of the
    newest piece, `on_end` is called when the line is closed; `prompt` are the words to expect, in
    one text.
    """

    def __init__(
        self,
        server: OpenAIServer,
        dialect: LiveDialect,
        open_connection: Opener,
        on_partial: Callable[[str], None],
        on_end: Callable[[], None],
        *,
        prompt: str,
        times: LineTimes,
    ) -> None:
        self._server = server
        self._dialect = dialect
        self._open_connection = open_connection
        self._on_partial = on_partial
        self._on_end = on_end
        self._prompt = prompt
        self._times = times
        self._wake = asyncio.Event()
        self._open: SoundPiece | None = None
        self._pieces = SoundPieces(self._wake.set)
        self._number = 0
        self._conversation: LiveConversation | None = None
        self._opened_at = 0.0
        self._out_of_reach: SpeechError | None = None
        self._wanted = True
        self._closed = False
        self._sound_at = self._now()
        self._task = asyncio.create_task(self._run())
        self._task.add_done_callback(self._end)

    def append(self, audio: NDArray[np.int16]) -> None:
        """Send mono PCM16 at SPEECH_RATE, shape (samples,). Returns at once, raises nothing."""
        if self._closed or audio.size == 0:
            return
        if self._open is None:
            self._number += 1
            self._open = SoundPiece(self._number, self._dialect.rate)
            self._pieces.add(self._open)
        self._open.add(audio)
        self._sound_at = self._now()
        if self._open.due:
            self._wake.set()

    async def commit(self) -> Transcript:
        """Return the final words of what was appended before the call. Raises SpeechError."""
        began, asked_at = time.perf_counter(), self._now()
        piece, self._open = self._open, None
        if self._closed:
            raise self._closed_error()
        if piece is None or piece.audio_ms < MIN_COMMIT_MS:
            self._throw_away(piece)
            return self._transcript("", 0.0 if piece is None else piece.audio_ms, began)
        failed = piece.trouble or self._out_of_reach
        if failed is not None:
            self._throw_away(piece)
            raise failed
        sound = piece.sound()
        speech_ms = speech_ms_of(sound, SPEECH_RATE)
        piece.ask(copy_context())
        self._wake.set()
        try:
            await asyncio.wait([piece.outcome], timeout=self._times.commit_within_s)
        finally:
            if not piece.outcome.done():
                self._give_up(piece, asked_at)
        if not piece.outcome.done():
            raise self._server.timeout_error(self._times.commit_within_s)
        outcome = piece.outcome.result()
        if isinstance(outcome, SpeechError):
            raise outcome
        text = outcome.strip()
        untold = sound[max(0, sound.size - (piece.samples - piece.told_at)) :]
        if is_cut_off(text, piece.text, speech_ms, speech_ms_of(untold, SPEECH_RATE)):
            raise SpeechUnavailable(
                f"{self._server.host} sent fewer words than were spoken.", retryable=True
            )
        heard = without_hallucinations([Heard(text)], speech_ms=speech_ms, prompt=self._prompt)
        return self._transcript(text_of(heard), piece.audio_ms, began)

    def discard(self) -> None:
        """Forget what was appended since the last commit: it was no speech."""
        piece, self._open = self._open, None
        self._throw_away(piece)

    async def close(self) -> None:
        """Close the line. Words that are still on their way fail."""
        self._closed = True
        self._task.cancel()
        await asyncio.wait([self._task])

    # --- the life of a connection ----------------------------------------------------------------

    async def _run(self) -> None:
        """Keep a connection while it is wanted."""
        failures = 0
        while True:
            await self._until_wanted()
            connection = await self._connect()
            if isinstance(connection, SpeechError):
                await self._pause(connection, failures)
                failures += 1
                continue
            failed = await self._converse(connection)
            if failed is None or self._now() - self._opened_at >= SHORT_LIFE_S:
                failures = 0
                continue
            if failures:
                await self._pause(failed, failures)
            failures += 1

    async def _until_wanted(self) -> None:
        """Wait until there is something to send, or a connection is wanted ahead of it."""
        while not self._wanted and all(piece.trouble is not None for piece in self._pieces):
            self._wake.clear()
            await self._wake.wait()
        self._wanted = False

    async def _connect(self) -> LiveConnection | SpeechError:
        """Return a connection, or why there is none, once those who wait for words know."""
        try:
            async with asyncio.timeout(self._times.connect_within_s):
                return await self._open_connection()
        except TimeoutError:
            failed = self._server.timeout_error(self._times.connect_within_s)
        except SpeechError as error:
            failed = error
        log.warning("no live transcription", problem=str(failed))
        for piece in self._pieces:
            if piece.asked:
                self._pieces.settle(piece, failed)
        return failed

    async def _converse(self, connection: LiveConnection) -> SpeechError | None:
        """Hold a connection until it is not wanted or gone; return why it is gone."""
        self._opened_at = connection.opened_at
        conversation = LiveConversation(
            self._server, self._dialect, connection, self._pieces, self._wake,
            self._tell, self._ends_at,
        )  # fmt: skip
        self._conversation = conversation
        try:
            await conversation.hold()
        finally:
            self._conversation = None
            self._start_again(conversation.lost)
        return conversation.lost

    def _ends_at(self) -> float | None:
        """Return when the connection is to be closed; None while that cannot be said.

        After long silence nothing follows, after a long life the next one.
        """
        idle_at = max(self._sound_at, self._opened_at) + self._times.idle_s
        rotate_at = self._opened_at + self._times.rotate_s
        if self._pieces.newest is not None:
            return idle_at
        self._wanted = rotate_at < idle_at and self._now() >= rotate_at
        return min(idle_at, rotate_at)

    def _start_again(self, lost: SpeechError | None) -> None:
        """Make what was not committed ready for another connection; what was fails."""
        error = self._closed_error() if self._closed or lost is None else lost
        idle = lost is None and self._now() - self._sound_at >= self._times.idle_s
        if lost is not None:
            log.info("live transcription was cut", problem=str(lost))
        for piece in self._pieces:
            if piece.committed:
                piece.report(self._server.host, self._server.model, None)
            if piece.committed or piece.unwanted:
                self._pieces.settle(piece, error)
            elif idle:  # its sound goes on after long silence, if at all
                self._pieces.spoil(piece, error)
            piece.start_again()

    async def _pause(self, error: SpeechError, failures: int) -> None:
        """Let time pass after a failure; words that are asked for meanwhile fail with it."""
        pause_s = min(self._times.pause_s * 2**failures, MAX_PAUSE_S)
        if not error.retryable:
            pause_s = MAX_PAUSE_S
        self._out_of_reach = error
        try:
            await asyncio.sleep((error.retry_after_s or 0.0) + pause_s * _random.uniform(0.5, 1.0))
        finally:
            self._out_of_reach = None

    def _end(self, task: asyncio.Task[None]) -> None:
        """Fail what waits for words; log a fault of our own."""
        self._closed = True
        for piece in self._pieces:
            self._pieces.settle(piece, self._closed_error())
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("live transcription failed", exc_info=error)
        self._on_end()

    # --- pieces ----------------------------------------------------------------------------------

    def _tell(self, piece: SoundPiece) -> None:
        """Tell the words of the newest piece, unless they are fewer than were told already."""
        if piece is self._pieces.newest and not piece.unwanted and len(piece.text) > piece.told:
            piece.told = len(piece.text)
            self._on_partial(piece.text.strip())

    def _throw_away(self, piece: SoundPiece | None) -> None:
        """Have a piece cleared that was not committed."""
        if piece is not None:
            piece.settle(self._closed_error())
            if self._conversation is None:
                self._pieces.settle(piece, self._closed_error())
            self._wake.set()

    def _give_up(self, piece: SoundPiece, asked_at: float) -> None:
        """Wait for the words of a piece no longer.

        A connection that is silent since then is cut, and one on which the next piece would wait.
        """
        log.warning("live words are late", audio_ms=round(piece.audio_ms))
        piece.unwanted = True
        conversation = self._conversation
        unanswered = sum(known.committed for known in self._pieces)
        silent = conversation is not None and conversation.heard_at < asked_at
        if conversation is None:
            self._pieces.settle(piece, self._server.timeout_error(self._times.commit_within_s))
        elif silent or unanswered >= MAX_UNANSWERED or not self._dialect.pipelined:
            conversation.drop()
        self._wake.set()

    def _closed_error(self) -> SpeechError:
        return SpeechUnavailable("The line to the transcriber is closed.", retryable=True)

    def _transcript(self, text: str, audio_ms: float, began: float) -> Transcript:
        return Transcript(
            text=text,
            confidence=None,
            audio_ms=round(audio_ms),
            compute_ms=(time.perf_counter() - began) * 1000,
            model=self._server.model,
            provider=self._server.host,
        )

    def _now(self) -> float:
        return asyncio.get_running_loop().time()


def is_cut_off(text: str, told: str, speech_ms: float, untold_ms: float) -> bool:
    """Tell whether a text lacks words: some that were `told`, or those of much speech.

    `untold_ms` is the speech that came after the last of the words told.
    """
    words, before = len(text.split()), len(told.split())
    lacks = before - words >= 2 and words < LEAST_OF_THE_TOLD * before
    stopped = before > 0 and words <= before and untold_ms > MAX_UNTOLD_MS
    short = len(text) < FEWEST_CHARS_A_S * (speech_ms / 1000 - UNCOUNTED_S)
    return lacks or stopped or short
