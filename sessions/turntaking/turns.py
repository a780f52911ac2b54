"""What a turn is: the unit of the record, of memory and of the checkpoint.

Session time is counted in milliseconds of interview, from the first start on; time during
which nobody was connected to a restarted server does not count.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Speaker(StrEnum):
    """Whose turn it is."""

    CANDIDATE = "candidate"
    INTERVIEWER = "interviewer"
    RECRUITER = "recruiter"


CUT = "cut"
"""Rule of a candidate's turn that ended before its pause had shown that it was over."""

SUBMITTED = "submitted"
"""Rule of one that the candidate ended by hand."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn, as it stands (or will stand) in the turns table."""

    index: int
    """Number of the turn in its session; the first is 0."""

    speaker: Speaker
    """Whose turn it is."""

    text: str
    """What was recognised, or what the interviewer meant to say."""

    heard_text: str
    """What the other party heard of it; the same for a person's turn."""

    started_ms: int
    """Session ms at which it began."""

    ended_ms: int
    """Session ms at which it ended."""

    confidence: float | None = None
    """The transcriber's confidence (0..1); None where it gives none, and for an interviewer's
    turn."""

    interrupted: bool = False
    """Whether an interviewer's turn was not heard to its end."""

    revision: int = 0
    """How often it was closed too early and reopened; it goes on record again each time."""

    move: Mapping[str, Any] = field(default_factory=dict)
    """What an interviewer's turn did: {"kind": "ask", "question": "q2", ...}, see
    `sessions.interviewer.protocol`."""

    latency: Mapping[str, Any] = field(default_factory=dict)
    """Session ms by the name of a stage."""

    usage: Mapping[str, Any] = field(default_factory=dict)
    """Names of models, tokens and cost."""

    @property
    def was_cut(self) -> bool:
        """Whether it is a candidate's turn whose end was not waited for: more was to come."""
        return self.speaker is Speaker.CANDIDATE and self.latency.get("endpoint_rule") == CUT
