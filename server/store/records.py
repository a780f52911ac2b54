"""What the directory hands out: plain values, free of the database."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sessions.turntaking.turns import Turn

OVER = frozenset({"completed", "ended"})
"""Statuses of an interview that nobody can enter any more."""


@dataclass(frozen=True, slots=True)
class Account:
    """A user, with the organisation he or she belongs to."""

    id: UUID
    organisation_id: UUID
    organisation_name: str
    email: str
    name: str
    role: str
    password_hash: str = field(repr=False)
    sign_outs: int = 0


@dataclass(frozen=True, slots=True)
class StoredPlan:
    """An uploaded plan. `document` is its JSON form."""

    id: UUID
    organisation_id: UUID
    title: str
    document: dict[str, Any]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class PlanSummary:
    """A plan in a list: all but the document."""

    id: UUID
    title: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class NewInterview:
    """What is needed to invite somebody."""

    plan: StoredPlan
    candidate_name: str
    candidate_email: str | None
    language: str
    time_limit_s: int
    candidate_phone: str | None = None
    pin_hash: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Interview:
    """One invitation. `plan_title` and `plan_document` are those of the copy it is held on."""

    id: UUID
    organisation_id: UUID
    plan_id: UUID
    plan_title: str
    plan_document: dict[str, Any] = field(repr=False)
    candidate_name: str
    candidate_email: str | None
    candidate_phone: str | None
    language: str
    time_limit_s: int
    status: str
    join_expires_at: datetime
    consent_at: datetime | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    end_reason: str | None

    @property
    def over(self) -> bool:
        """Whether it was completed or ended."""
        return self.status in OVER

    @property
    def begun(self) -> bool:
        """Whether the candidate has consented and started."""
        return self.consent_at is not None


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a join token leads to. `expired` is by the database's clock; `tell_listening` as in
    `sessions.record.tables.Organisation`."""

    interview: Interview
    organisation_name: str
    expired: bool
    tell_listening: bool = True


@dataclass(frozen=True, slots=True)
class TicketUser:
    """Whom a monitor's ticket is for: what it grants, and how often the user had signed out."""

    user_id: UUID
    rights: frozenset[str]
    sign_outs: int


@dataclass(frozen=True, slots=True)
class TicketGrant:
    """What a ticket allowed, told once. `user` is None for a candidate's."""

    organisation_id: UUID
    interview_id: UUID
    kind: str
    user: TicketUser | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What a user may do just now: the role, and how often he or she has signed out."""

    role: str
    sign_outs: int


@dataclass(frozen=True, slots=True)
class ActionEntry:
    """What somebody who watched an interview did, and what became of it."""

    id: UUID
    at: datetime
    user_id: UUID
    user_name: str
    action: str
    text: str | None
    detail: dict[str, Any]
    outcome: str
    outcome_at: datetime


@dataclass(frozen=True, slots=True)
class LiveEntry:
    """An interview that the process `replica` holds; `state` is what it last said of it."""

    interview_id: UUID
    replica: str
    state: dict[str, Any]
    candidate_name: str
    started_at: datetime | None
    title: str


@dataclass(frozen=True, slots=True)
class Call:
    """A telephone call. `interview_id` and `organisation_id` are None until it is known whose it
    is; `ref` is the bridge's own name for it, None until it has one; `streams` counts how often
    its sound was asked for, and `answered_at` is when the caller had been received."""

    id: UUID
    organisation_id: UUID | None
    interview_id: UUID | None
    bridge: str
    ref: str | None
    direction: str
    number: str
    status: str
    streams: int
    created_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    end_reason: str | None


@dataclass(frozen=True, slots=True)
class RecordedTurn:
    """A turn of an interview's transcript, with the session it was spoken in."""

    session_id: UUID
    turn: Turn


@dataclass(frozen=True, slots=True)
class Page:
    """Where the next page of a list begins: after this row, newest first."""

    created_at: datetime
    id: UUID
