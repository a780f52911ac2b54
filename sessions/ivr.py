"""PhoneDialogue: speaks and listens on a leg before its interview is known, or before consent.

It listens and speaks as a session does, but keeps nothing: what is said here does not go on record.
Keys count at any time. Words over its own voice are heard only for somebody who can tell them from
its echo (see `Overhearing`), or the echo of a question could answer it.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Protocol, Self, assert_never

import numpy as np
import structlog
from numpy.typing import NDArray

from audio.pcm import from_bytes, samples_of
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
from sessions.listening.line_echo import LineEchoes
from sessions.listening.listener import Listener
from sessions.session_context import Providers
from sessions.side_tasks import contained
from sessions.speaking.playback import Playback
from sessions.speaking.voiced_reply import VoicedReply, VoicedSentence
from sessions.turntaking import events as ev

SPOKEN_WITHIN_S = 60.0
"""Seconds; nothing that is said here takes longer. A leg that never reports playback is not waited
for."""

OUTLASTED_WITHIN_S = 7.0
"""Seconds for which words that began over our own voice are waited for after its end: as long as a
silence in which an answer is waited for."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class CallerResponse:
    """What the caller answered: words, or keys; neither if there was silence."""

    words: str = ""
    keys: str = ""


@dataclass(frozen=True, slots=True)
class Overheard:
    """Sound of a voice that began over our own: the caller's, or the echo of ours."""

    words: str
    """What was understood; "" if nothing was."""

    sentence: int
    """Index of the sentence of ours that had begun last when it began; -1: none had."""

    outlasted: bool
    """Whether all of ours had been heard before it was understood."""


class Overhearing(Protocol):
    """Function that takes what is overheard, and says whether to say no more."""

    @property
    def trusts(self) -> bool:
        """Whether what is heard is the caller's, as far as it can tell: no echo has come back."""

    def __call__(self, overheard: Overheard, /) -> bool:
        """Take what was overheard; return whether to fall silent at once."""


@dataclass(slots=True)
class _OpenVoice:
    """Voice over our own that is not understood yet. Numbers are indexes of our sentences."""

    began: int | None = None
    """Where it began; None: there is none."""

    again: int | None = None
    """Where it began last, while it sounds."""

    doubtful: bool = False
    """Whether it was perhaps no voice at all."""


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
        self._hears_on = False  # listens without a gap from the end of what was said
        self._echoes = LineEchoes(self._now)
        self._echoes.begin(leg)
        self._playback = Playback(
            now=self._now,
            post=self._inbox.put_nowait,
            on_caption=lambda _reply, _text: None,
            ahead_ms=providers.ahead_ms,
            on_sent=self._echoes.on_sent,
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

    async def say(self, *sentences: str, overhearing: Overhearing | None = None) -> str:
        """Say something; what the caller says meanwhile goes to `overhearing`.

        Return the key that was pressed meanwhile, and "" once all of it was heard, or `overhearing`
        has had enough. A voice that fails is silence.
        """
        self._generation -= 1
        reply = VoicedReply(self._generation)
        self._playback.release(reply)
        self._spawn(self._voice(reply, sentences))
        self._deafen()
        if overhearing is None:
            return await self._said(reply)
        self._listener.attach(telephone=self._telephone, echo=self._echoes.line)
        try:
            return await self._said(reply, overhearing)
        finally:
            if not self._hears_on:
                self._deafen()

    async def _said(self, reply: VoicedReply, overhearing: Overhearing | None = None) -> str:
        """Wait until a reply was heard, or cut short; see `say`."""
        voice, ended = _OpenVoice(), False
        try:
            async with asyncio.timeout(SPOKEN_WITHIN_S) as limit:
                while not ended or voice.began is not None:
                    event = await self._inbox.get()
                    match event:
                        case str(key):
                            self._cut_short(reply)
                            self._hears_on = False
                            return key
                        case ev.PlaybackEnded(generation) if generation == reply.generation:
                            if overhearing is None or not overhearing.trusts:
                                break
                            ended = self._hears_on = True
                            limit.reschedule(self._loop.time() + OUTLASTED_WITHIN_S)
                        case _ if overhearing is not None:
                            overheard = self._overhear(event, reply, voice, ended)
                            if overheard is not None and overhearing(overheard):
                                self._cut_short(reply)
                                break
        except TimeoutError:
            self._cut_short(reply)
            self._hears_on = False
        return ""

    async def listen(
        self, within_s: float, enough: Callable[[str], bool] = bool, *, keys: str = ""
    ) -> CallerResponse:
        """Return words, or keys as soon as they are `enough`.

        Whatever there is after `within_s` without any. `keys` were pressed before.
        """
        if not self._hears_on:
            self._listener.attach(telephone=self._telephone, echo=self._echoes.line)
        self._hears_on = False
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

    def _overhear(
        self, event: ev.Event, reply: VoicedReply, voice: _OpenVoice, ended: bool
    ) -> Overheard | None:
        """Take in an event of the listener; return what is understood by it."""
        match event:
            case ev.SpeechStarted(at_ms):
                voice.again = self._sentence_at(reply, at_ms)
                if voice.began is None:
                    voice.began = voice.again
            case ev.SpeechStopped(_, doubtful):
                voice.again, voice.doubtful = None, doubtful
                self._attempt += 1
                self._listener.finish(self._attempt, self._attempt)
            case ev.TranscriptFinal(attempt=attempt) | ev.TranscriptFailed(attempt=attempt):
                if attempt != self._attempt:
                    return None
                self._listener.drop()
                words = event.text if isinstance(event, ev.TranscriptFinal) else ""
                began, voice.began = voice.began, voice.again
                if began is not None and (words or not voice.doubtful):
                    return Overheard(words, began, ended)
        return None

    def _sentence_at(self, reply: VoicedReply, at_ms: float) -> int:
        """Return the index of the sentence that had begun last at a time; -1: none had."""
        playback, now = self._playback.playback, self._now()
        sounded = reply.samples if playback is None else playback.sounded_to(now)
        position = sounded - samples_of(now - at_ms, VOICE_RATE)
        return sum(sentence.begin < position for sentence in reply.sentences) - 1

    def _deafen(self) -> None:
        """Listen no more, and forget what was heard."""
        self._hears_on = False
        self._listener.detach()
        self._listener.drop()

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
