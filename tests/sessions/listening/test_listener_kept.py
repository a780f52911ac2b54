"""A turn that was closed and may go on: what is said after it is told apart, or joined to it."""

import numpy as np
import pytest

from sessions.listening.listener import CLOSE_SEGMENT_MS, UNWANTED_MS
from sessions.turntaking import events as ev
from tests.fakes.fake_speech import FakeTranscriber, unavailable
from tests.sessions.conftest import Said
from tests.sessions.listening.microphone_hall import Room
from tests.support.virtual_time import pass_ms, run_virtual

ANSWER = "Fifteen people worked on the search engine."
MORE = "And I was one of them."


async def closed_turn(room: Room, said: Said) -> None:
    """An answer that was understood and is kept."""
    room.open()
    room.transcriber.says = ANSWER
    await room.say_and_pause(said(ANSWER))
    assert (await room.words(1, 1)).tail is None
    room.listener.keep()


def test_what_is_said_after_a_closed_turn_is_its_tail(said: Said) -> None:
    async def story() -> None:
        room = Room()
        await closed_turn(room, said)
        room.transcriber.says = "Okay."
        await room.say_and_pause(said("Okay."))
        final = await room.words(1, 2)
        assert (final.text, final.tail) == (f"{ANSWER} Okay.", "Okay.")
        partial = room.of(ev.TranscriptPartial)[-1]
        assert partial.new_words == final.new_words == "Okay."
        assert room.heard_ms[1] < 2_000, "what was settled is not transcribed again"
        assert room.transcriber.prompts[-1].endswith(ANSWER)
        room.close()

    run_virtual(story())


def test_a_turn_that_goes_on_is_transcribed_as_one(said: Said) -> None:
    async def story() -> None:
        room = Room()
        await closed_turn(room, said)
        both = room.transcriber.says = f"{ANSWER} {MORE}"
        room.microphone.start(said(MORE))
        await room.next(ev.SpeechStarted, skip=1)
        room.listener.reopen()
        await room.next(ev.SpeechStopped, skip=1)
        final = await room.words(1, 2)
        assert (final.text, final.tail) == (both, None)
        first, whole = room.transcriber.heard
        assert np.array_equal(whole[: len(first)], first)
        room.close()

    run_virtual(story())


def test_a_turn_that_goes_on_after_its_tail_was_closed_too_loses_no_words(said: Said) -> None:
    async def story() -> None:
        room = Room()
        await closed_turn(room, said)
        await pass_ms(CLOSE_SEGMENT_MS)  # a long thought
        room.transcriber.says = MORE
        await room.say_and_pause(said(MORE))
        assert (await room.words(1, 2)).tail == MORE
        assert room.heard_ms[1] > CLOSE_SEGMENT_MS
        room.listener.reopen()
        room.transcriber.says = "That is all."
        await room.say_and_pause(said("That is all."))
        final = await room.words(1, 3)
        assert final.text == f"{ANSWER} {MORE} That is all."
        room.close()

    run_virtual(story())


def test_a_turn_that_does_not_go_on_is_dropped_with_what_followed_it(said: Said) -> None:
    async def story() -> None:
        room = Room()
        await closed_turn(room, said)
        await pass_ms(2_000)
        room.listener.drop()
        assert room.buffered_ms < 1_000
        room.transcriber.says = MORE
        await room.say_and_pause(said(MORE))
        final = await room.words(2, 1)
        assert (final.text, final.tail) == (MORE, None)
        assert room.heard_ms[1] < len(said(MORE)) / 16 + 1_000
        room.close()

    run_virtual(story())


@pytest.mark.parametrize("again", [True, False])
def test_a_tail_that_is_not_understood_takes_nothing_from_the_turn(said: Said, again: bool) -> None:
    async def story() -> None:
        room = Room(FakeTranscriber())
        await closed_turn(room, said)
        room.transcriber.answers.append(unavailable())
        await room.say_and_pause(said(MORE))
        final = await room.words(1, 2)
        assert (final.text, final.tail) == (ANSWER, "")
        if again:
            room.transcriber.says = MORE
            assert (await room.words(1, 3)).tail == MORE
        room.close()

    run_virtual(story())


def test_keeping_or_reopening_nothing_does_nothing() -> None:
    async def story() -> None:
        room = Room()
        room.open()
        room.listener.keep()
        room.listener.reopen()
        await pass_ms(100)
        assert room.events == []
        room.close()

    run_virtual(story())


@pytest.mark.parametrize("owed", [True, False])
def test_words_that_are_owed_are_kept_until_they_are_requested(said: Said, owed: bool) -> None:
    """Other speech that nobody requests belongs to no turn."""

    async def story() -> None:
        room = Room()
        room.open()
        room.transcriber.says = MORE
        room.listener.words_owed = owed
        await room.say_and_pause(said(MORE))
        await pass_ms(2 * UNWANTED_MS)
        assert (await room.words(1, 1)).text == (MORE if owed else "")
        room.close()

    run_virtual(story())


@pytest.mark.parametrize("owed", [True, False])
def test_what_was_said_after_the_request_outlives_the_drop_if_it_is_owed(
    said: Said, owed: bool
) -> None:
    async def story() -> None:
        room = Room()
        room.open()
        room.transcriber.says = ANSWER
        room.microphone.start(said(ANSWER))
        await room.next(ev.SpeechStarted)
        await pass_ms(600)
        room.listener.words_owed = owed
        room.listener.finish(1, 1)  # cut short in the middle
        await room.next(ev.SpeechStopped)
        room.listener.drop()
        room.transcriber.says = MORE
        assert (await room.words(2, 2)).text == (MORE if owed else "")
        room.close()

    run_virtual(story())
