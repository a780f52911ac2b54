"""What a recruiter does to the floor: requests, at a boundary or at once, clock and takeover."""

from dataclasses import replace

import pytest

from sessions.turntaking import commands as cmd
from sessions.turntaking import events as ev
from sessions.turntaking.causes import Cause, EndReason
from sessions.turntaking.machine import TurnMachine
from sessions.turntaking.transitions import CandidateState, FloorHolder
from sessions.turntaking.turns import Speaker
from tests.sessions.turntaking.script import (
    ANSWER,
    RULES,
    Row,
    asked,
    candidate_turn,
    interviewer_turn,
    play,
    prepare,
    replying,
    words,
)
from tests.sessions.turntaking.taking_back import TAKING_BACK

NOTICE = "One moment, please."


def told(machine: TurnMachine, generation: int, index: int, begin: float, cause: Cause) -> None:
    """The announcement of this generation is voiced and heard to its end, in 2 s."""
    after = {
        Cause.PAUSE: [cmd.MoveFloor(FloorHolder.PAUSED, generation)],
        Cause.TAKE_OVER: [cmd.MoveFloor(FloorHolder.RECRUITER, generation + 1)],
    }
    end = begin + 2_000
    play(
        machine,
        [
            (begin, ev.SentenceReady(generation, NOTICE), [], "quiet/speaking"),
            (begin, ev.ReplyEnded(generation), [], "quiet/speaking"),
            (begin, ev.PlaybackStarted(generation, begin), [], "quiet/speaking"),
            (
                end,
                ev.PlaybackEnded(generation, end, NOTICE, NOTICE),
                [interviewer_turn(index, generation, NOTICE, begin, end), *after[cause]],
                "quiet/idle",
            ),
        ],
    )


def due(machine: TurnMachine) -> float | None:
    """When it wants to be woken."""
    return machine.deadline


def paused() -> TurnMachine:
    """Asked at 3 s; a pause requested at 4 s, while nobody spoke; announced from 5 s to 7 s."""
    machine = asked()
    row: Row = (
        4_000,
        ev.RequestMade(Cause.PAUSE),
        [prepare(2, Cause.PAUSE), cmd.ReleaseReply(2)],
        "quiet/thinking",
    )
    play(machine, [row])
    told(machine, 2, 1, 5_000, Cause.PAUSE)
    return machine


def taken() -> TurnMachine:
    """Asked at 3 s; the floor requested at 4 s and announced from 5 s to 7 s: generation 3 is the
    recruiter's voice."""
    machine = asked()
    row: Row = (
        4_000,
        ev.RequestMade(Cause.TAKE_OVER),
        [
            cmd.MoveFloor(FloorHolder.PASSING, 1),
            prepare(2, Cause.TAKE_OVER),
            cmd.ReleaseReply(2),
        ],
        "quiet/thinking",
    )
    play(machine, [row])
    told(machine, 2, 1, 5_000, Cause.TAKE_OVER)
    return machine


def test_a_request_takes_the_place_of_the_reply_to_the_answer() -> None:
    machine = play(asked(), ANSWER[:2])
    play(
        machine,
        [
            (6_200, ev.RequestMade(Cause.SKIP), [], "pausing/idle"),
            (
                6_600,
                words(1, 2, "I build bridges."),
                [prepare(2, Cause.SKIP, "I build bridges.")],
                "pausing/idle",
            ),
            (
                6_700,
                None,
                [
                    candidate_turn(1, "I build bridges.", 5_000, 6_000),
                    cmd.DropUtterance(1),
                    cmd.ReleaseReply(2),
                ],
                "quiet/thinking",
            ),
        ],
    )
    assert machine.state.request.cause == Cause.SKIP  # until some of it was heard


def test_a_request_waits_for_the_end_of_the_interviewers_sentence() -> None:
    play(
        replying(),
        [
            (7_500, ev.RequestMade(Cause.SKIP), [], "quiet/speaking"),
            (
                8_000,
                ev.PlaybackEnded(2, 8_000, "I see.", "I see."),
                [
                    interviewer_turn(2, 2, "I see.", 7_000, 8_000),
                    prepare(3, Cause.SKIP),
                    cmd.ReleaseReply(3),
                ],
                "quiet/thinking",
            ),
        ],
    )


def test_a_forced_request_stops_the_interviewer_in_the_middle_of_a_word() -> None:
    play(
        replying(),
        [
            (7_500, ev.RequestMade(Cause.PAUSE, force=True), [cmd.StopPlayback(2)], "quiet/idle"),
            (
                7_600,
                ev.PlaybackEnded(2, 7_600, "I see.", "I"),
                [
                    interviewer_turn(2, 2, "I see.", 7_000, 7_600, heard="I"),
                    prepare(3, Cause.PAUSE),
                    cmd.ReleaseReply(3),
                ],
                "quiet/thinking",
            ),
        ],
    )


def test_a_forced_request_cuts_the_answer_short_and_hears_the_rest_after_its_announcement() -> None:
    machine = play(asked(), ANSWER[:1])
    got = machine.handle(ev.EndRequestedByRecruiter(force=True), 6_000)
    assert got == [cmd.FinishTranscript(1, 2)]
    assert machine.candidate is CandidateState.AWAITING_TRANSCRIPT
    assert machine.handle(ev.SpeechStopped(6_100), 6_200) == []
    assert machine.handle(ev.SpeechStarted(6_300), 6_400) == []
    assert machine.candidate is CandidateState.AWAITING_TRANSCRIPT
    got = machine.handle(words(1, 2, "I build"), 6_500)
    assert got == [
        candidate_turn(1, "I build", 5_000, 6_000),
        cmd.DropUtterance(1),
        prepare(2, Cause.END),
        cmd.ReleaseReply(2),
    ]
    machine.handle(ev.SentenceReady(2, NOTICE), 6_600)
    machine.handle(ev.ReplyEnded(2, closing=True), 6_600)
    got = machine.handle(ev.PlaybackEnded(2, 8_000, NOTICE, NOTICE), 8_000)
    assert got == [
        interviewer_turn(2, 2, NOTICE, 8_000, 8_000),
        cmd.FinishTranscript(2, 4),
    ]
    assert machine.handle(words(2, 4, "a bridge."), 8_100) == [
        candidate_turn(3, "a bridge.", 6_000, 8_000),
        cmd.DropUtterance(2),
        cmd.EndSession(EndReason.RECRUITER, False),
    ]


def test_time_stands_still_in_a_pause_and_nobody_is_listened_to() -> None:
    machine = paused()
    left = machine.time_left_ms(7_000)
    assert machine.time_left_ms(97_000) == left
    assert machine.handle(ev.SpeechStarted(20_000), 20_100) == []
    assert machine.handle(ev.SpeechStopped(21_000), 21_100) == []
    got = machine.handle(ev.Unpaused(), 97_000)
    assert got == [
        cmd.MoveFloor(FloorHolder.INTERVIEWER, 2),
        prepare(3, Cause.UNPAUSE),
        cmd.ReleaseReply(3),
    ]
    assert machine.time_left_ms(97_000) == left
    assert machine.time_left_ms(98_000) == left - 1_000


def test_a_pause_that_was_forgotten_ends_by_itself() -> None:
    machine = paused()
    over_ms = 7_000 + RULES.pause_max_ms
    assert machine.deadline == over_ms
    got = machine.expire(over_ms)
    assert got[0] == cmd.MoveFloor(FloorHolder.INTERVIEWER, 2)


def test_a_pause_that_is_not_wanted_any_more_does_not_happen() -> None:
    machine = play(asked(), ANSWER[:1])
    machine.handle(ev.RequestMade(Cause.PAUSE), 5_500)
    assert machine.handle(ev.Unpaused(), 5_600) == []
    play(machine, ANSWER[1:])


def test_a_voice_over_an_announcement_does_not_hold_it() -> None:
    machine = asked()
    machine.handle(ev.RequestMade(Cause.PAUSE), 4_000)
    machine.handle(ev.SentenceReady(2, NOTICE), 4_500)
    machine.handle(ev.PlaybackStarted(2, 4_600), 4_600)
    assert machine.handle(ev.SpeechStarted(4_700), 4_800) == []
    assert machine.candidate is CandidateState.QUIET


def test_who_speaks_through_the_announcement_of_a_takeover_is_heard_after_it() -> None:
    machine = asked()
    machine.handle(ev.RequestMade(Cause.TAKE_OVER), 4_000)
    machine.handle(ev.SentenceReady(2, NOTICE), 4_500)
    machine.handle(ev.SpeechStarted(4_700), 4_800)
    machine.handle(ev.PlaybackEnded(2, 6_000, NOTICE, NOTICE), 6_000)
    assert machine.state.holder is FloorHolder.RECRUITER
    assert machine.candidate is CandidateState.SPEAKING


def test_under_a_recruiter_answers_go_on_record_and_get_no_reply() -> None:
    play(
        taken(),
        [
            (
                9_000,
                ev.RecruiterSaid("Hi, it is Rita.", 7_200, 8_500, 0.8),
                [
                    cmd.CheckpointTurn(
                        2,
                        Speaker.RECRUITER,
                        "Hi, it is Rita.",
                        "Hi, it is Rita.",
                        7_200,
                        8_500,
                        0.8,
                    )
                ],
                "quiet/idle",
            ),
            (10_000, ev.SpeechStarted(9_900), [], "speaking/idle"),
            (11_000, ev.SpeechStopped(10_900), [cmd.FinishTranscript(1, 2)], "pausing/idle"),
            (11_200, words(1, 2, "Hello Rita."), [], "pausing/idle"),
            (
                11_600,
                None,
                [candidate_turn(3, "Hello Rita.", 9_900, 10_900), cmd.DropUtterance(1)],
                "quiet/idle",
            ),
            (
                60_000,
                ev.FloorReturned(),
                [
                    cmd.MoveFloor(FloorHolder.INTERVIEWER, 3),
                    prepare(4, Cause.HAND_BACK),
                    cmd.ReleaseReply(4),
                ],
                "quiet/thinking",
            ),
        ],
    )


def test_a_lost_recruiter_has_a_few_seconds_to_come_back() -> None:
    play(
        taken(),
        [
            (8_000, ev.RecruiterLost(), [cmd.MoveFloor(FloorHolder.LOST, 3)], "quiet/idle"),
            (11_000, ev.RecruiterBack(), [cmd.MoveFloor(FloorHolder.RECRUITER, 4)], "quiet/idle"),
            (20_000, ev.RecruiterLost(), [cmd.MoveFloor(FloorHolder.LOST, 4)], "quiet/idle"),
            (
                20_000 + RULES.recruiter_grace_ms,
                None,
                [
                    cmd.MoveFloor(FloorHolder.INTERVIEWER, 4),
                    prepare(5, Cause.HAND_BACK),
                    cmd.ReleaseReply(5),
                ],
                "quiet/thinking",
            ),
            (25_000, ev.RecruiterBack(), [], "quiet/thinking"),
        ],
    )


def test_a_takeover_that_is_called_off_during_its_announcement_is_followed_by_a_word() -> None:
    machine = asked()
    machine.handle(ev.RequestMade(Cause.TAKE_OVER), 4_000)
    machine.handle(ev.SentenceReady(2, NOTICE), 4_500)
    assert machine.handle(ev.RecruiterLost(), 5_000) == [cmd.MoveFloor(FloorHolder.INTERVIEWER, 2)]
    got = machine.handle(ev.PlaybackEnded(2, 6_000, NOTICE, NOTICE), 6_000)
    assert got[1:] == [prepare(3, Cause.HAND_BACK), cmd.ReleaseReply(3)]


def test_one_that_only_waits_is_dropped_without_a_word() -> None:
    machine = play(asked(), ANSWER[:1])
    machine.handle(ev.RequestMade(Cause.TAKE_OVER), 5_500)
    assert machine.handle(ev.FloorReturned(), 5_600) == [cmd.MoveFloor(FloorHolder.INTERVIEWER, 1)]
    play(machine, ANSWER[1:])


def test_an_announcement_that_cannot_be_voiced_keeps_nothing_from_happening() -> None:
    machine = asked()
    machine.handle(ev.RequestMade(Cause.TAKE_OVER), 4_000)
    got = machine.handle(ev.ReplyFailed(2), 4_500)
    assert got == [cmd.CancelReply(2), cmd.MoveFloor(FloorHolder.RECRUITER, 3)]


def test_the_time_that_is_over_under_a_recruiter_closes_when_the_floor_comes_back() -> None:
    machine = taken()
    assert due(machine) == RULES.time_limit_ms
    assert machine.expire(RULES.time_limit_ms) == []
    assert due(machine) is None
    got = machine.handle(ev.FloorReturned(), RULES.time_limit_ms + 300_000)
    assert got[1:] == [prepare(4, Cause.TIME_UP), cmd.ReleaseReply(4)]


def test_more_time_is_there_at_once_even_after_the_end_of_the_time() -> None:
    machine = play(asked(), ANSWER[:1])
    machine.handle(ev.TimeExtended(60_000), 5_500)
    assert machine.time_left_ms(5_500) == RULES.time_limit_ms + 60_000 - 5_500

    late = play(asked(replace(RULES, time_limit_ms=24_000)), ANSWER[:1])
    late.expire(24_000)
    assert late.time_left_ms(24_000) == 0
    late.handle(ev.TimeExtended(800), 24_100)
    assert late.deadline == 24_800


def test_a_leg_that_is_lost_during_the_announcement_hears_it_when_it_is_back() -> None:
    machine = asked()
    machine.handle(ev.RequestMade(Cause.PAUSE), 4_000)
    machine.handle(ev.LegDisconnected(), 4_200)
    got = machine.handle(ev.LegAttached(), 6_000)
    assert got == [prepare(3, Cause.PAUSE), cmd.ReleaseReply(3)]


@pytest.mark.parametrize("state", ["paused", "taken"])
def test_the_end_can_be_requested_in_every_state(state: str) -> None:
    machine = paused() if state == "paused" else taken()
    got = machine.handle(ev.EndRequestedByRecruiter(), 9_000)
    assert isinstance(got[0], cmd.MoveFloor)
    assert got[0].state is FloorHolder.INTERVIEWER
    assert isinstance(got[1], cmd.PrepareReply)
    assert got[1].cause == Cause.END


def test_a_pause_that_begins_in_the_middle_of_an_answer_closes_it() -> None:
    """The candidate silences its announcement, and speaks before it is known what was heard."""
    machine = asked()
    machine.handle(ev.RequestMade(Cause.PAUSE), 4_000)
    machine.handle(ev.SentenceReady(2, NOTICE), 5_000)
    play(
        machine,
        [
            (5_000, ev.PlaybackStarted(2, 5_000), [], "quiet/speaking"),
            (5_500, ev.StopSpeakingRequested(), [cmd.StopPlayback(2)], "quiet/idle"),
            (5_600, ev.SpeechStarted(5_550), [], "speaking/idle"),
            (
                5_700,
                ev.PlaybackEnded(2, 5_500, NOTICE, "One"),
                [
                    interviewer_turn(1, 2, NOTICE, 5_000, 5_500, heard="One"),
                    cmd.MoveFloor(FloorHolder.PAUSED, 2),
                    cmd.FinishTranscript(1, 2),
                ],
                "awaiting_transcript/idle",
            ),
            (5_800, ev.SpeechStopped(5_750), [], "awaiting_transcript/idle"),
            (5_900, ev.SpeechStarted(5_850), [], "awaiting_transcript/idle"),
            (6_100, ev.SpeechStopped(6_050), [], "awaiting_transcript/idle"),
            (
                6_300,
                words(1, 2, "Yes."),
                [candidate_turn(2, "Yes.", 5_550, 5_700), cmd.DropUtterance(1)],
                "quiet/idle",
            ),
        ],
    )


def test_what_is_said_after_a_takeover_that_could_not_be_announced_is_a_turn_of_its_own() -> None:
    """The answer before it is closed for good, although nobody has heard a reply to it."""
    machine = play(asked(TAKING_BACK), ANSWER[:3])
    assert cmd.KeepUtterance(1) in machine.expire(6_700)
    play(
        machine,
        [
            (
                6_750,
                ev.RequestMade(Cause.TAKE_OVER),
                [cmd.MoveFloor(FloorHolder.PASSING, 2)],
                "quiet/thinking",
            ),
            (
                6_800,
                ev.ReplyFailed(2),
                [cmd.CancelReply(2), prepare(3, Cause.TAKE_OVER), cmd.ReleaseReply(3)],
                "quiet/thinking",
            ),
            (
                6_900,
                ev.ReplyFailed(3),
                [
                    cmd.CancelReply(3),
                    cmd.DropUtterance(1),
                    cmd.MoveFloor(FloorHolder.RECRUITER, 4),
                ],
                "quiet/idle",
            ),
            (8_100, ev.SpeechStarted(8_000), [], "speaking/idle"),
            (9_150, ev.SpeechStopped(9_000), [cmd.FinishTranscript(2, 4)], "pausing/idle"),
            (9_600, words(2, 4, "Hello."), [], "pausing/idle"),
            (
                9_700,
                None,
                [candidate_turn(2, "Hello.", 8_000, 9_000), cmd.DropUtterance(2)],
                "quiet/idle",
            ),
        ],
    )
