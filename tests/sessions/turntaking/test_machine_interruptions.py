"""Conversations: the candidate speaks while the interviewer does, and what comes too late."""

import pytest

from sessions.turntaking import commands as cmd
from sessions.turntaking import events as ev
from sessions.turntaking.causes import Cause
from sessions.turntaking.machine import TurnMachine
from sessions.turntaking.transitions import IllegalMove
from tests.sessions.turntaking.script import (
    HELLO,
    OPENING,
    Row,
    answering,
    candidate_turn,
    fresh,
    interviewer_turn,
    play,
    prepare,
    replying,
    words,
)

REPLY = "I see. And what went wrong?"
ONSET: Row = (7_600, ev.SpeechStarted(7_500), [cmd.HoldPlayback(2)], "speaking/held")
CONFIRMED: Row = (8_200, None, [cmd.StopPlayback(2)], "speaking/idle")


def test_a_barge_in_silences_at_onset_and_stops_once_it_lasts() -> None:
    """The interrupted turn is on record first, with what was heard of it, and once."""
    play(
        replying(),
        [
            ONSET,
            CONFIRMED,
            (
                8_250,
                ev.PlaybackEnded(2, 8_250, REPLY, "I see."),
                [interviewer_turn(2, 2, REPLY, 7_000, 8_250, heard="I see.")],
                "speaking/idle",
            ),
            (8_260, ev.PlaybackEnded(2, 8_250, REPLY, "I see."), [], "speaking/idle"),
            (9_160, ev.SpeechStopped(9_000), [cmd.FinishTranscript(2, 4)], "pausing/idle"),
            (
                9_300,
                words(2, 4, "One thing."),
                [prepare(3, Cause.ANSWER, "One thing.")],
                "pausing/idle",
            ),
            (
                9_700,
                None,
                [
                    candidate_turn(3, "One thing.", 7_500, 9_000),
                    cmd.DropUtterance(2),
                    cmd.ReleaseReply(3),
                ],
                "quiet/thinking",
            ),
        ],
    )


def test_the_interrupting_turn_waits_until_the_interrupted_one_is_on_record() -> None:
    play(
        replying(),
        [
            ONSET,
            CONFIRMED,
            (9_160, ev.SpeechStopped(9_000), [cmd.FinishTranscript(2, 4)], "pausing/idle"),
            (9_300, words(2, 4, "One thing."), [], "pausing/idle"),
            (9_700, None, [], "pausing/idle"),
            (
                9_800,
                ev.PlaybackEnded(2, 9_790, REPLY, "I see."),
                [
                    interviewer_turn(2, 2, REPLY, 7_000, 9_790, heard="I see."),
                    candidate_turn(3, "One thing.", 7_500, 9_000),
                    cmd.DropUtterance(2),
                    prepare(3, Cause.ANSWER),
                    cmd.ReleaseReply(3),
                ],
                "quiet/thinking",
            ),
        ],
    )


def test_a_candidate_who_goes_on_reopens_a_turn_that_waits_to_be_closed() -> None:
    play(
        replying(),
        [
            ONSET,
            CONFIRMED,
            (9_160, ev.SpeechStopped(9_000), [cmd.FinishTranscript(2, 4)], "pausing/idle"),
            (9_300, words(2, 4, "One thing."), [], "pausing/idle"),
            (9_700, None, [], "pausing/idle"),
            (9_750, ev.SpeechStarted(9_720), [], "speaking/idle"),
            (
                9_800,
                ev.PlaybackEnded(2, 9_790, REPLY, "I see."),
                [interviewer_turn(2, 2, REPLY, 7_000, 9_790, heard="I see.")],
                "speaking/idle",
            ),
        ],
    )


@pytest.mark.parametrize("said", ["Mhm.", "Okay, I see.", "", "  "])
def test_a_backchannel_or_a_cough_leaves_the_floor_and_the_record_alone(said: str) -> None:
    play(
        replying(),
        [
            ONSET,
            (7_900, ev.SpeechStopped(7_700), [cmd.FinishTranscript(2, 4)], "pausing/held"),
            (
                8_050,
                words(2, 4, said),
                [cmd.DropUtterance(2), cmd.ResumePlayback(2)],
                "quiet/speaking",
            ),
            (
                10_000,
                ev.PlaybackEnded(2, 10_000, REPLY, REPLY),
                [interviewer_turn(2, 2, REPLY, 7_000, 10_000)],
                "quiet/idle",
            ),
        ],
    )


@pytest.mark.parametrize("said", ["Wait.", "10.", "Нет.", "いいえ"])
def test_a_short_word_that_is_no_backchannel_takes_the_floor(said: str) -> None:
    play(
        replying(),
        [
            ONSET,
            (7_900, ev.SpeechStopped(7_700), [cmd.FinishTranscript(2, 4)], "pausing/held"),
            (8_050, words(2, 4, said), [cmd.StopPlayback(2)], "pausing/idle"),
            (
                8_100,
                ev.PlaybackEnded(2, 8_060, REPLY, "I see."),
                [
                    interviewer_turn(2, 2, REPLY, 7_000, 8_060, heard="I see."),
                    prepare(3, Cause.ANSWER, said),
                ],
                "pausing/idle",
            ),
            (
                8_400,
                None,
                [candidate_turn(3, said, 7_500, 7_700), cmd.DropUtterance(2), cmd.ReleaseReply(3)],
                "quiet/thinking",
            ),
        ],
    )


def test_words_that_show_while_the_reply_is_held_take_the_floor_before_they_are_all_there() -> None:
    play(
        replying(),
        [
            ONSET,
            (7_800, ev.TranscriptPartial(1, "I build bridges"), [], "speaking/held"),
            (7_900, ev.TranscriptPartial(2, "uh"), [], "speaking/held"),
            (8_000, ev.TranscriptPartial(2, "uh but"), [cmd.StopPlayback(2)], "speaking/idle"),
        ],
    )
    play(
        replying(),
        [
            ONSET,
            (7_900, ev.SpeechStopped(7_700), [cmd.FinishTranscript(2, 4)], "pausing/held"),
            (8_000, ev.TranscriptPartial(2, "uh wait"), [cmd.StopPlayback(2)], "pausing/idle"),
            (8_400, None, [], "awaiting_transcript/idle"),
        ],
    )


def test_words_that_fail_over_a_reply_let_it_go_on() -> None:
    play(
        replying(),
        [
            ONSET,
            (7_900, ev.SpeechStopped(7_700), [cmd.FinishTranscript(2, 4)], "pausing/held"),
            (
                8_050,
                ev.TranscriptFailed(2, 4),
                [cmd.DropUtterance(2), cmd.ResumePlayback(2)],
                "quiet/speaking",
            ),
        ],
    )


def test_a_reply_is_not_held_longer_than_the_rules_allow() -> None:
    """Neither by words that do not come nor by short bursts, one after the other."""
    stop: Row = (10_600, None, [cmd.StopPlayback(2)], "pausing/idle")
    play(
        replying(),
        [
            ONSET,
            (7_900, ev.SpeechStopped(7_700), [cmd.FinishTranscript(2, 4)], "pausing/held"),
            (10_600, None, [cmd.StopPlayback(2)], "awaiting_transcript/idle"),
        ],
    )
    bursts: list[Row] = [ONSET]
    for number, begin in enumerate((8_000, 8_500, 9_000, 9_500, 10_000)):
        asked_for = cmd.FinishTranscript(2, 4 + 2 * number)
        bursts += [
            (begin, ev.SpeechStopped(begin - 160), [asked_for], "pausing/held"),
            (begin + 260, ev.SpeechStarted(begin + 160), [], "speaking/held"),
            (begin + 270, words(2, 4 + 2 * number, "mhm"), [], "speaking/held"),
        ]
    bursts.append((10_500, ev.SpeechStopped(10_340), [cmd.FinishTranscript(2, 14)], "pausing/held"))
    now, event, commands, _ = stop
    play(replying(), [*bursts, (now, event, commands, "awaiting_transcript/idle")])


def test_a_long_noise_that_has_stopped_the_interviewer_is_asked_about() -> None:
    """Otherwise both would be silent until the next idle prompt."""
    play(
        replying(),
        [
            ONSET,
            CONFIRMED,
            (
                8_250,
                ev.PlaybackEnded(2, 8_250, REPLY, "I see."),
                [interviewer_turn(2, 2, REPLY, 7_000, 8_250, heard="I see.")],
                "speaking/idle",
            ),
            (9_160, ev.SpeechStopped(9_000), [cmd.FinishTranscript(2, 4)], "pausing/idle"),
            (
                9_300,
                words(2, 4, ""),
                [cmd.DropUtterance(2), prepare(3, Cause.UNHEARD), cmd.ReleaseReply(3)],
                "quiet/thinking",
            ),
        ],
    )


def test_a_reply_of_which_nothing_was_heard_stays_pending() -> None:
    play(
        fresh(),
        [
            (
                0,
                ev.LegAttached(),
                [prepare(1, Cause.OPENING), cmd.ReleaseReply(1)],
                "quiet/thinking",
            ),
            (300, ev.SentenceReady(1, "Hello."), [], "quiet/speaking"),
            (450, ev.PlaybackStarted(1, 440), [], "quiet/speaking"),
            (500, ev.SpeechStarted(400), [cmd.HoldPlayback(1)], "speaking/held"),
            (1_100, None, [cmd.StopPlayback(1)], "speaking/idle"),
            (1_150, ev.PlaybackEnded(1, 1_110, "Hello.", ""), [], "speaking/idle"),
            (1_660, ev.SpeechStopped(1_500), [cmd.FinishTranscript(1, 2)], "pausing/idle"),
            (1_800, words(1, 2, "Hello?"), [prepare(2, Cause.OPENING, "Hello?")], "pausing/idle"),
        ],
    )


def test_a_greeting_that_was_interrupted_is_not_begun_again() -> None:
    play(
        fresh(),
        [
            *OPENING[:4],
            (1_100, ev.SpeechStarted(1_000), [cmd.HoldPlayback(1)], "speaking/held"),
            (1_700, None, [cmd.StopPlayback(1)], "speaking/idle"),
            (
                1_750,
                ev.PlaybackEnded(1, 1_740, HELLO, "Hello."),
                [interviewer_turn(0, 1, HELLO, 480, 1_740, heard="Hello.")],
                "speaking/idle",
            ),
            (2_160, ev.SpeechStopped(2_000), [cmd.FinishTranscript(1, 2)], "pausing/idle"),
            (
                2_300,
                words(1, 2, "Oh, hello."),
                [prepare(2, Cause.ANSWER, "Oh, hello.")],
                "pausing/idle",
            ),
        ],
    )


def test_a_reply_held_at_its_very_end_has_been_heard() -> None:
    """What the candidate said over its last word is an answer, even a short one."""
    play(
        replying(),
        [
            ONSET,
            (
                7_610,
                ev.PlaybackEnded(2, 7_605, REPLY, REPLY),
                [interviewer_turn(2, 2, REPLY, 7_000, 7_605)],
                "speaking/idle",
            ),
            (7_900, ev.SpeechStopped(7_700), [cmd.FinishTranscript(2, 4)], "pausing/idle"),
            (8_000, words(2, 4, "Yes."), [prepare(3, Cause.ANSWER, "Yes.")], "pausing/idle"),
        ],
    )
    play(
        replying(),
        [
            ONSET,
            (7_900, ev.SpeechStopped(7_700), [cmd.FinishTranscript(2, 4)], "pausing/held"),
            (
                7_910,
                ev.PlaybackEnded(2, 7_605, REPLY, REPLY),
                [interviewer_turn(2, 2, REPLY, 7_000, 7_605)],
                "pausing/idle",
            ),
            (8_400, None, [], "awaiting_transcript/idle"),
        ],
    )


def test_a_false_interruption_while_thinking_has_the_reply_made_again() -> None:
    play(
        answering(),
        [
            (6_900, ev.SpeechStarted(6_800), [cmd.CancelReply(2)], "speaking/idle"),
            (7_200, ev.SpeechStopped(7_000), [cmd.FinishTranscript(2, 4)], "pausing/idle"),
            (
                7_400,
                words(2, 4, ""),
                [cmd.DropUtterance(2), prepare(3, Cause.ANSWER), cmd.ReleaseReply(3)],
                "quiet/thinking",
            ),
        ],
    )


LATE = [
    ev.SentenceReady(2, "I see."),
    ev.ReplyEnded(2, closing=True),
    ev.ReplyFailed(2),
    ev.PlaybackStarted(2, 7_000),
    ev.PlaybackEnded(2, 7_000, REPLY, REPLY),
    words(1, 2, "I build bridges."),
    ev.TranscriptFailed(1, 2),
    ev.TranscriptPartial(1, "I build"),
]


@pytest.mark.parametrize("late", LATE, ids=lambda event: type(event).__name__)
def test_what_comes_late_of_an_old_generation_or_utterance_is_dropped(late: ev.Event) -> None:
    machine = answering()
    for event, now in ((ev.SpeechStarted(6_800), 6_900), (ev.SpeechStopped(7_000), 7_200)):
        machine.handle(event, now)
    play(machine, [(7_300, late, [], "pausing/idle")])
    play(
        machine,
        [
            (
                7_400,
                words(2, 4, ""),
                [cmd.DropUtterance(2), prepare(3, Cause.ANSWER), cmd.ReleaseReply(3)],
                "quiet/thinking",
            ),
            (7_450, late, [], "quiet/thinking"),
            (7_500, ev.SentenceReady(3, "Sorry?"), [], "quiet/speaking"),
            (7_550, late, [], "quiet/speaking"),
        ],
    )


def test_playback_of_a_reply_that_has_no_sound_yet_is_an_error_of_the_program() -> None:
    machine: TurnMachine = answering()
    with pytest.raises(IllegalMove, match="before it was voiced"):
        machine.handle(ev.PlaybackEnded(2, 6_800, REPLY, REPLY), 6_800)
