"""Progress of an interview, read from its turns."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sessions.interviewer.progress import LEAST_TO_ASK_MS, choose_next, minutes_of, progress_of
from sessions.plan.plan import Plan, parse_plan
from sessions.turntaking.turns import Speaker, Turn

MINUTE = 60_000


def question(name: str, *, must: bool = False, minutes: float = 2, **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "text": f"What about {name} in your work?",
        "competency": "Any",
        "must_ask": must,
        "minutes": minutes,
        **more,
    }


def plan_of(*questions: dict[str, Any]) -> Plan:
    section = {"title": "All", "questions": list(questions)}
    return parse_plan({"title": "P", "role": "R", "sections": [section]})


PLAN = plan_of(
    question("q1", must=True),
    question("q2", probes=[{"cue": "short", "text": "More?"}]),
    question("q3", must=True),
)


def asks(text: str, heard: str | None = None, **move: Any) -> Turn:
    """An interviewer's turn."""
    heard = text if heard is None else heard
    return Turn(0, Speaker.INTERVIEWER, text, heard, 0, 1000, interrupted=heard != text, move=move)


def says(text: str, ended_ms: int = 1000) -> Turn:
    """A candidate's turn."""
    return Turn(0, Speaker.CANDIDATE, text, text, 0, ended_ms)


ASK_1 = asks("Hello. What about q1 in your work?", kind="ask", question="q1")
ASK_2 = asks("I see. What about q2 in your work?", kind="ask", question="q2")


def test_nothing_has_happened_before_the_first_reply() -> None:
    state = progress_of(PLAN, [], 10 * MINUTE)
    assert not state.opened
    assert state.current is None
    assert [q.id for q in state.remaining] == ["q1", "q2", "q3"]
    assert state.next is not None
    assert state.next.id == "q1"
    assert [q.id for q in state.must_ask] == ["q1", "q3"]


def test_a_question_is_asked_then_answered() -> None:
    state = progress_of(PLAN, [ASK_1], 10 * MINUTE)
    assert state.opened
    assert state.current is PLAN.question("q1")
    assert state.answered == frozenset()
    state = progress_of(PLAN, [ASK_1, says("I do.")], 10 * MINUTE)
    assert state.answered == {"q1"}
    assert state.on_current.said == ("I do.",)
    assert state.pending == ("I do.",)


def test_words_not_on_record_yet_count_and_are_not_counted_twice() -> None:
    assert progress_of(PLAN, [ASK_1], MINUTE, "I do.").pending == ("I do.",)
    assert progress_of(PLAN, [ASK_1, says("I do.")], MINUTE, "I do.").pending == ("I do.",)


def test_what_nobody_heard_was_not_asked() -> None:
    unheard = asks("I see. What about q2 in your work?", "", kind="ask", question="q2")
    state = progress_of(PLAN, [ASK_1, says("I do."), unheard], 10 * MINUTE)
    assert state.current is PLAN.question("q1")
    assert state.asked == ("q1",)
    assert state.pending == ("I do.",), "the answer still waits for a reply"


def test_a_question_hardly_heard_is_current_but_not_answered_by_what_comes() -> None:
    cut = asks("I see. What about q2 in your work?", "I see. What ab", kind="ask", question="q2")
    state = progress_of(PLAN, [ASK_1, says("I do."), cut, says("And I also test.")], 10 * MINUTE)
    assert state.current is PLAN.question("q2")
    assert not state.current_heard
    assert "q2" not in state.answered
    again = asks("Again: What about q2 in your work?", kind="repeat", question="q2")
    assert progress_of(PLAN, [ASK_1, cut, again], 10 * MINUTE).current_heard


def test_a_question_put_again_behind_an_answer_to_the_candidate_is_heard() -> None:
    cut = asks("Hello. What about q2 in your work?", "Hello.", kind="ask", question="q2")
    truth = "I'm Viva, the interviewer. My question was: What about q2 in your work?"
    answer = asks(truth, kind="answer", question="q2", enquiry="who")
    turns = [cut, says("Who are you?"), answer, says("A lot.")]
    assert progress_of(PLAN, turns, 10 * MINUTE).answered == {"q2"}
    unheard = asks(truth, "I'm Viva,", kind="answer", question="q2", enquiry="who")
    assert not progress_of(PLAN, [cut, says("Who?"), unheard], 10 * MINUTE).current_heard
    assert progress_of(PLAN, [ASK_2, says("Who?"), unheard], 10 * MINUTE).current_heard


def test_a_question_heard_for_the_most_part_is_answered() -> None:
    cut = asks(
        "A long introduction, then: What about q2 in your work?",
        "A long introduction, then: What about q2 in y",
        kind="ask",
        question="q2",
    )
    assert progress_of(PLAN, [cut, says("A lot.")], 10 * MINUTE).answered == {"q2"}


def test_probes_are_counted_and_marked_as_used() -> None:
    probe = asks("More?", kind="probe", question="q2", probe=0)
    state = progress_of(PLAN, [ASK_2, says("Yes."), probe], 10 * MINUTE)
    assert state.on_current.probes == {0}
    assert state.on_current.probed == 1
    assert state.on_current.latest_probe == 0


def test_a_probe_talked_over_is_not_used_up() -> None:
    probe = asks("I see. Could you say more?", "I s", kind="probe", question="q2", probe=0)
    state = progress_of(PLAN, [ASK_2, says("Yes,"), probe, says("I used Go.")], 10 * MINUTE)
    assert state.on_current.probes == frozenset()
    assert state.on_current.probed == 1, "it still counts against the limit"
    assert state.on_current.said == ("Yes,", "I used Go.")


def test_replies_to_silence_and_returns_are_not_counted_as_asked_for() -> None:
    idle = asks("Take your time.", kind="hold", question="q1", idle=1)
    back = asks("Welcome back.", kind="repeat", question="q1", resumed=1)
    state = progress_of(PLAN, [ASK_1, idle, back], 10 * MINUTE)
    assert (state.on_current.held, state.on_current.repeated) == (0, 0)


def test_a_skipped_question_is_not_answered() -> None:
    skip = asks("Fine. What about q2 in your work?", kind="ask", question="q2", skipped="q1")
    state = progress_of(PLAN, [ASK_1, says("I don't know."), skip], 10 * MINUTE)
    assert state.skipped == {"q1"}
    assert state.answered == frozenset()


def test_closing_is_seen() -> None:
    assert progress_of(PLAN, [ASK_1, asks("Goodbye.", kind="close", question=None)], 0).closed


def test_moves_on_questions_of_another_plan_do_no_harm() -> None:
    state = progress_of(PLAN, [asks("Hm?", kind="ask", question="zz", probe="x")], 10 * MINUTE)
    assert state.current is None
    assert len(state.remaining) == 3


def test_with_time_enough_the_order_of_the_plan_is_kept() -> None:
    following, dropped = choose_next(PLAN.questions()[1:], 5 * MINUTE)
    assert following is PLAN.question("q2")
    assert dropped == ()


def test_when_time_is_short_the_optional_question_is_dropped() -> None:
    following, dropped = choose_next(PLAN.questions()[1:], 3 * MINUTE)
    assert following is PLAN.question("q3")
    assert [q.id for q in dropped] == ["q2"]


def test_an_optional_question_that_was_passed_over_is_not_come_back_to() -> None:
    ask_3 = asks("What about q3 in your work?", kind="ask", question="q3")
    state = progress_of(PLAN, [ASK_1, ask_3], 60 * MINUTE)
    assert state.remaining == ()
    assert [q.id for q in state.dropped] == ["q2"]
    assert [q.id for q in progress_of(PLAN, [ASK_2], 60 * MINUTE).remaining] == ["q1", "q3"]


def test_a_must_ask_question_is_put_even_when_it_hardly_fits() -> None:
    following, _ = choose_next(PLAN.questions()[1:], LEAST_TO_ASK_MS)
    assert following is PLAN.question("q3")
    assert choose_next(PLAN.questions(), LEAST_TO_ASK_MS - 1)[0] is None


def test_there_is_no_time_to_probe_when_must_ask_questions_wait() -> None:
    turns = [ASK_2, says("Yes.")]
    assert progress_of(PLAN, turns, 10 * MINUTE).time_to_probe
    assert not progress_of(PLAN, turns, 4 * MINUTE).time_to_probe


def test_a_question_that_has_used_up_its_minutes_is_not_probed() -> None:
    turns = [ASK_2, says("A very long answer.", ended_ms=4 * MINUTE)]
    assert not progress_of(PLAN, turns, 60 * MINUTE).time_to_probe


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.booleans(), st.integers(1, 8)), min_size=1, max_size=8),
    st.integers(0, 30 * MINUTE),
)
def test_the_choice_never_endangers_a_must_ask_question(
    shapes: list[tuple[bool, int]], time_left_ms: int
) -> None:
    plan = plan_of(*(question(f"q{n}", must=must, minutes=m) for n, (must, m) in enumerate(shapes)))
    following, dropped = choose_next(plan.questions(), time_left_ms)
    must = [q for q in plan.questions() if q.must_ask]
    if time_left_ms < LEAST_TO_ASK_MS:
        assert following is None
    elif following is None:
        assert not must
    elif not following.must_ask:
        needed = sum(minutes_of(q) for q in [following, *must])
        assert needed * MINUTE <= time_left_ms
    if time_left_ms >= LEAST_TO_ASK_MS:
        assert not any(q.must_ask for q in dropped)
