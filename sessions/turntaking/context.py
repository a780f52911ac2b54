"""What every rule of turn-taking works on: the state of one interview, its timers, its commands."""

from dataclasses import dataclass, field

from sessions.turntaking import commands as cmd
from sessions.turntaking.rules import Rules
from sessions.turntaking.state import TurnState
from sessions.turntaking.timers import Deadlines


@dataclass(slots=True)
class TurnContext:
    """One interview's turn-taking.

    The rules are plain functions over this; the turn machine calls them, and nobody else.
    """

    rules: Rules
    """Every threshold."""

    state: TurnState
    """What is remembered between two events."""

    now: float
    """Session ms of the input that is taken in just now."""

    timers: Deadlines = field(default_factory=Deadlines)
    """When the machine has to be woken, and for what."""

    outbox: list[cmd.Command] = field(default_factory=list)
    """What the present input has commanded so far."""

    def emit(self, command: cmd.Command) -> None:
        """Command something of the session."""
        self.outbox.append(command)
