"""Slips of YAML: every text that quotes would mend says so, with its line."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sessions.plan.plan import PlanError, load_plan
from tests.sessions.plan.test_plan import SMALL


def told(text: str) -> str:
    """The one sentence about a plan that cannot be used."""
    with pytest.raises(PlanError) as caught:
        load_plan(text)
    return "\n".join(str(problem) for problem in caught.value.problems)


def with_text(text: str) -> str:
    """A plan whose question, in line 7, is this text without quotes."""
    return SMALL.replace("What do you test?", text)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Tell me: why us?", '"Tell me: why us?"'),
        ("{candidate}, why us?", '"{candidate}, why us?"'),
        ("[Warm-up] Who are you?", '"[Warm-up] Who are you?"'),
        ("@home or remote?", '"@home or remote?"'),
        ("*Why* us?", '"*Why* us?"'),
        ("!important", '"!important"'),
        ("- first", '"- first"'),
        ("> 5 years?", '"> 5 years?"'),
        ('"Clean" code: what is it?', "'\"Clean\" code: what is it?'"),
        ("'it's'", '"it\'s"'),
        ("'What is it?", '"What is it?"'),
        ("C#: what is it?", '"C#: what is it?"'),
        ("What about issue #5 of ours?", '"What about issue #5 of ours?"'),
        ("#5", '"#5"'),
        ("no", '"no"'),
        ("12:30", '"12:30"'),
        ("2024-01-01", '"2024-01-01"'),
        ("[a, b]", '"[a, b]"'),
    ],
)
def test_text_that_means_something_to_yaml_is_shown_in_quotes(text: str, wanted: str) -> None:
    sentence = told(with_text(text))
    assert sentence.startswith("line 7, ")
    assert "quotes" in sentence or "quote " in sentence
    assert wanted in sentence
    assert load_plan(with_text(wanted)).question("q1").text


@settings(deadline=None, max_examples=400)
@given(st.text("ab :#'\"{}[]&*!|>%@`,?-\\.5yno", min_size=3, max_size=14).map(str.strip))
@example("Why, then: us?")
@example("no: yes")
def test_any_text_is_read_whole_or_its_line_is_told_with_quotes(text: str) -> None:
    if len(text) < 2 or re.search(r"\s#(\s|$|#)", text) or re.search(r"[{}]", text):
        return  # a comment, or a placeholder: told elsewhere
    try:
        read = load_plan(with_text(text)).question("q1").text
    except PlanError as error:
        sentence = str(error)
    else:
        plain = text[1:-1].strip() if text[0] in "'\"" else text
        assert text[0] in "'\">|" or read == " ".join(plain.split())
        return
    assert re.search(r"quote|is too short|colon and a blank", sentence), sentence
    assert re.search(r"(?i)\bline [78]\b", sentence), sentence


@pytest.mark.parametrize(
    ("plan", "line", "words"),
    [
        (SMALL + "language: no\n", 9, 'YAML reads no as true or false: put it in quotes: "no"'),
        (SMALL.replace("  - title", "\t- title"), 4, "begins with a tab: put blanks in its place"),
        (SMALL.replace("        text", "\ttext"), 7, "begins with a tab: put blanks in its place"),
        (SMALL.replace("role: tester", "role tester"), 2, "a colon and a blank: role: tester"),
        (SMALL.replace("text: What", "text:What"), 7, "a colon and a blank: text: What do you"),
        (SMALL.replace("        text", "       text"), 7, "begin in the same column"),
        (SMALL.replace("title: Small", "title: A: B"), 1, 'title: "A: B"'),
        (SMALL.replace("id: q1", "id: yes"), 6, 'put it in quotes: "yes"'),
        (SMALL.replace("tester", "\n"), 2, "nothing stands there"),
        (
            SMALL + "        probes:\n          - cue: mentions: kafka, redis\n",
            10,
            '- cue: "mentions: kafka, redis"',
        ),
        (SMALL + "        rephrased:\n          - Tell me: why?\n", 10, '"Tell me: why?"'),
        (SMALL + "        rubric: {1: no}\n", 9, 'put it in quotes: "no"'),
        (SMALL + "        terms: [yes]\n", 9, 'put it in quotes: "yes"'),
        (SMALL + "      - {id: q2, text: Why, us?, competency: x}\n", 9, "before the comma"),
        (SMALL + "\u00a0language: en\n", 9, "a blank of another kind"),
    ],
)
def test_other_slips_are_told_with_what_mends_them(plan: str, line: int, words: str) -> None:
    sentence = told(plan)
    assert f"line {line}, " in sentence
    assert words in sentence


def test_comments_stay_comments() -> None:
    plan = load_plan(with_text("What do you test? # the warm-up").replace("Small", "Small #1"))
    assert plan.question("q1").text == "What do you test?"
    assert plan.title == "Small", "a title is shown, and what is missing can be seen"
