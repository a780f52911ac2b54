"""How finished an ending sounds changes the wait its words have set, within bounds."""

from dataclasses import replace

import pytest

from sessions.turntaking import commands as cmd
from sessions.turntaking import events as ev
from sessions.turntaking.endpointing.pause_rules import Patience, ProsodyRules, with_prosody
from sessions.turntaking.machine import TurnMachine
from tests.sessions.turntaking.script import RULES, asked, words

ROUND = ProsodyRules(
    finished_above=0.9,
    finished_factor=0.5,
    finished_least_ms=400,
    unfinished_below=0.2,
    unfinished_factor=2.0,
    unfinished_most_ms=3_000,
)


@pytest.mark.parametrize(
    ("wait_ms", "finished", "expected_ms"),
    [
        (1_000, None, 1_000),
        (1_000, 0.5, 1_000),
        (1_000, 0.9, 1_000),
        (1_000, 0.95, 500),
        (700, 0.95, 400),
        (300, 0.95, 300),
        (1_000, 0.2, 1_000),
        (1_000, 0.1, 2_000),
        (2_000, 0.1, 3_000),
        (8_000, 0.1, 8_000),
    ],
    ids=[
        "no model, no change",
        "neither way",
        "not quite sure",
        "finished",
        "never shorter than a gap inside a phrase",
        "what is shorter already stays so",
        "not quite sure of the opposite",
        "unfinished",
        "never longer than after half a sentence",
        "what is longer already stays so",
    ],
)
def test_the_wait_changes_within_bounds(
    wait_ms: float, finished: float | None, expected_ms: float
) -> None:
    assert with_prosody(Patience(wait_ms, "story"), finished, ROUND) == Patience(
        expected_ms, "story"
    )


def pausing() -> TurnMachine:
    """An answer from 5000 to 6000 ms whose words are known: 700 ms of patience."""
    machine = asked(replace(RULES, prosody=ROUND))
    machine.handle(ev.SpeechStarted(5_000), 5_100)
    machine.handle(ev.SpeechStopped(6_000), 6_150)
    machine.handle(words(1, 2, "I build bridges."), 6_200)
    assert machine.deadline == 6_700
    return machine


def test_an_ending_that_sounds_finished_is_answered_sooner() -> None:
    machine = pausing()
    assert machine.handle(ev.EndOfTurnScored(1, 2, 0.95), 6_300) == []
    assert machine.deadline == 6_400


def test_one_that_sounds_unfinished_is_waited_for_and_so_is_its_transcript() -> None:
    machine = pausing()
    machine.handle(ev.EndOfTurnScored(1, 2, 0.05), 6_300)
    assert machine.deadline == 7_400


def test_a_judgement_that_comes_first_counts_when_the_words_are_there() -> None:
    machine = asked(replace(RULES, prosody=ROUND))
    machine.handle(ev.SpeechStarted(5_000), 5_100)
    machine.handle(ev.SpeechStopped(6_000), 6_150)
    machine.handle(ev.EndOfTurnScored(1, 2, 0.05), 6_160)
    machine.handle(words(1, 2, "I build bridges."), 6_200)
    assert machine.deadline == 7_400


@pytest.mark.parametrize("late", [ev.EndOfTurnScored(1, 1, 0.95), ev.EndOfTurnScored(0, 2, 0.95)])
def test_a_judgement_of_an_older_pause_changes_nothing(late: ev.EndOfTurnScored) -> None:
    machine = pausing()
    machine.handle(late, 6_300)
    assert machine.deadline == 6_700


def test_whoever_goes_on_is_judged_anew() -> None:
    machine = pausing()
    machine.handle(ev.EndOfTurnScored(1, 2, 0.05), 6_300)
    machine.handle(ev.SpeechStarted(6_500), 6_600)
    machine.handle(ev.EndOfTurnScored(1, 2, 0.05), 6_650)
    machine.handle(ev.SpeechStopped(7_000), 7_150)
    machine.handle(words(1, 4, "I build bridges and roads."), 7_200)
    assert machine.deadline == 7_700


def test_a_judgement_that_comes_after_the_turn_was_closed_is_late() -> None:
    machine = pausing()
    closed = machine.expire(6_700)
    assert any(isinstance(command, cmd.CheckpointTurn) for command in closed)
    assert machine.handle(ev.EndOfTurnScored(1, 2, 0.05), 6_800) == []
