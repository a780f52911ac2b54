"""Prefetch: the sentences of the next replies are known before, as they will be voiced."""

from pathlib import Path

import pytest

from sessions.interviewer.language_model.langchain import scripted_interviewer
from sessions.interviewer.protocol import MoveKind
from sessions.interviewer.scripted.prefetch import likely_sentences
from sessions.interviewer.sentences import SentenceSplitter
from sessions.plan.plan import READY_PLANS, demo_plan, load_plan
from sessions.turntaking.causes import Cause, EndReason
from tests.sessions.conftest import Said
from tests.sessions.hall import ANSWERS, Hall
from tests.sessions.interview import Interview
from tests.support.virtual_time import pass_ms, run_virtual

LONG_ANSWER = "I worked on it for a year with four people, for example in my last team. " * 4


def as_voiced(text: str) -> list[str]:
    splitter = SentenceSplitter()
    return [*splitter.feed(text), *splitter.flush()]


@pytest.mark.parametrize("answer", [LONG_ANSWER, "Yes."])
@pytest.mark.parametrize("plan", sorted(READY_PLANS.glob("*.yaml")), ids=lambda path: path.stem)
async def test_a_scripted_interview_says_nothing_that_was_not_foreseen(
    plan: Path, answer: str
) -> None:
    held = Interview(load_plan(plan), scripted_interviewer())
    known = set(likely_sentences(held.conversation(Cause.OPENING)))
    reply = await held.open()
    assert known.issuperset(as_voiced(reply.text))
    surprises: list[str] = []
    while reply.move.kind is not MoveKind.CLOSE:
        known.update(likely_sentences(held.conversation(Cause.ANSWER)))
        reply = await held.answer(answer)
        surprises += [text for text in as_voiced(reply.text) if text not in known]
    assert surprises == []


def test_the_likeliest_comes_first() -> None:
    held = Interview(demo_plan(), scripted_interviewer())
    first = likely_sentences(held.conversation(Cause.OPENING))[0]
    assert first.startswith("Hello Ada")


async def test_nothing_follows_the_closing_words() -> None:
    held = Interview(demo_plan(), scripted_interviewer())
    await held.open()
    await held.answer("I want to end the interview now.")
    assert likely_sentences(held.conversation(Cause.ANSWER)) == ()


def test_a_session_looks_ahead_when_it_is_the_candidates_turn(said: Said) -> None:
    async def story() -> None:
        hall = Hall()
        candidate = await hall.come_in(begins=False)
        assert hall.ahead, "before the candidate has begun"
        assert hall.ahead[0][0].startswith("Hello Ada")
        await candidate.begin()
        await candidate.listen(1)
        assert len(hall.ahead) == 2
        await pass_ms(600)
        await candidate.say(said(ANSWERS[0]), ANSWERS[0])
        await candidate.listen(2)
        assert len(hall.ahead) == 3
        candidate.session.end(EndReason.ENDED_BY_CANDIDATE)
        await candidate.over()
        await hall.empty()

    run_virtual(story())
