"""Conversations: the opening, ordinary answers, pauses, and words that do not come."""

from dataclasses import replace

from sessions.turntaking import commands as cmd
from sessions.turntaking import events as ev
from sessions.turntaking.causes import Cause
from tests.sessions.turntaking.script import (
    ANSWER,
    HELLO,
    OPENING,
    RULES,
    Row,
    answering,
    asked,
    candidate_turn,
    fresh,
    interviewer_turn,
    play,
    prepare,
    replying,
    words,
)


def test_the_interview_is_opened_once_the_candidate_is_there() -> None:
    machine = play(fresh(), OPENING)
    assert machine.state.replies.expects == "story"
    assert machine.deadline == 12_000  # the first idle prompt


def test_an_interview_that_began_before_is_resumed_and_its_turns_are_counted_on() -> None:
    play(
        fresh(next_index=7),
        [
            (
                0,
                ev.LegAttached(),
                [prepare(1, Cause.RESUME), cmd.ReleaseReply(1)],
                "quiet/thinking",
            ),
            (300, ev.SentenceReady(1, "Welcome back."), [], "quiet/speaking"),
            (400, ev.ReplyEnded(1), [], "quiet/speaking"),
            (
                900,
                ev.PlaybackEnded(1, 900, "Welcome back.", "Welcome back."),
                [interviewer_turn(7, 1, "Welcome back.", 900, 900)],
                "quiet/idle",
            ),
        ],
    )


def test_a_reply_is_prepared_in_the_pause_and_released_when_patience_runs_out() -> None:
    play(asked(), ANSWER)


def test_a_reply_that_is_voiced_already_speaks_at_once() -> None:
    ready: Row = (6_650, ev.SentenceReady(2, "I see."), [], "pausing/idle")
    now, event, commands, _ = ANSWER[-1]
    play(asked(), [*ANSWER[:-1], ready, (now, event, commands, "quiet/speaking")])


def test_a_candidate_who_goes_on_gets_no_reply_to_half_an_answer() -> None:
    play(
        asked(),
        [
            *ANSWER[:-1],  # a reply to "I build bridges." is ready
            (6_650, ev.SpeechStarted(6_550), [cmd.CancelReply(2)], "speaking/idle"),
            (7_660, ev.SpeechStopped(7_500), [cmd.FinishTranscript(1, 4)], "pausing/idle"),
            (
                7_900,
                words(1, 4, "I build bridges. And tunnels."),
                [prepare(3, Cause.ANSWER, "I build bridges. And tunnels.")],
                "pausing/idle",
            ),
            (
                8_200,
                None,
                [
                    candidate_turn(1, "I build bridges. And tunnels.", 5_000, 7_500),
                    cmd.DropUtterance(1),
                    cmd.ReleaseReply(3),
                ],
                "quiet/thinking",
            ),
        ],
    )


def test_words_of_a_pause_that_is_over_do_not_pass_for_those_of_the_next() -> None:
    play(
        asked(),
        [
            *ANSWER[:2],  # asked for the words of the first pause
            (6_300, ev.SpeechStarted(6_200), [], "speaking/idle"),
            (6_400, words(1, 2, "I build"), [], "speaking/idle"),
            (7_160, ev.SpeechStopped(7_090), [], "pausing/idle"),
            (7_180, words(1, 2, "I build"), [], "pausing/idle"),
            (7_190, None, [cmd.FinishTranscript(1, 4)], "pausing/idle"),
        ],
    )


def test_a_candidate_who_goes_on_after_patience_gets_a_reply_to_both_turns() -> None:
    play(
        answering(),
        [
            (6_800, ev.SpeechStarted(6_720), [cmd.CancelReply(2)], "speaking/idle"),
            (7_660, ev.SpeechStopped(7_500), [cmd.FinishTranscript(2, 4)], "pausing/idle"),
            (
                7_800,
                words(2, 4, "And tunnels."),
                [prepare(3, Cause.ANSWER, "And tunnels.")],
                "pausing/idle",
            ),
            (
                8_200,
                None,
                [
                    candidate_turn(2, "And tunnels.", 6_720, 7_500),
                    cmd.DropUtterance(2),
                    cmd.ReleaseReply(3),
                ],
                "quiet/thinking",
            ),
        ],
    )


def test_a_slow_transcriber_is_waited_for() -> None:
    play(
        asked(),
        [
            *ANSWER[:2],
            (6_700, None, [], "awaiting_transcript/idle"),
            (
                7_400,
                words(1, 2, "I build bridges."),
                [
                    candidate_turn(1, "I build bridges.", 5_000, 6_000),
                    cmd.DropUtterance(1),
                    prepare(2, Cause.ANSWER),
                    cmd.ReleaseReply(2),
                ],
                "quiet/thinking",
            ),
        ],
    )


def test_the_candidate_may_go_on_while_the_words_are_awaited() -> None:
    play(
        asked(),
        [
            *ANSWER[:2],
            (6_700, None, [], "awaiting_transcript/idle"),
            (6_900, ev.SpeechStarted(6_800), [], "speaking/idle"),
            (7_000, words(1, 2, "I build bridges."), [], "speaking/idle"),
            (7_760, ev.SpeechStopped(7_600), [cmd.FinishTranscript(1, 4)], "pausing/idle"),
        ],
    )


def test_words_that_cannot_be_had_are_asked_for_once_more() -> None:
    play(
        asked(),
        [
            *ANSWER[:2],
            (
                6_400,
                ev.TranscriptFailed(1, 2),
                [cmd.DropUtterance(1), prepare(2, Cause.UNHEARD), cmd.ReleaseReply(2)],
                "quiet/thinking",
            ),
            (6_500, words(1, 2, "I build bridges."), [], "quiet/thinking"),
        ],
    )


def test_words_that_never_come_count_as_not_understood() -> None:
    play(
        asked(),
        [
            *ANSWER[:2],
            (6_700, None, [], "awaiting_transcript/idle"),
            (
                14_150,
                None,
                [cmd.DropUtterance(1), prepare(2, Cause.UNHEARD), cmd.ReleaseReply(2)],
                "quiet/thinking",
            ),
        ],
    )


def test_an_answer_to_a_prompt_that_nobody_heard_is_answered_and_not_prompted() -> None:
    play(
        asked(),
        [
            (
                12_000,
                None,
                [prepare(2, Cause.IDLE, idle_level=1), cmd.ReleaseReply(2)],
                "quiet/thinking",
            ),
            (12_200, ev.SpeechStarted(12_100), [cmd.CancelReply(2)], "speaking/idle"),
            (13_160, ev.SpeechStopped(13_000), [cmd.FinishTranscript(1, 2)], "pausing/idle"),
            (13_300, words(1, 2, "Yes."), [prepare(3, Cause.ANSWER, "Yes.")], "pausing/idle"),
        ],
    )


def test_a_cough_in_the_silence_is_nothing() -> None:
    machine = play(
        asked(),
        [
            (5_100, ev.SpeechStarted(5_000), [], "speaking/idle"),
            (5_400, ev.SpeechStopped(5_200), [cmd.FinishTranscript(1, 2)], "pausing/idle"),
            (5_600, words(1, 2, ""), [cmd.DropUtterance(1)], "quiet/idle"),
        ],
    )
    assert machine.deadline == 3_000 + 9_000, "the silence began before it"


def test_a_cough_while_the_reply_is_being_written_only_delays_it() -> None:
    play(
        answering(),
        [
            (6_900, ev.SpeechStarted(6_800), [cmd.CancelReply(2)], "speaking/idle"),
            (7_200, ev.SpeechStopped(7_000), [cmd.FinishTranscript(2, 4)], "pausing/idle"),
            (7_250, ev.SentenceReady(2, "I see."), [], "pausing/idle"),
            (
                7_400,
                words(2, 4, ""),
                [cmd.DropUtterance(2), prepare(3, Cause.ANSWER), cmd.ReleaseReply(3)],
                "quiet/thinking",
            ),
        ],
    )


def test_a_mhm_in_the_silence_is_an_answer() -> None:
    play(
        asked(),
        [
            (5_100, ev.SpeechStarted(5_000), [], "speaking/idle"),
            (5_500, ev.SpeechStopped(5_300), [cmd.FinishTranscript(1, 2)], "pausing/idle"),
            (5_600, words(1, 2, "Mhm."), [prepare(2, Cause.ANSWER, "Mhm.")], "pausing/idle"),
        ],
    )


def test_who_needs_more_time_gets_it() -> None:
    machine = asked(replace(RULES, accommodation=2.0))
    assert machine.deadline == 3_000 + 18_000
    play(machine, ANSWER[:3])
    assert machine.deadline == 6_000 + 1_400


def test_speech_before_anything_was_said_is_answered_with_the_opening() -> None:
    play(
        fresh(),
        [
            OPENING[0],
            (200, ev.SpeechStarted(150), [cmd.CancelReply(1)], "speaking/idle"),
            (660, ev.SpeechStopped(500), [cmd.FinishTranscript(1, 2)], "pausing/idle"),
            (800, words(1, 2, "Hello?"), [prepare(2, Cause.OPENING, "Hello?")], "pausing/idle"),
            (
                1_200,
                None,
                [
                    candidate_turn(0, "Hello?", 150, 500),
                    cmd.DropUtterance(1),
                    cmd.ReleaseReply(2),
                ],
                "quiet/thinking",
            ),
            (1_300, ev.SentenceReady(2, HELLO), [], "quiet/speaking"),
            (1_400, ev.ReplyEnded(2), [], "quiet/speaking"),
            (
                3_400,
                ev.PlaybackEnded(2, 3_400, HELLO, HELLO),
                [interviewer_turn(1, 2, HELLO, 3_400, 3_400)],
                "quiet/idle",
            ),
        ],
    )


def test_words_that_are_missing_after_all_take_nothing_from_a_turn_that_is_being_closed() -> None:
    """What was known of it stands; the reply that was stopped before it goes on record first."""
    machine = replying()
    stopped = interviewer_turn(2, 2, "I see.", 7_000, 16_250, heard="I")
    answer = replace(candidate_turn(3, "Wait a moment.", 7_600, 8_000), confidence=None)
    play(
        machine,
        [
            (7_500, ev.StopSpeakingRequested(), [cmd.StopPlayback(2)], "quiet/idle"),
            (7_650, ev.SpeechStarted(7_600), [], "speaking/idle"),
            (8_050, ev.SpeechStopped(8_000), [], "pausing/idle"),
            (8_100, None, [cmd.FinishTranscript(2, 4)], "pausing/idle"),
            (8_200, ev.TranscriptPartial(2, "Wait a moment."), [], "pausing/idle"),
            (8_700, None, [], "awaiting_transcript/idle"),
            (16_100, None, [], "awaiting_transcript/idle"),
            (16_200, words(2, 4, ""), [], "awaiting_transcript/idle"),
            (
                16_300,
                ev.PlaybackEnded(2, 16_250, "I see.", "I"),
                [
                    stopped,
                    answer,
                    cmd.DropUtterance(2),
                    prepare(3, Cause.ANSWER),
                    cmd.ReleaseReply(3),
                ],
                "quiet/thinking",
            ),
        ],
    )
