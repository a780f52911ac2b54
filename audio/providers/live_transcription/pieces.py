"""Pieces: the sound between two commits of a line, kept until its words can be asked for."""

import asyncio
import base64
from collections.abc import Callable, Iterator
from contextvars import Context

import numpy as np
from numpy.typing import NDArray

from audio.metering import Consumption, Service, report
from audio.pcm import ms_of, samples_of
from audio.providers.live_transcription.sayings import LiveUsage
from audio.resample import StreamingResampler
from audio.speech import SPEECH_RATE, SpeechError

APPEND_MS = 50
"""Sound in one message: what LiveKit's client sends, two or three frames of a microphone."""

KEPT_S = 60.0
"""Sound of one piece that is kept, so that it can be sent again over another connection: twice the
longest piece that a listener lets grow, 1.9 MB."""

_APPEND_SAMPLES = samples_of(APPEND_MS, SPEECH_RATE)
_KEPT_SAMPLES = samples_of(KEPT_S * 1000, SPEECH_RATE)

Outcome = str | SpeechError
"""Final text of a piece, or why there is none."""


class SoundPiece:
    """One piece of sound on its way to its words. `number` is told to nobody else on the line."""

    def __init__(self, number: int, rate: int) -> None:
        self.number = number
        self.samples = 0
        """Samples at SPEECH_RATE that were appended."""

        self.text = ""
        """Words so far."""

        self.told_at = 0
        """Samples that had been appended when the last words came."""

        self.told = 0
        """Length of the text that was told last."""

        self.asked = False
        """Whether its words were asked for: no more sound comes."""

        self.unwanted = False
        """Whether nobody waits for its words any more."""

        self.begun = False
        """Whether something of it was sent over the present connection."""

        self.committed = False
        """Whether the server was asked for its words."""

        self.trouble: SpeechError | None = None
        """Why its words cannot be had whole; known before the server is asked for them."""

        self.outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        """How it ended."""

        self._context = Context()
        self._rate = rate
        self._resampler = StreamingResampler(SPEECH_RATE, rate)
        self._sound = bytearray()  # PCM16 at SPEECH_RATE, from `_kept_from` on
        self._kept_from = 0
        self._sent_to = 0
        self._flushed = False

    @property
    def audio_ms(self) -> float:
        """Length of its sound."""
        return ms_of(self.samples, SPEECH_RATE)

    @property
    def commit_id(self) -> str:
        """Id of the event that commits it."""
        return f"commit_{self.number}"

    @property
    def due(self) -> bool:
        """Whether there is a message's worth of sound to send, or the rest of it."""
        unsent = self.samples - self._sent_to
        return unsent >= _APPEND_SAMPLES or (self.asked and not self._flushed)

    @property
    def whole(self) -> bool:
        """Whether all that is still to be sent is kept."""
        return self._kept_from <= self._sent_to

    def add(self, audio: NDArray[np.int16]) -> None:
        """Take more sound. What is beyond KEPT_S cannot be sent a second time."""
        self._sound += audio.astype("<i2").tobytes()
        self.samples += audio.size
        beyond = self.samples - self._kept_from - _KEPT_SAMPLES
        if beyond >= SPEECH_RATE:  # a second at a time: each moves all the rest
            del self._sound[: 2 * beyond]
            self._kept_from += beyond

    def ask(self, context: Context) -> None:
        """Have the rest sent. What is used for its words is reported in `context`."""
        self.asked = True
        self._context = context

    def sound(self) -> NDArray[np.int16]:
        """Return what is kept of its sound."""
        return np.frombuffer(bytes(self._sound), "<i2")

    def next_message(self) -> str | None:
        """Return the next sound to send, in base64; None if all of it is still being resampled."""
        begin = 2 * (self._sent_to - self._kept_from)
        part = np.frombuffer(bytes(self._sound[begin : begin + 2 * _APPEND_SAMPLES]), "<i2")
        self._sent_to += part.size
        wire = self._resampler.process(part)
        if self.asked and self._sent_to == self.samples:
            self._flushed = True
            if self._resampler.source_rate != self._rate:
                wire = np.concatenate((wire, self._resampler.flush()))
        return base64.b64encode(wire.astype("<i2").tobytes()).decode() if wire.size else None

    def start_again(self) -> None:
        """Make ready for another connection."""
        self._sent_to, self._flushed, self.begun = 0, False, False
        self.text = ""
        self._resampler = StreamingResampler(SPEECH_RATE, self._rate)

    def settle(self, outcome: Outcome) -> None:
        """Set its outcome, once, and free its sound: nobody waits for its words any more."""
        self.unwanted = True
        self._sound.clear()
        if not self.outcome.done():
            self.outcome.set_result(outcome)

    def report(self, host: str, model: str, usage: LiveUsage | None) -> None:
        """Report what its words used, where the interview that asked for them counts."""
        used = usage or LiveUsage()
        told = used.audio_ms
        consumption = Consumption(
            Service.HEARING,
            host,
            model,
            audio_ms=round(self.audio_ms) if told is None else told,
            input_tokens=used.input_tokens,
            audio_input_tokens=used.audio_input_tokens,
            output_tokens=used.output_tokens,
        )
        self._context.run(report, consumption)


class SoundPieces:
    """Pieces of a line that are not done with, oldest first; `on_change` is called at a change."""

    def __init__(self, on_change: Callable[[], None]) -> None:
        self._pieces: list[SoundPiece] = []
        self._on_change = on_change

    def __iter__(self) -> Iterator[SoundPiece]:
        return iter(list(self._pieces))

    @property
    def newest(self) -> SoundPiece | None:
        """The one that was added last."""
        return self._pieces[-1] if self._pieces else None

    def add(self, piece: SoundPiece) -> None:
        """Add a piece."""
        self._pieces.append(piece)

    def settle(self, piece: SoundPiece, outcome: Outcome) -> None:
        """Be done with a piece, and set its outcome if it has none."""
        piece.settle(outcome)
        if piece in self._pieces:
            self._pieces.remove(piece)
        self._on_change()

    def spoil(self, piece: SoundPiece, error: SpeechError) -> None:
        """Give up the words of a piece that was not committed; what was sent of it stays known."""
        piece.trouble = error
        if piece.asked:
            piece.settle(error)
        self._on_change()
