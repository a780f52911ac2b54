"""The tables hold: every event meets its fate in every state that can be reached, and no other."""

from collections.abc import Callable
from copy import deepcopy
from itertools import product
from typing import get_args

import pytest

from sessions.turntaking import events as ev
from sessions.turntaking.causes import FIRM, YIELDING, Cause, EndReason
from sessions.turntaking.machine import TurnMachine
from sessions.turntaking.transitions import (
    CANDIDATE_MOVES,
    EVENT_FATES,
    FLOOR_MOVES,
    INTERVIEWER_MOVES,
    JOINT_STATES,
    CandidateCue,
    CandidateState,
    Fate,
    FloorCue,
    FloorHolder,
    IllegalMove,
    InterviewerCue,
    InterviewerState,
    candidate_after,
    fate_of,
    floor_after,
    interviewer_after,
)
from tests.sessions.turntaking.script import ANSWER, answering, asked, play, replying
from tests.sessions.turntaking.test_machine_ends import (
    awaiting,
    held,
    held_in_a_pause,
    speaking,
)

Joint = tuple[CandidateState, InterviewerState]
C, N = CandidateState, InterviewerState

WAYS: dict[Joint, Callable[[], TurnMachine]] = {
    (C.QUIET, N.IDLE): asked,
    (C.QUIET, N.THINKING): answering,
    (C.QUIET, N.SPEAKING): replying,
    (C.SPEAKING, N.IDLE): speaking,
    (C.SPEAKING, N.HELD): held,
    (C.PAUSING, N.IDLE): lambda: play(asked(), ANSWER[:2]),
    (C.PAUSING, N.HELD): held_in_a_pause,
    (C.AWAITING_TRANSCRIPT, N.IDLE): awaiting,
}
"""How to get into each joint state."""


def matching(machine: TurnMachine, kind: type[ev.Event]) -> ev.Event:
    """An event that is about what is going on now."""
    replies = machine.state.replies
    generation = replies.current.generation if replies.current else replies.generation
    utterance, attempt = machine.state.utterance.number, machine.state.utterance.attempt
    made: dict[type[ev.Event], ev.Event] = {
        ev.LegConnected: ev.LegConnected(),
        ev.LegAttached: ev.LegAttached(),
        ev.LegDisconnected: ev.LegDisconnected(),
        ev.EndRequested: ev.EndRequested(EndReason.RECRUITER),
        ev.RequestMade: ev.RequestMade(Cause.PAUSE),
        ev.EndRequestedByRecruiter: ev.EndRequestedByRecruiter(),
        ev.Unpaused: ev.Unpaused(),
        ev.FloorReturned: ev.FloorReturned(),
        ev.RecruiterLost: ev.RecruiterLost(),
        ev.RecruiterBack: ev.RecruiterBack(),
        ev.RecruiterSaid: ev.RecruiterSaid("Hello.", 7_000, 7_900),
        ev.TimeExtended: ev.TimeExtended(60_000),
        ev.SpeechStarted: ev.SpeechStarted(7_950),
        ev.SpeechStopped: ev.SpeechStopped(7_950),
        ev.SoundChanged: ev.SoundChanged(ev.Sound.NOISE),
        ev.TranscriptPartial: ev.TranscriptPartial(utterance, "I build"),
        ev.TranscriptFinal: ev.TranscriptFinal(utterance, attempt, "I build"),
        ev.TranscriptFailed: ev.TranscriptFailed(utterance, attempt),
        ev.LateWords: ev.LateWords(utterance, attempt, "I build bridges."),
        ev.EndOfTurnScored: ev.EndOfTurnScored(utterance, attempt, 0.95),
        ev.AnswerTyped: ev.AnswerTyped("I build bridges."),
        ev.AnswerSubmitted: ev.AnswerSubmitted(),
        ev.StopSpeakingRequested: ev.StopSpeakingRequested(),
        ev.ContinueRequested: ev.ContinueRequested(),
        ev.SentenceReady: ev.SentenceReady(generation, "I see."),
        ev.ReplyEnded: ev.ReplyEnded(generation),
        ev.ReplyFailed: ev.ReplyFailed(generation),
        ev.PlaybackStarted: ev.PlaybackStarted(generation, 7_950),
        ev.PlaybackEnded: ev.PlaybackEnded(generation, 7_950, "I see.", "I see."),
    }
    return made[kind]


def test_every_joint_state_of_the_table_can_be_reached() -> None:
    assert set(WAYS) == set(JOINT_STATES)
    for joint, way in WAYS.items():
        machine = way()
        assert (machine.candidate, machine.interviewer) == joint


def test_every_event_has_a_fate_in_every_state_of_a_party() -> None:
    assert set(EVENT_FATES) == set(get_args(ev.Event))
    for fates in EVENT_FATES.values():
        assert set(fates) in (set(C), set(N), set(FloorHolder), {*C, *N, *FloorHolder})


@pytest.mark.parametrize("kind", get_args(ev.Event), ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("joint", WAYS, ids=lambda joint: f"{joint[0].value}-{joint[1].value}")
def test_an_event_meets_its_fate(joint: Joint, kind: type[ev.Event]) -> None:
    machine = WAYS[joint]()
    event = matching(machine, kind)
    before = deepcopy(machine.state), machine.deadline
    now = min(8_000.0, machine.deadline or 8_000.0)
    match fate_of(event, *joint):
        case Fate.ERROR:
            with pytest.raises(IllegalMove, match=kind.__name__):
                machine.handle(event, now)
        case Fate.IGNORED:
            assert machine.handle(event, now) == []
            assert (machine.state, machine.deadline) == before
        case Fate.HANDLED if joint == (C.QUIET, N.THINKING) and kind is ev.PlaybackEnded:
            with pytest.raises(IllegalMove, match="before it was voiced"):
                machine.handle(event, now)
        case Fate.HANDLED:
            machine.handle(event, now)
            assert (machine.candidate, machine.interviewer) in WAYS


def test_a_move_that_is_not_in_the_table_raises() -> None:
    for candidate, cue in product(C, CandidateCue):
        if (candidate, cue) in CANDIDATE_MOVES:
            assert candidate_after(candidate, cue) is CANDIDATE_MOVES[candidate, cue]
        else:
            with pytest.raises(IllegalMove, match=f"candidate {candidate.value}: {cue}"):
                candidate_after(candidate, cue)
    for interviewer, moved_by in product(N, InterviewerCue):
        if (interviewer, moved_by) in INTERVIEWER_MOVES:
            after = interviewer_after(interviewer, moved_by)
            assert after is INTERVIEWER_MOVES[interviewer, moved_by]
        else:
            with pytest.raises(IllegalMove, match=f"interviewer {interviewer.value}: {moved_by}"):
                interviewer_after(interviewer, moved_by)
    for holder, cause in product(FloorHolder, FloorCue):
        if (holder, cause) in FLOOR_MOVES:
            assert floor_after(holder, cause) is FLOOR_MOVES[holder, cause]
        else:
            with pytest.raises(IllegalMove, match=f"floor {holder.value}: {cause}"):
                floor_after(holder, cause)


def test_every_state_and_cue_has_its_place_in_the_tables() -> None:
    assert {state for state, _ in CANDIDATE_MOVES} == set(CANDIDATE_MOVES.values()) == set(C)
    assert {cue for _, cue in CANDIDATE_MOVES} == set(CandidateCue)
    assert {state for state, _ in INTERVIEWER_MOVES} == set(INTERVIEWER_MOVES.values()) == set(N)
    assert {cue for _, cue in INTERVIEWER_MOVES} == set(InterviewerCue)
    assert {state for state, _ in FLOOR_MOVES} == set(FLOOR_MOVES.values()) == set(FloorHolder)
    assert {cue for _, cue in FLOOR_MOVES} == set(FloorCue)


def test_states_of_the_two_parties_are_never_equal() -> None:
    assert len({*C, *N, *FloorHolder}) == len(C) + len(N) + len(FloorHolder)


def test_the_causes_are_those_an_interviewer_knows() -> None:
    assert YIELDING - {None} < set(Cause)
    assert set(Cause) > FIRM
