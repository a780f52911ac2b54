"""The end of a reply: who speaks once its last word was said has heard all of it."""

import numpy as np
import pytest

from sessions.speaking.playback import FLUSH_WAIT_MS
from sessions.turntaking import events as ev
from tests.sessions.speaking.stage import FIRST, THIRD, Stage, length_ms, samples, voiced
from tests.support.virtual_time import pass_ms, run_virtual

TAIL_MS = 220.0


def stage_of(leg: str) -> Stage:
    match leg:
        case "browser":
            return Stage(latency_ms=10)
        case "far away":
            return Stage(latency_ms=80)
        case "silent on flush":
            return Stage(latency_ms=10, answers=frozenset(("played", "marked")))
        case _:
            stage = Stage()
            stage.attach_by_clock()
            return stage


LEGS = ["browser", "far away", "silent on flush", "by clock"]


@pytest.mark.parametrize("leg", LEGS)
@pytest.mark.parametrize("before_ms", [150, 100, 50, 10])
def test_held_in_the_silence_after_its_last_word_a_reply_is_over(
    leg: str, before_ms: float
) -> None:
    async def story() -> None:
        stage, reply = stage_of(leg), voiced(FIRST, THIRD)
        reply.pcm += np.zeros(samples(TAIL_MS), np.int16).tobytes()
        stage.speaking.release(reply)
        await pass_ms(length_ms(reply) - before_ms + stage.leg.latency_ms)
        stage.speaking.hold()
        await pass_ms(200)
        assert stage.ended.heard_text == f"{FIRST} {THIRD}"
        stage.speaking.resume()
        await pass_ms(FLUSH_WAIT_MS + 2_000)
        assert len(stage.posted(ev.PlaybackEnded)) == 1
        assert len(stage.leg.runs) == 1, "nothing is said again"

    run_virtual(story())


@pytest.mark.parametrize("leg", LEGS)
@pytest.mark.parametrize("before_ms", [900, 600, 450])
def test_held_before_its_last_word_was_said_it_waits(leg: str, before_ms: float) -> None:
    async def story() -> None:
        stage, reply = stage_of(leg), voiced(FIRST, THIRD)
        reply.pcm += np.zeros(samples(TAIL_MS), np.int16).tobytes()
        stage.speaking.release(reply)
        await pass_ms(length_ms(reply) - before_ms + stage.leg.latency_ms)
        stage.speaking.hold()
        await pass_ms(FLUSH_WAIT_MS + 100)
        assert stage.posted(ev.PlaybackEnded) == []
        stage.speaking.resume()
        await pass_ms(2_000)
        assert stage.ended.heard_text == f"{FIRST} {THIRD}"
        assert len(stage.leg.runs) == 2

    run_virtual(story())


def test_a_reply_to_which_more_may_come_is_not_over_in_a_silence() -> None:
    async def story() -> None:
        stage, reply = Stage(), voiced(THIRD)
        reply.pcm += np.zeros(samples(TAIL_MS), np.int16).tobytes()
        reply.complete = False
        stage.speaking.release(reply)
        await pass_ms(length_ms(reply) - 50)
        stage.speaking.hold()
        await pass_ms(FLUSH_WAIT_MS + 100)
        assert stage.posted(ev.PlaybackEnded) == []

    run_virtual(story())


def test_where_a_client_says_that_it_fell_silent_earlier_the_clock_does_not_count() -> None:
    async def story() -> None:
        stage, reply = stage_of("by clock"), voiced(FIRST)
        reply.pcm += np.zeros(samples(TAIL_MS), np.int16).tobytes()
        stage.speaking.release(reply)
        await pass_ms(length_ms(reply) - 50)
        stage.speaking.flushed(1, samples(600))
        stage.speaking.hold()
        await pass_ms(FLUSH_WAIT_MS + 100)
        assert stage.posted(ev.PlaybackEnded) == []

    run_virtual(story())


@pytest.mark.parametrize("sound_ms", [0, 100, 1_000])
def test_where_a_reply_is_heard_to_is_known_to_the_sample(sound_ms: float) -> None:
    reply = voiced()
    reply.pcm += np.full(samples(sound_ms), 4_000, np.int16).tobytes()
    reply.pcm += np.zeros(samples(TAIL_MS), np.int16).tobytes()
    assert reply.audible_to == samples(sound_ms)
