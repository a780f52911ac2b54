"""PhoneDialogue: speaks and listens on a leg before its interview is known, or before consent.

It listens and speaks as a session does, but keeps nothing: what is said here does not go on record.
It does not listen while it speaks itself, or the echo of a question could answer it; keys count at
any time.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Self, assert_never

import numpy as np
import structlog
from numpy.typing import NDArray

from audio.pcm import from_bytes
from audio.resample import StreamingResampler
from audio.speech import VOICE_RATE, SpeechError
from sessions.leg import (
    AnswerComplete,
    ContinuedByCandidate,
    DigitPressed,
    EndRequestedByCandidate,
    FlushDone,
    InterruptRequested,
    Leg,
    LegEvent,
    MarkReached,
    MuteChanged,
    PlayedTo,
    TextTyped,
)
from sessions.listening.listener import Listener
from sessions.session_context import Providers
from sessions.side_tasks import contained
from sessions.speaking.playback import Playback
from sessions.speaking.voiced_reply import VoicedReply, VoicedSentence
from sessions.turntaking import events as ev

SPOKEN_WITHIN_S = 60.0
"""Seconds; nothing that is said here takes longer. A leg that never reports playback is not waited
for."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class CallerResponse:
    """What the caller answered: words, or keys; neither if there was silence."""

    words: str = ""
    keys: str = ""


class PhoneDialogue:
    """One dialogue with a caller.

    Use it as a context, from one task; `hear` and `receive` are called by the leg's reader.

    Generations are negative, so that none is taken for one of the session that follows.
    """

    def __init__(
        self, leg: Leg, providers: Providers, language: str = "en", *, after: int = 0
    ) -> None:
        """Open a dialogue; `after` is the last generation of an earlier one on this leg."""
        self._synthesizer = providers.synthesizer
        self._telephone = leg.telephone
        self._loop = asyncio.get_running_loop()
        self._began_s = self._loop.time()
        self._inbox: asyncio.Queue[ev.Event | str] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()
        self._spawn = contained("phone dialogue", self._create_task)
        self._generation = after
        self._attempt = 0
        self._playback = Playback(
            now=self._now,
            post=self._inbox.put_nowait,
            on_caption=lambda _reply, _text: None,
            ahead_ms=providers.ahead_ms,
        )
        self._playback.attach(leg)
        self._listener = Listener(
            vad_ticker=providers.vad_ticker,
            transcriber=providers.transcriber,
            language=language,
            terms=lambda: "",
            now=self._now,
            post=self._inbox.put_nowait,
            spawn=self._spawn,
            on_caption=lambda _utterance, _caption: None,
            utterance=lambda: 1,
        )

    @property
    def generation(self) -> int:
        """Generation of what was said last."""
        return self._generation

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        self._playback.close()
        self._listener.detach()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # --- from the leg ----------------------------------------------------------------------------

    def hear(self, samples: NDArray[np.int16]) -> None:
        """Take in the caller's sound: mono PCM16 at 16 kHz."""
        self._listener.feed(samples)

    def receive(self, event: LegEvent) -> None:
        """Take in what the leg reports: keys, and how far it has played."""
        match event:
            case DigitPressed(digit):
                self._inbox.put_nowait(digit)
            case PlayedTo(generation, samples):
                self._playback.played(generation, samples)
            case MarkReached(generation):
                self._playback.marked(generation)
            case FlushDone(generation, samples):
                self._playback.flushed(generation, samples)
            case TextTyped() | AnswerComplete() | InterruptRequested() | EndRequestedByCandidate():
                pass  # no telephone sends these
            case MuteChanged() | ContinuedByCandidate():
                pass  # no telephone sends these
            case _:
                assert_never(event)

    # --- the dialogue ----------------------------------------------------------------------------

    async def say(self, *sentences: str) -> str:
        """Say something.

        Return the key that was pressed meanwhile, and "" once all of it was heard. A voice that
        fails is silence.
        """
        self._generation -= 1
        reply = VoicedReply(self._generation)
        self._playback.release(reply)
        self._spawn(self._voice(reply, sentences))
        try:
            async with asyncio.timeout(SPOKEN_WITHIN_S):
                while True:
                    match await self._inbox.get():
                        case str(key):
                            self._cut_short(reply)
                            return key
                        case ev.PlaybackEnded(generation) if generation == reply.generation:
                            return ""
        except TimeoutError:
            self._cut_short(reply)
            return ""

    async def listen(
        self, within_s: float, enough: Callable[[str], bool] = bool, *, keys: str = ""
    ) -> CallerResponse:
        """Return words, or keys as soon as they are `enough`.

        Whatever there is after `within_s` without any. `keys` were pressed before.
        """
        self._listener.attach(telephone=self._telephone)
        try:
            while not (keys and enough(keys)):
                async with asyncio.timeout(within_s):
                    event = await self._inbox.get()
                match event:
                    case str(key):
                        keys += key
                    case ev.SpeechStopped():
                        self._attempt += 1
                        self._listener.finish(self._attempt, self._attempt)
                    case ev.TranscriptFinal(_, attempt, text) if attempt == self._attempt:
                        self._listener.drop()
                        if text:
                            return CallerResponse(words=text)
        except TimeoutError:
            pass
        finally:
            self._listener.drop()
            self._listener.detach()
        return CallerResponse(keys=keys)

    # --- helpers ---------------------------------------------------------------------------------

    def _now(self) -> float:
        return (self._loop.time() - self._began_s) * 1000

    def _create_task(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _cut_short(self, reply: VoicedReply) -> None:
        """Voice and play no more of a reply."""
        reply.complete = True
        self._playback.discard(reply.generation)

    async def _voice(self, reply: VoicedReply, sentences: tuple[str, ...]) -> None:
        try:
            for text in sentences:
                if reply.complete:
                    return
                await self._voice_sentence(reply, text)
        except SpeechError as error:
            log.warning("phone dialogue has no voice", problem=str(error))
        except Exception:
            self._end(reply)  # or it would be waited for
            raise
        self._end(reply)

    def _end(self, reply: VoicedReply) -> None:
        """Voice no more of a reply; what there is of it is still heard."""
        reply.complete = True
        if reply.samples:
            self._playback.on_audio(reply)
        else:
            self._inbox.put_nowait(ev.PlaybackEnded(reply.generation, self._now(), "", ""))

    async def _voice_sentence(self, reply: VoicedReply, text: str) -> None:
        sentence = VoicedSentence(text, reply.samples)
        reply.sentences.append(sentence)
        rate = self._synthesizer.sample_rate
        resampler = StreamingResampler(rate, VOICE_RATE)
        async with aclosing(self._synthesizer.speak(text)) as sound:
            async for pcm in sound:
                if reply.complete:
                    return
                reply.pcm += resampler.process(from_bytes(pcm)).tobytes()
                self._playback.on_audio(reply)
        reply.pcm += resampler.flush().tobytes()
        sentence.end = reply.samples
