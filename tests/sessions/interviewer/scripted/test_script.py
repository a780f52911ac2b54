"""Script: decisions in cases that whole interviews seldom reach."""

from typing import Any

import pytest

from sessions.interviewer.dialogue_state import dialogue_state
from sessions.interviewer.progress import progress_in
from sessions.interviewer.protocol import Conversation, MoveKind
from sessions.interviewer.scripted.phrases import Decision
from sessions.interviewer.scripted.script import decide
from sessions.plan.plan import Plan, parse_plan
from sessions.turntaking.causes import Cause
from sessions.turntaking.turns import Speaker, Turn


def plan_with(**question: Any) -> Plan:
    first = {"id": "q1", "text": "How do you work?", "competency": "Any", **question}
    last = {"id": "q2", "text": "Anything else?", "competency": "Any", "expects": "questions"}
    section = {"title": "All", "questions": [first, last]}
    return parse_plan({"title": "P", "role": "R", "sections": [section]})


def decision(
    plan: Plan, *said: str, asked: str = "q1", cause: Cause = Cause.ANSWER, level: int = 0,
    time_left_ms: int = 600_000,
) -> Decision:  # fmt: skip
    text = plan.question(asked).text
    move = {"kind": "ask", "question": asked}
    turns = [Turn(0, Speaker.INTERVIEWER, text, text, 0, 1000, move=move)]
    turns += [Turn(1, Speaker.CANDIDATE, words, words, 1000, 2000) for words in said]
    conversation = Conversation(
        plan, "Ada", "en", turns, cause, idle_level=level, time_left_ms=time_left_ms
    )
    return decide(dialogue_state(conversation, progress_in(conversation)))


ENOUGH = (
    "We plan in the morning, then everybody works on a ticket, and we review it together later."
)


@pytest.mark.parametrize(
    ("cue", "said", "probed"),
    [
        ("short", "Alone.", True),
        ("short", ENOUGH, False),
        ("no_example", ENOUGH, True),
        ("no_example", ENOUGH + " For example, last week we shipped a parser.", False),
        ("mentions: ticket", ENOUGH, True),
        ("mentions: kanban", ENOUGH, False),
        ("missing: review, test", ENOUGH, False),
        ("missing: estimate", ENOUGH, True),
        ("the answer is vague", ENOUGH, False),
    ],
)
def test_a_cue_calls_for_its_probe(cue: str, said: str, probed: bool) -> None:
    plan = plan_with(probes=[{"cue": cue, "text": "Tell me more."}])
    made = decision(plan, said)
    assert (made.kind is MoveKind.PROBE and made.detail == {"probe": 0}) is probed


def test_a_short_answer_is_followed_up_even_without_a_probe_in_the_plan() -> None:
    made = decision(plan_with(), "Alone, mostly.")
    assert made.kind is MoveKind.PROBE
    assert made.detail == {}
    assert decision(plan_with(expects="short"), "Alone, mostly.").kind is MoveKind.ASK


def test_there_is_no_probe_when_time_is_short() -> None:
    made = decision(plan_with(), "Alone, mostly.", time_left_ms=25_000)
    assert made.kind is MoveKind.CLOSE
    assert "almost out of time" in made.text


def test_an_answer_in_several_turns_is_taken_as_one() -> None:
    assert decision(plan_with(), *ENOUGH.split(", ")).kind is MoveKind.ASK


def test_a_filler_after_an_answer_gives_time_and_loses_nothing() -> None:
    assert decision(plan_with(), ENOUGH, "Um.").kind is MoveKind.HOLD


def test_permission_is_given() -> None:
    made = decision(plan_with(), "Can I talk about my studies?")
    assert made.kind is MoveKind.HOLD
    assert made.text == "Yes, please do."


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("I would like to know more about the team.", MoveKind.ANSWER),
        ("Yes.", MoveKind.HOLD),
        ("No, thanks.", MoveKind.CLOSE),
        ("It was a nice talk and I enjoyed it.", MoveKind.CLOSE),
        ("Could you repeat that?", MoveKind.REPEAT),
    ],
)
def test_the_candidates_turn_to_ask(said: str, kind: MoveKind) -> None:
    assert decision(plan_with(), said, asked="q2").kind is kind


def test_silence_where_the_candidate_may_ask_ends_the_interview() -> None:
    made = decision(plan_with(), asked="q2", cause=Cause.IDLE, level=2)
    assert made.kind is MoveKind.CLOSE
    assert made.detail == {"skipped": "q2"}


def test_an_answer_and_then_i_dont_know_is_not_skipped() -> None:
    assert decision(plan_with(), ENOUGH, "I don't know.").detail == {}


def test_requests_are_met_a_few_times_and_then_the_interview_goes_on() -> None:
    plan = plan_with()
    text = plan.question("q1").text
    for said, kind in (("Sorry?", "repeat"), ("Um.", "hold")):
        ask = {"kind": "ask", "question": "q1"}
        turns = [Turn(0, Speaker.INTERVIEWER, text, text, 0, 1000, move=ask)]
        again = {"kind": kind, "question": "q1"}
        turns += [Turn(0, Speaker.INTERVIEWER, text, text, 0, 1000, move=again)] * 4
        view = Conversation(plan, "Ada", "en", turns, Cause.ANSWER, said, time_left_ms=600_000)
        made = decide(dialogue_state(view, progress_in(view)))
        assert made.kind is MoveKind.ASK
        assert made.detail == {"skipped": "q1"}


def test_a_silence_after_an_unheard_question_repeats_it() -> None:
    plan = plan_with()
    text = "Hello and welcome to this long greeting. " + plan.question("q1").text
    ask = {"kind": "ask", "question": "q1"}
    turns = [Turn(0, Speaker.INTERVIEWER, text, text[:20], 0, 1000, interrupted=True, move=ask)]
    view = Conversation(plan, "Ada", "en", turns, Cause.IDLE, idle_level=1, time_left_ms=600_000)
    made = decide(dialogue_state(view, progress_in(view)))
    assert made.kind is MoveKind.REPEAT
    assert made.text.endswith(plan.question("q1").text)


def test_is_anybody_there_gets_an_answer() -> None:
    made = decision(plan_with(), "Hello? Are you there?")
    assert made.kind is MoveKind.REPEAT
    assert made.text.startswith("Yes, I'm here.")
