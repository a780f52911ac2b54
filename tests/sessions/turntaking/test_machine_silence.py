"""Conversations: prompts that nobody answers, and a candidate who is waited for."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from sessions.turntaking import commands as cmd
from sessions.turntaking import events as ev
from sessions.turntaking.causes import Cause, SuspendReason
from sessions.turntaking.machine import TurnMachine
from sessions.turntaking.rules import Rules
from sessions.turntaking.transitions import FloorHolder
from tests.sessions.turntaking.script import (
    RULES,
    Row,
    asked,
    candidate_turn,
    interviewer_turn,
    play,
    prepare,
    words,
)

LEFT_MS = RULES.time_limit_ms - 42_000.0
"""What is left of the time once the clock stands still."""


def prompt(now: float, generation: int, cause: Cause = Cause.IDLE) -> list[Row]:
    """A prompt that is due at `now`, and is heard to its end 2 s later."""
    level, index, text = generation - 1, generation - 1, "Take your time."
    made: list[cmd.Command] = [
        prepare(generation, cause, idle_level=level),
        cmd.ReleaseReply(generation),
    ]
    return [
        (now, None, made, "quiet/thinking"),
        (now + 200, ev.SentenceReady(generation, text), [], "quiet/speaking"),
        (now + 300, ev.PlaybackStarted(generation, now + 300), [], "quiet/speaking"),
        (now + 400, ev.ReplyEnded(generation), [], "quiet/speaking"),
        (
            now + 2_000,
            ev.PlaybackEnded(generation, now + 2_000, text, text),
            [interviewer_turn(index, generation, text, now + 300, now + 2_000)],
            "quiet/idle",
        ),
    ]


TWO_PROMPTS = replace(RULES, idle_prompts_max=2)


def waited_for(rules: Rules = TWO_PROMPTS) -> TurnMachine:
    """A machine that has prompted twice in vain, has said so, and waits since 42000 ms."""
    *rest, (now, event, commands, states) = prompt(40_000, 4, Cause.AWAY)
    moved = cmd.MoveFloor(FloorHolder.WAITING, 4)
    return play(
        asked(rules),
        [
            *prompt(12_000, 2),
            *prompt(26_000, 3),
            *rest,
            (now, event, [*commands, moved], states),
        ],
    )


GOES_ON = cmd.MoveFloor(FloorHolder.INTERVIEWER, 4)


def test_after_two_prompts_the_clock_stands_still_and_nothing_more_is_said() -> None:
    machine = waited_for()
    assert machine.time_left_ms(42_000) == machine.time_left_ms(900_000) == LEFT_MS
    assert machine.deadline == 42_000 + RULES.pause_max_ms


def test_the_defaults_reassure_after_20_s_and_after_a_minute_and_stop_the_clock_after_two() -> None:
    rules = Rules()
    assert (rules.idle_first_ms, rules.idle_prompts_max) == (20_000, 2)
    assert rules.idle_first_ms + rules.idle_next_ms == 60_000
    assert rules.idle_first_ms + rules.idle_next_ms + rules.idle_last_ms == 120_000


def test_accommodation_multiplies_each_wait() -> None:
    machine = asked(replace(RULES, accommodation=2.0))
    assert machine.deadline == 3_000 + 2 * RULES.idle_first_ms


def test_who_speaks_goes_on_at_the_same_question_and_the_clock_with_them() -> None:
    machine = waited_for()
    machine.handle(ev.SpeechStarted(100_000), 100_100)
    machine.handle(ev.SpeechStopped(101_000), 101_160)
    machine.handle(words(1, 2, "I build bridges."), 101_300)
    assert machine.holder is FloorHolder.WAITING, "perhaps it was not meant for us"
    assert machine.expire(101_700) == [
        candidate_turn(4, "I build bridges.", 100_000, 101_000),
        cmd.DropUtterance(1),
        replace(GOES_ON, generation=5),
        cmd.ReleaseReply(5),
    ]
    assert machine.time_left_ms(101_700) == LEFT_MS
    assert machine.time_left_ms(111_700) == LEFT_MS - 10_000


def test_who_presses_continue_hears_the_question_again() -> None:
    machine = waited_for()
    made: list[cmd.Command] = [GOES_ON, prepare(5, Cause.UNPAUSE), cmd.ReleaseReply(5)]
    play(machine, [(300_000, ev.ContinueRequested(), made, "quiet/thinking")])
    assert machine.state.noise.idle_level == 0, "the prompts begin anew"
    assert machine.time_left_ms(300_000) == LEFT_MS


def test_who_presses_continue_while_speaking_is_heard_out() -> None:
    machine = waited_for()
    machine.handle(ev.SpeechStarted(100_000), 100_100)
    play(machine, [(100_500, ev.ContinueRequested(), [GOES_ON], "speaking/idle")])


def test_continue_means_nothing_while_the_interview_goes_on() -> None:
    play(asked(), [(4_000, ev.ContinueRequested(), [], "quiet/idle")])


def test_sounds_without_words_end_no_wait_and_are_not_remarked_on() -> None:
    machine = waited_for()
    for number in range(1, 6):
        at = 50_000.0 * (number + 1)
        machine.handle(ev.SpeechStarted(at), at + 100)
        machine.handle(ev.SpeechStopped(at + 1_000), at + 1_160)
        asked_for = ev.TranscriptFinal(number, machine.state.utterance.attempt, "")
        assert machine.handle(asked_for, at + 1_300) == [cmd.DropUtterance(number)]
    assert machine.holder is FloorHolder.WAITING
    assert machine.deadline == 42_000 + RULES.pause_max_ms


def test_a_voice_that_cannot_be_understood_is_somebody() -> None:
    machine = waited_for()
    machine.handle(ev.SpeechStarted(100_000), 100_100)
    machine.handle(ev.SpeechStopped(101_000), 101_160)
    got = machine.handle(ev.TranscriptFailed(1, 2), 101_300)
    assert got == [
        cmd.DropUtterance(1), GOES_ON, prepare(5, Cause.UNHEARD), cmd.ReleaseReply(5),
    ]  # fmt: skip


def typed(machine: TurnMachine) -> list[cmd.Command]:
    return machine.handle(ev.AnswerTyped("I build bridges."), 100_000)


def returned(machine: TurnMachine) -> list[cmd.Command]:
    machine.handle(ev.LegDisconnected(), 90_000)
    machine.handle(ev.LegConnected(), 95_000)
    return machine.handle(ev.LegAttached(), 100_000)


def asked_to_skip(machine: TurnMachine) -> list[cmd.Command]:
    return machine.handle(ev.RequestMade(Cause.SKIP), 100_000)


def asked_to_end(machine: TurnMachine) -> list[cmd.Command]:
    return machine.handle(ev.EndRequestedByRecruiter(), 100_000)


def asked_to_pass(machine: TurnMachine) -> list[cmd.Command]:
    return machine.handle(ev.RequestMade(Cause.TAKE_OVER), 100_000)


def asked_to_pause(machine: TurnMachine) -> list[cmd.Command]:
    return machine.handle(ev.RequestMade(Cause.PAUSE), 100_000)


@pytest.mark.parametrize(
    ("happens", "cause"),
    [
        (typed, Cause.ANSWER),
        (returned, Cause.RESUME),
        (asked_to_skip, Cause.SKIP),
        (asked_to_end, Cause.END),
        (asked_to_pass, Cause.TAKE_OVER),
        (asked_to_pause, Cause.PAUSE),
    ],
)
def test_whatever_is_to_be_said_next_ends_the_wait(
    happens: Callable[[TurnMachine], list[cmd.Command]], cause: Cause
) -> None:
    machine = waited_for()
    got = happens(machine)
    assert GOES_ON in got
    assert prepare(5, cause) in got
    assert machine.time_left_ms(100_000) == LEFT_MS
    assert machine.time_left_ms(101_000) == LEFT_MS - 1_000, "the clock runs again"


def test_who_does_not_come_back_finds_the_interview_where_it_was() -> None:
    machine = waited_for()
    due = 42_000 + RULES.pause_max_ms
    assert machine.expire(due) == [cmd.SuspendSession(SuspendReason.AWAY)]
    assert machine.deadline is None


def test_an_answer_over_the_last_word_of_it_is_taken() -> None:
    machine = play(asked(TWO_PROMPTS), [*prompt(12_000, 2), *prompt(26_000, 3)])
    play(machine, prompt(40_000, 4, Cause.AWAY)[:-1])
    machine.handle(ev.SpeechStarted(41_000), 41_100)
    machine.handle(ev.TranscriptPartial(1, "Sorry, I am here"), 41_900)
    machine.handle(ev.PlaybackEnded(4, 42_000, "Take your time.", "Take your"), 42_000)
    assert machine.holder is FloorHolder.INTERVIEWER


def test_on_the_telephone_a_farewell_takes_the_place_of_waiting() -> None:
    machine = play(asked(TWO_PROMPTS), [*prompt(12_000, 2), *prompt(26_000, 3)])
    *rows, (now, event, commands, states) = prompt(40_000, 4, Cause.AWAY)
    rows[-1] = (*rows[-1][:1], ev.ReplyEnded(4, adjourning=True), *rows[-1][2:])
    adjourned = cmd.SuspendSession(SuspendReason.ADJOURNED)
    play(machine, [*rows, (now, event, [*commands, adjourned], states)])
