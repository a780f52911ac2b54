"""Playback: audio sent just ahead of it, from the first sound to the heard text."""

from itertools import pairwise

import pytest

from audio.pcm import ms_of
from audio.speech import VOICE_RATE
from sessions.speaking.playback import MARK_WAIT_MS
from sessions.speaking.voiced_reply import VoicedReply
from sessions.turntaking import events as ev
from tests.sessions.speaking.stage import (
    FIRST,
    MUTE,
    SECOND,
    THIRD,
    WORD_MS,
    Stage,
    add_sentence,
    length_ms,
    samples,
    voiced,
    words_heard,
)
from tests.support.virtual_time import now_ms, pass_ms, run_virtual


def test_a_reply_is_sent_a_little_ahead_and_played_without_a_gap() -> None:
    async def story() -> None:
        stage, reply = Stage(), voiced(FIRST, SECOND)
        begun = now_ms()
        stage.speaking.release(reply)
        assert sum(len(sound.pcm) for sound in stage.leg.sounds) == 2 * samples(300)
        while not stage.posted(ev.PlaybackEnded):
            sent = ms_of(sum(len(sound.pcm) // 2 for sound in stage.leg.sounds), VOICE_RATE)
            assert sent <= now_ms() - begun + 300.1
            await pass_ms(7)
        assert b"".join(sound.pcm for sound in stage.leg.sounds) == bytes(reply.pcm)
        assert all(a.ends_s == b.begins_s for a, b in pairwise(stage.leg.sounds))
        assert stage.leg.asked == ["begin 1 at 0", "mark 1"]

    run_virtual(story())


def test_its_beginning_and_its_end_are_told_with_times_and_words() -> None:
    async def story() -> None:
        stage, reply = Stage(latency_ms=40), voiced(FIRST, SECOND)
        released = now_ms()
        stage.speaking.release(reply)
        await pass_ms(length_ms(reply) + 1_000)
        (started,) = stage.posted(ev.PlaybackStarted)
        # Progress is told some 40 ms after it was made, so the start seems that much later.
        assert started.at_ms == pytest.approx(released + 40, abs=45)
        assert started.at_ms >= released
        ended = stage.ended
        assert ended.generation == 1
        assert ended.at_ms == pytest.approx(released + length_ms(reply) + 80, abs=5)
        assert ended.text == ended.heard_text == f"{FIRST} {SECOND}"
        assert reply.latency["released"] == reply.latency["first_audio_sent"] == released
        assert reply.latency["first_audio_played"] == started.at_ms
        assert reply.latency["underrun_ms"] == 0

    run_virtual(story())


def test_captions_follow_the_voice_sentence_by_sentence() -> None:
    async def story() -> None:
        stage, reply = Stage(), voiced(FIRST, SECOND, THIRD)
        begun = now_ms()
        stage.speaking.release(reply)
        await pass_ms(length_ms(reply) + 1_000)
        assert [text for _, text in stage.captions] == [
            FIRST,
            f"{FIRST} {SECOND}",
            f"{FIRST} {SECOND} {THIRD}",
        ]
        for (at_ms, _), sentence in zip(stage.captions, reply.sentences, strict=True):
            said_ms = ms_of(sentence.begin, VOICE_RATE)
            assert said_ms - 410 <= at_ms - begun <= said_ms + 1

    run_virtual(story())


def test_a_reply_is_heard_from_its_first_sound_while_the_rest_is_still_to_come() -> None:
    async def story() -> None:
        stage, reply = Stage(), VoicedReply(1)
        stage.speaking.release(reply)
        assert stage.leg.asked == []
        await pass_ms(200)
        add_sentence(reply, FIRST)
        stage.speaking.on_audio(reply)
        assert stage.leg.asked == ["begin 1 at 0"]
        await pass_ms(1_000)
        add_sentence(reply, SECOND)
        stage.speaking.on_audio(reply)
        reply.complete = True
        stage.speaking.on_audio(reply)
        await pass_ms(length_ms(reply) + 500)
        assert stage.ended.heard_text == f"{FIRST} {SECOND}"
        assert stage.leg.heard(1) == [(0, reply.samples)]
        assert reply.latency["underrun_ms"] == 0

    run_virtual(story())


def test_a_reply_that_grows_slower_than_real_time_stutters_and_says_so() -> None:
    async def story() -> None:
        stage, reply = Stage(), VoicedReply(1)
        stage.speaking.release(reply)
        for _ in range(4):
            add_sentence(reply, THIRD)  # 1.8 s of sound every 2.5 s
            stage.speaking.on_audio(reply)
            await pass_ms(2_500)
        reply.complete = True
        stage.speaking.on_audio(reply)
        await pass_ms(500)
        assert stage.leg.heard(1) == [(0, reply.samples)]
        assert stage.ended.heard_text == " ".join([THIRD] * 4)
        assert reply.latency["underrun_ms"] == pytest.approx(3 * 700, abs=5)

    run_virtual(story())


def test_a_reply_that_ends_without_another_sound_is_marked_then() -> None:
    async def story() -> None:
        stage, reply = Stage(), VoicedReply(1)
        stage.speaking.release(reply)
        add_sentence(reply, THIRD)
        stage.speaking.on_audio(reply)
        await pass_ms(4_000)
        assert stage.leg.asked == ["begin 1 at 0"]
        reply.complete = True
        stage.speaking.on_audio(reply)
        await pass_ms(50)
        assert stage.ended.heard_text == THIRD

    run_virtual(story())


def test_a_leg_that_never_tells_that_it_has_played_is_not_waited_for_long() -> None:
    async def story() -> None:
        stage, reply = Stage(answers=MUTE), voiced(FIRST)
        begun = now_ms()
        stage.speaking.release(reply)
        await pass_ms(length_ms(reply) + MARK_WAIT_MS - 50)
        assert stage.events == []
        await pass_ms(100)
        assert stage.ended.heard_text == FIRST
        (started,) = stage.posted(ev.PlaybackStarted)
        assert started.at_ms >= begun

    run_virtual(story())


def test_a_count_beyond_what_was_sent_is_not_believed() -> None:
    async def story() -> None:
        stage, reply = Stage(answers=MUTE), voiced(FIRST, SECOND)
        stage.speaking.release(reply)
        await pass_ms(100)
        stage.speaking.played(1, 10 * reply.samples)
        stage.speaking.stop()
        stage.speaking.flushed(1, 10 * reply.samples)
        sent_ms = sum(len(sound.pcm) for sound in stage.leg.sounds) / 2 / 24
        assert sent_ms == pytest.approx(400)
        assert stage.ended.heard_text == words_heard(reply, samples(400))

    run_virtual(story())


def test_marks_and_counts_of_another_generation_are_ignored() -> None:
    async def story() -> None:
        stage = Stage(answers=MUTE)
        stage.speaking.release(voiced(FIRST, generation=4))
        await pass_ms(length_ms(voiced(FIRST)) + 10)
        for generation in (3, 5):
            stage.speaking.played(generation, 24_000)
            stage.speaking.marked(generation)
            stage.speaking.flushed(generation, 24_000)
        assert stage.events == []
        stage.speaking.marked(4)
        assert stage.ended.generation == 4

    run_virtual(story())


def test_a_mark_that_nobody_asked_for_ends_nothing() -> None:
    async def story() -> None:
        stage, reply = Stage(answers=MUTE), voiced(FIRST, SECOND)
        stage.speaking.release(reply)
        await pass_ms(500)
        stage.speaking.marked(1)
        assert stage.posted(ev.PlaybackEnded) == []

    run_virtual(story())


def test_a_reply_that_broke_off_in_the_middle_of_a_sentence_was_heard_that_far() -> None:
    async def story() -> None:
        stage, reply = Stage(), VoicedReply(1)
        stage.speaking.release(reply)
        add_sentence(reply, FIRST)
        add_sentence(reply, SECOND, part=0.3)
        reply.complete = True
        stage.speaking.on_audio(reply)
        await pass_ms(length_ms(reply) + 500)
        assert stage.ended.text == f"{FIRST} {SECOND}"
        assert stage.ended.heard_text.startswith(f"{FIRST} Tell me")
        assert len(stage.ended.heard_text.split()) <= len(FIRST.split()) + 6

    run_virtual(story())


def test_a_reply_thrown_away_at_its_very_first_sound_falls_silent_and_is_forgotten() -> None:
    async def story() -> None:
        stage, reply = Stage(), voiced(FIRST, SECOND)
        stage.speaking.release(reply)
        stage.speaking.discard(2)  # another one
        stage.speaking.discard(1)
        await pass_ms(2_000)
        assert stage.leg.asked == ["begin 1 at 0", "flush 1"]
        assert stage.leg.silent_from_ms < now_ms() - 1_900
        assert stage.events == []

    run_virtual(story())


def test_a_new_reply_takes_the_place_of_one_that_was_forgotten() -> None:
    async def story() -> None:
        stage = Stage()
        stage.speaking.release(VoicedReply(1))  # thrown away before there was any sound
        stage.speaking.release(voiced(THIRD, generation=2))
        await pass_ms(6 * WORD_MS + 500)
        assert stage.ended.generation == 2
        assert stage.leg.runs == [(2, 0)]

    run_virtual(story())
