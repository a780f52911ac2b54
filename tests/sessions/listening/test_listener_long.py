"""Long answers are transcribed piece by piece, and hours of sound need no more than seconds."""

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.pcm import samples_of
from audio.speech import SPEECH_RATE
from sessions.listening.listener import (
    CLOSE_SEGMENT_MS,
    UNWANTED_MS,
)
from sessions.listening.transcription import PROMPT_CHARS
from sessions.listening.utterance_transcript import CUT_SEARCH_MS, FORCE_SEGMENT_MS
from sessions.listening.vad_ticker import VadTicker
from sessions.turntaking import events as ev
from tests.fakes.fake_speech import FakeTranscriber, unavailable
from tests.sessions.conftest import Said
from tests.sessions.listening.microphone_hall import LoudnessBank, Room, breathless, joined, silence
from tests.support.virtual_time import pass_ms, run_virtual

STORY = [
    "I joined the team four years ago, when there were only three of us in a small office.",
    "We built a search engine for recipes, and I was responsible for the ranking service.",
    "One day the service became slow, and nobody could tell why it happened at that moment.",
    "I looked at the metrics first, then at the logs, and then at the code that had changed.",
    "In the end it was a cache that was never emptied, so we gave it a limit and a test.",
    "Since then I look at memory before I look at anything else, and it has often helped.",
]


def numbered(latency_ms: float = 150.0) -> FakeTranscriber:
    """Understands the number of the call: "piece1"."""
    transcriber = FakeTranscriber(latency_ms=latency_ms)
    transcriber.answers.extend(f"piece{number}" for number in range(1, 100))
    return transcriber


def pieces_of(room: Room) -> list[NDArray[np.int16]]:
    return room.transcriber.heard


def assert_is_one_recording(room: Room, *pieces: NDArray[np.int16]) -> None:
    """One after the other they are what was said: no sample twice, none left out."""
    assert joined(*pieces).tobytes() in bytes(room.sent)


def test_a_long_answer_is_closed_in_segments_at_its_pauses(said: Said) -> None:
    async def story() -> None:
        room = Room(numbered())
        room.open()
        await pass_ms(1_000)
        closed: list[int] = []
        for attempt, sentence in enumerate(STORY, 1):
            await room.say_and_pause(said(sentence))
            final = await room.words(1, attempt)
            expected = [f"piece{number + 1}" for number in closed] + [f"piece{attempt}"]
            assert final.text == " ".join(expected)
            assert final.confidence == pytest.approx(0.9)
            if room.heard_ms[-1] >= CLOSE_SEGMENT_MS:
                closed.append(attempt - 1)
        assert len(closed) >= 2
        assert max(room.heard_ms) < CLOSE_SEGMENT_MS + 8_000
        whole = [pieces_of(room)[number] for number in closed]
        if closed[-1] != len(STORY) - 1:
            whole.append(pieces_of(room)[-1])
        assert_is_one_recording(room, *whole)
        for number, prompt in enumerate(room.transcriber.prompts):
            before = [f"piece{index + 1}" for index in closed if index < number]
            assert prompt == " ".join(["Kubernetes.", *before])
        room.close()

    run_virtual(story())


def test_the_prompt_is_the_end_of_a_long_text(said: Said) -> None:
    async def story() -> None:
        room = Room(FakeTranscriber("so many words " * 60))
        room.open()
        for attempt in (1, 2, 3):
            await room.say_and_pause(joined(said(STORY[0]), said(STORY[1])))
            await room.words(1, attempt)
        prompt = room.transcriber.prompts[-1]
        assert PROMPT_CHARS - 10 < len(prompt) <= PROMPT_CHARS
        assert prompt.startswith("Kubernetes. ")
        assert set(prompt.split()[1:]) == {"so", "many", "words"}, "no word is cut"
        assert prompt.endswith("so many words")
        room.close()

    run_virtual(story())


def test_an_answer_without_a_pause_is_cut_at_a_quiet_spot_before_whisper_is_full(
    said: Said,
) -> None:
    talk = breathless(joined(*(said(sentence) for sentence in STORY * 3)))

    async def story() -> None:
        room = Room(numbered(latency_ms=1_200))
        room.open()
        await pass_ms(1_000)
        await room.say_and_pause(talk)
        assert room.edges() == "+-"
        final = await room.words(1, 1)
        calls = len(room.heard_ms)
        assert final.text == " ".join(f"piece{number}" for number in range(1, calls + 1))
        assert calls == 3
        for length in room.heard_ms[:-1]:
            assert FORCE_SEGMENT_MS - CUT_SEARCH_MS <= length <= FORCE_SEGMENT_MS + 100
        assert room.spawned == calls + 1, "one task for each piece, one waits for the last"
        assert_is_one_recording(room, *pieces_of(room))
        room.close()

    run_virtual(story())


def test_a_transcriber_that_fails_in_the_middle_is_not_hammered_and_loses_nothing(
    said: Said,
) -> None:
    talk = breathless(joined(*(said(sentence) for sentence in STORY * 3)))

    async def story() -> None:
        room = Room(numbered())
        room.transcriber.answers.extendleft([unavailable(), unavailable()])
        room.open()
        await room.say_and_pause(talk)
        final = await room.words(1, 1)
        assert final.text == "piece1 piece2"
        assert len(room.heard_ms) == 4
        assert_is_one_recording(room, *pieces_of(room)[2:])
        room.close()

    run_virtual(story())


def test_when_only_the_last_piece_fails_the_words_before_it_are_kept(said: Said) -> None:
    async def story() -> None:
        room = Room(numbered())
        room.open()
        await room.say_and_pause(joined(said(STORY[0]), said(STORY[1])))
        assert (await room.words(1, 1)).text == "piece1"
        assert room.heard_ms[0] >= CLOSE_SEGMENT_MS
        room.transcriber.answers.appendleft(unavailable())
        await room.say_and_pause(said(STORY[2]))
        final = await room.words(1, 2)
        assert final.text == "piece1"
        assert final.confidence == pytest.approx(0.9)
        assert room.of(ev.TranscriptFailed) == []
        room.close()

    run_virtual(story())


def test_the_end_of_an_answer_that_was_cut_off_is_not_part_of_the_next_one(said: Said) -> None:
    async def story() -> None:
        room = Room(numbered())
        room.open()
        room.microphone.start(joined(said(STORY[0]), said(STORY[1])))
        await pass_ms(4_000)
        await room.words(1, 1)  # the time was up in the middle of a word
        room.listener.drop()
        await pass_ms(12_000)  # the rest is said, and nobody asks for it
        kept = UNWANTED_MS + 2_000
        assert room.buffered_ms < kept
        await room.say_and_pause(said(STORY[2]))
        await room.words(2, 2)
        assert room.heard_ms[-1] < len(said(STORY[2])) / 16 + kept
        room.close()

    run_virtual(story())


FRAME_MS = 500
"""Longer than a leg sends, so that an hour has fewer of them."""

BURST = (np.random.default_rng(5).normal(0, 3_000, SPEECH_RATE)).astype(np.int16)


@pytest.mark.parametrize("dropped", [True, False], ids=["dismissed", "ignored"])
def test_an_hour_of_silence_and_noise_needs_no_more_memory_than_a_minute(dropped: bool) -> None:
    async def story() -> None:
        room = Room(vad_ticker=VadTicker(LoudnessBank(), tick_ms=240))
        room.listener.attach()
        largest = capacity = 0.0
        minute = joined(*[joined(BURST, silence(14_000))] * 4)
        frame = samples_of(FRAME_MS, SPEECH_RATE)
        for _ in range(60):
            for begin in range(0, len(minute), frame):
                stops = len(room.of(ev.SpeechStopped))
                room.listener.feed(minute[begin : begin + frame])
                await pass_ms(FRAME_MS)
                if dropped and len(room.of(ev.SpeechStopped)) > stops:
                    await room.words(stops, stops)
                    room.listener.drop()
            largest = max(largest, room.buffered_ms)
            capacity = max(capacity, room.listener._buffer._buffer.size)
            room.events.clear()
            room.transcriber.heard.clear()
        assert largest < 2 * UNWANTED_MS
        assert capacity <= 2**19
        assert room.tasks == set()
        room.listener.detach()

    run_virtual(story(), limit_s=4_000)


def test_ten_minutes_without_a_breath_keep_half_a_minute_of_sound() -> None:
    async def story() -> None:
        room = Room(FakeTranscriber("words"), vad_ticker=VadTicker(LoudnessBank(), tick_ms=240))
        room.listener.attach()
        loud = BURST[: samples_of(FRAME_MS, SPEECH_RATE)]
        largest = 0.0
        for _ in range(10 * 60_000 // FRAME_MS):
            room.listener.feed(loud)
            await pass_ms(FRAME_MS)
            largest = max(largest, room.buffered_ms)
        assert FORCE_SEGMENT_MS < largest < FORCE_SEGMENT_MS + 2_000
        room.listener.detach()

    run_virtual(story(), limit_s=4_000)
