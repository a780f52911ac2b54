"""The turn machine: who has the floor, decided here and nowhere else.

Pure: every input carries `now` (session ms), every output is a command, and the one deadline tells
when to call `expire`. The two parties move only along the tables in `transitions`; the joint rules,
how one party's move commands the other, are plain functions over a `TurnContext`, a module for each
subject. A reply lives as

    prepared (unheard) -> released -> voiced -> [held -> resumed]* -> ended, with what was heard

and carries a generation. Whatever comes late from an older generation is dropped, except that the
stopped one's PlaybackEnded passes once: it says what was heard, and that goes on record.
"""

import math
from typing import assert_never

from sessions.turntaking import commands as cmd
from sessions.turntaking import (
    drafts,
    interruptions,
    legs,
    noise_and_limits,
    recruiter,
    replies,
    reply_ends,
    time_limit,
    utterances,
)
from sessions.turntaking import events as ev
from sessions.turntaking.causes import Cause, SuspendReason
from sessions.turntaking.context import TurnContext
from sessions.turntaking.rules import Rules
from sessions.turntaking.state import ClockState, TurnState
from sessions.turntaking.timers import Deadlines, Timer
from sessions.turntaking.transitions import (
    CandidateState,
    Fate,
    FloorHolder,
    IllegalMove,
    InterviewerState,
    fate_of,
)


class TurnMachine:
    """One interview's turn-taking, from session time `now` on.

    `next_index` is the number of turns on record; with any, the interview has begun before and is
    resumed rather than opened.
    """

    def __init__(
        self, rules: Rules | None = None, *, next_index: int = 0, now: float = 0.0
    ) -> None:
        rules = rules or Rules()
        clock = ClockState(limit_ms=rules.time_limit_ms, paused_since_ms=now)
        state = TurnState(next_index=next_index, begun=next_index > 0, clock=clock)
        self._ctx = TurnContext(rules=rules, state=state, now=now)
        self._ctx.timers.set(Timer.LEG_GRACE, now + rules.leg_grace_ms)

    # --- what the session may read ---------------------------------------------------------------

    @property
    def state(self) -> TurnState:
        """What is remembered between two events: for tests, and for nobody outside this folder."""
        return self._ctx.state

    @property
    def timers(self) -> Deadlines:
        """When each timer runs out: for tests, and for nobody outside this folder."""
        return self._ctx.timers

    @property
    def candidate(self) -> CandidateState:
        """What the candidate is doing."""
        return self._ctx.state.candidate

    @property
    def interviewer(self) -> InterviewerState:
        """What the interviewer is doing."""
        return self._ctx.state.interviewer

    @property
    def holder(self) -> FloorHolder:
        """Who has the interviewer's side of the floor."""
        return self._ctx.state.holder

    @property
    def begun(self) -> bool:
        """Whether some of the interview is on record."""
        return self._ctx.state.begun

    @property
    def closing(self) -> bool:
        """Whether the last reply is being said, or nothing more will be."""
        state, said = self._ctx.state, self._ctx.state.replies.current
        last = said is not None and (said.closing or said.cause is Cause.TIME_UP)
        return state.ending.reason is not None or state.ending.ended or last

    @property
    def limit_ms(self) -> float:
        """Session ms at which the time is over."""
        return self._ctx.state.clock.limit_ms

    def time_left_ms(self, now: float) -> float:
        """Return how much of the time is left at `now`, in ms; it stands still in a pause."""
        return self._ctx.state.clock.left_ms(now)

    @property
    def utterance(self) -> int:
        """The number of the candidate's newest utterance."""
        return self._ctx.state.utterance.number

    @property
    def owes_words(self) -> bool:
        """Whether words that were said over an announcement are still to be asked for."""
        return self._ctx.state.utterance.put_off_ms is not None

    @property
    def words_within_s(self) -> float:
        """Seconds within which the words that are asked for must be reported.

        What is known of them then is reported a second before they count as not understood.
        """
        return max(1.0, self._ctx.rules.transcript_wait_ms / 1000 - 1.0)

    @property
    def expected_answer(self) -> str:
        """The shape of answer that is asked for just now, or was last (a plan's `expects`)."""
        return self._ctx.state.replies.expected_answer

    @property
    def deadline(self) -> float | None:
        """Session ms at which `expire` wants to be called, or None."""
        return None if self._ctx.state.ending.ended else self._ctx.timers.next

    # --- what happens ----------------------------------------------------------------------------

    def handle(self, event: ev.Event, now: float) -> list[cmd.Command]:
        """Take in what happened. Raises IllegalMove on an event its state cannot meet."""
        ctx, state = self._ctx, self._ctx.state
        ctx.now = now
        if not state.ending.ended:
            fate = fate_of(event, state.candidate, state.interviewer, state.holder)
            if fate is Fate.ERROR:
                raise IllegalMove(
                    f"{type(event).__name__} while the candidate is {state.candidate.value} "
                    f"and the interviewer {state.interviewer.value}"
                )
            if fate is Fate.HANDLED:
                _on_event(ctx, event)
                self._settle()
                self._run_due()
        elif isinstance(event, ev.LateWords):  # they complete a turn on record, whatever ended
            utterances.on_late_words(ctx, event)
        return self._take_out()

    def expire(self, now: float) -> list[cmd.Command]:
        """Do what the timers that are due at `now` ask for, or an earlier `leave`."""
        self._ctx.now = now
        self._run_due()
        self._settle()
        return self._take_out()

    def leave(self) -> None:
        """Suspend the session as soon as everything said is on record; `expire` begins with it."""
        self._ctx.state.ending.leaving = SuspendReason.SERVER_STOPS

    def spare_drafts(self) -> None:
        """Prepare no more replies that may be thrown away."""
        self._ctx.state.replies.drafts_overspent = math.inf

    def _run_due(self) -> None:
        """Call the rules for the timers that are due, the earliest first."""
        ctx = self._ctx
        while not ctx.state.ending.ended and (timer := ctx.timers.pop_due(ctx.now)) is not None:
            _on_timer(ctx, timer)
            self._settle()

    def _settle(self) -> None:
        """Take up what was said over an announcement. End or leave as asked, once nothing that was
        said is still on its way to the record."""
        ctx, state = self._ctx, self._ctx.state
        ending = state.ending
        if ending.ended:
            return
        if not state.announces:
            utterances.hear_put_off_words(ctx)
        last: cmd.Command
        if ending.reason is not None:
            last = cmd.EndSession(ending.reason, ending.closed)
        elif ending.leaving is not None:
            last = cmd.SuspendSession(ending.leaving)
        else:
            return
        replies.silence_interviewer(ctx)
        utterances.hear_put_off_words(ctx)  # nothing is announced any more
        utterances.cut_short(ctx)
        if state.replies.stopping is None and state.candidate is CandidateState.QUIET:
            ending.ended = True
            ctx.emit(last)

    def _take_out(self) -> list[cmd.Command]:
        """Return what was commanded, and empty the outbox."""
        out, self._ctx.outbox = self._ctx.outbox, []
        return out


def _on_event(ctx: TurnContext, event: ev.Event) -> None:
    """Call the rule for this event. mypy finds an event without one."""
    if isinstance(event, ev.CandidateEvent):
        _on_candidate_event(ctx, event)
    elif isinstance(event, ev.ReplyEvent):
        _on_reply_event(ctx, event)
    elif isinstance(event, ev.RecruiterEvent):
        _on_recruiter_event(ctx, event)
    elif isinstance(event, ev.SessionEvent):
        _on_session_event(ctx, event)
    else:
        assert_never(event)


def _on_candidate_event(ctx: TurnContext, event: ev.CandidateEvent) -> None:
    match event:
        case ev.TranscriptPartial():
            utterances.on_partial(ctx, event)
        case ev.SpeechStarted():
            utterances.on_speech_started(ctx, event)
        case ev.SpeechStopped():
            utterances.on_speech_stopped(ctx, event)
        case ev.TranscriptFinal():
            utterances.on_transcript(ctx, event)
        case ev.TranscriptFailed():
            utterances.on_transcript_failed(ctx, event)
        case ev.LateWords():
            utterances.on_late_words(ctx, event)
        case ev.EndOfTurnScored():
            utterances.on_end_of_turn_scored(ctx, event)
        case ev.SoundChanged():
            noise_and_limits.on_sound_changed(ctx, event)
        case ev.AnswerTyped():
            utterances.on_answer_typed(ctx, event)
        case ev.AnswerSubmitted():
            utterances.on_answer_submitted(ctx)
        case ev.StopSpeakingRequested():
            utterances.on_stop_speaking(ctx)
        case ev.ContinueRequested():
            noise_and_limits.on_continue(ctx)
        case _:
            assert_never(event)


def _on_reply_event(ctx: TurnContext, event: ev.ReplyEvent) -> None:
    match event:
        case ev.SentenceReady():
            replies.on_sentence(ctx, event)
        case ev.ReplyEnded():
            reply_ends.on_reply_ended(ctx, event)
        case ev.ReplyFailed():
            reply_ends.on_reply_failed(ctx, event)
        case ev.PlaybackStarted():
            replies.on_playback_started(ctx, event)
        case ev.PlaybackEnded():
            reply_ends.on_playback_ended(ctx, event)
        case _:
            assert_never(event)


def _on_recruiter_event(ctx: TurnContext, event: ev.RecruiterEvent) -> None:
    match event:
        case ev.RequestMade():
            recruiter.on_request(ctx, event)
        case ev.EndRequestedByRecruiter():
            recruiter.on_end_requested_by_recruiter(ctx, event)
        case ev.Unpaused():
            recruiter.on_unpaused(ctx)
        case ev.FloorReturned():
            recruiter.give_floor_back(ctx)
        case ev.RecruiterLost():
            recruiter.on_recruiter_lost(ctx)
        case ev.RecruiterBack():
            recruiter.on_recruiter_back(ctx)
        case ev.RecruiterSaid():
            recruiter.on_recruiter_said(ctx, event)
        case ev.TimeExtended():
            time_limit.on_time_extended(ctx, event)
        case _:
            assert_never(event)


def _on_session_event(ctx: TurnContext, event: ev.SessionEvent) -> None:
    match event:
        case ev.LegConnected():
            legs.on_connected(ctx)
        case ev.LegAttached():
            legs.on_attached(ctx)
        case ev.LegDisconnected():
            legs.on_disconnected(ctx)
        case ev.EndRequested(reason):
            replies.request_end(ctx, reason)
        case _:
            assert_never(event)


def _on_timer(ctx: TurnContext, timer: Timer) -> None:
    """Call the rule for this timer, which has just run out. mypy finds a timer without one."""
    match timer:
        case Timer.SPECULATE:
            utterances.on_speculate(ctx)
        case Timer.DRAFT:
            drafts.prepare_draft(ctx)
        case Timer.PATIENCE:
            utterances.on_patience(ctx)
        case Timer.BARGE_IN:
            interruptions.on_barge_in(ctx)
        case Timer.OVERLAP:
            interruptions.on_overlap(ctx)
        case Timer.TAKE_BACK:
            replies.finalize_answer(ctx)
        case Timer.HOLD:
            interruptions.on_hold(ctx)
        case Timer.TRANSCRIPT:
            utterances.on_no_transcript(ctx)
        case Timer.ANSWER_LIMIT:
            utterances.on_answer_limit(ctx)
        case Timer.CROSSTALK:
            utterances.on_crosstalk(ctx)
        case Timer.WORDLESS:
            utterances.on_wordless(ctx)
        case Timer.FILLER:
            replies.on_filler(ctx)
        case Timer.REPLY:
            reply_ends.on_reply_timeout(ctx)
        case Timer.RETRY:
            replies.reply_or_wait(ctx)
        case Timer.IDLE:
            noise_and_limits.on_idle(ctx)
        case Timer.TIME_LIMIT:
            time_limit.on_time_limit(ctx)
        case Timer.CLOSE_OUT:
            time_limit.on_close_out(ctx)
        case Timer.LEG_GRACE:
            legs.on_leg_grace(ctx)
        case Timer.RECRUITER_GRACE:
            recruiter.give_floor_back(ctx)
        case Timer.PAUSE if ctx.state.holder is FloorHolder.WAITING:
            noise_and_limits.on_waited_in_vain(ctx)
        case Timer.PAUSE:
            recruiter.end_pause(ctx)
        case _:
            assert_never(timer)
