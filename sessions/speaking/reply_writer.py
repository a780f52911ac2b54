"""Reply writer: from the interviewer's tokens to voiced sentences.

The first sentence is voiced while the rest is still being written. The result grows in a
`VoicedReply`, which `sessions.speaking.playback` plays; nothing here depends on legs or playback.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing

import structlog

from audio.pcm import from_bytes, samples_of
from audio.resample import StreamingResampler
from audio.speech import VOICE_RATE, SpeechError, SpokenFacts, Synthesizer
from sessions.interviewer.fixed_reply import reply_parts
from sessions.interviewer.postponement import ADJOURN
from sessions.interviewer.protocol import (
    Conversation,
    Interviewer,
    InterviewerError,
    Move,
    MoveKind,
    ReplyPart,
    SentenceOver,
    Usage,
)
from sessions.interviewer.sentences import SentenceSplitter
from sessions.interviewer.speaking_rate import NORMAL_RATE, rate_in, speaking_rate_after
from sessions.plan.plan import Question
from sessions.speaking.voiced_reply import VoicedReply, VoicedSentence
from sessions.turntaking import events as ev

BRIDGE_MS = 300.0
"""Pause before another voice says a sentence again: as between two sentences, so that it is heard
as a new beginning."""

log = structlog.get_logger()


class ReplyWriter:
    """Writer of one session's replies, which also has them voiced.

    `post` takes the machine's events, `on_audio` is called whenever a reply has more audio or is
    complete, `now` returns session ms.
    """

    def __init__(
        self,
        *,
        interviewer: Interviewer,
        synthesizer: Synthesizer,
        now: Callable[[], float],
        post: Callable[[ev.Event], None],
        on_audio: Callable[[VoicedReply], None],
    ) -> None:
        self._interviewer = interviewer
        self._synthesizer = synthesizer
        self._now = now
        self._post = post
        self._on_audio = on_audio
        self._fillers: dict[int, tuple[str, bytes]] = {}

    async def fill(self, reply: VoicedReply, language: str) -> None:
        """Bridge the wait for a reply that has no audio yet.

        Without a filler for the language, or if its voice fails, nothing happens.
        """
        text, pcm = await self._filler(language, reply)
        if not pcm or reply.samples or reply.complete:
            return
        reply.filler = text
        reply.written.insert(0, text)
        reply.pcm += pcm
        reply.sentences.append(VoicedSentence(text, 0, reply.samples))
        self._post(ev.SentenceReady(reply.generation, text, filler=True))
        self._on_audio(reply)

    async def _filler(self, language: str, reply: VoicedReply) -> tuple[str, bytes]:
        speaking_rate, text = reply.speaking_rate, filler_for(language)
        if not text:
            return "", b""
        if speaking_rate not in self._fillers:
            facts = SpokenFacts(failed=reply.failed_voices)
            try:
                pcm, begun_again = b"", 0
                async for piece in self._synthesize(text, speaking_rate, facts):
                    pcm = piece if facts.begun_again > begun_again else pcm + piece
                    begun_again = facts.begun_again
            except SpeechError as error:
                log.warning("filler cannot be voiced", problem=str(error))
                return "", b""
            self._fillers[speaking_rate] = facts.said or text, pcm
        return self._fillers[speaking_rate]

    async def compose(self, reply: VoicedReply, conversation: Conversation) -> None:
        """Write and voice the reply; ReplyEnded or ReplyFailed is posted last.

        Cancel it to discard the reply.
        """
        reply.latency["prepare"] = self._now()
        reply.speaking_rate = speaking_rate_after(conversation.turns)
        problem = await self._write_and_voice(reply, conversation)
        reply.complete = True
        self._on_audio(reply)
        if problem is not None:
            log.warning("reply failed", generation=reply.generation, problem=str(problem))
            self._post(ev.ReplyFailed(reply.generation))
            return
        move = reply.move
        closing = move is not None and move.kind is MoveKind.CLOSE
        question = _question_after(conversation, move)
        self._post(
            ev.ReplyEnded(
                reply.generation,
                closing=closing,
                expects="" if question is None else question.expects.value,
                answer_max_ms=_answer_max_ms(conversation, question),
                adjourning=move is not None and ADJOURN in move.detail,
            )
        )
        if not closing:  # made now, while the voice is known to work
            await self._filler(conversation.language, reply)

    async def _write_and_voice(
        self, reply: VoicedReply, conversation: Conversation
    ) -> Exception | None:
        """Write and voice side by side; return the provider's failure, if there was one.

        What was written before a failure is voiced to its end; without a voice nothing more is
        written.
        """
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
            case SentenceOver():
                for sentence in splitter.end_sentence():
                    self._pass_on(reply, sentence, sentences)
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
            facts = SpokenFacts(failed=reply.failed_voices)
            begun_again = 0
            async with aclosing(self._synthesize(text, reply.speaking_rate, facts)) as sound:
                async for pcm in sound:
                    if not reply.sentences or reply.sentences[-1] is not sentence:
                        sentence.begin = reply.samples  # a filler may have come before it
                    elif facts.begun_again > begun_again:
                        begun_again = facts.begun_again
                        reply.begin_again(sentence, samples_of(BRIDGE_MS, VOICE_RATE))
                    reply.note_speaker(facts.provider, facts.model)
                    reply.failed_voices = facts.failed
                    reply.note_said(sentence, facts.said or text)
                    reply.pcm += pcm
                    if not reply.sentences or reply.sentences[-1] is not sentence:
                        reply.sentences.append(sentence)
                        reply.latency.setdefault("first_audio", self._now())
                        self._post(ev.SentenceReady(reply.generation, sentence.text))
                    self._on_audio(reply)
            reply.note_said(sentence, facts.said or text)
            sentence.end = reply.samples

    async def _synthesize(
        self, text: str, speaking_rate: int, facts: SpokenFacts
    ) -> AsyncGenerator[bytes, None]:
        """Yield a sentence's audio at VOICE_RATE; `facts` are filled in."""
        rate = self._synthesizer.sample_rate
        resampler = None if rate == VOICE_RATE else StreamingResampler(rate, VOICE_RATE)
        speed = speaking_rate / NORMAL_RATE
        async with aclosing(self._synthesizer.speak(text, speed=speed, facts=facts)) as sound:
            async for pcm in sound:
                if resampler is not None:
                    pcm = resampler.process(from_bytes(pcm)).tobytes()
                if pcm:
                    yield pcm
        if resampler is not None and (rest := resampler.flush().tobytes()):
            yield rest


def _question_after(conversation: Conversation, move: Move | None) -> Question | None:
    """Return the plan's question that the candidate will be answering after this reply."""
    if move is not None and move.question is not None:
        for question in conversation.plan.questions():
            if question.id == move.question:
                return question
    return None


def _answer_max_ms(conversation: Conversation, question: Question | None) -> float:
    """Return how long the plan lets one answer to a question last."""
    minutes = None if question is None else question.max_answer_minutes
    return (minutes or conversation.plan.max_answer_minutes) * 60_000


FILLER_SENTENCES: Mapping[str, str] = {
    "de": "Einen Moment, bitte.",
    "en": "One moment, please.",
    "es": "Un momento, por favor.",
    "fr": "Un instant, s'il vous plaît.",
    "it": "Un momento, per favore.",
    "nl": "Een ogenblik, alstublieft.",
    "pt": "Um momento, por favor.",
}
"""Filler of each language."""


def filler_for(language: str) -> str:
    """Return the filler of a language (a code, with or without a region); "" if none is known."""
    return FILLER_SENTENCES.get(language.split("-")[0].lower(), "")
