"""Fixed replies: when there is one, what it does, and how other replies are passed on."""

from contextlib import aclosing
from dataclasses import replace

import pytest

from sessions.interviewer.announcements import ANNOUNCEMENTS, SOMEBODY, more_time
from sessions.interviewer.fixed_reply import FixedReply, fixed_reply, reply_parts
from sessions.interviewer.postponement import ADJOURN, FAREWELL
from sessions.interviewer.protocol import Conversation, Move, MoveKind
from sessions.turntaking.causes import Cause
from sessions.turntaking.turns import Speaker, Turn
from tests.fakes import interview_turns
from tests.fakes.fake_interviewer import FakeInterviewer
from tests.fakes.interview_turns import ASKED, QUESTION

LATER = "Sorry, can you call me back later?"


def conversation(cause: Cause = Cause.ANSWER, said: str = "", **more: str) -> Conversation:
    return replace(
        interview_turns.conversation(cause, said),
        language=more.get("language", "en"),
        actor=more.get("actor", ""),
        preface=more.get("preface", ""),
    )


@pytest.mark.parametrize("cause", [cause for cause in Cause if cause not in ANNOUNCEMENTS])
def test_what_calls_for_no_fixed_words_is_left_to_the_interviewer(cause: Cause) -> None:
    assert fixed_reply(conversation(cause, "We had a cache that was slow.")) is None
    if cause is not Cause.ANSWER:
        assert fixed_reply(conversation(cause, LATER)) is None


def test_announcements_leave_the_question_open() -> None:
    assert fixed_reply(conversation(Cause.PAUSE)) == FixedReply(
        Move(MoveKind.HOLD, QUESTION.id, {"notice": "pause"}), ANNOUNCEMENTS[Cause.PAUSE]
    )
    taken = fixed_reply(conversation(Cause.TAKE_OVER, actor="Rita {actor}"))
    assert taken is not None
    assert taken.text.startswith("Rita {actor} would like to speak to you")
    unknown = fixed_reply(conversation(Cause.TAKE_OVER))
    assert unknown is not None
    assert unknown.text.startswith(SOMEBODY)
    assert fixed_reply(conversation(Cause.END)) == FixedReply(
        Move(MoveKind.CLOSE, None, {"notice": "end"}), ANNOUNCEMENTS[Cause.END]
    )


def test_who_cannot_talk_now_is_let_go_whatever_is_on_record_by_then() -> None:
    left = FixedReply(Move(MoveKind.HOLD, QUESTION.id, {ADJOURN: 1}), FAREWELL)
    assert fixed_reply(conversation(said=LATER)) == left
    on_record = Turn(1, Speaker.CANDIDATE, LATER, LATER, 1_000, 2_000)
    assert fixed_reply(replace(conversation(), turns=(ASKED, on_record))) == left
    assert fixed_reply(conversation(said=LATER, language="de")) is None


async def test_a_preface_comes_before_a_farewell_and_not_before_an_announcement() -> None:
    preface = more_time(60_000)
    parts = [
        part
        async for part in reply_parts(
            FakeInterviewer("Hm."), conversation(said=LATER, preface=preface)
        )
    ]
    assert parts[1] == f"{preface}{FAREWELL}"
    fixed = fixed_reply(conversation(Cause.END, preface=preface))
    assert fixed is not None
    assert fixed.text == ANNOUNCEMENTS[Cause.END]


async def test_closing_the_parts_closes_the_interviewers_reply() -> None:
    interviewer = FakeInterviewer("Hello there.")
    async with aclosing(reply_parts(interviewer, conversation(said="I code."))) as parts:
        await anext(parts)
        assert interviewer.open == 1
    assert interviewer.open == 0
