"""Retention: erases interviews that are older than the setting allows, again and again."""

from uuid import UUID

import structlog

from server.store.erasure import ErasureStore, StillLive
from sessions.record.retrying import StoreUnavailable

SWEEP_EVERY_S = 600.0
"""Pause between two sweeps: what is kept for days may stay ten minutes longer."""

log = structlog.get_logger()


class Retention:
    """Erases what is older than `days`."""

    def __init__(self, erasure: ErasureStore, days: int) -> None:
        self._erasure = erasure
        self._days = days

    async def sweep(self) -> None:
        """Erase all that is too old and can be erased. A step of a side task.

        Raises StoreUnavailable.
        """
        failed: set[UUID] = set()
        await self._erasure.forget_stray_calls(self._days)
        while found := await self._erasure.older_than(self._days, but=failed):
            for interview_id in found:
                if not await self._erase(interview_id):
                    failed.add(interview_id)

    async def _erase(self, interview_id: UUID) -> bool:
        """Erase one interview; one that cannot be erased does not keep the others."""
        try:
            await self._erasure.erase(interview_id)
        except StillLive:
            return False
        except StoreUnavailable:
            raise
        except Exception:
            log.exception("interview not erased", interview_id=str(interview_id))
            return False
        log.info("interview erased", interview_id=str(interview_id), after_days=self._days)
        return True
