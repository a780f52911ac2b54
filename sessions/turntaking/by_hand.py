"""What the candidate does by hand and not by voice: writes, ends an answer, silences a reply."""

from sessions.turntaking import events as ev
from sessions.turntaking.causes import Cause
from sessions.turntaking.patience_with_replies import PatienceWithReplies
from sessions.turntaking.timers import Timer
from sessions.turntaking.transitions import CandidateCue, CandidateState, InterviewerState


class ByHand(PatienceWithReplies):
    """The joint rules of what is typed and pressed."""

    def _on_answer_typed(self, event: ev.AnswerTyped, now: float) -> None:
        """Written words answer at once, over whatever the interviewer says. What is being said
        meanwhile belongs to the same turn, and ends at its next pause."""
        floor, text = self.floor, event.text.strip()
        if floor.ending or not floor.attached or not text:
            return
        floor.typed = f"{floor.typed} {text}".strip()
        floor.hushed = False
        if self.candidate is CandidateState.QUIET:
            self._silence()
            floor.open_utterance(now)
            floor.speech_ended_ms = now
            floor.move_candidate(CandidateCue.TYPED)
            self._close_on_typed(now)
            return
        if self.interviewer is InterviewerState.HELD:
            self._take_floor()
        if self.candidate is CandidateState.PAUSING:
            self._timers.set(Timer.PATIENCE, now)

    def _on_answer_ended(self, _event: ev.AnswerSubmitted, now: float) -> None:
        """The answer ends here, by the candidate's own word. Where nothing was heard that could
        end, the interviewer says so: nobody presses a button for nothing."""
        floor = self.floor
        if self.candidate is not CandidateState.QUIET:
            if self.interviewer is InterviewerState.HELD:
                self._take_floor()
            self._cut_short(now)
        elif self.interviewer is InterviewerState.IDLE and floor.stopping is None:
            floor.hushed = False
            self._want_reply(floor.owed or Cause.UNHEARD, now)

    def _on_quiet_asked(self, _event: ev.StopSpeakingRequested, now: float) -> None:
        """The reply ends here. What was heard goes on record; where nothing was, the reply is
        still owed, but not before the candidate has answered or been silent for long."""
        if self.candidate is CandidateState.QUIET:
            self._settle_answer()
            self.floor.hushed = True
        if self.interviewer is InterviewerState.THINKING:
            self._cancel_thinking()
            self._go_on(now)
            return
        self._take_floor()
        if self.candidate is CandidateState.PAUSING:
            self._wait()
            if not self._timers.armed(Timer.TRANSCRIPT):  # reopened: all of it is needed
                self._ask_for_words(now)
