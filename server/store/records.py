"""Records: the plain values that the stores return, free of the database."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sessions.turntaking.causes import EndReason
from sessions.turntaking.turns import Turn

OVER = frozenset({"completed", "ended", "expired"})
"""Statuses of an interview that cannot be entered any more."""

RENEWABLE = frozenset({EndReason.EXPIRED, EndReason.NOT_BEGUN, EndReason.INTERRUPTED})
"""Ends that nobody wanted: a new link opens the interview again."""


@dataclass(frozen=True, slots=True)
class Account:
    """A user with the organisation that the user belongs to."""

    id: UUID
    organisation_id: UUID
    organisation_name: str
    email: str
    name: str
    role: str
    password_hash: str = field(repr=False)

    sign_outs: int = 0
    """How often the user has signed out; see `sessions.record.tables.User`."""


@dataclass(frozen=True, slots=True)
class StoredPlan:
    """An uploaded plan."""

    id: UUID
    organisation_id: UUID
    title: str

    document: dict[str, Any]
    """The plan in its JSON form."""

    created_at: datetime


@dataclass(frozen=True, slots=True)
class PlanSummary:
    """A plan in a list, without its document."""

    id: UUID
    title: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class NewInterview:
    """What is needed to invite a candidate."""

    plan: StoredPlan
    candidate_name: str
    candidate_email: str | None
    language: str
    time_limit_s: int
    candidate_phone: str | None = None
    """Telephone number in E.164."""

    pin_hash: str | None = field(default=None, repr=False)

    accommodation: float | None = None
    """Multiplies every wait for the candidate; None: as the server's setting says."""


@dataclass(frozen=True, slots=True)
class Interview:
    """An interview: one invitation, and how it went."""

    id: UUID
    organisation_id: UUID
    plan_id: UUID
    plan_title: str

    plan_document: dict[str, Any] = field(repr=False)
    """The copy of the plan that the interview is held on, in its JSON form."""

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

    coverage: dict[str, Any] | None = None
    """What became of each question when it ended, by id; None where that is not on record."""

    @property
    def over(self) -> bool:
        """Whether the interview was completed, ended, or its invitation expired."""
        return self.status in OVER

    @property
    def renewable(self) -> bool:
        """Whether it is over only because its time to be entered is: a new link opens it again."""
        return self.over and self.end_reason in RENEWABLE

    @property
    def begun(self) -> bool:
        """Whether the candidate has consented and started."""
        return self.consent_at is not None


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a join token leads to."""

    interview: Interview
    organisation_name: str

    expired: bool
    """Whether the link's time is over, by the database's clock."""

    tell_listening: bool = True
    """Whether the candidate is told when somebody listens."""


@dataclass(frozen=True, slots=True)
class TicketUser:
    """The user whom a monitor's ticket is for."""

    user_id: UUID

    rights: frozenset[str]
    """The rights that the ticket grants."""

    sign_outs: int
    """How often the user had signed out when the ticket was made."""


@dataclass(frozen=True, slots=True)
class TicketGrant:
    """What a ticket allows."""

    organisation_id: UUID
    interview_id: UUID
    kind: str

    user: TicketUser | None = None
    """The monitor's user; None for a candidate's ticket."""

    over: bool = False
    """Whether the interview was over when a key that works again and again was checked."""

    expires_at: datetime | None = None
    """When a key that works again and again expires."""

    session: dict[str, Any] | None = None
    """Settings with which the connections of a Realtime key begin."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a user may do at present: the role, and how often the user has signed out."""

    role: str
    sign_outs: int


@dataclass(frozen=True, slots=True)
class ActionEntry:
    """An action of a monitor of an interview, with what became of it."""

    id: UUID

    at: datetime
    """When it was asked for."""

    user_id: UUID
    user_name: str
    action: str

    text: str | None
    """The words of a hint."""

    detail: dict[str, Any]

    outcome: str
    """Its latest step: asked, done or dropped."""

    outcome_at: datetime


@dataclass(frozen=True, slots=True)
class LiveEntry:
    """An interview that some process holds at present."""

    interview_id: UUID

    replica: str
    """The process that holds it."""

    state: dict[str, Any]
    """How it stands, as that process last wrote."""

    candidate_name: str
    started_at: datetime | None

    title: str
    """The title of its plan."""


@dataclass(frozen=True, slots=True)
class Call:
    """A telephone call."""

    id: UUID
    organisation_id: UUID | None

    interview_id: UUID | None
    """The interview that the call is for; None until that is known."""

    bridge: str

    ref: str | None
    """The bridge's own name for the call; None until it has one."""

    direction: str
    number: str

    status: str
    """The status in the bridge's own words."""

    streams: int
    """How many streams of sound were asked for."""

    created_at: datetime

    answered_at: datetime | None
    """When the caller had been greeted and had consented."""

    ended_at: datetime | None
    end_reason: str | None


@dataclass(frozen=True, slots=True)
class RecordedTurn:
    """A turn of an interview's transcript, with the session that it was spoken in."""

    session_id: UUID
    turn: Turn


@dataclass(frozen=True, slots=True)
class Page:
    """The place where the next page of a list begins: after this row, newest first."""

    created_at: datetime
    id: UUID
