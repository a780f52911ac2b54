"""Conversations: answers that never end, and doubtful or lost words."""

from dataclasses import replace

from sessions.turntaking import commands as cmd
from sessions.turntaking import events as ev
from sessions.turntaking.causes import Cause
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
    words,
)

LONG = replace(RULES, answer_max_ms=20_000, answer_grace_ms=5_000, insist_ms=4_000)
STORY = "And so on and so on."

SPEAKS: Row = ANSWER[0]
THINKS = "quiet/thinking"


def released(generation: int, cause: Cause, *, idle_level: int = 0) -> list[cmd.Command]:
    return [prepare(generation, cause, idle_level=idle_level), cmd.ReleaseReply(generation)]


def stopped_there(at: float) -> list[Row]:
    """The words of an answer that was cut in its middle at `at`: the interviewer thanks."""
    return [
        (at, None, [cmd.FinishTranscript(1, 2)], "awaiting_transcript/idle"),
        (
            at + 300,
            words(1, 2, STORY),
            [
                candidate_turn(1, STORY, 5_000, at),
                cmd.DropUtterance(1),
                *released(2, Cause.TOO_LONG),
            ],
            THINKS,
        ),
    ]


# --- answers that never end ----------------------------------------------------------------------


def test_an_answer_that_is_too_long_is_interrupted_at_the_next_small_pause() -> None:
    play(
        asked(LONG),
        [
            SPEAKS,
            (25_000, None, [], "speaking/idle"),
            (
                26_100,
                ev.SpeechStopped(26_000),
                [cmd.FinishTranscript(1, 2)],
                "awaiting_transcript/idle",
            ),
            (
                26_300,
                words(1, 2, STORY),
                [
                    candidate_turn(1, STORY, 5_000, 26_000),
                    cmd.DropUtterance(1),
                    *released(2, Cause.TOO_LONG),
                ],
                THINKS,
            ),
        ],
    )


def test_without_a_pause_it_is_interrupted_in_the_middle_of_a_word() -> None:
    play(asked(LONG), [SPEAKS, (25_000, None, [], "speaking/idle"), *stopped_there(30_000)])


def test_a_pause_that_lasts_at_the_limit_ends_the_answer() -> None:
    machine = play(asked(replace(LONG, answer_max_ms=1_400)), ANSWER[:2])
    assert machine.deadline == 6_400
    assert machine.expire(6_400) == []  # the words are on their way
    got = machine.handle(words(1, 2, "I build bridges."), 6_600)
    assert got == [
        candidate_turn(1, "I build bridges.", 5_000, 6_000),
        cmd.DropUtterance(1),
        *released(2, Cause.TOO_LONG),
    ]


def test_who_talks_on_does_not_keep_the_interruption_from_being_made() -> None:
    """Onsets while words are awaited, while the interviewer thinks, and over its first words."""
    machine = play(
        asked(LONG),
        [
            SPEAKS,
            (25_000, None, [], "speaking/idle"),
            stopped_there(30_000)[0],
            (30_100, ev.SpeechStopped(30_000), [], "awaiting_transcript/idle"),
            (30_200, ev.SpeechStarted(30_100), [], "awaiting_transcript/idle"),
            stopped_there(30_000)[1],
            (30_500, ev.SpeechStopped(30_400), [], THINKS),
            (30_700, ev.SpeechStarted(30_600), [], THINKS),
            (31_000, ev.SentenceReady(2, "Thank you."), [], "quiet/speaking"),
            (31_100, ev.PlaybackStarted(2, 31_100), [], "quiet/speaking"),
            (32_000, ev.SpeechStopped(31_900), [], "quiet/speaking"),
            (32_200, ev.SpeechStarted(32_100), [], "quiet/speaking"),
            (34_000, ev.SpeechStopped(33_900), [], "quiet/speaking"),
        ],
    )
    play(machine, [(35_200, ev.SpeechStarted(35_150), [cmd.HoldPlayback(2)], "speaking/held")])


def test_a_candidate_who_never_stops_is_led_through_the_whole_interview() -> None:
    """One breath a second, for ever: the interviewer comes to speak again and again."""
    machine = asked(replace(LONG, time_limit_ms=300_000))
    now, heard, voice, ended = 5_000.0, 0, False, False
    pending: list[tuple[float, ev.Event]] = []
    speaking: int | None = None

    def carry_out(commands: list[cmd.Command]) -> None:
        nonlocal speaking, heard, ended
        for command in commands:
            match command:
                case cmd.FinishTranscript(utterance, attempt):
                    pending.append((now + 300, ev.TranscriptPartial(utterance, STORY)))
                    pending.append((now + 300, words(utterance, attempt, STORY)))
                case cmd.ReleaseReply(generation):
                    speaking = generation
                    pending.append((now + 500, ev.SentenceReady(generation, "Thank you.")))
                    pending.append((now + 600, ev.ReplyEnded(generation)))
                    pending.append((now + 610, ev.PlaybackStarted(generation, now + 610)))
                    over = ev.PlaybackEnded(generation, now + 3_900, "Thank you.", "Thank you.")
                    pending.append((now + 3_900, over))
                case cmd.StopPlayback(generation) | cmd.CancelReply(generation):
                    speaking = None
                    pending[:] = [
                        p for p in pending if getattr(p[1], "generation", None) != generation
                    ]
                    if isinstance(command, cmd.StopPlayback):
                        pending.append((now + 50, ev.PlaybackEnded(generation, now, "Thank", "")))
                case cmd.CheckpointTurn():
                    heard += command.generation is not None
                case cmd.EndSession():
                    ended = True

    while not ended and now < 500_000:
        now += 10
        if now % 1_000 == (900 if voice else 0):
            voice = not voice
            edge = ev.SpeechStarted(now) if voice else ev.SpeechStopped(now)
            carry_out(machine.handle(edge, now))
        for due in sorted(pending, key=lambda entry: entry[0]):
            if due[0] <= now and due in pending:
                pending.remove(due)
                carry_out(machine.handle(due[1], now))
        if machine.deadline is not None and machine.deadline <= now:
            carry_out(machine.expire(now))
    assert ended
    assert heard >= 10, "an interruption every 25 s or so"


def test_an_answer_that_is_taken_up_again_is_measured_as_one() -> None:
    rules = replace(LONG, take_back_ms=2_200)
    machine = play(asked(rules), ANSWER[:3])
    machine.expire(6_700)
    machine.handle(ev.SpeechStarted(6_800), 6_850)
    assert machine.state.utterance.reopened
    while machine.deadline is not None and machine.deadline < 25_000:
        machine.expire(machine.deadline)
    assert not machine.state.utterance.too_long
    machine.expire(25_000)  # 20 s from its very beginning
    assert machine.state.utterance.too_long


def test_the_plan_says_how_long_an_answer_may_take() -> None:
    machine = play(
        answering(LONG),
        [
            (6_900, ev.SentenceReady(2, "Yes or no?"), [], "quiet/speaking"),
            (6_950, ev.ReplyEnded(2, expects="yes_no", answer_max_ms=7_000), [], "quiet/speaking"),
            (
                8_000,
                ev.PlaybackEnded(2, 8_000, "Yes or no?", "Yes or no?"),
                [interviewer_turn(2, 2, "Yes or no?", 8_000, 8_000)],
                "quiet/idle",
            ),
            (10_100, ev.SpeechStarted(10_000), [], "speaking/idle"),
        ],
    )
    assert machine.deadline == 17_000


# --- doubtful and lost words ---------------------------------------------------------------------


def said(generation: int, index: int, begin: float) -> list[Row]:
    text = "It is noisy."
    return [
        (begin, ev.SentenceReady(generation, text), [], "quiet/speaking"),
        (begin + 10, ev.ReplyEnded(generation), [], "quiet/speaking"),
        (
            begin + 1_000,
            ev.PlaybackEnded(generation, begin + 1_000, text, text),
            [interviewer_turn(index, generation, text, begin + 1_000, begin + 1_000)],
            "quiet/idle",
        ),
    ]


MUMBLED = "we built an engine for four boats"


def test_doubtful_words_go_on_record_and_are_asked_for_once_more() -> None:
    first = ev.TranscriptFinal(1, 2, MUMBLED, 0.4)
    turn = candidate_turn(1, MUMBLED, 5_000, 6_000)
    machine = play(
        asked(),
        [
            *ANSWER[:2],
            (6_600, first, [prepare(2, Cause.UNCLEAR, MUMBLED)], "pausing/idle"),
            (
                6_700,
                None,
                [replace(turn, confidence=0.4), cmd.DropUtterance(1), cmd.ReleaseReply(2)],
                THINKS,
            ),
            *said(2, 2, 7_000),
            (9_100, ev.SpeechStarted(9_000), [], "speaking/idle"),
            (10_150, ev.SpeechStopped(10_000), [cmd.FinishTranscript(2, 4)], "pausing/idle"),
        ],
    )
    again = machine.handle(ev.TranscriptFinal(2, 4, MUMBLED, 0.4), 10_300)
    assert again == [prepare(3, Cause.ANSWER, MUMBLED)], "once, and not for ever"


def test_a_short_doubtful_answer_is_left_alone() -> None:
    doubtful = ev.TranscriptFinal(1, 2, "In Lübeck.", 0.3)
    play(
        asked(),
        [*ANSWER[:2], (6_600, doubtful, [prepare(2, Cause.ANSWER, "In Lübeck.")], "pausing/idle")],
    )


def goes_on(rules_rows: list[Row]) -> TurnMachine:
    """Words of the first pause are known; the candidate went on, and pauses again at 8000 ms."""
    return play(
        asked(),
        [
            *rules_rows,
            (6_650, ev.SpeechStarted(6_620), [cmd.CancelReply(2)], "speaking/idle"),
            (8_150, ev.SpeechStopped(8_000), [cmd.FinishTranscript(1, 4)], "pausing/idle"),
        ],
    )


def test_what_is_known_of_an_answer_stands_when_its_end_cannot_be_had() -> None:
    play(
        goes_on(ANSWER[:3]),
        [
            (
                8_300,
                ev.TranscriptFailed(1, 4),
                [prepare(3, Cause.ANSWER, "I build bridges.")],
                "pausing/idle",
            ),
            (
                8_700,
                None,
                [
                    candidate_turn(1, "I build bridges.", 5_000, 8_000),
                    cmd.DropUtterance(1),
                    cmd.ReleaseReply(3),
                ],
                THINKS,
            ),
        ],
    )


def test_what_is_known_of_an_answer_stands_when_its_end_never_comes() -> None:
    play(
        goes_on(ANSWER[:3]),
        [
            (8_700, None, [], "awaiting_transcript/idle"),
            (
                16_150,
                None,
                [
                    candidate_turn(1, "I build bridges.", 5_000, 8_000),
                    cmd.DropUtterance(1),
                    *released(3, Cause.ANSWER),
                ],
                THINKS,
            ),
        ],
    )


def test_an_answer_too_long_whose_words_are_all_lost_is_not_asked_for_again() -> None:
    play(
        asked(LONG),
        [
            SPEAKS,
            (25_000, None, [], "speaking/idle"),
            stopped_there(30_000)[0],
            (
                30_300,
                ev.TranscriptFailed(1, 2),
                [cmd.DropUtterance(1), *released(2, Cause.TOO_LONG)],
                THINKS,
            ),
        ],
    )
