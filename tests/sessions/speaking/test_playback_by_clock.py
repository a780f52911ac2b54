"""Playback by the clock, on a leg that does not report how far it has played."""

import pytest

from sessions.speaking.playback import FLUSH_WAIT_MS
from sessions.turntaking import events as ev
from tests.sessions.speaking.stage import (
    FIRST,
    SECOND,
    THIRD,
    WORD_MS,
    Stage,
    length_ms,
    samples,
    voiced,
    words_heard,
)
from tests.support.virtual_time import now_ms, pass_ms, run_virtual


def stage_by_clock() -> Stage:
    stage = Stage()
    stage.attach_by_clock()
    return stage


def test_its_end_is_where_its_sound_ends_and_not_two_seconds_later() -> None:
    async def story() -> None:
        stage, reply = stage_by_clock(), voiced(FIRST, SECOND)
        released = now_ms()
        stage.speaking.release(reply)
        await pass_ms(length_ms(reply) + 50)
        assert stage.ended.heard_text == f"{FIRST} {SECOND}"
        assert stage.ended.at_ms - released == pytest.approx(length_ms(reply), abs=5)

    run_virtual(story())


def test_its_beginning_is_told_while_it_plays() -> None:
    async def story() -> None:
        stage, reply = stage_by_clock(), voiced(FIRST, SECOND)
        released = now_ms()
        stage.speaking.release(reply)
        await pass_ms(250)
        (started,) = stage.posted(ev.PlaybackStarted)
        assert started.at_ms == pytest.approx(released, abs=1)

    run_virtual(story())


def test_stopped_and_told_nothing_the_clock_says_what_was_heard() -> None:
    async def story() -> None:
        stage, reply = stage_by_clock(), voiced(FIRST, SECOND)
        stage.speaking.release(reply)
        await pass_ms(4 * WORD_MS + 50)
        stage.speaking.stop()
        await pass_ms(FLUSH_WAIT_MS - 10)
        assert stage.posted(ev.PlaybackEnded) == []
        await pass_ms(20)
        assert stage.ended.heard_text == words_heard(reply, samples(4 * WORD_MS + 50))

    run_virtual(story())


@pytest.mark.parametrize("played_ms", [0, 2 * WORD_MS + 20, 3 * WORD_MS + 20])
def test_what_the_leg_says_counts_for_more_than_the_clock(played_ms: float) -> None:
    async def story() -> None:
        stage, reply = stage_by_clock(), voiced(FIRST, SECOND)
        stage.speaking.release(reply)
        await pass_ms(4 * WORD_MS + 50)
        stage.speaking.stop()
        await pass_ms(FLUSH_WAIT_MS - 10)
        stage.speaking.flushed(1, samples(played_ms))
        assert stage.ended.heard_text == words_heard(reply, samples(played_ms))

    run_virtual(story())


def test_it_may_say_so_before_it_is_asked() -> None:
    """A client falls silent by itself, says where, and asks for silence in the next message."""

    async def story() -> None:
        stage, reply = stage_by_clock(), voiced(FIRST, SECOND)
        stage.speaking.release(reply)
        await pass_ms(4 * WORD_MS + 50)
        stage.speaking.flushed(1, samples(2 * WORD_MS + 20))
        assert stage.posted(ev.PlaybackEnded) == []
        stage.speaking.stop()
        assert stage.ended.heard_text == words_heard(reply, samples(2 * WORD_MS + 20))
        assert stage.leg.asked[-1] == "flush 1"

    run_virtual(story())


def test_or_late_while_the_reply_is_held() -> None:
    async def story() -> None:
        stage, reply = stage_by_clock(), voiced(FIRST, SECOND)
        stage.speaking.release(reply)
        await pass_ms(4 * WORD_MS + 50)
        stage.speaking.hold()
        await pass_ms(FLUSH_WAIT_MS + 300)
        stage.speaking.flushed(1, samples(2 * WORD_MS + 20))
        stage.speaking.resume()
        assert stage.leg.runs[-1][1] == pytest.approx(samples(2 * WORD_MS), abs=300)
        await pass_ms(length_ms(reply))
        assert stage.ended.heard_text == f"{FIRST} {SECOND}"

    run_virtual(story())


def test_a_position_of_the_run_before_is_forgotten_with_it() -> None:
    async def story() -> None:
        stage, reply = stage_by_clock(), voiced(FIRST, SECOND, THIRD)
        stage.speaking.release(reply)
        await pass_ms(4 * WORD_MS)
        stage.speaking.hold()
        stage.speaking.flushed(1, samples(2 * WORD_MS + 20))
        stage.speaking.resume()
        await pass_ms(5 * WORD_MS + 10)
        stage.speaking.stop()
        await pass_ms(FLUSH_WAIT_MS + 10)
        assert stage.ended.heard_text == words_heard(reply, samples(7 * WORD_MS + 10))

    run_virtual(story())


@pytest.mark.parametrize("told", [-5, 10**9])
def test_a_position_beyond_what_was_sent_is_not_believed(told: int) -> None:
    async def story() -> None:
        stage, reply = stage_by_clock(), voiced(FIRST, SECOND)
        stage.speaking.release(reply)
        await pass_ms(100)
        stage.speaking.flushed(1, told)
        stage.speaking.flushed(7, 3)  # of a reply that is not there
        stage.speaking.stop()
        assert stage.ended.heard_text == words_heard(reply, min(max(told, 0), samples(400)))

    run_virtual(story())


def test_one_that_fell_silent_by_itself_and_stays_so_has_not_heard_the_rest() -> None:
    async def story() -> None:
        stage, reply = stage_by_clock(), voiced(FIRST)
        stage.speaking.release(reply)
        await pass_ms(1_000)
        stage.speaking.flushed(1, samples(2 * WORD_MS + 20))
        await pass_ms(length_ms(reply))
        assert stage.ended.heard_text == words_heard(reply, samples(2 * WORD_MS + 20))

    run_virtual(story())
