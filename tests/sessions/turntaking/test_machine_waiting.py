"""Conversations: replies that keep the candidate waiting, and those that never come."""

from dataclasses import replace

import pytest

from sessions.turntaking import commands as cmd
from sessions.turntaking import events as ev
from sessions.turntaking.causes import Cause, SuspendReason
from sessions.turntaking.machine import TurnMachine
from tests.sessions.turntaking.script import (
    RULES,
    Row,
    answering,
    interviewer_turn,
    play,
    prepare,
)

PROMPT = replace(RULES, filler_ms=1_500, reply_wait_ms=5_000, reply_stall_ms=20_000)
WAIT = "One moment, please."

BRIDGED: list[Row] = [
    (8_200, None, [cmd.SayFiller(2)], "quiet/thinking"),
    (8_300, ev.SentenceReady(2, WAIT, filler=True), [], "quiet/speaking"),
    (8_400, ev.PlaybackStarted(2, 8_400), [], "quiet/speaking"),
]


def urgently(generation: int, cause: Cause) -> list[cmd.Command]:
    made = replace(prepare(generation, cause), urgent=True)
    return [made, cmd.ReleaseReply(generation)]


def test_a_reply_that_is_late_is_bridged_and_then_comes() -> None:
    text = f"{WAIT} I see."
    machine = play(
        answering(PROMPT),
        [
            *BRIDGED,
            (9_000, ev.SentenceReady(2, "I see."), [], "quiet/speaking"),
            (9_100, ev.ReplyEnded(2), [], "quiet/speaking"),
            (
                12_000,
                ev.PlaybackEnded(2, 12_000, text, text),
                [interviewer_turn(2, 2, text, 8_400, 12_000)],
                "quiet/idle",
            ),
        ],
    )
    assert machine.state.replies.failures == 0


def test_a_reply_that_never_comes_is_given_up_for_one_that_comes_at_once() -> None:
    """After the bridge: the word is on record, and the answer is still answered."""
    machine = play(
        answering(PROMPT),
        [
            *BRIDGED,
            (11_700, None, [cmd.StopPlayback(2)], "quiet/idle"),
            (
                11_750,
                ev.PlaybackEnded(2, 11_750, WAIT, WAIT),
                [interviewer_turn(2, 2, WAIT, 8_400, 11_750), *urgently(3, Cause.ANSWER)],
                "quiet/thinking",
            ),
            (11_900, ev.SentenceReady(3, "I see."), [], "quiet/speaking"),
        ],
    )
    assert not machine.state.replies.urgent


def test_without_a_bridge_it_is_given_up_as_well() -> None:
    play(
        answering(PROMPT),
        [
            BRIDGED[0],
            (11_700, None, [cmd.CancelReply(2), *urgently(3, Cause.ANSWER)], "quiet/thinking"),
        ],
    )


def test_a_reply_that_breaks_off_without_saying_so_is_given_up() -> None:
    play(
        answering(PROMPT),
        [
            (7_000, ev.SentenceReady(2, "I see."), [], "quiet/speaking"),
            (7_100, ev.PlaybackStarted(2, 7_100), [], "quiet/speaking"),
            (27_000, None, [cmd.StopPlayback(2)], "quiet/idle"),
            (
                27_050,
                ev.PlaybackEnded(2, 27_050, "I see.", "I see."),
                [interviewer_turn(2, 2, "I see.", 7_100, 27_050), *urgently(3, Cause.ANSWER)],
                "quiet/thinking",
            ),
        ],
    )


def test_providers_that_hang_for_ever_suspend_the_session_and_not_the_patience() -> None:
    machine = answering(PROMPT)
    for failure in range(1, 4):
        due = machine.deadline
        assert due is not None
        machine.expire(due)  # the bridge
        due = machine.deadline
        assert due == 6_700 + failure * 5_000
        got = machine.expire(due)
    assert got[-1] == cmd.SuspendSession(SuspendReason.UNAVAILABLE)


def test_three_replies_that_break_off_suspend_the_session() -> None:
    machine = answering(PROMPT)
    machine.state.replies.failures = 2
    machine.handle(ev.SentenceReady(2, "I see."), 7_000)
    assert machine.expire(27_000) == [cmd.StopPlayback(2)]
    got = machine.handle(ev.PlaybackEnded(2, 27_050, "I see.", "I see."), 27_050)
    assert got[-1] == cmd.SuspendSession(SuspendReason.UNAVAILABLE)


def test_a_reply_is_not_given_up_while_the_candidate_speaks_over_it() -> None:
    machine = play(
        answering(replace(PROMPT, reply_stall_ms=1_000)),
        [
            (7_000, ev.SentenceReady(2, "I see."), [], "quiet/speaking"),
            (7_950, ev.SpeechStarted(7_900), [cmd.HoldPlayback(2)], "speaking/held"),
            (8_000, None, [], "speaking/held"),
        ],
    )
    assert machine.deadline == 8_600, "the words over it decide first"


@pytest.mark.parametrize("late", [ev.ReplyEnded(2), ev.ReplyFailed(2)])
def test_once_a_reply_is_complete_nothing_is_waited_for(late: ev.Event) -> None:
    def voiced() -> TurnMachine:
        return play(
            answering(PROMPT), [(7_000, ev.SentenceReady(2, "I see."), [], "quiet/speaking")]
        )

    assert voiced().deadline == 27_000
    machine = play(voiced(), [(7_100, late, [], "quiet/speaking")])
    assert machine.deadline == RULES.time_limit_ms
