"""Legs that are lost, replaced and come back, and ends in the middle: what was said is kept."""

from uuid import uuid4

import numpy as np
import pytest

from sessions.leg import (
    ANSWERS_A_S,
    ANSWERS_AT_ONCE,
    AnswerComplete,
    DigitPressed,
    EndedNote,
    EndRequestedByCandidate,
    FlushDone,
    InterruptRequested,
    LegEnd,
    LegEvent,
    MarkReached,
    OpenedElsewhere,
    PlayedTo,
    ReadyNote,
    TextTyped,
)
from sessions.pending_replies import CALLS_A_S, CALLS_AT_ONCE
from sessions.turntaking.causes import Cause, EndReason
from sessions.turntaking.events import AnswerTyped
from sessions.turntaking.rules import Rules
from tests.fakes.fake_leg import FakeLeg
from tests.sessions.conftest import Said
from tests.sessions.hall import ANSWERS, GREETING, Candidate, Hall
from tests.support.virtual_time import pass_ms, run_virtual


async def end(candidate: Candidate, hall: Hall) -> None:
    candidate.session.end(EndReason.ENDED_BY_CANDIDATE)
    await candidate.over()
    await hall.empty()


# --- the leg -------------------------------------------------------------------------------------


def test_a_leg_lost_in_the_middle_of_an_answer_keeps_what_was_said(said: Said) -> None:
    async def story() -> None:
        hall = Hall()
        candidate = await hall.come_in()
        await candidate.listen()
        await pass_ms(600)
        hall.transcriber.says = "We built a search"
        candidate.microphone.start(said(ANSWERS[0]))
        await pass_ms(1_200)
        candidate.lose()
        await pass_ms(500)
        assert hall.log.texts() == [GREETING, "We built a search"]

        back = await hall.come_in(candidate.interview_id)
        assert back.session is candidate.session
        (ready,) = back.leg.told(ReadyNote)
        assert ready.resumed
        assert [turn.text for turn in ready.turns] == hall.log.texts()
        await back.listen()
        assert hall.interviewer.asked[-1].cause is Cause.RESUME
        assert [c.cause for c in hall.interviewer.asked].count(Cause.OPENING) == 1
        await end(back, hall)

    run_virtual(story())


def test_a_leg_lost_while_the_interviewer_speaks_leaves_what_was_heard() -> None:
    async def story() -> None:
        hall = Hall()
        candidate = await hall.come_in()
        await candidate.leg.until(lambda: bool(candidate.leg.sounds))
        await pass_ms(1_800)
        candidate.lose()
        await pass_ms(100)
        (greeting,) = hall.log.all_turns()
        assert greeting.interrupted
        assert GREETING.startswith(greeting.heard_text)
        assert 3 <= len(greeting.heard_text.split()) <= 7
        back = await hall.come_in(candidate.interview_id)
        await back.listen()
        assert hall.interviewer.asked[-1].cause is Cause.RESUME
        await end(back, hall)

    run_virtual(story())


def test_a_leg_lost_before_a_word_was_heard_is_greeted_again() -> None:
    async def story() -> None:
        hall = Hall()
        candidate = await hall.come_in()
        await pass_ms(50)
        candidate.lose()
        await pass_ms(1_000)
        assert hall.log.turns == {}
        back = await hall.come_in(candidate.interview_id)
        assert not back.leg.told(ReadyNote)[0].resumed
        await back.listen()
        assert hall.interviewer.asked[-1].cause is Cause.OPENING
        await end(back, hall)

    run_virtual(story())


def test_a_second_leg_takes_the_place_of_the_first_which_is_told(said: Said) -> None:
    async def story() -> None:
        hall = Hall()
        first = await hall.come_in()
        await first.leg.until(lambda: bool(first.leg.sounds))
        await pass_ms(1_000)
        second = await hall.come_in(first.interview_id)
        assert second.session is first.session
        assert first.leg.ends == [LegEnd.REPLACED]
        await second.listen()
        told, played = len(first.leg.notes), len(first.leg.sounds)
        first.session.disconnect(first.leg)  # the old socket closes at last
        await first.microphone.say(said(ANSWERS[0]))  # and is not heard any more
        await pass_ms(500)
        assert not any(state.startswith("speaking") for state in second.leg.states)
        assert (len(first.leg.notes), len(first.leg.sounds)) == (told, played)
        first.microphone.close()
        await pass_ms(600)
        await second.say(said(ANSWERS[0]), ANSWERS[0])
        await second.listen(2)
        assert hall.log.order == sorted(hall.log.order)
        await end(second, hall)

    run_virtual(story())


def test_what_comes_back_by_itself_takes_nothing_from_where_the_candidate_went_on() -> None:
    async def story() -> None:
        hall = Hall()
        first = await hall.come_in()
        (told,) = first.leg.told(ReadyNote)
        first.lose()
        back = await hall.come_in(first.interview_id, opened_ms=told.opened_ms)  # nobody else came
        back.lose()

        second = await hall.come_in(first.interview_id, opened_ms=told.opened_ms + 1)
        with pytest.raises(OpenedElsewhere):
            await hall.come_in(first.interview_id, opened_ms=told.opened_ms)
        assert second.leg.ends == []
        second.lose()
        with pytest.raises(OpenedElsewhere):  # nor while the newer one is away for a moment
            await hall.come_in(first.interview_id, opened_ms=told.opened_ms)

        here = await hall.come_in(first.interview_id)  # the candidate's own doing wins
        assert here.leg.told(ReadyNote)[0].opened_ms > told.opened_ms
        await end(here, hall)

    run_virtual(story())


def test_nobody_comes_back_and_the_session_leaves_memory_until_somebody_does() -> None:
    async def story() -> None:
        hall = Hall(rules=Rules(leg_grace_ms=20_000))
        candidate = await hall.come_in()
        await candidate.listen()
        candidate.lose()
        await pass_ms(19_000)
        assert hall.registry.is_live(candidate.interview_id)
        await pass_ms(2_000)
        assert not hall.registry.is_live(candidate.interview_id)
        assert hall.log.ends == {}
        await hall.empty()

        await pass_ms(3_600_000)
        back = await hall.come_in(candidate.interview_id)
        assert back.session is not candidate.session
        (ready,) = back.leg.told(ReadyNote)
        assert ready.resumed
        assert ready.time_left_ms > hall.rules.time_limit_ms - 10_000, "the hour does not count"
        await back.listen()
        assert hall.interviewer.asked[-1].cause is Cause.RESUME
        await pass_ms(50)
        assert hall.log.order == [0, 1]
        await end(back, hall)

    run_virtual(story(), limit_s=8_000)


def test_who_comes_in_and_never_begins_is_not_kept_and_may_come_again() -> None:
    async def story() -> None:
        hall = Hall(rules=Rules(leg_grace_ms=20_000))
        candidate = await hall.come_in(begins=False)
        candidate.session.disconnect(candidate.leg)
        await pass_ms(3_600_000)
        await hall.empty()
        assert hall.log.ends == {}
        back = await hall.come_in(candidate.interview_id)
        await back.listen()
        assert hall.interviewer.asked[-1].cause is Cause.OPENING
        await end(back, hall)

    run_virtual(story(), limit_s=8_000)


def test_who_is_connected_and_has_not_begun_counts_as_there() -> None:
    async def story() -> None:
        hall = Hall(rules=Rules(leg_grace_ms=20_000, time_limit_ms=600_000))
        candidate = await hall.come_in(begins=False)
        await pass_ms(3_600_000)
        assert candidate.leg.ends == []
        assert candidate.leg.states == [], "there is nothing to tell before the beginning"
        assert candidate.session.time_left_ms == hall.rules.time_limit_ms
        await candidate.begin()
        await candidate.listen()
        assert hall.interviewer.asked[-1].cause is Cause.OPENING
        left_ms = candidate.session.time_left_ms
        assert hall.rules.time_limit_ms - 20_000 < left_ms < hall.rules.time_limit_ms
        await pass_ms(50)
        (greeting,) = hall.log.all_turns()
        assert greeting.started_ms < 2_000, "the wait is no part of the interview"
        await end(candidate, hall)

    run_virtual(story(), limit_s=8_000)


def test_who_goes_before_beginning_is_waited_for_from_then_on() -> None:
    async def story() -> None:
        hall = Hall(rules=Rules(leg_grace_ms=20_000))
        candidate = await hall.come_in(begins=False)
        await pass_ms(50_000)
        first = candidate.session
        first.disconnect(candidate.leg)
        await pass_ms(19_000)
        back = await hall.come_in(candidate.interview_id, begins=False)
        assert back.session is first
        await pass_ms(50_000)
        assert hall.registry.is_live(candidate.interview_id)
        first.disconnect(back.leg)
        await pass_ms(21_000)
        assert not hall.registry.is_live(candidate.interview_id)
        assert hall.log.ends == {}
        candidate.microphone.close()
        await hall.empty()

    run_virtual(story(), limit_s=8_000)


def test_beginning_twice_or_without_a_connection_changes_nothing() -> None:
    async def story() -> None:
        hall = Hall()
        candidate = await hall.come_in()
        await candidate.session.begin(candidate.leg)
        stranger = Candidate(uuid4(), candidate.session, hall.transcriber)
        await candidate.session.begin(stranger.leg)
        candidate.session.disconnect(stranger.leg)
        await candidate.listen()
        assert len(hall.interviewer.asked) == 1
        assert stranger.leg.notes == []
        await end(candidate, hall)

    run_virtual(story())


@pytest.mark.parametrize(
    "event",
    [
        PlayedTo(1, 10**9),
        MarkReached(1),
        FlushDone(1, 10**9),
        DigitPressed("#"),
        TextTyped("I have built bridges."),
        AnswerComplete(np.ones(16_000, np.int16)),
        InterruptRequested(),
        EndRequestedByCandidate(),
    ],
)
def test_reports_of_a_leg_that_is_not_the_sessions_are_ignored(event: LegEvent) -> None:
    async def story() -> None:
        hall = Hall()
        candidate = await hall.come_in()
        await candidate.leg.until(lambda: bool(candidate.leg.sounds))
        await pass_ms(1_000)
        stranger = Candidate(uuid4(), candidate.session, hall.transcriber)
        candidate.session.receive(stranger.leg, event)
        await candidate.listen()
        await pass_ms(1_000)
        assert [turn.heard_text for turn in hall.log.all_turns()] == [GREETING]
        assert not hall.log.all_turns()[0].interrupted
        assert len(hall.interviewer.asked) == 1
        await end(candidate, hall)

    run_virtual(story())


@pytest.mark.parametrize("event", [EndRequestedByCandidate(), TextTyped("No."), DigitPressed("#")])
def test_a_tab_that_was_replaced_can_end_and_answer_nothing_any_more(event: LegEvent) -> None:
    async def story() -> None:
        hall = Hall()
        candidate = await hall.come_in()
        await candidate.listen()
        old, candidate.leg = candidate.leg, FakeLeg()
        candidate.session.connect(candidate.leg)
        assert old.ends == [LegEnd.REPLACED]
        for begun in (False, True):
            if begun:
                await candidate.session.begin(candidate.leg)
            asked = len(hall.interviewer.asked)
            candidate.session.receive(old, event)
            await pass_ms(200)
            assert not candidate.session.done
            assert len(hall.interviewer.asked) - asked <= int(begun), "it goes on, and no more"
        await end(candidate, hall)

    run_virtual(story())


# --- more than anybody can mean ------------------------------------------------------------------


def test_a_flood_of_typed_answers_costs_neither_the_model_nor_the_record() -> None:
    async def story() -> None:
        hall = Hall()
        candidate = await hall.come_in()
        await candidate.listen()
        for number in range(200):
            candidate.session.receive(candidate.leg, TextTyped(f"Answer {number}."))
            candidate.session.receive(candidate.leg, DigitPressed("#"))
            await pass_ms(20)
        most = ANSWERS_AT_ONCE + ANSWERS_A_S * 4 + 2
        assert len(hall.interviewer.asked) <= most
        assert len(hall.log.all_turns()) <= 2 * most
        await end(candidate, hall)

    run_virtual(story())


def test_the_model_is_asked_at_a_bounded_rate_whatever_asks_for_replies() -> None:
    async def story() -> None:
        hall = Hall()
        candidate = await hall.come_in()
        await candidate.listen()
        for number in range(200):
            candidate.session.post(AnswerTyped(f"Answer {number}."))
            await pass_ms(20)
        assert len(hall.interviewer.asked) <= CALLS_AT_ONCE + CALLS_A_S * 5 + 1
        await end(candidate, hall)

    run_virtual(story())


# --- the end -------------------------------------------------------------------------------------


def test_ended_in_the_middle_of_an_answer_what_was_said_is_kept(said: Said) -> None:
    async def story() -> None:
        hall = Hall()
        candidate = await hall.come_in()
        await candidate.listen()
        await pass_ms(600)
        hall.transcriber.says = "We built"
        candidate.microphone.start(said(ANSWERS[0]))
        await pass_ms(900)
        candidate.session.end(EndReason.ENDED_BY_CANDIDATE)
        await candidate.over()
        assert hall.log.texts() == [GREETING, "We built"]
        assert list(hall.log.ends.values()) == [("ended_by_candidate", False)]
        assert candidate.leg.committed == [0, 1]
        (ended,) = candidate.leg.told(EndedNote)
        assert ended.message == "You have ended the interview. Your answers are saved."
        assert candidate.leg.ends == [LegEnd.OVER]
        await hall.empty()

    run_virtual(story())


def test_ended_while_the_interviewer_speaks_it_falls_silent_and_what_was_heard_is_kept() -> None:
    async def story() -> None:
        hall = Hall()
        candidate = await hall.come_in()
        await candidate.leg.until(lambda: bool(candidate.leg.sounds))
        await pass_ms(2_000)
        candidate.session.end(EndReason.RECRUITER)
        await candidate.over()
        (greeting,) = hall.log.all_turns()
        assert greeting.interrupted
        (ended,) = candidate.leg.told(EndedNote)
        assert ended.message.startswith("The recruiter has ended the interview.")
        await hall.empty()

    run_virtual(story())
