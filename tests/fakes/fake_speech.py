"""Speech providers that take as long as they are told, say tones, and fail on demand."""

from collections import deque
from collections.abc import AsyncGenerator, Callable

import numpy as np
from numpy.typing import NDArray

from audio.speech import (
    SPEECH_RATE,
    VOICE_RATE,
    SpeechError,
    SpeechUnavailable,
    SpokenFacts,
    Transcript,
)
from tests.support.virtual_time import pass_ms


class FakeTranscriber:
    """Understands `says` in whatever it hears; `answers`, while there are any, come first. An
    exception among them is raised."""

    model = "fake-stt"
    provider = ""

    def __init__(self, says: str = "", latency_ms: float = 150.0) -> None:
        self.says = says
        self.latency_ms = latency_ms
        self.answers: deque[str | Exception] = deque()
        self.heard: list[NDArray[np.int16]] = []
        self.prompts: list[str] = []

    async def warm_up(self) -> None:
        """Nothing is to be loaded."""

    async def transcribe(
        self, audio: NDArray[np.int16], *, prompt: str = "", language: str = "en"
    ) -> Transcript:
        """See `Transcriber`."""
        self.heard.append(audio)
        self.prompts.append(prompt)
        answer = self.answers.popleft() if self.answers else self.says
        await pass_ms(self.latency_ms)
        if isinstance(answer, Exception):
            raise answer
        audio_ms = len(audio) * 1000 // SPEECH_RATE
        return Transcript(
            answer, 0.9, audio_ms, self.latency_ms, self.model, provider=self.provider
        )

    async def close(self) -> None:
        """Nothing is to be freed."""


class FakeSynthesizer:
    """A tone of `word_ms` for each word, in pieces of 100 ms; a piece takes `speed` times its
    length to make, the first one `first_ms` more.

    Each sentence ends with `tail_ms` of silence. One with a word of `failing` in it breaks off
    after `failing_after` pieces. `on_first` is called when the first piece of a sentence is made,
    just before anybody gets it.
    """

    model = "fake-tts"

    def __init__(
        self,
        *,
        word_ms: float = 300.0,
        first_ms: float = 60.0,
        speed: float = 0.05,
        rate: int = VOICE_RATE,
        tail_ms: float = 0.0,
    ) -> None:
        self.word_ms = word_ms
        self.tail_ms = tail_ms
        self.first_ms = first_ms
        self.speed = speed
        self._rate = rate
        self.on_first: Callable[[], None] = lambda: None
        self.failing: set[str] = set()
        self.failing_after = 0
        self.error: Exception = SpeechUnavailable("The voice cannot be reached.", retryable=True)
        self.spoken: list[str] = []
        self.speeds: list[float] = []
        self.open = 0

    @property
    def sample_rate(self) -> int:
        """Of what `speak` yields, in Hz."""
        return self._rate

    async def warm_up(self) -> None:
        """Nothing is to be loaded."""

    async def speak(
        self, text: str, *, speed: float = 1.0, facts: SpokenFacts | None = None
    ) -> AsyncGenerator[bytes, None]:
        """See `Synthesizer`."""
        self.spoken.append(text)
        self.speeds.append(speed)
        self.open += 1
        try:
            await pass_ms(self.first_ms)
            sound = tone(len(text.split()) * self.word_ms / speed, self._rate).tobytes()
            sound += bytes(2 * round(self.tail_ms * self._rate / 1000))
            piece = self._rate // 10 * 2
            fails = any(word in text for word in self.failing)
            for number, begin in enumerate(range(0, len(sound), piece)):
                if fails and number >= self.failing_after:
                    raise self.error
                await pass_ms(100 * self.speed)
                if not number:
                    self.on_first()
                yield sound[begin : begin + piece]
        finally:
            self.open -= 1

    async def close(self) -> None:
        """Nothing is to be freed."""


def tone(ms: float, rate: int = VOICE_RATE) -> NDArray[np.int16]:
    """440 Hz."""
    times = np.arange(round(ms * rate / 1000)) / rate
    return (8_000 * np.sin(2 * np.pi * 440 * times)).astype("<i2")


def unavailable(sentence: str = "The provider cannot be reached.") -> SpeechError:
    """As a provider that is down raises."""
    return SpeechUnavailable(sentence, retryable=True)
