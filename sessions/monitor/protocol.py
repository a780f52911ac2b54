"""What an edge needs of a monitored interview: join it, take from its queue, and act."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from numpy import int16
from numpy.typing import NDArray

from sessions.monitor.events import InterviewSnapshot
from sessions.monitor.rights import Right
from sessions.monitor.subscription import Subscription
from sessions.record.action_log import ActionKind, Actor


@dataclass(frozen=True, slots=True)
class Since:
    """What a monitor that comes back has already."""

    stream: str
    """Of its snapshot."""

    last: int
    """The number of its last event."""


class RequestRefused(Exception):
    """What was asked for is not done. `code` is for programs, the text for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Viewer:
    """A user who wants to watch."""

    actor: Actor

    rights: frozenset[Right]
    """What the ticket grants."""

    tell_listening: bool = True
    """Whether the candidate is told when this user listens."""


class Seat(Protocol):
    """One viewer's place at an interview, wherever that interview is held."""

    subscription: Subscription
    opening: InterviewSnapshot | None
    """Everything so far; None for a monitor that came back and missed nothing."""

    stream: str

    @property
    def holds_floor(self) -> bool:
        """Whether this viewer's microphone is, or is about to be, the interviewer's voice."""

    def listen(self, on: bool) -> None:
        """Begin, or cease, to get sound. Raises RequestRefused."""

    async def act(
        self, kind: ActionKind, *, text: str = "", force: bool = False, minutes: int = 0
    ) -> UUID:
        """Ask for something, and return its id on record.

        Raises RequestRefused, and then nothing was done.
        """

    def hear(self, samples: NDArray[int16]) -> None:
        """Take in the viewer's microphone: mono PCM16 at 16 kHz.

        Raises RequestRefused without the floor.
        """

    def leave(self) -> None:
        """Leave; a second call changes nothing."""


class MonitorHub(Protocol):
    """How an edge lets people watch, wherever the interview is held.

    That may be in this process (see `sessions.registry.LocalMonitorHub`) or in another one.
    """

    def join(self, interview_id: UUID, viewer: Viewer, since: Since | None) -> Seat | None:
        """Return a place at an interview; None where it is not live. Raises RequestRefused."""
