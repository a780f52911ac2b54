"""What the desk of those who watch sees of its session, and no more."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from sessions.leg import Leg, Note
from sessions.session_context import Facts, Providers
from sessions.speaking.playback import Playback
from sessions.turn_history import TurnBook
from sessions.turntaking import events as ev
from sessions.turntaking.machine import TurnMachine


@dataclass(frozen=True, slots=True)
class Inside:
    """What the desk sees of its session. `leg` is the one that sounds, if there is one; `tell`
    tells whatever leg there is; `now` is session ms; `level_db` is that of the candidate's sound.
    """

    facts: Facts
    providers: Providers
    machine: TurnMachine
    book: TurnBook
    now: Callable[[], float]
    post: Callable[[ev.Event], None]
    spawn: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None] | None]
    leg: Callable[[], Leg | None]
    tell: Callable[[Note], None]
    playing: Callable[[], Playback | None]
    level_db: Callable[[], float]
