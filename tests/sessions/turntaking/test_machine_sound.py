"""Conversations: sound without words, dead or noisy microphones, and somebody else's voice."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from sessions.turntaking import commands as cmd
from sessions.turntaking import events as ev
from sessions.turntaking.causes import Cause
from sessions.turntaking.events import Sound
from sessions.turntaking.machine import TurnMachine
from sessions.turntaking.timers import Timer
from sessions.turntaking.transitions import FloorHolder
from tests.sessions.turntaking.script import (
    ANSWER,
    HELLO,
    OPENING,
    RULES,
    Row,
    asked,
    candidate_turn,
    fresh,
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


# --- other voices ---------------------------------------------------------------------------------

TALKED_OVER = replace(RULES, crosstalk_ms=12_000, voices_ms=45_000)
WEATHER = "And now the weather."
TOLD = "I hear other voices."


def understood(machine: TurnMachine, utterance: int, text: str = WEATHER) -> ev.TranscriptFinal:
    return ev.TranscriptFinal(utterance, machine.state.utterance.attempt, text, 0.9)


def over_the_greeting() -> TurnMachine:
    """A machine whose greeting was cut after a word, by a voice since 600 ms."""
    machine = play(fresh(TALKED_OVER), list(OPENING[:3]))
    machine.handle(ev.SpeechStarted(600), 700)
    machine.handle(ev.TranscriptPartial(1, "And now to the weather in"), 1_400)
    machine.handle(ev.PlaybackEnded(1, 1_450, HELLO, "Hello."), 1_450)
    return machine


def test_who_talks_on_over_the_greeting_is_told_of_other_voices_and_not_waited_for() -> None:
    machine = over_the_greeting()
    assert machine.deadline == 12_600
    assert machine.expire(12_600) == [cmd.FinishTranscript(1, machine.state.utterance.attempt)]
    assert machine.handle(understood(machine, 1), 12_700) == [
        candidate_turn(1, WEATHER, 600, 12_600),
        cmd.DropUtterance(1),
        prepare(2, Cause.VOICES),
        cmd.ReleaseReply(2),
    ]


def told() -> TurnMachine:
    """As above, and the interviewer speaks of it since 13200 ms."""
    machine = over_the_greeting()
    machine.expire(12_600)
    machine.handle(understood(machine, 1), 12_700)
    machine.handle(ev.SentenceReady(2, TOLD), 13_000)
    machine.handle(ev.ReplyEnded(2), 13_100)
    machine.handle(ev.PlaybackStarted(2, 13_200), 13_200)
    return machine


def test_what_is_told_then_is_heard_out_whatever_goes_on() -> None:
    machine = told()
    machine.handle(ev.SpeechStopped(13_300), 13_400)
    assert machine.handle(ev.SpeechStarted(13_500), 13_600) == []
    assert machine.handle(ev.SpeechStopped(14_500), 14_600) == []
    machine.handle(ev.PlaybackEnded(2, 15_000, TOLD, TOLD), 15_000)
    assert machine.deadline == 15_000 + RULES.idle_first_ms


def test_if_they_go_on_nobody_is_left_for_a_minute_without_a_word() -> None:
    machine = told()
    machine.handle(ev.PlaybackEnded(2, 15_000, TOLD, TOLD), 15_000)
    machine.handle(ev.SpeechStopped(15_200), 15_300)
    machine.handle(ev.SpeechStarted(15_500), 15_600)
    machine.expire(60_500)
    got = machine.expire(60_500 + RULES.answer_grace_ms)
    assert got == [cmd.FinishTranscript(2, machine.state.utterance.attempt)]
    got = machine.handle(understood(machine, 2), 70_600)
    assert got[-2:] == [prepare(3, Cause.VOICES), cmd.ReleaseReply(3)]
    assert 70_600 - 15_000 < 60_000


def test_once_a_reply_is_heard_out_that_nobody_speaks_over_the_candidate_may_interrupt_again() -> (
    None
):
    machine = told()
    machine.handle(ev.SpeechStopped(13_300), 13_400)
    machine.handle(ev.PlaybackEnded(2, 15_000, TOLD, TOLD), 15_000)
    assert machine.state.noise.voices == 1, "it went on into the reply"
    machine.handle(ev.SpeechStarted(16_000), 16_100)
    machine.handle(ev.SpeechStopped(20_000), 20_100)
    machine.handle(understood(machine, 2, "I build bridges."), 20_200)
    machine.expire(20_700)
    machine.handle(ev.SentenceReady(3, HELLO), 21_000)
    machine.handle(ev.ReplyEnded(3), 21_100)
    machine.handle(ev.PlaybackEnded(3, 24_000, HELLO, HELLO), 24_000)
    assert machine.state.noise.voices == 0
    machine.handle(ev.SpeechStarted(26_000), 26_100)
    assert machine.timers.due(Timer.ANSWER_LIMIT) == 26_000 + RULES.answer_max_ms


def test_who_says_a_sentence_over_the_greeting_is_heard_as_ever() -> None:
    machine = over_the_greeting()
    machine.handle(ev.SpeechStopped(4_000), 4_100)
    machine.handle(understood(machine, 1, "Hello, can you hear me?"), 4_200)
    got = machine.expire(4_700)
    assert got[-1] == cmd.ReleaseReply(2)
    machine.handle(ev.SentenceReady(2, HELLO), 5_000)
    machine.handle(ev.ReplyEnded(2), 5_100)
    machine.handle(ev.PlaybackStarted(2, 5_100), 5_100)
    machine.handle(ev.PlaybackEnded(2, 9_000, HELLO, HELLO), 9_000)
    assert machine.deadline == 9_000 + RULES.idle_first_ms, "it was heard out"


def test_voices_that_pause_and_cut_every_reply_are_told_of_as_well() -> None:
    machine = over_the_greeting()
    now, generation = 1_450.0, 1
    causes: list[Cause] = []
    while now < 20_000 and Cause.VOICES not in causes:
        machine.handle(ev.SpeechStopped(now + 1_000), now + 1_100)
        got = list(machine.handle(understood(machine, machine.utterance), now + 1_200))
        while machine.deadline is not None and machine.deadline <= now + 2_000:
            got += machine.expire(machine.deadline)
        causes += prepared(got)
        generation = machine.state.replies.generation
        machine.handle(ev.SentenceReady(generation, HELLO), now + 2_100)
        machine.handle(ev.PlaybackStarted(generation, now + 2_100), now + 2_100)
        if machine.state.noise.voices:
            return
        machine.handle(ev.SpeechStarted(now + 2_200), now + 2_300)
        machine.handle(ev.TranscriptPartial(machine.utterance, WEATHER), now + 2_900)
        got = machine.handle(
            ev.PlaybackEnded(generation, now + 3_000, HELLO, "Hello."), now + 3_000
        )
        causes += prepared(got)
        now += 3_000
    assert Cause.VOICES in causes
    assert now < 16_000


@pytest.mark.parametrize(("silent_ms", "others"), [(1_900, True), (2_100, False)])
def test_who_interrupts_every_greeting_but_is_silent_between_is_heard_each_time(
    silent_ms: float, others: bool
) -> None:
    machine = over_the_greeting()
    now = 1_450.0
    for _ in range(12):
        machine.handle(ev.SpeechStopped(now + 500), now + 600)
        machine.handle(understood(machine, machine.utterance), now + 700)
        machine.expire(now + 1_300)
        machine.handle(ev.SentenceReady(machine.state.replies.generation, HELLO), now + 1_400)
        generation = machine.state.replies.generation
        machine.handle(ev.PlaybackStarted(generation, now + 1_500), now + 1_500)
        now += 500 + silent_ms
        machine.expire(now)
        if machine.state.noise.voices:
            break
        machine.handle(ev.SpeechStarted(now), now + 100)
        machine.handle(ev.TranscriptPartial(machine.utterance, WEATHER), now + 700)
        now += 800
        machine.handle(ev.PlaybackEnded(generation, now, HELLO, "Hello."), now)
    assert (machine.state.noise.voices > 0) is others


def prepared(commands: Sequence[cmd.Command]) -> list[Cause]:
    return [c.cause for c in commands if isinstance(c, cmd.PrepareReply)]


@pytest.mark.parametrize("spoken_ms", [20_000, 60_000, 120_000])
def test_who_answers_a_question_at_length_is_never_taken_for_a_television(spoken_ms: float) -> None:
    machine = asked(TALKED_OVER)
    machine.handle(ev.SpeechStarted(5_000), 5_100)
    due = machine.deadline
    assert due is not None
    assert due >= 5_000 + min(spoken_ms, RULES.wordless_ms)
    assert machine.state.noise.voices == 0


def test_a_voice_from_before_the_greeting_is_told_of_with_it() -> None:
    machine = play(fresh(TALKED_OVER), list(OPENING[:1]))
    assert machine.handle(ev.SpeechStarted(100), 200) == [cmd.CancelReply(1)]
    machine.expire(12_100)
    got = machine.handle(understood(machine, 1), 12_200)
    assert prepared(got) == [Cause.VOICES]


def test_what_has_no_words_is_noise_and_no_voice() -> None:
    machine = over_the_greeting()
    machine.state.utterance.known_words = None
    machine.expire(12_600)
    assert prepared(machine.handle(understood(machine, 1, ""), 12_700)) == [Cause.NOISE]
