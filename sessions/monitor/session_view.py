"""What the monitor sees of its session, and no more."""

from collections.abc import Callable
from dataclasses import dataclass

from sessions.cost.tally import Tally
from sessions.leg import Leg, Note
from sessions.session_context import Providers, SessionContext
from sessions.side_tasks import Spawn
from sessions.speaking.playback import PlaybackState
from sessions.turn_history import TurnHistory
from sessions.turntaking import events as ev
from sessions.turntaking.machine import TurnMachine


@dataclass(frozen=True, slots=True)
class SessionView:
    """What the monitor sees of its session."""

    context: SessionContext
    providers: Providers
    machine: TurnMachine
    history: TurnHistory
    tally: Tally
    now: Callable[[], float]
    """Session time in ms."""

    post: Callable[[ev.Event], None]
    """Puts an event into the session's mailbox."""

    spawn: Spawn
    """Starts a task of the session; None once the session is over."""

    leg: Callable[[], Leg | None]
    """The leg that sounds, if there is one."""

    notify: Callable[[Note], None]
    """Tells whatever leg there is, and nobody else."""

    tell_state: Callable[[bool], None]
    """Tells what each party is doing, if that has changed, and whether the recruiter speaks."""

    playing: Callable[[], PlaybackState | None]
    """The reply that is being played, if there is one."""

    level_db: Callable[[], float]
    """How loud the candidate is, in dBFS."""
