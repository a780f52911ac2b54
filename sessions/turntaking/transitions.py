"""Which states the two parties can be in, which cues move them, and what each event may meet.

Whoever is moved is moved along these tables. A move that is not in them raises, and the diagrams in
docs/turn-taking.md are drawn from them.
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


class FloorHolder(Enum):
    """Who holds the floor on the interviewer's side."""

    INTERVIEWER = "interviewer"
    PASSING = "passing"
    RECRUITER = "recruiter"
    LOST = "lost"
    PAUSED = "paused"
    WAITING = "waiting"


class CandidateCue(StrEnum):
    """What moves the candidate's state."""

    VOICE = "voice begins"
    PAUSE = "voice ceases"
    PATIENCE_OUT = "patience runs out, words missing"
    TURN_CLOSED = "turn closed"
    DISMISSED = "no words, or a backchannel"
    CUT_SHORT = "leg lost, end asked for, time over, or answer ended"
    TYPED = "answer typed"


class InterviewerCue(StrEnum):
    """What moves the interviewer's state."""

    RELEASED = "reply released"
    VOICED = "first sound ready"
    CANCELLED = "reply thrown away"
    FAILED = "reply failed"
    HELD = "candidate's voice"
    RESUMED = "false interruption"
    STOPPED = "stopped for good"
    FINISHED = "played to its end"


class FloorCue(StrEnum):
    """What moves the floor."""

    ASKED = "takeover asked for"
    ANNOUNCED = "takeover announced"
    RETURNED = "given back, or not wanted any more"
    CUT_OFF = "recruiter's connection lost"
    REJOINED = "recruiter connected again"
    STOPPED = "pause announced"
    GONE_ON = "pause over"
    UNANSWERED = "no prompt answered"


_C = CandidateState
_I = InterviewerState
_F = FloorHolder

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

FLOOR_MOVES: Mapping[tuple[FloorHolder, FloorCue], FloorHolder] = {
    (_F.INTERVIEWER, FloorCue.ASKED): _F.PASSING,
    (_F.INTERVIEWER, FloorCue.STOPPED): _F.PAUSED,
    (_F.PASSING, FloorCue.ANNOUNCED): _F.RECRUITER,
    (_F.PASSING, FloorCue.RETURNED): _F.INTERVIEWER,
    (_F.RECRUITER, FloorCue.RETURNED): _F.INTERVIEWER,
    (_F.RECRUITER, FloorCue.CUT_OFF): _F.LOST,
    (_F.LOST, FloorCue.REJOINED): _F.RECRUITER,
    (_F.LOST, FloorCue.RETURNED): _F.INTERVIEWER,
    (_F.PAUSED, FloorCue.GONE_ON): _F.INTERVIEWER,
    (_F.INTERVIEWER, FloorCue.UNANSWERED): _F.WAITING,
    (_F.WAITING, FloorCue.GONE_ON): _F.INTERVIEWER,
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
while the candidate may be interrupting. Who holds the floor restricts it further: under a
recruiter, in a pause and while the candidate is waited for, the interviewer is idle."""


class Fate(StrEnum):
    """What an event meets in a state."""

    HANDLED = "handled"
    IGNORED = "ignored"
    ERROR = "error"


State = CandidateState | InterviewerState | FloorHolder

_ANYWHERE: Mapping[State, Fate] = dict.fromkeys((*_C, *_I, *_F), Fate.HANDLED)

EVENT_FATES: Mapping[type[ev.Event], Mapping[State, Fate]] = {
    ev.LegConnected: _ANYWHERE,
    ev.LegAttached: _ANYWHERE,
    ev.LegDisconnected: _ANYWHERE,
    ev.EndRequested: _ANYWHERE,
    ev.RequestMade: {
        _F.INTERVIEWER: Fate.HANDLED,
        _F.PASSING: Fate.IGNORED,  # the edge has refused it; this one was on its way
        _F.RECRUITER: Fate.IGNORED,
        _F.LOST: Fate.IGNORED,
        _F.PAUSED: Fate.IGNORED,
        _F.WAITING: Fate.HANDLED,
    },
    ev.EndRequestedByRecruiter: _ANYWHERE,
    ev.Unpaused: {
        _F.INTERVIEWER: Fate.HANDLED,  # a pause that waits for its boundary is called off
        _F.PASSING: Fate.IGNORED,
        _F.RECRUITER: Fate.IGNORED,
        _F.LOST: Fate.IGNORED,
        _F.PAUSED: Fate.HANDLED,
        _F.WAITING: Fate.IGNORED,
    },
    ev.FloorReturned: {
        _F.INTERVIEWER: Fate.IGNORED,
        _F.PASSING: Fate.HANDLED,
        _F.RECRUITER: Fate.HANDLED,
        _F.LOST: Fate.HANDLED,
        _F.PAUSED: Fate.IGNORED,
        _F.WAITING: Fate.IGNORED,
    },
    ev.RecruiterLost: {
        _F.INTERVIEWER: Fate.IGNORED,
        _F.PASSING: Fate.HANDLED,
        _F.RECRUITER: Fate.HANDLED,
        _F.LOST: Fate.IGNORED,
        _F.PAUSED: Fate.IGNORED,
        _F.WAITING: Fate.IGNORED,
    },
    ev.RecruiterBack: {
        _F.INTERVIEWER: Fate.IGNORED,  # too late: the interviewer has taken it back
        _F.PASSING: Fate.IGNORED,
        _F.RECRUITER: Fate.IGNORED,
        _F.LOST: Fate.HANDLED,
        _F.PAUSED: Fate.IGNORED,
        _F.WAITING: Fate.IGNORED,
    },
    ev.RecruiterSaid: _ANYWHERE,  # words may come after the floor was given back
    ev.TimeExtended: _ANYWHERE,
    ev.SpeechStarted: {
        _C.QUIET: Fate.HANDLED,
        _C.SPEAKING: Fate.ERROR,  # a detector's edges alternate
        _C.PAUSING: Fate.HANDLED,
        _C.AWAITING_TRANSCRIPT: Fate.HANDLED,
    },
    ev.SpeechStopped: {
        _C.QUIET: Fate.HANDLED,  # of a turn cut short, of noise, or of a voice that was ignored
        _C.SPEAKING: Fate.HANDLED,
        _C.PAUSING: Fate.ERROR,
        _C.AWAITING_TRANSCRIPT: Fate.HANDLED,  # the turn was cut short in the middle of a word
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
    ev.LateWords: _ANYWHERE,  # of a turn that may be on record for long
    ev.EndOfTurnScored: {
        _C.QUIET: Fate.IGNORED,
        _C.SPEAKING: Fate.IGNORED,
        _C.PAUSING: Fate.HANDLED,
        _C.AWAITING_TRANSCRIPT: Fate.IGNORED,  # patience has run out
    },
    ev.AnswerTyped: _ANYWHERE,
    ev.AnswerSubmitted: {
        _C.QUIET: Fate.HANDLED,  # perhaps something was said that nobody has heard
        _C.SPEAKING: Fate.HANDLED,
        _C.PAUSING: Fate.HANDLED,
        _C.AWAITING_TRANSCRIPT: Fate.IGNORED,  # it has ended already
    },
    ev.StopSpeakingRequested: {
        _I.IDLE: Fate.IGNORED,
        _I.THINKING: Fate.HANDLED,
        _I.SPEAKING: Fate.HANDLED,
        _I.HELD: Fate.HANDLED,
    },
    ev.ContinueRequested: {
        _F.INTERVIEWER: Fate.IGNORED,  # it goes on already
        _F.PASSING: Fate.IGNORED,
        _F.RECRUITER: Fate.IGNORED,
        _F.LOST: Fate.IGNORED,
        _F.PAUSED: Fate.IGNORED,  # that is the recruiter's to end
        _F.WAITING: Fate.HANDLED,
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
    """Return the candidate's next state. Raises IllegalMove."""
    try:
        return CANDIDATE_MOVES[state, cue]
    except KeyError:
        raise IllegalMove(f"candidate {state.value}: {cue}") from None


def interviewer_after(state: InterviewerState, cue: InterviewerCue) -> InterviewerState:
    """Return the interviewer's next state. Raises IllegalMove."""
    try:
        return INTERVIEWER_MOVES[state, cue]
    except KeyError:
        raise IllegalMove(f"interviewer {state.value}: {cue}") from None


def floor_after(state: FloorHolder, cue: FloorCue) -> FloorHolder:
    """Return the floor's next state. Raises IllegalMove."""
    try:
        return FLOOR_MOVES[state, cue]
    except KeyError:
        raise IllegalMove(f"floor {state.value}: {cue}") from None


def fate_of(
    event: ev.Event,
    candidate: CandidateState,
    interviewer: InterviewerState,
    holder: FloorHolder = FloorHolder.INTERVIEWER,
) -> Fate:
    """Return what `event` meets when the two parties, and the floor, are in these states."""
    fates = EVENT_FATES[type(event)]
    return fates.get(candidate) or fates.get(interviewer) or fates[holder]
