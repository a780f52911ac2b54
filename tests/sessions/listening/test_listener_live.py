"""Interim transcriptions: captions without a pause, words sooner, and nothing in their way."""

import asyncio

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.speech import SPEECH_RATE, Transcript
from sessions.listening.live_captions import INTERIM_EVERY_MS
from sessions.turntaking import events as ev
from tests.fakes.fake_speech import FakeTranscriber, unavailable
from tests.sessions.conftest import Said
from tests.sessions.listening.microphone_hall import Room, breathless, joined, seconds
from tests.support.virtual_time import now_ms, pass_ms, run_virtual

ANSWER = "I would begin by measuring where the time is really spent."
MORE = "Then I would look at the memory and at the network."
LONG = [
    "I joined the team four years ago, when there were only three of us in a small office.",
    "We built a search engine for recipes, and I was responsible for the ranking service.",
]


GRID_MS = 160.0
"""After this time the frames of the microphone (20 ms), the windows of the detector (32 ms) and its
ticks (8 ms) stand to each other as before, so that two runs hear the same."""


class Counting(FakeTranscriber):
    """Understands a word every 300 ms of sound: "word1 word2 ..."; what is on the edge comes out
    wrong."""

    async def transcribe(
        self, audio: NDArray[np.int16], *, prompt: str = "", language: str = "en"
    ) -> Transcript:
        count = int(len(audio) / SPEECH_RATE / 0.3)
        self.says = " ".join([*(f"word{n}" for n in range(1, count)), f"wor{count}"])
        return await super().transcribe(audio, prompt=prompt, language=language)


def test_captions_come_while_somebody_speaks_without_a_pause(said: Said) -> None:
    talk = breathless(joined(*(said(text) for text in LONG)))

    async def story() -> None:
        room = Room(Counting(), live=True)
        room.open()
        await pass_ms(500)
        began = now_ms()
        await room.microphone.say(talk)
        ended = now_ms()
        during = [caption for at, caption in room.shown if at < ended]
        assert len(during) >= seconds(talk) * 1000 / (INTERIM_EVERY_MS + 600) - 1
        assert room.shown[0][0] - began < INTERIM_EVERY_MS + 600
        lengths = [len(caption.text.split()) for caption in during]
        assert lengths == sorted(lengths)
        stable = [caption.stable_words for caption in during]
        assert stable == sorted(stable)
        assert stable[-1] > lengths[-1] / 2
        for caption in during:
            words = caption.text.split()[: caption.stable_words]
            assert words == [f"word{n + 1}" for n in range(len(words))], "what stays is right"
        assert room.of(ev.TranscriptPartial) == [], "they are for the eyes alone"
        room.close()
        await pass_ms(1_000)

    run_virtual(story())


async def delays(said: Said, *, live: bool, latency_ms: float) -> list[float]:
    """From the end of each sentence's sound to its words, asked for when the pause is certain."""
    room = Room(Counting(latency_ms=latency_ms), live=live)
    room.open()
    opened = now_ms()
    found: list[float] = []
    for number, text in enumerate((ANSWER, MORE, *LONG), 1):
        await pass_ms(1_000)
        await pass_ms(-(now_ms() - opened) % GRID_MS)
        sound = said(text)
        voice = np.flatnonzero(np.abs(sound) > 200)
        stops = len(room.of(ev.SpeechStopped))
        began = now_ms()
        room.microphone.start(sound)
        end = began + voice[-1] * 1000 / SPEECH_RATE
        while True:
            stop = await room.next(ev.SpeechStopped, skip=stops)
            stops += 1
            if stop.at_ms > end - 100:
                break
        await room.words(number, 1)
        found.append(now_ms() - end)
        room.listener.drop()
    room.close()
    await pass_ms(2_000)
    return found


@pytest.mark.parametrize("latency_ms", [120, 300])
def test_words_at_the_end_come_sooner_and_never_later(said: Said, latency_ms: float) -> None:
    live = run_virtual(delays(said, live=True, latency_ms=latency_ms))
    plain = run_virtual(delays(said, live=False, latency_ms=latency_ms))
    assert np.mean(live) < np.mean(plain) - 20
    for with_looks, without in zip(live, plain, strict=True):
        assert with_looks < without + 5


def test_a_pause_takes_the_words_that_were_requested_when_the_voice_stopped(said: Said) -> None:
    async def story() -> None:
        room = Room(FakeTranscriber(ANSWER), live=True)
        room.open()
        await room.say_and_pause(said(ANSWER))
        calls = len(room.transcriber.heard)
        began = now_ms()
        assert (await room.words(1, 1)).text == ANSWER
        assert now_ms() == began, "they were there already"
        assert len(room.transcriber.heard) == calls
        room.close()

    run_virtual(story())


def test_what_is_said_after_an_early_request_is_not_left_out(said: Said) -> None:
    async def story() -> None:
        room = Room(FakeTranscriber(ANSWER), live=True)
        room.open()
        await room.say_and_pause(said(ANSWER), 1_000)
        room.microphone.start(said(MORE))
        await room.next(ev.SpeechStarted, skip=1)
        await pass_ms(1_200)
        room.transcriber.says = f"{ANSWER} {MORE}"
        assert (await room.words(1, 2)).text == f"{ANSWER} {MORE}", "in the middle of speech"
        room.close()
        await pass_ms(3_000)

    run_virtual(story())


def test_a_leg_that_is_lost_in_the_middle_of_a_word_loses_none(said: Said) -> None:
    async def story() -> None:
        room = Room(Counting(), live=True)
        room.open()
        await room.say_and_pause(said(ANSWER), 1_000)
        before = len((await room.words(1, 1)).text.split())
        room.microphone.start(said(MORE))
        await pass_ms(2_000)
        room.close()
        after = len((await room.words(1, 2)).text.split())
        assert after >= before + 5
        await pass_ms(3_000)

    run_virtual(story())


def test_words_that_could_not_be_had_early_are_not_waited_for_twice(said: Said) -> None:
    async def story() -> None:
        room = Room(live=True)
        room.transcriber.answers.extend([unavailable()] * 2)
        room.open()
        await room.say_and_pause(said("Yes, I do."))
        room.listener.finish(1, 1)
        calls = len(room.transcriber.heard)
        await room.next(ev.TranscriptFailed)
        assert len(room.transcriber.heard) == calls
        room.transcriber.answers.clear()
        room.transcriber.says = "Yes, I do."
        assert (await room.words(1, 2)).text == "Yes, I do.", "asked anew, it is tried anew"
        room.close()

    run_virtual(story())


def test_an_interim_transcription_that_takes_long_is_dropped_at_the_pause(said: Said) -> None:
    class Slow(FakeTranscriber):
        async def transcribe(
            self, audio: NDArray[np.int16], *, prompt: str = "", language: str = "en"
        ) -> Transcript:
            if asyncio.current_task() in room.interims._interims:
                await pass_ms(60_000)
            return await super().transcribe(audio, prompt=prompt, language=language)

    room: Room

    async def story() -> None:
        nonlocal room
        room = Room(Slow(ANSWER), live=True)
        room.open()
        await room.say_and_pause(breathless(joined(said(LONG[0]), said(LONG[1]))))
        assert (await room.words(1, 1)).text == ANSWER
        assert [text for _, text in room.captions] == [ANSWER]
        room.close()

    run_virtual(story())
