"""The filmed interview: its plan can be held, and its answers do what the scenes need."""

from docs.generators.clip import ANSWER, HARD_PART, HINT, INTERRUPTION, PLAN
from sessions.interviewer.announcements import question_of
from sessions.interviewer.enquiries.request_wordings import Intent
from sessions.interviewer.intents import intent_of, word_count
from sessions.interviewer.scripted.script import MIN_OVERHEARD_WORDS
from sessions.plan.plan import parse_plan


def test_the_plan_is_a_plan() -> None:
    assert [question.id for question in parse_plan(dict(PLAN)).questions()][:2] == [
        "project",
        "problem",
    ]


def test_what_the_candidate_says_are_answers() -> None:
    assert {intent_of(text) for text in (ANSWER, INTERRUPTION, HARD_PART)} == {Intent.ANSWER}


def test_the_interruption_deserves_an_acknowledgement() -> None:
    assert word_count(INTERRUPTION) >= MIN_OVERHEARD_WORDS


def test_the_hint_becomes_a_question() -> None:
    assert "migration" in question_of(HINT)
