"""Conversations: written answers, answers ended by a button, an interviewer told to be quiet."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from sessions.turntaking import commands as cmd
from sessions.turntaking import events as ev
from sessions.turntaking.causes import Cause, EndReason
from sessions.turntaking.machine import TurnMachine
from sessions.turntaking.timers import Timer
from sessions.turntaking.transitions import CandidateState
from tests.sessions.turntaking.script import (
    ANSWER,
    RULES,
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
from tests.sessions.turntaking.test_machine_ends import awaiting, drafted, held, held_in_a_pause

TYPED = ev.AnswerTyped(" I build bridges. ")
REPLY = "I see. And what went wrong?"
ENDED = ev.PlaybackEnded(2, 9_010, REPLY, "I see.")
STOPPED = interviewer_turn(2, 2, REPLY, 7_000, 9_010, heard="I see.")


def typed_turn(index: int, at_ms: float, text: str = "I build bridges.") -> cmd.CheckpointTurn:
    """The record of what was only written."""
    return replace(candidate_turn(index, text, at_ms, at_ms), confidence=None, rule="typed")


def mixed_turn(index: int, text: str, started_ms: float, ended_ms: float) -> cmd.CheckpointTurn:
    """The record of what was spoken and written."""
    return candidate_turn(index, text, started_ms, ended_ms)


def checkpoints(commands: list[cmd.Command]) -> list[cmd.CheckpointTurn]:
    return [command for command in commands if isinstance(command, cmd.CheckpointTurn)]


class TestTyping:
    def test_a_written_answer_is_a_turn_and_is_answered_at_once(self) -> None:
        machine = play(
            asked(),
            [
                (
                    5_000,
                    TYPED,
                    [
                        typed_turn(1, 5_000),
                        cmd.DropUtterance(1),
                        prepare(2, Cause.ANSWER),
                        cmd.ReleaseReply(2),
                    ],
                    "quiet/thinking",
                )
            ],
        )
        assert machine.state.utterance.typed == ""

    def test_it_stops_the_reply_and_goes_on_record_after_it(self) -> None:
        play(
            replying(),
            [
                (9_000, TYPED, [cmd.StopPlayback(2)], "awaiting_transcript/idle"),
                (
                    9_050,
                    ENDED,
                    [
                        STOPPED,
                        typed_turn(3, 9_000),
                        cmd.DropUtterance(2),
                        prepare(3, Cause.ANSWER),
                        cmd.ReleaseReply(3),
                    ],
                    "quiet/thinking",
                ),
            ],
        )

    def test_it_takes_nothing_back(self) -> None:
        machine = play(fresh(replace(RULES, take_back_ms=5_000)), [])
        before: list[tuple[ev.Event, float]] = [
            (ev.LegAttached(), 0),
            (ev.SentenceReady(1, "Hello."), 100),
            (ev.PlaybackEnded(1, 900, "Hello.", "Hello."), 900),
            (ev.SpeechStarted(1_000), 1_000),
            (ev.SpeechStopped(2_000), 2_100),
            (words(1, 2, "I build."), 2_200),
        ]
        for event, now in before:
            machine.handle(event, now)
        (turn,) = checkpoints(machine.expire(2_700))
        machine.handle(ev.SentenceReady(2, "I see."), 2_800)
        machine.handle(ev.PlaybackStarted(2, 2_900), 2_900)
        told = machine.handle(TYPED, 3_000)
        assert not any(isinstance(command, cmd.ReopenTurn) for command in told)
        recorded = checkpoints(machine.handle(ev.PlaybackEnded(2, 3_100, "I see.", "I"), 3_100))
        assert [turn.index, *(turn.index for turn in recorded)] == [1, 2, 3]
        assert [turn.revision for turn in recorded] == [0, 0]

    def test_a_reply_that_is_still_being_thought_about_is_thrown_away(self) -> None:
        play(
            answering(),
            [
                (
                    6_800,
                    TYPED,
                    [
                        cmd.CancelReply(2),
                        typed_turn(2, 6_800),
                        cmd.DropUtterance(2),
                        prepare(3, Cause.ANSWER),
                        cmd.ReleaseReply(3),
                    ],
                    "quiet/thinking",
                )
            ],
        )

    def test_what_is_said_meanwhile_belongs_to_the_same_turn(self) -> None:
        play(
            asked(),
            [
                (5_100, ev.SpeechStarted(5_000), [], "speaking/idle"),
                (5_500, TYPED, [], "speaking/idle"),
                (6_150, ev.SpeechStopped(6_000), [cmd.FinishTranscript(1, 2)], "pausing/idle"),
                (
                    6_200,
                    words(1, 2, "Well,"),
                    [prepare(2, Cause.ANSWER, "Well, I build bridges.")],
                    "pausing/idle",
                ),
                (
                    6_700,
                    None,
                    [
                        mixed_turn(1, "Well, I build bridges.", 5_000, 6_000),
                        cmd.DropUtterance(1),
                        cmd.ReleaseReply(2),
                    ],
                    "quiet/thinking",
                ),
            ],
        )

    @pytest.mark.parametrize("lost", [words(1, 2, ""), ev.TranscriptFailed(1, 2)])
    def test_words_that_cannot_be_had_take_nothing_from_it(self, lost: ev.Event) -> None:
        machine = play(asked(), ANSWER[:2])
        machine.handle(TYPED, 6_200)
        (turn,) = checkpoints(machine.handle(lost, 6_300))
        assert (turn.text, turn.rule, turn.ended_ms) == ("I build bridges.", "typed", 6_000)

    def test_in_a_pause_it_is_the_end_of_the_answer(self) -> None:
        machine = drafted()
        (turn,) = checkpoints(machine.handle(ev.AnswerTyped("And tunnels."), 6_650))
        assert turn.text == "I build bridges. And tunnels."

    def test_over_a_held_reply_it_decides(self) -> None:
        machine = held_in_a_pause()
        told = machine.handle(TYPED, 7_950)
        assert told == [cmd.StopPlayback(2)]
        assert machine.handle(words(2, 4, "mhm"), 8_000) == []
        turns = checkpoints(machine.handle(ENDED, 9_010))
        assert [turn.text for turn in turns] == [REPLY, "mhm I build bridges."]

    def test_a_voice_that_begins_before_it_is_on_record_is_waited_for(self) -> None:
        machine = replying()
        machine.handle(TYPED, 9_000)
        assert machine.handle(ev.SpeechStarted(8_900), 9_005) == []
        assert len(checkpoints(machine.handle(ENDED, 9_010))) == 1
        machine.handle(ev.SpeechStopped(8_950), 9_050)
        (turn,) = checkpoints(machine.handle(words(2, machine.state.utterance.attempt, ""), 9_200))
        assert (turn.text, turn.started_ms, turn.ended_ms) == ("I build bridges.", 8_900, 8_950)

    def test_a_pause_that_begins_as_the_words_fail_asks_for_none_of_a_closed_turn(self) -> None:
        """The words were asked for in the middle of the voice: there had been none for so long."""
        machine = asked(replace(RULES, wordless_ms=1_000))
        machine.handle(ev.SpeechStarted(5_000), 5_050)
        machine.handle(TYPED, 5_500)
        assert machine.expire(6_000) == [cmd.FinishTranscript(1, 2)]
        machine.handle(ev.SpeechStopped(6_500), 6_520)
        (turn,) = checkpoints(machine.handle(ev.TranscriptFailed(1, 2), 6_550))
        assert (turn.text, turn.rule) == ("I build bridges.", "typed")
        assert machine.state.candidate is CandidateState.QUIET
        assert not machine.timers.armed(Timer.SPECULATE)

    @pytest.mark.parametrize("text", ["", " \n"])
    def test_nothing_written_is_nothing(self, text: str) -> None:
        play(asked(), [(5_000, ev.AnswerTyped(text), [], "quiet/idle")])

    def test_nobody_answers_without_a_leg_or_after_the_end(self) -> None:
        gone = asked()
        gone.handle(ev.LegDisconnected(), 4_000)
        assert gone.handle(TYPED, 4_100) == []
        ending = replying()
        ending.handle(ev.EndRequested(EndReason.RECRUITER), 9_000)
        assert ending.handle(TYPED, 9_005) == []


class TestEndingAnAnswer:
    def test_a_pause_is_not_waited_out(self) -> None:
        told = drafted().handle(ev.AnswerSubmitted(), 6_610)
        assert told == [
            candidate_turn(1, "I build bridges.", 5_000, 6_000),
            cmd.DropUtterance(1),
            cmd.ReleaseReply(2),
        ]

    def test_words_that_are_missing_are_asked_for_and_close_the_turn(self) -> None:
        play(
            asked(),
            [
                (5_100, ev.SpeechStarted(5_000), [], "speaking/idle"),
                (
                    5_900,
                    ev.AnswerSubmitted(),
                    [cmd.FinishTranscript(1, 2)],
                    "awaiting_transcript/idle",
                ),
                (
                    6_000,
                    words(1, 2, "I build bridges."),
                    [
                        candidate_turn(1, "I build bridges.", 5_000, 5_900),
                        cmd.DropUtterance(1),
                        prepare(2, Cause.ANSWER),
                        cmd.ReleaseReply(2),
                    ],
                    "quiet/thinking",
                ),
            ],
        )

    def test_over_a_reply_it_is_no_backchannel(self) -> None:
        machine = held()
        told = machine.handle(ev.AnswerSubmitted(), 7_900)
        assert told == [cmd.StopPlayback(2), cmd.FinishTranscript(2, 4)]
        machine.handle(words(2, 4, "okay"), 8_000)
        assert [turn.text for turn in checkpoints(machine.handle(ENDED, 9_010))] == [REPLY, "okay"]

    def test_where_nothing_was_heard_the_interviewer_says_so(self) -> None:
        told: list[cmd.Command] = [prepare(2, Cause.UNHEARD), cmd.ReleaseReply(2)]
        play(asked(), [(5_000, ev.AnswerSubmitted(), told, "quiet/thinking")])

    @pytest.mark.parametrize("way", [answering, replying, awaiting])
    def test_elsewhere_it_changes_nothing(self, way: Callable[[], TurnMachine]) -> None:
        machine = way()
        before = machine.candidate, machine.interviewer
        assert machine.handle(ev.AnswerSubmitted(), 7_010) == []
        assert (machine.candidate, machine.interviewer) == before


class TestAskingForQuiet:
    def test_what_was_heard_is_the_turn_and_nothing_follows_by_itself(self) -> None:
        machine = replying()
        assert machine.handle(ev.StopSpeakingRequested(), 9_000) == [cmd.StopPlayback(2)]
        assert machine.handle(ENDED, 9_010) == [STOPPED]
        assert machine.deadline == 9_010 + RULES.idle_first_ms

    def test_a_reply_of_which_nothing_was_heard_comes_after_a_silence(self) -> None:
        machine = replying()
        machine.handle(ev.StopSpeakingRequested(), 9_000)
        assert machine.handle(ev.PlaybackEnded(2, 9_010, REPLY, ""), 9_010) == []
        assert machine.expire(18_010) == [
            prepare(3, Cause.ANSWER, idle_level=1),
            cmd.ReleaseReply(3),
        ]

    def test_a_reply_that_is_being_thought_about_is_thrown_away(self) -> None:
        machine = answering()
        assert machine.handle(ev.StopSpeakingRequested(), 6_800) == [cmd.CancelReply(2)]
        assert machine.deadline == 6_800 + RULES.idle_first_ms
        told = machine.handle(TYPED, 7_000)
        assert told[-2:] == [prepare(3, Cause.ANSWER), cmd.ReleaseReply(3)]

    def test_a_voice_over_a_held_reply_has_the_floor(self) -> None:
        machine = held_in_a_pause()
        assert machine.handle(ev.StopSpeakingRequested(), 7_950) == [cmd.StopPlayback(2)]
        machine.handle(words(2, 4, "mhm"), 8_000)
        machine.handle(ENDED, 9_010)
        assert machine.deadline is not None

    def test_the_end_of_the_time_is_told_all_the_same(self) -> None:
        machine = replying()
        machine.handle(ev.StopSpeakingRequested(), 599_990)
        machine.handle(ev.PlaybackEnded(2, 599_995, REPLY, "I see."), 599_995)
        assert machine.expire(600_000) == [prepare(3, Cause.TIME_UP), cmd.ReleaseReply(3)]

    def test_who_is_silent_cannot_be_silenced(self) -> None:
        play(asked(), [(5_000, ev.StopSpeakingRequested(), [], "quiet/idle")])
