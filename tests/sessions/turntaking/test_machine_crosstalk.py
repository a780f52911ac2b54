"""Conversations: voices that never cease and are somebody else's, as a television's."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from sessions.turntaking import commands as cmd
from sessions.turntaking import events as ev
from sessions.turntaking.causes import Cause
from sessions.turntaking.machine import TurnMachine
from sessions.turntaking.timers import Timer
from tests.sessions.turntaking.script import (
    HELLO,
    OPENING,
    RULES,
    asked,
    candidate_turn,
    fresh,
    play,
    prepare,
)

TALKED_OVER = replace(RULES, crosstalk_ms=12_000, voices_ms=45_000)
WEATHER = "And now the weather."
TOLD = "I hear other voices."


def said(machine: TurnMachine, utterance: int, text: str = WEATHER) -> ev.TranscriptFinal:
    return ev.TranscriptFinal(utterance, machine.state.utterance.attempt, text, 0.9)


def over_the_greeting() -> TurnMachine:
    """A machine whose greeting was cut after a word, by a voice since 600 ms."""
    machine = play(fresh(TALKED_OVER), list(OPENING[:3]))
    machine.handle(ev.SpeechStarted(600), 700)
    machine.handle(ev.TranscriptPartial(1, "And now to the weather in"), 1_400)
    machine.handle(ev.PlaybackEnded(1, 1_450, HELLO, "Hello."), 1_450)
    return machine


def test_who_talks_on_over_the_greeting_is_told_of_other_voices_and_not_waited_for() -> None:
    machine = over_the_greeting()
    assert machine.deadline == 12_600
    assert machine.expire(12_600) == [cmd.FinishTranscript(1, machine.state.utterance.attempt)]
    assert machine.handle(said(machine, 1), 12_700) == [
        candidate_turn(1, WEATHER, 600, 12_600),
        cmd.DropUtterance(1),
        prepare(2, Cause.VOICES),
        cmd.ReleaseReply(2),
    ]


def told() -> TurnMachine:
    """As above, and the interviewer speaks of it since 13200 ms."""
    machine = over_the_greeting()
    machine.expire(12_600)
    machine.handle(said(machine, 1), 12_700)
    machine.handle(ev.SentenceReady(2, TOLD), 13_000)
    machine.handle(ev.ReplyEnded(2), 13_100)
    machine.handle(ev.PlaybackStarted(2, 13_200), 13_200)
    return machine


def test_what_is_told_then_is_heard_out_whatever_goes_on() -> None:
    machine = told()
    machine.handle(ev.SpeechStopped(13_300), 13_400)
    assert machine.handle(ev.SpeechStarted(13_500), 13_600) == []
    assert machine.handle(ev.SpeechStopped(14_500), 14_600) == []
    machine.handle(ev.PlaybackEnded(2, 15_000, TOLD, TOLD), 15_000)
    assert machine.deadline == 15_000 + RULES.idle_first_ms


def test_if_they_go_on_nobody_is_left_for_a_minute_without_a_word() -> None:
    machine = told()
    machine.handle(ev.PlaybackEnded(2, 15_000, TOLD, TOLD), 15_000)
    machine.handle(ev.SpeechStopped(15_200), 15_300)
    machine.handle(ev.SpeechStarted(15_500), 15_600)
    machine.expire(60_500)
    got = machine.expire(60_500 + RULES.answer_grace_ms)
    assert got == [cmd.FinishTranscript(2, machine.state.utterance.attempt)]
    got = machine.handle(said(machine, 2), 70_600)
    assert got[-2:] == [prepare(3, Cause.VOICES), cmd.ReleaseReply(3)]
    assert 70_600 - 15_000 < 60_000


def test_once_a_reply_is_heard_out_that_nobody_speaks_over_the_candidate_may_interrupt_again() -> (
    None
):
    machine = told()
    machine.handle(ev.SpeechStopped(13_300), 13_400)
    machine.handle(ev.PlaybackEnded(2, 15_000, TOLD, TOLD), 15_000)
    assert machine.state.noise.voices == 1, "it went on into the reply"
    machine.handle(ev.SpeechStarted(16_000), 16_100)
    machine.handle(ev.SpeechStopped(20_000), 20_100)
    machine.handle(said(machine, 2, "I build bridges."), 20_200)
    machine.expire(20_700)
    machine.handle(ev.SentenceReady(3, HELLO), 21_000)
    machine.handle(ev.ReplyEnded(3), 21_100)
    machine.handle(ev.PlaybackEnded(3, 24_000, HELLO, HELLO), 24_000)
    assert machine.state.noise.voices == 0
    machine.handle(ev.SpeechStarted(26_000), 26_100)
    assert machine.timers.due(Timer.ANSWER_LIMIT) == 26_000 + RULES.answer_max_ms


def test_who_says_a_sentence_over_the_greeting_is_heard_as_ever() -> None:
    machine = over_the_greeting()
    machine.handle(ev.SpeechStopped(4_000), 4_100)
    machine.handle(said(machine, 1, "Hello, can you hear me?"), 4_200)
    got = machine.expire(4_700)
    assert got[-1] == cmd.ReleaseReply(2)
    machine.handle(ev.SentenceReady(2, HELLO), 5_000)
    machine.handle(ev.ReplyEnded(2), 5_100)
    machine.handle(ev.PlaybackStarted(2, 5_100), 5_100)
    machine.handle(ev.PlaybackEnded(2, 9_000, HELLO, HELLO), 9_000)
    assert machine.deadline == 9_000 + RULES.idle_first_ms, "it was heard out"


def test_voices_that_pause_and_cut_every_reply_are_told_of_as_well() -> None:
    machine = over_the_greeting()
    now, generation = 1_450.0, 1
    causes: list[Cause] = []
    while now < 20_000 and Cause.VOICES not in causes:
        machine.handle(ev.SpeechStopped(now + 1_000), now + 1_100)
        got = list(machine.handle(said(machine, machine.utterance), now + 1_200))
        while machine.deadline is not None and machine.deadline <= now + 2_000:
            got += machine.expire(machine.deadline)
        causes += prepared(got)
        generation = machine.state.replies.generation
        machine.handle(ev.SentenceReady(generation, HELLO), now + 2_100)
        machine.handle(ev.PlaybackStarted(generation, now + 2_100), now + 2_100)
        if machine.state.noise.voices:
            return
        machine.handle(ev.SpeechStarted(now + 2_200), now + 2_300)
        machine.handle(ev.TranscriptPartial(machine.utterance, WEATHER), now + 2_900)
        got = machine.handle(
            ev.PlaybackEnded(generation, now + 3_000, HELLO, "Hello."), now + 3_000
        )
        causes += prepared(got)
        now += 3_000
    assert Cause.VOICES in causes
    assert now < 16_000


def prepared(commands: Sequence[cmd.Command]) -> list[Cause]:
    return [c.cause for c in commands if isinstance(c, cmd.PrepareReply)]


@pytest.mark.parametrize("spoken_ms", [20_000, 60_000, 120_000])
def test_who_answers_a_question_at_length_is_never_taken_for_a_television(spoken_ms: float) -> None:
    machine = asked(TALKED_OVER)
    machine.handle(ev.SpeechStarted(5_000), 5_100)
    due = machine.deadline
    assert due is not None
    assert due >= 5_000 + min(spoken_ms, RULES.wordless_ms)
    assert machine.state.noise.voices == 0


def test_a_voice_from_before_the_greeting_is_told_of_with_it() -> None:
    machine = play(fresh(TALKED_OVER), list(OPENING[:1]))
    assert machine.handle(ev.SpeechStarted(100), 200) == [cmd.CancelReply(1)]
    machine.expire(12_100)
    got = machine.handle(said(machine, 1), 12_200)
    assert prepared(got) == [Cause.VOICES]


def test_what_has_no_words_is_noise_and_no_voice() -> None:
    machine = over_the_greeting()
    machine.state.utterance.known_words = None
    machine.expire(12_600)
    assert prepared(machine.handle(said(machine, 1, ""), 12_700)) == [Cause.NOISE]
