"""Trials of the bench of turns: one recording, one session."""

import asyncio
import contextlib
import math
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID, uuid5

from audio.speech import SPEECH_RATE
from bench.turns.metered import MeteredSynthesizer, MeteredTranscriber, Workshop
from bench.turns.recordings import Recording, shape_of
from sessions.interviewer.protocol import Conversation, Move, MoveKind, ReplyPart
from sessions.listening.vad_ticker import VadTicker
from sessions.plan.plan import AnswerShape, Plan, parse_plan
from sessions.session import Session
from sessions.session_context import Providers, SessionContext
from sessions.turntaking.causes import Cause, EndReason
from sessions.turntaking.rules import Rules
from sessions.turntaking.turns import Speaker
from tests.support.memory_log import MemoryLog
from tests.support.virtual_leg import VirtualLeg

REACTION_S = 0.4
"""From the end of the question to the beginning of the recording."""

INTERJECTION_AFTER_S = 1.5
"""From the first sound of the interviewer's speech to the beginning of the recording."""

REPLY_WAIT_S = 15.0
"""So long after its end an answer may stay without a reply. The first idle prompt comes before."""

END_MISSED_MS = 500.0
"""A turn on record that ends earlier than this before the answer lacks the answer's end."""

ROOM_AFTER_S = 6.0
"""The interviewer's speech goes on for so long after an interjection, at least."""

NAMESPACE = UUID("6f1c7f0e-59a5-4d3c-8a83-5f6f2a1f1c11")

FOLLOW_UP = "What else would you like to tell me about it?"

GOING_ON = (
    "Let me tell you a little more before you answer.",
    "We are a small team, and everybody here does a bit of everything.",
    "We meet every morning for a quarter of an hour, and then each of us works alone.",
    "On Fridays we look back at the week together and decide what to change.",
)
"""Added to a question that is too short to be interrupted."""


TRIAL_S = 180.0
"""Beyond the recording's own length, so long may a trial take."""


class TrialError(Exception):
    """A session that did not live through its trial: a fault of the program."""


@dataclass(frozen=True, slots=True)
class AnswerTrial:
    """The outcome of one answer.

    `delay_ms` runs from its last sample to the first audible one of the reply, negative where a
    reply began before (`cut`); None: no reply came. `taken_back`: it was cut, and is one turn on
    record all the same. `kind` is the kind of answer, where the recording states it.
    """

    name: str
    shape: str
    longest_pause_ms: float
    cut: bool
    taken_back: bool
    delay_ms: float | None
    heard: tuple[str, ...]
    replies_ms: tuple[float, ...]
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class InterjectionTrial:
    """The outcome of a sound over the interviewer: what it did to the speech, and which words were
    heard in it."""

    name: str
    label: str
    stopped: bool
    understood: str

    @property
    def right(self) -> bool:
        """Whether it did what its label says."""
        return self.stopped == (self.label == "stop")


class BenchInterviewer:
    """Interviewer: asks what it is given, and follows every answer up in the same words.

    Writing them takes no time, as with the scripted interviewer (2 ms).
    """

    model = "bench"

    async def warm_up(self) -> None:
        """Load nothing."""

    async def close(self) -> None:
        """Close nothing."""

    async def reply(self, conversation: Conversation) -> AsyncGenerator[ReplyPart, None]:
        """See `Interviewer`."""
        asked, follow_up = conversation.plan.questions()
        match conversation.cause:
            case Cause.OPENING:
                yield Move(MoveKind.ASK, asked.id)
                yield asked.text
            case Cause.IDLE:
                yield Move(MoveKind.HOLD, asked.id)
                yield "Take your time."
            case Cause.TIME_UP:
                yield Move(MoveKind.CLOSE)
                yield "Thank you, that was all."
            case _:
                yield Move(MoveKind.PROBE, follow_up.id)
                yield f"Thank you. {FOLLOW_UP}"


class Trial:
    """A session with its leg, begun and ended around one recording."""

    def __init__(
        self,
        recording: Recording,
        question: str,
        workshop: Workshop,
        vad_ticker: VadTicker,
        rules: Rules,
    ) -> None:
        self.recording = recording
        self.shape = shape_of(question)
        self.log = MemoryLog()
        self.loop = asyncio.get_running_loop()
        number = uuid5(NAMESPACE, recording.name)
        self.session = Session(
            SessionContext(number, number, _plan(question, self.shape), "Ada", "en", ()),
            Providers(
                interviewer=BenchInterviewer(),
                transcriber=MeteredTranscriber(workshop),
                synthesizer=MeteredSynthesizer(workshop),
                vad_ticker=vad_ticker,
                log=self.log,
            ),
            rules,
        )
        self.leg = VirtualLeg(self.session)

    def session_ms(self, at_s: float) -> float:
        """Return a moment of the loop in session time."""
        return self.session.now() + (at_s - self.loop.time()) * 1000

    async def hold(self, story: Callable[["Trial"], Awaitable[None]]) -> None:
        """Run the session for as long as the story takes.

        Raises TrialError if that is too long, or if the session ends by itself.
        """
        living = asyncio.create_task(self.session.run())
        self.session.connect(self.leg)
        await self.session.begin(self.leg)
        self.leg.switch_on()
        telling = asyncio.ensure_future(story(self))
        limit_s = TRIAL_S + len(self.recording.sound) / SPEECH_RATE
        await asyncio.wait((living, telling), timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
        ended, finished = living.done(), telling.done()
        telling.cancel()
        self.session.end(EndReason.ENDED_BY_CANDIDATE)
        await living
        self.leg.switch_off()
        if not finished:
            problem = "the session ended by itself" if ended else "nothing happened any more"
            raise TrialError(f"{self.recording.name}: {problem}.")
        telling.result()


async def try_answer(
    recording: Recording, workshop: Workshop, vad_ticker: VadTicker, rules: Rules
) -> AnswerTrial:
    """Ask the question, play the answer, and note when the reply begins. Raises TrialError."""
    end_s = math.inf

    async def story(trial: Trial) -> None:
        nonlocal end_s
        asked_s = await trial.leg.last_sound(1)
        begun_s = trial.leg.say(recording.sound, asked_s + REACTION_S)
        end_s = begun_s + (recording.end_of_turn + 1) / SPEECH_RATE
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(end_s + REPLY_WAIT_S):
                await asyncio.sleep(end_s - trial.loop.time())
                while not (after := _heard_from(end_s, trial.leg)):
                    await trial.leg.change()
                await trial.leg.first_sound(after[0])

    question = recording.question or "Please tell me about yourself."
    trial = Trial(recording, question, workshop, vad_ticker, rules)
    await trial.hold(story)
    replies = [at_s for number, at_s in sorted(trial.leg.first_heard.items()) if number > 1]
    cut = any(at_s < end_s for at_s in replies)
    said = [turn for turn in trial.log.turns if turn.speaker is Speaker.CANDIDATE]
    whole = len(said) == 1 and said[0].ended_ms > trial.session_ms(end_s) - END_MISSED_MS
    return AnswerTrial(
        name=recording.name,
        shape=trial.shape.value,
        longest_pause_ms=round(recording.longest_pause_ms),
        cut=cut,
        taken_back=cut and whole,
        delay_ms=(replies[0] - end_s) * 1000 if replies else None,
        heard=tuple(turn.text for turn in said),
        replies_ms=tuple(round((at_s - end_s) * 1000) for at_s in replies),
        kind=recording.kind,
    )


def _heard_from(at_s: float, leg: VirtualLeg) -> list[int]:
    """Return the generations that became audible at that moment or after it."""
    return sorted(number for number, heard_s in leg.first_heard.items() if heard_s >= at_s)


async def try_interjection(
    recording: Recording, workshop: Workshop, vad_ticker: VadTicker, rules: Rules
) -> InterjectionTrial:
    """Play the sound while the interviewer speaks, and note whether the speech goes on.

    Raises TrialError.
    """

    async def story(trial: Trial) -> None:
        speaking_s = await trial.leg.first_sound(1)
        trial.leg.say(recording.sound, speaking_s + INTERJECTION_AFTER_S)
        await trial.log.grown.wait()

    trial = Trial(recording, _long_enough(recording, workshop), workshop, vad_ticker, rules)
    await trial.hold(story)
    first = trial.log.turns[0]
    return InterjectionTrial(
        name=recording.name,
        label=recording.label or "",
        stopped=first.speaker is not Speaker.INTERVIEWER or first.heard_text != first.text,
        understood=trial.leg.understood,
    )


def _long_enough(recording: Recording, workshop: Workshop) -> str:
    """Return what the interviewer says: the recording's question, continued where it is too
    short."""
    needed_s = INTERJECTION_AFTER_S + len(recording.sound) / SPEECH_RATE + ROOM_AFTER_S
    spoken = recording.question or GOING_ON[0]
    for more in (*GOING_ON, *GOING_ON):
        pcm = sum(len(piece.pcm) for piece in workshop.voiced(spoken))
        if pcm / 2 / workshop.synthesizer.sample_rate >= needed_s:
            break
        spoken = f"{spoken} {more}"
    return spoken


def _plan(question: str, shape: AnswerShape) -> Plan:
    questions = [("asked", question, shape.value), ("follow_up", FOLLOW_UP, "explanation")]
    return parse_plan(
        {
            "title": "Bench",
            "role": "candidate",
            "sections": [
                {
                    "title": "Bench",
                    "questions": [
                        {"id": name, "text": text, "competency": "Speaking", "expects": expects}
                        for name, text, expects in questions
                    ],
                }
            ],
        }
    )
