"""Troubles: a database that is away, providers that fail, errors of the program itself."""

import asyncio
from collections.abc import Callable

import pytest

from audio.speech import SpeechUnavailable
from sessions.interviewer.protocol import InterviewerError
from sessions.leg import EndedNote, LegEnd, ReadyNote, TroubleNote
from sessions.listening.transcription import LATE_AT_END_S
from sessions.record.retrying import StoreUnavailable
from sessions.session import LEG_WAITS_S
from sessions.turntaking.causes import Cause, EndReason
from sessions.turntaking.turns import Speaker
from tests.fakes.fake_interviewer import Line, closing
from tests.fakes.fake_speech import unavailable
from tests.sessions.conftest import Said
from tests.sessions.hall import ANSWERS, GOODBYE, GREETING, SECOND, THIRD, Candidate, Hall
from tests.support.virtual_time import now_ms, pass_ms, run_virtual


async def end(candidate: Candidate, hall: Hall) -> None:
    candidate.session.end(EndReason.ENDED_BY_CANDIDATE)
    await candidate.over()
    await hall.empty()


# --- the database --------------------------------------------------------------------------------


def test_while_the_database_is_away_the_interview_goes_on_and_is_acknowledged_later(
    said: Said,
) -> None:
    async def story() -> None:
        hall = Hall()
        candidate = await hall.come_in()
        hall.log.away = True
        for number, answer in enumerate(ANSWERS[:2], 1):
            await candidate.listen(number)
            await pass_ms(600)
            await candidate.say(said(answer), answer)
        await candidate.listen(3)
        assert candidate.leg.committed == []
        assert hall.log.order == []
        (trouble,) = candidate.leg.told(TroubleNote)
        assert trouble.code == "database"
        hall.log.away = False
        await pass_ms(3_000)
        assert candidate.leg.committed == hall.log.order == [0, 1, 2, 3, 4]
        assert hall.log.texts() == [GREETING, ANSWERS[0], SECOND, ANSWERS[1], THIRD]
        await end(candidate, hall)

    run_virtual(story())


def test_a_database_that_comes_back_after_the_last_word_still_gets_the_end(said: Said) -> None:
    async def story() -> None:
        hall = Hall(GREETING, closing(GOODBYE))
        candidate = await hall.come_in()
        await candidate.listen()
        await pass_ms(600)
        await candidate.say(said(ANSWERS[0]), ANSWERS[0])
        await candidate.until_it_says("goodbye")
        await pass_ms(100)
        hall.log.away = True
        await pass_ms(15_000)
        assert candidate.leg.ends == []
        hall.log.away = False
        await candidate.over()
        assert hall.log.texts() == [GREETING, ANSWERS[0], GOODBYE]
        assert list(hall.log.ends.values()) == [("completed", True)]
        await hall.empty()

    run_virtual(story())


def test_a_database_that_goes_just_before_the_end_is_put_on_record_is_waited_for() -> None:
    async def story() -> None:
        hall = Hall()
        candidate = await hall.come_in()
        await candidate.listen()
        await pass_ms(50)
        hall.log.away = True
        candidate.session.end(EndReason.ENDED_BY_CANDIDATE)
        await pass_ms(5_000)
        assert not candidate.session.over
        hall.log.away = False
        await candidate.over()
        assert list(hall.log.ends.values()) == [("ended_by_candidate", False)]
        await hall.empty()

    run_virtual(story())


def test_a_database_that_stays_away_does_not_hold_the_session_for_ever() -> None:
    async def story() -> None:
        hall = Hall()
        candidate = await hall.come_in()
        hall.log.away = True
        await candidate.listen()
        candidate.session.end(EndReason.ENDED_BY_CANDIDATE)
        await candidate.over()
        await hall.empty()
        assert not candidate.session.over
        assert candidate.leg.ends == [LegEnd.UNAVAILABLE]
        assert candidate.leg.told(EndedNote) == []

    run_virtual(story())


def test_consent_that_cannot_be_put_on_record_begins_nothing() -> None:
    async def story() -> None:
        hall = Hall()
        candidate = await hall.come_in(begins=False)
        hall.log.away = True
        with pytest.raises(StoreUnavailable):
            await candidate.begin()
        await pass_ms(1_000)
        assert hall.interviewer.asked == []
        hall.log.away = False
        await candidate.begin()
        await candidate.listen()
        await end(candidate, hall)

    run_virtual(story())


# --- providers -----------------------------------------------------------------------------------


def test_words_that_cannot_be_understood_are_asked_for_again(said: Said) -> None:
    async def story() -> None:
        hall = Hall()
        candidate = await hall.come_in()
        await candidate.listen()
        await pass_ms(600)
        hall.transcriber.answers.append(unavailable())
        await candidate.say(said(ANSWERS[2]), "")
        await candidate.listen(2)
        assert hall.interviewer.asked[-1].cause is Cause.UNHEARD
        await pass_ms(600)
        await candidate.say(said(ANSWERS[0]), ANSWERS[0])
        await candidate.listen(3)
        await pass_ms(50)
        assert ANSWERS[0] in hall.log.texts()
        await end(candidate, hall)

    run_virtual(story())


def test_the_end_of_an_answer_that_comes_late_is_on_record_and_known_to_the_interviewer(
    said: Said,
) -> None:
    async def story() -> None:
        hall = Hall()
        candidate = await hall.come_in()
        await candidate.listen()
        await pass_ms(600)
        await candidate.say(said(ANSWERS[0]), ANSWERS[0])
        await pass_ms(450)  # a pause in which the first words become known
        hall.transcriber.answers.extend([unavailable()] * 3)
        whole = f"{ANSWERS[0]} {ANSWERS[2]}"
        await candidate.say(said(ANSWERS[2]), whole)
        await candidate.listen(2)
        await pass_ms(9_000)
        (turn,) = (turn for turn in hall.log.all_turns() if turn.speaker is Speaker.CANDIDATE)
        assert turn.text == whole
        assert turn.revision >= 1
        await candidate.say(said(ANSWERS[1]), ANSWERS[1])
        await candidate.listen(3)
        told = [turn.text for turn in hall.interviewer.asked[-1].turns]
        assert whole in told
        assert ANSWERS[0] not in told
        await end(candidate, hall)

    run_virtual(story())


@pytest.mark.parametrize("failures", [3, 4, 5, 30])
def test_the_end_of_the_last_answer_goes_on_record_though_the_interview_is_over(
    said: Said, failures: int
) -> None:
    async def story() -> None:
        hall = Hall()
        candidate = await hall.come_in()
        await candidate.listen()
        await pass_ms(600)
        await candidate.say(said(ANSWERS[0]), ANSWERS[0])
        await pass_ms(450)  # a pause in which the first words become known
        hall.transcriber.answers.extend([unavailable()] * failures)
        whole = f"{ANSWERS[0]} {ANSWERS[2]}"
        await candidate.say(said(ANSWERS[2]), whole)
        await candidate.listen(2)
        began = now_ms()
        await end(candidate, hall)
        (turn,) = (turn for turn in hall.log.all_turns() if turn.speaker is Speaker.CANDIDATE)
        assert turn.text == (whole if failures < 30 else ANSWERS[0])
        assert now_ms() - began < LATE_AT_END_S * 1_000 + 1_500  # nobody waits for ever

    run_virtual(story())


def test_whoever_heard_an_answer_is_on_record_one_after_the_other(said: Said) -> None:
    async def story() -> None:
        hall = Hall()
        candidate = await hall.come_in()
        await candidate.listen()
        for number, heard_by in enumerate(("ears.example", "local"), 2):
            await pass_ms(600)
            hall.transcriber.provider = heard_by
            await candidate.say(said(ANSWERS[number - 2]), ANSWERS[number - 2])
            await candidate.listen(number)
        await end(candidate, hall)
        answers = [turn for turn in hall.log.all_turns() if turn.speaker is Speaker.CANDIDATE]
        assert [turn.usage["heard_by"] for turn in answers] == [
            [{"provider": "ears.example", "model": "fake-stt"}],
            [{"provider": "local", "model": "fake-stt"}],
        ]

    run_virtual(story())


def test_an_interviewer_that_fails_once_is_asked_again() -> None:
    async def story() -> None:
        error = InterviewerError("The language model does not answer.")
        hall = Hall(Line(GREETING, error=error), GREETING)
        hall.interviewer.by_turns = False
        candidate = await hall.come_in()
        await candidate.listen()
        await pass_ms(50)
        assert hall.log.texts() == [GREETING]
        assert len(hall.interviewer.asked) == 2
        await end(candidate, hall)

    run_virtual(story())


@pytest.mark.parametrize("who", ["interviewer", "voice"])
def test_a_provider_that_fails_again_and_again_suspends_the_interview_which_then_goes_on(
    who: str,
) -> None:
    async def story() -> None:
        error = InterviewerError("The language model does not answer.")
        hall = Hall(Line(GREETING, error=error if who == "interviewer" else None))
        if who == "voice":
            hall.synthesizer.failing, hall.synthesizer.error = {"Hello"}, SpeechUnavailable("Gone.")
        candidate = await hall.come_in()
        await candidate.over()
        assert candidate.leg.ends == [LegEnd.UNAVAILABLE]
        assert candidate.leg.told(EndedNote) == []
        assert hall.log.ends == {}
        hall.interviewer.lines[0].error = None
        hall.synthesizer.failing = set()
        back = await hall.come_in(candidate.interview_id)
        await back.listen()
        await pass_ms(50)
        assert hall.log.texts() == [GREETING]
        await end(back, hall)

    run_virtual(story())


# --- errors of the program -----------------------------------------------------------------------


def break_interviewer(hall: Hall) -> None:
    hall.interviewer.lines[1].error = RuntimeError("a bug")


def break_voice(hall: Hall) -> None:
    hall.synthesizer.failing, hall.synthesizer.error = {"hardest"}, RuntimeError("a bug")


def break_transcriber(hall: Hall) -> None:
    hall.transcriber.answers.append(RuntimeError("a bug"))


def break_log(hall: Hall) -> None:
    hall.log.error = RuntimeError("a bug")


@pytest.mark.parametrize("broken", [break_interviewer, break_voice, break_transcriber, break_log])
def test_an_error_of_the_program_ends_that_session_only_and_it_can_be_taken_up_again(
    said: Said, broken: Callable[[Hall], None]
) -> None:
    async def story() -> None:
        hall = Hall()
        candidate = await hall.come_in()
        other = await hall.come_in()
        await asyncio.gather(candidate.listen(), other.listen())
        await pass_ms(600)
        broken(hall)
        await candidate.say(said(ANSWERS[0]), ANSWERS[0])
        await candidate.over()
        assert candidate.leg.ends == [LegEnd.BROKEN]
        assert candidate.leg.told(EndedNote) == []
        assert not candidate.session.over
        hall.log.error = None
        hall.interviewer.lines[1].error = None
        hall.synthesizer.failing = set()
        hall.transcriber.answers.clear()
        await pass_ms(4_000)

        assert other.leg.ends == []
        await other.say(said(ANSWERS[0]), ANSWERS[0])
        await other.listen(other.spoken_to() + 1)
        back = await hall.come_in(candidate.interview_id)
        assert back.session is not candidate.session
        assert back.leg.told(ReadyNote)[0].resumed
        await back.listen()
        for one in (back, other):
            one.session.end(EndReason.ENDED_BY_CANDIDATE)
            await one.over()
        await hall.empty()

    run_virtual(story())


@pytest.mark.parametrize("away_s", [1, 31, 74, 110])
def test_the_end_is_told_only_when_it_is_on_record_and_no_turn_is_lost(
    away_s: int, said: Said
) -> None:
    """Whatever the database misses: the last turns, the end, or both."""

    async def story() -> None:
        hall = Hall(GREETING, closing(GOODBYE))
        candidate = await hall.come_in()
        await candidate.listen()
        hall.log.away = True
        await candidate.say(said(ANSWERS[0]), ANSWERS[0])
        await candidate.until_it_says("goodbye")
        await candidate.listen(2)
        await pass_ms(away_s * 1_000)
        assert candidate.leg.told(EndedNote) == []
        assert candidate.leg.ends == []
        assert [note.code for note in candidate.leg.told(TroubleNote)] == ["database"]
        hall.log.away = False
        await candidate.over()
        assert [note.reason for note in candidate.leg.told(EndedNote)] == ["completed"]
        assert candidate.leg.ends == [LegEnd.OVER]
        assert hall.log.texts() == [GREETING, ANSWERS[0], GOODBYE]
        await hall.empty()

    run_virtual(story())


def test_who_has_waited_long_is_let_go_without_a_goodbye_and_the_end_is_kept() -> None:
    async def story() -> None:
        hall = Hall()
        candidate = await hall.come_in()
        await candidate.listen()
        await pass_ms(50)
        hall.log.away = True
        candidate.session.end(EndReason.RECRUITER)
        await pass_ms(LEG_WAITS_S * 1_000 + 1_000)
        assert candidate.leg.ends == [LegEnd.UNAVAILABLE]
        assert candidate.leg.told(EndedNote) == []
        hall.log.away = False
        await pass_ms(3_000)
        assert candidate.session.over
        assert list(hall.log.ends.values()) == [("recruiter", False)]
        candidate.microphone.close()
        await hall.empty()

    run_virtual(story())


def test_a_server_that_stops_with_an_end_to_write_says_that_it_stops() -> None:
    async def story() -> None:
        hall = Hall()
        candidate = await hall.come_in()
        await candidate.listen()
        await pass_ms(50)
        hall.log.away = True
        candidate.session.end(EndReason.RECRUITER)
        await pass_ms(5_000)
        await hall.registry.close()
        assert candidate.leg.ends == [LegEnd.RESTART]
        assert candidate.leg.told(EndedNote) == []
        candidate.microphone.close()
        await hall.empty()

    run_virtual(story())
