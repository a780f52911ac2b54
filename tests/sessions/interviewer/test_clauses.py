"""Clauses: the same words ask, order, wish or tell, and only what is no tale is a request."""

import pytest

from sessions.interviewer.enquiries.clauses import Force, bare, clauses_of
from sessions.interviewer.enquiries.features import kind_by_features
from sessions.interviewer.enquiries.request_wordings import Intent
from sessions.interviewer.enquiries.wordings import Topic


@pytest.mark.parametrize(
    ("said", "force"),
    [
        ("Could you repeat the question?", Force.ASK),
        ("is it recorded", Force.ASK),
        ("Repeat the question, please.", Force.ORDER),
        ("I'd like to hear the question again.", Force.WISH),
        ("I repeat the question to them.", Force.STATE),
        ("I don't know, maybe twenty an hour?", Force.STATE),
        ("You're a robot, aren't you?", Force.ASK),
    ],
)
def test_a_clause_is_asked_ordered_wished_or_stated(said: str, force: Force) -> None:
    assert clauses_of(said)[0].force is force


def test_bare_words_have_no_short_forms_no_fillers_and_no_politeness() -> None:
    assert bare("Um, sorry, can you tell me whether it's actually recorded?") == "it is recorded"
    assert bare("I can\u2019t hear you.") == "i can not hear you"


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("You are recording this, yes?", Topic.RECORDED),
        ("This is it recorded?", Topic.RECORDED),
        ("Is getting recorded what I say here?", Topic.RECORDED),
        ("Again the question, please, I did not hear.", Intent.REPEAT),
        ("Would it be possible that we take a little pause?", Intent.WAIT),
    ],
)
def test_features_count_in_whatever_order(words: str, kind: Topic | Intent) -> None:
    assert kind_by_features(words) is kind


@pytest.mark.parametrize(
    "told",
    [
        "We record every call.",
        "I asked them to repeat the question.",
        "He wanted to stop the interview.",
        "I'd like to take a break every two hours.",
        "Can you hear me? That's what she always said.",
        "No, I need more time.",
    ],
)
def test_what_is_told_is_no_request(told: str) -> None:
    assert kind_by_features(told) is None


def test_why_somebody_asks_counts_where_it_matters() -> None:
    said = "I stutter, so could you wait a bit longer?"
    assert kind_by_features(said) is Topic.ACCOMMODATION
