"""Endings: how an interview ended, in words that a recruiter reads."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, Field

from server.store.records import Interview
from sessions.interviewer.outcome import Covered
from sessions.turntaking.causes import EndReason

Who = Literal["interviewer", "candidate", "recruiter", "time", "nobody"]


class Words(NamedTuple):
    """Words for one reason."""

    by: Who
    label: str
    text: str


COMPLETED = Words("interviewer", "Completed", "The interview was held to its end.")

WORDS: Mapping[str, Words] = {
    EndReason.COMPLETED: COMPLETED,
    EndReason.TIME_LIMIT: Words("time", "Time up", "The time was up before all had been asked."),
    EndReason.ENDED_BY_CANDIDATE: Words(
        "candidate", "Left early", "The candidate ended the interview before its end."
    ),
    EndReason.CLOSED_EARLY: Words(
        "interviewer",
        "Closed early",
        "The interviewer closed the interview with questions open and time left.",
    ),
    EndReason.RECRUITER: Words("recruiter", "Ended by recruiter", "A recruiter ended it."),
    EndReason.CANDIDATE_SILENT: Words(
        "nobody", "Silent", "The candidate was not heard any more, and answered no prompt."
    ),
    EndReason.CANDIDATE_UNHEARD: Words(
        "nobody", "Not understood", "There was too much noise to understand the candidate."
    ),
    EndReason.INTERRUPTED: Words(
        "nobody",
        "Interrupted",
        "The candidate went away or the connection was lost, and nobody came back in time.",
    ),
    EndReason.NOT_BEGUN: Words(
        "nobody", "Not begun", "The candidate opened the link, but did not begin in time."
    ),
    EndReason.EXPIRED: Words("nobody", "Expired", "Nobody opened the link before its time was up."),
}
"""What recruiters read, by the reason on record."""

TIME_UP_AT_THE_END = Words(
    "time", "Completed", "The time was up when everything that must be asked had been asked."
)


class EndBody(BaseModel):
    """How an interview ended."""

    reason: str = Field(description="For programs; the same as `end_reason`.")
    by: Who = Field(description="Who or what ended it.")
    label: str = Field(description="One or two words.")
    text: str = Field(description="Sentences for people, with what was not asked.")


class CoveredBody(BaseModel):
    """What became of a question of the plan."""

    id: str
    text: str
    must_ask: bool
    state: Covered


def end_of(interview: Interview) -> EndBody | None:
    """Return how an interview ended; None while it is not over."""
    if not interview.over:
        return None
    reason = interview.end_reason or ""
    other = Words("nobody", interview.status.capitalize(), f"{reason or 'It is over'}.")
    words = WORDS.get(reason, other)
    if reason == EndReason.TIME_LIMIT and interview.status == "completed":
        words = TIME_UP_AT_THE_END
    missing = _not_asked(covered_questions(interview) or [])
    text = f"{words.text} {missing}".strip()
    return EndBody(reason=reason, by=words.by, label=words.label, text=text)


def covered_questions(interview: Interview) -> list[CoveredBody] | None:
    """Return what became of every question, in the plan's order; None where it is not on record."""
    coverage = interview.coverage
    if not interview.over or coverage is None:
        return None
    sections: list[dict[str, Any]] = interview.plan_document.get("sections", [])
    return [
        CoveredBody(
            id=question["id"],
            text=question["text"],
            must_ask=bool(question.get("must_ask")),
            state=Covered(coverage[question["id"]]),
        )
        for section in sections
        for question in section.get("questions", [])
        if question.get("id") in coverage
    ]


def _not_asked(questions: list[CoveredBody]) -> str:
    """Return a sentence on the questions that were not asked; "" if all were."""
    open_ = [question for question in questions if question.state is Covered.NOT_ASKED]
    if not open_:
        return ""
    were = "was" if len(open_) == 1 else "were"
    musts = sum(question.must_ask for question in open_)
    of_them = f", {musts} of them must-ask" if musts else ""
    return f"{len(open_)} of {len(questions)} questions {were} not asked{of_them}."
