"""Whole sessions with what is no plain answer: dead microphones, noise, endless talk, hanging
providers, and somebody who asks for a slower voice."""

import asyncio

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.vad import VadBank, VadStream
from sessions.interviewer.announcements import ANNOUNCEMENTS
from sessions.interviewer.language_model.langchain import scripted_interviewer
from sessions.interviewer.postponement import UNHEARD_FAREWELL
from sessions.interviewer.protocol import Move, MoveKind
from sessions.leg import ContinuedByCandidate, LegEnd, MuteChanged, TroubleNote
from sessions.turntaking.causes import Cause, EndReason
from sessions.turntaking.rules import Rules
from sessions.turntaking.turns import Speaker
from tests.audio.sounds import at_level, pink
from tests.fakes.fake_interviewer import Line, closing
from tests.sessions.conftest import Said
from tests.sessions.hall import ANSWERS, GOODBYE, GREETING, SECOND, Candidate, Hall
from tests.sessions.listening.microphone_hall import LoudnessBank, breathless
from tests.support.virtual_time import now_ms, pass_ms, run_virtual

WAITING = ANNOUNCEMENTS[Cause.AWAY]
WAIT = "One moment, please."
SCRIPTED = scripted_interviewer()


@pytest.fixture(scope="module", autouse=True)
def _ready() -> None:
    """As at the start of a server: LangChain imports much of itself."""
    asyncio.run(SCRIPTED.warm_up())


class DeafBank(VadBank):
    """Hears no voice in anything, in no time."""

    def _judge(self, batch: list[VadStream]) -> NDArray[np.float32]:
        for stream in batch:
            stream._take_window()
        return np.zeros(len(batch), np.float32)


def scripted(rules: Rules | None = None, *, bank: VadBank | None = None) -> Hall:
    """With the interviewer that needs no model, on the demo plan."""
    hall = Hall(rules=rules)
    if bank is not None:
        hall.vad_ticker._bank = bank
    object.__setattr__(hall.providers, "interviewer", SCRIPTED)
    return hall


def room(seconds: float, dbfs: float) -> NDArray[np.int16]:
    return at_level(pink(seconds), dbfs)


def codes(candidate: Candidate) -> list[str]:
    return [note.code for note in candidate.leg.told(TroubleNote)]


def interviewer_said(hall: Hall) -> list[str]:
    return [turn.text for turn in hall.log.all_turns() if turn.speaker is Speaker.INTERVIEWER]


async def until_waited_for(candidate: Candidate) -> None:
    await candidate.leg.until(lambda: codes(candidate)[-1:] == ["waiting"])
    await pass_ms(500)  # what was said goes on record


async def leave(candidate: Candidate, hall: Hall) -> None:
    candidate.session.end(EndReason.ENDED_BY_CANDIDATE)
    await candidate.over()
    await hall.empty()


def test_a_muted_microphone_is_told_and_never_skips_a_question() -> None:
    async def story() -> None:
        hall = scripted(bank=DeafBank())
        candidate = await hall.come_in()
        candidate.microphone._hiss[:] = 0
        await until_waited_for(candidate)
        texts = interviewer_said(hall)
        assert "can't hear anything from your microphone" in texts[1]
        assert "still hear nothing" in texts[2]
        assert texts[3:] == [WAITING]
        assert codes(candidate) == ["no_sound", "no_sound", "waiting"]
        moves = [turn.move for turn in hall.log.all_turns()]
        assert {move["question"] for move in moves} == {"background"}
        await leave(candidate, hall)

    run_virtual(story())


def test_a_leg_that_sends_no_sound_at_all_is_told_the_same() -> None:
    async def story() -> None:
        hall = scripted(bank=DeafBank())
        candidate = await hall.come_in()
        candidate.microphone.close()
        await candidate.until_it_says("anything from your microphone")
        assert codes(candidate) == ["no_sound"]
        await leave(candidate, hall)

    run_virtual(story())


def test_a_microphone_muted_on_the_page_is_called_so_and_forgotten_when_it_is_not() -> None:
    async def story() -> None:
        hall = scripted(bank=DeafBank())
        candidate = await hall.come_in()
        await candidate.listen()
        candidate.session.receive(candidate.leg, MuteChanged(True))
        hiss = candidate.microphone._hiss.copy()
        candidate.microphone._hiss[:] = 0
        await candidate.until_it_says("muted on this page")
        assert codes(candidate) == ["muted"]
        await candidate.listen(2)
        candidate.session.receive(candidate.leg, MuteChanged(False))
        candidate.microphone._hiss[:] = hiss
        await candidate.listen(3)
        await pass_ms(500)
        assert codes(candidate) == ["muted"]
        assert "another way" in interviewer_said(hall)[-1]
        await leave(candidate, hall)

    run_virtual(story())


def test_after_two_prompts_the_clock_stands_still_and_who_presses_continue_goes_on() -> None:
    async def story() -> None:
        hall = scripted(bank=DeafBank())
        candidate = await hall.come_in()
        await candidate.listen()
        asked_ms = now_ms()
        await candidate.until_it_says("your time")
        assert 20_000 <= now_ms() - asked_ms < 22_000
        await candidate.until_it_says("another way")
        assert 60_000 <= now_ms() - asked_ms < 70_000
        await until_waited_for(candidate)
        assert 120_000 <= now_ms() - asked_ms < 145_000
        assert codes(candidate) == ["waiting"]
        left_ms = candidate.session.time_left_ms
        await pass_ms(600_000)
        assert candidate.session.time_left_ms == left_ms
        assert len(interviewer_said(hall)) == 4
        candidate.session.receive(candidate.leg, ContinuedByCandidate())
        await candidate.listen(5)
        await pass_ms(500)
        last = interviewer_said(hall)[-1]
        assert last.startswith("Let's go on.")
        assert codes(candidate) == ["waiting", "goes_on"]
        assert {turn.move["question"] for turn in hall.log.all_turns()} == {"background"}
        await leave(candidate, hall)

    run_virtual(story(), limit_s=2_000)


def test_who_speaks_while_waited_for_is_answered(said: Said) -> None:
    async def story() -> None:
        hall = Hall()
        candidate = await hall.come_in()
        await until_waited_for(candidate)
        left_ms = candidate.session.time_left_ms
        await pass_ms(60_000)
        replies = candidate.spoken_to()
        await candidate.say(said(ANSWERS[0]), ANSWERS[0])
        await candidate.listen(replies + 1)
        assert hall.interviewer.asked[-1].cause is Cause.ANSWER
        assert left_ms - 30_000 < candidate.session.time_left_ms < left_ms
        await leave(candidate, hall)

    run_virtual(story(), limit_s=2_000)


def test_who_never_comes_back_may_go_on_for_as_long_as_the_link_holds() -> None:
    async def story() -> None:
        hall = scripted(bank=DeafBank())
        candidate = await hall.come_in()
        await candidate.over()
        assert candidate.leg.ends == [LegEnd.ADJOURNED]
        assert hall.log.ends == {}, "the interview is not over"
        await hall.empty()
        back = await hall.come_in(candidate.interview_id)
        await back.listen()
        await pass_ms(500)
        assert interviewer_said(hall)[-1].startswith("Welcome back.")
        await leave(back, hall)

    run_virtual(story(), limit_s=4_000)


def test_on_the_telephone_silence_is_let_go_with_a_word_of_how_to_go_on() -> None:
    async def story() -> None:
        hall = scripted(bank=DeafBank())
        candidate = await hall.come_in(begins=False)
        candidate.leg.telephone = True
        await candidate.begin()
        await candidate.over()
        assert interviewer_said(hall)[-1] == UNHEARD_FAREWELL
        assert candidate.leg.ends == [LegEnd.ADJOURNED]
        assert hall.log.ends == {}, "the interview is not over"
        assert candidate.session.now() < 160_000
        await hall.empty()

    run_virtual(story(), limit_s=2_000)

    run_virtual(story())


def test_steady_noise_is_told_twice_and_then_waited_out() -> None:
    async def story() -> None:
        hall = scripted(bank=DeafBank())
        candidate = await hall.come_in()
        candidate.microphone.start(room(300, -25.0))
        await until_waited_for(candidate)
        texts = interviewer_said(hall)
        assert "a lot of noise" in texts[1]
        assert "too noisy" in texts[2]
        assert texts[3:] == [WAITING]
        assert codes(candidate) == ["noise", "noise", "waiting"]
        await leave(candidate, hall)

    run_virtual(story())


def test_noise_that_is_taken_for_a_voice_is_waited_out() -> None:
    """The detector is made to hear voices in everything loud; Whisper hears no word."""

    async def story() -> None:
        hall = scripted(bank=LoudnessBank())
        candidate = await hall.come_in()
        candidate.microphone.start(room(600, -20.0))
        await until_waited_for(candidate)
        texts = interviewer_said(hall)
        assert any("a lot of noise" in text for text in texts)
        assert [turn.speaker for turn in hall.log.all_turns()] == [Speaker.INTERVIEWER] * len(texts)
        assert candidate.session.now() < 180_000
        await pass_ms(120_000)
        assert interviewer_said(hall) == texts, "nothing more is said over it"
        await leave(candidate, hall)

    run_virtual(story())


def test_a_distorted_voice_is_told_once_and_kept_with_the_turn(said: Said) -> None:
    async def story() -> None:
        hall = Hall()
        candidate = await hall.come_in()
        await candidate.listen()
        for number, answer in enumerate(ANSWERS[:2], 2):
            await pass_ms(600)
            loud = said(answer).astype(float) * 30
            await candidate.say(np.clip(loud, -32_500, 32_500).astype(np.int16), answer)
            await candidate.listen(number)
        assert codes(candidate) == ["clipping"]
        answers = [t for t in hall.log.all_turns() if t.speaker is Speaker.CANDIDATE]
        assert [turn.text for turn in answers] == ANSWERS[:2]
        assert answers[-1].usage["clipped_share"] > 0.05
        await leave(candidate, hall)

    run_virtual(story())


def test_a_candidate_who_never_stops_is_interrupted_and_led_on(said: Said) -> None:
    async def story() -> None:
        rules = Rules(answer_grace_ms=2_000)
        hall = scripted(rules)
        hall.log.plan_document = hall.log.plan_document | {"max_answer_minutes": 0.25}
        candidate = await hall.come_in()
        hall.transcriber.says = "and then we went on"
        sound = np.tile(breathless(said(ANSWERS[1])), 12)
        await candidate.listen()
        await pass_ms(600)
        candidate.microphone.start(sound)
        began = now_ms()
        await candidate.until_it_says("sorry to interrupt")
        assert 15_000 < now_ms() - began < 15_000 + 2_000 + 3_000
        await candidate.listen(2)
        await candidate.leg.until(lambda: len(candidate.leg.committed) >= 3)
        turns = hall.log.all_turns()
        assert [turn.speaker for turn in turns[:3]] == ["interviewer", "candidate", "interviewer"]
        assert turns[1].revision == 0
        assert turns[2].move["kind"] == "ask"
        await leave(candidate, hall)

    run_virtual(story())


def test_slower_please_slows_the_voice_for_good_and_a_restart_keeps_it(said: Said) -> None:
    async def story() -> None:
        hall = scripted()
        candidate = await hall.come_in()
        await candidate.listen()
        assert set(hall.synthesizer.speeds) == {1.0}
        await pass_ms(600)
        before = len(hall.synthesizer.speeds)
        await candidate.say(said("Slower, please."), "Slower, please.")
        await candidate.listen(2)
        slow = hall.synthesizer.speeds[before:]
        assert 0.84 in slow
        await candidate.leg.until(lambda: len(candidate.leg.committed) >= 3)
        assert hall.log.all_turns()[2].move["pace"] == 84
        candidate.session.suspend()
        await candidate.over()
        while hall.registry.count:
            await pass_ms(50)
        before = len(hall.synthesizer.speeds)
        back = await hall.come_in(candidate.interview_id)
        await back.listen()
        assert set(hall.synthesizer.speeds[before:]) == {0.84}
        await leave(back, hall)

    run_virtual(story())


# --- replies that do not come --------------------------------------------------------------------


def hanging(line: Line | str = SECOND) -> Line:
    """A reply that the model does not begin within an hour."""
    made = line if isinstance(line, Line) else Line(line)
    made.first_ms = 3_600_000
    return made


def test_a_model_that_hangs_is_bridged_within_2_s_and_replaced_within_6(said: Said) -> None:
    async def story() -> None:
        hall = Hall()
        hall.interviewer.by_turns = False
        hall.interviewer.lines.clear()
        hall.interviewer.lines.extend([Line(GREETING), hanging(), closing(GOODBYE)])
        candidate = await hall.come_in()
        await candidate.listen()
        await pass_ms(600)
        await candidate.say(said(ANSWERS[0]), ANSWERS[0])
        await candidate.leg.until(lambda: candidate.leg.states[-1] == "quiet/thinking")
        began = now_ms()
        await candidate.until_it_says(WAIT)
        assert now_ms() - began < 2_000
        await candidate.until_it_says("goodbye")
        assert now_ms() - began < 6_000
        asked = hall.interviewer.asked[-1]
        assert asked.urgent
        assert asked.cause is Cause.ANSWER
        await candidate.over()
        turns = hall.log.all_turns()
        assert [turn.text for turn in turns] == [GREETING, ANSWERS[0], WAIT, GOODBYE]
        assert turns[2].move == {"kind": "filler"}
        await hall.empty()

    run_virtual(story())


def test_a_bridge_and_the_reply_after_it_are_one_turn(said: Said) -> None:
    async def story() -> None:
        late = Line(GOODBYE, Move(MoveKind.CLOSE), first_ms=3_000)
        hall = Hall(GREETING, late)
        candidate = await hall.come_in()
        await candidate.listen()
        await pass_ms(600)
        await candidate.say(said(ANSWERS[0]), ANSWERS[0])
        await candidate.over()
        assert hall.log.texts() == [GREETING, ANSWERS[0], f"{WAIT} {GOODBYE}"]
        last = hall.log.all_turns()[-1]
        assert last.heard_text == last.text
        assert last.move["kind"] == "close"
        await hall.empty()

    run_virtual(story())
