"""The hub of this process: people watch the interviews that its registry holds."""

from collections.abc import Callable
from uuid import UUID

from sessions.monitor.channel import Seat, Since, Visitor
from sessions.session import Session


class LocalHub:
    """A `sessions.monitor.channel.MonitorHub`. `find` gives the live session of an interview."""

    def __init__(self, find: Callable[[UUID], Session | None]) -> None:
        self._find = find

    def join(self, interview_id: UUID, visitor: Visitor, since: Since | None) -> Seat | None:
        """See `MonitorHub`."""
        session = self._find(interview_id)
        return None if session is None else session.desk.join(visitor, since)
