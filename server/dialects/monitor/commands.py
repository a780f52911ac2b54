"""What a monitor may say on `viva.monitor.v1`, as models; what it is told is in
`monitor_messages`."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, TypeAdapter

from server.dialects.monitor.messages import (
    MAX_EXTENSION_MINUTES,
    MAX_HINT_CHARS,
    Message,
)

Ref = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[\w.:-]+$")]
"""A name the client chooses for a command; the answer carries it."""


class Hello(Message):
    """First message on the socket, within 5 s: the single-use ticket got over HTTP. After a lost
    connection, `stream` and `last` are those of the snapshot and of the last event it has."""

    type: Literal["hello"] = "hello"
    ticket: str = Field(min_length=16, max_length=256)
    stream: str | None = Field(default=None, max_length=64)
    last: int | None = Field(default=None, ge=0)


class Listen(Message):
    """Begin, or cease, to be sent both sides' sound."""

    type: Literal["listen"] = "listen"
    ref: Ref
    on: bool


class HintCommand(Message):
    """A hint for the interviewer, who makes it the next question. The candidate never sees it."""

    type: Literal["hint"] = "hint"
    ref: Ref
    text: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=2, max_length=MAX_HINT_CHARS)
    ]


class Pause(Message):
    """Stop the clock. With `force` now, in the middle of a word; otherwise when the interviewer
    would speak next."""

    type: Literal["pause"] = "pause"
    ref: Ref
    force: bool = False


class Resume(Message):
    """Go on after a pause."""

    type: Literal["resume"] = "resume"
    ref: Ref


class Extend(Message):
    """Give the interview more time."""

    type: Literal["extend"] = "extend"
    ref: Ref
    minutes: int = Field(ge=1, le=MAX_EXTENSION_MINUTES)


class Skip(Message):
    """Leave the current question and put the next one. `force` as in `pause`."""

    type: Literal["skip"] = "skip"
    ref: Ref
    force: bool = False


class End(Message):
    """End the interview with a word of goodbye. `force` as in `pause`."""

    type: Literal["end"] = "end"
    ref: Ref
    force: bool = False


class TakeOver(Message):
    """Take the floor: the microphone of this monitor becomes the interviewer's voice once that has
    been announced to the candidate. `force` as in `pause`."""

    type: Literal["take_over"] = "take_over"
    ref: Ref
    force: bool = False


class HandBack(Message):
    """Give the floor back to the interviewer."""

    type: Literal["hand_back"] = "hand_back"
    ref: Ref


class Ping(Message):
    """Measures the way there and back; answered by `pong` with the same `t`."""

    type: Literal["ping"] = "ping"
    t: float = Field(allow_inf_nan=False)


MonitorMessage = Annotated[
    Hello
    | Listen
    | HintCommand
    | Pause
    | Resume
    | Extend
    | Skip
    | End
    | TakeOver
    | HandBack
    | Ping,
    Field(discriminator="type"),
]
Command = Listen | HintCommand | Pause | Resume | Extend | Skip | End | TakeOver | HandBack
"""What carries a `ref`, and is answered."""

MONITOR_MESSAGE: TypeAdapter[MonitorMessage] = TypeAdapter(MonitorMessage)
