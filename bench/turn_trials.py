"""One recording, one session: an answer to a question, or a sound over the interviewer's voice."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from uuid import UUID, uuid5

from audio.speech import SPEECH_RATE
from bench.metered import MeteredSynthesizer, MeteredTranscriber, Workshop
from bench.recordings import Recording, shape_of
from bench.virtual_leg import VirtualLeg
from sessions.ears import Ears
from sessions.interviewer import Cause, Conversation, Move, MoveKind, ReplyPart
from sessions.plan import AnswerShape, Plan, parse_plan
from sessions.session import Facts, Providers, Session
from sessions.turntaking.rules import Rules
from sessions.turntaking.turns import Speaker, Turn

REACTION_S = 0.4
"""From the end of the question to the beginning of the recording."""

INTERJECTION_AFTER_S = 1.5
"""From the first sound of the interviewer's speech to the beginning of the recording."""

REPLY_WAIT_S = 15.0
"""So long after its end an answer may stay without a reply. The first idle prompt comes before."""

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


@dataclass(frozen=True, slots=True)
class AnswerTrial:
    """What became of one answer. `delay_ms` runs from its last sample to the first audible one of
    the reply, negative where a reply began before (`cut`); None: no reply came. `taken_back`: it
    was cut, and is one turn on record all the same."""

    name: str
    shape: str
    cut: bool
    taken_back: bool
    delay_ms: float | None
    heard: tuple[str, ...]
    replies_ms: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class InterjectionTrial:
    """What a sound did to the interviewer's speech."""

    name: str
    label: str
    stopped: bool

    @property
    def right(self) -> bool:
        """Whether it did what its label says."""
        return self.stopped == (self.label == "stop")


@dataclass
class MemoryLog:
    """The record of one session, in memory."""

    turns: list[Turn] = field(default_factory=list)
    grown: asyncio.Event = field(default_factory=asyncio.Event)

    async def append(self, session_id: UUID, turn: Turn) -> None:
        """See `TurnLog`."""
        self.turns.append(turn)
        self.grown.set()

    async def read(self, session_id: UUID) -> list[Turn]:
        """See `TurnLog`."""
        return list(self.turns)

    async def consent(self, interview_id: UUID) -> None:
        """See `SessionLog`."""

    async def end_session(self, session_id: UUID, reason: str, completed: bool) -> None:
        """See `SessionLog`."""


class BenchInterviewer:
    """Asks what it is given, and follows every answer up in the same words; writing them takes no
    time, as with the scripted interviewer (2 ms)."""

    model = "bench"

    async def warm_up(self) -> None:
        """Nothing to load."""

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
        self, recording: Recording, question: str, workshop: Workshop, ears: Ears, rules: Rules
    ) -> None:
        self.recording = recording
        self.shape = shape_of(question)
        self.log = MemoryLog()
        self.loop = asyncio.get_running_loop()
        number = uuid5(NAMESPACE, recording.name)
        self.session = Session(
            Facts(number, number, _plan(question, self.shape), "Ada", "en", ()),
            Providers(
                interviewer=BenchInterviewer(),
                transcriber=MeteredTranscriber(workshop),
                synthesizer=MeteredSynthesizer(workshop),
                ears=ears,
                log=self.log,
            ),
            rules,
        )
        self.leg = VirtualLeg(self.session)

    async def until_heard(self, generation: int, *, to_the_end: bool) -> float:
        """Wait for a generation's first sound or its end; the loop seconds of it."""
        moments = self.leg.finished if to_the_end else self.leg.first_heard
        while generation not in moments:
            await asyncio.sleep(0.02)
        await asyncio.sleep(max(0.0, moments[generation] - self.loop.time()))
        return moments[generation]

    async def __aenter__(self) -> "Trial":
        self._living = asyncio.create_task(self.session.run())
        self.session.connect(self.leg)
        await self.session.begin(self.leg)
        self.leg.switch_on()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.session.end("bench")
        await self._living
        self.leg.switch_off()


async def try_answer(
    recording: Recording, workshop: Workshop, ears: Ears, rules: Rules
) -> AnswerTrial:
    """Ask its question, let it be said, and see when the reply begins."""
    question = recording.question or "Please tell me about yourself."
    async with Trial(recording, question, workshop, ears, rules) as trial:
        asked_s = await trial.until_heard(1, to_the_end=True)
        begun_s = trial.leg.say(recording.sound, asked_s + REACTION_S)
        end_s = begun_s + (recording.end_of_turn + 1) / SPEECH_RATE
        await asyncio.sleep(end_s - trial.loop.time())
        while trial.loop.time() < end_s + REPLY_WAIT_S:
            if any(at_s >= end_s for at_s in trial.leg.first_heard.values()):
                break
            await asyncio.sleep(0.02)
        replies = [at for number, at in sorted(trial.leg.first_heard.items()) if number > 1]
    cut = any(at_s < end_s for at_s in replies)
    after = [at_s for at_s in replies if at_s >= end_s]
    first_s = (replies if cut else after or [None])[0]
    heard = tuple(turn.text for turn in trial.log.turns if turn.speaker is Speaker.CANDIDATE)
    return AnswerTrial(
        name=recording.name,
        shape=trial.shape.value,
        cut=cut,
        taken_back=cut and len(heard) == 1 and bool(after),
        delay_ms=None if first_s is None else (first_s - end_s) * 1000,
        heard=heard,
        replies_ms=tuple(round((at_s - end_s) * 1000) for at_s in replies),
    )


async def try_interjection(
    recording: Recording, workshop: Workshop, ears: Ears, rules: Rules
) -> InterjectionTrial:
    """Make the sound while the interviewer speaks, and see whether the speech is heard out."""
    question = _long_enough(recording, workshop)
    async with Trial(recording, question, workshop, ears, rules) as trial:
        speaking_s = await trial.until_heard(1, to_the_end=False)
        begun_s = trial.leg.say(recording.sound, speaking_s + INTERJECTION_AFTER_S)
        await asyncio.sleep(begun_s + len(recording.sound) / SPEECH_RATE - trial.loop.time())
        while not trial.log.turns:
            trial.log.grown.clear()
            await trial.log.grown.wait()
    first = trial.log.turns[0]
    return InterjectionTrial(
        name=recording.name,
        label=recording.label or "",
        stopped=first.speaker is not Speaker.INTERVIEWER or first.heard_text != first.text,
    )


def _long_enough(recording: Recording, workshop: Workshop) -> str:
    """What the interviewer says: the recording's question, gone on with where it is too short."""
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
