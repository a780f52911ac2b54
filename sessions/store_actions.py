"""What an interview takes up again of what people who watched it did: read from PostgreSQL."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Float, cast, exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from sessions.record.action_log import Action, ActionKind, Actor, Step
from sessions.record.tables import MonitorActionRow
from sessions.turntaking.turns import Turn


@dataclass(frozen=True, slots=True)
class Kept:
    """What outlives a restart: whispers that were not used yet, oldest first, and how much longer
    than its limit the interview may last (extensions, and pauses that are over), in ms."""

    whispers: tuple[Action, ...] = ()
    extra_ms: float = 0.0


async def kept(connection: AsyncConnection, interview_id: UUID, turns: Iterable[Turn]) -> Kept:
    """What an interview that is taken up again has to know. A whisper that stands in a turn was
    used, even if that could not be noted any more."""
    row = MonitorActionRow
    later = aliased(MonitorActionRow)
    settled = exists().where(later.action_id == row.action_id, later.step != Step.ASKED.value)
    found = await connection.execute(
        select(row.action_id, row.user_id, row.user_name, row.text)
        .where(
            row.interview_id == interview_id,
            row.action == ActionKind.WHISPER.value,
            row.step == Step.ASKED.value,
            ~settled,
        )
        .order_by(row.created_at)
    )
    used = {str(turn.move["hint"]) for turn in turns if "hint" in turn.move}
    whispers = tuple(
        Action(
            ActionKind.WHISPER, Actor(one.user_id, one.user_name), text=one.text, id=one.action_id
        )
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
    return Kept(whispers, extra_ms or 0.0)
