"""Sentences made ahead: the same sound at once, never in a call's way, and no more than fits."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from audio.local_voice import LocalVoice
from audio.metering import METER, Consumption, Service, report
from audio.speech import SpeechError, SpeechUnavailable, SpokenFacts
from audio.voice_cache import PAUSE_S, VoiceCache
from tests.support.virtual_time import now_ms, pass_ms, run_virtual

MEGABYTE = 1_000_000


class FakeVoice:
    """A voice that says each word as a piece, 50 ms after the one before."""

    model = "fake"
    sample_rate = 24_000

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.speaking = 0
        self.together = 0
        self.fails_after: int | None = None
        self.closed = False

    async def warm_up(self) -> None:
        """Nothing is to be loaded."""

    async def speak(
        self, text: str, *, speed: float = 1.0, facts: SpokenFacts | None = None
    ) -> AsyncGenerator[bytes, None]:
        self.calls.append(text)
        report(Consumption(Service.SPEAKING, "voices.example", "fake", characters=len(text)))
        self.speaking += 1
        self.together = max(self.together, self.speaking)
        if facts is not None:
            facts.provider, facts.model = "voices.example", f"fake {len(self.calls)}"
        try:
            for number, word in enumerate(text.split()):
                await pass_ms(50)
                if number == self.fails_after:
                    raise SpeechUnavailable("The voice is gone.", retryable=True)
                yield word.encode() * 2
        finally:
            self.speaking -= 1

    async def close(self) -> None:
        self.closed = True


async def said(voice: VoiceCache, text: str) -> list[bytes]:
    return [piece async for piece in voice.speak(text)]


def test_who_spoke_is_known_of_a_sentence_made_ahead_too() -> None:
    async def story() -> None:
        voice = VoiceCache(FakeVoice(), MEGABYTE)
        voice.prefetch(["Thank you.", "What do you do?"])
        await pass_ms(10)
        heard: list[SpokenFacts] = []
        for text in ("Thank you.", "What do you do?", "Tell me more."):  # followed, made, called
            facts = SpokenFacts()
            _ = [piece async for piece in voice.speak(text, facts=facts)]
            heard.append(facts)
        await voice.close()
        assert [facts.model for facts in heard] == ["fake 1", "fake 2", "fake 3"]
        assert {facts.provider for facts in heard} == {"voices.example"}

    run_virtual(story())


def test_what_was_prefetched_sounds_at_once() -> None:
    async def story() -> None:
        fake = FakeVoice()
        voice = VoiceCache(fake, MEGABYTE)
        voice.prefetch(["Thank you.", "What do you do?"])
        await pass_ms(1_000)
        assert fake.calls == ["Thank you.", "What do you do?"]
        began = now_ms()
        assert await said(voice, "What do you do?") == [b"WhatWhat", b"dodo", b"youyou", b"do?do?"]
        assert now_ms() == began
        assert fake.calls == ["Thank you.", "What do you do?"]
        assert (voice.hits, voice.misses) == (1, 0)
        await voice.close()

    run_virtual(story())


def test_what_was_not_prefetched_is_spoken_and_not_kept() -> None:
    async def story() -> None:
        fake = FakeVoice()
        voice = VoiceCache(fake, MEGABYTE)
        for _ in range(2):
            assert await said(voice, "Hello Ada.") == [b"HelloHello", b"Ada.Ada."]
        assert fake.calls == ["Hello Ada.", "Hello Ada."]
        assert (voice.hits, voice.misses, voice.bytes) == (0, 2, 0)
        await voice.close()

    run_virtual(story())


def test_the_background_waits_while_a_call_waits() -> None:
    async def story() -> None:
        fake = FakeVoice()
        voice = VoiceCache(fake, MEGABYTE)
        voice.prefetch(["one two three four five six", "seven"])
        await pass_ms(60)  # the first is being made
        began = now_ms()
        async with aclosing(voice.speak("live words")) as sound:
            await anext(sound)
            assert now_ms() == pytest.approx(began + 50)
            await pass_ms(5_000)  # a slow listener
            assert fake.calls == ["one two three four five six", "live words"]
            await anext(sound)
        await pass_ms(2_000)
        assert fake.calls[2:] == ["one two three four five six", "seven"], "given up, made later"
        await voice.close()

    run_virtual(story())


def test_one_sentence_at_a_time_with_pauses_between() -> None:
    async def story() -> None:
        fake = FakeVoice()
        voice = VoiceCache(fake, MEGABYTE)
        began = now_ms()
        voice.prefetch(["one two", "three four"])
        voice.prefetch(["three four", "five six"])
        await voice.prefetched()
        assert fake.together == 1
        assert fake.calls == ["one two", "three four", "five six"]
        assert now_ms() - began >= 300 + 2 * PAUSE_S * 1000
        await voice.close()

    run_virtual(story())


def test_a_sentence_that_is_being_made_is_heard_as_it_grows() -> None:
    async def story() -> None:
        fake = FakeVoice()
        voice = VoiceCache(fake, MEGABYTE)
        voice.prefetch(["one two three"])
        await pass_ms(70)
        began = now_ms()
        async with aclosing(voice.speak("one two three")) as sound:
            assert await anext(sound) == b"oneone"
            assert now_ms() == began
            assert [piece async for piece in sound] == [b"twotwo", b"threethree"]
        assert now_ms() == pytest.approx(began + 80)
        assert fake.calls == ["one two three"]
        assert voice.hits == 1
        await voice.close()

    run_virtual(story())


@pytest.mark.parametrize("words", [0, 1])
def test_one_that_fails_ahead_is_tried_again_when_it_is_needed(words: int) -> None:
    async def story() -> None:
        fake = FakeVoice()
        fake.fails_after = words
        voice = VoiceCache(fake, MEGABYTE)
        voice.prefetch(["one two"])
        await pass_ms(500)
        fake.fails_after = None
        assert await said(voice, "one two") == [b"oneone", b"twotwo"]
        assert fake.calls == ["one two", "one two"]
        await voice.close()

    run_virtual(story())


def test_one_that_breaks_off_under_a_listener_is_told() -> None:
    async def story() -> None:
        fake = FakeVoice()
        fake.fails_after = 1
        voice = VoiceCache(fake, MEGABYTE)
        voice.prefetch(["one two"])
        await pass_ms(60)
        with pytest.raises(SpeechError, match="gone"):
            await said(voice, "one two")
        await voice.close()

    run_virtual(story())


def test_the_least_recently_used_makes_room() -> None:
    async def story() -> None:
        voice = VoiceCache(FakeVoice(), 24)
        voice.prefetch(["aaaa", "bbbb", "cccc"])  # 8 bytes each
        await pass_ms(1_000)
        await said(voice, "aaaa")
        voice.prefetch(["dddd", "a sentence that is longer than all there is room for"])
        await pass_ms(2_000)
        assert voice.bytes <= 24
        for text in ("aaaa", "bbbb"):
            await said(voice, text)
        assert voice.misses >= 1
        await voice.close()

    run_virtual(story())


def test_closing_stops_the_background_and_the_voice() -> None:
    async def story() -> None:
        fake = FakeVoice()
        voice = VoiceCache(fake, MEGABYTE)
        voice.prefetch(["one two three", "four"])
        await pass_ms(60)
        await voice.close()
        assert fake.closed
        assert fake.speaking == 0
        voice.prefetch(["five"])
        await pass_ms(1_000)
        assert fake.calls == ["one two three"]

    run_virtual(story())


@pytest.mark.usefixtures("real_models")
async def test_the_real_voice_says_the_same_from_the_cache_bit_for_bit() -> None:
    texts = ("Thank you.", "What was the hardest part of it?")
    voice = VoiceCache(LocalVoice(), 10 * MEGABYTE)
    try:
        live = [await said(voice, text) for text in texts]
        voice.prefetch(texts)
        await voice.prefetched()
        assert [await said(voice, text) for text in texts] == live
        assert (voice.hits, voice.misses) == (2, 2)
    finally:
        await voice.close()


def test_a_sentence_made_ahead_is_charged_to_who_asked_for_it_first() -> None:
    async def story() -> None:
        voice = VoiceCache(FakeVoice(), MEGABYTE)
        charged: dict[str, list[int]] = {"first": [], "second": []}

        async def ask(who: str, *texts: str) -> None:
            METER.set(lambda used: charged[who].append(used.characters))
            voice.prefetch(texts)

        await asyncio.create_task(ask("first", "One.", "Two words."))
        await asyncio.create_task(ask("second", "Two words.", "Three more words."))
        await voice.prefetched()
        assert METER.get() is None
        assert [piece async for piece in voice.speak("One.")]
        await voice.close()
        assert charged == {
            "first": [len("One."), len("Two words.")],
            "second": [len("Three more words.")],
        }

    run_virtual(story())
