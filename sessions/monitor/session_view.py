"""What the desk of those who watch sees of its session, and no more."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from sessions.leg import Leg, Note
from sessions.session_context import Providers, SessionContext
from sessions.speaking.playback import PlaybackState
from sessions.turn_history import TurnHistory
from sessions.turntaking import events as ev
from sessions.turntaking.machine import TurnMachine


@dataclass(frozen=True, slots=True)
class SessionView:
    """What the desk sees of its session. `leg` is the one that sounds, if there is one; `tell`
    tells whatever leg there is; `now` is session ms; `level_db` is that of the candidate's sound.
    """

    context: SessionContext
    providers: Providers
    machine: TurnMachine
    history: TurnHistory
    now: Callable[[], float]
    post: Callable[[ev.Event], None]
    spawn: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None] | None]
    leg: Callable[[], Leg | None]
    tell: Callable[[Note], None]
    playing: Callable[[], PlaybackState | None]
    level_db: Callable[[], float]
