"""How long the candidate is kept waiting for a reply: the wait is bridged by a word, and a reply
that does not come, or breaks off without saying so, is given up for one that comes at once."""

from sessions.turntaking import commands as cmd
from sessions.turntaking import events as ev
from sessions.turntaking.causes import ONCE, Cause, EndReason
from sessions.turntaking.noise_and_limits import Manners
from sessions.turntaking.state import Generation
from sessions.turntaking.timers import OF_REPLY, Timer
from sessions.turntaking.transitions import InterviewerCue, InterviewerState

HELD_RETRY_MS = 1_000.0
"""A reply is not given up while it is held: it is not what is being waited for."""


class PatienceWithReplies(Manners):
    """Adds to what is done with replies."""

    def _release(self, reply: Generation) -> None:
        super()._release(reply)
        rules = self.rules
        self._timers.clear(*OF_REPLY)
        if not reply.voiced:
            self._timers.set(Timer.FILLER, self._now + rules.filler_ms)
            self._timers.set(Timer.REPLY, self._now + rules.reply_wait_ms)
        elif not reply.complete:
            self._timers.set(Timer.REPLY, self._now + rules.reply_stall_ms)

    def _take_floor(self) -> None:
        self._timers.clear(*OF_REPLY)
        super()._take_floor()

    def _cancel_thinking(self) -> None:
        self._timers.clear(*OF_REPLY)
        super()._cancel_thinking()

    def _on_filler(self, now: float) -> None:
        if self.interviewer is InterviewerState.THINKING:
            self._out.append(cmd.SayFiller(self.floor.playing.generation))

    def _on_sentence(self, event: ev.SentenceReady, now: float) -> None:
        super()._on_sentence(event, now)
        reply = self.floor.find(event.generation)
        if reply is None or event.filler:
            return
        reply.spoke = True
        self._timers.clear(Timer.FILLER)
        if reply is self.floor.current:
            self.floor.urgent = False
            if not reply.complete:
                self._timers.set(Timer.REPLY, now + self.rules.reply_stall_ms)

    def _on_reply_ended(self, event: ev.ReplyEnded, now: float) -> None:
        self._is_complete(event.generation)
        super()._on_reply_ended(event, now)

    def _on_reply_failed(self, event: ev.ReplyFailed, now: float) -> None:
        self._is_complete(event.generation)
        super()._on_reply_failed(event, now)

    def _is_complete(self, generation: int) -> None:
        """Nothing more of this reply is waited for."""
        reply = self.floor.find(generation)
        if reply is None:
            return
        reply.complete = True
        if reply is self.floor.current:
            self._timers.clear(*OF_REPLY)

    def _give_reply_up(self, now: float) -> None:
        """Nothing came, or nothing more: another is owed, from whoever can give it at once."""
        floor = self.floor
        reply = floor.current
        if reply is None:
            return
        if self.interviewer is InterviewerState.HELD:
            self._timers.set(Timer.REPLY, now + HELD_RETRY_MS)
            return
        floor.urgent = True
        reply.failed = True
        if self.interviewer is InterviewerState.THINKING:
            self._on_reply_failed(ev.ReplyFailed(reply.generation), now)
            return
        floor.failures += 1
        if floor.failures >= self.rules.reply_failures_max:
            self._ask_to_end(EndReason.INTERVIEWER_UNAVAILABLE)
            return
        greeted = reply.spoke and reply.cause in ONCE
        self._settle_answer()
        floor.move_interviewer(InterviewerCue.STOPPED)
        self._out.append(cmd.StopPlayback(reply.generation))
        floor.stopping, floor.current = reply, None
        floor.owed = Cause.ANSWER if greeted else reply.cause
