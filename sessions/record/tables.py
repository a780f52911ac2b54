"""The tables. Every row carries its organisation; `turns` is the only truth of an interview."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
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
    """Names of constraints are fixed, so that migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        str: Text,
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
    }


class Organisation(Base):
    """Who owns everything else. One for now."""

    __tablename__ = "organisations"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str]
    tell_listening: Mapped[bool] = mapped_column(server_default=sql("true"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class User(Base):
    """A recruiter (or administrator) who signs in. `email` is stored in lower case; `role` is one
    of `sessions.monitor.rights`. Tokens say how often somebody had signed out when they were made:
    those of before the last time are refused."""

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    email: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    name: Mapped[str] = mapped_column(server_default="")
    role: Mapped[str] = mapped_column(server_default="recruiter")
    sign_outs: Mapped[int] = mapped_column(Integer, server_default=sql("0"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class PlanRow(Base):
    """An interview plan as it was uploaded; interviews keep a copy of what they were held on."""

    __tablename__ = "plans"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    title: Mapped[str]
    document: Mapped[dict[str, Any]]
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class InterviewRow(Base):
    """One invitation of one candidate. The join token itself is never stored, only its SHA-256, nor
    is the PIN, only a keyed hash of it. `candidate_phone` is in E.164: +441632960961."""

    __tablename__ = "interviews"
    __table_args__ = (
        CheckConstraint(
            "status in ('invited', 'running', 'completed', 'ended')", name="status_known"
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plans.id"), index=True)
    plan_document: Mapped[dict[str, Any]]
    candidate_name: Mapped[str]
    candidate_email: Mapped[str | None]
    candidate_phone: Mapped[str | None] = mapped_column(index=True)
    pin_hash: Mapped[str | None] = mapped_column(unique=True)
    language: Mapped[str] = mapped_column(server_default="en")
    time_limit_s: Mapped[int]
    status: Mapped[str] = mapped_column(server_default="invited")
    join_token_hash: Mapped[str] = mapped_column(unique=True)
    join_expires_at: Mapped[datetime]
    consent_at: Mapped[datetime | None]
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]


class SessionRow(Base):
    """One holding of an interview. It outlives sockets and servers; an interview has one that
    has not ended at most."""

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
    """One turn; (session_id, index) makes a repeated checkpoint harmless, and a higher revision
    takes the place of a lower one (an answer that went on after a reply had begun too early).
    Columns are those of `sessions.turntaking.turns.Turn`."""

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


class MonitorActionRow(Base):
    """What people who watch an interview did: an audit that is only ever added to (a trigger
    refuses UPDATE). Each entry is one step of an action: asked for, done, or dropped. `text` is
    that of a hint; nothing that was said in the interview stands here. Users may be removed,
    their entries stay."""

    __tablename__ = "monitor_actions"
    __table_args__ = (CheckConstraint("step in ('asked', 'done', 'dropped')", name="step_known"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    action_id: Mapped[UUID] = mapped_column(index=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    interview_id: Mapped[UUID] = mapped_column(ForeignKey("interviews.id"), index=True)
    action: Mapped[str]
    step: Mapped[str]
    user_id: Mapped[UUID]
    user_name: Mapped[str]
    text: Mapped[str | None]
    detail: Mapped[dict[str, Any]] = mapped_column(server_default=sql("'{}'::jsonb"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class LiveInterviewRow(Base):
    """An interview that some process holds just now, as that process last said: every few seconds.
    A row that was not renewed means nothing any more."""

    __tablename__ = "live_interviews"

    interview_id: Mapped[UUID] = mapped_column(ForeignKey("interviews.id"), primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    replica: Mapped[str]
    state: Mapped[dict[str, Any]]
    seen_at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)


class TicketRow(Base):
    """A permission to open one socket, or those of a Realtime client's key until it expires; only
    its SHA-256 is stored. That of a monitor names its user, what it grants, and how often the user
    had signed out."""

    __tablename__ = "tickets"

    hash: Mapped[str] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    interview_id: Mapped[UUID] = mapped_column(ForeignKey("interviews.id"))
    kind: Mapped[str]
    user_id: Mapped[UUID | None]
    rights: Mapped[str | None]
    sign_outs: Mapped[int | None] = mapped_column(Integer)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class CallRow(Base):
    """One telephone call, as its bridge counts calls (`ref` is Twilio's CallSid); an outbound one
    has no `ref` until the bridge has given it one. Who calls in is known, and with that the
    organisation, when the number or a PIN has told; `answered_at` is when the
    caller had been received. The ticket opens the call's next stream."""

    __tablename__ = "calls"
    __table_args__ = (
        UniqueConstraint("bridge", "ref"),
        CheckConstraint("direction in ('inbound', 'outbound')", name="direction_known"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    interview_id: Mapped[UUID | None] = mapped_column(ForeignKey("interviews.id"), index=True)
    bridge: Mapped[str]
    ref: Mapped[str | None]
    direction: Mapped[str]
    number: Mapped[str] = mapped_column(server_default="")
    status: Mapped[str] = mapped_column(server_default="new")
    streams: Mapped[int] = mapped_column(server_default=sql("0"))
    ticket_hash: Mapped[str | None]
    ticket_expires_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]
