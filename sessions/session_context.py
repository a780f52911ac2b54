"""SessionContext: what a session is about; Providers: what every session works with."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from audio.pacer import AHEAD_MS
from audio.smart_turn import TurnModel
from audio.speech import StreamingTranscriber, Synthesizer, Transcriber
from sessions.cost.book import CostBook
from sessions.cost.tally import Used
from sessions.interviewer.protocol import Interviewer
from sessions.listening.live_captions import Interim
from sessions.listening.second_hearing import SecondHearing
from sessions.listening.vad_ticker import VadTicker
from sessions.plan.plan import Plan
from sessions.record.action_log import Action, ActionLog, NoLog
from sessions.record.turn_log import SessionLog
from sessions.turntaking.turns import Turn


@dataclass(frozen=True, slots=True)
class SessionContext:
    """What a session is about."""

    interview_id: UUID
    session_id: UUID
    plan: Plan
    candidate_name: str
    language: str

    turns: tuple[Turn, ...]
    """Those on record when the session is started, oldest first."""

    organisation_id: UUID | None = None

    hints: tuple[Action, ...] = ()
    """Those that were not used yet, oldest first."""

    used: Used = ()
    """What the interview has used before this run."""


def _not_ahead(_sentences: Iterable[str]) -> None:
    """Voice every sentence when it is due."""


@dataclass(frozen=True, slots=True)
class Providers:
    """What every session works with; shared by all."""

    interviewer: Interviewer
    transcriber: Transcriber
    synthesizer: Synthesizer
    vad_ticker: VadTicker
    log: SessionLog

    ahead_ms: float = AHEAD_MS
    """How far ahead of playback sound is sent."""

    turn_model: TurnModel | None = None
    """Scores whether speech has come to its end; None: the rules decide without it."""

    interim: Interim | None = None
    """Makes live captions; None: words are shown at pauses only."""

    streaming: StreamingTranscriber | None = None
    """Hears candidates while they speak; `transcriber` is its fallback then. None: `transcriber`
    hears them at pauses."""

    second_hearing: SecondHearing | None = None
    """Hears short answers a second time where a provider gives no confidence; None: nobody does."""

    voice_ahead: Callable[[Iterable[str]], None] = _not_ahead
    """Is told sentences that may be due soon, for a synthesizer that can make them in advance."""

    costs: CostBook = field(default_factory=CostBook)
    """Where sessions count what they use."""

    troubles: Mapping[str, Callable[[], str]] = field(default_factory=dict)
    """By part: a sentence on why nobody of its chain can be asked, "" while somebody can."""

    actions: ActionLog = field(default_factory=NoLog)
    """Where it goes on record what viewers do."""
