"""Everything that goes wrong between the OpenAI adapters and a server, and how it is told."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from audio.providers.openai_speech import OpenAISynthesizer, OpenAITranscriber
from audio.speech import SpeechBusy, SpeechError, SpeechRejected, SpeechUnavailable
from tests.audio.providers.openai_speech.adapters import (
    KEY,
    TEXT,
    heard,
    said,
    synthesizer,
    transcriber,
)
from tests.fakes.voices import SpokenPieces
from tests.patience import PATIENCE_S
from tests.support.openai_double import MS_PER_CHARACTER, OpenAIDouble, tone


@pytest.fixture
async def double() -> AsyncIterator[OpenAIDouble]:
    async with OpenAIDouble() as double:
        yield double


async def failure(double: OpenAIDouble, mode: str, **options: float) -> SpeechError:
    """What the transcriber raises where its server has the fault; checked for what all share."""
    double.fail("transcriptions", mode)
    with pytest.raises(SpeechError) as failed:
        await heard(transcriber(double, "gpt-transcribe", **options))
    check_sentence(failed.value)
    return failed.value


async def speech_failure(double: OpenAIDouble, mode: str, **options: float) -> SpeechError:
    double.fail("speech", mode)
    with pytest.raises(SpeechError) as failed:
        await said(synthesizer(double, **options))
    check_sentence(failed.value)
    return failed.value


async def collect(adapter: OpenAISynthesizer, sound: bytearray) -> None:
    """Add what the adapter says to `sound`, until it ends or fails."""
    async for piece in adapter.speak(TEXT):
        sound += piece


def check_sentence(error: SpeechError) -> None:
    sentence = str(error)
    assert "127.0.0.1" in sentence
    assert sentence.endswith(".")
    assert KEY not in f"{error!r} {error.__cause__!r}"


@pytest.mark.parametrize(
    ("mode", "kind", "words"),
    [
        ("401", SpeechRejected, "refused the key"),
        ("403", SpeechRejected, "does not allow this key"),
        ("404", SpeechRejected, "no model"),
        ("400", SpeechRejected, "did not accept the request (400): The double answers 400"),
        ("422", SpeechRejected, "(422)"),
        ("429", SpeechBusy, "no more requests just now"),
        ("quota", SpeechRejected, "no credit left"),
        ("500", SpeechUnavailable, "fault of its own (500)"),
        ("503", SpeechUnavailable, "(503)"),
        ("garbage", SpeechUnavailable, "something that is not"),
    ],
)
async def test_every_refusal_is_told_by_its_kind(
    double: OpenAIDouble, mode: str, kind: type[SpeechError], words: str
) -> None:
    for error in (await failure(double, mode), await speech_failure(double, mode)):
        assert type(error) is kind
        assert words in str(error)
        assert error.retryable is (kind is not SpeechRejected)
    tries = 1 if kind is SpeechRejected else 3
    assert len(double.transcriptions) == len(double.speeches) == tries


@pytest.mark.parametrize("mode", ["hang", "stall", "drip"])
async def test_a_reply_that_does_not_come_is_late(double: OpenAIDouble, mode: str) -> None:
    error = await failure(double, mode, timeout_s=0.1)
    assert type(error) is SpeechUnavailable
    assert "did not answer within 0.1 s" in str(error)
    assert error.retryable
    error = await speech_failure(double, mode, first_byte_timeout_s=0.1)
    assert "did not answer within 0.1 s" in str(error)


async def test_a_cut_reply_is_tried_again_and_then_given_up(double: OpenAIDouble) -> None:
    error = await failure(double, "cut")
    assert type(error) is SpeechUnavailable
    assert "broke off" in str(error)
    assert len(double.transcriptions) == 3


async def test_a_passing_fault_is_not_noticed(double: OpenAIDouble) -> None:
    for mode in ("429", "500", "cut", "garbage"):
        double.texts = ["Here."]
        double.text_for = lambda _: "Here."
        double.fail("transcriptions", mode, times=2)
        assert await heard(transcriber(double)) == "Here."
    for mode in ("429", "500", "garbage"):
        double.fail("speech", mode, times=2)
        assert b"".join(await said(synthesizer(double))) == tone(len(TEXT) * MS_PER_CHARACTER)


async def test_a_rate_limit_that_outlasts_the_call_is_told_at_once(double: OpenAIDouble) -> None:
    double.retry_after_s = 2 * PATIENCE_S
    error = await failure(double, "429")
    assert error.retry_after_s == 2 * PATIENCE_S
    assert len(double.transcriptions) == 1
    error = await speech_failure(double, "429")
    assert (error.retry_after_s, len(double.speeches)) == (2 * PATIENCE_S, 1)


async def test_nothing_is_asked_again_once_sound_was_handed_on(double: OpenAIDouble) -> None:
    double.fail("speech", "cut")
    adapter = synthesizer(double)
    sound = bytearray()
    with pytest.raises(SpeechUnavailable, match="broke off") as failed:
        await collect(adapter, sound)
    await adapter.close()
    check_sentence(failed.value)
    assert sound
    assert tone(len(TEXT) * MS_PER_CHARACTER).startswith(sound)
    assert len(double.speeches) == 1


@pytest.mark.parametrize(("pieces", "pause_s"), [(3, 0.0), (1_000, 0.08)])
async def test_speech_that_stalls_or_falls_behind_is_given_up(
    double: OpenAIDouble, pieces: int, pause_s: float
) -> None:
    voice = SpokenPieces(*[tone(20)] * pieces, pause_s=pause_s, hangs=True)
    double.synthesizer = voice
    adapter = synthesizer(double, between_chunks_timeout_s=0.2)
    sound = bytearray()
    with pytest.raises(SpeechUnavailable, match="stopped sending sound") as failed:
        await collect(adapter, sound)
    await adapter.close()
    await voice.close()
    check_sentence(failed.value)
    assert 0 < len(sound) < 20 * len(tone(20))


class SkippingLoop(asyncio.SelectorEventLoop):
    """A loop whose clock can be put forward."""

    skipped_s = 0.0

    def time(self) -> float:
        """Real seconds, and those that were skipped."""
        return super().time() + self.skipped_s


def test_a_consumer_that_takes_its_time_is_no_fault_of_the_provider() -> None:
    async def consume(loop: SkippingLoop) -> bytes:
        async with OpenAIDouble() as double:
            adapter = synthesizer(double)
            stream = adapter.speak(TEXT)
            sound = await anext(stream)
            loop.skipped_s += 2 * PATIENCE_S  # the consumer is busy elsewhere
            sound += b"".join([piece async for piece in stream])
            await adapter.close()
            return sound

    with asyncio.Runner(loop_factory=SkippingLoop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, SkippingLoop)
        assert runner.run(consume(loop)) == tone(len(TEXT) * MS_PER_CHARACTER)


async def test_a_container_in_place_of_raw_samples_is_noticed(double: OpenAIDouble) -> None:
    double.synthesizer = SpokenPieces(b"RIFF" + tone(100))
    with pytest.raises(SpeechUnavailable, match="not PCM audio"):
        await said(synthesizer(double))


async def test_a_server_that_sends_no_sound_is_noticed(double: OpenAIDouble) -> None:
    double.synthesizer = SpokenPieces()
    with pytest.raises(SpeechUnavailable, match="without any sound"):
        await said(synthesizer(double))


async def test_a_server_that_is_not_there_is_told_by_name() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"
        adapter = OpenAITranscriber(KEY, url, "m", retry_pause_s=0.001)
        with pytest.raises(SpeechUnavailable, match="cannot be reached") as failed:
            await heard(adapter)
        check_sentence(failed.value)
        voice = OpenAISynthesizer(KEY, url, "m", retry_pause_s=0.001)
        with pytest.raises(SpeechUnavailable, match="cannot be reached"):
            await said(voice)


async def test_the_key_is_taken_out_of_what_a_server_says(double: OpenAIDouble) -> None:
    double.models = ()
    adapter = OpenAITranscriber("answers", double.base_url, "m")
    double.fail("transcriptions", "400")
    with pytest.raises(SpeechRejected, match=r"The double \*\*\* 400"):
        await heard(adapter)
