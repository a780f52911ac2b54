"""Stores: one object for each group of tables, all on one database.

Every query is bound to an organisation, except for those that find out which one it is: by e-mail
address, join token, ticket, telephone number, PIN, or a bridge's name for a call. Join tokens and
tickets are 256 random bits; only their SHA-256 is stored. Every call raises StoreUnavailable when
the database cannot be reached.
"""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from server.store.accounts import AccountStore
from server.store.calls import CallStore
from server.store.costs import CostStore
from server.store.erasure import ErasureStore
from server.store.interviews import InterviewStore
from server.store.left import LeftStore
from server.store.monitors import MonitorStore
from server.store.plans import PlanStore
from server.store.tickets import TicketStore


@dataclass(frozen=True, slots=True)
class Store:
    """The stores of one database. Sessions and turns have theirs in `sessions.record.store`."""

    accounts: AccountStore
    plans: PlanStore
    interviews: InterviewStore
    tickets: TicketStore
    calls: CallStore
    monitors: MonitorStore
    erasure: ErasureStore
    left: LeftStore
    costs: CostStore

    @classmethod
    def on(cls, engine: AsyncEngine) -> "Store":
        """Make the stores of the engine's database."""
        return cls(
            accounts=AccountStore(engine),
            plans=PlanStore(engine),
            interviews=InterviewStore(engine),
            tickets=TicketStore(engine),
            calls=CallStore(engine),
            monitors=MonitorStore(engine),
            erasure=ErasureStore(engine),
            left=LeftStore(engine),
            costs=CostStore(engine),
        )
