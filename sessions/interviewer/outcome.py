"""Outcome: how an interview went when it ended, projected from its plan and turns. Pure.

The session knows what ended it; whether that was the end of the plan, is read here: from what was
asked, what was answered, and who wanted to stop.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from sessions.interviewer.enquiries.request_wordings import Intent
from sessions.interviewer.intents import intent_of
from sessions.interviewer.leaving import wants_to_leave
from sessions.interviewer.progress import Progress, is_theirs, progress_of
from sessions.plan.plan import Plan
from sessions.turntaking.causes import EndReason
from sessions.turntaking.turns import Speaker, Turn


class Covered(StrEnum):
    """What became of a question of the plan."""

    ANSWERED = "answered"
    UNANSWERED = "unanswered"  # it was put, and what came was no answer to it
    NOT_ASKED = "not_asked"  # it was not put, or not heard


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an interview ended, as it goes on record."""

    reason: EndReason

    completed: bool
    """Whether it went as far as the plan wants."""

    coverage: Mapping[str, Covered]
    """What became of each question, by id, in the plan's order."""


CUT_OFF = frozenset((EndReason.TIME_LIMIT, EndReason.COMPLETED))
"""Ends that may have been that of the plan: what was asked says whether they were."""


def outcome_of(
    plan: Plan, turns: Sequence[Turn], reason: EndReason, time_left_ms: float, *, closed: bool
) -> Outcome:
    """Return how the interview of these turns ended, for a session that ended for `reason`.

    `closed`: whether the interviewer's last words were heard.
    """
    progress = progress_of(plan, turns, max(0, int(time_left_ms)))
    outcome = Outcome(reason, False, coverage_on_record(plan, progress))
    if reason not in CUT_OFF:
        return outcome
    if not progress.asked and _puts_questions_of_its_own(plan, turns):
        return replace(outcome, completed=closed)
    musts = [question for question in plan.questions() if question.must_ask]
    wanted = musts or [question for question in plan.questions() if not is_theirs(question)]
    found = {question.id: outcome.coverage[question.id] for question in wanted}
    if reason is EndReason.TIME_LIMIT:
        # A question that the time did not leave an answer to is as good as not put.
        cut = progress.current.id if progress.current else ""
        missed = Covered.NOT_ASKED in found.values() or found.get(cut) is Covered.UNANSWERED
        return replace(outcome, completed=closed and not missed)
    time_for_more = progress.next is not None and not is_theirs(progress.next)
    if (time_for_more or progress.must_ask) and _asked_to_stop(turns):
        return replace(outcome, reason=EndReason.ENDED_BY_CANDIDATE)
    if Covered.NOT_ASKED in found.values() and (musts or time_for_more):
        early = EndReason.CLOSED_EARLY if time_for_more else EndReason.TIME_LIMIT
        return replace(outcome, reason=early)
    return replace(outcome, completed=closed)


def outcome_left(plan: Plan, turns: Sequence[Turn], time_limit_s: int) -> Outcome:
    """Return the outcome of an interview that was left: nobody has come back, or nobody came.

    If its last words were heard, only their going on record was missed.
    """
    left_ms = time_limit_s * 1000 - (turns[-1].ended_ms if turns else 0)
    if progress_of(plan, turns, max(0, left_ms)).closed:
        return outcome_of(plan, turns, EndReason.COMPLETED, left_ms, closed=True)
    reason = EndReason.INTERRUPTED if turns else EndReason.NOT_BEGUN
    return outcome_of(plan, turns, reason, left_ms, closed=False)


def coverage_on_record(plan: Plan, progress: Progress) -> dict[str, Covered]:
    """Return what became of every question, now that nothing more will be said."""
    put = set(progress.asked)
    if progress.current is not None and not progress.current_heard:
        put.discard(progress.current.id)

    def state(question: str) -> Covered:
        if question in progress.answered and question not in progress.skipped:
            return Covered.ANSWERED
        return Covered.UNANSWERED if question in put else Covered.NOT_ASKED

    return {question.id: state(question.id) for question in plan.questions()}


def _puts_questions_of_its_own(plan: Plan, turns: Sequence[Turn]) -> bool:
    """Return whether the interviewer does not keep to the plan: then that says nothing."""
    known = {question.id for question in plan.questions()}
    return any(str(turn.move.get("question") or "") not in ("", *known) for turn in turns)


def _asked_to_stop(turns: Sequence[Turn]) -> bool:
    """Return whether the candidate wanted the closing that was heard last."""
    said = ""
    offered = False
    wanted = False
    for turn in turns:
        if turn.speaker is Speaker.CANDIDATE:
            said = turn.text
        elif turn.move.get("kind") == "close":
            yes = offered and intent_of(said) in (Intent.YES, Intent.MAY_STOP)
            wanted = wanted or "early" in turn.move or yes or wants_to_leave(said)
        elif turn.speaker is Speaker.INTERVIEWER and turn.move:
            offered = bool(turn.move.get("stop"))
            said = ""
    return wanted
