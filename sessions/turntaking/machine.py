"""The turn machine: who has the floor, decided here and nowhere else.

Pure: every input carries `now` (session ms), every output is a command, and the one deadline tells
when to call `expire`. The two parties move only along the tables in `states`; the joint rules,
how one party's move commands the other, are the methods below. A reply lives as

    prepared (unheard) -> released -> voiced -> [held -> resumed]* -> ended, with what was heard

and carries a generation. Whatever comes late from an older generation is dropped, except that the
stopped one's PlaybackEnded passes once: it says what was heard, and that goes on record.
"""

from collections.abc import Callable

from sessions.turntaking import commands as cmd
from sessions.turntaking import events as ev
from sessions.turntaking.causes import ONCE, Cause, EndReason
from sessions.turntaking.recruiter import RecruiterSide
from sessions.turntaking.state import Generation
from sessions.turntaking.timers import OF_REPLY, OVER_REPLY, Timer
from sessions.turntaking.transitions import (
    CandidateState,
    Fate,
    FloorHolder,
    IllegalMove,
    InterviewerCue,
    InterviewerState,
    fate_of,
)


class TurnMachine(RecruiterSide):
    """One interview's turn-taking, from session time `now` on. `next_index` is the number of turns
    already on record; with any, the interview has begun before and is resumed rather than opened.
    """

    @property
    def holder(self) -> FloorHolder:
        """Who has the interviewer's side of the floor."""
        return self.floor.holder

    @property
    def begun(self) -> bool:
        """Whether some of the interview is on record, or its opening is under way."""
        return self.floor.begun

    @property
    def closing(self) -> bool:
        """Whether the last reply is being said, or nothing more will be."""
        floor, said = self.floor, self.floor.current
        last = said is not None and (said.closing or said.cause is Cause.TIME_UP)
        return floor.ending is not None or floor.ended or last

    @property
    def limit_ms(self) -> float:
        """Session ms at which the time is over."""
        return self.floor.limit_ms

    @property
    def utterance(self) -> int:
        """The number of the candidate's newest utterance."""
        return self.floor.utterance

    @property
    def expected_answer(self) -> str:
        """The shape of answer that is asked for just now, or was last (a plan's `expects`)."""
        return self.floor.expected

    def handle(self, event: ev.Event, now: float) -> list[cmd.Command]:
        """Take in what happened. Raises IllegalMove on an event its state cannot meet."""
        self._now = now
        if not self.floor.ended:
            fate = fate_of(event, self.candidate, self.interviewer, self.floor.holder)
            if fate is Fate.ERROR:
                raise IllegalMove(
                    f"{type(event).__name__} while the candidate is {self.candidate.value} "
                    f"and the interviewer {self.interviewer.value}"
                )
            if fate is Fate.HANDLED:
                _HANDLERS[type(event)](self, event, now)
                self._settle(now)
                self._run_due(now)
        return self._take_out()

    def expire(self, now: float) -> list[cmd.Command]:
        """Do what the timers that are due at `now`, or an earlier `leave`, ask for."""
        self._now = now
        self._run_due(now)
        self._settle(now)
        return self._take_out()

    def leave(self) -> None:
        """Be suspended as soon as everything said is on record; `expire` begins with it."""
        self.floor.leaving = True

    def _run_due(self, now: float) -> None:
        while not self.floor.ended and (timer := self._timers.pop_due(now)) is not None:
            _EXPIRIES[timer](self, now)
            self._settle(now)

    def _settle(self, now: float) -> None:
        """End or leave as asked, once nothing that was said is still on its way to the record."""
        floor = self.floor
        if floor.ended or not (floor.ending or floor.leaving):
            return
        self._silence()
        self._cut_short(now)
        if floor.stopping is None and self.candidate is CandidateState.QUIET:
            floor.ended = True
            self._out.append(
                cmd.EndSession(floor.ending, floor.completed)
                if floor.ending
                else cmd.SuspendSession(floor.adjourned)
            )

    def _on_attached(self, _event: ev.LegAttached, now: float) -> None:
        floor = self.floor
        if floor.attached:  # a newer leg takes the older one's place
            self._on_detached(ev.LegDetached(), now)
        floor.attached, floor.leaving, floor.hushed = True, False, False
        floor.adjourned = False
        self._timers.clear(Timer.LEG_GRACE)
        back = Cause.TIME_UP if floor.time_over else Cause.RESUME if floor.begun else Cause.OPENING
        floor.owed = floor.wish or back
        if self.candidate is CandidateState.QUIET:
            self._want_reply(floor.owed, now)

    def _on_detached(self, _event: ev.LegDetached, now: float) -> None:
        self.floor.attached = False
        self._silence()
        self._cut_short(now)
        self.floor.voice_ms = None
        self._timers.set(Timer.LEG_GRACE, now + self.rules.leg_grace_ms)

    def _on_end_requested(self, event: ev.EndRequested, now: float) -> None:
        self._ask_to_end(event.reason)

    def _on_leg_grace(self, _now: float) -> None:
        self.floor.leaving = True

    def _on_playback_ended(self, event: ev.PlaybackEnded, now: float) -> None:
        floor = self.floor
        if floor.stopping is not None and floor.stopping.generation == event.generation:
            reply, floor.stopping = floor.stopping, None
            self._record(reply, event)
            self._note_told(reply, event, now)
            self._after_stop(now)
        elif floor.current is not None and floor.current.generation == event.generation:
            reply, floor.current = floor.current, None
            if self.interviewer is InterviewerState.THINKING:
                raise IllegalMove(f"generation {event.generation} was played before it was voiced")
            floor.owed = None
            self._record(reply, event)
            self._note_told(reply, event, now)
            self._after_finish(reply, bool(event.heard_text.strip()), now)
            self._hear_who_speaks_on(now)

    def _after_stop(self, now: float) -> None:
        floor = self.floor
        if floor.close_pending:
            self._close_turn(now)
        elif self.candidate is CandidateState.PAUSING:
            self._prepare_draft()
        else:
            self._go_on(now)

    def _after_finish(self, reply: Generation, heard: bool, now: float) -> None:
        floor = self.floor
        floor.move_interviewer(InterviewerCue.FINISHED)
        floor.spoken, floor.spoken_until_ms = reply.text, now
        floor.expects, floor.answer_max_ms = reply.expects, reply.answer_max_ms
        self._timers.clear(*OVER_REPLY, *OF_REPLY)
        self._settle_answer()
        if self.candidate is CandidateState.PAUSING:  # held at its end: what was said is a turn
            self._wait()
        if reply.failed or not heard:
            greeted = heard and reply.cause in ONCE
            self._try_again(Cause.ANSWER if greeted else reply.cause, now)
        elif reply.closing:
            reason = EndReason.TIME_LIMIT if reply.cause is Cause.TIME_UP else EndReason.COMPLETED
            self._ask_to_end(reason, completed=True)
        elif reply.adjourning:
            floor.leaving = floor.adjourned = True
        else:
            floor.failures = 0
            self._go_on(now)

    def _on_idle(self, now: float) -> None:
        floor = self.floor
        floor.idle_level += 1
        if floor.idle_level > self.rules.idle_prompts_max:
            self._ask_to_end(self._silent_because())
        else:
            floor.hushed = False
            self._want_reply(floor.owed or self._prompt(), now)

    def _on_time_limit(self, now: float) -> None:
        floor = self.floor
        if floor.holder is FloorHolder.RECRUITER or floor.holder is FloorHolder.LOST:
            floor.time_over = True  # whoever holds the floor decides how long; then it is closed
        elif not floor.time_over:
            floor.time_over, floor.hushed = True, False
            self._time_the_close(now)
            self._go_on(now)
        elif floor.attached and self.interviewer is InterviewerState.IDLE:
            self._cut_short(now)

    def _on_close_out(self, _now: float) -> None:
        self._ask_to_end(EndReason.TIME_LIMIT)


_HANDLERS: dict[type[ev.Event], Callable[..., None]] = {
    ev.LegAttached: TurnMachine._on_attached,
    ev.LegDetached: TurnMachine._on_detached,
    ev.EndRequested: TurnMachine._on_end_requested,
    ev.RequestMade: TurnMachine._on_wished,
    ev.EndRequestedByRecruiter: TurnMachine._on_parting_wished,
    ev.Unpaused: TurnMachine._on_unpaused,
    ev.FloorReturned: TurnMachine._on_floor_returned,
    ev.RecruiterLost: TurnMachine._on_recruiter_lost,
    ev.RecruiterBack: TurnMachine._on_recruiter_back,
    ev.RecruiterSaid: TurnMachine._on_recruiter_said,
    ev.TimeExtended: TurnMachine._on_time_extended,
    ev.SpeechStarted: TurnMachine._on_speech_started,
    ev.SpeechStopped: TurnMachine._on_speech_stopped,
    ev.SoundChanged: TurnMachine._on_sound_changed,
    ev.TranscriptPartial: TurnMachine._on_partial,
    ev.TranscriptFinal: TurnMachine._on_transcript,
    ev.TranscriptFailed: TurnMachine._on_transcript_failed,
    ev.EndOfTurnScored: TurnMachine._on_ending_heard,
    ev.AnswerTyped: TurnMachine._on_answer_typed,
    ev.AnswerSubmitted: TurnMachine._on_answer_ended,
    ev.StopSpeakingRequested: TurnMachine._on_quiet_asked,
    ev.SentenceReady: TurnMachine._on_sentence,
    ev.ReplyEnded: TurnMachine._on_reply_ended,
    ev.ReplyFailed: TurnMachine._on_reply_failed,
    ev.PlaybackStarted: TurnMachine._on_playback_started,
    ev.PlaybackEnded: TurnMachine._on_playback_ended,
}

_EXPIRIES: dict[Timer, Callable[[TurnMachine, float], None]] = {
    Timer.SPECULATE: TurnMachine._on_speculate,
    Timer.PATIENCE: TurnMachine._on_patience,
    Timer.BARGE_IN: TurnMachine._on_barge_in,
    Timer.OVERLAP: TurnMachine._on_overlap,
    Timer.TAKE_BACK: TurnMachine._on_take_back,
    Timer.HOLD: TurnMachine._on_hold,
    Timer.TRANSCRIPT: TurnMachine._words_are_lost,
    Timer.ANSWER_LIMIT: TurnMachine._on_answer_limit,
    Timer.WORDLESS: TurnMachine._on_wordless,
    Timer.FILLER: TurnMachine._on_filler,
    Timer.REPLY: TurnMachine._give_reply_up,
    Timer.IDLE: TurnMachine._on_idle,
    Timer.TIME_LIMIT: TurnMachine._on_time_limit,
    Timer.CLOSE_OUT: TurnMachine._on_close_out,
    Timer.LEG_GRACE: TurnMachine._on_leg_grace,
    Timer.RECRUITER_GRACE: TurnMachine._give_back,
    Timer.PAUSE: TurnMachine._go_on_after_pause,
}
