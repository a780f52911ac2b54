"""Streaming transcriber that is told what to understand in each piece, and when it fails."""

from collections import deque
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from audio.speech import SPEECH_RATE, Transcript
from tests.support.virtual_time import pass_ms


class FakeStream:
    """One line. `pieces` is the sound of each commit, `dropped` what was discarded."""

    def __init__(self, owner: "FakeStreaming", on_partial: Callable[[str], None]) -> None:
        self.owner = owner
        self.tell = on_partial
        self.pieces: list[NDArray[np.int16]] = []
        self.dropped: list[NDArray[np.int16]] = []
        self.closed = False
        self._open: list[NDArray[np.int16]] = []

    @property
    def open_sound(self) -> NDArray[np.int16]:
        """What was appended since the last commit."""
        return np.concatenate([np.empty(0, np.int16), *self._open])

    def append(self, audio: NDArray[np.int16]) -> None:
        """See `SpeechStream`. With `partials`, a word more is told for each `word_ms`."""
        assert audio.size
        assert not self.closed
        self._open.append(audio)
        count = int(self.open_sound.size / SPEECH_RATE * 1000 / self.owner.word_ms)
        words = self.owner.next_words().split()[:count] if self.owner.partials else []
        if words:
            self.tell(" ".join(words))

    async def commit(self) -> Transcript:
        """See `SpeechStream`."""
        sound = self.open_sound
        self._open.clear()
        self.pieces.append(sound)
        answer = self.owner.answers.popleft() if self.owner.answers else self.owner.says
        await pass_ms(self.owner.latencies.popleft() if self.owner.latencies else 600.0)
        if isinstance(answer, Exception):
            raise answer
        audio_ms = sound.size * 1000 // SPEECH_RATE
        return Transcript(answer, None, audio_ms, 600.0, self.owner.model, "stream.test")

    def discard(self) -> None:
        """See `SpeechStream`."""
        self.dropped.append(self.open_sound)
        self._open.clear()

    async def close(self) -> None:
        """See `SpeechStream`."""
        self.closed = True


class FakeStreaming:
    """Understands `says` in each piece; `answers`, while there are any, come first. An exception
    among them is raised. `latencies` are those of the next commits, in ms; 600 afterwards."""

    model = "fake-stream"

    def __init__(self, says: str = "", *, partials: bool = False, word_ms: float = 350) -> None:
        self.says = says
        self.partials = partials
        self.word_ms = word_ms
        self.answers: deque[str | Exception] = deque()
        self.latencies: deque[float] = deque()
        self.lines: list[FakeStream] = []
        self.terms: Sequence[str] = ()

    def next_words(self) -> str:
        """What the open piece will be understood as."""
        answer = self.answers[0] if self.answers else self.says
        return answer if isinstance(answer, str) else ""

    async def warm_up(self) -> None:
        """Nothing is to be loaded."""

    def open(
        self, *, terms: Sequence[str], language: str, on_partial: Callable[[str], None]
    ) -> FakeStream:
        """See `StreamingTranscriber`."""
        self.terms = terms
        self.lines.append(FakeStream(self, on_partial))
        return self.lines[-1]

    async def close(self) -> None:
        """Nothing is to be freed."""
