"""What the edge needs of a monitored interview: to join it, take from its queue, and act."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from numpy import int16
from numpy.typing import NDArray

from sessions.monitor.events import Snapshot
from sessions.monitor.rights import Right
from sessions.monitor.subscription import Subscription
from sessions.record.action_log import ActionKind, Actor


@dataclass(frozen=True, slots=True)
class Since:
    """What a monitor that comes back has: the stream, and the number of its last event."""

    stream: str
    last: int


class Refusal(Exception):
    """What was asked for is not done. `code` is for programs, the text for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who wants to watch, with what a ticket grants. `tell`: the candidate is to know when
    somebody listens."""

    actor: Actor
    rights: frozenset[Right]
    tell: bool = True


class Seat(Protocol):
    """One monitor's place at an interview, wherever that is held."""

    subscription: Subscription
    opening: Snapshot | None
    """None for one who came back and missed nothing."""

    stream: str

    @property
    def holds_floor(self) -> bool:
        """Whether this monitor's microphone is, or is about to be, the interviewer's voice."""

    def listen(self, on: bool) -> None:
        """Begin, or cease, to get sound. Raises Refusal."""

    async def act(
        self, kind: ActionKind, *, text: str = "", force: bool = False, minutes: int = 0
    ) -> UUID:
        """Do something; its id on record. Raises Refusal, and then nothing was done."""

    def hear(self, samples: NDArray[int16]) -> None:
        """The recruiter's microphone: mono PCM16 at 16 kHz. Raises Refusal without the floor."""

    def leave(self) -> None:
        """Go. Harmless a second time."""


class MonitorHub(Protocol):
    """What an edge needs to let people watch: the one way there is, in this process (see
    `sessions.registry.LocalHub`) or in another one."""

    def join(self, interview_id: UUID, viewer: Viewer, since: Since | None) -> Seat | None:
        """A place at an interview that is live now; None where it is not. Raises Refusal."""
