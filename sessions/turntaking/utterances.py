"""The candidate's side of the joint rules: utterances opened, paused, closed or dismissed."""

from dataclasses import replace

from sessions.turntaking import commands as cmd
from sessions.turntaking import events as ev
from sessions.turntaking.causes import YIELDING, Cause
from sessions.turntaking.endpointing.backchannels import is_backchannel, is_content, is_echo
from sessions.turntaking.endpointing.pause_rules import Patience, patience, with_prosody
from sessions.turntaking.replies import InterviewerSide
from sessions.turntaking.state import Answer
from sessions.turntaking.timers import OVER_REPLY, Timer
from sessions.turntaking.transitions import (
    CandidateCue,
    CandidateState,
    IllegalMove,
    InterviewerCue,
    InterviewerState,
)
from sessions.turntaking.turns import Speaker

ECHO_TAIL_MS = 300.0
"""So long a loudspeaker, its room and the network keep a reply's last word in the air."""

SAME_BREATH_MS = 300.0
"""A gap shorter than this is inside a phrase: what follows is the same sound over the reply."""


UNHEARD_WORDS_MS = 500.0
"""A voice that goes on for so long just after an answer has said something, whether or not a
transcriber finds words in it: a hum is shorter (about 400 ms; Ward and Tsukahara 2000)."""


class CandidateSide(InterviewerSide):
    """What the candidate's voice and words do to the floor."""

    def _on_speech_started(self, event: ev.SpeechStarted, now: float) -> None:
        floor = self.floor
        if floor.ending or not floor.attached:
            return
        if floor.deaf:
            floor.voice_ms = event.at_ms
            return
        if self.candidate is CandidateState.QUIET:
            if floor.answer is None:
                floor.open_utterance(event.at_ms)
            else:  # perhaps the answer goes on: `_reopen` decides
                floor.utterance_started_ms = event.at_ms
                floor.answer.pause_ms = event.at_ms - floor.speech_ended_ms
        else:
            text = "" if floor.words is None else floor.words.text
            self._learn_pause(event.at_ms - floor.speech_ended_ms, text)
            if floor.typed:  # perhaps the voice began before
                floor.utterance_started_ms = min(floor.utterance_started_ms, event.at_ms)
        floor.hushed = False
        floor.words = floor.finished = None
        floor.attempt += 1  # fences off the words of the pause that is over
        floor.fence = floor.attempt
        floor.close_pending = False
        floor.move_candidate(CandidateCue.VOICE)
        self._timers.clear(
            Timer.SPECULATE, Timer.PATIENCE, Timer.TRANSCRIPT, Timer.IDLE, Timer.TAKE_BACK
        )
        self._drop_draft()
        match self.interviewer:
            case InterviewerState.SPEAKING:
                floor.move_interviewer(InterviewerCue.HELD)
                floor.onset_ms = event.at_ms
                self._out.append(cmd.HoldPlayback(floor.playing.generation))
                self._time_overlap(event.at_ms)
                self._timers.set(Timer.HOLD, now + self.rules.hold_max_ms)
            case InterviewerState.HELD:
                if event.at_ms - floor.speech_ended_ms > SAME_BREATH_MS:
                    floor.onset_ms = event.at_ms
                self._time_overlap(floor.onset_ms)
            case InterviewerState.THINKING:
                self._cancel_thinking()
                if floor.answer is not None:
                    self._reopen(floor.answer)
            case InterviewerState.IDLE:
                pass

    def _on_speech_stopped(self, event: ev.SpeechStopped, now: float) -> None:
        floor = self.floor
        floor.voice_ms = None
        if self.candidate is not CandidateState.SPEAKING:
            return
        floor.move_candidate(CandidateCue.PAUSE)
        floor.speech_ended_ms = event.at_ms
        self._timers.clear(Timer.BARGE_IN, Timer.OVERLAP)
        if self.interviewer is InterviewerState.HELD:
            if event.doubtful:
                self._never_mind(now)
            else:
                self._ask_for_words(now)
        else:
            self._timers.set(Timer.SPECULATE, event.at_ms + self.rules.speculate_after_ms)
            self._wait()

    def _wait(self) -> None:
        """Set how long this pause may last, by what is known of it now."""
        floor, rules = self.floor, self.rules
        if rules.endpoint_silence_ms is not None:
            wait = Patience(rules.endpoint_silence_ms * rules.accommodation, "silence")
        else:
            text = "" if floor.words is None else floor.words.text
            wait = patience(
                text,
                floor.expects,
                floor.own_pause_ms,
                rules.accommodation,
                rules.endpointing,
                longest_gap_ms=floor.longest_gap_ms,
            )
        wait = with_prosody(wait, floor.finished, rules.prosody)
        floor.rule = wait.rule
        self._timers.set(Timer.PATIENCE, floor.speech_ended_ms + wait.ms)

    def _on_ending_heard(self, event: ev.EndOfTurnScored, now: float) -> None:
        floor = self.floor
        if (event.utterance, event.attempt) == (floor.utterance, floor.attempt):
            floor.finished = event.finished
            if self.interviewer is InterviewerState.IDLE:
                self._wait()

    def _on_speculate(self, now: float) -> None:
        if self.floor.words is None:
            self._ask_for_words(now)

    def _ask_for_words(self, now: float) -> None:
        floor = self.floor
        floor.attempt += 1
        self._timers.clear(Timer.SPECULATE)
        self._timers.set(Timer.TRANSCRIPT, now + self.rules.transcript_wait_ms)
        self._out.append(cmd.FinishTranscript(floor.utterance, floor.attempt))

    def _on_partial(self, event: ev.TranscriptPartial, now: float) -> None:
        held = self.interviewer is InterviewerState.HELD
        ours = event.utterance == self.floor.utterance
        if held and ours and not self._means_nothing(event.new_words):
            self._take_floor()
            if self.candidate is CandidateState.PAUSING:
                self._wait()
                if not self._timers.armed(Timer.TRANSCRIPT):  # reopened: all of it is needed
                    self._ask_for_words(now)

    def _on_transcript(self, event: ev.TranscriptFinal, now: float) -> None:
        floor = self.floor
        if (event.utterance, event.attempt) != (floor.utterance, floor.attempt):
            return
        self._timers.clear(Timer.TRANSCRIPT)
        if self.interviewer is InterviewerState.HELD:
            if self._means_nothing(event.new_words):
                self._dismiss(now)
                return
            self._take_floor()
            self._wait()
        if event.tail is not None and floor.answer is not None:  # reopened just now
            floor.answer.words = replace(event, tail=None)  # if nothing better can be had
            self._ask_for_words(now)
            return
        if not event.new_words.strip() or self._is_tail_of_reply(event.new_words):
            if floor.interrupting or floor.reopened:  # somebody must go on after a long noise
                self._words_are_lost(now)
            else:
                self._dismiss(now)
            return
        floor.words = replace(event, text=event.new_words, tail=None)
        if self.candidate is CandidateState.AWAITING_TRANSCRIPT:
            self._close_turn(now)
        else:
            self._wait()
            self._prepare_draft()

    def _means_nothing(self, words: str) -> bool:
        """Whether what is said over the reply leaves it the floor: a listener's response, or the
        interviewer's own voice."""
        floor = self.floor
        if is_echo(words, floor.playing.text):
            return True
        if self.candidate is CandidateState.SPEAKING and floor.answer is None:
            return not is_content(words)  # of a sound that goes on
        lasted_ms = floor.speech_ended_ms - floor.onset_ms
        if floor.answer is None:
            return is_backchannel(words, lasted_ms)
        if not words.strip():  # of half a phrase; all of the answer may be understood better
            return lasted_ms < UNHEARD_WORDS_MS
        return is_backchannel(words)  # an answer that goes on is no hum

    def _is_tail_of_reply(self, words: str) -> bool:
        """Whether a loudspeaker's last words came back after the reply had ended."""
        floor = self.floor
        late_ms = floor.utterance_started_ms - floor.spoken_until_ms
        return not floor.reopened and late_ms < ECHO_TAIL_MS and is_echo(words, floor.spoken)

    def _on_transcript_failed(self, event: ev.TranscriptFailed, now: float) -> None:
        if (event.utterance, event.attempt) == (self.floor.utterance, self.floor.attempt):
            self._words_are_lost(now)

    def _words_are_lost(self, now: float) -> None:
        """The candidate has spoken, and nobody knows what was said: that is told, and is no turn.
        Over a reply it counts as nothing, and the reply goes on."""
        floor = self.floor
        self._timers.clear(Timer.TRANSCRIPT)
        if floor.answer is not None and floor.reopened:  # at least its beginning is known
            floor.words = floor.answer.words
            if self.candidate is CandidateState.AWAITING_TRANSCRIPT:
                self._close_turn(now)
            return
        if floor.typed:
            self._close_on_typed(now)
            return
        if self.interviewer is not InterviewerState.HELD and floor.owed in YIELDING:
            floor.owed = Cause.UNHEARD
        self._dismiss(now)

    def _dismiss(self, now: float) -> None:
        """It was no turn: go on as if nothing had been heard."""
        floor = self.floor
        if floor.typed:
            self._close_on_typed(now)
            return
        floor.move_candidate(CandidateCue.DISMISSED)
        self._timers.clear(Timer.PATIENCE, Timer.HOLD, Timer.SPECULATE)
        self._out.append(cmd.DropUtterance(floor.utterance))
        floor.answer = None
        if self.interviewer is InterviewerState.HELD:
            floor.move_interviewer(InterviewerCue.RESUMED)
            self._out.append(cmd.ResumePlayback(floor.playing.generation))
        self._go_on(now)

    def _never_mind(self, now: float) -> None:
        """It was no voice at all: the reply goes on, and may be taken back as before."""
        floor = self.floor
        answer = floor.answer
        if answer is None or answer.reopened:
            self._dismiss(now)
            return
        floor.move_candidate(CandidateCue.DISMISSED)
        self._timers.clear(Timer.HOLD)
        floor.move_interviewer(InterviewerCue.RESUMED)
        self._out.append(cmd.ResumePlayback(floor.playing.generation))
        if floor.playing.started_ms is not None:
            self._timers.set(Timer.TAKE_BACK, floor.playing.started_ms + self.rules.take_back_ms)

    def _on_patience(self, now: float) -> None:
        if self.floor.words is not None:
            self._close_turn(now)
            return
        self.floor.move_candidate(CandidateCue.PATIENCE_OUT)
        if not self._timers.armed(Timer.TRANSCRIPT):
            self._ask_for_words(now)

    def _cut_short(self, now: float) -> None:
        """Put what was said so far on record without waiting for more."""
        if self.candidate is CandidateState.QUIET:
            return
        self._timers.clear(Timer.PATIENCE, Timer.SPECULATE, *OVER_REPLY)
        if self.candidate is CandidateState.SPEAKING:
            self.floor.speech_ended_ms = self.floor.voice_ms = now
        self.floor.move_candidate(CandidateCue.CUT_SHORT)
        if self.floor.words is not None:
            self._close_turn(now)
        elif not self._timers.armed(Timer.TRANSCRIPT):
            self._ask_for_words(now)

    def _close_on_typed(self, now: float) -> None:
        """Nothing was said that could be understood; what was written is the answer."""
        floor = self.floor
        floor.words, floor.rule = ev.TranscriptFinal(floor.utterance, floor.attempt, ""), "typed"
        self._close_turn(now)

    def _close_turn(self, now: float) -> None:
        """The candidate's turn is over: on record, and answered."""
        floor = self.floor
        if floor.stopping is not None:  # the interrupted turn goes on record first
            floor.close_pending = True
            return
        words = floor.words
        if words is None:
            raise IllegalMove("a turn is closed on its words")
        typed, words = bool(floor.typed), replace(words, text=floor.said)
        answer = self._record_answer(words)
        floor.words, floor.typed, floor.close_pending, floor.idle_level = None, "", False, 0
        floor.hushed = False
        floor.move_candidate(CandidateCue.TURN_CLOSED)
        self._timers.clear(Timer.PATIENCE, Timer.TRANSCRIPT, Timer.TAKE_BACK)
        draft, floor.draft = floor.draft, None
        floor.owed = floor.cause
        answered = floor.owed in (Cause.ANSWER, Cause.UNCLEAR) and not typed
        if answered and floor.may_speak and self.rules.take_back_ms > 0:
            floor.answer = answer
            self._out.append(cmd.KeepUtterance(floor.utterance))
        else:
            floor.answer = None
            self._out.append(cmd.DropUtterance(floor.utterance))
        if draft is not None and draft.said == words.text and draft.cause is floor.owed:
            self._release(draft)
        else:
            if draft is not None:
                self._out.append(cmd.CancelReply(draft.generation))
            self._go_on(now)

    def _record_answer(self, words: ev.TranscriptFinal) -> Answer:
        """Checkpoint the candidate's turn; a reopened one in the place it had."""
        floor = self.floor
        before = floor.answer if floor.reopened else None
        answer = Answer(
            index=floor.take_index() if before is None else before.index,
            revision=0 if before is None else before.revision + 1,
            words=words,
            started_ms=floor.utterance_started_ms,
        )
        self._out.append(
            cmd.CheckpointTurn(
                index=answer.index,
                speaker=Speaker.CANDIDATE,
                text=words.text,
                heard_text=words.text,
                started_ms=answer.started_ms,
                ended_ms=floor.speech_ended_ms,
                confidence=words.confidence,
                revision=answer.revision,
                rule=floor.rule,
            )
        )
        return answer

    def _time_overlap(self, onset_ms: float) -> None:
        """Speech over a reply: when to ask for its words, and when they do not matter any more."""
        rules = self.rules
        self._timers.set(Timer.BARGE_IN, onset_ms + rules.overlap_max_ms)
        if rules.backchannel_max_ms < rules.overlap_max_ms:
            self._timers.set(Timer.OVERLAP, onset_ms + rules.backchannel_max_ms)

    def _on_overlap(self, now: float) -> None:
        """It is long for a listener's response: its words tell, while the reply is silent anyway.
        They come as a partial transcript."""
        if self.interviewer is InterviewerState.HELD:
            self._out.append(cmd.FinishTranscript(self.floor.utterance, self.floor.attempt))

    def _on_barge_in(self, now: float) -> None:
        if self.interviewer is InterviewerState.HELD:
            self._take_floor()

    def _on_hold(self, now: float) -> None:
        if self.interviewer is InterviewerState.HELD:
            self._take_floor()
            if self.candidate is CandidateState.PAUSING:
                self._timers.set(Timer.PATIENCE, now)
