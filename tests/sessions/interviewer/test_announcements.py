"""Announcements and hints: questions made of hints, boundaries, announcements, prefaces."""

from dataclasses import replace

import pytest

from sessions.interviewer.announcements import (
    ANNOUNCEMENTS,
    is_boundary,
    more_time,
    question_of,
)
from sessions.interviewer.fixed_reply import reply_parts
from sessions.interviewer.language_model.langchain import scripted_interviewer
from sessions.interviewer.language_model.prompt import hint_instructions, request_instructions
from sessions.interviewer.progress import progress_of
from sessions.interviewer.protocol import Conversation, Move, MoveKind
from sessions.plan.plan import demo_plan
from sessions.turntaking.causes import Cause
from sessions.turntaking.turns import Speaker, Turn
from tests.sessions.interview import Interview

LONG = (
    "In my last job we had a shop that was slow, so I measured every query, found the three that "
    "took most of the time, added what was missing, and it was five times as fast in the end."
)


@pytest.mark.parametrize(
    ("hint", "question"),
    [
        ("ask about the migration", "could you tell me about the migration?"),
        ("Ask why they left their last job.", "could you tell me why you left your last job?"),
        ("ask them how she measured it", "could you tell me how you measured it?"),
        ("ask to describe the team", "could you describe the team?"),
        ("What was the budget?", "what was the budget?"),
        ("Kubernetes", "could you tell me about Kubernetes?"),
        ("the Berlin office", "could you tell me about the Berlin office?"),
        ("salary  expectations", "could you tell me about salary expectations?"),
    ],
)
def test_a_hint_becomes_a_question(hint: str, question: str) -> None:
    assert question_of(hint) == f"One more thing: {question}"


def scripted() -> Interview:
    return Interview(demo_plan(), scripted_interviewer())


async def after_opening() -> Interview:
    interview = scripted()
    await interview.open()
    return interview


def conversation(interview: Interview, cause: Cause = Cause.ANSWER, **more: str) -> Conversation:
    """What the session would hand over, with what recruiters want."""
    plain = interview.conversation(cause, more.pop("said", ""))
    hint, preface, actor = (more.get(name, "") for name in ("hint", "preface", "actor"))
    return replace(plain, hint=hint, preface=preface, actor=actor)


async def reply_to(
    interview: Interview, asked: Conversation
) -> tuple[MoveKind, str, dict[str, object]]:
    parts = [part async for part in reply_parts(interview.interviewer, asked)]
    move = parts[0]
    assert isinstance(move, Move)
    text = " ".join("".join(part for part in parts if isinstance(part, str)).split())
    return move.kind, text, dict(move.detail)


async def test_a_boundary_is_an_answer_and_nothing_else() -> None:
    interview = await after_opening()
    for said, boundary in (
        (LONG, True),
        ("No.", True),
        ("Could you repeat the question?", False),
        ("One moment, let me think.", False),
        ("What do you mean by that?", False),
        ("", False),
    ):
        assert is_boundary(conversation(interview, said=said)) is boundary, said
    assert not is_boundary(conversation(interview, Cause.IDLE))
    assert not is_boundary(conversation(interview, Cause.SKIP, said=LONG))


async def test_the_scripted_interviewer_puts_the_hint_as_its_next_question_and_then_goes_on() -> (
    None
):
    interview = await after_opening()
    asked = conversation(interview, said=LONG, hint="ask about the migration")
    kind, text, _ = await reply_to(interview, asked)
    assert kind is MoveKind.PROBE
    assert text == "One more thing: could you tell me about the migration?"


async def test_announcements_are_made_in_fixed_words_and_change_nothing_of_the_plan() -> None:
    interview = await after_opening()
    before = progress_of(interview.plan, interview.turns, 600_000)
    for cause in ANNOUNCEMENTS:
        kind, text, detail = await reply_to(interview, conversation(interview, cause, actor="Rita"))
        assert detail == {"notice": cause.value}
        assert (kind is MoveKind.CLOSE) is (cause is Cause.END)
        assert ("Rita" in text) is (cause is Cause.TAKE_OVER)
        move = {"kind": kind.value, "question": None, **detail}
        turn = Turn(len(interview.turns), Speaker.INTERVIEWER, text, text, 0, 1, move=move)
        after = progress_of(interview.plan, [*interview.turns, turn], 600_000)
        assert (after.current, after.asked, after.closed) == (
            before.current,
            before.asked,
            before.closed,
        )


async def test_an_answer_before_a_pause_is_still_answered_after_it() -> None:
    interview = await after_opening()
    interview.say(LONG)
    notice = Turn(
        2,
        Speaker.INTERVIEWER,
        "A pause.",
        "A pause.",
        0,
        1,
        move={"kind": "hold", "notice": "pause"},
    )
    interview.turns.append(notice)
    _, text, _ = await reply_to(interview, conversation(interview, Cause.UNPAUSE))
    assert text.startswith("Let's go on.")
    assert "Here is my question again" not in text


async def test_what_is_said_to_a_recruiter_answers_no_question_of_the_plan() -> None:
    interview = await after_opening()
    question = progress_of(interview.plan, interview.turns, 600_000).current
    assert question is not None
    for speaker, text in ((Speaker.RECRUITER, "Hello."), (Speaker.CANDIDATE, "Hello Rita.")):
        interview.turns.append(Turn(len(interview.turns), speaker, text, text, 0, 1))
    progress = progress_of(interview.plan, interview.turns, 600_000)
    assert question.id not in progress.answered
    kind, text, _ = await reply_to(interview, conversation(interview, Cause.HAND_BACK))
    assert kind is MoveKind.REPEAT
    assert question.text in text


async def test_after_an_answered_question_the_plan_goes_on_with_the_next() -> None:
    interview = await after_opening()
    interview.say(LONG)
    following = progress_of(interview.plan, interview.turns, 600_000).next
    assert following is not None
    for cause in (Cause.HAND_BACK, Cause.SKIP):
        kind, text, _ = await reply_to(interview, conversation(interview, cause))
        assert kind is MoveKind.ASK
        assert following.text in text


async def test_a_skipped_question_is_noted_as_skipped() -> None:
    interview = await after_opening()
    _, _, detail = await reply_to(interview, conversation(interview, Cause.SKIP))
    current = progress_of(interview.plan, interview.turns, 600_000).current
    assert current is not None
    assert detail == {"skipped": current.id}


async def test_a_preface_is_said_before_the_reply() -> None:
    interview = await after_opening()
    asked = conversation(interview, said=LONG, preface=more_time(5 * 60_000))
    _, text, _ = await reply_to(interview, asked)
    assert text.startswith("We have 5 minutes more than planned. ")
    assert more_time(60_000) == "We have one minute more than planned. "


async def test_a_language_model_is_told_in_the_prompt() -> None:
    interview = await after_opening()
    progress = progress_of(interview.plan, interview.turns, 600_000)
    assert "never hear of" in hint_instructions("ask about the migration", "q1")
    for cause, words in (
        (Cause.UNPAUSE, "pause is over"),
        (Cause.HAND_BACK, "A recruiter has just spoken"),
        (Cause.SKIP, "ask q2"),
    ):
        assert words in request_instructions(cause, progress, "ask q2")
