"""The directory in PostgreSQL: organisations, users, plans, interviews, tickets, calls.

Every query is bound to an organisation, but for those that find out which one it is: by e-mail
address, join token, ticket, telephone number, PIN, or a bridge's name for a call. Tokens and
tickets are random 256 bits; only their SHA-256 is stored. Every call raises StoreUnavailable when
the database cannot be reached.
"""

from server.store.accounts import AccountStore, EmailTaken, PlanStore
from server.store.calls import CallStore
from server.store.interviews import InterviewStore
from server.store.monitors import MonitorStore
from server.store.tickets import TicketStore

__all__ = ["Directory", "EmailTaken"]


class Directory(AccountStore, PlanStore, InterviewStore, TicketStore, CallStore, MonitorStore):
    """Reads and writes all but sessions and turns, which the session store writes."""
