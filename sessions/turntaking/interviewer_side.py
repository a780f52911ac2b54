"""The interviewer's side of the joint rules: replies prepared, released, stopped, recorded."""

from sessions.turntaking import commands as cmd
from sessions.turntaking import events as ev
from sessions.turntaking.clocks import Timer
from sessions.turntaking.core import Core
from sessions.turntaking.floor import Reply
from sessions.turntaking.states import CandidateState, InterviewerCue, InterviewerState
from sessions.turntaking.turns import Speaker


class InterviewerSide(Core):
    """What may be done with replies, and when one is owed."""

    def _settle(self) -> None:
        """End as asked, once nothing that was said is still on its way to the record."""
        floor = self.floor
        if floor.ending and floor.stopping is None and self.candidate is CandidateState.QUIET:
            self._end(floor.ending, completed=False)

    def _end(self, reason: str, *, completed: bool) -> None:
        self.floor.ended = True
        self._out.append(cmd.EndSession(reason, completed))

    def _prepare_draft(self) -> None:
        """Have a reply to the words so far made ready while patience still runs."""
        floor = self.floor
        if floor.words is None or floor.stopping is not None or not floor.may_speak:
            return
        cause = floor.owed or ("time_up" if floor.time_over else "answer")
        floor.draft = floor.new_reply(cause, floor.words.text)
        self._out.append(
            cmd.PrepareReply(floor.draft.generation, cause, floor.words.text, recorded=False)
        )

    def _drop_draft(self) -> None:
        if self.floor.draft is not None:
            self._out.append(cmd.CancelReply(self.floor.draft.generation))
            self.floor.draft = None

    def _want_reply(self, cause: str, now: float) -> None:
        """Have a reply made and heard as soon as it can be."""
        floor = self.floor
        floor.owed = cause
        if not floor.may_speak:
            return
        if floor.stopping is not None:
            floor.deferred = cause
            return
        self._timers.clear(Timer.IDLE)
        reply = floor.new_reply(cause, "")
        self._out.append(cmd.PrepareReply(reply.generation, cause, idle_level=floor.idle_level))
        self._release(reply)

    def _release(self, reply: Reply) -> None:
        self.floor.current = reply
        self.floor.move_interviewer(InterviewerCue.RELEASED)
        self._out.append(cmd.ReleaseReply(reply.generation))
        if reply.voiced:
            self.floor.move_interviewer(InterviewerCue.VOICED)

    def _cancel_thinking(self) -> None:
        self.floor.move_interviewer(InterviewerCue.CANCELLED)
        self._out.append(cmd.CancelReply(self.floor.playing.generation))
        self.floor.current = None

    def _take_floor(self) -> None:
        """The candidate interrupts: the reply ends here."""
        self._timers.clear(Timer.BARGE_IN, Timer.HOLD)
        self.floor.move_interviewer(InterviewerCue.STOPPED)
        self._out.append(cmd.StopPlayback(self.floor.playing.generation))
        self.floor.stopping, self.floor.current = self.floor.current, None

    def _silence(self, now: float) -> None:
        """Nothing of the interviewer is to be heard any more."""
        self._timers.clear(Timer.IDLE)
        self._drop_draft()
        self.floor.deferred = ""
        if self.interviewer is InterviewerState.THINKING:
            self._cancel_thinking()
        elif self.interviewer is not InterviewerState.IDLE:
            self._take_floor()

    def _on_sentence(self, event: ev.SentenceReady, now: float) -> None:
        reply = self.floor.find(event.generation)
        if reply is None:
            return
        reply.voiced = True
        if reply is self.floor.current and self.interviewer is InterviewerState.THINKING:
            self.floor.move_interviewer(InterviewerCue.VOICED)

    def _on_reply_ended(self, event: ev.ReplyEnded, now: float) -> None:
        reply = self.floor.find(event.generation)
        if reply is None:
            return
        reply.closing, reply.expects = event.closing, event.expects
        if not reply.voiced:  # a reply without a word is no reply
            self._on_reply_failed(ev.ReplyFailed(event.generation), now)

    def _on_reply_failed(self, event: ev.ReplyFailed, now: float) -> None:
        floor = self.floor
        reply = floor.find(event.generation)
        if reply is None:
            return
        reply.failed = True
        if reply is floor.draft:
            self._drop_draft()
        elif reply is floor.current and self.interviewer is InterviewerState.THINKING:
            floor.move_interviewer(InterviewerCue.FAILED)
            self._out.append(cmd.CancelReply(reply.generation))
            floor.current = None
            self._try_again(reply, now)

    def _try_again(self, reply: Reply, now: float) -> None:
        self.floor.failures += 1
        if self.floor.failures >= self.rules.reply_failures_max:
            self._end("interviewer_unavailable", completed=False)
        else:
            self._want_reply(reply.cause, now)

    def _on_playback_started(self, event: ev.PlaybackStarted, now: float) -> None:
        floor = self.floor
        if floor.current is not None and floor.current.generation == event.generation:
            floor.current.started_ms = event.at_ms
            floor.begun = True
            floor.owed = ""

    def _record(self, reply: Reply, event: ev.PlaybackEnded) -> None:
        """What was heard goes on record; what nobody heard was never said."""
        floor = self.floor
        if not event.heard_text.strip():
            return
        floor.begun = True
        floor.owed = "" if floor.owed == reply.cause else floor.owed
        self._out.append(
            cmd.CheckpointTurn(
                index=floor.take_index(),
                speaker=Speaker.INTERVIEWER,
                text=event.text,
                heard_text=event.heard_text,
                started_ms=event.at_ms if reply.started_ms is None else reply.started_ms,
                ended_ms=event.at_ms,
                interrupted=event.heard_text != event.text,
                generation=reply.generation,
            )
        )

    def _go_on(self, now: float) -> None:
        """Both may be silent now: give the reply that is owed, or wait for the candidate."""
        floor = self.floor
        quiet = self.candidate is CandidateState.QUIET
        if not (quiet and self.interviewer is InterviewerState.IDLE and floor.may_speak):
            return
        if floor.time_over and floor.owed in ("", "answer", "idle", "unheard"):
            floor.owed = "time_up"
        if floor.owed:
            self._want_reply(floor.owed, now)
        else:
            first = floor.idle_level == 0
            wait = self.rules.idle_first_ms if first else self.rules.idle_next_ms
            self._timers.set(Timer.IDLE, now + wait * self.rules.accommodation)
