"""The registry: one session an interview, no more than there is room for, all let go at a stop."""

import asyncio
from uuid import UUID, uuid4

import pytest

from sessions.leg import EndedNote, LegEnd
from sessions.plan.plan import demo_plan
from sessions.record.retrying import StoreUnavailable
from sessions.record.store import InterviewFacts, InterviewOver
from sessions.registry import SessionLimitReached, _session_context
from sessions.turntaking.causes import EndReason
from tests.sessions.conftest import Said
from tests.sessions.hall import ANSWERS, GREETING, Hall
from tests.support.virtual_time import pass_ms, run_virtual


def test_opened_at_once_from_many_sides_an_interview_has_one_session() -> None:
    async def story() -> None:
        hall, interview = Hall(), uuid4()
        sessions = await asyncio.gather(*(hall.registry.open(interview) for _ in range(10)))
        assert len(set(map(id, sessions))) == 1
        assert hall.log.opened == 1
        assert hall.registry.count == 1
        await hall.registry.close()
        await hall.empty()

    run_virtual(story())


def test_openings_that_fail_one_after_the_other_do_not_let_two_sessions_in() -> None:
    async def story() -> None:
        hall, interview = Hall(), uuid4()
        real, calls = hall.log.open_session, 0

        async def open_session(interview_id: UUID) -> InterviewFacts:
            nonlocal calls
            calls += 1
            if calls == 1:
                await pass_ms(10)
                raise StoreUnavailable("The database cannot be reached just now.")
            await pass_ms(10)
            return await real(interview_id)

        hall.log.open_session = open_session  # type: ignore[method-assign]  # this once
        first = asyncio.create_task(hall.registry.open(interview))
        second = asyncio.create_task(hall.registry.open(interview))
        await pass_ms(12)  # the first has failed, the second is on its way
        third = asyncio.create_task(hall.registry.open(interview))
        await asyncio.wait([first, second, third])
        assert isinstance(first.exception(), StoreUnavailable)
        assert second.result() is third.result()
        assert calls == 2
        await hall.registry.close()
        await hall.empty()

    run_virtual(story())


def test_who_is_spoken_to_before_the_interview_has_a_seat() -> None:
    async def story() -> None:
        hall = Hall(most=2)
        live = await hall.come_in()
        with hall.registry.reserve_seat(None):
            for interview in (None, uuid4()):
                with pytest.raises(SessionLimitReached), hall.registry.reserve_seat(interview):
                    raise AssertionError("there is no room")
            with pytest.raises(SessionLimitReached):
                await hall.registry.open(uuid4())
            with hall.registry.reserve_seat(live.interview_id):  # it comes back, and has one
                assert await hall.registry.open(live.interview_id) is live.session
        with pytest.raises(ZeroDivisionError), hall.registry.reserve_seat(None):
            raise ZeroDivisionError
        with hall.registry.reserve_seat(None):
            pass
        await hall.registry.open(uuid4())
        live.microphone.close()
        await hall.registry.close()
        await hall.empty()

    run_virtual(story())


def test_there_is_no_room_for_one_more_until_somebody_leaves() -> None:
    async def story() -> None:
        hall = Hall(most=2)
        first, _ = await hall.come_in(), await hall.come_in()
        with pytest.raises(SessionLimitReached, match="2 interviews are live"):
            await hall.registry.open(uuid4())
        assert await hall.registry.open(first.interview_id) is first.session  # who is in, is in
        first.session.end(EndReason.ENDED_BY_CANDIDATE)
        await first.over()
        await pass_ms(100)
        await hall.registry.open(uuid4())
        await hall.registry.close()

    run_virtual(story())


def test_many_who_come_at_the_same_moment_do_not_get_more_room_than_there_is() -> None:
    async def story() -> None:
        hall = Hall(most=3)
        opened = await asyncio.gather(
            *(hall.registry.open(uuid4()) for _ in range(8)), return_exceptions=True
        )
        assert sum(isinstance(result, SessionLimitReached) for result in opened) == 5
        assert hall.registry.count == 3
        await hall.registry.close()
        await hall.empty()

    run_virtual(story())


def test_an_interview_that_is_over_or_a_database_that_is_away_is_told() -> None:
    async def story() -> None:
        hall = Hall()
        candidate = await hall.come_in()
        candidate.session.end(EndReason.ENDED_BY_CANDIDATE)
        await candidate.over()
        await pass_ms(100)
        with pytest.raises(InterviewOver):
            await hall.registry.open(candidate.interview_id)
        hall.log.away = True
        with pytest.raises(StoreUnavailable):
            await hall.registry.open(uuid4())
        assert hall.registry.count == 0
        await hall.empty()

    run_virtual(story())


def test_ending_waits_until_the_end_is_on_record() -> None:
    async def story() -> None:
        hall = Hall()
        candidate = await hall.come_in()
        await candidate.listen()
        assert await hall.registry.end(candidate.interview_id, EndReason.RECRUITER)
        assert list(hall.log.ends.values()) == [("recruiter", False)]
        assert not hall.registry.is_live(candidate.interview_id)
        assert not await hall.registry.end(candidate.interview_id, EndReason.RECRUITER)
        candidate.microphone.close()
        assert candidate.leg.told(EndedNote) != []
        await hall.empty()

    run_virtual(story())


def test_ending_an_interview_that_nobody_has_begun_ends_it() -> None:
    async def story() -> None:
        hall, interview = Hall(), uuid4()
        await hall.registry.open(interview)
        assert await hall.registry.end(interview, EndReason.RECRUITER)
        assert list(hall.log.ends.values()) == [("recruiter", False)]
        await hall.empty()

    run_virtual(story())


def test_an_end_that_could_not_be_put_on_record_is_not_claimed() -> None:
    async def story() -> None:
        hall = Hall()
        candidate = await hall.come_in()
        await candidate.listen()
        hall.log.away = True
        assert not await hall.registry.end(candidate.interview_id, EndReason.RECRUITER)
        candidate.microphone.close()

    run_virtual(story())


def test_who_comes_while_the_session_is_leaving_gets_a_new_one_with_all_turns() -> None:
    async def story() -> None:
        hall = Hall()
        candidate = await hall.come_in()
        hall.log.away = True  # so that leaving takes a while
        await candidate.listen()
        candidate.lose()
        await pass_ms(hall.rules.leg_grace_ms + 1_000)
        assert candidate.session.done
        coming = asyncio.create_task(hall.come_in(candidate.interview_id))
        await pass_ms(1_000)
        assert not coming.done()
        hall.log.away = False
        back = await coming
        assert back.session is not candidate.session
        assert [turn.text for turn in back.session.context.turns] == [GREETING]
        await hall.registry.close()
        back.microphone.close()
        await hall.empty()

    run_virtual(story())


def test_at_a_stop_everything_said_goes_on_record_and_can_be_taken_up_again(said: Said) -> None:
    async def story() -> None:
        hall = Hall()
        talking, listening = await hall.come_in(), await hall.come_in()
        await asyncio.gather(talking.listen(), listening.listen())
        await pass_ms(600)
        hall.transcriber.says = "We built a search"
        talking.microphone.start(said(ANSWERS[0]))
        await pass_ms(1_200)
        await hall.registry.close()
        assert hall.registry.count == 0
        for candidate in (talking, listening):
            assert candidate.leg.ends == [LegEnd.RESTART]
            candidate.microphone.close()
        turns = hall.log.turns[talking.session.context.session_id]
        assert [turns[index].text for index in sorted(turns)] == [GREETING, "We built a search"]
        assert hall.log.ends == {}
        await hall.empty()

        back = await hall.come_in(talking.interview_id)
        assert [turn.text for turn in back.session.context.turns][-1] == "We built a search"
        await hall.registry.close()
        back.microphone.close()

    run_virtual(story())


def test_a_stop_is_not_held_up_for_ever_by_a_database_that_is_away() -> None:
    async def story() -> None:
        hall = Hall()
        candidate = await hall.come_in()
        hall.log.away = True
        await candidate.listen()
        began = asyncio.get_running_loop().time()
        await hall.registry.close()
        assert asyncio.get_running_loop().time() - began < 30
        assert hall.registry.count == 0
        candidate.microphone.close()
        await hall.empty()

    run_virtual(story())


def test_a_session_is_about_a_plan_with_the_names_filled_in() -> None:
    document = demo_plan().model_dump(mode="json")
    document["sections"][0]["questions"][0]["text"] = "Why {organisation}, {candidate}?"
    facts = InterviewFacts(
        interview_id=uuid4(),
        organisation_id=uuid4(),
        session_id=uuid4(),
        plan_document=document,
        candidate_name="Ada {role}",
        language="en",
        time_limit_s=60,
        turns=[],
        begun=False,
    )
    context = _session_context(facts)
    assert context.plan.questions()[0].text == "Why Northwind Labs, Ada role?"
    assert context.candidate_name == "Ada {role}"
