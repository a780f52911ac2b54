"""The recruiter's part in the joint rules: what is wished for, who holds the floor, the clock.

A wish is the cause of a reply, which tells the candidate and takes the place of whatever else the
interviewer would say next. It is met once some of that reply has been heard. Where nobody speaks,
that is a boundary, too.
"""

from sessions.turntaking import commands as cmd
from sessions.turntaking import events as ev
from sessions.turntaking.by_hand import ByHand
from sessions.turntaking.causes import FIRM, Cause, EndReason
from sessions.turntaking.state import Generation
from sessions.turntaking.timers import Timer
from sessions.turntaking.transitions import CandidateState, FloorCue, FloorHolder, InterviewerState
from sessions.turntaking.turns import Speaker


class RecruiterSide(ByHand):
    """What a recruiter who watches may do to the floor."""

    def _on_wished(self, event: ev.RequestMade, now: float) -> None:
        if self.floor.ending:
            return
        if event.wish is Cause.TAKE_OVER:
            self._move_floor(FloorCue.ASKED)
        self._wish(event.wish, event.force, now)

    def _on_parting_wished(self, event: ev.EndRequestedByRecruiter, now: float) -> None:
        if self.floor.ending:
            return
        if self.floor.holder is FloorHolder.PAUSED:
            self._start_clock(now)
            self._move_floor(FloorCue.GONE_ON)
        elif self.floor.holder is not FloorHolder.INTERVIEWER:
            self._return_floor()
        self._wish(Cause.END, event.force, now)

    def _wish(self, wish: Cause, force: bool, now: float) -> None:
        self.floor.wish, self.floor.forced = wish, force
        if force:
            self._silence()
            self._cut_short(now)
        self._go_on(now)

    def _call_off(self, wish: Cause, otherwise: Cause, now: float) -> None:
        """What was wished is not wanted any more. If it has taken a reply's place, or is just being
        announced, the interviewer goes on with a word on it (the cause `otherwise`)."""
        floor = self.floor
        under_way = floor.owed is wish
        if under_way and self.interviewer is InterviewerState.THINKING:
            self._cancel_thinking()
        floor.wish, floor.forced = otherwise if under_way else None, False
        self._go_on(now)

    def _note_told(self, reply: Generation, event: ev.PlaybackEnded, now: float) -> None:
        """The candidate has heard of what was wished: it happens now."""
        floor = self.floor
        if not floor.wish or reply.cause is not floor.wish or not reply.spoke:
            return  # a word that bridges the wait has told nothing
        if not event.heard_text.strip():
            return
        self._meet(reply.cause, now)

    def _try_again(self, cause: Cause, now: float) -> None:
        """An announcement that cannot be voiced must not keep from happening what it announces:
        the candidate's page shows it as well."""
        if cause in FIRM and cause is self.floor.wish:
            self._meet(cause, now)
            self._go_on(now)
        else:
            super()._try_again(cause, now)

    def _release(self, reply: Generation) -> None:
        super()._release(reply)
        if reply.cause in FIRM:  # there is no reply to wait for, only its sound
            self._timers.clear(Timer.FILLER)

    def _complain(self) -> None:
        """What a recruiter wishes comes before a word about noise."""
        if not self.floor.wish:
            super()._complain()

    def _meet(self, wish: Cause, now: float) -> None:
        self.floor.wish, self.floor.forced = None, False
        match wish:
            case Cause.TAKE_OVER:
                self._move_floor(FloorCue.ANNOUNCED)
            case Cause.PAUSE:
                self._stop_clock(now)
                self._move_floor(FloorCue.STOPPED)
            case Cause.END:
                self._ask_to_end(EndReason.RECRUITER)

    def _hear_who_speaks_on(self, now: float) -> None:
        """A candidate who speaks through the announcement of a takeover speaks to the recruiter."""
        floor = self.floor
        onset_ms, idle = floor.voice_ms, self.interviewer is InterviewerState.IDLE
        if onset_ms is None or floor.holder is not FloorHolder.RECRUITER or not idle:
            return
        if self.candidate is CandidateState.QUIET:
            self._on_speech_started(ev.SpeechStarted(onset_ms), now)

    # --- the floor -------------------------------------------------------------------------------

    def _move_floor(self, cue: FloorCue) -> None:
        floor = self.floor
        led = floor.is_interviewers
        floor.move_floor(cue)
        if floor.holder is FloorHolder.RECRUITER:
            floor.generation += 1  # the recruiter's voice has a number of its own
            if floor.time_over:  # whoever holds the floor decides how long
                self._timers.clear(Timer.TIME_LIMIT, Timer.CLOSE_OUT)
        if led and not floor.is_interviewers:
            self._stand_back()
        elif floor.is_interviewers and not led:
            self._step_forward(self._now)
        self._out.append(cmd.MoveFloor(floor.holder, floor.generation))

    def _return_floor(self) -> None:
        self._timers.clear(Timer.RECRUITER_GRACE)
        self._move_floor(FloorCue.RETURNED)
        if self.floor.time_over:
            self._time_the_close(self._now)

    def _on_floor_returned(self, _event: ev.FloorReturned, now: float) -> None:
        self._give_back(now)

    def _on_recruiter_lost(self, _event: ev.RecruiterLost, now: float) -> None:
        if self.floor.holder is FloorHolder.PASSING:
            self._give_back(now)
            return
        self._move_floor(FloorCue.CUT_OFF)
        self._timers.set(Timer.RECRUITER_GRACE, now + self.rules.recruiter_grace_ms)

    def _on_recruiter_back(self, _event: ev.RecruiterBack, now: float) -> None:
        self._timers.clear(Timer.RECRUITER_GRACE)
        self._move_floor(FloorCue.REJOINED)

    def _give_back(self, now: float) -> None:
        """The interviewer has the floor again, and goes on with the plan, or closes."""
        floor = self.floor
        if floor.holder is FloorHolder.PASSING:
            self._return_floor()
            self._call_off(Cause.TAKE_OVER, Cause.HAND_BACK, now)
            return
        self._return_floor()
        floor.owed = None
        floor.wish = None if floor.time_over else Cause.HAND_BACK
        self._go_on(now)

    def _on_recruiter_said(self, event: ev.RecruiterSaid, now: float) -> None:
        self._out.append(
            cmd.CheckpointTurn(
                index=self.floor.take_index(),
                speaker=Speaker.RECRUITER,
                text=event.text,
                heard_text=event.text,
                started_ms=event.started_ms,
                ended_ms=min(event.ended_ms, now),
                confidence=event.confidence,
            )
        )

    # --- the clock -------------------------------------------------------------------------------

    def _on_unpaused(self, _event: ev.Unpaused, now: float) -> None:
        if self.floor.holder is FloorHolder.PAUSED:
            self._go_on_after_pause(now)
        elif self.floor.wish is Cause.PAUSE:
            self._call_off(Cause.PAUSE, Cause.UNPAUSE, now)

    def _go_on_after_pause(self, now: float) -> None:
        self._start_clock(now)
        self._move_floor(FloorCue.GONE_ON)
        self._wish(Cause.UNPAUSE, False, now)

    def _stop_clock(self, now: float) -> None:
        self.floor.paused_ms = now
        self._timers.clear(Timer.TIME_LIMIT, Timer.CLOSE_OUT)
        self._timers.set(Timer.PAUSE, now + self.rules.pause_max_ms)

    def _start_clock(self, now: float) -> None:
        floor = self.floor
        self._timers.clear(Timer.PAUSE)
        if floor.paused_ms is not None:
            floor.limit_ms += now - floor.paused_ms
            floor.paused_ms = None
        if floor.time_over:
            self._time_the_close(now)
        else:
            self._timers.set(Timer.TIME_LIMIT, floor.limit_ms)

    def _time_the_close(self, now: float) -> None:
        """The time is over: when the answer is cut short, and when the end comes in any case."""
        self._timers.set(Timer.TIME_LIMIT, now + self.rules.overrun_ms)
        wait = self.rules.overrun_ms + self.rules.close_out_ms
        self._timers.set(Timer.CLOSE_OUT, now + wait)

    def _on_time_extended(self, event: ev.TimeExtended, now: float) -> None:
        floor = self.floor
        if floor.ending or (floor.current is not None and floor.current.cause is Cause.TIME_UP):
            return  # the closing words are being said
        floor.limit_ms += event.ms
        if self.time_left_ms(now) <= 0:
            return
        floor.time_over = False
        if floor.owed is Cause.TIME_UP:
            floor.owed = Cause.ANSWER
        self._timers.clear(Timer.CLOSE_OUT)
        if floor.paused_ms is None:
            self._timers.set(Timer.TIME_LIMIT, floor.limit_ms)
