"""The listener: edges at the right moment, and the words of the right sound."""

import asyncio

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.local_whisper import LocalWhisper
from audio.speech import SPEECH_RATE
from audio.vad import VadStream
from sessions.listening.listener import LATE_ONSET_MS, PRE_ROLL_MS
from sessions.listening.vad_ticker import VadTicker
from sessions.turntaking import events as ev
from sessions.turntaking.rules import Rules
from tests.audio.speaking import plain_words
from tests.fakes.fake_speech import FakeTranscriber, unavailable
from tests.sessions.conftest import Said
from tests.sessions.listening.microphone_hall import BANK, LoudnessBank, Room, voice_span_ms
from tests.support.virtual_time import now_ms, pass_ms, run_virtual

ANSWERS = [
    "Fifteen people worked on the search engine.",
    "I think we should have tested it earlier.",
    "He said that nobody had looked at the memory until the process was killed.",
]
SOFT = ["So, what about it?", "Actually, I would like to add something.", "Sorry, once more?"]


class DoubtfulBank(LoudnessBank):
    """Takes whatever is loud for speech, but is not sure of it."""

    def _judge(self, batch: list[VadStream]) -> NDArray[np.float32]:
        return super()._judge(batch) * np.float32(0.25)


@pytest.mark.parametrize("text", ANSWERS)
def test_the_edges_are_where_the_voice_is(said: Said, text: str) -> None:
    sound = said(text)

    async def story() -> None:
        room = Room()
        room.open()
        await pass_ms(1_000)
        began = now_ms()
        await room.say_and_pause(sound)
        first, last = voice_span_ms(sound)
        starts, stops = room.of(ev.SpeechStarted), room.of(ev.SpeechStopped)
        assert starts[0].at_ms - began == pytest.approx(first, abs=100)
        assert stops[-1].at_ms - began == pytest.approx(last, abs=100)
        assert room.edges() == "+-" * len(starts)
        for at_ms, event in room.events:
            assert isinstance(event, ev.SpeechStarted | ev.SpeechStopped)
            assert event.at_ms <= at_ms
        room.close()

    run_virtual(story())


def test_an_onset_is_told_within_180_ms(said: Said) -> None:
    """Which leaves 20 ms of the 200 for the silence to reach the leg."""

    async def story() -> None:
        room = Room()
        room.open()
        await pass_ms(1_000)
        for text in ANSWERS:
            told = len(room.events)
            await room.say_and_pause(said(text))
            at_ms, event = room.events[told]
            assert isinstance(event, ev.SpeechStarted)
            assert at_ms - event.at_ms < 180
        room.close()

    run_virtual(story())


def test_during_a_reply_an_onset_is_told_sooner(said: Said) -> None:
    """Within 160 ms of the sound itself, be it soft: the rest of the 200 is for the way."""

    async def story() -> None:
        room = Room()
        room.listener.set_reply_playing(True)
        room.open()
        await pass_ms(1_000)
        for text in SOFT:
            told = len(room.events)
            begins = now_ms() + voice_span_ms(said(text))[0]
            await room.say_and_pause(said(text))
            at_ms, event = room.events[told]
            assert isinstance(event, ev.SpeechStarted)
            assert at_ms - begins < 160, text
        room.close()

    run_virtual(story())


def test_what_was_no_voice_after_all_is_told_as_such() -> None:
    """A hum of which the model is not sure, by a bank that says so."""

    async def story() -> None:
        room = Room(vad_ticker=VadTicker(DoubtfulBank()))
        room.listener.set_reply_playing(True)
        room.open()
        await room.say_and_pause(np.full(SPEECH_RATE // 8, 5_000, np.int16))
        (started,), (stopped,) = room.of(ev.SpeechStarted), room.of(ev.SpeechStopped)
        assert stopped.doubtful
        assert 64 < stopped.at_ms - started.at_ms < 200
        room.listener.drop()
        room.listener.set_reply_playing(False)
        await room.say_and_pause(np.full(SPEECH_RATE // 8, 5_000, np.int16))
        assert room.edges() == "+-"
        room.close()

    run_virtual(story())


def test_the_first_word_is_not_clipped(said: Said) -> None:
    async def story() -> list[NDArray[np.int16]]:
        room = Room()
        room.open()
        for text in ANSWERS:
            await pass_ms(2_000)
            await room.say_and_pause(said(text))
            await room.words(1, 1)
            room.listener.drop()
        room.close()
        return room.transcriber.heard

    async def read(heard: list[NDArray[np.int16]]) -> list[str]:
        whisper = LocalWhisper()
        try:
            return [(await whisper.transcribe(audio)).text for audio in heard]
        finally:
            await whisper.close()

    heard = run_virtual(story())
    words = asyncio.run(read(heard))
    assert [plain_words(text) for text in words] == [plain_words(text) for text in ANSWERS]


def test_there_is_silence_before_the_first_sound_and_after_the_last(said: Said) -> None:
    sound = said(ANSWERS[0])

    async def story() -> None:
        room = Room()
        room.open()
        await pass_ms(3_000)
        began = now_ms()
        await room.say_and_pause(sound)
        started = room.of(ev.SpeechStarted)[0].at_ms
        await room.words(1, 1)
        (heard,) = room.heard_ms
        # From the pre-roll to the end of what had been sent when the words were asked for.
        assert heard == pytest.approx(now_ms() - 150 - started + PRE_ROLL_MS, abs=25)
        assert heard > voice_span_ms(sound)[1] - (started - began) + PRE_ROLL_MS
        room.close()

    run_virtual(story())


def test_words_come_with_their_confidence_and_as_a_caption(said: Said) -> None:
    async def story() -> None:
        room = Room(FakeTranscriber(ANSWERS[0]))
        room.open()
        await room.say_and_pause(said(ANSWERS[0]))
        final = await room.words(7, 3)
        assert final == ev.TranscriptFinal(7, 3, ANSWERS[0], 0.9)
        assert room.of(ev.TranscriptPartial) == [ev.TranscriptPartial(7, ANSWERS[0])]
        assert room.captions == [(7, ANSWERS[0])]
        assert room.listener.transcribe_ms == 150
        assert room.listener.model == "fake-stt"
        room.close()

    run_virtual(story())


def test_of_a_noise_the_words_are_empty_and_no_caption_is_shown(said: Said) -> None:
    async def story() -> None:
        room = Room(FakeTranscriber(""))
        room.open()
        await room.say_and_pause(said("Hm."))
        assert (await room.words(1, 1)).text == ""
        assert room.captions == []
        assert room.of(ev.TranscriptPartial) == []
        room.close()

    run_virtual(story())


def test_words_asked_for_where_nothing_was_said_are_empty() -> None:
    async def story() -> None:
        room = Room()
        room.open()
        await pass_ms(500)
        assert (await room.words(1, 1)).text == ""
        assert room.transcriber.heard == []
        room.close()

    run_virtual(story())


def test_words_that_take_too_long_are_given_up_before_the_turn_machine_does(said: Said) -> None:
    async def story() -> None:
        room = Room(FakeTranscriber("Late.", latency_ms=60_000))
        room.open()
        await room.say_and_pause(said(ANSWERS[0]))
        began = now_ms()
        room.listener.finish(1, 2)
        await room.next(ev.TranscriptFailed)
        assert 6_000 < now_ms() - began < Rules().transcript_wait_ms
        room.close()

    run_virtual(story())


async def half_understood(said: Said) -> Room:
    """A room where two sentences were said, of which the first is understood."""
    room = Room(FakeTranscriber(ANSWERS[0]))
    room.open()
    await room.say_and_pause(said(ANSWERS[0]))
    await room.words(1, 2)
    await room.say_and_pause(said(ANSWERS[1]))
    return room


def test_what_was_understood_before_is_told_when_the_rest_cannot_be(said: Said) -> None:
    async def story() -> None:
        room = await half_understood(said)
        room.transcriber.answers.append(unavailable())
        final = await room.words(1, 4)
        assert final.text == ANSWERS[0]
        assert final.confidence == 0.9
        room.close()

    run_virtual(story())


def test_what_could_not_be_had_in_time_is_told_when_it_comes(said: Said) -> None:
    async def story() -> None:
        room = await half_understood(said)
        room.transcriber.latency_ms = 12_000
        room.transcriber.says = f"{ANSWERS[0]} {ANSWERS[1]}"
        began = now_ms()
        final = await room.words(1, 4)
        assert (final.text, final.short) == (ANSWERS[0], True)
        assert now_ms() - began < Rules().transcript_wait_ms
        room.listener.keep()
        room.listener.drop()
        late = await room.next(ev.LateWords)
        assert late == ev.LateWords(1, 4, f"{ANSWERS[0]} {ANSWERS[1]}", 0.9)
        assert now_ms() - began == pytest.approx(12_000, abs=100)
        room.close()

    run_virtual(story())


@pytest.mark.parametrize("failures", [1, 3])
def test_what_failed_is_asked_for_again_until_it_comes(said: Said, failures: int) -> None:
    async def story() -> None:
        room = await half_understood(said)
        room.transcriber.answers.extend(unavailable() for _ in range(failures))
        room.transcriber.says = f"{ANSWERS[0]} {ANSWERS[1]}"
        final = await room.words(1, 4)
        assert (final.text, final.short) == (ANSWERS[0], True)
        late = await room.next(ev.LateWords)
        assert late.text == f"{ANSWERS[0]} {ANSWERS[1]}"
        asked = len(room.transcriber.heard)
        await pass_ms(60_000)
        assert len(room.transcriber.heard) == asked
        room.close()

    run_virtual(story())


def test_words_are_given_up_a_minute_after_they_were_asked_for(said: Said) -> None:
    async def story() -> None:
        room = await half_understood(said)
        room.transcriber.answers.extend(unavailable() for _ in range(100))
        await room.words(1, 4)
        await pass_ms(61_000)
        assert len(room.transcriber.answers) > 90
        assert room.of(ev.LateWords) == []
        assert room.tasks == set()
        room.close()

    run_virtual(story())


def test_a_request_that_waits_behind_a_newer_one_is_not_made(said: Said) -> None:
    async def story() -> None:
        room = Room(FakeTranscriber("Words.", latency_ms=3_000))
        room.open()
        await room.say_and_pause(said(ANSWERS[0]))
        for attempt in (2, 4, 6, 8):
            room.listener.finish(1, attempt)
            await pass_ms(200)
        assert (await room.next(ev.TranscriptFinal, skip=1)).attempt == 8
        assert [final.attempt for final in room.of(ev.TranscriptFinal)] == [2, 8]
        assert len(room.transcriber.heard) == 2
        room.close()

    run_virtual(story())


def test_a_transcriber_that_fails_is_told(said: Said) -> None:
    async def story() -> None:
        room = Room()
        room.transcriber.answers.append(unavailable())
        room.open()
        await room.say_and_pause(said(ANSWERS[0]))
        room.listener.finish(1, 4)
        assert await room.next(ev.TranscriptFailed) == ev.TranscriptFailed(1, 4)
        room.transcriber.says = ANSWERS[0]
        assert (await room.words(1, 5)).text == ANSWERS[0]  # nothing was forgotten
        room.close()

    run_virtual(story())


def test_an_answer_that_goes_on_is_transcribed_as_a_whole(said: Said) -> None:
    async def story() -> None:
        room = Room(FakeTranscriber("We had a cache."))
        room.open()
        await room.say_and_pause(said("We had a cache."))
        await room.words(1, 1)
        room.transcriber.says = "We had a cache. It was never emptied."
        await room.say_and_pause(said("It was never emptied."))
        assert (await room.words(1, 2)).text == "We had a cache. It was never emptied."
        first, second = room.transcriber.heard
        assert np.array_equal(second[: len(first)], first)
        room.close()

    run_virtual(story())


def test_an_utterance_that_was_settled_is_not_heard_again(said: Said) -> None:
    async def story() -> None:
        room = Room()
        room.open()
        for _ in range(2):
            await pass_ms(1_000)
            await room.say_and_pause(said(ANSWERS[0]))
            await room.words(1, 1)
            room.listener.drop()
        first, second = room.heard_ms
        assert second == pytest.approx(first, abs=60)
        room.close()

    run_virtual(story())


def test_words_that_come_after_the_utterance_was_settled_are_told_to_nobody(said: Said) -> None:
    async def story() -> None:
        room = Room(FakeTranscriber("Too late.", latency_ms=9_000))
        room.open()
        await room.say_and_pause(said(ANSWERS[0]))
        room.listener.finish(1, 1)
        await pass_ms(8_000)
        room.listener.drop()
        told = len(room.events)
        await pass_ms(2_000)
        assert room.captions == []
        assert len(room.events) == told
        assert room.tasks == set()
        room.close()

    run_virtual(story())


def test_who_begins_again_while_the_turn_is_settled_loses_no_sound(said: Said) -> None:
    sound = said(ANSWERS[1])

    async def story() -> None:
        room = Room()
        room.open()
        await room.say_and_pause(said(ANSWERS[0]), 1_000)
        await room.words(1, 1)
        room.microphone.start(sound)
        started = await room.next(ev.SpeechStarted, skip=1)
        room.listener.drop()  # before anybody has looked at that event
        await pass_ms(len(sound) * 1000 / SPEECH_RATE + 400)
        await room.words(2, 1)
        assert room.heard_ms[1] > now_ms() - 150 - started.at_ms + 200
        assert_in_order_and_once(room)
        room.close()

    run_virtual(story())


def assert_in_order_and_once(room: Room) -> None:
    """Each piece is real sound, and begins where an earlier one ended, or later."""
    sent, position = bytes(room.sent), 0
    for audio in room.transcriber.heard:
        found = sent.find(audio.tobytes(), position)
        assert found >= 0, "sound was transcribed twice"
        position = found + 2 * len(audio)


def test_a_new_leg_hears_on_where_the_one_before_was_lost(said: Said) -> None:
    async def story() -> None:
        room = Room(FakeTranscriber("Fifteen people"))
        room.open()
        await pass_ms(500)
        room.microphone.start(said(ANSWERS[0]))
        await room.next(ev.SpeechStarted)
        await pass_ms(800)
        room.close()
        final = await room.words(1, 1)  # the answer was cut short
        assert final.text == "Fifteen people"
        assert 800 < room.heard_ms[0] < 1_500
        room.listener.drop()

        await pass_ms(5_000)
        room.microphone = type(room.microphone)(room.listener.feed)
        room.open()
        await pass_ms(4_000)
        began = now_ms()
        await room.say_and_pause(said(ANSWERS[1]))
        started = room.of(ev.SpeechStarted)[1]
        assert started.at_ms - began == pytest.approx(voice_span_ms(said(ANSWERS[1]))[0], abs=100)
        await room.words(2, 2)
        assert room.heard_ms[1] < now_ms() - 150 - started.at_ms + PRE_ROLL_MS + 50
        room.close()

    run_virtual(story())


def test_sound_before_a_leg_is_attached_and_after_it_is_gone_is_not_kept(said: Said) -> None:
    async def story() -> None:
        room = Room()
        room.microphone.open()
        await room.microphone.say(said(ANSWERS[0]))
        assert room.buffered_ms == 0
        room.open()
        await pass_ms(2_000)
        room.close()
        kept = room.buffered_ms
        room.listener.feed(said(ANSWERS[0]))
        assert room.buffered_ms == kept < PRE_ROLL_MS + LATE_ONSET_MS + 60
        assert room.events == []

    run_virtual(story())


def test_an_error_of_the_program_ends_this_session_and_spares_the_others(said: Said) -> None:
    async def story() -> None:
        vad_ticker = VadTicker(BANK)
        broken, other = Room(vad_ticker=vad_ticker), Room(vad_ticker=vad_ticker)

        def explode(event: ev.Event) -> None:
            raise RuntimeError("a bug")

        broken.listener._edges._post = explode
        for room in (broken, other):
            room.open()
            room.microphone.start(said(ANSWERS[0]))
        await other.next(ev.SpeechStopped)
        assert [str(error) for error in broken.failures[:1]] == ["a bug"]
        broken.close()
        other.close()

    run_virtual(story())
