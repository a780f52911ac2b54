"""A model of what surrounds the turn machine: it plays by the rules, and holds what must hold.

It keeps the promises of the real session (one transcript for each that was asked for, one
PlaybackEnded for each reply that was heard to its end or stopped, edges of speech that alternate),
in any order and with any delay, and checks every command against what went before.
"""

from dataclasses import dataclass, replace
from enum import Enum

from sessions.turntaking import commands as cmd
from sessions.turntaking import events as ev
from sessions.turntaking.causes import Cause
from sessions.turntaking.machine import TurnMachine
from sessions.turntaking.rules import Rules
from sessions.turntaking.state import TurnState
from sessions.turntaking.timers import Timer
from sessions.turntaking.transitions import (
    JOINT_STATES,
    CandidateState,
    FloorHolder,
    InterviewerState,
)
from sessions.turntaking.turns import Speaker

RULES = Rules(
    idle_first_ms=9_000,
    idle_next_ms=12_000,
    idle_last_ms=12_000,
    idle_prompts_max=2,
    time_limit_ms=60_000,
    leg_grace_ms=5_000,
)


class Stage(Enum):
    """Where a reply is."""

    DRAFT = "draft"
    RELEASED = "released"
    HELD = "held"
    STOPPING = "stopping"
    GONE = "gone"


ALIVE = (Stage.RELEASED, Stage.HELD, Stage.STOPPING)


@dataclass
class Voice:
    """A reply as the shell has it."""

    generation: int
    said: str | None  # the words it was prepared on, of a draft
    stage: Stage = Stage.DRAFT
    voiced: bool = False
    complete: bool = False
    taken_back: bool = False


ONLY_THE_END = "And this is only the end of it."

Asked = tuple[int, int]
"""Utterance and attempt."""


class Shell:
    """Drives one machine."""

    def __init__(self, rules: Rules, *, next_index: int = 0) -> None:
        self.rules = rules
        self.machine = TurnMachine(rules, next_index=next_index)
        self.now = 0.0
        self.connected = False
        self.attached = False
        self.begun = False  # the candidate, some time
        self.voice = False
        self.over = False
        self.voices: dict[int, Voice] = {}
        self.pending: list[Asked] = []
        self.kept = False  # what is said now is told apart from the closed turn
        self._kept_asks: set[Asked] = set()
        self._revisions: dict[int, int] = {}  # of the candidate's turns, by index
        self._answer: cmd.CheckpointTurn | None = None  # the candidate's last turn
        self._reopened = False
        self._taken_back = False
        self._asked: dict[Asked, int] = {}
        self._onsets = 0
        self._utterance = 0
        self._edge_ms = 0.0
        self._next_index = next_index
        self._unrecorded: str | None = None  # words that are known and final
        self._held_since: float | None = None
        self._lost = False  # the words of the newest pause: what was known before stands
        self._typed: list[str] = []  # written, and not on record yet

    # --- what happens ----------------------------------------------------------------------------

    def send(self, event: ev.Event) -> None:
        """Tell the machine, and carry out what it commands."""
        self._note(event)
        self._carry_out(self.machine.handle(event, self.now), event)

    def advance(self, ms: float, *, punctual: bool = True) -> None:
        """Time passes; a late alarm lets events come before what was due."""
        until = self.now + ms
        while punctual and not self.over:
            due = self.machine.deadline
            if due is None or due > until:
                break
            self.now = max(self.now, due)
            self._lost |= self._gives_words_up()
            self._carry_out(self.machine.expire(self.now), None)
        self.now = until

    def connect(self) -> None:
        self.connected = True
        self.send(ev.LegConnected())

    def attach(self) -> None:
        self.attached, self.begun, self.voice = True, True, False
        self.send(ev.LegAttached())

    def disconnect(self) -> None:
        self.connected, self.attached, self.voice = False, False, False
        self.send(ev.LegDisconnected())

    def turn_voice(self, lag_ms: float, *, doubtful: bool = False) -> None:
        """The other edge of speech, noticed `lag_ms` late. `doubtful`: its end says it was none."""
        self._edge_ms = max(self._edge_ms, self.now - lag_ms)
        self.voice = not self.voice
        at_ms = self._edge_ms
        self.send(
            ev.SpeechStarted(at_ms) if self.voice else ev.SpeechStopped(at_ms, doubtful=doubtful)
        )

    def judge(self, finished: float, attempts_ago: int) -> None:
        """How finished the present pause sounds, or one before."""
        utterance = self.machine.state.utterance
        attempt = utterance.attempt - attempts_ago
        self.send(ev.EndOfTurnScored(utterance.number, attempt, finished))

    def transcribe(self, which: int, text: str | None) -> None:
        """One of the awaited transcripts comes: `text`, or words that tell what asked for them."""
        asked = self.pending.pop(which % len(self.pending))
        said = words_of(asked) if text is None else text
        if asked not in self._kept_asks:
            if said and not self.over:  # what is understood is shown first
                self.send(ev.TranscriptPartial(asked[0], said))
            self.send(ev.TranscriptFinal(*asked, said, 0.5))
        elif self.kept:
            self.send(ev.TranscriptFinal(*asked, f"Before. {said}", 0.5, tail=said))
        else:  # the turn was reopened or settled meanwhile
            self.send(ev.TranscriptFinal(*asked, ONLY_THE_END, 0.5))

    def type(self, text: str) -> None:
        """The candidate writes."""
        if self.attached and not self.machine.state.ending.reason:
            self._typed.append(text)
        self.send(ev.AnswerTyped(text))

    def end_answer(self) -> None:
        """The answer is ended by hand, at whose moment a voice counts as having ceased."""
        if self.voice:
            self.turn_voice(0)
        self.send(ev.AnswerSubmitted())

    def voice_sentence(self, voice: Voice, *, filler: bool = False) -> None:
        voice.voiced = True
        self.send(ev.SentenceReady(voice.generation, "A sentence.", filler))

    def complete(self, voice: Voice, *, failed: bool = False, closing: bool = False) -> None:
        voice.complete = True
        if failed:
            self.send(ev.ReplyFailed(voice.generation))
        else:
            self.send(ev.ReplyEnded(voice.generation, closing=closing))

    def play_to_end(self, voice: Voice, heard: str = "All of it.") -> None:
        self.send(ev.PlaybackEnded(voice.generation, self.now, "All of it.", heard))

    def where(self, *stages: Stage) -> list[Voice]:
        return [voice for voice in self.voices.values() if voice.stage in stages]

    # --- what must hold --------------------------------------------------------------------------

    def _note(self, event: ev.Event) -> None:
        state = self.machine.state
        unheard = state.ending.reason is not None or state.ignores_speech
        if isinstance(event, ev.SpeechStarted) and not unheard:
            self._onsets += not self._insisted(state)
            if not self._insisted(state):
                self._unrecorded = None  # the next words will hold these as well
                self._lost = False
        self._lost |= self._gives_words_up() or isinstance(event, ev.TranscriptFailed)
        self._lost |= isinstance(event, ev.TranscriptFinal) and not event.new_words.strip()
        if isinstance(event, ev.TranscriptFinal):
            asked = event.utterance, event.attempt
            in_time = state.candidate in (
                CandidateState.PAUSING,
                CandidateState.AWAITING_TRANSCRIPT,
            )
            told = event.new_words == words_of(asked)
            if in_time and told and self._asked[asked] == self._onsets:
                self._unrecorded = event.text

    def _note_put_off_words(self, event: ev.Event | None) -> None:
        """What was said over an announcement is heard now, as if it had begun just now."""
        number = self.machine.utterance
        if number > self._utterance and not isinstance(event, ev.SpeechStarted | ev.AnswerTyped):
            self._onsets += 1
            self._unrecorded, self._lost = None, False
        self._utterance = number

    def _gives_words_up(self) -> bool:
        """Whether the machine waits no longer for the words that it has asked for."""
        due = self.machine.timers.due(Timer.TRANSCRIPT)
        return due is not None and due <= self.now

    def _insisted(self, state: TurnState) -> bool:
        """Whether the machine closes an answer that ran on, whatever is heard."""
        overrun = state.clock.over and not self.machine.timers.armed(Timer.TIME_LIMIT)
        closing = state.interviewer_leads and (state.utterance.too_long or overrun)
        return state.candidate is CandidateState.AWAITING_TRANSCRIPT and closing

    def _carry_out(self, commands: list[cmd.Command], event: ev.Event | None) -> None:
        assert not (self.over and commands)
        self._taken_back = False
        ended = self.voices[event.generation] if isinstance(event, ev.PlaybackEnded) else None
        was_alive = ended is not None and ended.stage in ALIVE
        if ended is not None:
            ended.stage = Stage.GONE
        for number, command in enumerate(commands):
            assert not self.over, f"{command} after the end"
            if isinstance(command, cmd.FinishTranscript):
                self._note_put_off_words(event)  # a turn recorded before it is of the words before
            if isinstance(command, cmd.ReleaseReply):
                self._release(command, commands[:number])
            elif isinstance(command, cmd.CheckpointTurn):
                self._record(command, event)
            elif isinstance(command, cmd.EndSession | cmd.SuspendSession):
                self._end()
            else:
                self._do(command)
        self._note_put_off_words(event)
        if isinstance(event, ev.PlaybackEnded):
            recorded = [c for c in commands if isinstance(c, cmd.CheckpointTurn) and c.generation]
            words = len(event.heard_text.split())
            needed = self.rules.understandable_words if ended and ended.taken_back else 1
            assert len(recorded) == (was_alive and words >= needed)
        self._hold_what_always_holds()

    def _do(self, command: cmd.Command) -> None:
        match command:
            case cmd.FinishTranscript(utterance, attempt):
                assert (utterance, attempt) not in self._asked
                self._asked[utterance, attempt] = self._onsets
                self.pending.append((utterance, attempt))
                if self.kept:
                    self._kept_asks.add((utterance, attempt))
            case cmd.KeepUtterance():
                assert self.rules.take_back_ms > 0
                self.kept = True
            case cmd.DropUtterance():
                self.kept = False
            case cmd.ReopenTurn(index):
                assert self.kept
                assert self._answer is not None
                assert self._answer.index == index
                assert self.machine.candidate is not CandidateState.QUIET, "nobody went on"
                self.kept, self._reopened, self._taken_back = False, True, True
            case cmd.AmendTurn():
                self._amend(command)
            case cmd.PrepareReply(generation):
                assert generation == len(self.voices) + 1
                assert Cause(command.cause)
                assert not self.where(Stage.DRAFT, Stage.STOPPING)
                said = None if command.recorded else command.said
                self.voices[generation] = Voice(generation, said)
            case cmd.SayFiller(generation):
                assert self.voices[generation].stage is Stage.RELEASED
                assert not self.voices[generation].voiced
            case cmd.MoveFloor(state, generation) if state is FloorHolder.RECRUITER:
                assert generation == len(self.voices) + 1
                self.voices[generation] = Voice(generation, None, Stage.GONE)
            case cmd.CancelReply(generation):
                voice = self.voices[generation]
                unheard = voice.stage is Stage.RELEASED and not voice.voiced
                assert unheard or voice.stage is Stage.DRAFT
                voice.stage = Stage.GONE
            case cmd.HoldPlayback(generation):
                self._move(generation, (Stage.RELEASED,), Stage.HELD)
            case cmd.ResumePlayback(generation):
                self._move(generation, (Stage.HELD,), Stage.RELEASED)
            case cmd.StopPlayback(generation):
                self._move(generation, (Stage.RELEASED, Stage.HELD), Stage.STOPPING)
                self.voices[generation].taken_back = self._taken_back

    def _move(self, generation: int, from_stages: tuple[Stage, ...], to_stage: Stage) -> None:
        voice = self.voices[generation]
        assert voice.voiced
        assert voice.stage in from_stages
        voice.stage = to_stage

    def _release(self, command: cmd.ReleaseReply, before: list[cmd.Command]) -> None:
        voice = self.voices[command.generation]
        assert voice.stage is Stage.DRAFT
        assert self.attached
        if voice.said is not None:
            turn = next(c for c in reversed(before) if isinstance(c, cmd.CheckpointTurn))
            assert (turn.speaker, turn.text) == (Speaker.CANDIDATE, voice.said)
        voice.stage = Stage.RELEASED
        assert len(self.where(*ALIVE)) == 1

    def _record(self, turn: cmd.CheckpointTurn, event: ev.Event | None) -> None:
        if turn.revision == 0:
            assert turn.index == self._next_index
            self._next_index += 1
        assert turn.started_ms <= turn.ended_ms <= self.now
        if turn.generation is not None:
            assert isinstance(event, ev.PlaybackEnded)
            assert turn.generation == event.generation
            assert turn.heard_text == event.heard_text
            return
        if turn.speaker is Speaker.RECRUITER:
            assert isinstance(event, ev.RecruiterSaid)
            return
        assert not self.where(Stage.STOPPING), "the interrupted turn goes on record first"
        written, self._typed = " ".join(self._typed), []
        assert turn.text.endswith(written)
        spoken = turn.text.removesuffix(written).strip()
        assert spoken != ONLY_THE_END
        before, self._answer = self._answer, turn
        self._revisions[turn.index] = turn.revision
        assert bool(turn.revision) == self._reopened
        if self._reopened:
            assert before is not None
            assert (turn.index, turn.revision) == (before.index, before.revision + 1)
            assert turn.started_ms == before.started_ms
            self._reopened = False
        else:
            asked = [key for key in self._asked if words_of(key) == spoken]
            fresh = all(self._asked[key] == self._onsets for key in asked)
            assert fresh or self._lost, "of an older pause"
        self._unrecorded = None

    def _amend(self, command: cmd.AmendTurn) -> None:
        """Words that came late complete a turn on record, which nobody is going on with."""
        assert command.revision == self._revisions[command.index] + 1
        assert command.text
        self._revisions[command.index] = command.revision
        if self._answer is not None and self._answer.index == command.index:
            assert not self._reopened
            self._answer = replace(self._answer, revision=command.revision)

    def _end(self) -> None:
        self.over = True
        assert self._unrecorded is None
        assert not self._typed, "written words are lost"
        assert not self._reopened, "a turn is open for ever"
        assert not self.machine.owes_words, "words over an announcement are lost"
        assert self.machine.candidate is CandidateState.QUIET
        assert self.machine.interviewer is InterviewerState.IDLE
        assert self.machine.state.replies.stopping is None

    def _hold_what_always_holds(self) -> None:
        machine, state = self.machine, self.machine.state
        joint = machine.candidate, machine.interviewer
        assert joint in JOINT_STATES
        if self.over:
            assert machine.deadline is None
            return
        deadline = machine.deadline
        taken = state.holder is FloorHolder.RECRUITER
        waits = taken or bool(self.where(Stage.STOPPING)) or (self.connected and not self.begun)
        assert deadline is not None or waits, "nothing will ever happen"
        nobody = machine.timers.armed(Timer.LEG_GRACE) or state.ending.leaving
        assert nobody or self.connected, "a session that nobody comes back to is kept for ever"
        assert not (machine.timers.armed(Timer.LEG_GRACE) and self.connected), "somebody is there"
        if taken or state.holder in (FloorHolder.LOST, FloorHolder.PAUSED, FloorHolder.WAITING):
            assert machine.interviewer is InterviewerState.IDLE
        still = state.holder in (FloorHolder.PAUSED, FloorHolder.WAITING)
        if still or not self.begun:
            assert machine.time_left_ms(self.now) == machine.time_left_ms(self.now + 1_000)
        quiet = joint == (CandidateState.QUIET, InterviewerState.IDLE)
        if quiet and state.may_speak and not self.where(Stage.STOPPING):
            assert deadline is not None
            idle_ms = max(self.rules.idle_first_ms, self.rules.idle_next_ms)
            waits_ms = self.rules.pause_max_ms if state.holder is FloorHolder.WAITING else idle_ms
            assert deadline <= self.now + waits_ms
        held = machine.interviewer is InterviewerState.HELD
        self._held_since = (self._held_since or self.now) if held else None
        if self._held_since is not None:
            assert deadline is not None
            assert deadline <= self._held_since + self.rules.hold_max_ms


def words_of(asked: Asked) -> str:
    """Words that nobody else says."""
    return f"What utterance {asked[0]} was at attempt {asked[1]}."
