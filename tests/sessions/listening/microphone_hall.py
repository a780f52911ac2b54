"""One session's listener in virtual time, with real voice activity detection and a microphone."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from audio.interim_transcriber import InterimTranscriber
from audio.pcm import ms_of, samples_of
from audio.smart_turn import TurnModel
from audio.speech import SPEECH_RATE
from audio.vad import VadBank, VadStream
from sessions.listening.listener import Listener
from sessions.listening.local_agreement import CaptionText
from sessions.listening.streamed_speech import StreamedSpeech
from sessions.listening.vad_ticker import VadTicker
from sessions.turntaking import events as ev
from tests.fakes.fake_speech import FakeTranscriber
from tests.fakes.microphone import Microphone
from tests.sessions.fake_stream import FakeStreaming
from tests.support.virtual_time import now_ms, pass_ms

E = TypeVar("E", bound=ev.Event)

BANK = VadBank()
"""The model is loaded once for all tests."""


def silence(ms: float) -> NDArray[np.int16]:
    """Between two words."""
    return np.zeros(samples_of(ms, SPEECH_RATE), np.int16)


def joined(*pieces: NDArray[np.int16]) -> NDArray[np.int16]:
    """One after the other."""
    return np.concatenate(pieces)


def seconds(sound: NDArray[np.int16]) -> float:
    """How long it is."""
    return len(sound) / SPEECH_RATE


def voice_span_ms(sound: NDArray[np.int16]) -> tuple[float, float]:
    """From where to where somebody speaks in a clean recording, ms, by its loudness alone: frames
    of 10 ms within 30 dB of the loudest."""
    step = SPEECH_RATE // 100
    frames = sound[: len(sound) // step * step].reshape(-1, step).astype(float)
    loud = np.flatnonzero((frames**2).mean(axis=1) > (frames**2).mean(axis=1).max() / 1_000)
    return float(loud[0] * 10), float((loud[-1] + 1) * 10)


def breathless(sound: NDArray[np.int16]) -> NDArray[np.int16]:
    """The same without any pause: frames of 10 ms that are 25 dB below the loudest left out."""
    step = SPEECH_RATE // 100
    frames = sound[: len(sound) // step * step].reshape(-1, step)
    power = (frames.astype(float) ** 2).mean(axis=1)
    kept: NDArray[np.int16] = frames[power > power.max() / 316].reshape(-1)
    return kept


class LoudnessBank(VadBank):
    """Takes whatever is loud for speech, in no time: for hours of sound."""

    def _judge(self, batch: list[VadStream]) -> NDArray[np.float32]:
        windows = np.stack([stream._take_window() for stream in batch]).astype(np.float32)
        loud: NDArray[np.float32] = ((windows**2).mean(axis=1) > 300**2).astype(np.float32)
        return loud


class Room:
    """A listener, its microphone, and what it posted: (ms, event)."""

    def __init__(
        self,
        transcriber: FakeTranscriber | None = None,
        vad_ticker: VadTicker | None = None,
        turn_model: TurnModel | None = None,
        *,
        live: bool = False,
        streaming: FakeStreaming | None = None,
    ) -> None:
        self.transcriber = transcriber or FakeTranscriber()
        self.interims = InterimTranscriber(self.transcriber, workers=1)
        self.vad_ticker = vad_ticker or VadTicker(BANK)
        self.events: list[tuple[float, ev.Event]] = []
        self.captions: list[tuple[int, str]] = []
        self.shown: list[tuple[float, CaptionText]] = []
        self.tasks: set[asyncio.Task[None]] = set()
        self.spawned = 0
        self.failures: list[BaseException] = []
        self._news = asyncio.Event()
        self.listener = Listener(
            vad_ticker=self.vad_ticker,
            transcriber=self.interims,
            language="en",
            terms=lambda: "Kubernetes.",
            now=now_ms,
            post=self.post,
            spawn=self.spawn,
            turn_model=turn_model,
            on_caption=self._show,
            utterance=lambda: 1,
            interim=self.interims.interim if live else None,
            streamed=StreamedSpeech(streaming, terms=("Kubernetes",)),
        )
        self.microphone = Microphone(self._hear)
        self.sent = bytearray()

    def _hear(self, samples: NDArray[np.int16]) -> None:
        self.sent += samples.tobytes()
        self.listener.feed(samples)

    def _show(self, utterance: int, caption: CaptionText) -> None:
        self.captions.append((utterance, caption.text))
        self.shown.append((now_ms(), caption))

    def post(self, event: ev.Event) -> None:
        self.events.append((now_ms(), event))
        self._news.set()

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self.spawned += 1
        self.tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.failures.append(error)

    def open(self) -> None:
        """A leg's sound begins."""
        self.listener.attach()
        self.microphone.open()

    def close(self) -> None:
        """The leg is gone."""
        self.microphone.close()
        self.listener.detach()

    async def next(self, kind: type[E], *, skip: int = 0) -> E:
        """The first event of a kind, after `skip` others of it, which may still be to come."""
        while len(found := self.of(kind)) <= skip:
            self._news.clear()
            await self._news.wait()
        return found[skip]

    def of(self, kind: type[E]) -> list[E]:
        """The events of a kind."""
        return [event for _, event in self.events if isinstance(event, kind)]

    def edges(self) -> str:
        """Starts and stops, as "+-+-"."""
        marks = {ev.SpeechStarted: "+", ev.SpeechStopped: "-"}
        return "".join(marks.get(type(event), "") for _, event in self.events)

    async def words(self, utterance: int, attempt: int) -> ev.TranscriptFinal:
        """Ask for the words, and wait for them."""
        before = len(self.of(ev.TranscriptFinal))
        self.listener.finish(utterance, attempt)
        return await self.next(ev.TranscriptFinal, skip=before)

    @property
    def heard_ms(self) -> list[float]:
        """How long each piece was that was transcribed."""
        return [ms_of(len(audio), SPEECH_RATE) for audio in self.transcriber.heard]

    @property
    def buffered_ms(self) -> float:
        """How much sound is kept."""
        buffer = self.listener._buffer
        return ms_of(buffer.end - buffer.start, SPEECH_RATE)

    async def say_and_pause(self, sound: NDArray[np.int16], pause_ms: float = 400) -> None:
        """Speak, and be silent long enough for the pause to be noticed."""
        await self.microphone.say(sound)
        await pass_ms(pause_ms)
