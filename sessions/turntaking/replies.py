"""The interviewer's side of the joint rules: replies prepared, released, stopped, recorded."""

from sessions.turntaking import commands as cmd
from sessions.turntaking import events as ev
from sessions.turntaking.causes import Cause, EndReason
from sessions.turntaking.context import Core
from sessions.turntaking.endpointing.utterance_end import Ending, ending_of
from sessions.turntaking.state import Answer, Generation
from sessions.turntaking.timers import OVER_REPLY, Timer
from sessions.turntaking.transitions import CandidateState, InterviewerCue, InterviewerState
from sessions.turntaking.turns import Speaker

MINUTE_MS = 60_000.0


class InterviewerSide(Core):
    """What may be done with replies, and when one is owed."""

    def _ask_to_end(self, reason: EndReason, *, completed: bool = False) -> None:
        """Say nothing more, and end once everything said is on record. The first reason counts."""
        if not self.floor.ending:
            self.floor.ending, self.floor.completed = reason, completed

    def _prepare_draft(self) -> None:
        """Have a reply to the words so far made ready while patience still runs."""
        floor = self.floor
        if floor.words is None or floor.stopping is not None or not floor.may_speak:
            return
        if not self._may_speculate():
            return
        floor.draft = floor.new_reply(floor.cause, floor.said)
        self._out.append(
            cmd.PrepareReply(floor.draft.generation, floor.cause, floor.said, recorded=False)
        )

    def _may_speculate(self) -> bool:
        """Whether the last minute's thrown away replies leave room for another."""
        thrown = self._thrown_away
        while thrown and thrown[0] <= self._now - MINUTE_MS:
            thrown.popleft()
        return len(thrown) < self.rules.speculation_per_minute

    def _drop_draft(self) -> None:
        if self.floor.draft is not None:
            self._thrown_away.append(self._now)
            self._out.append(cmd.CancelReply(self.floor.draft.generation))
            self.floor.draft = None

    def _want_reply(self, cause: Cause, now: float) -> None:
        """Have a reply made and heard as soon as it can be."""
        floor = self.floor
        floor.owed = cause
        if not floor.may_speak or floor.stopping is not None:
            return
        self._timers.clear(Timer.IDLE)
        reply = floor.new_reply(cause, "")
        self._out.append(
            cmd.PrepareReply(
                reply.generation, cause, idle_level=floor.idle_level, urgent=floor.urgent
            )
        )
        self._release(reply)

    def _release(self, reply: Generation) -> None:
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
        """The candidate interrupts: the reply ends here. Whether it is still owed is known when
        it is known what was heard of it."""
        self.floor.owed = None
        self.floor.interrupting = True
        answer = self.floor.answer
        if answer is not None:
            self.floor.playing.taken_back = True
            self._reopen(answer)
        self._timers.clear(*OVER_REPLY)
        self.floor.move_interviewer(InterviewerCue.STOPPED)
        self._out.append(cmd.StopPlayback(self.floor.playing.generation))
        self.floor.stopping, self.floor.current = self.floor.current, None

    def _reopen(self, answer: Answer) -> None:
        """The reply came too early: the answer before it goes on, and is one turn. Words that
        are on their way would be only its end: they are fenced off."""
        floor = self.floor
        if not answer.reopened:
            answer.reopened = True
            self._learn_pause(answer.pause_ms, answer.words.text)
            floor.utterance_started_ms = answer.started_ms
            if self._timers.armed(Timer.TRANSCRIPT):
                floor.attempt += 1
                self._timers.clear(Timer.TRANSCRIPT)
            self._out.append(cmd.ReopenTurn(answer.index, floor.utterance))

    def _learn_pause(self, gap_ms: float, text: str) -> None:
        """This candidate was silent for so long after `text`, and went on; after what could have
        been all it says how long to wait for them from now on."""
        floor = self.floor
        floor.longest_gap_ms = max(floor.longest_gap_ms or 0.0, gap_ms)
        if ending_of(text, floor.expects) is Ending.COMPLETE:
            floor.own_pause_ms = max(floor.own_pause_ms, gap_ms)

    def _settle_answer(self) -> None:
        """The answer before the reply cannot be reopened any more."""
        floor = self.floor
        self._timers.clear(Timer.TAKE_BACK)
        if floor.answer is not None and not floor.answer.reopened:
            floor.answer = None
            if self.candidate is CandidateState.QUIET:
                self._out.append(cmd.DropUtterance(floor.utterance))

    def _on_take_back(self, now: float) -> None:
        self._settle_answer()

    def _silence(self) -> None:
        """Nothing of the interviewer is to be heard any more."""
        self._timers.clear(Timer.IDLE)
        self._drop_draft()
        if self.candidate is CandidateState.QUIET:  # nobody has interrupted: nothing to take back
            self._settle_answer()
        if self.interviewer is InterviewerState.THINKING:
            self._cancel_thinking()
        elif self.interviewer is not InterviewerState.IDLE:
            self._take_floor()

    def _on_sentence(self, event: ev.SentenceReady, now: float) -> None:
        reply = self.floor.find(event.generation)
        if reply is None:
            return
        reply.voiced = True
        reply.text = f"{reply.text} {event.text}".strip()
        if reply is self.floor.current and self.interviewer is InterviewerState.THINKING:
            self.floor.move_interviewer(InterviewerCue.VOICED)

    def _on_reply_ended(self, event: ev.ReplyEnded, now: float) -> None:
        reply = self.floor.find(event.generation)
        if reply is None:
            return
        reply.closing, reply.expects = event.closing, event.expects
        reply.answer_max_ms = event.answer_max_ms
        reply.adjourning = event.adjourning
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
            self._try_again(reply.cause, now)

    def _try_again(self, cause: Cause, now: float) -> None:
        self.floor.failures += 1
        if self.floor.failures >= self.rules.reply_failures_max:
            self._ask_to_end(EndReason.INTERVIEWER_UNAVAILABLE)
        else:
            self.floor.owed = cause
            self._go_on(now)

    def _on_playback_started(self, event: ev.PlaybackStarted, now: float) -> None:
        for reply in (self.floor.current, self.floor.stopping):
            if reply is not None and reply.generation == event.generation:
                reply.started_ms = event.at_ms
                quiet = self.candidate is CandidateState.QUIET
                if quiet and self.floor.answer is not None:
                    self._timers.set(Timer.TAKE_BACK, event.at_ms + self.rules.take_back_ms)

    def _record(self, reply: Generation, event: ev.PlaybackEnded) -> None:
        """What was heard goes on record; what nobody heard was never said, and is still owed. Of
        a reply that was taken back, only what could be understood counts."""
        floor = self.floor
        heard = len(event.heard_text.split())
        if reply.taken_back and heard < max(1, self.rules.understandable_words):
            return
        if heard == 0:
            if floor.owed in (None, Cause.UNHEARD):
                floor.owed = reply.cause
            return
        floor.begun = True
        if floor.owed is Cause.OPENING:  # a new leg came before this was known
            floor.owed = Cause.RESUME
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
        if floor.time_over or floor.wish:
            floor.owed = floor.cause
        if floor.owed and not floor.hushed:
            self._want_reply(floor.owed, now)
        else:
            first = floor.idle_level == 0
            wait = self.rules.idle_first_ms if first else self.rules.idle_next_ms
            self._timers.set(Timer.IDLE, now + wait * self.rules.accommodation)
