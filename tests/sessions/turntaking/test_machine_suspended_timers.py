"""While the interviewer does not lead the talk, limits and prompts are suspended."""

from dataclasses import replace

import pytest

from sessions.turntaking import commands as cmd
from sessions.turntaking import events as ev
from sessions.turntaking.causes import Cause, RequestCause
from sessions.turntaking.machine import TurnMachine
from sessions.turntaking.rules import Rules
from sessions.turntaking.transitions import CandidateState, FloorHolder
from tests.sessions.turntaking.script import RULES, asked, words

FLOWS = replace(RULES, answer_max_ms=20_000, answer_grace_ms=10_000)
HURRIES = replace(RULES, filler_ms=1_500, reply_wait_ms=5_000)


def led_by(cause: RequestCause, rules: Rules = RULES) -> TurnMachine:
    """Asked at 3 s; at 4 s the floor is a recruiter's, or the interview is paused: the
    announcement could not be voiced."""
    machine = asked(rules)
    machine.handle(ev.RequestMade(cause), 4_000)
    machine.handle(ev.ReplyFailed(2), 4_000)
    assert not machine.state.interviewer_leads
    return machine


def commanded(machine: TurnMachine, until: float) -> list[cmd.Command]:
    """Everything the timers bring up to then."""
    got: list[cmd.Command] = []
    while machine.deadline is not None and machine.deadline <= until:
        got += machine.expire(machine.deadline)
    return got


@pytest.mark.parametrize("sound", [ev.Sound.SILENT, ev.Sound.NOISE])
@pytest.mark.parametrize("cause", [Cause.PAUSE, Cause.TAKE_OVER])
def test_neither_a_dead_microphone_nor_noise_is_spoken_of(
    cause: RequestCause, sound: ev.Sound
) -> None:
    machine = led_by(cause)
    assert machine.handle(ev.SoundChanged(sound), 5_000) == []
    assert commanded(machine, 300_000) == []


def test_the_dead_microphone_is_spoken_of_when_the_interviewer_leads_again() -> None:
    machine = led_by(Cause.TAKE_OVER)
    machine.handle(ev.SoundChanged(ev.Sound.SILENT), 5_000)
    machine.handle(ev.FloorReturned(), 60_000)
    machine.handle(ev.SentenceReady(4, "Thank you."), 60_100)
    machine.handle(ev.ReplyEnded(4), 60_200)
    machine.handle(ev.PlaybackEnded(4, 61_000, "Thank you.", "Thank you."), 61_000)
    assert machine.deadline == 61_000 + RULES.no_sound_ms
    got = machine.expire(machine.deadline)
    assert isinstance(got[0], cmd.PrepareReply)
    assert got[0].cause == Cause.NO_SOUND


def test_an_answer_to_a_recruiter_may_last_as_long_as_it_likes() -> None:
    machine = led_by(Cause.TAKE_OVER, FLOWS)
    machine.handle(ev.SpeechStarted(5_000), 5_000)
    assert commanded(machine, 300_000) == []
    assert machine.candidate is CandidateState.SPEAKING


def test_the_limit_of_an_answer_begins_anew_when_the_floor_comes_back_in_it() -> None:
    machine = led_by(Cause.TAKE_OVER, FLOWS)
    machine.handle(ev.SpeechStarted(5_000), 5_000)
    assert machine.handle(ev.FloorReturned(), 200_000) == [
        cmd.MoveFloor(FloorHolder.INTERVIEWER, 3)
    ]
    machine.handle(ev.TranscriptPartial(1, "So we went on"), 201_000)
    assert commanded(machine, 229_999) == []
    assert commanded(machine, 230_000) == [cmd.FinishTranscript(1, 2)]


def test_noise_under_a_recruiter_is_dropped_and_ends_nothing() -> None:
    machine = led_by(Cause.TAKE_OVER)
    for n in range(20):
        at = 5_000.0 + n * 2_000
        machine.handle(ev.SpeechStarted(at), at)
        machine.handle(ev.SpeechStopped(at + 1_000), at + 1_000)
        got = commanded(machine, at + 1_100)
        asked_for = next(c for c in got if isinstance(c, cmd.FinishTranscript))
        got = machine.handle(words(asked_for.utterance, asked_for.attempt, ""), at + 1_150)
        assert got == [cmd.DropUtterance(asked_for.utterance)]
    assert not machine.state.ending.reason
    assert machine.state.noise.idle_level == 0


def test_noise_does_not_put_off_what_a_recruiter_requests() -> None:
    rules = replace(RULES, wordless_ms=2_000, wordless_grace_ms=1_000, idle_prompts_max=0)
    machine = asked(rules)
    machine.handle(ev.SpeechStarted(5_000), 5_000)
    machine.handle(ev.RequestMade(Cause.TAKE_OVER), 5_500)
    got = commanded(machine, 8_000)
    released = [c for c in got if isinstance(c, cmd.PrepareReply)]
    assert [c.cause for c in released] == [Cause.TAKE_OVER]
    assert not machine.state.ending.reason


def test_an_announcement_is_not_begun_with_a_word_that_bridges_the_wait() -> None:
    machine = asked(HURRIES)
    machine.handle(ev.RequestMade(Cause.PAUSE), 4_000)
    got = commanded(machine, 9_000)
    assert not any(isinstance(c, cmd.SayFiller) for c in got)
    assert got[-1] == cmd.MoveFloor(FloorHolder.PAUSED, 2)


def test_a_word_that_bridges_the_wait_does_not_fulfil_a_request() -> None:
    machine = asked()
    machine.handle(ev.RequestMade(Cause.SKIP), 4_000)
    machine.handle(ev.SentenceReady(2, "Let me see.", filler=True), 5_600)
    machine.handle(ev.ReplyFailed(2), 5_700)
    got = machine.handle(ev.PlaybackEnded(2, 6_500, "Let me see.", "Let me see."), 6_500)
    released = [c for c in got if isinstance(c, cmd.PrepareReply)]
    assert [c.cause for c in released] == [Cause.SKIP]


def test_a_reply_that_hurries_does_not_outlast_a_takeover() -> None:
    machine = asked(HURRIES)
    machine.handle(ev.RequestMade(Cause.TAKE_OVER), 4_000)
    commanded(machine, 9_000)
    assert machine.state.holder is FloorHolder.RECRUITER
    got = machine.handle(ev.FloorReturned(), 30_000)
    assert isinstance(got[1], cmd.PrepareReply)
    assert not got[1].urgent


def test_the_end_of_the_time_does_not_end_a_talk_with_a_recruiter() -> None:
    machine = asked(replace(RULES, time_limit_ms=8_000))
    machine.handle(ev.SpeechStarted(7_000), 7_000)
    machine.expire(8_000)
    machine.handle(ev.RequestMade(Cause.TAKE_OVER, force=True), 8_100)
    machine.handle(words(1, machine.state.utterance.attempt, "I build"), 8_200)
    machine.handle(ev.SpeechStopped(8_050), 8_250)
    machine.handle(ev.ReplyFailed(2), 8_300)
    assert machine.state.holder is FloorHolder.RECRUITER
    assert commanded(machine, 600_000) == []
    assert not machine.state.ending.reason
