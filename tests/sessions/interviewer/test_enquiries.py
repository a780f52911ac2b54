"""Enquiries about the interview: found in words that no table holds, answered with the truth."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bench.corpus import held_out_texts, texts, untidy_texts
from sessions.interviewer.enquiries.matching import topic_of
from sessions.interviewer.enquiries.question_words import PARTS, QUESTIONS
from sessions.interviewer.enquiries.request_wordings import Intent
from sessions.interviewer.enquiries.wordings import PATTERNS, Topic
from sessions.interviewer.enquiry_reply import (
    ENQUIRY,
    INVITATIONS,
    PROMISED,
    TO_DO,
    TRUTHS,
)
from sessions.interviewer.fixed_reply import FixedReply, fixed_reply, reply_parts
from sessions.interviewer.intents import intent_of
from sessions.interviewer.protocol import Conversation, Move, MoveKind
from sessions.turntaking.causes import Cause
from sessions.turntaking.turns import Speaker, Turn
from tests.fakes.fake_interviewer import FakeInterviewer, Line
from tests.fakes.interview_turns import PLAN, QUESTION, conversation

FOLDER = Path(__file__).parent / "wordings"
RIGHT = 0.9
"""Share of the wordings, at least, that are understood."""

ANSWERED = Turn(1, Speaker.CANDIDATE, "I write tests.", "I write tests.", 1_000, 2_000)


def wordings(name: str) -> list[list[str]]:
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line]


def answers() -> Iterator[str]:
    yield from (line for (line,) in wordings("answers.txt"))
    for corpus in (texts, untidy_texts, held_out_texts):
        for kind in vars(corpus).values():
            if isinstance(kind, dict):
                for many in kind.values():
                    told = many if isinstance(many, tuple) else ()
                    yield from (one.replace("|", "").replace("/", "") for one in told)


def asking(said: str, *before: Turn) -> Conversation:
    return conversation(Cause.ANSWER, said, *before)


def reply(said: str, *before: Turn) -> FixedReply:
    found = fixed_reply(asking(said, *before))
    assert found is not None, said
    return found


def test_nine_in_ten_wordings_are_understood() -> None:
    table = wordings("enquiries.txt")
    wrong = [(text, topic) for topic, text in table if topic_of(text) != topic]
    assert len(table) >= 150
    assert len(wrong) <= (1 - RIGHT) * len(table), wrong


def test_nine_in_ten_requests_are_understood_whatever_stands_in_front_of_them() -> None:
    table = wordings("requests.txt")
    wrong = [(text, intent_of(text)) for intent, text in table if intent_of(text) != intent]
    assert len(wrong) <= (1 - RIGHT) * len(table), wrong


def test_no_answer_is_taken_for_an_enquiry() -> None:
    told = list(answers())
    assert len(told) > 300
    assert [one for one in told if topic_of(one) is not None] == []


def test_every_topic_has_wordings_and_one_reply() -> None:
    said = {Topic.GOT_IT, Topic.ALREADY_SAID}
    worded = set(PATTERNS) | {topic for topic, _ in (*PARTS, *QUESTIONS)}
    assert worded == set(Topic) == set(TRUTHS) | set(INVITATIONS) | said
    assert set(TRUTHS).isdisjoint(INVITATIONS)
    assert {topic for topic, _ in wordings("enquiries.txt")} == {topic.value for topic in Topic}


def test_the_truth_about_the_interviewer_comes_at_once_and_the_question_stays() -> None:
    found = reply("Are you a real person?")
    assert found.text.startswith(f"I'm not a person: I'm {PLAN.persona.name}, an AI interviewer")
    assert found.text.endswith(QUESTION.text)
    assert found.move == Move(MoveKind.ANSWER, QUESTION.id, {ENQUIRY: "real_person"})


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Can you see me?", "I can't see you"),
        ("Is this recorded?", "is turned into text"),
        ("Who reads this?", "is read by the people who hire at Northwind Labs"),
        ("How long will it take?", "about 15 minutes at most, and we have about 10 minutes left"),
        ("How many questions are left?", "still to come"),
        ("May I add something?", "please go ahead"),
        ("My previous answer was wrong.", "Please tell me how it should be"),
        ("I didn't finish.", "Please go on."),
        ("I already said that.", "need not repeat it"),
    ],
)
def test_each_topic_gets_what_a_good_interviewer_would_say(said: str, told: str) -> None:
    assert told in reply(said, ANSWERED).text


def test_did_you_get_that_is_answered_by_what_is_on_record() -> None:
    assert "on record" in reply("Did you get that?", ANSWERED).text
    assert QUESTION.text in reply("Did you get that?").text


@pytest.mark.parametrize("topic", PROMISED)
def test_what_is_promised_becomes_a_to_do_on_record(topic: Topic) -> None:
    said, *_ = [text for name, text in wordings("enquiries.txt") if name == topic]
    found = reply(said)
    assert "I'll pass" in found.text
    assert found.move.as_record()[TO_DO] == said


async def test_a_question_that_the_interviewer_passes_on_becomes_a_to_do_as_well() -> None:
    said = "What does a normal week look like?"
    answer = Line("I'll pass that on.", Move(MoveKind.ANSWER, QUESTION.id))
    parts = [part async for part in reply_parts(FakeInterviewer(answer), asking(said))]
    assert parts[0] == Move(MoveKind.ANSWER, QUESTION.id, {TO_DO: said})


def test_an_answer_in_another_language_and_a_request_are_left_to_the_interviewer() -> None:
    assert fixed_reply(replace(asking("Is this recorded?"), language="de")) is None
    assert intent_of("Could you repeat that?") is Intent.REPEAT
    assert fixed_reply(asking("Could you repeat that?")) is None
