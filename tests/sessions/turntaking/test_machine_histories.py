"""Any history that can happen: the machine never raises, never hangs, and loses no word."""

from dataclasses import replace

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from sessions.turntaking import events as ev
from sessions.turntaking.causes import Cause, EndReason
from sessions.turntaking.rules import Rules
from sessions.turntaking.transitions import FloorHolder
from tests.sessions.turntaking.shell import RULES, Shell, Stage, Voice, words_of

WAYS_TO_PLAY = [
    RULES,
    replace(RULES, endpoint_silence_ms=700, take_back_ms=0),
    replace(RULES, endpoint_silence_ms=700, speculation_per_minute=2),
    replace(RULES, answer_max_ms=4_000, answer_grace_ms=1_000, wordless_ms=1_500),
]

MANY_STEPS = 500
"""More than any interview under these rules can take to come to its end."""


class Histories(RuleBasedStateMachine):
    """Random interviews; what must hold is held by the shell."""

    shell: Shell

    @initialize(next_index=st.sampled_from([0, 4]), rules=st.sampled_from(WAYS_TO_PLAY))
    def begin(self, next_index: int, rules: Rules) -> None:
        self.shell = Shell(rules, next_index=next_index)

    def voices(self, *stages: Stage) -> list[Voice]:
        return self.shell.where(*stages) if hasattr(self, "shell") else []

    def being_made(self) -> list[Voice]:
        voices = self.voices(Stage.DRAFT, Stage.RELEASED, Stage.HELD)
        return [voice for voice in voices if not voice.complete]

    def being_played(self) -> list[Voice]:
        return [voice for voice in self.voices(Stage.RELEASED, Stage.HELD) if voice.voiced]

    @rule(ms=st.sampled_from([0, 10, 40, 160, 400, 1_000, 4_000, 15_000]), punctual=st.booleans())
    def time_passes(self, ms: float, punctual: bool) -> None:
        self.shell.advance(ms, punctual=punctual)

    @precondition(lambda self: not self.shell.connected)
    @rule()
    def a_leg_connects(self) -> None:
        self.shell.connect()

    @precondition(lambda self: self.shell.connected and not self.shell.attached)
    @rule()
    def a_leg_attaches(self) -> None:
        self.shell.attach()

    @precondition(lambda self: self.shell.connected and not self.shell.attached)
    @rule(rarely=st.integers(0, 2))
    def a_leg_is_lost_before_it_attaches(self, rarely: int) -> None:
        if rarely == 2:
            self.shell.disconnect()

    @precondition(lambda self: self.shell.attached)
    @rule(rarely=st.integers(0, 9))
    def the_leg_changes(self, rarely: int) -> None:
        if rarely == 9:
            self.shell.disconnect()
        elif rarely == 8:
            self.shell.attach()

    @rule(rarely=st.integers(0, 19))
    def the_end_is_asked_for(self, rarely: int) -> None:
        if rarely == 19:
            self.shell.send(ev.EndRequested(EndReason.RECRUITER))

    @precondition(lambda self: self.shell.attached)
    @rule(which=st.integers(0, 24), force=st.booleans())
    def a_recruiter_acts(self, which: int, force: bool) -> None:
        now = self.shell.now
        acts = (
            ev.RequestMade(Cause.PAUSE, force),
            ev.RequestMade(Cause.SKIP, force),
            ev.RequestMade(Cause.TAKE_OVER, force),
            ev.RequestMade(Cause.TAKE_OVER, force),
            ev.Unpaused(),
            ev.FloorReturned(),
            ev.RecruiterLost(),
            ev.RecruiterBack(),
            ev.RecruiterSaid("Hello, it is me.", max(0.0, now - 900), now),
            ev.TimeExtended(5_000),
        )
        if which < len(acts):
            self.shell.send(acts[which])
        elif which == 24:
            self.shell.send(ev.EndRequestedByRecruiter(force))

    @precondition(lambda self: self.shell.attached)
    @rule(lag_ms=st.sampled_from([0, 100, 300]))
    def the_voice_turns(self, lag_ms: float) -> None:
        self.shell.turn_voice(lag_ms)

    @precondition(lambda self: self.shell.attached)
    @rule(spoken_ms=st.sampled_from([200, 900]), silent_ms=st.sampled_from([50, 100, 300, 800]))
    def a_word_is_said(self, spoken_ms: float, silent_ms: float) -> None:
        for ms in (spoken_ms, silent_ms):
            self.shell.turn_voice(0)
            self.shell.advance(ms)

    @precondition(lambda self: self.shell.attached and not self.shell.voice)
    @rule(ms=st.sampled_from([64, 160, 800]))
    def something_is_taken_for_a_voice(self, ms: float) -> None:
        self.shell.turn_voice(0)
        self.shell.advance(ms)
        self.shell.turn_voice(0, doubtful=True)

    @rule(finished=st.sampled_from([0.05, 0.5, 0.95]), attempts_ago=st.integers(0, 1))
    def the_ending_is_judged(self, finished: float, attempts_ago: int) -> None:
        self.shell.judge(finished, attempts_ago)

    @precondition(lambda self: self.shell.attached and not self.shell.voice)
    @rule(patient=st.booleans())
    def an_answer_is_given(self, patient: bool) -> None:
        self.a_word_is_said(900, 100)
        if self.shell.pending:
            self.shell.transcribe(-1, None)
        if patient:
            self.shell.advance(1_000)

    @precondition(lambda self: self.shell.pending)
    @rule(which=st.integers(0, 3), text=st.sampled_from([None, None, "", "mhm", "10"]))
    def words_come(self, which: int, text: str | None) -> None:
        self.shell.transcribe(which, text)

    @precondition(lambda self: self.shell.pending)
    @rule()
    def words_fail(self) -> None:
        self.shell.send(ev.TranscriptFailed(*self.shell.pending.pop()))

    @rule(attempts_ago=st.integers(0, 2), earlier=st.integers(0, 1))
    def words_come_late(self, attempts_ago: int, earlier: int) -> None:
        utterance = self.shell.machine.state.utterance
        asked = utterance.number - earlier, utterance.attempt - attempts_ago
        self.shell.send(ev.LateWords(*asked, f"{words_of(asked)} And its end."))

    @rule(text=st.sampled_from(["uh", "no wait"]))
    def some_words_show(self, text: str) -> None:
        utterance = self.shell.machine.state.utterance
        tail = text if self.shell.kept else None
        self.shell.send(ev.TranscriptPartial(utterance.number, f"Before. {text}", tail))

    @precondition(lambda self: self.shell.attached)
    @rule(sound=st.sampled_from(ev.Sound))
    def the_sound_changes(self, sound: ev.Sound) -> None:
        self.shell.send(ev.SoundChanged(sound))

    @precondition(lambda self: self.shell.attached and not self.shell.voice)
    @rule(goes_on=st.booleans())
    def no_prompt_is_answered(self, goes_on: bool) -> None:
        for _ in range(RULES.idle_prompts_max + 2):
            if self.shell.over or not self.shell.attached:
                return
            if made := self.being_made():
                self.shell.voice_sentence(made[-1])
                self.shell.complete(made[-1])
            if played := [v for v in self.being_played() if v.stage is Stage.RELEASED]:
                self.shell.play_to_end(played[-1])
            self.shell.advance(RULES.idle_next_ms)
        if goes_on:
            self.shell.send(ev.ContinueRequested())

    @precondition(lambda self: any(not voice.voiced for voice in self.being_made()))
    @rule()
    def a_filler_is_voiced(self) -> None:
        voice = next(voice for voice in self.being_made() if not voice.voiced)
        self.shell.voice_sentence(voice, filler=True)

    @rule(text=st.sampled_from(["yes", "I was there for 2 years."]), rarely=st.integers(0, 2))
    def an_answer_is_typed(self, text: str, rarely: int) -> None:
        if rarely == 2:
            self.shell.type(text)

    @rule(rarely=st.integers(0, 2))
    def a_button_is_pressed(self, rarely: int) -> None:
        if rarely == 2:
            self.shell.end_answer()

    @rule(rarely=st.integers(0, 2))
    def silence_is_asked_for(self, rarely: int) -> None:
        if rarely == 2:
            self.shell.send(ev.StopSpeakingRequested())

    @precondition(lambda self: self.being_made())
    @rule()
    def a_sentence_is_voiced(self) -> None:
        self.shell.voice_sentence(self.being_made()[-1])

    @precondition(lambda self: self.being_made())
    @rule(failed=st.booleans(), closing=st.sampled_from([False, False, False, True]))
    def a_reply_is_complete(self, failed: bool, closing: bool) -> None:
        self.shell.complete(self.being_made()[-1], failed=failed, closing=closing)

    @precondition(lambda self: self.being_played())
    @rule()
    def playback_begins(self) -> None:
        voice = self.being_played()[-1]
        self.shell.send(ev.PlaybackStarted(voice.generation, self.shell.now))

    @precondition(lambda self: any(voice.complete for voice in self.being_played()))
    @rule(heard=st.sampled_from(["", "All of it.", "All of it."]))
    def playback_comes_to_its_end(self, heard: str) -> None:
        self.shell.play_to_end(self.being_played()[-1], heard)

    @precondition(lambda self: self.voices(Stage.STOPPING))
    @rule(heard=st.sampled_from(["", "All", "All of it.", "All of it and then some more."]))
    def playback_is_silent(self, heard: str) -> None:
        self.shell.play_to_end(self.voices(Stage.STOPPING)[0], heard)

    @precondition(lambda self: self.voices(Stage.GONE))
    @rule(which=st.integers(0, 10), kind=st.sampled_from([0, 1, 2, 3, 4]))
    def something_old_comes_late(self, which: int, kind: int) -> None:
        gone = self.voices(Stage.GONE)
        generation = gone[which % len(gone)].generation
        now = self.shell.now
        late = (
            ev.SentenceReady(generation, "Late."),
            ev.ReplyEnded(generation, closing=True),
            ev.ReplyFailed(generation),
            ev.PlaybackStarted(generation, now),
            ev.PlaybackEnded(generation, now, "Late.", "Late."),
        )
        self.shell.send(late[kind])

    def teardown(self) -> None:
        """From wherever it is, the interview comes to its end by itself."""
        if hasattr(self, "shell"):
            for _ in range(MANY_STEPS):
                if self.shell.over:
                    return
                self._go_on()
                self.shell.advance(500)
            raise AssertionError("the interview hangs")

    def _go_on(self) -> None:
        shell = self.shell
        if stopping := self.voices(Stage.STOPPING):
            shell.play_to_end(stopping[0], "All")
        elif shell.pending:
            shell.transcribe(-1, None)
        elif shell.voice:
            shell.turn_voice(0)
        elif shell.machine.state.holder in (FloorHolder.RECRUITER, FloorHolder.LOST):
            shell.send(ev.FloorReturned())
        elif shell.machine.state.holder is FloorHolder.PAUSED:
            shell.send(ev.Unpaused())
        elif self.being_made():
            shell.voice_sentence(self.being_made()[-1])
            shell.complete(self.being_made()[-1])
        elif played := [v for v in self.being_played() if v.stage is Stage.RELEASED]:
            shell.play_to_end(played[-1])
        elif shell.connected and not shell.attached:
            shell.disconnect()
        else:
            waits = shell.machine.state.holder is FloorHolder.WAITING
            shell.advance(RULES.pause_max_ms if waits else RULES.idle_next_ms)


TestHistories = Histories.TestCase
TestHistories.settings = settings(
    max_examples=200,
    stateful_step_count=60,
    deadline=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
