"""From the interviewer's tokens to voiced sentences: one reply, written and voiced at once.

The first sentence is voiced while the rest is still being written. The result grows in a
`VoicedReply`, which `sessions.speaking.playback` plays; nothing here knows of legs or of playback.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing

import structlog

from audio.pcm import from_bytes
from audio.resample import StreamingResampler
from audio.speech import VOICE_RATE, SpeechError, Synthesizer
from sessions.interviewer.fixed_reply import reply_parts
from sessions.interviewer.postponement import ADJOURN
from sessions.interviewer.protocol import (
    Conversation,
    Interviewer,
    InterviewerError,
    Move,
    MoveKind,
    ReplyPart,
    Usage,
)
from sessions.interviewer.sentences import SentenceSplitter
from sessions.interviewer.speaking_rate import NORMAL_RATE, rate_in, speaking_rate_after
from sessions.plan.plan import Question
from sessions.speaking.voiced_reply import VoicedReply, VoicedSentence
from sessions.turntaking import events as ev

log = structlog.get_logger()


class ReplyWriter:
    """Writes and voices replies. `post` takes the machine's events, `grown` is called whenever a
    reply has more sound or is complete, `now` tells session ms."""

    def __init__(
        self,
        *,
        interviewer: Interviewer,
        synthesizer: Synthesizer,
        now: Callable[[], float],
        post: Callable[[ev.Event], None],
        grown: Callable[[VoicedReply], None],
    ) -> None:
        self._interviewer = interviewer
        self._synthesizer = synthesizer
        self._now = now
        self._post = post
        self._grown = grown
        self._fillers: dict[int, tuple[str, bytes]] = {}

    async def fill(self, reply: VoicedReply, language: str) -> None:
        """Bridge the wait for a reply that has no sound yet. Without a filler, or where its voice
        fails, nothing happens."""
        text, pcm = await self._filler(language, reply.speaking_rate)
        if not pcm or reply.samples or reply.complete:
            return
        reply.filler = text
        reply.written.insert(0, text)
        reply.pcm += pcm
        reply.sentences.append(VoicedSentence(text, 0, reply.samples))
        self._post(ev.SentenceReady(reply.generation, text, filler=True))
        self._grown(reply)

    async def _filler(self, language: str, speaking_rate: int) -> tuple[str, bytes]:
        if speaking_rate not in self._fillers:
            text = filler_for(language)
            try:
                sound = self._sound(text, speaking_rate)
                pcm = b"".join([piece async for piece in sound]) if text else b""
            except SpeechError as error:
                log.warning("filler cannot be voiced", problem=str(error))
                return "", b""
            self._fillers[speaking_rate] = text, pcm
        return self._fillers[speaking_rate]

    async def compose(self, reply: VoicedReply, conversation: Conversation) -> None:
        """Write and voice the reply; ReplyEnded or ReplyFailed comes last. Cancel to throw away."""
        reply.latency["prepare"] = self._now()
        reply.speaking_rate = speaking_rate_after(conversation.turns)
        problem = await self._work(reply, conversation)
        reply.complete = True
        self._grown(reply)
        if problem is not None:
            log.warning("reply failed", generation=reply.generation, problem=str(problem))
            self._post(ev.ReplyFailed(reply.generation))
            return
        move = reply.move
        closing = move is not None and move.kind is MoveKind.CLOSE
        question = _left_open(conversation, move)
        self._post(
            ev.ReplyEnded(
                reply.generation,
                closing=closing,
                expects="" if question is None else question.expects.value,
                answer_max_ms=_longest_ms(conversation, question),
                adjourning=move is not None and ADJOURN in move.detail,
            )
        )
        if not closing:  # while the voice is known to work
            await self._filler(conversation.language, reply.speaking_rate)

    async def _work(self, reply: VoicedReply, conversation: Conversation) -> Exception | None:
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
        self, reply: VoicedReply, conversation: Conversation, sentences: asyncio.Queue[str | None]
    ) -> InterviewerError | None:
        splitter = SentenceSplitter()
        try:
            async with aclosing(reply_parts(self._interviewer, conversation)) as parts:
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
        reply: VoicedReply,
        part: ReplyPart,
        splitter: SentenceSplitter,
        sentences: asyncio.Queue[str | None],
    ) -> None:
        match part:
            case Move():
                reply.move = part
                reply.speaking_rate = rate_in(part.detail) or reply.speaking_rate
            case Usage():
                reply.usage = part
            case str():
                reply.latency.setdefault("first_token", self._now())
                for sentence in splitter.feed(part):
                    self._pass_on(reply, sentence, sentences)

    def _pass_on(
        self, reply: VoicedReply, sentence: str, sentences: asyncio.Queue[str | None]
    ) -> None:
        reply.latency.setdefault("first_sentence", self._now())
        reply.written.append(sentence)
        sentences.put_nowait(sentence)

    async def _voice(self, reply: VoicedReply, sentences: asyncio.Queue[str | None]) -> None:
        while (text := await sentences.get()) is not None:
            sentence = VoicedSentence(text, reply.samples)
            async with aclosing(self._sound(text, reply.speaking_rate)) as sound:
                async for pcm in sound:
                    if not reply.sentences or reply.sentences[-1] is not sentence:
                        sentence.begin = reply.samples  # a filler may have come before it
                    reply.pcm += pcm
                    if not reply.sentences or reply.sentences[-1] is not sentence:
                        reply.sentences.append(sentence)
                        reply.latency.setdefault("first_audio", self._now())
                        self._post(ev.SentenceReady(reply.generation, text))
                    self._grown(reply)
            sentence.end = reply.samples

    async def _sound(self, text: str, speaking_rate: int) -> AsyncGenerator[bytes, None]:
        """A sentence's audio at VOICE_RATE."""
        rate = self._synthesizer.sample_rate
        resampler = None if rate == VOICE_RATE else StreamingResampler(rate, VOICE_RATE)
        speed = speaking_rate / NORMAL_RATE
        async with aclosing(self._synthesizer.speak(text, speed=speed)) as sound:
            async for pcm in sound:
                if resampler is not None:
                    pcm = resampler.process(from_bytes(pcm)).tobytes()
                if pcm:
                    yield pcm
        if resampler is not None and (rest := resampler.flush().tobytes()):
            yield rest


def _left_open(conversation: Conversation, move: Move | None) -> Question | None:
    """The plan's question that the candidate will be answering after this reply."""
    if move is not None and move.question is not None:
        for question in conversation.plan.questions():
            if question.id == move.question:
                return question
    return None


def _longest_ms(conversation: Conversation, question: Question | None) -> float:
    """How long the plan lets one answer to a question last."""
    longest = None if question is None else question.max_answer_minutes
    return (longest or conversation.plan.max_answer_minutes) * 60_000


FILLERS: Mapping[str, str] = {
    "de": "Einen Moment, bitte.",
    "en": "One moment, please.",
    "es": "Un momento, por favor.",
    "fr": "Un instant, s'il vous plaît.",
    "it": "Un momento, per favore.",
    "nl": "Een ogenblik, alstublieft.",
    "pt": "Um momento, por favor.",
}


def filler_for(language: str) -> str:
    """The sentence in a language (a code, with or without a region); "" where none is known."""
    return FILLERS.get(language.split("-")[0].lower(), "")
