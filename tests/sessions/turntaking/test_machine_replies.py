"""Conversations: replies that fail, are empty, or break off."""

from dataclasses import replace
from itertools import pairwise

import pytest

from sessions.turntaking import commands as cmd
from sessions.turntaking import events as ev
from sessions.turntaking.causes import Cause, SuspendReason
from sessions.turntaking.machine import TurnMachine
from sessions.turntaking.rules import Rules
from sessions.turntaking.transitions import InterviewerState
from tests.sessions.turntaking.script import (
    ANSWER,
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

REPLY = "I see. And what went wrong?"


def again(generation: int, cause: Cause = Cause.ANSWER) -> list[cmd.Command]:
    return [prepare(generation, cause), cmd.ReleaseReply(generation)]


def test_a_reply_that_fails_is_tried_again() -> None:
    play(
        answering(),
        [(6_800, ev.ReplyFailed(2), [cmd.CancelReply(2), *again(3)], "quiet/thinking")],
    )


def test_a_reply_without_a_word_is_no_reply() -> None:
    play(
        answering(),
        [(6_800, ev.ReplyEnded(2), [cmd.CancelReply(2), *again(3)], "quiet/thinking")],
    )


def test_three_failures_in_a_row_suspend_the_session() -> None:
    unavailable = cmd.SuspendSession(SuspendReason.UNAVAILABLE)
    play(
        answering(),
        [
            (6_800, ev.ReplyFailed(2), [cmd.CancelReply(2), *again(3)], "quiet/thinking"),
            (6_900, ev.ReplyFailed(3), [cmd.CancelReply(3), *again(4)], "quiet/thinking"),
            (7_000, ev.ReplyFailed(4), [cmd.CancelReply(4), unavailable], "quiet/idle"),
        ],
    )


def fail_at_once(machine: TurnMachine, until: float) -> tuple[list[float], list[cmd.Command]]:
    """Every reply fails 100 ms after it was asked for: when they were, and the last commands."""
    tried, got, now = [6_700.0], list[cmd.Command](), 6_700.0
    while now < until and not machine.state.ending.ended:
        if machine.interviewer is InterviewerState.THINKING:
            now += 100
            got = machine.handle(ev.ReplyFailed(machine.state.replies.generation), now)
        else:
            assert machine.deadline is not None
            now = machine.deadline
            got = machine.expire(now)
        if any(isinstance(command, cmd.PrepareReply) for command in got):
            tried.append(now)
    return tried, got


def test_bad_moments_of_a_provider_are_waited_out_in_pauses_that_grow() -> None:
    machine = answering(replace(RULES, reply_failures_max=6, reply_retry_ms=1_000))
    tried, got = fail_at_once(machine, 60_000)
    gaps = [later - earlier for earlier, later in pairwise(tried)]
    assert gaps == [100, 1_100, 2_100, 4_100, 8_100]
    assert got[-1] == cmd.SuspendSession(SuspendReason.UNAVAILABLE)


def test_by_default_a_quarter_of_a_minute_is_bridged() -> None:
    rules = Rules()
    pauses = [rules.reply_retry_ms * 2**n for n in range(rules.reply_failures_max - 2)]
    assert sum(pauses) == 15_000


def test_a_cough_does_not_cut_the_pause_short_and_newer_words_do() -> None:
    machine = answering(replace(RULES, reply_failures_max=6, reply_retry_ms=1_000))
    machine.handle(ev.ReplyFailed(2), 6_800)
    machine.handle(ev.ReplyFailed(3), 6_900)
    machine.handle(ev.SpeechStarted(7_000), 7_100)
    machine.handle(ev.SpeechStopped(7_200), 7_300)
    assert machine.handle(words(2, 4, ""), 7_400) == [cmd.DropUtterance(2)]
    assert machine.deadline == 7_900
    typed = machine.handle(ev.AnswerTyped("Never mind."), 7_500)
    assert any(isinstance(command, cmd.ReleaseReply) for command in typed)


def test_what_a_recruiter_requests_waits_for_no_pause() -> None:
    machine = answering(replace(RULES, reply_failures_max=6, reply_retry_ms=1_000))
    machine.handle(ev.ReplyFailed(2), 6_800)
    machine.handle(ev.ReplyFailed(3), 6_900)
    got = machine.handle(ev.RequestMade(Cause.PAUSE), 7_000)
    assert any(isinstance(command, cmd.PrepareReply) for command in got)


def test_a_reply_that_was_heard_makes_up_for_failures() -> None:
    play(
        answering(),
        [
            (6_800, ev.ReplyFailed(2), [cmd.CancelReply(2), *again(3)], "quiet/thinking"),
            (6_900, ev.ReplyFailed(3), [cmd.CancelReply(3), *again(4)], "quiet/thinking"),
            (7_000, ev.SentenceReady(4, REPLY), [], "quiet/speaking"),
            (7_100, ev.ReplyEnded(4), [], "quiet/speaking"),
            (
                9_000,
                ev.PlaybackEnded(4, 9_000, REPLY, REPLY),
                [interviewer_turn(2, 4, REPLY, 9_000, 9_000)],
                "quiet/idle",
            ),
            (
                18_000,
                None,
                [prepare(5, Cause.IDLE, idle_level=1), cmd.ReleaseReply(5)],
                "quiet/thinking",
            ),
            (18_100, ev.ReplyFailed(5), [cmd.CancelReply(5), *idle(6)], "quiet/thinking"),
        ],
    )


def idle(generation: int) -> list[cmd.Command]:
    return [prepare(generation, Cause.IDLE, idle_level=1), cmd.ReleaseReply(generation)]


def test_a_draft_that_fails_is_made_anew_when_the_turn_closes() -> None:
    play(
        asked(),
        [
            *ANSWER[:3],
            (6_650, ev.ReplyFailed(2), [cmd.CancelReply(2)], "pausing/idle"),
            (
                6_700,
                None,
                [
                    candidate_turn(1, "I build bridges.", 5_000, 6_000),
                    cmd.DropUtterance(1),
                    *again(3),
                ],
                "quiet/thinking",
            ),
        ],
    )


def broken_off(cause: Cause, heard: str) -> Row:
    """Generation 2 ends at 7500 ms after a failure in its midst."""
    record = [interviewer_turn(2, 2, "I see.", 7_000, 7_500)] if heard else []
    ended = ev.PlaybackEnded(2, 7_500, "I see.", heard)
    return (7_500, ended, [*record, *again(3, cause)], "quiet/thinking")


@pytest.mark.parametrize("heard", ["I see.", ""])
def test_a_reply_that_breaks_off_is_on_record_and_another_is_made(heard: str) -> None:
    play(
        replying(),
        [(7_100, ev.ReplyFailed(2), [], "quiet/speaking"), broken_off(Cause.ANSWER, heard)],
    )


def test_a_greeting_that_breaks_off_is_not_begun_again() -> None:
    play(
        fresh(),
        [
            *OPENING[:3],
            (900, ev.ReplyFailed(1), [], "quiet/speaking"),
            (
                1_000,
                ev.PlaybackEnded(1, 1_000, "Hello.", "Hello."),
                [interviewer_turn(0, 1, "Hello.", 480, 1_000), *again(2)],
                "quiet/thinking",
            ),
        ],
    )


def test_a_reply_that_breaks_off_under_the_candidates_voice_does_not_speak_over_it() -> None:
    play(
        replying(),
        [
            (7_100, ev.ReplyFailed(2), [], "quiet/speaking"),
            (7_400, ev.SpeechStarted(7_300), [cmd.HoldPlayback(2)], "speaking/held"),
            (
                7_500,
                ev.PlaybackEnded(2, 7_500, "I see.", "I see."),
                [interviewer_turn(2, 2, "I see.", 7_000, 7_500)],
                "speaking/idle",
            ),
            (7_760, ev.SpeechStopped(7_600), [cmd.FinishTranscript(2, 4)], "pausing/idle"),
            (7_900, words(2, 4, "Yes?"), [prepare(3, Cause.ANSWER, "Yes?")], "pausing/idle"),
        ],
    )


def test_a_reply_that_was_played_and_not_heard_counts_as_failed() -> None:
    """A client that never tells what it plays must not be spoken to for ever."""
    rows: list[Row] = []
    for generation, now in ((2, 7_000), (3, 8_000), (4, 9_000)):
        last = generation == 4
        end = cmd.SuspendSession(SuspendReason.UNAVAILABLE)
        rows += [
            (now, ev.SentenceReady(generation, "I see."), [], "quiet/speaking"),
            (now + 10, ev.ReplyEnded(generation, closing=True), [], "quiet/speaking"),
            (
                now + 500,
                ev.PlaybackEnded(generation, now + 500, "I see.", ""),
                [end] if last else again(generation + 1),
                "quiet/idle" if last else "quiet/thinking",
            ),
        ]
    play(answering(), rows)
