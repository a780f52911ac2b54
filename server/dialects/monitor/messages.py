"""Every JSON message that a monitor is sent on `viva.monitor.v1`, as models.

What it may send itself is in `commands`. The two are the one source of the protocol's
documentation.

Times named `at_ms` are session time in milliseconds. Unknown fields are refused, so that a typing
error is noticed. Messages with a `seq` are the numbered events: their numbers have no gap.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

SUBPROTOCOL = "viva.monitor.v1"
SOCKET_PATH = "/ws/monitor"

LISTEN_RATE = 16_000
LISTEN_FRAME_MS = 80
LISTEN_HEADER_BYTES = 8
"""Of a frame of sound: its number (unsigned 32 bits) and the session time of its first sample in ms
(unsigned 32 bits), both little endian."""

MICROPHONE_RATE = 16_000
MICROPHONE_MAX_FRAME_MS = 60
LEVEL_STEP_MS = 40
MAX_TEXT_CHARS = 4_096
"""A message from a monitor is at most this long."""

MAX_HINT_CHARS = 300
MAX_EXTENSION_MINUTES = 30

RightName = Literal["watch", "listen", "hint", "control", "take_over"]
SpeakerName = Literal["candidate", "interviewer", "recruiter"]
HolderName = Literal["interviewer", "recruiter", "nobody"]
FloorStateName = Literal["held", "passing", "lost", "paused", "waiting"]


class MonitorMessage(BaseModel):
    """What all messages share: they are told apart by `type`."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# --- parts of what the server says -----------------------------------------------------------


class TranscriptLine(MonitorMessage):
    """A turn of the transcript.

    A later one of the same `index` takes its place. `hint` is the id of the hint that the turn has
    put as a question.
    """

    index: int
    revision: int
    speaker: SpeakerName
    text: str
    started_ms: int
    ended_ms: int
    interrupted: bool
    question: str | None = None
    move: str | None = None
    hint: str | None = None


class PlanProbe(MonitorMessage):
    """A follow-up that the plan has ready."""

    cue: str
    text: str


class PlanQuestion(MonitorMessage):
    """A question of the plan."""

    id: str
    text: str
    competency: str
    must_ask: bool
    probes: list[PlanProbe]


class PlanSection(MonitorMessage):
    """A section of the plan."""

    title: str
    questions: list[PlanQuestion]


class QuestionState(MonitorMessage):
    """How a question stands: `dropped` ones will not be put for want of time."""

    id: str
    state: Literal["open", "current", "answered", "skipped", "dropped"]


class Person(MonitorMessage):
    """A user of the organisation who watches."""

    user_id: str
    name: str
    listening: bool


class WaitingHint(MonitorMessage):
    """A hint that waits for its question boundary."""

    id: str
    text: str
    user_name: str


# --- numbered events -------------------------------------------------------------------------


class NumberedMessage(MonitorMessage):
    """What all numbered events share."""

    seq: int = Field(ge=0)
    at_ms: int


class MonitorCaption(NumberedMessage):
    """Text as it is heard or spoken.

    A later one of the same speaker and `id` replaces an earlier one; `final` is the last of that
    id.
    """

    type: Literal["caption"] = "caption"
    speaker: SpeakerName
    id: str
    text: str
    final: bool


class MonitorTurnCommitted(NumberedMessage):
    """A turn is in the database. A later one with the same index takes its place."""

    type: Literal["turn.committed"] = "turn.committed"
    turn: TranscriptLine


class MonitorTurnReopened(NumberedMessage):
    """The candidate goes on.

    This turn was closed too early, and does not count until it is committed anew, under the same
    index.
    """

    type: Literal["turn.reopened"] = "turn.reopened"
    index: int


class MonitorState(NumberedMessage):
    """What each party is doing, whenever it changes."""

    type: Literal["state"] = "state"
    candidate: Literal["quiet", "speaking", "pausing", "awaiting_transcript"]
    interviewer: Literal["idle", "thinking", "speaking", "held"]
    recruiter: Literal["quiet", "speaking"]
    time_left_ms: int


class MonitorFloor(NumberedMessage):
    """Who holds the floor.

    `passing`: the takeover is being announced; `lost`: the connection of the recruiter who holds it
    is gone, and the interviewer takes it back soon; `paused`: nobody holds it; `waiting`: nobody,
    since the candidate has answered no prompt. In both the time stands still. `user_id` and
    `user_name` name the recruiter, if there is one.
    """

    type: Literal["floor"] = "floor"
    holder: HolderName
    state: FloorStateName
    user_id: str | None = None
    user_name: str | None = None
    time_left_ms: int


class MonitorCoverage(NumberedMessage):
    """What of the plan is covered, whenever it changes."""

    type: Literal["coverage"] = "coverage"
    current: str | None
    next: str | None
    questions: list[QuestionState]


class MonitorLatency(NumberedMessage):
    """How long a reply took.

    From the candidate's last sound to the first of the reply at the candidate's loudspeaker.
    `parts` in ms add up to it, in order: `notice` (the words are asked for), `transcribe`, `begin`
    (a reply is being prepared), `think` (its first text), `write` (its first sentence), `voice`
    (its first sound), `hold` (the rest of the patience), `send`, `play`. Of a turn with fewer
    stamps, parts are missing, and belong to the next one.
    """

    type: Literal["latency"] = "latency"
    index: int
    voice_to_voice_ms: float
    parts: dict[str, float]


class MonitorAudioQuality(NumberedMessage):
    """The candidate's sound over the last `over_ms`.

    Mean level while there is voice (dBFS, None without any), level of the quietest tenth, the share
    of clipped samples, and how much sound did not arrive.
    """

    type: Literal["audio.quality"] = "audio.quality"
    over_ms: int
    voice_db: float | None
    noise_db: float
    clipped: float
    missing_ms: int


class MonitorConnection(NumberedMessage):
    """Whether the candidate is connected."""

    type: Literal["connection"] = "connection"
    connected: bool


class MonitorCost(NumberedMessage):
    """What the interview has cost so far.

    `cost_usd` is None where no price is known; it leaves out the models in `unpriced`. `capped`: it
    has reached the cap, and spares what it can.
    """

    type: Literal["cost"] = "cost"
    cost_usd: float | None
    input_tokens: int
    output_tokens: int
    voiced_chars: int
    unpriced: list[str] = []
    capped: bool = False


class MonitorListeners(NumberedMessage):
    """Who watches, whenever it changes."""

    type: Literal["listeners"] = "listeners"
    people: list[Person]


class MonitorAction(NumberedMessage):
    """A user has done something.

    Asked for it (`asked`), it has happened (`done`), or it will not happen any more (`dropped`).
    `text` is that of a hint.
    """

    type: Literal["action"] = "action"
    id: str
    action: Literal["hint", "pause", "resume", "extend", "skip", "end", "take_over", "hand_back"]
    state: Literal["asked", "done", "dropped"]
    user_id: str
    user_name: str
    text: str | None = None
    minutes: int | None = None


class MonitorNotice(NumberedMessage):
    """A problem that ends nothing; `message` can be shown as it is."""

    type: Literal["notice"] = "notice"
    code: str
    message: str


class MonitorEnded(NumberedMessage):
    """The interview is over, or left this server's memory (`reason` is `suspended`).

    The socket closes next.
    """

    type: Literal["ended"] = "ended"
    reason: str


# --- without a number ------------------------------------------------------------------------


class MonitorSnapshot(MonitorMessage):
    """Answer to `hello`: everything so far.

    The next event has the number `seq` + 1. The events among its parts carry that `seq` themselves.
    """

    type: Literal["snapshot"] = "snapshot"
    stream: str
    seq: int
    at_ms: int
    interview_id: str
    candidate_name: str
    title: str
    role: str
    language: str
    rights: list[RightName]
    user_id: str
    time_limit_ms: int
    time_left_ms: int
    connected: bool
    candidate: Literal["quiet", "speaking", "pausing", "awaiting_transcript"]
    interviewer: Literal["idle", "thinking", "speaking", "held"]
    recruiter: Literal["quiet", "speaking"]
    floor: MonitorFloor
    plan: list[PlanSection]
    coverage: MonitorCoverage
    transcript: list[TranscriptLine]
    captions: list[MonitorCaption]
    latencies: list[MonitorLatency]
    cost: MonitorCost
    listeners: list[Person]
    hints: list[WaitingHint]
    listen_rate: int = LISTEN_RATE
    listen_frame_ms: int = LISTEN_FRAME_MS
    microphone_rate: int = MICROPHONE_RATE


class MonitorResumed(MonitorMessage):
    """Answer to a `hello` that named its last event.

    Nothing was missed, and the events from `last` + 1 on follow. The rights are those of the new
    ticket.
    """

    type: Literal["resumed"] = "resumed"
    stream: str
    last: int
    rights: list[RightName]


class MonitorLevels(MonitorMessage):
    """How loud both sides were, in dBFS from -100 to 0.

    There is one value for each 40 ms, the last of them ending at `at_ms`. Dropped where the monitor
    is slow.
    """

    type: Literal["levels"] = "levels"
    at_ms: int
    candidate: list[int]
    interviewer: list[int]


class MonitorAccepted(MonitorMessage):
    """The command `ref` was taken.

    `action_id` is the id it has on record; `action` events say what becomes of it.
    """

    type: Literal["accepted"] = "accepted"
    ref: str
    action_id: str | None = None


class MonitorRefused(MonitorMessage):
    """A command, or a message that is none, was refused; nothing has changed.

    `ref` is missing where the message could not be read. With `fatal`, the socket closes next.
    """

    type: Literal["refused"] = "refused"
    ref: str | None = None
    code: str
    message: str
    fatal: bool = False


class MonitorPong(MonitorMessage):
    """Answer to `ping`."""

    type: Literal["pong"] = "pong"
    t: float


MonitorServerMessage = Annotated[
    MonitorSnapshot
    | MonitorResumed
    | MonitorCaption
    | MonitorTurnCommitted
    | MonitorTurnReopened
    | MonitorState
    | MonitorFloor
    | MonitorCoverage
    | MonitorLatency
    | MonitorAudioQuality
    | MonitorConnection
    | MonitorCost
    | MonitorListeners
    | MonitorAction
    | MonitorNotice
    | MonitorEnded
    | MonitorLevels
    | MonitorAccepted
    | MonitorRefused
    | MonitorPong,
    Field(discriminator="type"),
]
MONITOR_SERVER_MESSAGE: TypeAdapter[MonitorServerMessage] = TypeAdapter(MonitorServerMessage)
