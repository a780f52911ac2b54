"""Everything that goes wrong between the Realtime voice and a server, and how it is told."""

import asyncio
import socket

import pytest

from audio.providers.realtime_voice import RealtimeSynthesizer
from audio.speech import SpeechBusy, SpeechError, SpeechRejected, SpeechUnavailable
from tests.audio.providers.realtime_voice.adapter import (
    KEY,
    MODEL,
    TEXT,
    collect,
    said,
    sound_of,
    voice,
)
from tests.patience import PATIENCE_S
from tests.support.openai_double import OpenAIDouble


def check_sentence(error: SpeechError) -> None:
    sentence = str(error)
    assert "127.0.0.1" in sentence
    assert sentence.endswith(".")
    assert KEY not in f"{error!r} {error.__cause__!r}"


async def failure(
    double: OpenAIDouble, mode: str, first_byte_timeout_s: float = PATIENCE_S
) -> SpeechError:
    """What the voice raises where its server has the fault; checked for what all share."""
    double.voice.fail(mode)
    adapter = voice(double, first_byte_timeout_s=first_byte_timeout_s)
    with pytest.raises(SpeechError) as failed:
        await said(adapter)
    await adapter.close()
    check_sentence(failed.value)
    return failed.value


@pytest.mark.parametrize(
    ("mode", "kind", "words"),
    [
        ("401", SpeechRejected, "refused the key"),
        ("403", SpeechRejected, "does not allow this key"),
        ("404", SpeechRejected, "no model"),
        ("400", SpeechRejected, "did not accept the request (400): The double answers 400"),
        ("429", SpeechBusy, "no more requests just now"),
        ("quota", SpeechRejected, "no credit left"),
        ("500", SpeechUnavailable, "fault of its own (500)"),
        ("503", SpeechUnavailable, "(503)"),
        ("closed", SpeechUnavailable, "broke off"),
        ("refused", SpeechRejected, "did not accept the request (400)"),
        ("expired", SpeechUnavailable, "fault of its own"),
        ("away", SpeechUnavailable, "broke off"),
        ("garbage", SpeechUnavailable, "cannot be read"),
        ("number", SpeechUnavailable, "cannot be read"),
        ("undecodable", SpeechUnavailable, "cannot be read"),
        ("text", SpeechUnavailable, "without any sound"),
        ("soundless", SpeechUnavailable, "without any sound"),
        ("silence", SpeechUnavailable, "without any sound"),
        ("incomplete", SpeechUnavailable, "broke off in mid-sentence (max_output_tokens)"),
        ("unasked", SpeechUnavailable, "broke off in mid-sentence (turn_detected)"),
        ("filtered", SpeechRejected, "refused to say the sentence"),
        ("failed", SpeechUnavailable, "fault of its own (500)"),
        ("limited", SpeechBusy, "no more requests just now"),
    ],
)
async def test_every_refusal_is_told_by_its_kind(
    double: OpenAIDouble, mode: str, kind: type[SpeechError], words: str
) -> None:
    error = await failure(double, mode)
    assert type(error) is kind
    assert words in str(error)
    assert error.retryable is (kind is not SpeechRejected)


@pytest.mark.parametrize(
    "mode",
    [
        "429", "500", "closed", "expired", "away", "garbage", "number", "undecodable", "text",
        "soundless", "incomplete", "unasked", "failed", "limited",
    ],
)  # fmt: skip
async def test_a_passing_fault_is_not_noticed(double: OpenAIDouble, mode: str) -> None:
    double.voice.fail(mode, times=2)
    adapter = voice(double)
    assert await said(adapter) == sound_of()
    await adapter.close()


@pytest.mark.parametrize("mode", ["mute", "hang", "stall"])
async def test_a_reply_that_does_not_come_is_late(double: OpenAIDouble, mode: str) -> None:
    error = await failure(double, mode, first_byte_timeout_s=0.3)
    assert type(error) is SpeechUnavailable
    assert "did not answer within 0.3 s" in str(error)
    assert error.retryable


async def test_a_drip_is_late(double: OpenAIDouble) -> None:
    double.voice.drip_ms = 100.0
    error = await failure(double, "drip", first_byte_timeout_s=0.3)
    assert "did not answer within 0.3 s" in str(error)


async def test_a_rate_limit_that_outlasts_the_call_is_told_at_once(double: OpenAIDouble) -> None:
    double.voice.retry_after_s = 2 * PATIENCE_S
    error = await failure(double, "429")
    assert error.retry_after_s == 2 * PATIENCE_S


@pytest.mark.parametrize("mode", ["cut", "stalled"])
async def test_nothing_is_asked_again_once_sound_was_handed_on(
    double: OpenAIDouble, mode: str
) -> None:
    if mode == "cut":
        double.voice.fail("cut")
    else:
        double.voice.gate = asyncio.Event()
    adapter = voice(double, between_chunks_timeout_s=0.2)
    heard = bytearray()
    words = "broke off" if mode == "cut" else "stopped sending sound"
    with pytest.raises(SpeechUnavailable, match=words) as failed:
        await collect(adapter, heard)
    await adapter.close()
    check_sentence(failed.value)
    assert heard
    assert sound_of().startswith(heard)
    assert len(double.voice.asked) == 1


async def test_a_server_that_is_not_there_is_told_by_name() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"
        adapter = RealtimeSynthesizer(KEY, url, MODEL, retry_pause_s=0.001)
        with pytest.raises(SpeechUnavailable, match="cannot be reached") as failed:
            await said(adapter)
        check_sentence(failed.value)
        await adapter.close()


async def test_the_key_is_taken_out_of_what_a_server_says(double: OpenAIDouble) -> None:
    double.voice.fail("400")
    adapter = voice(double, key="answers")
    with pytest.raises(SpeechRejected, match=r"The double \*\*\* 400"):
        await said(adapter)
    await adapter.close()


async def test_a_voice_that_is_closed_says_no_more(double: OpenAIDouble) -> None:
    adapter = voice(double)
    await adapter.warm_up()
    double.voice.gate = asyncio.Event()
    pieces = adapter.speak(TEXT)
    await anext(pieces)
    await adapter.close()
    with pytest.raises(SpeechUnavailable):
        async for _ in pieces:
            pass
    with pytest.raises(SpeechUnavailable, match="shutting down"):
        await said(adapter)
