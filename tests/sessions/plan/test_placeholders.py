"""Placeholders: filled in in every text that is spoken, refused wherever nobody fills them in."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.plan.placeholders import MAX_NAME_CHARS, filled_plan
from sessions.plan.plan import Plan, PlanError, load_plan, parse_plan

PLAN = """\
title: Small
role: tester
organisation: Northwind
persona: {name: Vera, manner: kind}
opening: Hello there
closing: Good bye
terms: [Kafka]
sections:
  - title: One
    lead_in: Let us begin
    questions:
      - id: q1
        text: What do you test?
        rephrased: [What is it?]
        competency: Testing
        rubric: {1: nothing}
        terms: [pytest]
        probes:
          - cue: it stays vague
            text: Go on
"""

SPOKEN = ["Hello there", "Good bye", "Let us begin", "What do you test?", "What is it?", "Go on"]
NOT_SPOKEN = [
    "Small",
    "tester",
    "Northwind",
    "Vera",
    "kind",
    "Kafka",
    "One",
    "Testing",
    "nothing",
    "pytest",
    "it stays vague",
]


def put(old: str, new: str) -> str:
    """The plan with one text, in quotes, in place of another."""
    return PLAN.replace(old, f'"{new}"', 1)


def document(text: str) -> Any:
    return load_plan(text).model_dump(mode="json")


@pytest.mark.parametrize("old", SPOKEN)
def test_every_spoken_text_may_hold_every_name(old: str) -> None:
    plan = load_plan(put(old, "{candidate}: {interviewer} for {role} at {organisation}?"))
    filled = str(filled_plan(plan, "Ada").model_dump(exclude={"opening", "closing"}))
    if old in SPOKEN[2:]:
        assert "Ada: Vera for tester at Northwind?" in filled
    assert "{" not in filled.replace("{'", "").replace("{1", "").replace("{}", "")


@pytest.mark.parametrize("old", SPOKEN)
@pytest.mark.parametrize(
    ("braces", "words"),
    [
        ("{name}", "knows only {candidate}"),
        ("{Candidate}", "not {Candidate}"),
        ("{ candidate }", "not { candidate }"),
        ("{first name}", "not {first name}"),
        ("{}", "not {}"),
        ("{{candidate}}", "without its pair"),
        ("{candidate", "without its pair"),
        ("candidate}", "without its pair"),
    ],
)
def test_a_name_that_nobody_knows_is_refused_with_its_line(
    old: str, braces: str, words: str
) -> None:
    text = put(old, f"So, {braces}, why?")
    with pytest.raises(PlanError) as caught:
        load_plan(text)
    (problem,) = caught.value.problems
    assert words in problem.message
    assert problem.line is not None
    assert braces in text.splitlines()[problem.line - 1]


@pytest.mark.parametrize("old", NOT_SPOKEN)
@pytest.mark.parametrize("name", ["candidate", "surname"])
def test_a_name_where_nothing_is_filled_in_is_refused(old: str, name: str) -> None:
    with pytest.raises(PlanError, match="filled in spoken texts alone"):
        load_plan(put(old, f"a {{{name}}}"))


def test_an_organisation_that_the_plan_does_not_name_cannot_be_filled_in() -> None:
    text = put("What do you test?", "Why {organisation}?").replace("organisation: Northwind\n", "")
    with pytest.raises(PlanError, match="the plan names no organisation"):
        load_plan(text)


def test_a_text_must_not_get_too_long_by_its_names() -> None:
    fits = "a" * (600 - MAX_NAME_CHARS) + "{candidate}"
    plan = load_plan(put("What do you test?", fits))
    longest = filled_plan(plan, "b" * MAX_NAME_CHARS)
    assert Plan.model_validate(longest.model_dump()) == longest
    with pytest.raises(PlanError, match="too long with the names filled in"):
        load_plan(put("What do you test?", "a" + fits))


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("{candidate}, why us?", "Why us?"),
        ("Why us, {candidate}?", "Why us?"),
        ("So, {candidate}, why us?", "So, why us?"),
    ],
)
def test_a_candidate_without_a_name_leaves_no_gap(text: str, asked: str) -> None:
    plan = load_plan(put("What do you test?", text))
    assert filled_plan(plan, "").question("q1").text == asked


@given(st.text("ab{}:", min_size=2, max_size=8))
def test_a_plan_that_is_kept_already_is_filled_as_well_as_can_be(text: str) -> None:
    kept = document(PLAN)
    kept["sections"][0]["questions"][0]["text"] = f"a{text}b"
    filled = filled_plan(Plan.model_validate(kept), "Ada")
    assert Plan.model_validate(filled.model_dump()) == filled


def test_problems_of_braces_are_told_together_with_all_others() -> None:
    with pytest.raises(PlanError) as caught:
        parse_plan({"title": "a", "opening": "Hi {who}", "sections": []})
    assert {problem.place for problem in caught.value.problems} == {"role", "sections", "opening"}
