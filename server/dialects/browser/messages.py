"""Messages of the subprotocol `viva.v1` as models: the one source of its documentation.

Sample counts are samples at the rate of their direction (16 kHz up, 24 kHz down). Session time is
in milliseconds. Unknown fields are refused, so that a typing error is noticed.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

SUBPROTOCOL = "viva.v1"
SOCKET_PATH = "/ws/interview"
UP_RATE = 16_000
DOWN_RATE = 24_000
MIN_FRAME_MS = 20
MAX_FRAME_MS = 60
"""Longest frame a page may send: shorter frames cost too much, longer ones delay what is heard."""

MAX_TEXT_CHARS = 4_096
"""Longest control message, in characters."""


class Message(BaseModel):
    """Message of either side; `type` tells them apart."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# --- from the client -------------------------------------------------------------------------


class Hello(Message):
    """First message on the socket, within 5 s: the single-use ticket got over HTTP."""

    type: Literal["hello"] = "hello"
    ticket: str = Field(min_length=16, max_length=256)
    opened_ms: int | None = Field(default=None, ge=0, lt=2**53)
    """That of the last `session.ready`, from a client that comes back by itself; left out where the
    candidate opens the link, or asks to go on here."""


class Start(Message):
    """The candidate has given consent and is ready: the interview begins, or goes on."""

    type: Literal["start"] = "start"
    consent: Literal[True]


class Played(Message):
    """Progress of playback: `samples` of this generation have left the loudspeaker so far.

    Sent about every 100 ms while audio plays, and once when the buffer has run empty.
    """

    type: Literal["audio.played"] = "audio.played"
    generation: int = Field(ge=0, lt=2**53)
    samples: int = Field(ge=0, lt=2**53)


class Marked(Message):
    """Everything sent before the mark `id` has been played."""

    type: Literal["audio.marked"] = "audio.marked"
    generation: int = Field(ge=0, lt=2**53)
    id: int = Field(ge=0, lt=2**53)


class Flushed(Message):
    """Answer to `audio.flush`: the buffer is empty, and `samples` of the generation were played."""

    type: Literal["audio.flushed"] = "audio.flushed"
    generation: int = Field(ge=0, lt=2**53)
    samples: int = Field(ge=0, lt=2**53)


class Mute(Message):
    """The candidate has muted the microphone in the client, or does so no more.

    Sent when it changes, and after `start` where it is muted then: so that nobody is told to look
    for a fault.
    """

    type: Literal["mute"] = "mute"
    muted: bool


class Continue(Message):
    """The candidate goes on, after the interviewer has stopped the clock to wait."""

    type: Literal["continue"] = "continue"


class End(Message):
    """The candidate ends the interview."""

    type: Literal["end"] = "end"


class Ping(Message):
    """Measurement of the round trip; answered by `pong` with the same `t`."""

    type: Literal["ping"] = "ping"
    t: float = Field(allow_inf_nan=False)


ClientMessage = Annotated[
    Hello | Start | Played | Marked | Flushed | Mute | Continue | End | Ping,
    Field(discriminator="type"),
]
CLIENT_MESSAGE: TypeAdapter[ClientMessage] = TypeAdapter(ClientMessage)


# --- from the server -------------------------------------------------------------------------


class Line(Message):
    """One turn of the transcript, as the page shows it."""

    index: int
    speaker: Literal["candidate", "interviewer", "recruiter"]
    text: str


class Ready(Message):
    """Answer to `hello`.

    `resumed` is true when the interview had begun before: the page then shows `transcript`, and
    asks for `start` all the same (a browser needs a click for sound).
    """

    type: Literal["session.ready"] = "session.ready"
    session_id: str
    candidate_name: str
    title: str
    resumed: bool
    time_left_ms: int
    transcript: list[Line]
    opened_ms: int
    up_rate: int = UP_RATE
    down_rate: int = DOWN_RATE


class AudioBegin(Message):
    """Beginning of a run: the binary frames that follow belong to this generation.

    Its sample count starts at `offset` (not 0 when a held reply goes on from where it was stopped).
    """

    type: Literal["audio.begin"] = "audio.begin"
    generation: int
    offset: int = 0


class AudioMark(Message):
    """Mark to be answered by `audio.marked` once everything before it has been played."""

    type: Literal["audio.mark"] = "audio.mark"
    generation: int
    id: int


class AudioFlush(Message):
    """Order to drop what is buffered, at once, and to answer with `audio.flushed`."""

    type: Literal["audio.flush"] = "audio.flush"
    generation: int


class Caption(Message):
    """Text as it is heard or spoken.

    A later caption of the same speaker and `id` replaces an earlier one; `final` is the last of
    that id. Before that, the first `stable_words` words of the text, separated by blanks, will
    hardly change any more.
    """

    type: Literal["caption"] = "caption"
    speaker: Literal["candidate", "interviewer", "recruiter"]
    id: str
    text: str
    final: bool
    stable_words: int = 0


class State(Message):
    """Who is doing what and how much time is left, whenever it changes or the limit does.

    `floor` is who leads the talk on the interviewer's side: `passing` is the moment before a
    recruiter speaks, `lost` one in which a recruiter's connection is lost. While it is `paused` the
    time stands still. So it does while it is `waiting`: the candidate has answered no prompt, and
    goes on by speaking or by `continue`.
    """

    type: Literal["state"] = "state"
    candidate: Literal["quiet", "speaking", "pausing", "awaiting_transcript"]
    interviewer: Literal["idle", "thinking", "speaking", "held"]
    time_left_ms: int
    floor: Literal["interviewer", "passing", "recruiter", "lost", "paused", "waiting"] = (
        "interviewer"
    )
    recruiter_speaks: bool = False


class TurnCommitted(Message):
    """Turn that is in the database: it survives whatever happens next."""

    type: Literal["turn.committed"] = "turn.committed"
    index: int
    speaker: Literal["candidate", "interviewer", "recruiter"]
    text: str


class Notice(Message):
    """Something the person should know that ends nothing; `message` can be shown as it is."""

    type: Literal["notice"] = "notice"
    code: str
    message: str


class Error(Message):
    """Mistake in the client's last message, or a message that could not be served.

    `fatal`: the socket closes next, with the close code `close_code`.
    """

    type: Literal["error"] = "error"
    code: str
    message: str
    fatal: bool = False
    close_code: int | None = None


class Ended(Message):
    """End of the interview; the socket closes next with 1000."""

    type: Literal["session.ended"] = "session.ended"
    reason: str
    message: str


class Pong(Message):
    """Answer to `ping`."""

    type: Literal["pong"] = "pong"
    t: float


ServerMessage = Annotated[
    Ready
    | AudioBegin
    | AudioMark
    | AudioFlush
    | Caption
    | State
    | TurnCommitted
    | Notice
    | Error
    | Ended
    | Pong,
    Field(discriminator="type"),
]
SERVER_MESSAGE: TypeAdapter[ServerMessage] = TypeAdapter(ServerMessage)
