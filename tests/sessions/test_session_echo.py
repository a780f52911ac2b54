"""Echoing lines, in virtual time: what Viva says comes back, and real voice detection hears it."""

import asyncio
from collections.abc import AsyncGenerator, Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.g711 import ulaw_decode, ulaw_encode
from audio.pcm import from_bytes
from audio.resample import StreamingResampler, resample
from audio.speech import SPEECH_RATE, VOICE_RATE, SpokenFacts
from server.simulator.loudspeaker import as_heard
from sessions.ivr import CallerResponse, PhoneDialogue
from sessions.leg import CommittedNote
from sessions.turntaking.turns import Speaker
from tests.fakes.fake_leg import FakeLeg
from tests.fakes.fake_speech import FakeSynthesizer
from tests.fakes.microphone import Microphone
from tests.sessions.conftest import Said
from tests.sessions.hall import ANSWERS, Candidate, Hall
from tests.support.virtual_time import now_ms, pass_ms, run_virtual

LINE_RATE = 8_000
TAPS = 481
MISHEARD = "Little more of it."
"""What a transcriber makes of short, quiet pieces of an echo."""


def band_pass() -> NDArray[np.float64]:
    """A filter from 300 to 3,400 Hz at the voice's rate."""
    at = np.arange(TAPS) - TAPS // 2
    high, low = (2 * hz / VOICE_RATE for hz in (3_400, 300))
    taps: NDArray[np.float64] = high * np.sinc(high * at) - low * np.sinc(low * at)
    return taps * np.hamming(TAPS)


class RealVoice(FakeSynthesizer):
    """A voice that says what the local one did."""

    def __init__(self, said: Said) -> None:
        super().__init__()
        self._said = said

    async def speak(
        self, text: str, *, speed: float = 1.0, facts: SpokenFacts | None = None
    ) -> AsyncGenerator[bytes, None]:
        """See `Synthesizer`."""
        self.spoken.append(text)
        sound = resample(self._said(text), SPEECH_RATE, VOICE_RATE).astype("<i2").tobytes()
        for at in range(0, len(sound), 9_600):
            await asyncio.sleep(0)
            yield sound[at : at + 9_600]


class EchoingLine:
    """A telephone line which returns what `leg` has really played, and adds it to the caller."""

    def __init__(
        self, leg: FakeLeg, hear: Callable[[NDArray[np.int16]], None], delay_ms: float, db: float
    ) -> None:
        self._leg, self._hear = leg, hear
        self._delay_s, self._gain = delay_ms / 1000, 10 ** (db / 20)
        self._filter = band_pass()
        self._up = StreamingResampler(LINE_RATE, SPEECH_RATE)
        self._to_s: float | None = None

    def carry(self, samples: NDArray[np.int16]) -> None:
        """Take a frame of the caller's microphone over the line."""
        seconds = len(samples) / SPEECH_RATE
        begin_s = (now_ms() / 1000 if self._to_s is None else self._to_s) - self._delay_s
        self._to_s = begin_s + self._delay_s + seconds
        lead_s = (TAPS - 1) / VOICE_RATE
        played = from_bytes(
            as_heard(self._leg.sounds, begin_s - lead_s, begin_s + seconds, VOICE_RATE)
        )
        echo = self._gain * np.convolve(played.astype(np.float64), self._filter, "valid")[::3]
        caller = samples.astype(np.float64).reshape(-1, 2).mean(axis=1)
        line = np.clip(caller + echo[: len(caller)], -32_768, 32_767).astype(np.int16)
        self._hear(self._up.process(ulaw_decode(ulaw_encode(line))))


def echoing(hall: Hall, candidate: Candidate, said: Said, delay_ms: float, db: float) -> None:
    """Put the candidate on such a line, before the interview begins."""
    candidate.leg.telephone = True
    line = EchoingLine(
        candidate.leg, lambda s: candidate.session.hear(candidate.leg, s), delay_ms, db
    )
    candidate.microphone = Microphone(line.carry)


def make_hall(said: Said) -> Hall:
    hall = Hall()
    voice = RealVoice(said)
    object.__setattr__(hall.providers, "synthesizer", voice)
    hall.synthesizer = voice
    return hall


def spoken_by(candidate: Candidate, speaker: Speaker) -> list[str]:
    turns = [note.turn for note in candidate.leg.told(CommittedNote)]
    return [turn.text for turn in turns if turn.speaker is speaker]


@pytest.mark.parametrize("delay_ms", [60, 300, 600])
@pytest.mark.parametrize("db", [-10, -15, -25, -35, -40])
def test_an_echo_is_no_answer_and_hardly_ever_holds_a_reply(
    said: Said, delay_ms: float, db: float
) -> None:
    async def story() -> None:
        hall = make_hall(said)
        hall.transcriber.says = MISHEARD
        candidate = await hall.come_in(begins=False)
        echoing(hall, candidate, said, delay_ms, db)
        await candidate.begin()
        await pass_ms(25_000)
        assert spoken_by(candidate, Speaker.CANDIDATE) == []
        assert sum(asked.startswith("flush") for asked in candidate.leg.asked) <= 3
        assert len(hall.synthesizer.spoken) >= 2
        candidate.lose()

    run_virtual(story())


@pytest.mark.parametrize(("delay_ms", "db"), [(60, -15), (300, -10), (300, -15), (600, -35)])
def test_a_caller_takes_the_floor_over_the_echo(said: Said, delay_ms: float, db: float) -> None:
    async def story() -> None:
        hall = make_hall(said)
        hall.transcriber.says = MISHEARD
        candidate = await hall.come_in(begins=False)
        echoing(hall, candidate, said, delay_ms, db)
        await candidate.begin()
        await pass_ms(3_000)  # in the middle of the greeting
        flushes = len([asked for asked in candidate.leg.asked if asked.startswith("flush")])
        await candidate.say(said(ANSWERS[0]), ANSWERS[0])
        await candidate.leg.until(lambda: ANSWERS[0] in spoken_by(candidate, Speaker.CANDIDATE))
        assert len([a for a in candidate.leg.asked if a.startswith("flush")]) > flushes
        candidate.lose()

    run_virtual(story())


def test_before_the_interview_the_echo_of_a_question_does_not_answer_it(said: Said) -> None:
    async def story() -> None:
        hall, leg = make_hall(said), FakeLeg(telephone=True)
        async with PhoneDialogue(leg, hall.providers) as dialogue:
            leg.on_event = dialogue.receive
            line = EchoingLine(leg, dialogue.hear, 500, -12)
            microphone = Microphone(line.carry)
            microphone.open()
            hall.transcriber.says = "Yes."
            await dialogue.say("If that is all right with you, say yes.")
            assert await dialogue.listen(4.0) == CallerResponse()
            await dialogue.say("If that is all right with you, say yes.")
            microphone.start(said("Yes."))
            assert await dialogue.listen(4.0) == CallerResponse(words="Yes.")
            microphone.close()
        leg.lose()

    run_virtual(story())
