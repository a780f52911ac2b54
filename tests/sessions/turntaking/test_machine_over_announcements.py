"""What is said over the announcement of a pause, a takeover or the end: heard after it."""

import pytest

from sessions.turntaking import commands as cmd
from sessions.turntaking import events as ev
from sessions.turntaking.causes import Cause
from sessions.turntaking.machine import TurnMachine
from sessions.turntaking.transitions import CandidateState, FloorHolder
from tests.sessions.turntaking.script import (
    ANSWER,
    asked,
    candidate_turn,
    interviewer_turn,
    play,
    prepare,
    words,
)
from tests.sessions.turntaking.taking_back import TAKING_BACK

NOTICE = "One moment, please."
SAID_OVER = "I was about to say."


REQUESTS: dict[Cause, ev.Event] = {
    Cause.PAUSE: ev.RequestMade(Cause.PAUSE),
    Cause.TAKE_OVER: ev.RequestMade(Cause.TAKE_OVER),
    Cause.END: ev.EndRequestedByRecruiter(),
}


def is_speaking(machine: TurnMachine) -> bool:
    return machine.candidate is CandidateState.SPEAKING


@pytest.mark.parametrize("cause", REQUESTS)
@pytest.mark.parametrize(
    ("edges", "spoken"),
    [
        ([(4_700, 5_300)], (4_700, 5_300)),
        ([(4_200, 4_400)], (4_200, 4_400)),  # over the announcement that is still being voiced
        ([(4_700, 4_900), (5_200, 5_600)], (4_700, 5_600)),
        ([(4_700, None)], (4_700, 6_000)),
        ([(4_700, 5_000), (5_700, None)], (4_700, 6_000)),
    ],
)
@pytest.mark.parametrize("text", [SAID_OVER, NOTICE, "one moment please", ""])
def test_words_over_an_announcement_are_a_turn_after_it_unless_they_are_its_echo(
    cause: Cause,
    edges: list[tuple[float, float | None]],
    spoken: tuple[float, float],
    text: str,
) -> None:
    machine = asked()
    events: list[tuple[float, ev.Event]] = [
        (4_000, REQUESTS[cause]),
        (4_500, ev.SentenceReady(2, NOTICE)),
        (4_500, ev.ReplyEnded(2, closing=cause is Cause.END)),
        (4_600, ev.PlaybackStarted(2, 4_600)),
    ]
    for begin, end in edges:
        events.append((begin, ev.SpeechStarted(begin)))
        if end is not None:
            events.append((end, ev.SpeechStopped(end)))
    for at_ms, event in sorted(events, key=lambda pair: pair[0]):
        machine.handle(event, at_ms)
        assert machine.candidate is CandidateState.QUIET
    assert machine.owes_words
    ended = ev.PlaybackEnded(2, 6_000, NOTICE, NOTICE)
    announced, *after = machine.handle(ended, 6_000)
    assert announced == interviewer_turn(1, 2, NOTICE, 4_600, 6_000)
    if is_speaking(machine):  # to the recruiter
        assert cause is Cause.TAKE_OVER
        after += machine.handle(ev.SpeechStopped(6_000), 6_000)
        after += machine.expire(6_100)
    for ask in [command for command in after if isinstance(command, cmd.FinishTranscript)]:
        after += machine.handle(words(ask.utterance, ask.attempt, text), 6_100)
    after += machine.expire(7_000)
    turns = [command for command in after if isinstance(command, cmd.CheckpointTurn)]
    if text == SAID_OVER:
        assert turns == [candidate_turn(2, SAID_OVER, *spoken)]
    else:
        assert turns == []
    assert machine.state.utterance.put_off_ms is None
    assert machine.candidate is CandidateState.QUIET
    holders = {Cause.PAUSE: FloorHolder.PAUSED, Cause.TAKE_OVER: FloorHolder.RECRUITER}
    assert machine.holder is holders.get(cause, FloorHolder.INTERVIEWER)
    assert machine.state.ending.ended is (cause is Cause.END)


def test_words_over_an_announcement_do_not_reopen_the_answer_before_it() -> None:
    """Its reply was not heard: it is closed for good, and what is said now is another turn."""
    machine = play(asked(TAKING_BACK), ANSWER[:3])
    assert cmd.KeepUtterance(1) in machine.expire(6_700)
    machine.handle(ev.RequestMade(Cause.PAUSE), 6_750)
    assert cmd.PrepareReply(3, Cause.PAUSE) in machine.handle(ev.ReplyFailed(2), 6_800)
    machine.handle(ev.SentenceReady(3, NOTICE), 6_900)
    machine.handle(ev.ReplyEnded(3), 6_900)
    machine.handle(ev.PlaybackStarted(3, 6_900), 6_900)
    machine.handle(ev.SpeechStarted(7_000), 7_000)
    machine.handle(ev.SpeechStopped(8_000), 8_000)
    after = machine.handle(ev.PlaybackEnded(3, 9_000, NOTICE, NOTICE), 9_000)
    assert not any(isinstance(command, cmd.ReopenTurn) for command in after)
    ask = after[-1]
    assert isinstance(ask, cmd.FinishTranscript)
    assert ask.utterance == 2
    assert machine.handle(words(2, ask.attempt, SAID_OVER), 9_100) == [
        candidate_turn(3, SAID_OVER, 7_000, 8_000),
        cmd.DropUtterance(2),
    ]


def test_words_over_an_announcement_that_is_called_off_are_answered() -> None:
    machine = asked()
    machine.handle(ev.RequestMade(Cause.PAUSE), 4_000)
    machine.handle(ev.SentenceReady(2, NOTICE), 4_500)
    machine.handle(ev.ReplyEnded(2), 4_500)
    machine.handle(ev.PlaybackStarted(2, 4_600), 4_600)
    machine.handle(ev.SpeechStarted(4_700), 4_700)
    machine.handle(ev.SpeechStopped(5_900), 5_900)
    assert machine.handle(ev.Unpaused(), 5_950) == []
    got = machine.handle(ev.PlaybackEnded(2, 6_000, NOTICE, NOTICE), 6_000)
    assert got == [
        interviewer_turn(1, 2, NOTICE, 4_600, 6_000),
        cmd.FinishTranscript(1, 2),
    ]
    got = machine.handle(words(1, 2, SAID_OVER), 6_200)
    assert got == [prepare(3, Cause.UNPAUSE, SAID_OVER)]


@pytest.mark.parametrize("force", [True, False])
def test_words_over_an_announcement_outlive_the_leg(force: bool) -> None:
    machine = asked()
    machine.handle(ev.RequestMade(Cause.PAUSE, force=force), 4_000)
    machine.handle(ev.SentenceReady(2, NOTICE), 4_500)
    machine.handle(ev.PlaybackStarted(2, 4_600), 4_600)
    machine.handle(ev.SpeechStarted(4_700), 4_700)
    machine.handle(ev.SpeechStopped(5_300), 5_300)
    assert machine.handle(ev.LegDisconnected(), 5_500) == [
        cmd.StopPlayback(2),
        cmd.FinishTranscript(1, 2),
    ]
    machine.handle(words(1, 2, SAID_OVER), 5_600)
    got = machine.handle(ev.PlaybackEnded(2, 5_700, NOTICE, "One"), 5_700)
    assert [turn.text for turn in got if isinstance(turn, cmd.CheckpointTurn)] == [
        NOTICE,
        SAID_OVER,
    ]


def test_a_sound_over_an_announcement_that_was_no_voice_is_not_asked_for() -> None:
    machine = asked()
    machine.handle(ev.RequestMade(Cause.PAUSE), 4_000)
    machine.handle(ev.SentenceReady(2, NOTICE), 4_500)
    machine.handle(ev.SpeechStarted(4_700), 4_700)
    machine.handle(ev.SpeechStopped(4_800, doubtful=True), 4_900)
    assert not machine.owes_words
    got = machine.handle(ev.PlaybackEnded(2, 6_000, NOTICE, NOTICE), 6_000)
    assert got[1:] == [cmd.MoveFloor(FloorHolder.PAUSED, 2)]
