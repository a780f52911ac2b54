"""What a turn is: the unit of the record, of memory and of the checkpoint.

Session time is counted in milliseconds of interview, from the first start on; time during
which nobody was connected to a restarted server does not count.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Speaker(StrEnum):
    """Who holds a turn."""

    CANDIDATE = "candidate"
    INTERVIEWER = "interviewer"
    RECRUITER = "recruiter"


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn, as it stands (or will stand) in the turns table.

    `text` is what was recognised, or what the interviewer meant to say; `heard_text` is what
    the other party really heard of it (the same for a candidate). `move` says what an
    interviewer's turn did: {"kind": "ask", "question": "q2", ...}, see
    `sessions.interviewer.protocol`.
    `latency` maps stage names to session ms, `usage` holds model names, tokens and cost. A turn
    that was closed too early is reopened and goes on record again, with a higher `revision`.
    """

    index: int
    speaker: Speaker
    text: str
    heard_text: str
    started_ms: int
    ended_ms: int
    confidence: float | None = None
    interrupted: bool = False
    revision: int = 0
    move: Mapping[str, Any] = field(default_factory=dict)
    latency: Mapping[str, Any] = field(default_factory=dict)
    usage: Mapping[str, Any] = field(default_factory=dict)
