"""The directory in PostgreSQL: organisations, users, plans, interviews, tickets.

Every query is bound to an organisation, but for the three that find out which one it is: by
e-mail address, by join token, by ticket. Tokens and tickets are random 256 bits; only their
SHA-256 is stored. Every call raises StoreUnavailable when the database cannot be reached.
"""

from server.store_accounts import AccountStore, EmailTaken, PlanStore
from server.store_doors import DoorStore
from server.store_interviews import InterviewStore
from server.store_monitors import MonitorStore

__all__ = ["Directory", "EmailTaken"]


class Directory(AccountStore, PlanStore, InterviewStore, DoorStore, MonitorStore):
    """Reads and writes all but sessions and turns, which the session store writes."""
