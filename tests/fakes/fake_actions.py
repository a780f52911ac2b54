"""An action log in memory that fails on demand."""

from uuid import UUID

from sessions.record.action_log import Action, Step
from sessions.record.retrying import StoreUnavailable


class FakeActions:
    """See `ActionLog`. While `down`, nothing can be entered."""

    def __init__(self) -> None:
        self.entries: list[tuple[Action, Step]] = []
        self.down = False

    async def enter(self, interview_id: UUID, action: Action, step: Step) -> None:
        """See `ActionLog`."""
        if self.down:
            raise StoreUnavailable("The database is away.")
        self.entries.append((action, step))

    def steps(self, kind: str) -> list[str]:
        """The steps of the actions of this kind, in order."""
        return [step.value for action, step in self.entries if action.kind == kind]
