"""Conversations: sound without words, and dead or noisy microphones."""

from dataclasses import replace

import pytest

from sessions.turntaking import commands as cmd
from sessions.turntaking import events as ev
from sessions.turntaking.causes import Cause
from sessions.turntaking.events import Sound
from sessions.turntaking.transitions import FloorHolder
from tests.sessions.turntaking.script import (
    ANSWER,
    RULES,
    Row,
    asked,
    interviewer_turn,
    play,
    prepare,
    replying,
    words,
)

NOISY = replace(RULES, wordless_ms=15_000, wordless_grace_ms=3_000)

SPEAKS: Row = ANSWER[0]
THINKS = "quiet/thinking"


def released(generation: int, cause: Cause, *, idle_level: int = 0) -> list[cmd.Command]:
    return [prepare(generation, cause, idle_level=idle_level), cmd.ReleaseReply(generation)]


# --- sound without words -------------------------------------------------------------------------


def noise(utterance: int, generation: int, begin: float, level: int, cause: Cause) -> list[Row]:
    """What sounds like a voice without a pause, from `begin` on, until it is taken for noise."""
    return [
        (begin + 100, ev.SpeechStarted(begin), [], "speaking/idle"),
        (
            begin + 15_000,
            None,
            [cmd.FinishTranscript(utterance, 3 * utterance - 2)],
            "speaking/idle",
        ),
        (
            begin + 18_000,
            None,
            [cmd.DropUtterance(utterance), *released(generation, cause, idle_level=level)],
            THINKS,
        ),
        (begin + 18_300, ev.SpeechStopped(begin + 18_200), [], THINKS),
    ]


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


def waits(row: Row, generation: int) -> Row:
    """The end of a reply, after which the candidate is waited for."""
    now, event, commands, states = row
    return (now, event, [*commands, cmd.MoveFloor(FloorHolder.WAITING, generation)], states)


def test_noise_that_passes_for_a_voice_is_reported_twice_and_then_waited_out() -> None:
    machine = asked(NOISY)
    begin, causes = 4_000.0, [Cause.NOISE, Cause.NOISE, Cause.IDLE]
    for number, cause in enumerate(causes, 1):
        utterance = number
        rows = noise(utterance, number + 1, begin, number, cause)
        attempt = machine.state.utterance.attempt + 2
        now, event, _, states = rows[1]
        rows[1] = (now, event, [cmd.FinishTranscript(utterance, attempt)], states)
        play(machine, [*rows, *said(number + 1, number, begin + 18_500)])
        begin += 20_000
    last = play(machine, [(begin + 100, ev.SpeechStarted(begin), [], "speaking/idle")])
    last.expire(begin + 15_000)
    got = last.expire(begin + 18_000)
    assert got == [cmd.DropUtterance(4), *released(5, Cause.AWAY, idle_level=4)]
    last.handle(ev.SpeechStopped(begin + 18_200), begin + 18_300)
    *_, row = said(5, 4, begin + 18_500)
    play(last, [*said(5, 4, begin + 18_500)[:-1], waits(row, 5)])
    begin += 20_000
    got = [
        *last.handle(ev.SpeechStarted(begin), begin + 100),
        *last.expire(begin + 15_000),
        *last.expire(begin + 18_000),
    ]
    assert got == [cmd.FinishTranscript(5, last.state.utterance.attempt - 1), cmd.DropUtterance(5)]
    assert last.holder is FloorHolder.WAITING


def test_words_in_the_middle_of_it_prove_a_voice() -> None:
    machine = play(
        asked(NOISY),
        [
            SPEAKS,
            (20_000, None, [cmd.FinishTranscript(1, 2)], "speaking/idle"),
            (20_400, ev.TranscriptPartial(1, "We built"), [], "speaking/idle"),
            (23_000, None, [], "speaking/idle"),
        ],
    )
    assert machine.state.noise.prompts == 0


def test_sounds_that_come_and_go_do_not_put_the_prompt_off() -> None:
    rows: list[Row] = []
    for number in range(3):
        at, attempt = 4_000.0 + 2_500 * number, 3 * number
        rows += [
            (at + 100, ev.SpeechStarted(at), [], "speaking/idle"),
            (
                at + 1_150,
                ev.SpeechStopped(at + 1_000),
                [cmd.FinishTranscript(number + 1, attempt + 2 - number)],
                "pausing/idle",
            ),
            (
                at + 1_300,
                words(number + 1, attempt + 2 - number, ""),
                [cmd.DropUtterance(number + 1)],
                "quiet/idle",
            ),
        ]
    play(asked(), [*rows, (12_000, None, released(2, Cause.NOISE, idle_level=1), THINKS)])


def test_over_noise_that_was_reported_in_vain_the_interviewer_speaks_on() -> None:
    machine = replying()
    machine.state.noise.prompts = RULES.noise_prompts_max + 1
    play(
        machine,
        [
            (7_500, ev.SpeechStarted(7_400), [], "quiet/speaking"),
            (8_500, ev.SpeechStopped(8_400), [], "quiet/speaking"),
        ],
    )


# --- the microphone ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sound", "cause"),
    [
        (Sound.SILENT, Cause.NO_SOUND),
        (Sound.MUTED, Cause.MUTED),
        (Sound.NOISE, Cause.NOISE),
    ],
)
def test_a_dead_or_noisy_microphone_is_told_instead_of_time_being_given(
    sound: Sound, cause: Cause
) -> None:
    due = 12_000 if sound is Sound.NOISE else 4_000 + RULES.no_sound_ms
    play(
        asked(),
        [
            (4_000, ev.SoundChanged(sound), [], "quiet/idle"),
            (due, None, released(2, cause, idle_level=1), THINKS),
        ],
    )


def test_a_microphone_that_was_dead_before_the_question_is_told_soon_after_it() -> None:
    machine = replying()
    machine.handle(ev.SoundChanged(Sound.SILENT), 7_500)
    reply = "I see. And then?"
    play(
        machine,
        [
            (
                9_000,
                ev.PlaybackEnded(2, 9_000, reply, reply),
                [interviewer_turn(2, 2, reply, 7_000, 9_000)],
                "quiet/idle",
            ),
            (
                9_000 + RULES.no_sound_ms,
                None,
                released(3, Cause.NO_SOUND, idle_level=1),
                THINKS,
            ),
        ],
    )


def test_a_microphone_that_works_again_is_waited_for_as_ever() -> None:
    play(
        asked(),
        [
            (3_500, ev.SoundChanged(Sound.SILENT), [], "quiet/idle"),
            (5_000, ev.SoundChanged(Sound.FINE), [], "quiet/idle"),
            (9_500, None, released(2, Cause.IDLE, idle_level=1), THINKS),
        ],
    )


def test_noise_is_told_twice_at_most_and_then_it_is_a_silence_like_others() -> None:
    machine = asked()
    machine.handle(ev.SoundChanged(Sound.NOISE), 3_500)
    now = 12_000.0
    for level, cause in enumerate((Cause.NOISE, Cause.NOISE, Cause.IDLE), 1):
        generation = level + 1
        row: Row = (now, None, released(generation, cause, idle_level=level), THINKS)
        play(machine, [row, *said(generation, generation - 1, now + 500)])
        now += 1_500 + RULES.idle_next_ms
    *rest, row = said(5, 4, now + 500)
    away: Row = (now, None, released(5, Cause.AWAY, idle_level=4), THINKS)
    play(machine, [away, *rest, waits(row, 5)])


@pytest.mark.parametrize("dead", [Sound.SILENT, Sound.MUTED])
def test_a_dead_microphone_is_told_sooner_only_once(dead: Sound) -> None:
    machine = asked()
    machine.handle(ev.SoundChanged(dead), 4_000)
    cause = Cause.MUTED if dead is Sound.MUTED else Cause.NO_SOUND
    first: Row = (4_000 + RULES.no_sound_ms, None, released(2, cause, idle_level=1), THINKS)
    play(machine, [first, *said(2, 1, 10_500)])
    assert machine.deadline == 11_500 + RULES.idle_next_ms
    machine.handle(ev.SoundChanged(Sound.FINE), 12_000)
    machine.handle(ev.SoundChanged(dead), 13_000)
    assert machine.deadline == 13_000 + RULES.no_sound_ms, "it was well meanwhile"
