"""Dialogue before an interview: says, listens, is cut short by a key, whatever the line does."""

import asyncio
import gc
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

import pytest

from sessions.ivr import SPOKEN_WITHIN_S, CallerResponse, PhoneDialogue
from sessions.leg import DigitPressed
from tests.fakes.fake_leg import FakeLeg
from tests.fakes.microphone import Microphone
from tests.server.logged import captured
from tests.sessions.conftest import Said
from tests.sessions.hall import Hall
from tests.support.virtual_time import now_ms, pass_ms, run_virtual

SENTENCES = ("Hello, this is a computer.", "Is that all right with you?")
SPOKEN_MS = 11 * 300  # as the voice of the tests speaks


@dataclass
class Call:
    """A caller with a telephone, in the dialogue before the interview."""

    hall: Hall
    leg: FakeLeg
    dialogue: PhoneDialogue
    microphone: Microphone = field(init=False)

    def __post_init__(self) -> None:
        self.leg.on_event = self.dialogue.receive
        self.microphone = Microphone(self.dialogue.hear)
        self.microphone.open()


@asynccontextmanager
async def received(leg: FakeLeg | None = None) -> AsyncIterator[Call]:
    """A call, and the proof that nothing of it is left behind."""
    hall, leg = Hall(), leg or FakeLeg(telephone=True)
    async with PhoneDialogue(leg, hall.providers) as dialogue:
        call = Call(hall, leg, dialogue)
        yield call
    call.microphone.close()
    leg.lose()
    await hall.empty()


@contextmanager
def logging_of_asyncio() -> Iterator[list[str]]:
    """What asyncio itself complains of: errors of tasks, say, that nobody has looked at."""
    told: list[str] = []

    class Telling(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            told.append(record.getMessage())

    handler = Telling()
    logging.getLogger("asyncio").addHandler(handler)
    try:
        yield told
    finally:
        logging.getLogger("asyncio").removeHandler(handler)


def test_what_is_said_is_heard_to_its_end() -> None:
    async def story() -> None:
        async with received() as call:
            began = now_ms()
            assert await call.dialogue.say(*SENTENCES) == ""
            assert now_ms() - began == pytest.approx(SPOKEN_MS, abs=500)
            await call.dialogue.say("Goodbye.")
        assert call.leg.runs == [(-1, 0), (-2, 0)], "no generation is one of the session's"

    run_virtual(story())


def test_a_key_cuts_it_short_and_the_rest_of_it_is_not_voiced() -> None:
    async def story() -> None:
        async with received() as call:
            saying = call.dialogue.say(*SENTENCES * 10)
            await pass_ms(0)
            call.dialogue.receive(DigitPressed("1"))
            assert await saying == "1"
            assert len(call.hall.synthesizer.spoken) <= 1
            assert await call.dialogue.say("Thank you.") == ""

    run_virtual(story())


def test_words_are_listened_to_after_it_has_spoken_and_not_meanwhile(said: Said) -> None:
    async def story() -> None:
        async with received() as call:
            call.hall.transcriber.says = "Yes."
            call.microphone.start(said("Yes."))  # or the line's echo of its own words
            await call.dialogue.say(*SENTENCES)
            assert call.hall.transcriber.heard == []
            call.microphone.start(said("Yes."))
            assert await call.dialogue.listen(7.0) == CallerResponse(words="Yes.")
            assert len(call.hall.transcriber.heard) >= 1

    run_virtual(story())


def test_silence_noise_and_words_that_are_lost_are_no_answer(said: Said) -> None:
    async def story() -> None:
        async with received() as call:
            began = now_ms()
            assert await call.dialogue.listen(7.0) == CallerResponse()
            assert now_ms() - began == pytest.approx(7_000, abs=50)
            call.hall.transcriber.says = ""
            call.microphone.start(said("Mhm."))
            assert await call.dialogue.listen(2.0) == CallerResponse()

    run_virtual(story())


def test_keys_are_taken_until_they_are_enough_or_no_more_come() -> None:
    async def story() -> None:
        async with received() as call:
            for key in "123":
                call.dialogue.receive(DigitPressed(key))
            assert await call.dialogue.listen(2.0, lambda keys: len(keys) == 3) == CallerResponse(
                keys="123"
            )
            call.dialogue.receive(DigitPressed("4"))
            assert await call.dialogue.listen(2.0, lambda keys: len(keys) == 3) == CallerResponse(
                keys="4"
            )
            assert await call.dialogue.listen(2.0, keys="5") == CallerResponse(keys="5")

    run_virtual(story())


def test_a_line_that_never_says_what_it_played_holds_nobody_up() -> None:
    async def story() -> None:
        async with received(FakeLeg(answers=frozenset(), telephone=True)) as call:
            began = now_ms()
            assert await call.dialogue.say(*SENTENCES) == ""
            assert now_ms() - began < SPOKEN_MS + 3_000
            began = now_ms()
            await call.dialogue.say(*SENTENCES * 100)
            assert now_ms() - began == pytest.approx(SPOKEN_WITHIN_S * 1_000, abs=10)

    run_virtual(story())


def test_a_voice_that_fails_is_silence() -> None:
    async def story() -> None:
        async with received() as call:
            call.hall.synthesizer.failing = {"computer"}
            assert await call.dialogue.say(*SENTENCES) == ""
            call.hall.synthesizer.failing_after = 2
            assert await call.dialogue.say(*SENTENCES) == ""

    run_virtual(story())


def test_an_error_of_the_program_is_logged_and_holds_no_call_up(said: Said) -> None:
    async def story() -> None:
        async with received() as call:
            call.hall.synthesizer.failing = {"computer."}
            call.hall.synthesizer.error = ValueError("a bug in the voice")
            began = now_ms()
            assert await call.dialogue.say(*SENTENCES) == ""
            assert now_ms() - began < SPOKEN_MS
            call.hall.transcriber.answers.extend([ValueError("a bug in the ears")] * 5)
            call.microphone.start(said("Yes."))
            assert await call.dialogue.listen(7.0) == CallerResponse()
            call.dialogue.receive(DigitPressed("1"))
            assert await call.dialogue.listen(7.0) == CallerResponse(keys="1")

    with captured() as log, logging_of_asyncio() as unseen:
        run_virtual(story())
        gc.collect()
    assert unseen == []
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    failed = [line for line in lines if line["event"] == "side task failed"]
    assert {line["task"] for line in failed} == {"phone dialogue"}
    assert "a bug in the voice" in str(failed)
    assert "a bug in the ears" in str(failed)


def test_who_hangs_up_while_it_speaks_leaves_nothing_behind() -> None:
    async def story() -> None:
        async with received() as call:
            saying = asyncio.create_task(call.dialogue.say(*SENTENCES))
            await call.leg.until(lambda: bool(call.leg.sounds))
            saying.cancel()
            await asyncio.wait([saying])

    run_virtual(story())
