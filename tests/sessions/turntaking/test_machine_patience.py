"""What a reply that was taken back teaches, and what takes one back without a word."""

import pytest

from sessions.turntaking import commands as cmd
from sessions.turntaking import events as ev
from tests.sessions.turntaking.script import play
from tests.sessions.turntaking.taking_back import FIRST, replied


@pytest.mark.parametrize(("lasted_ms", "taken_back"), [(400, False), (550, True)])
def test_a_voice_without_words_takes_it_back_if_it_is_too_long_for_a_hum(
    lasted_ms: float, taken_back: bool
) -> None:
    """A transcriber may find no words in half a phrase, and all of them in the whole."""
    back: list[cmd.Command] = [
        cmd.ReopenTurn(1, 1),
        cmd.StopPlayback(2),
        cmd.FinishTranscript(1, 5),
    ]
    on: list[cmd.Command] = [cmd.DropUtterance(1), cmd.ResumePlayback(2)]
    stopped = 7_000 + lasted_ms
    asked_for: list[cmd.Command] = [cmd.FinishTranscript(1, 4)]
    play(
        replied(),
        [
            (7_100, ev.SpeechStarted(7_000), [cmd.HoldPlayback(2)], "speaking/held"),
            (stopped + 60, ev.SpeechStopped(stopped), asked_for, "pausing/held"),
            (
                7_690,
                ev.TranscriptFinal(1, 4, FIRST, 0.9, tail=""),
                back if taken_back else on,
                "pausing/idle" if taken_back else "quiet/speaking",
            ),
        ],
    )


def test_whoever_was_cut_off_once_is_waited_for_longer_from_then_on() -> None:
    machine = replied()
    machine.handle(ev.SpeechStarted(7_000), 7_100)
    machine.expire(7_700)
    assert machine.state.utterance.reopened
    assert machine.state.utterance.own_pause_ms == 1_000
    assert machine.state.utterance.longest_gap_ms == 1_000
