"""After a cut the candidate goes on where the answer was, and no question comes in between."""

from dataclasses import replace

import pytest

from sessions.interviewer.after_a_cut import AGAIN, BRIEFLY, CUT
from sessions.interviewer.fixed_reply import FixedReply, fixed_reply
from sessions.interviewer.protocol import Conversation, Move, MoveKind
from sessions.turntaking.causes import Cause
from sessions.turntaking.turns import CUT as CUT_SHORT
from sessions.turntaking.turns import SUBMITTED, Speaker, Turn
from tests.fakes.interview_turns import ASKED, PLAN, QUESTION


def told(speaker: Speaker, text: str, **move: object) -> Turn:
    return Turn(0, speaker, text, text, 0, 1_000, move=move)


def back(*turns: Turn, cause: Cause = Cause.RESUME, language: str = "en") -> FixedReply | None:
    numbered = tuple(replace(turn, index=index) for index, turn in enumerate((ASKED, *turns)))
    return fixed_reply(Conversation(PLAN, "Ada", language, numbered, cause, time_left_ms=600_000))


def said(text: str, rule: str = CUT_SHORT) -> Turn:
    return replace(told(Speaker.CANDIDATE, text), latency={"endpoint_rule": rule})


def asked_to_go_on(text: str, times: int) -> Turn:
    return told(Speaker.INTERVIEWER, text, kind="hold", question=QUESTION.id, cut=times)


def test_the_last_words_are_said_and_the_answer_goes_on() -> None:
    answer = said("We had a cache. It was slow because the keys were much too long.")
    assert back(answer) == FixedReply(
        Move(MoveKind.HOLD, QUESTION.id, {"resumed": 1, CUT: 1}),
        "Welcome back. You were saying: It was slow because the keys were much too long. "
        "Please go on.",
    )


def test_of_a_long_sentence_only_its_end_is_said() -> None:
    found = back(said(" ".join(f"word{n}" for n in range(40))))
    assert found is not None
    assert found.text == (
        "Welcome back. You were saying: "
        + " ".join(f"word{n}" for n in range(28, 40))
        + ". Please go on."
    )


def test_it_is_said_shorter_each_time() -> None:
    first, second = asked_to_go_on("Welcome back.", 1), asked_to_go_on(AGAIN, 2)
    more = said("And then we measured it once more.")
    once = back(said("We had a cache."), first, more)
    twice = back(said("We had a cache."), first, more, second, more)
    assert (once and once.text, twice and twice.text) == (AGAIN, BRIEFLY)


@pytest.mark.parametrize(
    "words", ["Could you repeat that?", "I don't know.", "Are you a real person?", "I have to go."]
)
def test_a_request_is_met_and_not_gone_on_with(words: str) -> None:
    assert back(said(words)) is None


def test_who_had_not_begun_is_asked_again_by_the_interviewer() -> None:
    assert back() is None


@pytest.mark.parametrize("cause", [Cause.ANSWER, Cause.IDLE, Cause.TIME_UP])
def test_it_is_for_those_who_come_back(cause: Cause) -> None:
    assert back(said("We had a cache that was slow."), cause=cause) is None
    assert back(said("We had a cache that was slow."), language="de") is None


@pytest.mark.parametrize("rule", ["complete", "silence", "typed", SUBMITTED])
def test_after_a_whole_answer_the_reply_that_was_due_comes(rule: str) -> None:
    assert back(said("We had a cache that was slow.", rule)) is None


def test_who_went_on_over_a_reply_that_came_too_early_is_asked_to_go_on() -> None:
    second = PLAN.questions()[1]
    early = told(Speaker.INTERVIEWER, second.text, kind="ask", question=second.id)
    early = replace(early, heard_text=second.text[:6], interrupted=True)
    found = back(said("We had a cache.", "complete"), early, said("And its keys were too"))
    assert found is not None
    assert found.text == "Welcome back. You were saying: And its keys were too. Please go on."
