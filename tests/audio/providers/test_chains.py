"""Chains of ears and voices: whatever one of them does, another answers in time."""

import asyncio
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio.pcm import from_bytes
from audio.providers.chain import SPEECH_FAILURES_TO_OPEN
from audio.providers.circuit_breaker import OPEN_S
from audio.providers.synthesizer_chain import SPEAKING_BUDGET_S, SynthesizerChain
from audio.providers.transcriber_chain import HEARING_BUDGET_S, TranscriberChain
from audio.speech import SPEECH_RATE, VOICE_RATE, SpeechError, SpeechRejected, SpokenFacts
from tests.audio.providers.faulty import FAULTS, RETRY_AFTER_S, Ears, Voice
from tests.support.virtual_time import pass_ms, run_virtual

SOUND = np.ones(SPEECH_RATE, np.int16)
TEXT = "What did you do about it in the end?"
LATE = ("stall", "departed")


def ears_of(*ears: Ears) -> TranscriberChain:
    links = [(f"{ear.model}.internal", ear) for ear in ears]
    return TranscriberChain(links, clock=asyncio.get_running_loop().time)


def voice_of(*voices: Voice) -> SynthesizerChain:
    links = [(f"{voice.model}.internal", voice) for voice in voices]
    return SynthesizerChain(links, clock=asyncio.get_running_loop().time)


class Said:
    """What a voice said of a sentence, and when: `gaps_s` are the waits for each piece."""

    def __init__(self, facts: SpokenFacts) -> None:
        self.facts = facts
        self.pcm = b""
        self.gaps_s: list[float] = []
        self.beginnings: list[int] = []

    @property
    def levels(self) -> list[int]:
        """The levels of the voices, in their order."""
        samples: list[int] = from_bytes(self.pcm).tolist()
        return samples[:1] + [after for before, after in pairwise(samples) if after != before]


async def spoken(chain: SynthesizerChain, facts: SpokenFacts | None = None) -> Said:
    loop = asyncio.get_running_loop()
    said = Said(facts or SpokenFacts())
    asked, again = loop.time(), 0
    async for piece in chain.speak(TEXT, facts=said.facts):
        if said.facts.begun_again > again:
            again = said.facts.begun_again
            said.beginnings.append(len(said.pcm) // 2)
        said.pcm += piece
        said.gaps_s.append(loop.time() - asked)
        asked = loop.time()
    return said


# --- ears -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("fault", "other"), list(product(FAULTS, ("", *FAULTS))))
def test_words_are_there_in_time_whatever_the_ears_before_the_last_do(
    fault: str, other: str
) -> None:
    async def story() -> None:
        chain = ears_of(Ears("first", fault), Ears("second", other), Ears("local"))
        loop = asyncio.get_running_loop()
        for _ in range(6):
            began = loop.time()
            words = await chain.transcribe(SOUND)
            assert words.text == words.model == ("local" if other else "second")
            assert words.provider == f"{words.model}.internal"
            assert loop.time() - began < HEARING_BUDGET_S + 0.5
            await pass_ms(500)
        began = loop.time()
        await chain.transcribe(SOUND)
        assert loop.time() - began < 0.5, "those that fail are given a rest"

    run_virtual(story())


def test_ears_that_are_back_are_found_and_used() -> None:
    async def story() -> None:
        first = Ears("first", "500")
        chain = ears_of(first, Ears("local"))
        for _ in range(SPEECH_FAILURES_TO_OPEN + 2):
            await chain.transcribe(SOUND)
        assert first.calls == SPEECH_FAILURES_TO_OPEN
        first.fault = ""
        await pass_ms(OPEN_S * 1000)
        assert [(await chain.transcribe(SOUND)).text for _ in range(2)] == ["first", "first"]

    run_virtual(story())


def test_ears_that_ask_for_a_wait_get_it() -> None:
    async def story() -> None:
        first = Ears("first", "429")
        chain = ears_of(first, Ears("local"))
        await chain.transcribe(SOUND)
        first.fault = ""
        await pass_ms(RETRY_AFTER_S * 1000 - 500)
        assert (await chain.transcribe(SOUND)).text == "local"
        await pass_ms(1_000)
        assert (await chain.transcribe(SOUND)).text == "first"

    run_virtual(story())


def test_where_nobody_hears_it_is_said_once_and_the_chain_is_in_trouble() -> None:
    async def story() -> None:
        chain = ears_of(Ears("first", "500"), Ears("second", "401"))
        assert chain.chain.trouble() == ""
        for _ in range(SPEECH_FAILURES_TO_OPEN + 1):
            with pytest.raises(SpeechError) as caught:
                await chain.transcribe(SOUND)
            assert caught.value.retryable
        assert chain.chain.trouble().startswith("no transcriber answers: It failed (500).")
        assert "It refused the key (401)" in chain.chain.trouble()

    run_virtual(story())


def test_the_first_is_loaded_at_the_start_and_the_others_meanwhile() -> None:
    async def story() -> None:
        first, second, third = Ears("first"), Ears("second", "absent"), Ears("third")
        chain = ears_of(first, second, third)
        await chain.warm_up()
        assert first.warm
        await pass_ms(1)
        assert third.warm
        await chain.close()
        assert all(ears.closed for ears in (first, second, third))
        with pytest.raises(SpeechRejected):
            await ears_of(Ears("first", "absent"), third).warm_up()

    run_virtual(story())


# --- voices ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("fault", "other"), list(product((*FAULTS, *LATE), ("", *FAULTS, *LATE))))
def test_a_sentence_is_said_whole_and_in_time_whatever_the_voices_before_the_last_do(
    fault: str, other: str
) -> None:
    async def story() -> None:
        first, second = Voice("first", fault, level=100), Voice("second", other, level=200)
        chain = voice_of(first, second, Voice("local", level=300))
        for _ in range(4):
            said = await spoken(chain)
            speaker = "local" if other else "second"
            assert (said.facts.provider, said.facts.model) == (f"{speaker}.internal", speaker)
            whole = said.beginnings[-1] if said.beginnings else 0
            assert len(said.pcm) // 2 - whole == VOICE_RATE
            assert max(said.gaps_s) <= SPEAKING_BUDGET_S + 0.31
            assert len(said.beginnings) == len(said.levels) - 1
            assert first.open == second.open == 0

    run_virtual(story())


def test_a_voice_that_failed_in_a_reply_is_not_asked_for_the_rest_of_it() -> None:
    async def story() -> None:
        first = Voice("first", "cut")
        chain = voice_of(first, Voice("local"))
        failed = (await spoken(chain)).facts.failed
        first.fault = ""
        assert (await spoken(chain, SpokenFacts(failed=failed))).facts.model == "local"
        assert (await spoken(chain)).facts.model == "first"

    run_virtual(story())


def test_a_voice_that_departs_from_the_text_goes_on_being_asked() -> None:
    async def story() -> None:
        first = Voice("first", "departed")
        chain = voice_of(first, Voice("local"))
        for _ in range(SPEECH_FAILURES_TO_OPEN + 2):
            said = await spoken(chain)
            assert said.facts.model == "local"
            assert not said.facts.failed
        assert len(first.said) == SPEECH_FAILURES_TO_OPEN + 2
        assert not chain.chain.trouble()

    run_virtual(story())


def test_voices_of_any_sample_rate_come_out_at_one() -> None:
    async def story() -> None:
        chain = voice_of(
            Voice("first", "cut", rate=16_000, level=100), Voice("local", rate=44_100, level=100)
        )
        said = await spoken(chain)
        assert len(said.pcm) // 2 - said.beginnings[0] == pytest.approx(VOICE_RATE, abs=2)
        assert said.beginnings[0] == pytest.approx(0.3 * VOICE_RATE, abs=0.05 * VOICE_RATE)

    run_virtual(story())


def test_text_without_a_word_asks_nobody() -> None:
    async def story() -> None:
        voice = Voice("first")
        chain = voice_of(voice)
        assert [piece async for piece in chain.speak(" ... ")] == []
        assert not voice.said

    run_virtual(story())


@given(
    st.lists(st.sampled_from(["", *FAULTS, *LATE]), min_size=1, max_size=4),
    st.lists(st.integers(0, 40), min_size=1, max_size=8),
)
@settings(max_examples=60, deadline=None)
def test_any_chain_with_a_living_end_says_every_sentence(
    faults: list[str], pauses_s: list[int]
) -> None:
    async def story() -> None:
        voices = [Voice(f"v{number}", fault) for number, fault in enumerate(faults)]
        chain = voice_of(*voices, Voice("local"))
        for pause_s in pauses_s:
            said = await spoken(chain)
            whole = said.beginnings[-1] if said.beginnings else 0
            assert len(said.pcm) // 2 - whole == VOICE_RATE
            assert max(said.gaps_s) <= SPEAKING_BUDGET_S + 0.6 * len(faults) + 0.3
            await pass_ms(1_000 * pause_s)
        assert not chain.chain.trouble()

    run_virtual(story())
