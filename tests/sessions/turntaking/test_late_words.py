"""Words that come after they were given up: the answer on record is completed."""

from dataclasses import replace

import pytest

from sessions.turntaking import commands as cmd
from sessions.turntaking import events as ev
from sessions.turntaking.causes import Cause
from sessions.turntaking.machine import TurnMachine
from tests.sessions.turntaking.script import ANSWER, RULES, asked, candidate_turn, play, prepare

KNOWN = "I build bridges."
WHOLE = "I build bridges and I like it."
SHORT = ev.TranscriptFinal(1, 2, KNOWN, 0.9, short=True)


def closed_short(take_back_ms: float = 0) -> TurnMachine:
    """An answer whose end was late is on record without it, as turn 1."""
    kept = cmd.KeepUtterance(1) if take_back_ms else cmd.DropUtterance(1)
    return play(
        asked(replace(RULES, take_back_ms=take_back_ms)),
        [
            *ANSWER[:2],
            (6_700, None, [], "awaiting_transcript/idle"),
            (
                13_100,
                SHORT,
                [
                    candidate_turn(1, KNOWN, 5_000, 6_000),
                    kept,
                    prepare(2, Cause.ANSWER),
                    cmd.ReleaseReply(2),
                ],
                "quiet/thinking",
            ),
        ],
    )


def late(text: str = WHOLE, *, utterance: int = 1, attempt: int = 2) -> ev.LateWords:
    return ev.LateWords(utterance, attempt, text, 0.8)


@pytest.mark.parametrize("take_back_ms", [0, 2_000])
def test_the_end_of_an_answer_completes_what_is_on_record(take_back_ms: float) -> None:
    machine = closed_short(take_back_ms)
    assert machine.handle(late(), 15_000) == [cmd.AmendTurn(1, WHOLE, 0.8, 1)]
    assert machine.handle(late(), 15_100) == [], "it is told once"


@pytest.mark.parametrize(
    "other", [late(KNOWN), late(attempt=1), late(attempt=3), late(utterance=2)]
)
def test_what_adds_nothing_or_belongs_elsewhere_changes_nothing(other: ev.LateWords) -> None:
    assert closed_short().handle(other, 15_000) == []


def test_an_answer_that_was_whole_is_never_changed() -> None:
    machine = play(asked(), ANSWER)
    assert machine.handle(late(), 15_000) == []


def test_words_that_come_before_the_turn_is_closed_go_on_record_with_it() -> None:
    play(
        asked(),
        [
            *ANSWER[:2],
            (6_200, SHORT, [prepare(2, Cause.ANSWER, KNOWN)], "pausing/idle"),
            (6_400, late(), [], "pausing/idle"),
            (
                6_700,
                None,
                [
                    replace(candidate_turn(1, WHOLE, 5_000, 6_000), confidence=0.8),
                    cmd.DropUtterance(1),
                    cmd.CancelReply(2),
                    prepare(3, Cause.ANSWER),
                    cmd.ReleaseReply(3),
                ],
                "quiet/thinking",
            ),
        ],
    )


def test_what_the_machine_itself_gave_up_may_still_come() -> None:
    machine = play(
        asked(),
        [
            *ANSWER[:2],
            (
                6_150,
                ev.TranscriptPartial(1, KNOWN),
                [prepare(2, Cause.ANSWER, KNOWN)],
                "pausing/idle",
            ),
            (6_700, None, [], "awaiting_transcript/idle"),
        ],
    )
    deadline = machine.deadline
    assert deadline is not None
    turn, *_ = machine.expire(deadline)
    assert isinstance(turn, cmd.CheckpointTurn)
    assert turn.text == KNOWN
    assert machine.handle(late(), 20_000) == [cmd.AmendTurn(1, WHOLE, 0.8, 1)]


def test_an_answer_that_goes_on_takes_the_late_words_along_and_is_amended_no_more() -> None:
    machine = play(
        closed_short(2_000),
        [
            (
                13_300,
                ev.SpeechStarted(13_200),
                [cmd.CancelReply(2), cmd.ReopenTurn(1, 1)],
                "speaking/idle",
            ),
            (13_350, late(), [], "speaking/idle"),
            (14_260, ev.SpeechStopped(14_100), [cmd.FinishTranscript(1, 4)], "pausing/idle"),
            (14_300, ev.TranscriptFailed(1, 4), [], "pausing/idle"),
        ],
    )
    turn, *_ = machine.expire(14_800)
    assert isinstance(turn, cmd.CheckpointTurn)
    assert (turn.index, turn.revision, turn.text) == (1, 1, WHOLE)
    both = f"{WHOLE} And so on."
    assert machine.handle(late(both, attempt=4), 16_000) == [cmd.AmendTurn(1, both, 0.8, 2)]


def test_what_was_typed_with_an_answer_stays_behind_its_late_words() -> None:
    machine = play(
        asked(), [*ANSWER[:2], (6_200, SHORT, [prepare(2, Cause.ANSWER, KNOWN)], "pausing/idle")]
    )
    commands = machine.handle(ev.AnswerTyped("Since 2001."), 6_300) + machine.expire(6_300)
    (turn,) = [command for command in commands if isinstance(command, cmd.CheckpointTurn)]
    assert turn.text == f"{KNOWN} Since 2001."
    assert machine.handle(late(), 9_000) == [cmd.AmendTurn(1, f"{WHOLE} Since 2001.", 0.8, 1)]
