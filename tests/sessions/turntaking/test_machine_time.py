"""Conversations: long silences, the time limit, and the closing words."""

from dataclasses import replace

from sessions.turntaking import commands as cmd
from sessions.turntaking import events as ev
from sessions.turntaking.causes import Cause, EndReason
from sessions.turntaking.machine import TurnMachine
from tests.sessions.turntaking.script import (
    ANSWER,
    RULES,
    Row,
    answering,
    asked,
    candidate_turn,
    interviewer_turn,
    play,
    prepare,
    replying,
    words,
)

REPLY = "I see. And what went wrong?"
BYE = "Our time is up. Goodbye."
LIMIT_AT_4000 = replace(RULES, time_limit_ms=4_000)
LIMIT_AT_5500 = replace(RULES, time_limit_ms=5_500)


def spoken(generation: int, index: int, begin: float, text: str, *, closing: bool) -> list[Row]:
    """A reply that is thinking at `begin`, and is heard to its end 2 s later."""
    return [
        (begin + 200, ev.SentenceReady(generation, text), [], "quiet/speaking"),
        (begin + 300, ev.PlaybackStarted(generation, begin + 300), [], "quiet/speaking"),
        (begin + 400, ev.ReplyEnded(generation, closing=closing), [], "quiet/speaking"),
        (
            begin + 2_000,
            ev.PlaybackEnded(generation, begin + 2_000, text, text),
            [interviewer_turn(index, generation, text, begin + 300, begin + 2_000)],
            "quiet/idle",
        ),
    ]


def with_end(rows: list[Row], end: cmd.EndSession) -> list[Row]:
    now, event, commands, states = rows[-1]
    return [*rows[:-1], (now, event, [*commands, end], states)]


def prompted(now: float, generation: int, level: int) -> Row:
    commands: list[cmd.Command] = [
        prepare(generation, Cause.IDLE, idle_level=level),
        cmd.ReleaseReply(generation),
    ]
    return (now, None, commands, "quiet/thinking")


def test_an_answer_makes_the_prompts_begin_anew() -> None:
    machine = play(
        asked(),
        [prompted(12_000, 2, 1), *spoken(2, 1, 12_000, "Take your time.", closing=False)],
    )
    for event, now in (
        (ev.SpeechStarted(15_000), 15_100),
        (ev.SpeechStopped(16_000), 16_160),
        (words(1, 2, "I build bridges."), 16_300),
    ):
        machine.handle(event, now)
    machine.expire(16_700)
    play(machine, [*spoken(3, 3, 16_700, REPLY, closing=False), prompted(27_700, 4, 1)])


def test_the_end_of_the_time_in_silence_closes_at_once() -> None:
    play(
        asked(LIMIT_AT_4000),
        with_end(
            [
                (4_000, None, [prepare(2, Cause.TIME_UP), cmd.ReleaseReply(2)], "quiet/thinking"),
                *spoken(2, 1, 4_000, BYE, closing=True),
            ],
            cmd.EndSession(EndReason.TIME_LIMIT, True),
        ),
    )


def test_the_end_of_the_time_lets_the_interviewer_finish_the_sentence() -> None:
    rules = replace(RULES, time_limit_ms=8_000)
    play(
        replying(rules),
        [
            (8_000, None, [], "quiet/speaking"),
            (
                9_000,
                ev.PlaybackEnded(2, 9_000, REPLY, REPLY),
                [
                    interviewer_turn(2, 2, REPLY, 7_000, 9_000),
                    prepare(3, Cause.TIME_UP),
                    cmd.ReleaseReply(3),
                ],
                "quiet/thinking",
            ),
        ],
    )


def test_the_end_of_the_time_lets_the_candidate_finish_the_answer() -> None:
    play(
        asked(LIMIT_AT_5500),
        [
            ANSWER[0],
            (5_500, None, [], "speaking/idle"),
            ANSWER[1],
            (
                6_600,
                words(1, 2, "I build bridges."),
                [prepare(2, Cause.TIME_UP, "I build bridges.")],
                "pausing/idle",
            ),
            ANSWER[3],
        ],
    )


def test_a_reply_prepared_before_the_end_of_the_time_is_not_spoken_after_it() -> None:
    play(
        asked(replace(RULES, time_limit_ms=6_650)),
        [
            *ANSWER[:3],
            (6_650, None, [], "pausing/idle"),
            (
                6_700,
                None,
                [
                    candidate_turn(1, "I build bridges.", 5_000, 6_000),
                    cmd.DropUtterance(1),
                    cmd.CancelReply(2),
                    prepare(3, Cause.TIME_UP),
                    cmd.ReleaseReply(3),
                ],
                "quiet/thinking",
            ),
        ],
    )


def test_an_answer_that_does_not_end_is_interrupted_to_close() -> None:
    overrun = 5_500 + RULES.overrun_ms
    play(
        asked(LIMIT_AT_5500),
        with_end(
            [
                ANSWER[0],
                (5_500, None, [], "speaking/idle"),
                (overrun, None, [cmd.FinishTranscript(1, 2)], "awaiting_transcript/idle"),
                (
                    overrun + 500,
                    words(1, 2, "And so on and so on"),
                    [
                        candidate_turn(1, "And so on and so on", 5_000, overrun),
                        cmd.DropUtterance(1),
                        prepare(2, Cause.TIME_UP),
                        cmd.ReleaseReply(2),
                    ],
                    "quiet/thinking",
                ),
                (overrun + 600, ev.SpeechStopped(overrun + 400), [], "quiet/thinking"),
                *spoken(2, 2, overrun + 700, BYE, closing=True),
            ],
            cmd.EndSession(EndReason.TIME_LIMIT, True),
        ),
    )


def test_an_overrun_pause_is_closed_on_the_words_that_are_there() -> None:
    rules = replace(LIMIT_AT_5500, overrun_ms=1_150, endpoint_silence_ms=2_000)
    play(
        asked(rules),
        [
            ANSWER[0],
            (5_500, None, [], "speaking/idle"),
            ANSWER[1],
            (
                6_600,
                words(1, 2, "I build bridges."),
                [prepare(2, Cause.TIME_UP, "I build bridges.")],
                "pausing/idle",
            ),
            (6_650, *ANSWER[3][1:]),
        ],
    )


def test_a_candidate_who_talks_over_the_closing_gets_another_and_then_the_end_comes() -> None:
    end = 4_000 + RULES.overrun_ms + RULES.close_out_ms
    machine = play(
        asked(LIMIT_AT_4000),
        [
            (4_000, None, [prepare(2, Cause.TIME_UP), cmd.ReleaseReply(2)], "quiet/thinking"),
            *spoken(2, 1, 4_000, BYE, closing=True)[:3],
            (5_100, ev.SpeechStarted(5_000), [cmd.HoldPlayback(2)], "speaking/held"),
            (5_700, None, [cmd.StopPlayback(2)], "speaking/idle"),
            (
                5_750,
                ev.PlaybackEnded(2, 5_740, BYE, "Our time"),
                [interviewer_turn(1, 2, BYE, 4_300, 5_740, heard="Our time")],
                "speaking/idle",
            ),
            (6_160, ev.SpeechStopped(6_000), [cmd.FinishTranscript(1, 2)], "pausing/idle"),
            (
                6_300,
                words(1, 2, "Oh wait!"),
                [prepare(3, Cause.TIME_UP, "Oh wait!")],
                "pausing/idle",
            ),
            (
                6_700,
                None,
                [
                    candidate_turn(2, "Oh wait!", 5_000, 6_000),
                    cmd.DropUtterance(1),
                    cmd.ReleaseReply(3),
                ],
                "quiet/thinking",
            ),
            (4_000 + RULES.overrun_ms, None, [], "quiet/thinking"),
            (
                end,
                None,
                [cmd.CancelReply(3), cmd.EndSession(EndReason.TIME_LIMIT, False)],
                "quiet/idle",
            ),
        ],
    )
    assert machine.deadline is None


def test_the_closing_words_end_the_session_when_they_have_been_heard() -> None:
    play(
        answering(),
        with_end(
            spoken(2, 2, 6_700, "That was all. Goodbye.", closing=True),
            cmd.EndSession(EndReason.COMPLETED, True),
        ),
    )


def closing_held() -> TurnMachine:
    """The candidate speaks over the closing words' last one."""
    return play(
        answering(),
        [
            *spoken(2, 2, 6_700, REPLY, closing=True)[:3],
            (8_700, ev.SpeechStarted(8_600), [cmd.HoldPlayback(2)], "speaking/held"),
        ],
    )


def test_what_is_said_over_the_last_word_goes_on_record_before_the_end() -> None:
    play(
        closing_held(),
        [
            (
                8_710,
                ev.PlaybackEnded(2, 8_700, REPLY, REPLY),
                [interviewer_turn(2, 2, REPLY, 7_000, 8_700), cmd.FinishTranscript(2, 4)],
                "awaiting_transcript/idle",
            ),
            (8_800, ev.SpeechStopped(8_640), [], "awaiting_transcript/idle"),
            (8_850, ev.SpeechStarted(8_840), [], "awaiting_transcript/idle"),
            (
                9_000,
                words(2, 4, "Thank you!"),
                [
                    candidate_turn(3, "Thank you!", 8_600, 8_710),
                    cmd.DropUtterance(2),
                    cmd.EndSession(EndReason.COMPLETED, True),
                ],
                "quiet/idle",
            ),
        ],
    )


def test_closing_words_that_were_interrupted_do_not_end_the_session() -> None:
    play(
        closing_held(),
        [
            (9_300, None, [cmd.StopPlayback(2)], "speaking/idle"),
            (
                9_350,
                ev.PlaybackEnded(2, 9_340, REPLY, "I see."),
                [interviewer_turn(2, 2, REPLY, 7_000, 9_340, heard="I see.")],
                "speaking/idle",
            ),
            (10_160, ev.SpeechStopped(10_000), [cmd.FinishTranscript(2, 4)], "pausing/idle"),
            (10_300, words(2, 4, "Stop."), [prepare(3, Cause.ANSWER, "Stop.")], "pausing/idle"),
        ],
    )
