"""Which states the two parties can be in, which cues move them, and what each event may meet.

These tables are the law: `machine` asks them before it moves anybody, a move that is not here
raises, and the diagram in docs/turn-taking.md is drawn from them.
"""

from collections.abc import Mapping
from enum import Enum, StrEnum

from sessions.turntaking import events as ev


class CandidateState(Enum):
    """What the candidate is doing, as far as we can hear."""

    QUIET = "quiet"
    SPEAKING = "speaking"
    PAUSING = "pausing"
    AWAITING_TRANSCRIPT = "awaiting_transcript"


class InterviewerState(Enum):
    """What the interviewer is doing, as far as the candidate can tell."""

    IDLE = "idle"
    THINKING = "thinking"
    SPEAKING = "speaking"
    HELD = "held"


class CandidateCue(StrEnum):
    """What moves the candidate's state."""

    VOICE = "voice begins"
    PAUSE = "voice ceases"
    PATIENCE_OUT = "patience runs out, words missing"
    TURN_CLOSED = "turn closed"
    DISMISSED = "no words, or only 'mhm'"
    CUT_SHORT = "leg lost, end asked for, time over, or answer ended"
    TYPED = "answer typed"


class InterviewerCue(StrEnum):
    """What moves the interviewer's state."""

    RELEASED = "reply released"
    VOICED = "first sound ready"
    CANCELLED = "reply thrown away"
    FAILED = "reply failed"
    HELD = "candidate's voice"
    RESUMED = "it was nothing"
    STOPPED = "stopped for good"
    FINISHED = "played to its end"


_C = CandidateState
_I = InterviewerState

CANDIDATE_MOVES: Mapping[tuple[CandidateState, CandidateCue], CandidateState] = {
    (_C.QUIET, CandidateCue.VOICE): _C.SPEAKING,
    (_C.QUIET, CandidateCue.TYPED): _C.AWAITING_TRANSCRIPT,
    (_C.SPEAKING, CandidateCue.PAUSE): _C.PAUSING,
    (_C.SPEAKING, CandidateCue.CUT_SHORT): _C.AWAITING_TRANSCRIPT,
    (_C.PAUSING, CandidateCue.VOICE): _C.SPEAKING,
    (_C.PAUSING, CandidateCue.TURN_CLOSED): _C.QUIET,
    (_C.PAUSING, CandidateCue.DISMISSED): _C.QUIET,
    (_C.PAUSING, CandidateCue.PATIENCE_OUT): _C.AWAITING_TRANSCRIPT,
    (_C.PAUSING, CandidateCue.CUT_SHORT): _C.AWAITING_TRANSCRIPT,
    (_C.AWAITING_TRANSCRIPT, CandidateCue.VOICE): _C.SPEAKING,
    (_C.AWAITING_TRANSCRIPT, CandidateCue.TURN_CLOSED): _C.QUIET,
    (_C.AWAITING_TRANSCRIPT, CandidateCue.DISMISSED): _C.QUIET,
    (_C.AWAITING_TRANSCRIPT, CandidateCue.CUT_SHORT): _C.AWAITING_TRANSCRIPT,
}

INTERVIEWER_MOVES: Mapping[tuple[InterviewerState, InterviewerCue], InterviewerState] = {
    (_I.IDLE, InterviewerCue.RELEASED): _I.THINKING,
    (_I.THINKING, InterviewerCue.VOICED): _I.SPEAKING,
    (_I.THINKING, InterviewerCue.CANCELLED): _I.IDLE,
    (_I.THINKING, InterviewerCue.FAILED): _I.IDLE,
    (_I.SPEAKING, InterviewerCue.HELD): _I.HELD,
    (_I.SPEAKING, InterviewerCue.STOPPED): _I.IDLE,
    (_I.SPEAKING, InterviewerCue.FINISHED): _I.IDLE,
    (_I.HELD, InterviewerCue.RESUMED): _I.SPEAKING,
    (_I.HELD, InterviewerCue.STOPPED): _I.IDLE,
    (_I.HELD, InterviewerCue.FINISHED): _I.IDLE,
}

JOINT_STATES: frozenset[tuple[CandidateState, InterviewerState]] = frozenset(
    (
        (_C.QUIET, _I.IDLE),
        (_C.QUIET, _I.THINKING),
        (_C.QUIET, _I.SPEAKING),
        (_C.SPEAKING, _I.IDLE),
        (_C.SPEAKING, _I.HELD),
        (_C.PAUSING, _I.IDLE),
        (_C.PAUSING, _I.HELD),
        (_C.AWAITING_TRANSCRIPT, _I.IDLE),
    )
)
"""Where the two can be together: the interviewer never speaks over the candidate, and is held only
while the candidate may be interrupting."""


class Fate(StrEnum):
    """What an event meets in a state."""

    HANDLED = "handled"
    IGNORED = "ignored"
    ERROR = "error"


_ANYWHERE: Mapping[CandidateState | InterviewerState, Fate] = dict.fromkeys(
    (*_C, *_I), Fate.HANDLED
)

EVENT_FATES: Mapping[type[ev.Event], Mapping[CandidateState | InterviewerState, Fate]] = {
    ev.LegAttached: _ANYWHERE,
    ev.LegDetached: _ANYWHERE,
    ev.EndRequested: _ANYWHERE,
    ev.SpeechStarted: {
        _C.QUIET: Fate.HANDLED,
        _C.SPEAKING: Fate.ERROR,  # a detector's edges alternate
        _C.PAUSING: Fate.HANDLED,
        _C.AWAITING_TRANSCRIPT: Fate.HANDLED,
    },
    ev.SpeechStopped: {
        _C.QUIET: Fate.HANDLED,  # of a turn that was cut short, or of what was taken for noise
        _C.SPEAKING: Fate.HANDLED,
        _C.PAUSING: Fate.ERROR,
        _C.AWAITING_TRANSCRIPT: Fate.IGNORED,  # the turn was cut short in the middle of a word
    },
    ev.SoundChanged: _ANYWHERE,
    ev.TranscriptPartial: {
        _C.QUIET: Fate.IGNORED,
        _C.SPEAKING: Fate.HANDLED,
        _C.PAUSING: Fate.HANDLED,
        _C.AWAITING_TRANSCRIPT: Fate.IGNORED,
    },
    ev.TranscriptFinal: {
        _C.QUIET: Fate.IGNORED,
        _C.SPEAKING: Fate.IGNORED,  # words of a pause that is over: a newer attempt will come
        _C.PAUSING: Fate.HANDLED,
        _C.AWAITING_TRANSCRIPT: Fate.HANDLED,
    },
    ev.TranscriptFailed: {
        _C.QUIET: Fate.IGNORED,
        _C.SPEAKING: Fate.IGNORED,
        _C.PAUSING: Fate.HANDLED,
        _C.AWAITING_TRANSCRIPT: Fate.HANDLED,
    },
    ev.EndingHeard: {
        _C.QUIET: Fate.IGNORED,
        _C.SPEAKING: Fate.IGNORED,
        _C.PAUSING: Fate.HANDLED,
        _C.AWAITING_TRANSCRIPT: Fate.IGNORED,  # patience has run out
    },
    ev.AnswerTyped: _ANYWHERE,
    ev.AnswerEnded: {
        _C.QUIET: Fate.HANDLED,  # perhaps something was said that nobody has heard
        _C.SPEAKING: Fate.HANDLED,
        _C.PAUSING: Fate.HANDLED,
        _C.AWAITING_TRANSCRIPT: Fate.IGNORED,  # it has ended already
    },
    ev.QuietAsked: {
        _I.IDLE: Fate.IGNORED,
        _I.THINKING: Fate.HANDLED,
        _I.SPEAKING: Fate.HANDLED,
        _I.HELD: Fate.HANDLED,
    },
    ev.SentenceReady: {
        _I.IDLE: Fate.HANDLED,  # of a draft that is not released yet
        _I.THINKING: Fate.HANDLED,
        _I.SPEAKING: Fate.HANDLED,  # its words are known if they come back as an echo
        _I.HELD: Fate.HANDLED,
    },
    ev.ReplyEnded: _ANYWHERE,
    ev.ReplyFailed: _ANYWHERE,
    ev.PlaybackStarted: {
        _I.IDLE: Fate.HANDLED,  # of a reply that was stopped at its very beginning
        _I.THINKING: Fate.IGNORED,
        _I.SPEAKING: Fate.HANDLED,
        _I.HELD: Fate.HANDLED,
    },
    ev.PlaybackEnded: _ANYWHERE,
}


class IllegalMove(Exception):
    """A programming error: an event or a cue came in a state that cannot meet it."""


def candidate_after(state: CandidateState, cue: CandidateCue) -> CandidateState:
    """The candidate's next state. Raises IllegalMove."""
    try:
        return CANDIDATE_MOVES[state, cue]
    except KeyError:
        raise IllegalMove(f"candidate {state.value}: {cue}") from None


def interviewer_after(state: InterviewerState, cue: InterviewerCue) -> InterviewerState:
    """The interviewer's next state. Raises IllegalMove."""
    try:
        return INTERVIEWER_MOVES[state, cue]
    except KeyError:
        raise IllegalMove(f"interviewer {state.value}: {cue}") from None


def fate_of(event: ev.Event, candidate: CandidateState, interviewer: InterviewerState) -> Fate:
    """What `event` meets when the two are in these states."""
    fates = EVENT_FATES[type(event)]
    return fates[candidate] if candidate in fates else fates[interviewer]
