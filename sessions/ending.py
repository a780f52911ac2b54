"""The end of an interview goes on record, if need be after waiting for the database."""

import asyncio
from uuid import UUID

import structlog

from sessions.checkpoint import StoreUnavailable
from sessions.facts import SessionLog
from sessions.turntaking.commands import EndSession

END_RETRY_S = 1.0
"""Pause between two tries to put the end on record."""

log = structlog.get_logger()


async def put_end_on_record(
    sessions: SessionLog, session_id: UUID, last: EndSession, patience_s: float
) -> bool:
    """Whether the end is on record: tried for `patience_s` while the database is away."""
    loop = asyncio.get_running_loop()
    give_up = loop.time() + patience_s
    while True:
        try:
            await sessions.end_session(session_id, last.reason, last.completed)
            return True
        except StoreUnavailable as error:
            if loop.time() >= give_up:
                log.error("end not on record", reason=last.reason, problem=str(error))
                return False
            await asyncio.sleep(END_RETRY_S)
