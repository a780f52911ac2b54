"""The OpenAI adapters against a server on loopback: the wire, and everything that goes wrong."""

import asyncio
import socket
import subprocess
import sys
from collections.abc import AsyncIterator

import numpy as np
import pytest

from audio.openai_replies import MIN_PIECE_BYTES
from audio.openai_speech import NO_KEY, OpenAISynthesizer, OpenAITranscriber
from audio.speech import SPEECH_RATE, SpeechBusy, SpeechError, SpeechRejected, SpeechUnavailable
from bench.openai_double import MS_PER_CHARACTER, OpenAIDouble, tone

KEY = "sk-secret-key"
TEXT = "A sentence of the interviewer, long enough to be cut."


@pytest.fixture
async def double() -> AsyncIterator[OpenAIDouble]:
    async with OpenAIDouble() as double:
        yield double


def burst() -> "np.ndarray[tuple[int], np.dtype[np.int16]]":
    """Half a second of tone in a second of silence: mono PCM16 at SPEECH_RATE."""
    time = np.arange(SPEECH_RATE) / SPEECH_RATE
    sound = 6_000 * np.sin(2 * np.pi * 200 * time) * (abs(time - 0.5) < 0.25)
    return sound.astype(np.int16)


def transcriber(
    double: OpenAIDouble, model: str = "gpt-transcribe", **options: float
) -> OpenAITranscriber:
    settings = {"timeout_s": 5.0, "retry_pause_s": 0.001} | options
    retries = int(settings.pop("max_retries", 2))
    return OpenAITranscriber(KEY, double.base_url, model, max_retries=retries, **settings)


def synthesizer(double: OpenAIDouble, **options: float) -> OpenAISynthesizer:
    settings = {
        "first_byte_timeout_s": 5.0, "between_chunks_timeout_s": 5.0, "retry_pause_s": 0.001,
    } | options  # fmt: skip
    retries = int(settings.pop("max_retries", 2))
    return OpenAISynthesizer(
        KEY, double.base_url, "gpt-4o-mini-tts", "alloy", max_retries=retries, **settings
    )


async def heard(adapter: OpenAITranscriber) -> str:
    try:
        return (await adapter.transcribe(burst())).text
    finally:
        await adapter.close()


async def said(adapter: OpenAISynthesizer, text: str = TEXT) -> list[bytes]:
    try:
        return [piece async for piece in adapter.speak(text)]
    finally:
        await adapter.close()


# --- the wire --------------------------------------------------------------------------------


async def test_a_wav_is_uploaded_and_its_words_come_back(double: OpenAIDouble) -> None:
    double.texts = ["I built a search engine."]
    adapter = transcriber(double)
    await adapter.warm_up()
    transcript = await adapter.transcribe(burst(), prompt="What did you build?", language="en-GB")
    await adapter.close()
    assert transcript.text == "I built a search engine."
    assert transcript.confidence is None
    assert transcript.audio_ms == 1_000
    assert transcript.compute_ms > 0
    assert transcript.model == adapter.model == "gpt-transcribe"
    (request,) = double.transcriptions
    assert np.array_equal(request.audio, burst())
    assert request.sample_rate == SPEECH_RATE
    assert request.content_type == "audio/wav"
    assert request.authorization == f"Bearer {KEY}"
    assert request.fields == {
        "model": "gpt-transcribe",
        "language": "en",
        "prompt": "What did you build?",
        "response_format": "json",
    }


async def test_whisper_is_asked_for_its_scores_and_judged_by_them(double: OpenAIDouble) -> None:
    double.text_for = lambda _: "Thank you."
    adapter = transcriber(double, "whisper-1")
    spoken = await adapter.transcribe(burst())
    assert spoken.text == "Thank you."
    assert spoken.confidence == pytest.approx(np.exp(double.avg_logprob))
    double.no_speech_prob, double.avg_logprob = 0.75, -0.83
    assert (await adapter.transcribe(burst())).text == ""
    await adapter.close()
    assert double.transcriptions[0].fields["response_format"] == "verbose_json"


async def test_log_probabilities_make_the_confidence_where_they_are_told(
    double: OpenAIDouble,
) -> None:
    double.texts, double.avg_logprob = ["Two words."], -0.5
    adapter = transcriber(double, "gpt-4o-mini-transcribe")
    assert (await adapter.transcribe(burst())).confidence == pytest.approx(np.exp(-0.5))
    await adapter.close()


async def test_a_server_that_knows_no_details_is_asked_without(double: OpenAIDouble) -> None:
    double.text_for = lambda _: "Yes."
    double.fail("transcriptions", "400", times=1)
    adapter = transcriber(double, "whisper-1")
    for _ in range(2):
        assert (await adapter.transcribe(burst())).text == "Yes."
    await adapter.close()
    formats = [request.fields["response_format"] for request in double.transcriptions]
    assert formats == ["verbose_json", "json", "json"]


async def test_silence_is_not_sent(double: OpenAIDouble) -> None:
    adapter = transcriber(double)
    assert (await adapter.transcribe(np.zeros(8_000, np.int16))).text == ""
    assert (await adapter.transcribe(np.zeros(0, np.int16))).audio_ms == 0
    await adapter.close()
    assert double.transcriptions == []


async def test_words_over_steady_noise_are_inventions(double: OpenAIDouble) -> None:
    double.text_for = lambda _: "Thank you."
    adapter = transcriber(double)
    noise = np.random.default_rng(0).normal(0, 500, SPEECH_RATE).astype(np.int16)
    assert (await adapter.transcribe(noise)).text == ""
    await adapter.close()


async def test_speech_is_streamed_in_whole_samples(double: OpenAIDouble) -> None:
    adapter = synthesizer(double)
    pieces = await said(adapter)
    assert b"".join(pieces) == tone(len(TEXT) * MS_PER_CHARACTER)
    assert len(pieces) > 1
    assert all(len(piece) % 2 == 0 for piece in pieces)
    assert adapter.sample_rate == 24_000
    assert adapter.model == "gpt-4o-mini-tts"
    assert double.speeches[0].body == {
        "input": TEXT, "model": "gpt-4o-mini-tts", "voice": "alloy", "response_format": "pcm",
    }  # fmt: skip


async def test_the_first_sound_comes_before_the_last_is_made(double: OpenAIDouble) -> None:
    class Halting:
        """Says a second half only when it is let."""

        model, sample_rate = "halting", 24_000
        more = asyncio.Event()

        async def warm_up(self) -> None: ...

        async def close(self) -> None: ...

        async def speak(self, text: str) -> AsyncIterator[bytes]:
            yield tone(100)
            await self.more.wait()
            yield tone(50)

    double.synthesizer = Halting()
    adapter = synthesizer(double)
    stream = adapter.speak(TEXT)
    assert await anext(stream) == tone(100)
    Halting.more.set()
    assert b"".join([piece async for piece in stream]) == tone(50)
    await adapter.close()


@pytest.mark.parametrize("text", ["", "  ", "...", "😀"])
async def test_text_without_a_word_asks_nothing(double: OpenAIDouble, text: str) -> None:
    assert await said(synthesizer(double), text) == []
    assert double.speeches == []


async def test_closing_the_speech_frees_its_connection(double: OpenAIDouble) -> None:
    adapter = synthesizer(double)
    for _ in range(3):
        stream = adapter.speak(TEXT)
        assert len(await anext(stream)) >= MIN_PIECE_BYTES
        await stream.aclose()
    await adapter.close()


# --- what goes wrong -------------------------------------------------------------------------


async def failure(double: OpenAIDouble, mode: str, **options: float) -> SpeechError:
    """What the transcriber raises where its server has the fault; checked for what all share."""
    double.fail("transcriptions", mode)
    with pytest.raises(SpeechError) as failed:
        await heard(transcriber(double, **options))
    check_sentence(failed.value)
    return failed.value


async def speech_failure(double: OpenAIDouble, mode: str, **options: float) -> SpeechError:
    double.fail("speech", mode)
    with pytest.raises(SpeechError) as failed:
        await said(synthesizer(double, **options))
    check_sentence(failed.value)
    return failed.value


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
    double.retry_after_s = 30
    error = await failure(double, "429")
    assert error.retry_after_s == 30
    assert len(double.transcriptions) == 1
    error = await speech_failure(double, "429")
    assert (error.retry_after_s, len(double.speeches)) == (30, 1)


async def test_nothing_is_asked_again_once_sound_was_handed_on(double: OpenAIDouble) -> None:
    double.fail("speech", "cut")
    adapter = synthesizer(double)
    sound = b""
    with pytest.raises(SpeechUnavailable, match="broke off") as failed:
        async for piece in adapter.speak(TEXT):
            sound += piece
    await adapter.close()
    check_sentence(failed.value)
    assert sound
    assert tone(len(TEXT) * MS_PER_CHARACTER).startswith(sound)
    assert len(double.speeches) == 1


class Falters:
    """Speaks, as the double's voice, `pieces` of 20 ms with `pause_s` between them, then waits
    for ever."""

    model, sample_rate = "faltering", 24_000

    def __init__(self, pieces: int, pause_s: float) -> None:
        self.pieces, self.pause_s = pieces, pause_s
        self.never = asyncio.Event()

    async def warm_up(self) -> None: ...

    async def close(self) -> None:
        self.never.set()

    async def speak(self, text: str) -> AsyncIterator[bytes]:
        for _ in range(self.pieces):
            yield tone(20)
            try:
                async with asyncio.timeout(self.pause_s):
                    await self.never.wait()
            except TimeoutError:
                pass
        await self.never.wait()


@pytest.mark.parametrize(("pieces", "pause_s"), [(3, 0.0), (1_000, 0.08)])
async def test_speech_that_stalls_or_falls_behind_is_given_up(
    double: OpenAIDouble, pieces: int, pause_s: float
) -> None:
    faltering = Falters(pieces, pause_s)
    double.synthesizer = faltering
    adapter = synthesizer(double, between_chunks_timeout_s=0.2)
    sound = b""
    with pytest.raises(SpeechUnavailable, match="stopped sending sound") as failed:
        async for piece in adapter.speak(TEXT):
            sound += piece
    await adapter.close()
    await faltering.close()
    check_sentence(failed.value)
    assert 0 < len(sound) < 20 * len(tone(20))


async def test_a_consumer_that_takes_its_time_is_no_fault_of_the_provider(
    double: OpenAIDouble,
) -> None:
    adapter = synthesizer(double, between_chunks_timeout_s=0.1)
    sound = b""
    async for piece in adapter.speak(TEXT):
        sound += piece
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 0.02)
    await adapter.close()
    assert sound == tone(len(TEXT) * MS_PER_CHARACTER)


async def test_a_container_in_place_of_raw_samples_is_noticed(double: OpenAIDouble) -> None:
    class Wav(Falters):
        async def speak(self, text: str) -> AsyncIterator[bytes]:
            yield b"RIFF" + tone(100)

    double.synthesizer = Wav(0, 0)
    with pytest.raises(SpeechUnavailable, match="not PCM audio"):
        await said(synthesizer(double))


async def test_a_server_that_sends_no_sound_is_noticed(double: OpenAIDouble) -> None:
    class Mute(Falters):
        async def speak(self, text: str) -> AsyncIterator[bytes]:
            for piece in ():
                yield piece

    double.synthesizer = Mute(0, 0)
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


# --- keys and addresses ----------------------------------------------------------------------


async def test_a_server_of_ones_own_needs_no_key(double: OpenAIDouble) -> None:
    double.texts = ["Fine."]
    assert await heard(OpenAITranscriber(None, double.base_url, "m")) == "Fine."
    assert double.transcriptions[0].authorization == f"Bearer {NO_KEY}"


@pytest.mark.parametrize(
    ("key", "url", "words"),
    [
        (None, None, "needs a key"),
        ("", "", "needs a key"),
        (None, "localhost:8000/v1", "must begin with http"),
        (None, "http://", "must begin with http"),
        ("sk-\u2026", None, "characters that no key has"),
        ("a\nb", None, "characters that no key has"),
    ],
)
def test_a_wrong_setting_is_one_clear_sentence(key: str, url: str, words: str) -> None:
    for adapter in (OpenAITranscriber, OpenAISynthesizer):
        with pytest.raises(SpeechRejected, match=words):
            adapter(key, url, "m")


def test_importing_and_building_the_adapters_loads_no_openai() -> None:
    code = (
        "import sys; from audio.openai_speech import OpenAITranscriber;"
        "OpenAITranscriber('k', None, 'm'); sys.exit('openai' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


async def test_audio_in_another_form_is_a_mistake_of_the_caller(double: OpenAIDouble) -> None:
    adapter = transcriber(double)
    with pytest.raises(ValueError, match="mono int16"):
        await adapter.transcribe(np.zeros((2, 5), np.int16))
    await adapter.close()
