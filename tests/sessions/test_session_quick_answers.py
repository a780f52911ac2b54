"""Quick answers: what is said over the silence behind a question, or just after, is an answer."""

import copy

import numpy as np
import pytest
from numpy.typing import NDArray

from sessions.interviewer.protocol import Move, MoveKind
from sessions.plan.plan import demo_plan
from sessions.turntaking.causes import EndReason
from sessions.turntaking.turns import Speaker
from tests.sessions.conftest import Said
from tests.sessions.hall import Hall
from tests.sessions.listening.microphone_hall import voice_span_ms
from tests.support.virtual_time import now_ms, pass_ms, run_virtual

QUESTION = "Hello Ada. Have you built a search engine of that kind before?"


def short(sound: NDArray[np.int16]) -> NDArray[np.int16]:
    """What is said, without the silence around it."""
    begin, end = voice_span_ms(sound)
    return sound[int(begin * 16) : int(end * 16)]


TAIL_MS = 220.0
"""As the local voice ends a sentence."""

PLAN = demo_plan().model_dump(mode="json")


def hall_asking(expects: str) -> Hall:
    hall = Hall(QUESTION, "I see. And where was that, please?")
    plan = copy.deepcopy(PLAN)
    question = plan["sections"][0]["questions"][0]
    question["expects"] = expects
    hall.log.plan_document = plan
    hall.interviewer.lines[0].move = Move(MoveKind.ASK, question["id"])
    hall.synthesizer.tail_ms = TAIL_MS
    return hall


@pytest.mark.parametrize("at_ms", [-200, -100, 60])
@pytest.mark.parametrize(
    ("expects", "answer"),
    [
        ("yes_no", "Yes."),
        ("yes_no", "No."),
        ("yes_no", "Yeah."),
        ("short", "Berlin."),
        ("number", "Seven."),
        ("explanation", "Okay, no."),
        ("yes_no", "Yes, I have."),
        ("short", "Right, two years."),
    ],
)
@pytest.mark.parametrize("acknowledges", [True, False])
def test_a_quick_answer_is_an_answer(
    said: Said, expects: str, answer: str, at_ms: float, acknowledges: bool
) -> None:
    async def story() -> None:
        hall = hall_asking(expects)
        candidate = await hall.come_in(begins=False)
        if not acknowledges:
            candidate.leg.answers, candidate.leg.acknowledges = frozenset(), False
        await candidate.begin()
        await candidate.leg.until(lambda: bool(candidate.leg.sounds))
        begins_ms = candidate.leg.sounds[0].begins_s * 1000
        length_ms = 300 * len(QUESTION.split()) + 2 * TAIL_MS
        await pass_ms(begins_ms + length_ms + at_ms - now_ms())
        await candidate.say(short(said(answer)), answer)
        await pass_ms(4_000)
        question, reply, *_ = hall.log.all_turns()
        assert (question.heard_text, question.interrupted) == (QUESTION, False)
        assert (reply.speaker, reply.text) == (Speaker.CANDIDATE, answer)
        runs = [generation for generation, _ in candidate.leg.runs]
        assert runs.count(1) == 1, "nothing is said again"
        candidate.session.end(EndReason.ENDED_BY_CANDIDATE)
        await candidate.over()

    run_virtual(story())
