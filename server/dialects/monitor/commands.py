"""What a monitor may send on `viva.monitor.v1`, as models; what it is sent is in `messages`."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, TypeAdapter

from server.dialects.monitor.messages import (
    MAX_EXTENSION_MINUTES,
    MAX_HINT_CHARS,
    MonitorMessage,
)

Ref = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[\w.:-]+$")]
"""A name that the client chooses for a command; the answer carries it."""


class MonitorHello(MonitorMessage):
    """First message on the socket, within 5 s: the single-use ticket got over HTTP.

    After a lost connection, `stream` and `last` are those of the snapshot and of the last event it
    has.
    """

    type: Literal["hello"] = "hello"
    ticket: str = Field(min_length=16, max_length=256)
    stream: str | None = Field(default=None, max_length=64)
    last: int | None = Field(default=None, ge=0, lt=2**53)


class ListenCommand(MonitorMessage):
    """Begin, or cease, to be sent both sides' sound."""

    type: Literal["listen"] = "listen"
    ref: Ref
    on: bool


class HintCommand(MonitorMessage):
    """A hint for the interviewer, who makes it the next question. The candidate never sees it."""

    type: Literal["hint"] = "hint"
    ref: Ref
    text: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=2, max_length=MAX_HINT_CHARS)
    ]


class PauseCommand(MonitorMessage):
    """Stop the clock.

    With `force` at once, in the middle of a word; otherwise when the interviewer would speak next.
    """

    type: Literal["pause"] = "pause"
    ref: Ref
    force: bool = False


class ResumeCommand(MonitorMessage):
    """Go on after a pause."""

    type: Literal["resume"] = "resume"
    ref: Ref


class ExtendCommand(MonitorMessage):
    """Give the interview more time."""

    type: Literal["extend"] = "extend"
    ref: Ref
    minutes: int = Field(ge=1, le=MAX_EXTENSION_MINUTES)


class SkipCommand(MonitorMessage):
    """Leave the current question and put the next one. `force` as in `pause`."""

    type: Literal["skip"] = "skip"
    ref: Ref
    force: bool = False


class EndCommand(MonitorMessage):
    """End the interview, after the interviewer has said goodbye. `force` as in `pause`."""

    type: Literal["end"] = "end"
    ref: Ref
    force: bool = False


class TakeOverCommand(MonitorMessage):
    """Take the floor.

    The microphone of this monitor becomes the interviewer's voice once that has been announced to
    the candidate. `force` as in `pause`.
    """

    type: Literal["take_over"] = "take_over"
    ref: Ref
    force: bool = False


class HandBackCommand(MonitorMessage):
    """Give the floor back to the interviewer."""

    type: Literal["hand_back"] = "hand_back"
    ref: Ref


class MonitorPing(MonitorMessage):
    """Measures the round trip; answered by `pong` with the same `t`."""

    type: Literal["ping"] = "ping"
    t: float = Field(allow_inf_nan=False)


MonitorClientMessage = Annotated[
    MonitorHello
    | ListenCommand
    | HintCommand
    | PauseCommand
    | ResumeCommand
    | ExtendCommand
    | SkipCommand
    | EndCommand
    | TakeOverCommand
    | HandBackCommand
    | MonitorPing,
    Field(discriminator="type"),
]
MonitorCommand = (
    ListenCommand
    | HintCommand
    | PauseCommand
    | ResumeCommand
    | ExtendCommand
    | SkipCommand
    | EndCommand
    | TakeOverCommand
    | HandBackCommand
)
"""What carries a `ref`, and is answered."""

MONITOR_CLIENT_MESSAGE: TypeAdapter[MonitorClientMessage] = TypeAdapter(MonitorClientMessage)
