"""Puts the end of a session on record, as soon as the database takes it."""

import asyncio
from uuid import UUID

import structlog

from sessions.record.turn_log import StoreUnavailable
from sessions.session_context import SessionLog
from sessions.turntaking.commands import EndSession

END_RETRY_S = 1.0
"""Pause between two tries."""

log = structlog.get_logger()


async def put_end_on_record(
    store: SessionLog, session_id: UUID, end: EndSession, within_s: float
) -> bool:
    """Try until it is done, or for this long; whether it is."""
    loop = asyncio.get_running_loop()
    give_up = loop.time() + within_s
    while True:
        try:
            await store.end_session(session_id, end.reason, end.completed)
        except StoreUnavailable as error:
            if loop.time() >= give_up:
                log.error("end not on record", reason=end.reason, problem=str(error))
                return False
            await asyncio.sleep(END_RETRY_S)
        else:
            return True
