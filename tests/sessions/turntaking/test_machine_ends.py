"""Conversations: legs lost and found, and the end that is asked for, in every state."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from sessions.turntaking import commands as cmd
from sessions.turntaking import events as ev
from sessions.turntaking.causes import Cause, EndReason, SuspendReason
from sessions.turntaking.machine import TurnMachine
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
HEARD = "I see."
OPENED: list[cmd.Command] = [prepare(1, Cause.OPENING), cmd.ReleaseReply(1)]
RESUME: list[cmd.Command] = [prepare(3, Cause.RESUME), cmd.ReleaseReply(3)]


def speaking() -> TurnMachine:
    return play(asked(), ANSWER[:1])


def pausing() -> TurnMachine:
    return play(asked(), ANSWER[:2])


def drafted() -> TurnMachine:
    return play(asked(), ANSWER[:3])


def awaiting() -> TurnMachine:
    return play(asked(), [*ANSWER[:2], (6_700, None, [], "awaiting_transcript/idle")])


def held() -> TurnMachine:
    row: Row = (7_600, ev.SpeechStarted(7_500), [cmd.HoldPlayback(2)], "speaking/held")
    return play(replying(), [row])


def held_in_a_pause() -> TurnMachine:
    asked_for: list[cmd.Command] = [cmd.FinishTranscript(2, 4)]
    return play(held(), [(7_900, ev.SpeechStopped(7_700), asked_for, "pausing/held")])


def barged_in() -> TurnMachine:
    return play(held(), [(8_200, None, [cmd.StopPlayback(2)], "speaking/idle")])


BRIDGES = candidate_turn(1, "I build bridges.", 5_000, 6_000)
STOPPED = interviewer_turn(2, 2, REPLY, 7_000, 9_010, heard=HEARD)
ENDED = ev.PlaybackEnded(2, 9_010, REPLY, HEARD)

Case = tuple[Callable[[], TurnMachine], list[cmd.Command], list[tuple[ev.Event, cmd.Command]]]
CASES: dict[str, Case] = {
    "quiet/idle": (asked, [], []),
    "quiet/thinking": (answering, [cmd.CancelReply(2)], []),
    "quiet/speaking": (replying, [cmd.StopPlayback(2)], [(ENDED, STOPPED)]),
    "speaking/idle": (
        speaking,
        [cmd.FinishTranscript(1, 2)],
        [(words(1, 2, "I build"), candidate_turn(1, "I build", 5_000, 9_000))],
    ),
    "pausing/idle": (pausing, [], [(words(1, 2, "I build bridges."), BRIDGES)]),
    "pausing/idle, words known": (drafted, [cmd.CancelReply(2), BRIDGES, cmd.DropUtterance(1)], []),
    "awaiting_transcript/idle": (awaiting, [], [(words(1, 2, "I build bridges."), BRIDGES)]),
    "speaking/held": (
        held,
        [cmd.StopPlayback(2), cmd.FinishTranscript(2, 4)],
        [(ENDED, STOPPED), (words(2, 4, "Wait"), candidate_turn(3, "Wait", 7_500, 9_000))],
    ),
    "pausing/held": (
        held_in_a_pause,
        [cmd.StopPlayback(2)],
        [(ENDED, STOPPED), (words(2, 4, "Wait"), candidate_turn(3, "Wait", 7_500, 7_700))],
    ),
    "speaking/idle, the reply being silenced": (
        barged_in,
        [cmd.FinishTranscript(2, 4)],
        [(ENDED, STOPPED), (words(2, 4, "Wait"), candidate_turn(3, "Wait", 7_500, 9_000))],
    ),
}
"""How to get there; what is commanded at once when it is cut off, 9000 ms being forced on it; what
is still to come then, and the record that each piece makes."""


def cut(name: str, event: ev.Event) -> tuple[TurnMachine, list[cmd.Command]]:
    """The machine of a case after it was cut off, and what it commanded."""
    machine = CASES[name][0]()
    return machine, machine.handle(event, 9_000)


def turns(commands: list[cmd.Command]) -> list[cmd.Command]:
    return [command for command in commands if isinstance(command, cmd.CheckpointTurn)]


@pytest.mark.parametrize("order", ["as it comes", "the other way round"])
@pytest.mark.parametrize("name", CASES)
def test_the_end_waits_for_everything_said_and_comes_once(name: str, order: str) -> None:
    _, at_once, rest = CASES[name]
    machine, got = cut(name, ev.EndRequested(EndReason.ENDED_BY_CANDIDATE))
    end = cmd.EndSession(EndReason.ENDED_BY_CANDIDATE, False)
    assert got == (at_once if rest else [*at_once, end])
    coming = rest if order == "as it comes" else list(reversed(rest))
    after: list[cmd.Command] = []
    for event, _ in coming:
        assert end not in after
        after += machine.handle(event, 9_100)
    if rest:
        assert turns(after) == [record for _, record in rest]
        assert after[-1] == end
    for event in (
        ev.EndRequested(EndReason.RECRUITER),
        ev.LegAttached(),
        ev.SpeechStarted(9_200),
        ENDED,
    ):
        assert machine.handle(event, 9_200) == []
    assert machine.deadline is None
    assert machine.expire(1e9) == []


@pytest.mark.parametrize("name", CASES)
def test_what_was_said_before_the_leg_was_lost_goes_on_record(name: str) -> None:
    _, at_once, rest = CASES[name]
    machine, got = cut(name, ev.LegDisconnected())
    assert got == at_once
    after = [command for event, _ in rest for command in machine.handle(event, 9_100)]
    assert turns(after) == [record for _, record in rest]
    assert machine.deadline == 9_000 + RULES.leg_grace_ms
    assert machine.expire(machine.deadline) == [cmd.SuspendSession(SuspendReason.ALONE)]
    assert machine.deadline is None


@pytest.mark.parametrize("late", [False, True], ids=["settled", "still unsettled"])
@pytest.mark.parametrize("name", CASES)
def test_a_new_leg_resumes_the_interview_and_does_not_greet_twice(name: str, late: bool) -> None:
    """Whether what was cut off is on record when the new leg comes, or only afterwards."""
    rest = CASES[name][2]
    machine, got = cut(name, ev.LegDisconnected())
    pieces = [(event, 9_300.0 if late else 9_100.0) for event, _ in rest]
    got += [command for event, now in pieces if not late for command in machine.handle(event, now)]
    got += machine.handle(ev.LegAttached(), 9_200)
    got += [command for event, now in pieces if late for command in machine.handle(event, now)]
    prepared = [command for command in got if isinstance(command, cmd.PrepareReply)]
    generation = machine.state.replies.generation
    assert prepared == [prepare(generation, Cause.RESUME)]
    assert got[-1] == cmd.ReleaseReply(generation)
    assert turns(got[: got.index(prepared[0])]) == turns(got)


def test_a_newer_leg_takes_the_place_of_the_older() -> None:
    play(
        replying(),
        [
            (9_000, ev.LegAttached(), [cmd.StopPlayback(2)], "quiet/idle"),
            (9_010, ENDED, [STOPPED, *RESUME], "quiet/thinking"),
        ],
    )


@pytest.mark.parametrize("late", [False, True], ids=["settled", "still unsettled"])
@pytest.mark.parametrize("heard", ["", "Hello."])
def test_the_opening_comes_again_only_if_nothing_of_it_was_heard(heard: str, late: bool) -> None:
    machine = play(fresh(), OPENING[:3])
    ended = ev.PlaybackEnded(1, 610, "Hello.", heard)
    got = machine.handle(ev.LegDisconnected(), 600)
    assert got == [cmd.StopPlayback(1)]
    for event in (ev.LegAttached(), ended) if late else (ended, ev.LegAttached()):
        got += machine.handle(event, 700)
    assert got[-2:] == [prepare(2, Cause.RESUME if heard else Cause.OPENING), cmd.ReleaseReply(2)]


def test_an_opening_that_was_not_heard_at_all_comes_again() -> None:
    play(
        fresh(),
        [
            OPENING[0],
            (100, ev.LegDisconnected(), [cmd.CancelReply(1)], "quiet/idle"),
            (
                5_000,
                ev.LegAttached(),
                [prepare(2, Cause.OPENING), cmd.ReleaseReply(2)],
                "quiet/thinking",
            ),
        ],
    )


def test_words_from_before_the_loss_are_answered_after_it() -> None:
    play(
        awaiting(),
        [
            (6_800, ev.LegDisconnected(), [], "awaiting_transcript/idle"),
            (6_900, ev.LegAttached(), [], "awaiting_transcript/idle"),
            (7_000, ev.SpeechStarted(6_950), [], "speaking/idle"),
            (8_160, ev.SpeechStopped(8_000), [cmd.FinishTranscript(1, 4)], "pausing/idle"),
            (
                8_300,
                words(1, 4, "I build bridges. Hello?"),
                [prepare(2, Cause.RESUME, "I build bridges. Hello?")],
                "pausing/idle",
            ),
        ],
    )


def test_a_leg_that_never_begins_leaves_the_interview_open() -> None:
    """Somebody opened the link and went away: nothing has ended, and it can be entered again."""
    play(
        fresh(),
        [(RULES.leg_grace_ms, None, [cmd.SuspendSession(SuspendReason.ALONE)], "quiet/idle")],
    )
    machine = TurnMachine(RULES, next_index=3, now=400_000)
    play(
        machine,
        [
            (
                400_000 + RULES.leg_grace_ms,
                None,
                [cmd.SuspendSession(SuspendReason.ALONE)],
                "quiet/idle",
            )
        ],
    )


def test_a_candidate_who_is_connected_and_has_not_begun_counts_as_there() -> None:
    """Nothing runs out, neither the wait for the candidate nor the time of the interview."""
    machine = play(fresh(), [(1_000, ev.LegConnected(), [], "quiet/idle")])
    assert machine.deadline is None
    assert machine.time_left_ms(3_600_000) == RULES.time_limit_ms
    play(machine, [(3_600_000, ev.LegAttached(), OPENED, "quiet/thinking")])
    assert machine.limit_ms == 3_600_000 + RULES.time_limit_ms
    assert machine.time_left_ms(3_600_000 + 1_000) == RULES.time_limit_ms - 1_000


def test_a_candidate_who_goes_before_beginning_is_waited_for_once_more() -> None:
    play(
        fresh(),
        [
            (1_000, ev.LegConnected(), [], "quiet/idle"),
            (300_000, ev.LegDisconnected(), [], "quiet/idle"),
            (310_000, ev.LegConnected(), [], "quiet/idle"),
            (900_000, ev.LegDisconnected(), [], "quiet/idle"),
            (
                900_000 + RULES.leg_grace_ms,
                None,
                [cmd.SuspendSession(SuspendReason.ALONE)],
                "quiet/idle",
            ),
        ],
    )


def test_a_candidate_who_has_come_back_and_does_not_begin_again_loses_only_time() -> None:
    machine = asked(replace(RULES, time_limit_ms=200_000))
    end = 200_000 + RULES.overrun_ms + RULES.close_out_ms
    play(
        machine,
        [
            (4_000, ev.LegDisconnected(), [], "quiet/idle"),
            (5_000, ev.LegConnected(), [], "quiet/idle"),
            (200_000, None, [], "quiet/idle"),
            (200_000 + RULES.overrun_ms, None, [], "quiet/idle"),
            (end, None, [cmd.EndSession(EndReason.TIME_LIMIT, False)], "quiet/idle"),
        ],
    )


def test_an_interview_that_is_resumed_when_its_time_is_over_is_closed() -> None:
    machine = TurnMachine(RULES, next_index=3, now=RULES.time_limit_ms + 1_000)
    begins = RULES.time_limit_ms + 9_000
    closes: list[cmd.Command] = [prepare(1, Cause.TIME_UP), cmd.ReleaseReply(1)]
    play(
        machine,
        [
            (RULES.time_limit_ms + 2_000, ev.LegConnected(), [], "quiet/idle"),
            (begins, ev.LegAttached(), closes, "quiet/thinking"),
        ],
    )


def test_nobody_is_suspended_before_the_last_words_are_on_record() -> None:
    rules = replace(RULES, leg_grace_ms=1_000)
    asked_for: list[cmd.Command] = [cmd.FinishTranscript(1, 2)]
    play(
        play(asked(rules), ANSWER[:1]),
        [
            (5_500, ev.LegDisconnected(), asked_for, "awaiting_transcript/idle"),
            (6_500, None, [], "awaiting_transcript/idle"),
            (
                6_900,
                words(1, 2, "I build"),
                [
                    candidate_turn(1, "I build", 5_000, 5_500),
                    cmd.DropUtterance(1),
                    cmd.SuspendSession(SuspendReason.ALONE),
                ],
                "quiet/idle",
            ),
        ],
    )
    play(
        play(asked(rules), ANSWER[:1]),
        [
            (5_500, ev.LegDisconnected(), asked_for, "awaiting_transcript/idle"),
            (6_500, None, [], "awaiting_transcript/idle"),
            (6_600, ev.LegAttached(), [], "awaiting_transcript/idle"),
            (
                6_900,
                words(1, 2, "I build"),
                [
                    candidate_turn(1, "I build", 5_000, 5_500),
                    cmd.DropUtterance(1),
                    prepare(2, Cause.RESUME),
                    cmd.ReleaseReply(2),
                ],
                "quiet/thinking",
            ),
        ],
    )


def test_time_runs_out_while_nobody_is_there() -> None:
    rules = replace(RULES, time_limit_ms=6_000, leg_grace_ms=1e9)
    play(
        asked(rules),
        [
            (5_000, ev.LegDisconnected(), [], "quiet/idle"),
            (6_000, None, [], "quiet/idle"),
            (
                7_000,
                ev.LegAttached(),
                [prepare(2, Cause.TIME_UP), cmd.ReleaseReply(2)],
                "quiet/thinking",
            ),
        ],
    )
    end = 6_000 + rules.overrun_ms + rules.close_out_ms
    play(
        asked(rules),
        [
            (5_000, ev.LegDisconnected(), [], "quiet/idle"),
            (6_000, None, [], "quiet/idle"),
            (6_000 + rules.overrun_ms, None, [], "quiet/idle"),
            (end, None, [cmd.EndSession(EndReason.TIME_LIMIT, False)], "quiet/idle"),
        ],
    )


LAST_WORDS: list[cmd.Command] = [candidate_turn(1, "I build", 5_000, 5_500), cmd.DropUtterance(1)]


def with_words_on_their_way(why: SuspendReason) -> TurnMachine:
    """A machine that is about to be suspended when a new leg begins, at 6600 ms."""
    machine = play(asked(), ANSWER[:1])
    machine.handle(ev.LegDisconnected(), 5_500)
    machine.state.ending.leaving = why
    assert machine.expire(6_500) == []
    assert machine.handle(ev.LegAttached(), 6_600) == []
    return machine


@pytest.mark.parametrize("why", sorted(set(SuspendReason) - {SuspendReason.SERVER_STOPS}))
def test_a_new_leg_withdraws_every_reason_to_suspend_and_a_later_one_is_told_by_itself(
    why: SuspendReason,
) -> None:
    machine = with_words_on_their_way(why)
    got = machine.handle(words(1, 2, "I build"), 6_900)
    assert got == [*LAST_WORDS, prepare(2, Cause.RESUME), cmd.ReleaseReply(2)]
    machine.leave()
    assert machine.expire(7_000)[-1] == cmd.SuspendSession(SuspendReason.SERVER_STOPS)


def test_a_new_leg_does_not_keep_a_server_that_stops() -> None:
    machine = with_words_on_their_way(SuspendReason.SERVER_STOPS)
    stops = cmd.SuspendSession(SuspendReason.SERVER_STOPS)
    assert machine.handle(words(1, 2, "I build"), 6_900) == [*LAST_WORDS, stops]
