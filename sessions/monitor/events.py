"""What monitors are told: events, numbered in order, sound and levels, and the snapshot.

Notes that the candidate's leg gets as well (`sessions.leg`) are events as they are.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sessions.leg import CaptionNote, CommittedNote, EndedNote, TroubleNote
from sessions.plan.plan import Plan
from sessions.record.action_log import Action, Actor, Step
from sessions.turntaking.transitions import CandidateState, FloorHolder, InterviewerState
from sessions.turntaking.turns import Turn


@dataclass(frozen=True, slots=True)
class StateNow:
    """What each party is doing."""

    candidate: CandidateState
    interviewer: InterviewerState

    recruiter_speaks: bool
    """Whether a recruiter who has the floor speaks."""

    time_left_ms: float


@dataclass(frozen=True, slots=True)
class TurnReopened:
    """The candidate goes on: this turn does not count until it is committed anew."""

    index: int


@dataclass(frozen=True, slots=True)
class FloorNow:
    """Who has the interviewer's side of the floor."""

    holder: FloorHolder

    actor: Actor | None
    """The recruiter, if one has it or is about to."""

    time_left_ms: float


@dataclass(frozen=True, slots=True)
class CoverageNow:
    """What of the plan is covered."""

    current: str | None
    """The id of the question that was put last."""

    next: str | None
    """The id of the question that comes next."""

    questions: tuple[tuple[str, str], ...]
    """(id, "open", "current", "answered", "skipped" or "dropped"), in the plan's order."""


@dataclass(frozen=True, slots=True)
class LatencyNow:
    """How long the candidate waited for a reply."""

    index: int
    """Of the turn that is the reply."""

    voice_to_voice_ms: float

    parts: Mapping[str, float]
    """In ms; they add up to the whole (`sessions.turn_history.PARTS`)."""


@dataclass(frozen=True, slots=True)
class QualityNow:
    """The candidate's sound over some seconds."""

    over_ms: float

    voice_db: float | None
    """Mean level while there is voice, in dBFS; None without any."""

    noise_db: float
    """Level of the quietest tenth, in dBFS."""

    clipped: float
    """Share of clipped samples, 0 to 1."""

    missing_ms: float
    """How much sound did not arrive."""


@dataclass(frozen=True, slots=True)
class ConnectionNow:
    """Whether the candidate is connected."""

    connected: bool


@dataclass(frozen=True, slots=True)
class CostNow:
    """What the interview has cost so far."""

    cost_usd: float | None
    """None where no price is known."""

    input_tokens: int
    output_tokens: int
    voiced_chars: int

    unpriced: tuple[str, ...] = ()
    """Models that were used and whose price is not known: `cost_usd` leaves them out."""

    capped: bool = False
    """Whether it has cost as much as it may: nothing is spent on what could be left out."""


@dataclass(frozen=True, slots=True)
class PresentViewer:
    """A user who watches."""

    actor: Actor

    listening: bool
    """Whether they get the sound as well."""


@dataclass(frozen=True, slots=True)
class ViewersNow:
    """Who watches."""

    people: tuple[PresentViewer, ...]


@dataclass(frozen=True, slots=True)
class ActionNow:
    """What somebody has asked for, and how far it has come."""

    action: Action
    step: Step


MonitorEvent = (
    CaptionNote
    | CommittedNote
    | TroubleNote
    | EndedNote
    | StateNow
    | TurnReopened
    | FloorNow
    | CoverageNow
    | LatencyNow
    | QualityNow
    | ConnectionNow
    | CostNow
    | ViewersNow
    | ActionNow
)


@dataclass(slots=True)
class NumberedEvent:
    """An event with its number."""

    seq: int

    at_ms: float
    """Session time at which it happened."""

    event: MonitorEvent

    encoded: str | None = None
    """What an edge made of it, once for all its monitors."""


@dataclass(slots=True)
class SoundFrame:
    """80 ms of both sides' sound."""

    number: int

    at_ms: float
    """Session time of the first sample."""

    pcm: bytes
    """Interleaved stereo PCM16 at 16 kHz, the candidate left."""

    encoded: bytes | None = None
    """What an edge made of it, once for all its monitors."""


@dataclass(slots=True)
class LevelsNow:
    """How loud both sides were, a value for each 40 ms."""

    at_ms: float
    """Session time of the end of the last value."""

    candidate: tuple[int, ...]
    """In dBFS."""

    interviewer: tuple[int, ...]
    """In dBFS."""

    encoded: str | None = None
    """What an edge made of it, once for all its monitors."""


@dataclass(frozen=True, slots=True)
class InterviewSnapshot:
    """Everything so far: what somebody who joins has to know."""

    stream: str
    """Names this run of numbers; another process, or another session, has another one."""

    seq: int
    """The next event is this + 1."""

    at_ms: float
    interview_id: str
    candidate_name: str
    language: str
    plan: Plan
    limit_ms: float
    state: StateNow
    connected: bool
    floor: FloorNow
    coverage: CoverageNow
    turns: tuple[Turn, ...]
    captions: tuple[CaptionNote, ...]
    latencies: tuple[LatencyNow, ...]
    cost: CostNow
    people: tuple[PresentViewer, ...]

    hints: tuple[Action, ...]
    """Those that wait for their question boundary."""
