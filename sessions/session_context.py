"""What a session is about, and what it works with."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from uuid import UUID

from audio.pacer import AHEAD_MS
from audio.smart_turn import TurnModel
from audio.speech import Synthesizer, Transcriber
from sessions.interviewer.protocol import Interviewer
from sessions.listening.live_captions import Interim
from sessions.listening.vad_ticker import VadTicker
from sessions.plan.plan import Plan
from sessions.record.action_log import Action, ActionLog, NoLog
from sessions.record.turn_log import SessionLog
from sessions.turntaking.turns import Turn


@dataclass(frozen=True, slots=True)
class SessionContext:
    """What a session is about. `turns` are those on record, oldest first; `hints` those that
    were not used yet."""

    interview_id: UUID
    session_id: UUID
    plan: Plan
    candidate_name: str
    language: str
    turns: tuple[Turn, ...]
    organisation_id: UUID | None = None
    hints: tuple[Action, ...] = ()


def _not_ahead(_sentences: Iterable[str]) -> None:
    """Every sentence is voiced when it is due."""


@dataclass(frozen=True, slots=True)
class Providers:
    """What every session works with; shared by all. `voice_ahead` is told sentences that may be
    due soon, for a synthesizer that can make them in advance; `interim` makes live captions, None:
    words are shown at pauses only."""

    interviewer: Interviewer
    transcriber: Transcriber
    synthesizer: Synthesizer
    vad_ticker: VadTicker
    log: SessionLog
    ahead_ms: float = AHEAD_MS
    turn_model: TurnModel | None = None
    interim: Interim | None = None
    voice_ahead: Callable[[Iterable[str]], None] = _not_ahead
    actions: ActionLog = field(default_factory=NoLog)
