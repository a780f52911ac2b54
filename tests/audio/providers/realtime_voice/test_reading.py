"""A sentence read over the Realtime socket: what is asked for, what comes, what it costs."""

import asyncio
from contextlib import aclosing

import pytest

from audio.metering import Service
from audio.providers.known_models import price_of
from audio.providers.openai_replies import MIN_PIECE_BYTES
from audio.providers.realtime_models import REALTIME_VOICES
from audio.providers.realtime_voice import (
    READING,
    RealtimeSynthesizer,
)
from audio.speech import VOICE_RATE, SpeechRejected, SpokenFacts
from tests.audio.providers.realtime_voice.adapter import (
    KEY,
    MODEL,
    TEXT,
    Metered,
    said,
    sound_of,
    until,
    voice,
)
from tests.support.openai_double import OpenAIDouble


async def test_a_sentence_is_asked_for_outside_of_any_conversation(double: OpenAIDouble) -> None:
    adapter = voice(double)
    facts = SpokenFacts()
    assert await said(adapter, facts=facts) == sound_of()
    await adapter.close()
    assert (facts.provider, facts.model, facts.said) == (
        double.base_url.split("/")[2],
        MODEL,
        None,
    )
    conversation = double.voice.conversations[0]
    assert conversation.query == {"model": MODEL}
    assert conversation.authorization == f"Bearer {KEY}"
    (update,) = conversation.of_type("session.update")
    assert update["session"] == {
        "type": "realtime",
        "output_modalities": ["audio"],
        "instructions": READING,
        "audio": {
            "input": {"turn_detection": None},
            "output": {"format": {"type": "audio/pcm", "rate": VOICE_RATE}, "voice": "marin"},
        },
    }
    (asked,) = double.voice.asked
    content = [{"type": "input_text", "text": TEXT}]
    assert asked["input"] == [{"type": "message", "role": "user", "content": content}]
    assert asked["conversation"] == "none"
    assert asked["instructions"] == READING
    assert asked["tool_choice"] == "none"
    assert asked["reasoning"] == {"effort": "minimal"}
    assert len(TEXT) < asked["max_output_tokens"] <= 4_096
    assert asked["metadata"]


async def test_its_price_is_what_the_provider_bills(double: OpenAIDouble) -> None:
    adapter = voice(double)
    with Metered() as used:
        for number in range(5):
            await said(adapter, f"{TEXT} This is number {number}.")
    await adapter.close()
    billed = 0.0
    for usage in double.voice.billed:
        into, out = usage["input_token_details"], usage["output_token_details"]
        cached = into["cached_tokens_details"]["text_tokens"]
        billed += (into["text_tokens"] - cached) * 0.60 + cached * 0.06
        billed += out["text_tokens"] * 2.40 + out["audio_tokens"] * 20.00
    price = price_of(used[0])
    assert price is not None
    assert sum(map(price.usd, used)) == pytest.approx(billed / 1e6, rel=0.001)


async def test_sound_comes_in_whole_samples_and_no_crumbs(double: OpenAIDouble) -> None:
    double.voice.fail("drip")
    double.voice.drip_ms = 0
    adapter = voice(double)
    pieces = [piece async for piece in adapter.speak(TEXT)]
    await adapter.close()
    assert b"".join(pieces) == sound_of()
    assert all(len(piece) % 2 == 0 for piece in pieces)
    assert all(len(piece) >= MIN_PIECE_BYTES for piece in pieces[:-1])


@pytest.mark.parametrize("text", ["", "  ", "?!", "…"])
async def test_nothing_is_asked_for_a_text_without_a_word(double: OpenAIDouble, text: str) -> None:
    adapter = voice(double)
    assert await said(adapter, text) == b""
    await adapter.close()
    assert not double.voice.conversations


async def test_the_first_sound_waits_for_its_words_alone(double: OpenAIDouble) -> None:
    double.voice.gate = asyncio.Event()
    adapter = voice(double)
    async with aclosing(adapter.speak(TEXT)) as pieces:
        first = await anext(pieces)
        assert sound_of().startswith(first)
        double.voice.gate.set()
        assert first + b"".join([piece async for piece in pieces]) == sound_of()
    await adapter.close()


@pytest.mark.parametrize("mode", ["late", "whole"])
async def test_sound_whose_words_come_late_waits_for_them(double: OpenAIDouble, mode: str) -> None:
    double.voice.fail(mode)
    double.voice.gate = asyncio.Event()
    adapter = voice(double)
    async with aclosing(adapter.speak(TEXT)) as pieces:
        first = asyncio.ensure_future(anext(pieces))
        await until(lambda: double.voice.asked)
        assert not first.done()
        double.voice.gate.set()
        assert await first + b"".join([piece async for piece in pieces]) == sound_of()
    await adapter.close()


@pytest.mark.parametrize("mode", ["unnamed", "beta", "thinking", "foreign", "picky"])
async def test_what_servers_do_otherwise_is_taken(double: OpenAIDouble, mode: str) -> None:
    double.voice.fail(mode)
    adapter = voice(double)
    for _ in range(2):
        assert await said(adapter) == sound_of()
    await adapter.close()


async def test_a_field_that_is_refused_is_not_sent_again(double: OpenAIDouble) -> None:
    double.voice.fail("picky")
    adapter = voice(double, max_retries=0)
    await said(adapter)
    await said(adapter)
    await adapter.close()
    assert ["reasoning" in asked for asked in double.voice.asked] == [True, False, False]


@pytest.mark.parametrize(("speed", "sent"), [(0.8, 0.8), (1.2, 1.2), (0.1, 0.25), (3.0, 1.5)])
async def test_another_speed_is_set_on_the_session_and_taken_back(
    double: OpenAIDouble, speed: float, sent: float
) -> None:
    adapter = voice(double)
    await adapter.warm_up()
    await said(adapter, speed=speed)
    await said(adapter)
    await adapter.close()
    updates = [
        update["session"]["audio"]["output"].get("speed")
        for conversation in double.voice.conversations
        for update in conversation.of_type("session.update")
    ]
    assert [update for update in updates if update] in ([sent, 1.0], [sent])


async def test_what_a_sentence_used_is_reported_as_the_provider_bills_it(
    double: OpenAIDouble,
) -> None:
    adapter = voice(double)
    with Metered() as used:
        await said(adapter)
        await said(adapter)
    await adapter.close()
    assert [one.characters for one in used] == [len(TEXT)] * 2
    for one, billed in zip(used, double.voice.billed, strict=True):
        assert (one.service, one.model) == (Service.SPEAKING, MODEL)
        into, out = billed["input_token_details"], billed["output_token_details"]
        assert one.input_tokens == into["text_tokens"]
        assert one.cached_tokens == into["cached_tokens_details"]["text_tokens"]
        assert one.output_tokens == out["text_tokens"]
        assert one.audio_output_tokens == out["audio_tokens"] > 0
    assert used[1].cached_tokens > used[0].cached_tokens == 0


@pytest.mark.parametrize("name", ["fable", "onyx", "nova", "Marin", "", "heart"])
def test_a_voice_that_there_is_not_is_refused_with_those_that_there_are(name: str) -> None:
    with pytest.raises(SpeechRejected) as refused:
        RealtimeSynthesizer(KEY, None, MODEL, name)
    assert all(known in str(refused.value) for known in REALTIME_VOICES)


def test_voices_of_ones_own_are_taken() -> None:
    assert RealtimeSynthesizer(KEY, None, MODEL, "voice_1234").model == MODEL
