"""Streamed speech: the candidate's sound sent to a streaming transcriber while it is spoken.

The sound between two pauses is a piece: it goes up as it is spoken, from shortly before the onset,
and is committed where the words are asked for. Speech that is resumed is another piece, also while
the words of the first are on their way. What is committed stays known as a stretch of the speech
buffer, so that a piece whose words fail, come late or are too few for its speech can be given to a
segment transcriber.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog
from numpy import int16
from numpy.typing import NDArray

from audio.pcm import ms_of, samples_of
from audio.speech import SPEECH_RATE, SpeechError, SpeechStream, StreamingTranscriber, Transcript
from audio.speech_buffer import SpeechBuffer
from sessions.listening.second_hearing import SecondHearing, rated
from sessions.side_tasks import Spawn

COMMIT_WITHIN_S = 2.0
"""Time after a commit in which its words must be there, or the segment transcriber is asked. Of 50
commits measured in October 2026 the median took 0.53 to 0.7 s and the slowest 1.7 s; the segment
transcriber's own 2 s (99 of 100 requests) still fit into the wait for words."""

FEWEST_CHARS_A_S = 4.0
"""Characters for each second of speech, below which a text is short for it: the stream was cut off,
as it is now and then without an error. Answers of the corpus have 15 in the median; the slowest,
a "No." with the silence around it, has 4.5 beyond `UNCOUNTED_S`."""

UNCOUNTED_S = 0.6
"""Speech that needs no characters: a breath or a hum that the voice detector takes for a voice, and
the edges that it adds to a word."""

SHORTEST_COMMIT_MS = 100.0
"""Shortest sound that OpenAI lets one commit."""

CLOSE_WITHIN_S = 2.0
"""Time that a line may take to close: nobody waits for it who could notice."""

log = structlog.get_logger()


@dataclass(slots=True)
class StreamedPiece:
    """Piece of speech that was committed. Positions are samples of the speech buffer."""

    begin: int
    end: int

    sound: NDArray[int16]
    """What was sent: mono PCM16 at 16 kHz."""

    speech_ms: float
    """How much of it is speech."""

    committed_s: float
    """Time of the event loop at which it was committed."""

    outcome: asyncio.Future[Transcript | None]
    """Its words, None if the stream has none."""

    partials: list[str] = field(default_factory=list)
    """Its words while they were on their way, oldest first."""

    @property
    def text(self) -> str:
        """Words known of it so far."""
        words = self.outcome.result() if self.outcome.done() else None
        if words is not None:
            return words.text
        return self.partials[-1] if self.partials else ""

    def give(self, words: Transcript) -> None:
        """Take its words from elsewhere: those of the stream are not to be had."""
        self.outcome = asyncio.get_running_loop().create_future()
        self.outcome.set_result(words)

    async def words(self) -> Transcript | None:
        """Return its words; None if they fail, come late, or are short for the speech."""
        left_s = self.committed_s + COMMIT_WITHIN_S - asyncio.get_running_loop().time()
        await asyncio.wait([self.outcome], timeout=max(0.0, left_s))
        if not self.outcome.done():
            log.warning(
                "streamed words take too long", audio_ms=ms_of(self.sound.size, SPEECH_RATE)
            )
            return None
        return self.outcome.result()


class StreamedSpeech:
    """One session's line to a streaming transcriber, opened at once; without one, nothing is sent.

    `terms` are words to expect, and `second` hears short pieces a second time. `on_partial` is
    called when more words are known.
    """

    def __init__(
        self,
        transcriber: StreamingTranscriber | None = None,
        *,
        terms: Sequence[str] = (),
        language: str = "en",
        second: SecondHearing | None = None,
    ) -> None:
        self._language = language
        self._second = second or SecondHearing()
        self.on_partial: Callable[[], None] = lambda: None
        self._stream: SpeechStream | None = None
        if transcriber is not None:
            self._stream = transcriber.open(
                terms=terms, language=language, on_partial=self._take_partial
            )
        self._pieces: list[StreamedPiece] = []
        self._begin: int | None = None  # of the open piece; None while there is none
        self._sent_to = 0
        self._committed_to = 0
        self._onset: int | None = None  # the first since the last commit
        self._partials: list[str] = []  # of the open piece
        self._spoken: list[tuple[int, int]] = []  # stretches of speech since the last commit
        self._judged_to = 0
        self._commits_starting = 0  # what is appended now would belong to the piece before

    @property
    def active(self) -> bool:
        """Whether there is a transcriber that hears speech as it is spoken."""
        return self._stream is not None

    # --- sound -----------------------------------------------------------------------------------

    def on_onset(self, position: int) -> None:
        """Note where speech that has begun is to be sent from."""
        if self._onset is None:
            self._onset = position

    def follow(
        self, buffer: SpeechBuffer, segment_begin: int | None, judged_to: int, *, speaking: bool
    ) -> None:
        """Send what was spoken since the last call.

        `segment_begin` is where the sound begins whose words are not known yet, None where nobody
        is to know them: then what was sent is discarded.
        """
        if self._stream is None:
            return
        before, self._judged_to = self._judged_to, judged_to
        if segment_begin is None:
            self._onset = None
            self._spoken.clear()
            self.discard()
            return
        if speaking:
            self._spoken.append((before, judged_to))
        self._pieces = [piece for piece in self._pieces if piece.end > segment_begin]
        floor = max(segment_begin, self._committed_to)
        if self._begin is not None and self._begin < floor:  # it holds what is known otherwise
            self.discard()
        if self._commits_starting:
            return
        begins = self._begin is None and (speaking or self._onset is not None)
        if begins:
            self._open(buffer, floor)
        if speaking or begins:
            self._send(buffer, buffer.end)

    def commit(self, buffer: SpeechBuffer, end: int, spawn: Spawn) -> None:
        """End the open piece at `end`; without one, nothing was said since the last commit.

        `spawn` starts a task that lives no longer than the session.
        """
        if self._begin is None and self._onset is not None:
            self._open(buffer, self._committed_to)
        if self._begin is None or self._stream is None:
            return
        self._send(buffer, end)
        begin, self._begin, self._onset = self._begin, None, None
        speech = sum(max(0, to - max(since, begin)) for since, to in self._spoken)
        loop = asyncio.get_running_loop()
        piece = StreamedPiece(
            begin,
            end,
            buffer.slice(begin, end),
            ms_of(speech, SPEECH_RATE),
            loop.time(),
            loop.create_future(),
            self._partials,
        )
        self._partials, self._spoken, self._committed_to = [], [], end
        self._pieces.append(piece)
        if piece.sound.size < samples_of(SHORTEST_COMMIT_MS, SPEECH_RATE):
            self._stream.discard()
            piece.outcome.set_result(None)
            return
        self._commits_starting += 1
        if spawn(self._words_of(self._stream, piece)) is None:  # the session is over
            self._commits_starting -= 1
            piece.outcome.set_result(None)

    def discard(self) -> None:
        """Forget the open piece: it was no speech, or its words are known otherwise."""
        if self._begin is not None:
            self._begin, self._partials = None, []
            if self._stream is not None:
                self._stream.discard()

    async def close(self) -> None:
        """Close the line."""
        if self._stream is None:
            return
        self._begin = None
        async with asyncio.timeout(CLOSE_WITHIN_S):
            await self._stream.close()

    def _open(self, buffer: SpeechBuffer, floor: int) -> None:
        """Begin a piece shortly before the onset, behind `floor`."""
        onset = self._judged_to if self._onset is None else self._onset
        begin = max(floor, buffer.start, onset)
        self._onset = onset
        self._begin = self._sent_to = min(begin, buffer.end)

    def _send(self, buffer: SpeechBuffer, end: int) -> None:
        if self._stream is not None and end > self._sent_to:
            self._stream.append(buffer.slice(self._sent_to, end))
            self._sent_to = end

    # --- words -----------------------------------------------------------------------------------

    def pieces(self, begin: int, end: int) -> list[StreamedPiece]:
        """Return the committed pieces between two positions, in their order."""
        return [piece for piece in self._pieces if begin < piece.end <= end]

    def words_so_far(self, begin: int) -> str:
        """Return all words after `begin` that the stream has told, which may still change."""
        texts = [piece.text for piece in self._pieces if piece.end > begin]
        return " ".join(filter(None, (*texts, *self._partials[-1:])))

    def _take_partial(self, text: str) -> None:
        if self._begin is not None:
            self._partials.append(text)
        elif self._pieces and not self._pieces[-1].outcome.done():
            self._pieces[-1].partials.append(text)
        else:  # of what was discarded
            return
        self.on_partial()

    async def _words_of(self, stream: SpeechStream, piece: StreamedPiece) -> None:
        self._commits_starting -= 1
        words: Transcript | None = None
        second = self._second.begin(piece.sound, self._language)
        try:
            words = await stream.commit()
            partial = piece.partials[-1] if piece.partials else None
            words = rated(words, piece.speech_ms, partial, second)
        except SpeechError as error:
            log.warning("streamed transcription failed", problem=str(error))
        finally:
            if words is not None and is_short(words.text, piece.speech_ms):
                log.warning(
                    "streamed words are short", speech_ms=piece.speech_ms, chars=len(words.text)
                )
                words = None
            if not piece.outcome.done():
                piece.outcome.set_result(words)


def is_short(text: str, speech_ms: float) -> bool:
    """Tell whether a text cannot be all that was said in so much speech."""
    return len(text) < FEWEST_CHARS_A_S * (speech_ms / 1000 - UNCOUNTED_S)
