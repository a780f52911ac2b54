"""Holds: silence at once, the heard text to the word, and on from the word that was cut."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio.alignment import sample_of_word_start
from sessions.speaking.playback import FLUSH_WAIT_MS
from sessions.speaking.voiced_reply import VoicedReply
from sessions.turntaking import events as ev
from tests.sessions.speaking.stage import (
    FIRST,
    MUTE,
    SECOND,
    THIRD,
    Stage,
    add_sentence,
    length_ms,
    samples,
    voiced,
    words_heard,
)
from tests.support.virtual_time import now_ms, pass_ms, run_virtual


def longest_word(reply: VoicedReply) -> int:
    """In samples, with the pause after it."""
    longest = 0
    for sentence in reply.sentences:
        assert sentence.end is not None
        whole = sentence.end - sentence.begin
        starts = sorted({sample_of_word_start(sentence.text, whole, at) for at in range(whole)})
        longest = max(longest, *(b - a for a, b in zip(starts, [*starts[1:], whole], strict=True)))
    return longest


LONGEST_WORD = longest_word(voiced(FIRST, SECOND))


def test_held_the_leg_is_silent_at_once() -> None:
    async def story() -> None:
        stage = Stage(latency_ms=30)
        stage.speaking.release(voiced(FIRST, SECOND))
        await pass_ms(1_000)
        held = now_ms()
        stage.speaking.hold()
        await pass_ms(2_000)
        assert stage.leg.silent_from_ms == pytest.approx(held + 30, abs=1)
        assert stage.posted(ev.PlaybackEnded) == []

    run_virtual(story())


@settings(max_examples=40, deadline=None)
@given(
    hold_after=st.integers(60, 5_000),
    resume_after=st.integers(0, 1_500),
    latency=st.sampled_from([1, 30, 150]),
)
def test_resumed_no_word_is_lost_and_none_but_the_cut_one_is_doubled(
    hold_after: int, resume_after: int, latency: int
) -> None:
    async def story() -> None:
        stage, reply = Stage(latency_ms=latency), voiced(FIRST, SECOND)
        stage.speaking.release(reply)
        await pass_ms(hold_after)
        stage.speaking.hold()
        await pass_ms(resume_after)
        stage.speaking.resume()
        await pass_ms(length_ms(reply) + 2_000)
        spans = stage.leg.heard(1)
        assert spans[0][0] == 0
        assert spans[-1][1] == reply.samples
        for before, after in pairwise(spans):
            assert after[0] <= before[1], "a word was lost"
            assert before[1] - after[0] <= LONGEST_WORD, "more than the cut word was doubled"
        assert stage.ended.heard_text == reply.text

    run_virtual(story())


def test_held_again_and_again_it_still_gets_to_its_end() -> None:
    async def story() -> None:
        stage, reply = Stage(latency_ms=60), voiced(FIRST, SECOND, THIRD)
        stage.speaking.release(reply)
        for _ in range(6):
            await pass_ms(900)
            stage.speaking.hold()
            await pass_ms(300)
            stage.speaking.resume()
        await pass_ms(length_ms(reply) + 1_000)
        assert stage.leg.heard(1)[-1][1] == reply.samples
        assert stage.ended.heard_text == reply.text

    run_virtual(story())


def test_held_while_the_end_is_awaited_and_nothing_was_left_it_ends_on_resuming() -> None:
    async def story() -> None:
        stage, reply = Stage(latency_ms=5), voiced(THIRD)
        stage.speaking.release(reply)
        await pass_ms(length_ms(reply) + 6)  # played, and the mark is on its way back
        stage.speaking.hold()
        await pass_ms(100)
        stage.speaking.resume()
        assert stage.ended.heard_text == THIRD
        assert stage.leg.heard(1) == [(0, reply.samples)]

    run_virtual(story())


def test_asked_to_resume_before_the_leg_has_answered_it_goes_on_when_it_has() -> None:
    async def story() -> None:
        stage, reply = Stage(latency_ms=120), voiced(FIRST, SECOND)
        stage.speaking.release(reply)
        await pass_ms(1_500)
        stage.speaking.hold()
        stage.speaking.resume()
        assert stage.leg.runs == [(1, 0)]
        await pass_ms(250)
        generation, offset = stage.leg.runs[1]
        assert generation == 1
        assert 0 < offset < samples(1_500)
        await pass_ms(length_ms(reply))
        assert stage.ended.heard_text == reply.text

    run_virtual(story())


def test_stopped_it_tells_what_was_heard_to_the_word() -> None:
    async def story() -> None:
        stage, reply = Stage(), voiced(FIRST, SECOND)
        stage.speaking.release(reply)
        await pass_ms(2_100)
        stage.speaking.stop()
        await pass_ms(45)
        ((_, position),) = stage.leg.heard(1)
        assert stage.ended.heard_text == words_heard(reply, position)
        assert FIRST.startswith(stage.ended.heard_text)
        assert 5 <= len(stage.ended.heard_text.split()) <= 8
        assert stage.ended.text == reply.text

    run_virtual(story())


def test_stopped_after_a_hold_it_ends_without_asking_the_leg_again() -> None:
    async def story() -> None:
        stage, reply = Stage(), voiced(FIRST, SECOND)
        stage.speaking.release(reply)
        await pass_ms(2_100)
        stage.speaking.hold()
        await pass_ms(700)
        stage.speaking.stop()
        ((_, position),) = stage.leg.heard(1)
        assert stage.ended.heard_text == words_heard(reply, position)
        assert stage.leg.asked.count("flush 1") == 1

    run_virtual(story())


def test_stopped_while_the_hold_is_unanswered_one_answer_serves_both() -> None:
    async def story() -> None:
        stage, reply = Stage(latency_ms=100), voiced(FIRST, SECOND)
        stage.speaking.release(reply)
        await pass_ms(2_100)
        stage.speaking.hold()
        stage.speaking.stop()
        assert stage.posted(ev.PlaybackEnded) == []
        await pass_ms(210)
        ((_, position),) = stage.leg.heard(1)
        assert stage.ended.heard_text == words_heard(reply, position)
        assert stage.leg.asked.count("flush 1") == 1

    run_virtual(story())


def test_stopped_before_a_sound_was_sent_nothing_was_heard() -> None:
    async def story() -> None:
        stage, reply = Stage(), VoicedReply(1)
        stage.speaking.release(reply)
        stage.speaking.stop()
        assert stage.ended.heard_text == ""
        assert stage.leg.asked == []

    run_virtual(story())


@pytest.mark.parametrize("then", ["stop", "resume"])
def test_a_leg_that_never_answers_a_flush_is_waited_for_half_a_second(then: str) -> None:
    async def story() -> None:
        stage, reply = Stage(answers=MUTE), voiced(FIRST, SECOND)
        stage.speaking.release(reply)
        await pass_ms(2_100)
        stage.speaking.hold()
        getattr(stage.speaking, then)()
        await pass_ms(FLUSH_WAIT_MS - 10)
        assert stage.posted(ev.PlaybackEnded) == []
        assert stage.leg.runs == [(1, 0)]
        await pass_ms(20)
        position = samples(2_100)  # by the clock
        if then == "stop":
            assert stage.ended.heard_text == words_heard(reply, position)
            assert stage.posted(ev.PlaybackStarted) != []
        else:
            _, offset = stage.leg.runs[1]
            assert position - LONGEST_WORD <= offset <= position

    run_virtual(story())


def test_what_an_unanswered_flush_is_guessed_to_have_played_takes_no_account_of_its_wait() -> None:
    async def story() -> None:
        stage, reply = Stage(answers=MUTE), voiced(FIRST, SECOND)
        stage.speaking.release(reply)
        await pass_ms(600)
        stage.speaking.stop()
        await pass_ms(FLUSH_WAIT_MS + 10)
        assert stage.ended.heard_text == words_heard(reply, samples(600))

    run_virtual(story())


def test_an_answer_after_the_wait_changes_nothing() -> None:
    async def story() -> None:
        stage, reply = Stage(answers=MUTE), voiced(FIRST, SECOND)
        stage.speaking.release(reply)
        await pass_ms(2_100)
        stage.speaking.hold()
        await pass_ms(FLUSH_WAIT_MS + 100)
        stage.speaking.flushed(1, 10)
        stage.speaking.resume()
        runs = list(stage.leg.runs)
        stage.speaking.flushed(1, 10)
        await pass_ms(100)
        assert stage.leg.runs == runs

    run_virtual(story())


def test_a_leg_lost_in_the_middle_has_played_what_it_told_last() -> None:
    async def story() -> None:
        stage, reply = Stage(latency_ms=10), voiced(FIRST, SECOND)
        stage.speaking.release(reply)
        await pass_ms(2_150)
        stage.lose_leg()
        stage.speaking.stop()
        ((_, played),) = stage.leg.heard(1)
        behind = samples(130)  # told every 100 ms, 10 ms late
        assert words_heard(reply, played).startswith(stage.ended.heard_text)
        assert len(stage.ended.heard_text) >= len(words_heard(reply, played - behind))
        await pass_ms(10_000)
        assert len(stage.events) == 2  # it started, it ended

    run_virtual(story())


@pytest.mark.parametrize("when", ["playing", "held", "flushing"])
def test_the_next_leg_is_not_bothered_with_the_reply_of_the_one_before(when: str) -> None:
    async def story() -> None:
        stage, reply = Stage(latency_ms=10), voiced(FIRST, SECOND)
        stage.speaking.release(reply)
        await pass_ms(2_150)
        if when != "playing":
            stage.speaking.hold()
        if when == "held":
            await pass_ms(100)
        stage.lose_leg()
        leg = stage.attach()
        await pass_ms(300)  # before the stop that follows from the loss
        stage.speaking.stop()
        assert stage.ended.heard_text.startswith("What was the hardest")
        assert leg.asked == []
        assert leg.sounds == []

    run_virtual(story())


def test_a_sentence_that_is_still_being_voiced_was_not_heard_by_its_share_so_far() -> None:
    async def story() -> None:
        stage, reply = Stage(latency_ms=5), VoicedReply(1)
        stage.speaking.release(reply)
        add_sentence(reply, FIRST, part=0.3)  # 810 ms of 2,700
        stage.speaking.on_audio(reply)
        await pass_ms(700)
        stage.speaking.stop()
        await pass_ms(20)
        assert len(stage.ended.heard_text.split()) <= 3

    run_virtual(story())


def test_commands_without_a_reply_do_nothing() -> None:
    async def story() -> None:
        stage = Stage()
        stage.speaking.hold()
        stage.speaking.resume()
        stage.speaking.stop()
        stage.speaking.discard(1)
        stage.speaking.detach()
        assert stage.events == []
        assert stage.leg.asked == []

    run_virtual(story())
