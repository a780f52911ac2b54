"""Session store: interviews as sessions hold them, sessions and turns in PostgreSQL.

Each call is one short transaction on a connection of its own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Float, RowMapping, cast, exists, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.orm import aliased

from sessions.cost.tally import Used
from sessions.record.action_log import Action, ActionKind, Actor, Step
from sessions.record.consumption import read_consumption
from sessions.record.tables import InterviewRow, MonitorActionRow, SessionRow, TurnRow
from sessions.record.transaction import transaction
from sessions.turntaking.turns import Speaker, Turn


@dataclass(frozen=True, slots=True)
class CarriedOver:
    """What recruiters did that still counts when an interview is taken up again."""

    hints: tuple[Action, ...] = ()
    """Hints that were not used yet, oldest first."""

    extra_ms: float = 0.0
    """Time added to the limit of the interview: extensions, and pauses that are over."""


async def read_carried_over(
    connection: AsyncConnection, interview_id: UUID, turns: Iterable[Turn]
) -> CarriedOver:
    """Return what recruiters did that still counts for an interview with these turns.

    A hint that stands in a turn was used, even if that could not be noted any more.
    """
    row = MonitorActionRow
    later = aliased(MonitorActionRow)
    settled = exists().where(later.action_id == row.action_id, later.step != Step.ASKED.value)
    found = await connection.execute(
        select(row.action_id, row.user_id, row.user_name, row.text)
        .where(
            row.interview_id == interview_id,
            row.action == ActionKind.HINT.value,
            row.step == Step.ASKED.value,
            ~settled,
        )
        .order_by(row.created_at)
    )
    used = {str(turn.move["hint"]) for turn in turns if "hint" in turn.move}
    hints = tuple(
        Action(ActionKind.HINT, Actor(one.user_id, one.user_name), text=one.text, id=one.action_id)
        for one in found
        if str(one.action_id) not in used
    )
    extra_ms = await connection.scalar(
        select(func.sum(cast(row.detail["ms"].astext, Float))).where(
            row.interview_id == interview_id,
            row.action.in_((ActionKind.EXTEND.value, ActionKind.RESUME.value)),
            row.step == Step.DONE.value,
        )
    )
    return CarriedOver(hints, extra_ms or 0.0)


@dataclass(frozen=True, slots=True)
class InterviewFacts:
    """What a session needs to know of its interview."""

    interview_id: UUID
    organisation_id: UUID
    session_id: UUID
    plan_document: dict[str, Any]
    candidate_name: str
    language: str
    time_limit_s: int

    turns: list[Turn]
    """The turns that are on record, in order of index."""

    begun: bool
    """Whether the candidate had consented and started before: this is a return."""

    carried_over: CarriedOver = field(default_factory=CarriedOver)

    accommodation: float | None = None
    """What multiplies every wait for this candidate; None: as the server's setting says."""

    used: Used = ()
    """What the interview has used so far."""


class InterviewNotFound(Exception):
    """No such interview, or no such session; the text is a sentence for people."""


class InterviewOver(Exception):
    """The interview is held already; the text is a sentence for people."""


class TurnConflict(Exception):
    """Another turn is on record at this index: the session is written from two places."""


class SessionStore:
    """The `SessionLog` in PostgreSQL, and the beginning of sessions."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def append(self, session_id: UUID, turn: Turn) -> None:
        """Return once the turn is committed.

        The same turn again changes nothing; a higher revision of it takes its place. Raises
        StoreUnavailable, TurnConflict, InterviewNotFound (no such session).
        """
        values = _as_values(turn)
        columns = {name: literal(value, _TYPES[name]) for name, value in values.items()}
        source = select(
            SessionRow.id, SessionRow.organisation_id, SessionRow.interview_id, *columns.values()
        ).where(SessionRow.id == session_id)
        fresh = insert(TurnRow).from_select(
            ["session_id", "organisation_id", "interview_id", *columns], source
        )
        statement = fresh.on_conflict_do_update(
            index_elements=["session_id", "index"],
            set_={name: fresh.excluded[name] for name in values if name != "index"},
            where=TurnRow.revision < fresh.excluded.revision,
        ).returning(TurnRow.index)
        async with transaction(self._engine) as connection:
            if (await connection.execute(statement)).first() is None:
                await self._check_repeated(connection, session_id, values)

    async def read(self, session_id: UUID) -> list[Turn]:
        """Return all turns of a session in order of index. Raises StoreUnavailable."""
        async with transaction(self._engine) as connection:
            return await _turns(connection, session_id)

    async def open_session(self, interview_id: UUID) -> InterviewFacts:
        """Return the interview with its open session, which is made now if there is none.

        The interview is running from then on. Calls at the same time get the same session. Raises
        InterviewNotFound, InterviewOver, StoreUnavailable.
        """
        async with transaction(self._engine) as connection:
            # The lock makes all others who open or end this interview wait.
            interview = (
                await connection.execute(
                    select(*InterviewRow.__table__.columns)
                    .where(InterviewRow.id == interview_id)
                    .with_for_update()
                )
            ).one_or_none()
            if interview is None:
                raise InterviewNotFound("There is no such interview.")
            if interview.status not in ("invited", "running"):
                raise InterviewOver("This interview is over. Thank you for taking part.")
            session_id = await _open_session_row(
                connection, interview_id, interview.organisation_id
            )
            if interview.status == "invited":
                await connection.execute(
                    update(InterviewRow)
                    .where(InterviewRow.id == interview_id)
                    .values(status="running", started_at=func.now())
                )
            turns = await _turns(connection, session_id)
            return InterviewFacts(
                interview_id=interview_id,
                organisation_id=interview.organisation_id,
                session_id=session_id,
                plan_document=interview.plan_document,
                candidate_name=interview.candidate_name,
                language=interview.language,
                time_limit_s=interview.time_limit_s,
                accommodation=interview.accommodation,
                turns=turns,
                begun=interview.consent_at is not None,
                carried_over=await read_carried_over(connection, interview_id, turns),
                used=await read_consumption(connection, interview_id),
            )

    async def consent(self, interview_id: UUID) -> None:
        """Put on record that the candidate consents; the first time counts.

        Raises InterviewNotFound, StoreUnavailable.
        """
        statement = (
            update(InterviewRow)
            .where(InterviewRow.id == interview_id)
            .values(consent_at=func.coalesce(InterviewRow.consent_at, func.now()))
            .returning(InterviewRow.id)
        )
        async with transaction(self._engine) as connection:
            if (await connection.execute(statement)).first() is None:
                raise InterviewNotFound("There is no such interview.")

    async def end_session(
        self,
        session_id: UUID,
        reason: str,
        completed: bool,
        coverage: Mapping[str, str] | None = None,
    ) -> None:
        """End a session and its interview, as `completed` or merely `ended`.

        An end that is on record already stays as it is. Raises InterviewNotFound, StoreUnavailable.
        """
        async with transaction(self._engine) as connection:
            # The interview first, as in open_session, or the two could wait for each other.
            interview_id = await connection.scalar(
                select(InterviewRow.id)
                .join(SessionRow, SessionRow.interview_id == InterviewRow.id)
                .where(SessionRow.id == session_id)
                .with_for_update(of=InterviewRow)
            )
            if interview_id is None:
                raise InterviewNotFound("There is no such session.")
            ended = await connection.execute(
                update(SessionRow)
                .where(SessionRow.id == session_id, SessionRow.ended_at.is_(None))
                .values(ended_at=func.now(), end_reason=reason)
                .returning(SessionRow.id)
            )
            if ended.first() is None:
                return
            await connection.execute(
                update(InterviewRow)
                .where(InterviewRow.id == interview_id, InterviewRow.ended_at.is_(None))
                .values(
                    status="completed" if completed else "ended",
                    ended_at=func.now(),
                    end_reason=reason,
                    coverage=None if coverage is None else dict(coverage),
                )
            )

    @staticmethod
    async def _check_repeated(
        connection: AsyncConnection, session_id: UUID, values: Mapping[str, Any]
    ) -> None:
        stored = (
            await connection.execute(
                select(TurnRow.speaker, TurnRow.text, TurnRow.heard_text, TurnRow.revision).where(
                    TurnRow.session_id == session_id, TurnRow.index == values["index"]
                )
            )
        ).one_or_none()
        if stored is None:
            raise InterviewNotFound("There is no such session.")
        if stored.revision > values["revision"]:
            return  # this one was repeated after a later one had taken its place
        if tuple(stored)[:3] != (values["speaker"], values["text"], values["heard_text"]):
            raise TurnConflict(
                f"Turn {values['index']} of session {session_id} is on record with other words: "
                "the session is written from two places."
            )


def turn_of(row: RowMapping) -> Turn:
    """Return the turn in a row of `turns`."""
    # By name through a mapping: as an attribute, `index` would be a tuple's method.
    values = {name: row[name] for name in _TURN_FIELDS}
    return Turn(**(values | {"speaker": Speaker(row["speaker"])}))


_TURN_FIELDS = tuple(field.name for field in fields(Turn))
_TYPES = {column.name: column.type for column in TurnRow.__table__.columns}


async def _open_session_row(
    connection: AsyncConnection, interview_id: UUID, organisation_id: UUID
) -> UUID:
    found = await connection.scalar(
        select(SessionRow.id).where(
            SessionRow.interview_id == interview_id, SessionRow.ended_at.is_(None)
        )
    )
    if found is not None:
        return found
    session_id = uuid4()
    await connection.execute(
        insert(SessionRow).values(
            id=session_id, interview_id=interview_id, organisation_id=organisation_id
        )
    )
    return session_id


async def _turns(connection: AsyncConnection, session_id: UUID) -> list[Turn]:
    rows = await connection.execute(
        select(*TurnRow.__table__.columns)
        .where(TurnRow.session_id == session_id)
        .order_by(TurnRow.index)
    )
    return [turn_of(row) for row in rows.mappings()]


def _as_values(turn: Turn) -> dict[str, Any]:
    return {
        "index": turn.index,
        "speaker": turn.speaker.value,
        "text": _storable(turn.text),
        "heard_text": _storable(turn.heard_text),
        "started_ms": turn.started_ms,
        "ended_ms": turn.ended_ms,
        "confidence": turn.confidence,
        "interrupted": turn.interrupted,
        "revision": turn.revision,
        "move": _storable(turn.move),
        "latency": _storable(turn.latency),
        "usage": _storable(turn.usage),
    }


def _storable(value: Any) -> Any:
    """Replace what PostgreSQL cannot keep: NUL characters, halves of surrogate pairs.

    A model may write them, and one odd character must not lose a turn.
    """
    if isinstance(value, str):
        return value.replace("\0", "\ufffd").encode(errors="replace").decode()
    if isinstance(value, Mapping):
        return {_storable(str(key)): _storable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(item) for item in value]
    return value
