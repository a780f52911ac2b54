"""From the interviewer's tokens to voiced sentences: one reply, written and voiced at once.

The first sentence is voiced while the rest is still being written. The result grows in a `Reply`,
which `speaking` plays from; nothing here knows of legs or of playback.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field

import structlog

from audio.pcm import from_bytes
from audio.resample import StreamingResampler
from audio.speech import VOICE_RATE, SpeechError, Synthesizer
from sessions.adjourning import ADJOURN
from sessions.interviewer import (
    Conversation,
    Interviewer,
    InterviewerError,
    Move,
    MoveKind,
    ReplyPart,
    Usage,
    stream_reply,
)
from sessions.sentences import SentenceSplitter
from sessions.turntaking import events as ev

log = structlog.get_logger()


@dataclass(slots=True)
class VoicedSentence:
    """A sentence and where its audio lies: samples of the reply's own audio, `end` None while it
    is still being voiced, and for good where its voice broke off."""

    text: str
    begin: int
    end: int | None = None


@dataclass(slots=True)
class Reply:
    """One generation as it grows: `pcm` is mono PCM16 at VOICE_RATE; `latency` maps stages to
    session ms; `complete` means that nothing will be added any more."""

    generation: int
    written: list[str] = field(default_factory=list)
    sentences: list[VoicedSentence] = field(default_factory=list)
    pcm: bytearray = field(default_factory=bytearray)
    complete: bool = False
    move: Move | None = None
    usage: Usage | None = None
    latency: dict[str, float] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Everything written for it so far."""
        return " ".join(self.written)

    @property
    def samples(self) -> int:
        """How much has been voiced so far."""
        return len(self.pcm) // 2


class Replying:
    """Writes and voices replies. `post` takes the machine's events, `grown` is called whenever a
    reply has more sound or is complete, `now` tells session ms."""

    def __init__(
        self,
        *,
        interviewer: Interviewer,
        synthesizer: Synthesizer,
        now: Callable[[], float],
        post: Callable[[ev.Event], None],
        grown: Callable[[Reply], None],
    ) -> None:
        self._interviewer = interviewer
        self._synthesizer = synthesizer
        self._now = now
        self._post = post
        self._grown = grown

    async def compose(self, reply: Reply, conversation: Conversation) -> None:
        """Write and voice the reply; ReplyEnded or ReplyFailed comes last. Cancel to throw away."""
        reply.latency["prepare"] = self._now()
        problem = await self._work(reply, conversation)
        reply.complete = True
        self._grown(reply)
        if problem is not None:
            log.warning("reply failed", generation=reply.generation, problem=str(problem))
            self._post(ev.ReplyFailed(reply.generation))
            return
        move = reply.move
        closing = move is not None and move.kind is MoveKind.CLOSE
        expects = _expected_shape(conversation, move)
        adjourning = move is not None and ADJOURN in move.detail
        self._post(ev.ReplyEnded(reply.generation, closing, expects, adjourning))

    async def _work(self, reply: Reply, conversation: Conversation) -> Exception | None:
        """Write and voice side by side; the provider's failure, if there was one. What was written
        before a failure is voiced to its end; without a voice nothing more is written."""
        sentences: asyncio.Queue[str | None] = asyncio.Queue()
        problem: Exception | None = None
        try:
            async with asyncio.TaskGroup() as group:
                writing = group.create_task(self._write(reply, conversation, sentences))
                group.create_task(self._voice(reply, sentences))
            problem = writing.result()
        except* SpeechError as errors:
            problem = errors.exceptions[0]
        return problem

    async def _write(
        self, reply: Reply, conversation: Conversation, sentences: asyncio.Queue[str | None]
    ) -> InterviewerError | None:
        splitter = SentenceSplitter()
        try:
            async with aclosing(stream_reply(self._interviewer, conversation)) as parts:
                async for part in parts:
                    self._take(reply, part, splitter, sentences)
        except InterviewerError as error:
            sentences.put_nowait(None)
            return error
        for sentence in splitter.flush():
            self._pass_on(reply, sentence, sentences)
        sentences.put_nowait(None)
        return None

    def _take(
        self,
        reply: Reply,
        part: ReplyPart,
        splitter: SentenceSplitter,
        sentences: asyncio.Queue[str | None],
    ) -> None:
        match part:
            case Move():
                reply.move = part
            case Usage():
                reply.usage = part
            case str():
                reply.latency.setdefault("first_token", self._now())
                for sentence in splitter.feed(part):
                    self._pass_on(reply, sentence, sentences)

    def _pass_on(self, reply: Reply, sentence: str, sentences: asyncio.Queue[str | None]) -> None:
        reply.latency.setdefault("first_sentence", self._now())
        reply.written.append(sentence)
        sentences.put_nowait(sentence)

    async def _voice(self, reply: Reply, sentences: asyncio.Queue[str | None]) -> None:
        while (text := await sentences.get()) is not None:
            sentence = VoicedSentence(text, reply.samples)
            async with aclosing(self._sound(text)) as sound:
                async for pcm in sound:
                    reply.pcm += pcm
                    if not reply.sentences or reply.sentences[-1] is not sentence:
                        reply.sentences.append(sentence)
                        reply.latency.setdefault("first_audio", self._now())
                        self._post(ev.SentenceReady(reply.generation, text))
                    self._grown(reply)
            sentence.end = reply.samples

    async def _sound(self, text: str) -> AsyncGenerator[bytes, None]:
        """A sentence's audio at VOICE_RATE."""
        rate = self._synthesizer.sample_rate
        resampler = None if rate == VOICE_RATE else StreamingResampler(rate, VOICE_RATE)
        async for pcm in self._synthesizer.speak(text):
            if resampler is not None:
                pcm = resampler.process(from_bytes(pcm)).tobytes()
            if pcm:
                yield pcm
        if resampler is not None and (rest := resampler.flush().tobytes()):
            yield rest


def _expected_shape(conversation: Conversation, move: Move | None) -> str:
    """The plan's `expects` of the question that the reply leaves open."""
    if move is None or move.question is None:
        return ""
    for question in conversation.plan.questions():
        if question.id == move.question:
            return question.expects.value
    return ""
