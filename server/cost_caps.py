"""Cost caps: who may begin an interview while money lasts. No interview that runs is ever cut."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from server.settings import Settings
from server.store.costs import CostStore
from sessions.record.store import InterviewFacts, SessionStore

TAKEN_UP_WITHIN_S = 15 * 60.0
"""Time after its last use in which an interview still counts as running: a server that restarts, a
page that is loaded again, a call that is lost. Our own estimate."""


class CostCapReached(Exception):
    """No interview may begin; the text is a sentence for the organisation's members."""


class CostCaps:
    """The caps of the settings, against what is on record."""

    def __init__(self, settings: Settings, costs: CostStore) -> None:
        self._month = settings.cost_cap_month_usd
        self._interview = settings.cost_cap_interview_usd
        self._costs = costs

    async def check_new(self, organisation_id: UUID) -> None:
        """Return where the organisation may hold another interview this month.

        Raises CostCapReached, StoreUnavailable.
        """
        if self._month is not None:
            self._check_month(self._month, await self._costs.month_usd(organisation_id))

    async def check_entry(self, interview_id: UUID) -> None:
        """Return where the interview may be entered: it is running, or may begin.

        Raises CostCapReached, StoreUnavailable.
        """
        if self._month is None and self._interview is None:
            return
        standing = await self._costs.standing(interview_id)
        if standing is None or standing.live:
            return
        if self._month is not None and not standing.begun:
            self._check_month(self._month, standing.month_usd)
        cap, idle_s = self._interview, standing.idle_s
        if cap is None or idle_s is None or idle_s < TAKEN_UP_WITHIN_S:
            return
        if standing.interview_usd >= cap:
            raise CostCapReached(
                f"This interview has cost ${standing.interview_usd:.2f}, of ${cap:.2f} that one may"
                " cost (VIVA_COST_CAP_INTERVIEW_USD): it is not taken up again."
            )

    def _check_month(self, cap: Decimal, spent: Decimal) -> None:
        if spent >= cap:
            raise CostCapReached(
                f"Your organisation has spent ${spent:.2f} this month, of ${cap:.2f} that it may"
                f" spend (VIVA_COST_CAP_MONTH_USD). New interviews can begin on {_next_month()};"
                " those that have begun go on."
            )


@dataclass(frozen=True, slots=True)
class CappedSessions:
    """The `sessions.registry.SessionOpener` that lets nobody in beyond a cap."""

    sessions: SessionStore
    caps: CostCaps

    async def open_session(self, interview_id: UUID) -> InterviewFacts:
        """See `SessionOpener`. Raises CostCapReached, too."""
        await self.caps.check_entry(interview_id)
        return await self.sessions.open_session(interview_id)


def _next_month() -> str:
    today = datetime.now(UTC).date()
    year, month = divmod(today.year * 12 + today.month, 12)
    return f"{year}-{month + 1:02}-01"
