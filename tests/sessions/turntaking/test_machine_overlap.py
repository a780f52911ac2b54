"""Conversations: sounds over a reply whose words decide, and the interviewer's own echo."""

from dataclasses import replace

from sessions.turntaking import commands as cmd
from sessions.turntaking import events as ev
from tests.sessions.turntaking.script import (
    RULES,
    Row,
    candidate_turn,
    interviewer_turn,
    play,
    replying,
    words,
)

PATIENT = replace(RULES, backchannel_max_ms=700, overlap_max_ms=2_000)
REPLY = "I see. And what went wrong?"
ONSET: Row = (7_600, ev.SpeechStarted(7_500), [cmd.HoldPlayback(2)], "speaking/held")
ASKED: Row = (8_200, None, [cmd.FinishTranscript(2, 3)], "speaking/held")
RECORDED = interviewer_turn(2, 2, "I see.", 7_000, 9_000)
RECORDED_EARLY = interviewer_turn(2, 2, "I see.", 7_000, 7_450)


def stopped_after(speech_ms: float) -> Row:
    at = 7_500 + speech_ms
    asked: list[cmd.Command] = [cmd.FinishTranscript(2, 4)]
    return (at + 200, ev.SpeechStopped(at), asked, "pausing/held")


def goes_on(now: float, text: str) -> Row:
    """The words come, and the reply goes on from where it was held."""
    commands: list[cmd.Command] = [cmd.DropUtterance(2), cmd.ResumePlayback(2)]
    return (now, words(2, 4, text), commands, "quiet/speaking")


def ends(now: float, text: str) -> Row:
    return (now, words(2, 4, text), [cmd.StopPlayback(2)], "pausing/idle")


def test_a_long_sound_over_a_reply_is_asked_for_its_words_while_it_lasts() -> None:
    partial = ev.TranscriptPartial(2, "Could you say")
    play(
        replying(PATIENT),
        [ONSET, ASKED, (8_500, partial, [cmd.StopPlayback(2)], "speaking/idle")],
    )


def test_a_sound_that_was_no_voice_lets_the_reply_go_on_at_once_and_asks_nobody() -> None:
    goes_on_at_once: list[cmd.Command] = [cmd.DropUtterance(2), cmd.ResumePlayback(2)]
    play(
        replying(PATIENT),
        [
            ONSET,
            (7_700, ev.SpeechStopped(7_600, doubtful=True), goes_on_at_once, "quiet/speaking"),
            (9_000, ev.PlaybackEnded(2, 9_000, "I see.", "I see."), [RECORDED], "quiet/idle"),
        ],
    )


def test_a_sound_that_was_no_voice_is_asked_for_words_if_the_reply_has_ended_meanwhile() -> None:
    play(
        replying(PATIENT),
        [
            (7_450, ev.PlaybackEnded(2, 7_450, "I see.", "I see."), [RECORDED_EARLY], "quiet/idle"),
            (7_600, ev.SpeechStarted(7_400), [], "speaking/idle"),
            (7_700, ev.SpeechStopped(7_650, doubtful=True), [], "pausing/idle"),
            (7_750, None, [cmd.FinishTranscript(2, 4)], "pausing/idle"),
            (7_900, words(2, 4, ""), [cmd.DropUtterance(2)], "quiet/idle"),
        ],
    )


def test_a_drawn_out_okay_does_not_take_the_floor() -> None:
    okay = ev.TranscriptPartial(2, "Okay.")
    play(
        replying(PATIENT),
        [
            ONSET,
            ASKED,
            (8_400, okay, [], "speaking/held"),
            stopped_after(1_000),
            goes_on(8_900, "Okay."),
        ],
    )


def test_a_sound_without_words_takes_the_floor_in_the_end() -> None:
    play(
        replying(PATIENT),
        [ONSET, ASKED, (9_500, None, [cmd.StopPlayback(2)], "speaking/idle")],
    )


def test_the_words_of_a_short_hum_are_not_trusted() -> None:
    for heard in ("No.", "Mama", "It's hard."):
        doubtful = ev.TranscriptFinal(2, 4, heard, 0.45)
        on: list[cmd.Command] = [cmd.DropUtterance(2), cmd.ResumePlayback(2)]
        row: Row = (8_150, doubtful, on, "quiet/speaking")
        play(replying(PATIENT), [ONSET, stopped_after(400), row])


def test_a_short_contradiction_takes_the_floor_where_the_transcriber_is_sure_of_it() -> None:
    for heard, confidence in (("No.", 0.85), ("Nope", 0.68), ("Never.", 0.8), ("No.", None)):
        sure = ev.TranscriptFinal(2, 4, heard, confidence)
        row: Row = (8_150, sure, [cmd.StopPlayback(2)], "pausing/idle")
        play(replying(PATIENT), [ONSET, stopped_after(400), row])


def test_a_listeners_word_takes_no_floor_however_sure_the_transcriber_is() -> None:
    for heard in ("Okay.", "Mhm.", "Right.", "Yeah, sure.", "I see."):
        play(replying(PATIENT), [ONSET, stopped_after(400), goes_on(8_150, heard)])


def test_short_words_that_ask_for_the_floor_get_it() -> None:
    for heard in ("Stop.", "Sorry?", "Wait", "10", "No, that's wrong."):
        play(replying(PATIENT), [ONSET, stopped_after(400), ends(8_150, heard)])


def test_a_long_no_takes_the_floor_once_it_is_over() -> None:
    """A "no" so far may be a hum that goes on, or the beginning of any sentence."""
    partial: Row = (8_400, ev.TranscriptPartial(2, "No."), [], "speaking/held")
    play(replying(PATIENT), [ONSET, ASKED, partial, stopped_after(1_000), ends(8_900, "No.")])


def test_what_is_read_from_half_a_hum_does_not_take_the_floor() -> None:
    partial: Row = (8_400, ev.TranscriptPartial(2, "A heart rate."), [], "speaking/held")
    okay = goes_on(8_900, "Uh-huh, right.")
    play(replying(PATIENT), [ONSET, ASKED, partial, stopped_after(1_000), okay])


def test_the_interviewers_own_voice_is_recognised_and_ignored() -> None:
    machine = replying(PATIENT)
    machine.handle(ev.SentenceReady(2, REPLY), 7_000)
    play(
        machine,
        [
            ONSET,
            ASKED,
            (8_400, ev.TranscriptPartial(2, "And what when wrong?"), [], "speaking/held"),
            stopped_after(1_200),
            goes_on(9_000, "And what when wrong?"),
        ],
    )


def test_an_echo_after_the_end_of_a_reply_is_no_turn() -> None:
    machine = replying(PATIENT)
    machine.handle(ev.SentenceReady(2, REPLY), 7_000)
    machine.handle(ev.PlaybackEnded(2, 9_000, REPLY, REPLY), 9_000)
    machine.handle(ev.SpeechStarted(9_100), 9_250)
    machine.handle(ev.SpeechStopped(9_500), 9_700)
    assert machine.handle(words(2, 4, "What went wrong?"), 9_900) == [cmd.DropUtterance(2)]


def test_who_answers_with_words_of_the_question_just_behind_it_is_heard() -> None:
    machine = replying(PATIENT)
    choice = "Do you work alone, or in a team?"
    machine.handle(ev.SentenceReady(2, choice), 7_000)
    machine.handle(ev.PlaybackEnded(2, 9_000, choice, choice), 9_000)
    machine.handle(ev.SpeechStarted(9_100), 9_250)
    machine.handle(ev.SpeechStopped(9_750), 9_900)
    got = machine.handle(words(2, 4, "In a team."), 9_950)
    assert [type(command) for command in got] == [cmd.PrepareReply]


def test_who_repeats_the_question_later_is_heard() -> None:
    machine = replying(PATIENT)
    machine.handle(ev.SentenceReady(2, REPLY), 7_000)
    machine.handle(ev.PlaybackEnded(2, 9_000, REPLY, REPLY), 9_000)
    machine.handle(ev.SpeechStarted(9_800), 9_950)
    machine.handle(ev.SpeechStopped(10_300), 10_450)
    got = machine.handle(words(2, 4, "What went wrong?"), 10_600)
    assert [type(command) for command in got] == [cmd.PrepareReply]


def test_words_of_a_breath_that_was_cut_short_stand_in_for_better_ones_that_fail() -> None:
    """Asked for while the candidate spoke; then the leg was lost, and so were the final words."""
    play(
        replying(PATIENT),
        [
            ONSET,
            ASKED,
            (
                8_300,
                ev.LegDisconnected(),
                [cmd.StopPlayback(2), cmd.FinishTranscript(2, 4)],
                "awaiting_transcript/idle",
            ),
            (8_350, words(2, 3, "Could you say that again?"), [], "awaiting_transcript/idle"),
            (8_400, ev.TranscriptFailed(2, 4), [], "awaiting_transcript/idle"),
            (
                8_500,
                ev.PlaybackEnded(2, 8_500, REPLY, "I see."),
                [
                    interviewer_turn(2, 2, REPLY, 7_000, 8_500, heard="I see."),
                    candidate_turn(3, "Could you say that again?", 7_500, 8_300),
                    cmd.DropUtterance(2),
                ],
                "quiet/idle",
            ),
        ],
    )
