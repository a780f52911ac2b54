"""Dialogue before an interview: says, listens, is cut short by a key, whatever the line does."""

import asyncio
import gc
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

import numpy as np
import pytest

from server.telephony.consent import QUESTION, ask_for_consent, consent_opening
from sessions.ivr import (
    OUTLASTED_WITHIN_S,
    SPOKEN_WITHIN_S,
    CallerResponse,
    Overheard,
    PhoneDialogue,
)
from sessions.leg import DigitPressed, MarkReached
from tests.fakes.fake_leg import FakeLeg
from tests.fakes.microphone import Microphone
from tests.server.logged import captured
from tests.server.telephony.test_ivr_prompts import INTERVIEW
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


@dataclass
class Listening:
    """Somebody who listens while the dialogue speaks. `enough` ends what it says."""

    enough: str = ""
    trusts: bool = True
    overheard: list[Overheard] = field(default_factory=list)

    def __call__(self, overheard: Overheard, /) -> bool:
        self.overheard.append(overheard)
        return overheard.words == self.enough


def test_words_over_its_voice_are_heard_by_who_listens_and_may_end_it(said: Said) -> None:
    async def story() -> None:
        async with received() as call:
            call.hall.transcriber.says = "Yes."
            listening, began = Listening(), now_ms()
            saying = asyncio.create_task(call.dialogue.say(*SENTENCES, overhearing=listening))
            await pass_ms(300)
            call.microphone.start(said("Yes."))
            assert await saying == ""
            assert listening.overheard == [Overheard("Yes.", 0, False)]
            assert now_ms() - began == pytest.approx(SPOKEN_MS, abs=500)

            listening, began = Listening(enough="Yes."), now_ms()
            again = [*SENTENCES, "And again, and again, and again, and again."]
            saying = asyncio.create_task(call.dialogue.say(*again, overhearing=listening))
            await pass_ms(1_800)
            call.microphone.start(said("Yes."))
            assert await saying == ""
            assert listening.overheard == [Overheard("Yes.", 1, False)]
            assert now_ms() - began < SPOKEN_MS + 500
            assert await call.dialogue.say("Thank you.") == ""

    run_virtual(story())


def test_words_that_outlast_its_voice_are_waited_for_where_no_echo_came_back(said: Said) -> None:
    async def story(trusts: bool) -> None:
        async with received() as call:
            call.hall.transcriber.says = "I like trees."
            listening = Listening(trusts=trusts)
            saying = asyncio.create_task(call.dialogue.say(*SENTENCES, overhearing=listening))
            await pass_ms(SPOKEN_MS - 400)
            call.microphone.start(said("I like trees."))
            assert await saying == ""
            outlasted = [Overheard("I like trees.", 1, True)]
            assert listening.overheard == (outlasted if trusts else [])

    run_virtual(story(True))
    run_virtual(story(False))


def test_a_word_right_at_the_end_of_its_voice_is_heard_whole(said: Said) -> None:
    async def story() -> None:
        async with received() as call:
            call.microphone.close()
            listening = Listening()
            saying = asyncio.create_task(call.dialogue.say(*SENTENCES, overhearing=listening))
            await call.leg.until(lambda: "mark -1" in call.leg.asked)
            call.hall.transcriber.says = "Yes."
            call.dialogue.receive(MarkReached(-1))
            room = np.random.default_rng(1).normal(0, 8, 24_000).astype(np.int16)
            call.dialogue.hear(np.concatenate([said("Yes."), room]))  # at once, before it knows
            assert await saying == ""
            heard = [overheard.words for overheard in listening.overheard]
            assert heard == ["Yes."] or (await call.dialogue.listen(7.0)).words == "Yes."

    run_virtual(story())


def test_words_that_never_come_hold_nobody_up(said: Said) -> None:
    async def story() -> None:
        async with received() as call:
            call.hall.transcriber.latency_ms = 60_000
            call.hall.transcriber.says = "Yes."
            listening, began = Listening(enough="Yes."), now_ms()
            saying = asyncio.create_task(call.dialogue.say(*SENTENCES, overhearing=listening))
            await pass_ms(300)
            call.microphone.start(said("Yes."))
            assert await saying == ""
            assert now_ms() - began <= SPOKEN_MS + 1_000 * OUTLASTED_WITHIN_S + 500
            assert all(not overheard.words for overheard in listening.overheard)
            call.hall.transcriber.latency_ms = 150
            call.microphone.start(said("Yes."))
            assert await call.dialogue.listen(7.0) == CallerResponse(words="Yes.")

    run_virtual(story())


WHOLE = (*consent_opening(INTERVIEW, "Acme", outbound=True), QUESTION)


async def until_sentence(call: Call, index: int) -> None:
    """Return a little after this sentence of the notice has begun to sound."""
    await pass_ms(300 * len(" ".join(WHOLE[:index]).split()) + 400)


@pytest.mark.parametrize(
    ("words", "over", "agreed", "shorter_ms"),
    [
        ("Yes.", 6, True, 2_000),  # cut short
        ("Yes.", 5, True, 0),  # all is said, and that is all
        ("Yes, I agree.", 3, True, 0),
        ("No, thank you.", 0, False, 15_000),
        ("No.", 6, False, 2_000),
    ],
)
def test_who_answers_over_the_notice_need_not_say_it_again(
    said: Said, words: str, over: int, agreed: bool, shorter_ms: float
) -> None:
    async def story() -> None:
        async with received() as call:
            began = now_ms()
            asking = asyncio.create_task(
                ask_for_consent(call.dialogue, INTERVIEW, "Acme", outbound=True)
            )
            await until_sentence(call, over)
            call.hall.transcriber.says = words
            call.microphone.start(said(words))
            await call.leg.until(
                lambda: "mark -1" in call.leg.asked or "flush -1" in call.leg.asked
            )
            assert ("flush -1" in call.leg.asked) is bool(shorter_ms)
            assert await asking is agreed
            goodbye_ms = (
                0 if agreed else 300 * len(call.hall.synthesizer.spoken[-1].split()) + 4_500
            )
            whole_ms = 300 * len(" ".join(WHOLE).split())
            assert now_ms() - began < whole_ms - shorter_ms + goodbye_ms + 500
            assert sum("press 1" in spoken for spoken in call.hall.synthesizer.spoken) <= 1

    run_virtual(story())


def test_a_yes_to_the_own_name_and_an_echo_of_the_question_are_no_consent(said: Said) -> None:
    async def name() -> None:
        async with received() as call:
            asking = asyncio.create_task(
                ask_for_consent(call.dialogue, INTERVIEW, "Acme", outbound=False)
            )
            await until_sentence(call, 0)
            call.hall.transcriber.says = "Yes."
            call.microphone.start(said("Yes."))
            assert not await asking

    async def echo() -> None:
        async with received() as call:
            asking = asyncio.create_task(
                ask_for_consent(call.dialogue, INTERVIEW, "Acme", outbound=False)
            )
            await until_sentence(call, 3)
            call.hall.transcriber.answers.append("What you say is turned into text.")
            call.microphone.start(said("What you say is turned into text."))
            await pass_ms(300 * len(" ".join(WHOLE[3:6]).split()))
            call.hall.transcriber.says = "Yes."
            call.microphone.start(said("Yes."))
            await call.leg.until(lambda: "mark -1" in call.leg.asked)
            assert "flush -1" not in call.leg.asked
            assert not await asking

    run_virtual(name())
    run_virtual(echo())


def test_words_over_its_voice_that_nobody_listens_to_are_not_heard(said: Said) -> None:
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
