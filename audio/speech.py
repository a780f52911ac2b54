"""Speech providers: the protocols that all of them meet, and the errors they may raise.

Whisper and text to speech, local or remote, are told apart nowhere above this file.
"""

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from audio.well_formed import well_formed

SPEECH_RATE = 16_000
"""Sample rate in Hz of all transcribers' input: Whisper and Silero are trained on it."""

VOICE_RATE = 24_000
"""Sample rate in Hz at which replies are kept and positions in them counted: what OpenAI's speech
and the local voice both yield. Legs of other rates convert at the edge."""


@dataclass(frozen=True, slots=True)
class ServedBy:
    """Who has done a piece of work."""

    provider: str
    """Host of the provider, "local" for what runs in this process."""

    model: str
    """Name of the model."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """Result of transcribing one piece of audio."""

    text: str
    """Words; empty when nothing was said, or when all of it was a hallucination (see
    `audio.hallucinations`)."""

    confidence: float | None
    """Confidence, exp(mean token log-probability), 0..1; None where the provider reports nothing of
    it."""

    audio_ms: int
    """Length of the audio."""

    compute_ms: float
    """Wall time that the transcription took."""

    model: str
    """Name of the model."""

    provider: str = ""
    """Host of the provider, "local" for what runs in this process; "" if unknown."""

    own_confidence: bool = False
    """Whether the confidence is Viva's own judgement, where the provider reports nothing of it."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", well_formed(self.text))


class Transcriber(Protocol):
    """Speech to text over whole pieces of audio (Whisper has no streaming of its own)."""

    @property
    def model(self) -> str:
        """Name of the model, as it is stored with each turn."""

    async def warm_up(self) -> None:
        """Load what is needed, so that the first real call is not slow. Raises SpeechError."""

    async def transcribe(
        self, audio: NDArray[np.int16], *, prompt: str = "", language: str = "en"
    ) -> Transcript:
        """Transcribe mono PCM16 at `SPEECH_RATE`, shape (samples,).

        `prompt` is the text that came before, or words to expect. Raises SpeechError.
        """

    async def close(self) -> None:
        """Free threads and connections."""


class SpeechStream(Protocol):
    """One session's open line to a streaming transcriber: the sound of one utterance at a time.

    Sound goes up while it is spoken; a commit ends a piece and asks for its final words, which come
    while the next piece goes up already. Partial words are told of the newest piece only: what is
    still learnt of an earlier one, once there is sound of the next, comes with its final words. A
    piece too short to be committed has none.
    """

    def append(self, audio: NDArray[np.int16]) -> None:
        """Send mono PCM16 at `SPEECH_RATE`, shape (samples,). Returns at once, raises nothing.

        What the connection cannot take is noticed by the commit.
        """

    async def commit(self) -> Transcript:
        """Return the final words of what was appended before the call. Raises SpeechError.

        A retryable error says that the same sound may be given to a `Transcriber` instead: so it is
        with words that are late, fail, or are known to be cut off.
        """

    def discard(self) -> None:
        """Forget what was appended since the last commit: it was no speech."""

    async def close(self) -> None:
        """Close the line."""


class StreamingTranscriber(Protocol):
    """Speech to text while it is spoken: the second kind of transcriber, beside `Transcriber`."""

    @property
    def model(self) -> str:
        """Name of the model, as it is stored with each turn."""

    async def warm_up(self) -> None:
        """Load what is needed, so that the first real call is not slow. Raises SpeechError."""

    def open(
        self,
        *,
        terms: Sequence[str],
        language: str,
        on_partial: Callable[[str], None],
    ) -> SpeechStream:
        """Open a session's line, at once; a connection is made ahead of the first sound.

        `terms` are words to expect, `on_partial` takes the words of the newest piece so far.
        """

    async def close(self) -> None:
        """Close all lines and connections."""


@dataclass(slots=True)
class SpokenFacts:
    """Facts of one sentence's voicing, filled in by who makes the sound while it is made."""

    provider: str = ""
    """Host of the provider, "local" for a voice in this process; "" while nobody has spoken."""

    model: str = ""
    """Name of the model that spoke."""

    said: str | None = None
    """What was said, where it is known to differ from the text in form ("I'm" for "I am"); None:
    the text."""

    begun_again: int = 0
    """How often the sentence was begun again by another voice, after sound of it was handed on. It
    grows just before the first piece of the new beginning."""

    failed: tuple[str, ...] = ()
    """Names of voices that are not to be asked: they failed in this reply already. Who asks carries
    them on from one sentence to the next."""


class Synthesizer(Protocol):
    """Text to speech, streamed."""

    @property
    def model(self) -> str:
        """Name of the model, as it is stored with each turn."""

    @property
    def sample_rate(self) -> int:
        """Sample rate in Hz of what `speak` yields."""

    async def warm_up(self) -> None:
        """Load what is needed, so that the first real call is not slow. Raises SpeechError."""

    def speak(
        self, text: str, *, speed: float = 1.0, facts: SpokenFacts | None = None
    ) -> AsyncGenerator[bytes, None]:
        """Yield mono PCM16 (little endian, whole samples) as it is made.

        `text` is about one sentence, `speed` a factor of the voice's own (0.5 to 1.5) that leaves
        its pitch unchanged. `facts` are filled in before the first piece, what was said by the
        last. `aclose` stops the work. Raises SpeechError while iterated.
        """

    async def close(self) -> None:
        """Free threads and connections."""


class SpeechError(Exception):
    """Failure of a speech provider; the text is a sentence a person understands.

    `retryable` says whether the same call may succeed a little later; `retry_after_s` is the wait
    that the provider asked for (its Retry-After), if it stated one.
    """

    def __init__(
        self, message: str, *, retryable: bool = False, retry_after_s: float | None = None
    ) -> None:
        super().__init__(message)
        self.retryable = retryable
        self.retry_after_s = retry_after_s


class SpeechUnavailable(SpeechError):
    """Provider that cannot be reached, timed out, or answered with a server error."""


class SpeechRejected(SpeechError):
    """Request that the provider refused: wrong key, unknown model, bad input."""


class SpeechBusy(SpeechError):
    """More work waiting than the local workers, or the provider's rate limit, allow."""


class VoiceDeparted(SpeechError):
    """Sentence that a voice did not say as it stands: another voice is to say it again.

    The same voice is not asked again: it would be as likely to depart.
    """
