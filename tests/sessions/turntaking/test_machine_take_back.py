"""A reply that came too early is taken back: the answer goes on, and is one turn on record."""

from dataclasses import replace

import pytest

from sessions.turntaking import commands as cmd
from sessions.turntaking import events as ev
from sessions.turntaking.causes import Cause, EndReason
from tests.sessions.turntaking.script import RULES, Row, asked, play
from tests.sessions.turntaking.taking_back import FIRST, MORE, TAKING_BACK, WHOLE, answer, replied


def test_a_candidate_who_goes_on_over_the_first_words_takes_the_reply_back() -> None:
    play(
        replied(),
        [
            (7_100, ev.SpeechStarted(7_000), [cmd.HoldPlayback(2)], "speaking/held"),
            (
                7_700,
                None,
                [cmd.ReopenTurn(1, 1), cmd.StopPlayback(2)],
                "speaking/idle",
            ),
            (7_750, ev.PlaybackEnded(2, 7_750, "I see. And then?", "I see."), [], "speaking/idle"),
            (9_160, ev.SpeechStopped(9_000), [cmd.FinishTranscript(1, 4)], "pausing/idle"),
            (
                9_400,
                ev.TranscriptFinal(1, 4, WHOLE, 0.9),
                [cmd.PrepareReply(3, Cause.ANSWER, WHOLE, recorded=False)],
                "pausing/idle",
            ),
            (9_450, ev.SentenceReady(3, "I see."), [], "pausing/idle"),
            (
                9_700,
                None,
                [answer(WHOLE, 9_000, 1), cmd.KeepUtterance(1), cmd.ReleaseReply(3)],
                "quiet/speaking",
            ),
        ],
    )


def test_words_that_show_it_is_no_backchannel_take_it_back_and_all_is_transcribed_as_one() -> None:
    play(
        replied(),
        [
            (7_100, ev.SpeechStarted(7_000), [cmd.HoldPlayback(2)], "speaking/held"),
            (7_560, ev.SpeechStopped(7_400), [cmd.FinishTranscript(1, 4)], "pausing/held"),
            (
                7_700,
                ev.TranscriptFinal(1, 4, f"{FIRST} {MORE}", 0.9, tail=MORE),
                [cmd.ReopenTurn(1, 1), cmd.StopPlayback(2), cmd.FinishTranscript(1, 5)],
                "pausing/idle",
            ),
            (7_720, ev.PlaybackEnded(2, 7_720, "I see. And then?", "I see."), [], "pausing/idle"),
            (
                7_900,
                ev.TranscriptFinal(1, 5, WHOLE, 0.9),
                [cmd.PrepareReply(3, Cause.ANSWER, WHOLE, recorded=False)],
                "pausing/idle",
            ),
        ],
    )


def test_mhm_over_the_first_words_takes_nothing_back() -> None:
    play(
        replied(),
        [
            (7_100, ev.SpeechStarted(7_000), [cmd.HoldPlayback(2)], "speaking/held"),
            (7_560, ev.SpeechStopped(7_400), [cmd.FinishTranscript(1, 4)], "pausing/held"),
            (
                7_700,
                ev.TranscriptFinal(1, 4, f"{FIRST} Mhm.", 0.9, tail="Mhm."),
                [cmd.DropUtterance(1), cmd.ResumePlayback(2)],
                "quiet/speaking",
            ),
        ],
    )


def test_a_sound_that_was_no_voice_leaves_the_time_for_taking_back_as_it_was() -> None:
    play(
        replied(),
        [
            (7_000, ev.SpeechStarted(6_950), [cmd.HoldPlayback(2)], "speaking/held"),
            (
                7_100,
                ev.SpeechStopped(7_010, doubtful=True),
                [cmd.ResumePlayback(2)],
                "quiet/speaking",
            ),
            (7_500, ev.SpeechStarted(7_450), [cmd.HoldPlayback(2)], "speaking/held"),
            (8_150, None, [cmd.ReopenTurn(1, 1), cmd.StopPlayback(2)], "speaking/idle"),
        ],
    )
    play(
        replied(),
        [
            (7_000, ev.SpeechStarted(6_950), [cmd.HoldPlayback(2)], "speaking/held"),
            (
                7_100,
                ev.SpeechStopped(7_010, doubtful=True),
                [cmd.ResumePlayback(2)],
                "quiet/speaking",
            ),
            (7_920, None, [cmd.DropUtterance(1)], "quiet/speaking"),
        ],
    )


def test_going_on_before_the_reply_sounds_reopens_the_turn_at_once() -> None:
    play(
        asked(TAKING_BACK),
        [
            (5_100, ev.SpeechStarted(5_000), [], "speaking/idle"),
            (6_160, ev.SpeechStopped(6_000), [cmd.FinishTranscript(1, 2)], "pausing/idle"),
            (
                6_300,
                ev.TranscriptFinal(1, 2, FIRST, 0.9),
                [cmd.PrepareReply(2, Cause.ANSWER, FIRST, recorded=False)],
                "pausing/idle",
            ),
            (
                6_700,
                None,
                [answer(FIRST, 6_000, 0), cmd.KeepUtterance(1), cmd.ReleaseReply(2)],
                "quiet/thinking",
            ),
            (
                6_900,
                ev.SpeechStarted(6_800),
                [cmd.CancelReply(2), cmd.ReopenTurn(1, 1)],
                "speaking/idle",
            ),
            (7_900, ev.SpeechStopped(7_740), [cmd.FinishTranscript(1, 4)], "pausing/idle"),
            (
                8_000,
                ev.TranscriptFailed(1, 4),
                [],
                "pausing/idle",
            ),
            (
                8_440,
                None,
                [
                    answer(FIRST, 7_740, 1),  # what is known of it stays known
                    cmd.KeepUtterance(1),
                    cmd.PrepareReply(3, Cause.ANSWER),
                    cmd.ReleaseReply(3),
                ],
                "quiet/thinking",
            ),
        ],
    )


def test_after_the_first_second_an_interruption_is_a_turn_of_its_own() -> None:
    play(
        replied(),
        [
            (7_920, None, [cmd.DropUtterance(1)], "quiet/speaking"),
            (8_300, ev.SpeechStarted(8_200), [cmd.HoldPlayback(2)], "speaking/held"),
            (8_900, None, [cmd.StopPlayback(2)], "speaking/idle"),
        ],
    )


def test_what_was_understood_of_a_reply_stays_on_record_though_it_was_taken_back() -> None:
    said = "I see, so you mean that bridges are what you build, and then what?"
    heard = "I see, so you mean that bridges"
    machine = play(
        replied(),
        [
            (7_900, ev.SpeechStarted(7_800), [cmd.HoldPlayback(2)], "speaking/held"),
            (8_500, None, [cmd.ReopenTurn(1, 1), cmd.StopPlayback(2)], "speaking/idle"),
        ],
    )
    [record] = machine.handle(ev.PlaybackEnded(2, 8_520, said, heard), 8_520)
    assert isinstance(record, cmd.CheckpointTurn)
    assert (record.index, record.heard_text, record.interrupted) == (2, heard, True)


def test_a_leg_lost_while_the_turn_is_open_again_puts_all_of_it_on_record() -> None:
    play(
        replied(),
        [
            (7_100, ev.SpeechStarted(7_000), [cmd.HoldPlayback(2)], "speaking/held"),
            (
                7_200,
                ev.LegDisconnected(),
                [cmd.ReopenTurn(1, 1), cmd.StopPlayback(2), cmd.FinishTranscript(1, 4)],
                "awaiting_transcript/idle",
            ),
            (
                7_210,
                ev.PlaybackEnded(2, 7_210, "I see. And then?", "I"),
                [],
                "awaiting_transcript/idle",
            ),
            (
                7_400,
                ev.TranscriptFinal(1, 4, WHOLE, 0.9),
                [answer(WHOLE, 7_200, 1), cmd.DropUtterance(1)],
                "quiet/idle",
            ),
        ],
    )


def test_replies_thrown_away_have_a_budget() -> None:
    machine = asked(replace(TAKING_BACK, speculation_per_minute=1))
    play(
        machine,
        [
            (5_100, ev.SpeechStarted(5_000), [], "speaking/idle"),
            (6_160, ev.SpeechStopped(6_000), [cmd.FinishTranscript(1, 2)], "pausing/idle"),
            (
                6_300,
                ev.TranscriptFinal(1, 2, FIRST, 0.9),
                [cmd.PrepareReply(2, Cause.ANSWER, FIRST, recorded=False)],
                "pausing/idle",
            ),
            (6_500, ev.SpeechStarted(6_400), [cmd.CancelReply(2)], "speaking/idle"),
            (8_160, ev.SpeechStopped(8_000), [cmd.FinishTranscript(1, 4)], "pausing/idle"),
            (8_300, ev.TranscriptFinal(1, 4, WHOLE, 0.9), [], "pausing/idle"),
            (
                8_700,
                None,
                [
                    answer(WHOLE, 8_000, 0),
                    cmd.KeepUtterance(1),
                    cmd.PrepareReply(3, Cause.ANSWER),
                    cmd.ReleaseReply(3),
                ],
                "quiet/thinking",
            ),
        ],
    )


@pytest.mark.parametrize("event", [ev.LegDisconnected(), ev.EndRequested(EndReason.RECRUITER)])
def test_nothing_is_taken_back_from_a_candidate_who_listens(event: ev.Event) -> None:
    """What was heard of the reply is on record, and the answer stays closed."""
    machine = replied()
    got = machine.handle(event, 7_200)
    assert got == [cmd.DropUtterance(1), cmd.StopPlayback(2)]
    record = machine.handle(ev.PlaybackEnded(2, 7_210, "I see. And then?", "I see."), 7_210)[0]
    assert isinstance(record, cmd.CheckpointTurn)
    assert (record.index, record.heard_text) == (2, "I see.")


def test_words_on_their_way_when_the_turn_is_reopened_are_only_its_end() -> None:
    held: list[Row] = [
        (7_100, ev.SpeechStarted(7_000), [cmd.HoldPlayback(2)], "speaking/held"),
        (7_560, ev.SpeechStopped(7_400), [cmd.FinishTranscript(1, 4)], "pausing/held"),
    ]
    anew: list[cmd.Command] = [
        cmd.ReopenTurn(1, 1),
        cmd.StopPlayback(2),
        cmd.FinishTranscript(1, 6),
    ]
    only_the_end = ev.TranscriptFinal(1, 4, MORE, 0.9)
    stopped = ev.PlaybackEnded(2, 10_105, "I see. And then?", "I see.")
    rest: list[Row] = [
        (10_110, stopped, [], "awaiting_transcript/idle"),
        (10_120, only_the_end, [], "awaiting_transcript/idle"),
    ]
    play(replied(), [*held, (10_100, None, anew, "awaiting_transcript/idle"), *rest])
    play(replied(), [*held, (7_600, ev.LegDisconnected(), anew, "awaiting_transcript/idle"), *rest])
    shown = ev.TranscriptPartial(1, f"{FIRST} And", tail="And roads")
    play(
        replied(),
        [*held, (7_600, shown, anew, "pausing/idle"), (7_620, only_the_end, [], "pausing/idle")],
    )


def test_what_was_heard_by_then_stands_if_the_whole_cannot_be_transcribed() -> None:
    both = f"{FIRST} {MORE}"
    play(
        replied(),
        [
            (7_100, ev.SpeechStarted(7_000), [cmd.HoldPlayback(2)], "speaking/held"),
            (7_560, ev.SpeechStopped(7_400), [cmd.FinishTranscript(1, 4)], "pausing/held"),
            (
                7_700,
                ev.TranscriptFinal(1, 4, both, 0.9, tail=MORE),
                [cmd.ReopenTurn(1, 1), cmd.StopPlayback(2), cmd.FinishTranscript(1, 5)],
                "pausing/idle",
            ),
            (7_720, ev.PlaybackEnded(2, 7_720, "I see. And then?", "I see."), [], "pausing/idle"),
            (7_800, ev.TranscriptFailed(1, 5), [], "pausing/idle"),
            (
                8_100,
                None,
                [
                    answer(both, 7_400, 1),
                    cmd.KeepUtterance(1),
                    cmd.PrepareReply(3, Cause.ANSWER),
                    cmd.ReleaseReply(3),
                ],
                "quiet/thinking",
            ),
        ],
    )


def test_the_time_for_taking_back_is_counted_for_each_reply_anew() -> None:
    machine = play(
        replied(),
        [
            (7_100, ev.SpeechStarted(7_000), [cmd.HoldPlayback(2)], "speaking/held"),
            (7_110, ev.PlaybackStarted(2, 6_720), [], "speaking/held"),
            (7_700, None, [cmd.ReopenTurn(1, 1), cmd.StopPlayback(2)], "speaking/idle"),
            (7_750, ev.PlaybackEnded(2, 7_750, "I see. And then?", "I see."), [], "speaking/idle"),
            (7_760, ev.SpeechStopped(7_600), [cmd.FinishTranscript(1, 4)], "pausing/idle"),
            (
                7_800,
                ev.TranscriptFinal(1, 4, WHOLE, 0.9),
                [cmd.PrepareReply(3, Cause.ANSWER, WHOLE, recorded=False)],
                "pausing/idle",
            ),
            (7_850, ev.SentenceReady(3, "I see."), [], "pausing/idle"),
        ],
    )
    machine.expire(8_300)
    assert machine.deadline == RULES.time_limit_ms  # until it sounds


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
