"""What those who watch an interview are told: values, numbered in order, and the snapshot.

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
    """Who is doing what. `recruiter_speaks`: the recruiter who holds the floor."""

    candidate: CandidateState
    interviewer: InterviewerState
    recruiter_speaks: bool
    time_left_ms: float


@dataclass(frozen=True, slots=True)
class TurnReopened:
    """This turn is none until it is committed anew."""

    index: int


@dataclass(frozen=True, slots=True)
class FloorNow:
    """Who holds the interviewer's side of the floor; `actor` is the recruiter, if one does."""

    holder: FloorHolder
    actor: Actor | None
    time_left_ms: float


@dataclass(frozen=True, slots=True)
class CoverageNow:
    """What of the plan is covered: (question id, "open", "current", "answered", "skipped" or
    "dropped") in the plan's order."""

    current: str | None
    next: str | None
    questions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class LatencyNow:
    """How long the candidate waited for the reply that is turn `index`, in ms; `parts` add up to it
    (`sessions.turn_history.PARTS`)."""

    index: int
    voice_to_voice_ms: float
    parts: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class QualityNow:
    """The candidate's sound over the last `over_ms`: see `monitor_messages.AudioQuality`."""

    over_ms: float
    voice_db: float | None
    noise_db: float
    clipped: float
    missing_ms: float


@dataclass(frozen=True, slots=True)
class ConnectionNow:
    """Whether the candidate is connected."""

    connected: bool


@dataclass(frozen=True, slots=True)
class CostNow:
    """What the interview has cost so far; `cost_usd` is None where no price is known."""

    cost_usd: float | None
    input_tokens: int
    output_tokens: int
    voiced_chars: int


@dataclass(frozen=True, slots=True)
class Watcher:
    """Somebody who watches, and perhaps listens."""

    actor: Actor
    listening: bool


@dataclass(frozen=True, slots=True)
class ListenersNow:
    """Who watches."""

    people: tuple[Watcher, ...]


@dataclass(frozen=True, slots=True)
class ActionNow:
    """What somebody has asked for, and how far it has come."""

    action: Action
    step: Step


Event = (
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
    | ListenersNow
    | ActionNow
)


@dataclass(slots=True)
class Numbered:
    """An event with its number, and the session time it happened at. `encoded` is what an edge made
    of it, once for all its monitors."""

    seq: int
    at_ms: float
    event: Event
    encoded: str | None = None


@dataclass(slots=True)
class SoundFrame:
    """Both sides: interleaved stereo PCM16 at 16 kHz, the candidate left; `at_ms` is the session
    time of its first sample."""

    number: int
    at_ms: float
    pcm: bytes
    encoded: bytes | None = None


@dataclass(slots=True)
class LevelsNow:
    """How loud both sides were, in dBFS, a value for each 40 ms, the last ending at `at_ms`."""

    at_ms: float
    candidate: tuple[int, ...]
    interviewer: tuple[int, ...]
    encoded: str | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything so far: what somebody who joins has to know. The next event is `seq` + 1."""

    stream: str
    seq: int
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
    people: tuple[Watcher, ...]
    hints: tuple[Action, ...]
