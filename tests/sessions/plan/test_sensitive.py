"""Sensitive questions: noticed in every wording, and the ready plans have none."""

from pathlib import Path

import pytest

from sessions.plan.plan import READY_PLANS, load_plan
from sessions.plan.sensitive import sensitive_hint, sensitive_questions
from tests.sessions.plan.test_plan import SMALL


def told(text: str, place: str = "text: What do you test?") -> str:
    asked = place.replace("What do you test?", text)
    plan = load_plan(SMALL.replace("text: What do you test?", asked))
    return " ".join(sensitive_questions(plan))


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("How old are you?", "age"),
        ("What is your date of birth?", "age"),
        ("Are you married?", "family"),
        ("Do you have any children?", "family"),
        ("Are you planning to start a family?", "pregnancy"),
        ("Are you pregnant?", "pregnancy"),
        ("Do you have any disabilities?", "health"),
        ("How many sick days did you take?", "health"),
        ("What is your religion?", "religion"),
        ("Where are you originally from?", "origin"),
        ("What’s your nationality?", "origin"),
        ("Who did you vote for?", "politics"),
        ("Are you a member of a trade union?", "trade unions"),
        ("Are you gay?", "sexual orientation"),
    ],
)
def test_a_question_that_may_not_be_asked_is_noticed(text: str, subject: str) -> None:
    assert subject in told(text)
    probe = 'text: Hello there\n        probes: [{cue: short, text: "What do you test?"}]'
    assert subject in told(text, probe)


@pytest.mark.parametrize(
    "text",
    [
        "How old is the system you worked on?",
        "Have you built for people with disabilities?",
        "Where do the figures come from?",
        "Which languages do you program in?",
        "How did you handle a conflict in your team?",
        "Are you allowed to work in this country?",
        "What did you do about page age and cache health?",
    ],
)
def test_a_question_about_the_work_is_left_alone(text: str) -> None:
    assert told(text) == ""


@pytest.mark.parametrize("file", sorted(READY_PLANS.glob("*.yaml")), ids=lambda file: file.stem)
def test_the_ready_plans_ask_nothing_of_the_kind(file: Path) -> None:
    assert list(sensitive_questions(load_plan(file))) == []


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("ask whether she is married", "family"),
        ("Ask about children", "family"),
        ("does he have kids", "family"),
        ("is Ada pregnant?", "pregnancy"),
        ("does she plan to have children?", "pregnancy"),
        ("how old is he?", "age"),
        ("ask about her age.", "age"),
        ("what year did she graduate", "age"),
        ("find out where they are from", "origin"),
        ("ask if he goes to church", "religion"),
        ("is the candidate religious", "religion"),
        ("ask who she voted for", "politics"),
        ("has she any disability", "health"),
        ("Are you gay?", "sexual orientation"),
    ],
)
def test_a_hint_that_may_not_be_asked_is_noticed_however_it_names_the_candidate(
    text: str, subject: str
) -> None:
    assert subject in " ".join(sensitive_hint(text))


@pytest.mark.parametrize(
    "text",
    [
        "ask about the migration",
        "ask about the race condition",
        "ask about the origin of the data",
        "Ask about health checks",
        "how old is the system she works on?",
        "ask about the age of the code",
        "tell them about the on-call rota",
    ],
)
def test_a_hint_about_the_work_is_not_held_up(text: str) -> None:
    assert list(sensitive_hint(text)) == []
