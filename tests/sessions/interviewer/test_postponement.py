"""Postponement: what asks for it and what does not, and a session that is left and resumed."""

import pytest

from sessions.interviewer.postponement import FAREWELL, wants_another_time
from sessions.leg import LegEnd
from sessions.turntaking.causes import Cause, EndReason
from tests.sessions.conftest import Said
from tests.sessions.hall import ANSWERS, Hall
from tests.support.virtual_time import pass_ms, run_virtual


@pytest.mark.parametrize(
    "text",
    [
        "Can you call me back later?",
        "Sorry, could you please call me back in ten minutes?",
        "Call me tomorrow.",
        "Please call me back.",
        "I'll call you back.",
        "Can we do this another time?",
        "Could we continue the interview tomorrow, please?",
        "Let's finish this later.",
        "I’d prefer to talk another day.",
        "Can we reschedule?",
        "It's not a good time.",
        "This isn't really a good time, sorry.",
        "I'm sorry, but I can't talk right now.",
    ],
)
def test_who_cannot_talk_now_is_understood(text: str) -> None:
    assert wants_another_time(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I called the customer back later.",
        "We continued the project later.",
        "They asked us to call back, and we did.",
        "It was not a good time for the company.",
        "I would do the tests first and talk later about it. That is how I work.",
        "When a customer said can you call me back later, I wrote it down and called at the time "
        "we had agreed on, always.",
        "Can you repeat the question?",
        "I can't talk about that, it is confidential.",
        "Later I moved to another team.",
    ],
)
def test_an_answer_is_not_taken_for_it(text: str) -> None:
    assert not wants_another_time(text)


def test_the_interview_is_left_kindly_and_goes_on_at_the_same_question(said: Said) -> None:
    async def story() -> None:
        hall = Hall()
        candidate = await hall.come_in()
        await candidate.listen()
        await candidate.say(said(ANSWERS[0]), "Sorry, can you call me back in an hour?")
        await candidate.over()
        assert candidate.leg.ends == [LegEnd.ADJOURNED]
        assert hall.log.texts()[-1] == FAREWELL
        assert hall.log.ends == {}, "the interview is not over"
        await hall.empty()
        await pass_ms(3_600_000)
        back = await hall.come_in(candidate.interview_id)
        assert back.session is not candidate.session
        await back.listen()
        assert hall.interviewer.asked[-1].cause is Cause.RESUME
        back.session.end(EndReason.ENDED_BY_CANDIDATE)
        await back.over()
        await hall.empty()

    run_virtual(story(), limit_s=8_000)


def test_who_goes_on_after_all_is_not_let_go(said: Said) -> None:
    async def story() -> None:
        hall = Hall()
        candidate = await hall.come_in()
        await candidate.listen()
        await candidate.say(said(ANSWERS[0]), "Can you call me back?")
        await candidate.leg.until(lambda: len(candidate.leg.sounds) > 20)
        await candidate.say(said(ANSWERS[1]), "Wait, no, it is quiet here now, let me answer.")
        await candidate.listen(2)
        assert hall.registry.is_live(candidate.interview_id)
        assert candidate.leg.ends == []
        candidate.session.end(EndReason.ENDED_BY_CANDIDATE)
        await candidate.over()
        await hall.empty()

    run_virtual(story())
