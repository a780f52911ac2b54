"""Whole sessions in virtual time: real hearing, turn-taking, replying, speaking and checkpoint
between a microphone with real speech and fakes at the edge of every provider."""

import asyncio
from uuid import UUID, uuid4

import numpy as np
from numpy.typing import NDArray

from sessions.leg import CaptionNote
from sessions.listening.vad_ticker import VadTicker
from sessions.plan.plan import demo_plan
from sessions.registry import SessionRegistry
from sessions.session import Session
from sessions.session_context import Providers
from sessions.turntaking.rules import Rules
from sessions.turntaking.turns import Speaker
from tests.fakes.fake_actions import FakeActions
from tests.fakes.fake_interviewer import FakeInterviewer, Line, closing
from tests.fakes.fake_leg import FakeLeg
from tests.fakes.fake_log import FakeLog
from tests.fakes.fake_speech import FakeSynthesizer, FakeTranscriber
from tests.fakes.microphone import Microphone
from tests.sessions.fake_stream import FakeStreaming
from tests.sessions.listening.microphone_hall import BANK
from tests.support.virtual_time import pass_ms

GREETING = "Hello Ada, and welcome. What did you build in your last job?"
SECOND = "I see. What was the hardest problem that you solved there, and how did you find it?"
THIRD = "Thank you. What would you do in another way today?"
GOODBYE = "That was all. Thank you and goodbye."

ANSWERS = [
    "We built a search engine for recipes.",
    "The memory was never given back, and we looked at it together.",
    "I would have written more tests.",
]
PLAN = demo_plan().model_dump(mode="json")


class Hall:
    """A registry with its providers, all of them at hand."""

    def __init__(
        self,
        *lines: Line | str,
        rules: Rules | None = None,
        most: int = 10,
        streaming: FakeStreaming | None = None,
    ) -> None:
        self.log = FakeLog(PLAN)
        self.actions = FakeActions()
        self.interviewer = FakeInterviewer(
            *(lines or (GREETING, SECOND, THIRD, closing(GOODBYE))), by_turns=True
        )
        self.transcriber = FakeTranscriber()
        self.synthesizer = FakeSynthesizer()
        self.ahead: list[list[str]] = []
        self.rules = rules or Rules()
        self.vad_ticker = VadTicker(BANK)
        self.providers = Providers(
            interviewer=self.interviewer,
            transcriber=self.transcriber,
            synthesizer=self.synthesizer,
            vad_ticker=self.vad_ticker,
            log=self.log,
            voice_ahead=lambda sentences: self.ahead.append(list(sentences)),
            actions=self.actions,
            streaming=streaming,
        )
        self.registry = SessionRegistry(
            self.log, self.providers, lambda _context: self.rules, max_sessions=most
        )

    async def come_in(
        self, interview_id: UUID | None = None, *, begins: bool = True, opened_ms: int | None = None
    ) -> "Candidate":
        """Somebody opens the link, consents and begins."""
        interview_id = interview_id or uuid4()
        session = await self.registry.open(interview_id)
        candidate = Candidate(interview_id, session, self.transcriber)
        session.connect(candidate.leg, opened_ms)
        if begins:
            await candidate.begin()
        return candidate

    async def empty(self) -> None:
        """Return when no session is left and everything has come to rest. Fails if a task, a
        timer or an ear was left behind."""
        while self.registry.count:
            await pass_ms(50)
        await pass_ms(1_000)
        loop = asyncio.get_running_loop()
        assert asyncio.all_tasks() == {asyncio.current_task()}
        scheduled = getattr(loop, "_scheduled")  # noqa: B009 - asyncio tells it nobody
        armed = [timer for timer in scheduled if not timer.cancelled()]
        # What limits the test's own time is all that may be left.
        assert len(armed) <= 1, armed
        assert self.vad_ticker._callbacks == {}
        assert self.interviewer.open == self.synthesizer.open == 0


class Candidate:
    """A person with a leg and a microphone, in one interview."""

    def __init__(self, interview_id: UUID, session: Session, transcriber: FakeTranscriber) -> None:
        self.interview_id = interview_id
        self.session = session
        self.transcriber = transcriber
        self.leg = FakeLeg()
        self.leg.on_event = lambda event: session.receive(self.leg, event)
        self.microphone = Microphone(lambda samples: session.hear(self.leg, samples))

    async def begin(self) -> None:
        """Consent and begin."""
        await self.session.begin(self.leg)
        self.microphone.open()

    def lose(self) -> None:
        """The connection breaks."""
        self.leg.lose()
        self.microphone.close()
        self.session.disconnect(self.leg)

    def spoken_to(self) -> int:
        """How many replies have come to their end; one without words was withdrawn."""
        return sum(
            note.final and note.text != "" and note.speaker is Speaker.INTERVIEWER
            for note in self.leg.told(CaptionNote)
        )

    async def listen(self, replies: int = 1) -> None:
        """Hear out so many replies on this leg, all in all."""
        await self.leg.until(lambda: self.spoken_to() >= replies)

    async def until_it_says(self, words: str) -> None:
        """Return when a sentence with these words begins to sound."""
        await self.leg.until(lambda: any(words in n.text for n in self.leg.told(CaptionNote)))

    async def say(self, sound: NDArray[np.int16], text: str) -> None:
        """Say something that will be understood as `text`."""
        self.transcriber.says = text
        await self.microphone.say(sound)

    async def over(self) -> None:
        """Return when the leg has been closed."""
        await self.leg.until(lambda: bool(self.leg.ends))
        self.microphone.close()
