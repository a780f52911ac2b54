"""How the machine keeps its manners with what is no plain answer: one that never ends, sound
without words, a dead microphone, words that are doubtful or half lost."""

from sessions.turntaking import commands as cmd
from sessions.turntaking import events as ev
from sessions.turntaking.causes import YIELDING, Cause, EndReason
from sessions.turntaking.state import Generation
from sessions.turntaking.timers import Timer
from sessions.turntaking.transitions import CandidateCue, CandidateState, InterviewerState
from sessions.turntaking.utterances import CandidateSide

HELD_RETRY_MS = 1_000.0
"""Nothing is cut off while it is open whether it interrupts a reply."""


class Manners(CandidateSide):
    """Stands on the candidate's side, and adds to what its events and moves do."""

    def _on_speech_started(self, event: ev.SpeechStarted, now: float) -> None:
        if not self.floor.deaf and self._insists(now):
            return
        super()._on_speech_started(event, now)
        if self.candidate is CandidateState.SPEAKING and not self._timers.armed(Timer.ANSWER_LIMIT):
            self._time_answer(self.floor.utterance_started_ms, event.at_ms, now)

    def _time_answer(self, began_ms: float, onset_ms: float, now: float) -> None:
        """How long the answer may last, and a voice be without words. With a recruiter, and in a
        pause, that is nobody's concern."""
        floor, rules = self.floor, self.rules
        floor.doubted = False
        if floor.is_interviewers:
            longest = rules.answer_max_ms if floor.answer_max_ms is None else floor.answer_max_ms
            until = began_ms + longest * rules.accommodation
            self._timers.set(Timer.ANSWER_LIMIT, max(now, until))
            self._timers.set(Timer.WORDLESS, max(now, onset_ms + rules.wordless_ms))

    def _stand_back(self) -> None:
        """The interviewer does not lead the talk any more: nothing of the answer's or the sound's
        is timed, and nothing hurries."""
        floor = self.floor
        self._timers.clear(Timer.IDLE, Timer.ANSWER_LIMIT, Timer.WORDLESS)
        floor.too_long, floor.unclear, floor.doubted, floor.urgent = False, False, False, False
        floor.idle_due_ms = None

    def _step_forward(self, now: float) -> None:
        """The interviewer leads the talk again: what is timed begins anew."""
        self.floor.wordless = 0
        if self.candidate is CandidateState.SPEAKING:
            self._time_answer(now, now, now)

    def _insists(self, now: float) -> bool:
        """Whether the interviewer goes on whatever is heard: to end an answer that takes too long,
        and over noise that was complained about in vain."""
        floor = self.floor
        if not floor.is_interviewers:
            return False
        if self.candidate is CandidateState.AWAITING_TRANSCRIPT:
            overrun = floor.time_over and not self._timers.armed(Timer.TIME_LIMIT)
            return floor.too_long or overrun
        reply = floor.current
        if reply is None or self.interviewer is InterviewerState.HELD:
            return False
        if floor.noises > self.rules.noise_prompts_max:
            return True
        if reply.cause is not Cause.TOO_LONG:
            return False
        return reply.started_ms is None or now < reply.started_ms + self.rules.insist_ms

    # --- answers that never end ------------------------------------------------------------------

    def _on_answer_limit(self, now: float) -> None:
        """The first time, look out for a small pause; the second, do without."""
        floor = self.floor
        if self.interviewer is InterviewerState.HELD:
            self._timers.set(Timer.ANSWER_LIMIT, now + HELD_RETRY_MS)
        elif self.candidate is CandidateState.SPEAKING and not floor.too_long:
            floor.too_long = True
            self._timers.set(Timer.ANSWER_LIMIT, now + self.rules.answer_grace_ms)
        elif self.candidate in (CandidateState.SPEAKING, CandidateState.PAUSING):
            floor.too_long = True
            self._cut_short(now)

    def _on_speech_stopped(self, event: ev.SpeechStopped, now: float) -> None:
        if self.candidate is CandidateState.QUIET:
            self.floor.doubted = False
        super()._on_speech_stopped(event, now)
        pausing = self.candidate is CandidateState.PAUSING
        if self.floor.too_long and pausing and self.interviewer is InterviewerState.IDLE:
            self._cut_short(now)

    # --- sound without words ---------------------------------------------------------------------

    def _on_wordless(self, now: float) -> None:
        """A voice that never pauses and of which no word is known: ask for them, and then doubt
        that it is one."""
        floor = self.floor
        if self.candidate is not CandidateState.SPEAKING or floor.known is not None:
            return
        if self.interviewer is InterviewerState.HELD or floor.stopping is not None:
            self._timers.set(Timer.WORDLESS, now + HELD_RETRY_MS)
        elif not floor.doubted:
            floor.doubted = True
            floor.attempt += 1
            self._out.append(cmd.FinishTranscript(floor.utterance, floor.attempt))
            self._timers.set(Timer.WORDLESS, now + self.rules.wordless_grace_ms)
        elif floor.reopened or floor.typed:  # its beginning is known, or written, and stands
            self._cut_short(now)
        else:
            self._is_noise(now)

    def _is_noise(self, now: float) -> None:
        """What sounds like a voice is none. It is complained about, or else let be."""
        floor = self.floor
        floor.attempt += 1  # fences off what may still be made of it
        self._complain()
        floor.move_candidate(CandidateCue.CUT_SHORT)
        self._dismiss(now)

    def _complain(self) -> None:
        """Noise has taken the candidate's place: an unanswered prompt more, and in the end the
        last."""
        floor = self.floor
        floor.noises += 1
        floor.idle_level += 1
        if floor.idle_level > self.rules.idle_prompts_max:
            self._ask_to_end(EndReason.CANDIDATE_UNHEARD)
        elif floor.owed in YIELDING:
            floor.owed = Cause.NOISE if floor.noises <= self.rules.noise_prompts_max else Cause.IDLE

    def _on_sound_changed(self, event: ev.SoundChanged, now: float) -> None:
        self.floor.sound = event.sound
        self._hurry_prompt(now)

    def _hurry_prompt(self, now: float) -> None:
        """Nobody need wait for long to hear that the microphone is dead."""
        due = self._timers.due(Timer.IDLE)
        if due is not None and self.floor.sound is ev.Sound.SILENT:
            self._timers.set(Timer.IDLE, min(due, now + self.rules.no_sound_ms))

    @property
    def _is_noisy(self) -> bool:
        """Whether noise is going on just now."""
        return self.floor.sound is ev.Sound.NOISE or self.floor.doubted

    def _silent_because(self) -> EndReason:
        """Why the session ends, when nobody has answered for so long."""
        return EndReason.CANDIDATE_UNHEARD if self._is_noisy else EndReason.CANDIDATE_SILENT

    def _prompt(self) -> Cause:
        """The cause of what is said into the silence of both."""
        floor, rules = self.floor, self.rules
        noisy = self._is_noisy or floor.wordless >= rules.noise_sounds
        floor.wordless = 0
        if floor.sound is ev.Sound.SILENT:
            return Cause.NO_SOUND
        if noisy and floor.noises < rules.noise_prompts_max:
            floor.noises += 1
            return Cause.NOISE
        return Cause.IDLE

    def _dismiss(self, now: float) -> None:
        """Sounds without words do not put the next prompt off: they may never cease."""
        floor = self.floor
        due = floor.idle_due_ms
        if self.interviewer is InterviewerState.IDLE:
            floor.wordless += 1
        floor.known, floor.too_long, floor.unclear = None, False, False
        self._timers.clear(Timer.ANSWER_LIMIT, Timer.WORDLESS, Timer.TRANSCRIPT)
        super()._dismiss(now)
        if due is not None and self._timers.armed(Timer.IDLE):
            floor.idle_due_ms = due
            self._timers.set(Timer.IDLE, max(now, due))

    def _go_on(self, now: float) -> None:
        super()._go_on(now)
        if self._timers.armed(Timer.IDLE):
            self._hurry_prompt(now)
            self.floor.idle_due_ms = self._timers.due(Timer.IDLE)

    def _release(self, reply: Generation) -> None:
        self.floor.idle_due_ms = None
        super()._release(reply)

    # --- doubtful and lost words -----------------------------------------------------------------

    def _on_partial(self, event: ev.TranscriptPartial, now: float) -> None:
        if event.utterance == self.floor.utterance and event.new_words.strip():
            self.floor.known = ev.TranscriptFinal(event.utterance, 0, event.new_words)
        super()._on_partial(event, now)

    def _on_transcript(self, event: ev.TranscriptFinal, now: float) -> None:
        floor = self.floor
        fresh = event.utterance == floor.utterance and event.attempt >= floor.fence
        if fresh and event.new_words.strip():
            floor.known = event
            if event.attempt == floor.attempt:
                floor.unclear = self._is_unclear(event)
        super()._on_transcript(event, now)

    def _is_unclear(self, words: ev.TranscriptFinal) -> bool:
        doubtful = words.confidence is not None and words.confidence < self.rules.unclear_below
        enough = len(words.new_words.split()) >= self.rules.unclear_words
        return doubtful and enough and not self.floor.asked_again

    def _words_are_lost(self, now: float) -> None:
        """What is known of the answer stands, without its end; one that was too long is not asked
        for again."""
        floor = self.floor
        fresh = floor.answer is None and self.interviewer is InterviewerState.IDLE
        waiting = self.candidate is not CandidateState.SPEAKING
        if fresh and waiting and floor.known is not None:
            self._timers.clear(Timer.TRANSCRIPT)
            floor.words = floor.known
            if self.candidate is CandidateState.AWAITING_TRANSCRIPT:
                self._close_turn(now)
            else:
                self._wait()
                self._prepare_draft()
            return
        if fresh and floor.owed in YIELDING and floor.too_long:
            floor.owed = Cause.TOO_LONG
            self._dismiss(now)
            return
        super()._words_are_lost(now)

    def _close_turn(self, now: float) -> None:
        super()._close_turn(now)
        floor = self.floor
        if floor.close_pending:
            return
        floor.asked_again = floor.owed is Cause.UNCLEAR
        floor.known, floor.too_long, floor.unclear = None, False, False
        floor.wordless, floor.noises, floor.doubted = 0, 0, False
        self._timers.clear(Timer.ANSWER_LIMIT, Timer.WORDLESS)
