"""Tables: every row carries its organisation; `turns` is the only truth of an interview."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Numeric,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy import (
    text as sql,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """Base of all tables; names of constraints are fixed, so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text,
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
    }


class Organisation(Base):
    """An organisation, which owns everything else."""

    __tablename__ = "organisations"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str]
    tell_listening: Mapped[bool] = mapped_column(server_default=sql("true"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class User(Base):
    """A recruiter or administrator who signs in."""

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)

    email: Mapped[str] = mapped_column(unique=True)
    """E-mail address in lower case."""

    password_hash: Mapped[str]
    name: Mapped[str] = mapped_column(server_default="")

    role: Mapped[str] = mapped_column(server_default="recruiter")
    """One of the roles of `sessions.monitor.rights`."""

    sign_outs: Mapped[int] = mapped_column(Integer, server_default=sql("0"))
    """How often the user has signed out. Tokens carry the number of when they were made; those with
    a lower one are refused."""

    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class PlanRow(Base):
    """An interview plan as it was uploaded; each interview keeps the copy that it is held on."""

    __tablename__ = "plans"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    title: Mapped[str]
    document: Mapped[dict[str, Any]]
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class InterviewRow(Base):
    """An interview: one invitation of one candidate."""

    __tablename__ = "interviews"
    __table_args__ = (
        CheckConstraint(
            "status in ('invited', 'running', 'completed', 'ended', 'expired')",
            name="status_known",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plans.id"), index=True)
    plan_document: Mapped[dict[str, Any]]
    candidate_name: Mapped[str]
    candidate_email: Mapped[str | None]

    candidate_phone: Mapped[str | None] = mapped_column(index=True)
    """Telephone number in E.164: +441632960961."""

    pin_hash: Mapped[str | None] = mapped_column(unique=True)
    """Keyed hash of the PIN, which itself is not stored."""

    language: Mapped[str] = mapped_column(server_default="en")
    time_limit_s: Mapped[int]

    accommodation: Mapped[float | None] = mapped_column(Float)
    """Multiplies every wait for this candidate; None: as the server's setting says."""

    status: Mapped[str] = mapped_column(server_default="invited")

    join_token_hash: Mapped[str] = mapped_column(unique=True)
    """SHA-256 of the join token, which itself is not stored."""

    join_expires_at: Mapped[datetime]
    consent_at: Mapped[datetime | None]
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]

    coverage: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """What became of each question of the plan when the interview ended, by id."""


class SessionRow(Base):
    """A session: one holding of an interview, which outlives sockets and servers.

    An interview has at most one session that has not ended.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        Index(
            "uq_sessions_one_open",
            "interview_id",
            unique=True,
            postgresql_where=sql("ended_at is null"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    interview_id: Mapped[UUID] = mapped_column(ForeignKey("interviews.id"), index=True)
    started_at: Mapped[datetime] = mapped_column(server_default=func.now())
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]


class TurnRow(Base):
    """A turn, with the columns of `sessions.turntaking.turns.Turn`.

    The key (session_id, index) makes a repeated checkpoint harmless. A higher revision takes the
    place of a lower one: an answer that went on after a reply had begun too early.
    """

    __tablename__ = "turns"
    __table_args__ = (CheckConstraint("index >= 0", name="index_positive"),)

    session_id: Mapped[UUID] = mapped_column(ForeignKey("sessions.id"), primary_key=True)
    index: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    interview_id: Mapped[UUID] = mapped_column(ForeignKey("interviews.id"), index=True)
    speaker: Mapped[str]
    text: Mapped[str]
    heard_text: Mapped[str]
    started_ms: Mapped[int]
    ended_ms: Mapped[int]
    confidence: Mapped[float | None] = mapped_column(Float)
    interrupted: Mapped[bool] = mapped_column(server_default=sql("false"))
    revision: Mapped[int] = mapped_column(Integer, server_default=sql("0"))
    move: Mapped[dict[str, Any]] = mapped_column(server_default=sql("'{}'::jsonb"))
    latency: Mapped[dict[str, Any]] = mapped_column(server_default=sql("'{}'::jsonb"))
    usage: Mapped[dict[str, Any]] = mapped_column(server_default=sql("'{}'::jsonb"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Quantities(Base):
    """Base of what was used of a model, with the columns of `audio.metering.Consumption`."""

    __abstract__ = True

    audio_ms: Mapped[int] = mapped_column(BigInteger, server_default=sql("0"))
    characters: Mapped[int] = mapped_column(BigInteger, server_default=sql("0"))
    input_tokens: Mapped[int] = mapped_column(BigInteger, server_default=sql("0"))
    cached_tokens: Mapped[int] = mapped_column(BigInteger, server_default=sql("0"))
    output_tokens: Mapped[int] = mapped_column(BigInteger, server_default=sql("0"))
    audio_input_tokens: Mapped[int] = mapped_column(BigInteger, server_default=sql("0"))
    audio_output_tokens: Mapped[int] = mapped_column(BigInteger, server_default=sql("0"))


class ConsumptionRow(Quantities):
    """What one run of an interview's session used of one model, from its beginning so far.

    A run is a session from its start in some process until it leaves memory. Its sums only grow,
    so that a repeated or late write is harmless.
    """

    __tablename__ = "consumption"

    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    service: Mapped[str] = mapped_column(primary_key=True)
    provider: Mapped[str] = mapped_column(primary_key=True)
    model: Mapped[str] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    interview_id: Mapped[UUID] = mapped_column(ForeignKey("interviews.id"), index=True)

    month: Mapped[date]
    """First day of the month (UTC) in which the run's first use was put on record."""

    cost_usd: Mapped[Decimal | None] = mapped_column(Numeric(16, 8))
    """None where the price is not known."""

    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (Index("ix_consumption_organisation_id_month", "organisation_id", "month"),)


class ErasedConsumptionRow(Quantities):
    """What the interviews of an organisation that are erased by now used in a month: numbers alone.

    `priced` parts what is in `cost_usd` from what had no known price.
    """

    __tablename__ = "erased_consumption"

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    service: Mapped[str] = mapped_column(primary_key=True)
    provider: Mapped[str] = mapped_column(primary_key=True)
    model: Mapped[str] = mapped_column(primary_key=True)
    priced: Mapped[bool] = mapped_column(primary_key=True)
    cost_usd: Mapped[Decimal] = mapped_column(Numeric(16, 8))


class MonitorActionRow(Base):
    """A step of something that a monitor did: asked for, done, or dropped.

    Rows are only ever added: triggers refuse UPDATE, DELETE and TRUNCATE. They stay when a user is
    removed, and go when their interview is erased. Nothing that was said in it stands here.
    """

    __tablename__ = "monitor_actions"
    __table_args__ = (CheckConstraint("step in ('asked', 'done', 'dropped')", name="step_known"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    action_id: Mapped[UUID] = mapped_column(index=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    interview_id: Mapped[UUID] = mapped_column(
        ForeignKey("interviews.id", ondelete="CASCADE"), index=True
    )
    action: Mapped[str]
    step: Mapped[str]
    user_id: Mapped[UUID]
    user_name: Mapped[str]

    text: Mapped[str | None]
    """The words of a hint."""

    detail: Mapped[dict[str, Any]] = mapped_column(server_default=sql("'{}'::jsonb"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class LiveInterviewRow(Base):
    """An interview that some process holds, in the state that the process last wrote.

    Rows are renewed every few seconds; one that was not renewed is not valid any more.
    """

    __tablename__ = "live_interviews"

    interview_id: Mapped[UUID] = mapped_column(ForeignKey("interviews.id"), primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    replica: Mapped[str]
    state: Mapped[dict[str, Any]]
    seen_at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)


class TicketRow(Base):
    """A permission to open one socket, or any number of them until it expires (a Realtime key).

    A monitor's ticket names its user, the rights it grants, and how often the user had signed out.
    """

    __tablename__ = "tickets"

    hash: Mapped[str] = mapped_column(primary_key=True)
    """SHA-256 of the ticket, which itself is not stored."""

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    interview_id: Mapped[UUID] = mapped_column(ForeignKey("interviews.id"))
    kind: Mapped[str]
    user_id: Mapped[UUID | None]
    rights: Mapped[str | None]
    sign_outs: Mapped[int | None] = mapped_column(Integer)

    session: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    """Settings with which the connections of a Realtime key begin, where it was made with any."""

    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class CallRow(Base):
    """A telephone call, as its bridge counts calls."""

    __tablename__ = "calls"
    __table_args__ = (
        UniqueConstraint("bridge", "ref"),
        CheckConstraint("direction in ('inbound', 'outbound')", name="direction_known"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"), index=True)

    interview_id: Mapped[UUID | None] = mapped_column(ForeignKey("interviews.id"), index=True)
    """The interview that the call is for; known once the caller's number or a PIN has led to it."""

    bridge: Mapped[str]

    ref: Mapped[str | None]
    """The bridge's name for the call (Twilio's CallSid); an outbound call has none at first."""

    direction: Mapped[str]
    number: Mapped[str] = mapped_column(server_default="")
    status: Mapped[str] = mapped_column(server_default="new")
    streams: Mapped[int] = mapped_column(server_default=sql("0"))

    ticket_hash: Mapped[str | None]
    """SHA-256 of the ticket that opens the call's next stream."""

    ticket_expires_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    answered_at: Mapped[datetime | None]
    """When the caller had been greeted and had consented."""

    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]
