"""How an interview ended, read from its turns and from what ended its session."""

import pytest

from sessions.interviewer.outcome import Covered, outcome_left, outcome_of
from sessions.interviewer.progress import progress_of
from sessions.plan.plan import Plan
from sessions.turntaking.causes import EndReason
from sessions.turntaking.turns import Turn
from tests.sessions.interviewer.test_progress import MINUTE, asks, plan_of, question, says

SEVEN = plan_of(*(question(f"q{n}") for n in range(1, 8)))
MUSTS = plan_of(*(question(f"q{n}", must=True) for n in range(1, 4)), question("q4"))
CLOSE = asks("Thank you. Goodbye.", kind="close", question=None)
STOPPED = asks("Of course, we can stop here.", kind="close", question=None, early=1)


def held(plan: Plan, number: int, *, answered: bool = True) -> list[Turn]:
    """The first questions of a plan, and their answers, perhaps without the last of them."""
    turns = []
    for one in plan.questions()[:number]:
        turns += [asks(one.text, kind="ask", question=one.id), says("I built a bridge there.")]
    return turns if answered else turns[:-1]


ENDS = {
    "all was asked": (SEVEN, 7, [CLOSE], EndReason.COMPLETED, 5, EndReason.COMPLETED, True),
    "the candidate stops at the fourth of seven": (
        SEVEN, 4, [says("I'd like to stop here."), STOPPED],
        EndReason.COMPLETED, 9, EndReason.ENDED_BY_CANDIDATE, False,
    ),
    "the candidate says in a model's way that they must leave": (
        MUSTS, 1, [says("Sorry, my train comes, I have to go now."), CLOSE],
        EndReason.COMPLETED, 9, EndReason.ENDED_BY_CANDIDATE, False,
    ),
    "the candidate agrees to stop": (
        SEVEN, 4,
        [says("bye"), asks("Shall we stop?", kind="hold", question="q4", stop=1), says("Yes."),
         CLOSE],
        EndReason.COMPLETED, 9, EndReason.ENDED_BY_CANDIDATE, False,
    ),
    "who stops when all was asked has not left early": (
        SEVEN, 7, [says("Can we stop?"), STOPPED],
        EndReason.COMPLETED, 9, EndReason.COMPLETED, True,
    ),
    "the time is up after one of three must-asks": (
        MUSTS, 1, [CLOSE], EndReason.TIME_LIMIT, 0, EndReason.TIME_LIMIT, False,
    ),
    "the time is up when all must-asks are answered": (
        MUSTS, 3, [CLOSE], EndReason.TIME_LIMIT, 0, EndReason.TIME_LIMIT, True,
    ),
    "the interviewer closes for want of time": (
        MUSTS, 2, [CLOSE], EndReason.COMPLETED, 0.1, EndReason.TIME_LIMIT, False,
    ),
    "the interviewer closes with must-asks open": (
        MUSTS, 2, [CLOSE], EndReason.COMPLETED, 9, EndReason.CLOSED_EARLY, False,
    ),
    "an optional question was left out": (
        MUSTS, 3, [CLOSE], EndReason.COMPLETED, 9, EndReason.COMPLETED, True,
    ),
    "a recruiter ends it": (
        SEVEN, 7, [CLOSE], EndReason.RECRUITER, 9, EndReason.RECRUITER, False,
    ),
    "nobody answers": (
        SEVEN, 2, [], EndReason.CANDIDATE_SILENT, 9, EndReason.CANDIDATE_SILENT, False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ENDS)
def test_the_outcome_says_who_ended_the_interview_and_whether_that_was_its_end(name: str) -> None:
    plan, number, last, reason, minutes, expected, completed = ENDS[name]
    turns = [*held(plan, number), *last]
    outcome = outcome_of(plan, turns, reason, minutes * MINUTE, closed=True)
    assert (outcome.reason, outcome.completed) == (expected, completed)
    asked = [state is not Covered.NOT_ASKED for state in outcome.coverage.values()]
    assert asked == [n < number for n in range(len(plan.questions()))]


def test_a_must_ask_that_the_time_left_no_answer_to_is_missing() -> None:
    turns = [*held(MUSTS, 3, answered=False), CLOSE]
    outcome = outcome_of(MUSTS, turns, EndReason.TIME_LIMIT, 0, closed=True)
    assert not outcome.completed
    assert outcome.coverage["q3"] is Covered.UNANSWERED


def test_a_closing_that_was_not_heard_completes_nothing() -> None:
    assert not outcome_of(SEVEN, held(SEVEN, 7), EndReason.TIME_LIMIT, 0, closed=False).completed


@pytest.mark.parametrize(
    ("turns", "reason", "completed"),
    [
        ([], EndReason.NOT_BEGUN, False),
        (held(SEVEN, 3), EndReason.INTERRUPTED, False),
        ([*held(SEVEN, 7), CLOSE], EndReason.COMPLETED, True),
        ([*held(SEVEN, 4), says("I want to stop."), STOPPED], EndReason.ENDED_BY_CANDIDATE, False),
    ],
    ids=["before the first word", "in the middle", "after the last word", "after it was stopped"],
)
def test_an_interview_that_was_left_ended_as_its_turns_say(
    turns: list[Turn], reason: EndReason, completed: bool
) -> None:
    outcome = outcome_left(SEVEN, turns, 1_800)
    assert (outcome.reason, outcome.completed) == (reason, completed)


NO_ANSWERS = [
    "Sorry, what?",
    "Can you repeat that?",
    "Could you repeat the question, please?",
    "What do you mean?",
    "Um, let me think.",
    "One moment.",
    "Can you hear me?",
    "Could you speak more slowly?",
    "I don't know.",
    "Next question, please.",
    "I'd like to stop here.",
    "How long will this take?",
    "Hmm.",
    "...",
]


@pytest.mark.parametrize("said", NO_ANSWERS)
def test_words_that_answer_nothing_leave_a_question_unanswered(said: str) -> None:
    turns = [*held(SEVEN, 1, answered=False), says(said)]
    assert progress_of(SEVEN, turns, 9 * MINUTE).answered == frozenset()
    outcome = outcome_of(SEVEN, turns, EndReason.RECRUITER, MINUTE, closed=False)
    assert outcome.coverage["q1"] is Covered.UNANSWERED
    later = [*turns, says("I laid bricks for six years.")]
    assert progress_of(SEVEN, later, 9 * MINUTE).answered == {"q1"}


def test_a_question_of_their_own_answers_the_invitation_to_ask_one() -> None:
    plan = plan_of(question("q1", expects="questions"))
    turns = [*held(plan, 1, answered=False), says("How large is the team?")]
    assert progress_of(plan, turns, 9 * MINUTE).answered == {"q1"}


def test_a_question_hardly_heard_was_not_asked() -> None:
    cut = asks("What about q1 in your work?", "What a", kind="ask", question="q1")
    outcome = outcome_of(SEVEN, [cut], EndReason.INTERRUPTED, MINUTE, closed=False)
    assert set(outcome.coverage.values()) == {Covered.NOT_ASKED}


ENDED_ON_WORDS = {
    "I wanted to leave the company, and my boss and I said goodbye.": EndReason.CLOSED_EARLY,
    "I have to go into more detail on that another time.": EndReason.CLOSED_EARLY,
    "I'm sorry, I have to leave now.": EndReason.ENDED_BY_CANDIDATE,
}


@pytest.mark.parametrize(("said", "reason"), ENDED_ON_WORDS.items())
def test_only_who_asks_for_the_end_has_ended_the_interview(said: str, reason: EndReason) -> None:
    turns = [*held(MUSTS, 1), says(said), CLOSE]
    outcome = outcome_of(MUSTS, turns, EndReason.COMPLETED, 9 * MINUTE, closed=True)
    assert outcome.reason is reason
