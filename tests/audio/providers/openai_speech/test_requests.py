"""The OpenAI adapters against a server on loopback: the wire, keys and addresses."""

import subprocess
import sys
from collections.abc import AsyncIterator

import numpy as np
import pytest

from audio.providers.openai_replies import MIN_PIECE_BYTES
from audio.providers.openai_server import NO_KEY
from audio.providers.openai_speech import OpenAISynthesizer, OpenAITranscriber
from audio.speech import SPEECH_RATE, SpeechRejected
from tests.audio.providers.openai_speech.adapters import (
    KEY,
    TEXT,
    burst,
    heard,
    said,
    synthesizer,
    transcriber,
)
from tests.fakes.voices import SpokenPieces
from tests.support.openai_double import MS_PER_CHARACTER, OpenAIDouble, TranscriptionRequest, tone


@pytest.fixture
async def double() -> AsyncIterator[OpenAIDouble]:
    async with OpenAIDouble() as double:
        yield double


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


async def test_half_a_character_in_a_transcript_is_taken_out(double: OpenAIDouble) -> None:
    double.texts = ["I built \ud83d a search\0 engine \ud83d\ude00."]
    adapter = transcriber(double)
    transcript = await adapter.transcribe(burst())
    await adapter.close()
    assert transcript.text.encode()
    assert transcript.text.split() == "I built a search engine 😀.".split()


async def test_an_echo_of_the_prompt_is_asked_for_again_without_it(double: OpenAIDouble) -> None:
    double.texts = ["Kubernetes, Kafka, PostgreSQL", "Thank you for watching."]
    adapter = transcriber(double)
    transcript = await adapter.transcribe(burst(), prompt="Kafka, Kubernetes, PostgreSQL, Rust.")
    await adapter.close()
    assert transcript.text == ""
    assert ["prompt" in request.fields for request in double.transcriptions] == [True, False]


async def test_a_clause_that_comes_twice_is_asked_for_again_without_the_prompt(
    double: OpenAIDouble,
) -> None:
    double.texts = ["It works, I think so. I think so.", "It works, I think so."]
    sound = np.tile(burst(), 4)
    adapter = transcriber(double)
    assert (await adapter.transcribe(sound, prompt="Kafka.")).text == "It works, I think so."

    def answer_once(_: TranscriptionRequest) -> str:
        double.fail("transcriptions", "400")
        return "It works, I think so. I think so."

    double.text_for = answer_once
    assert (await adapter.transcribe(sound, prompt="Kafka.")).text.endswith("so. I think so.")
    await adapter.close()


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


async def test_a_server_that_knows_no_extra_fields_is_asked_without(double: OpenAIDouble) -> None:
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


async def test_words_over_steady_noise_are_hallucinations(double: OpenAIDouble) -> None:
    double.text_for = lambda _: "Thank you."
    adapter = transcriber(double)
    noise = np.random.default_rng(0).normal(0, 500, SPEECH_RATE).astype(np.int16)
    assert (await adapter.transcribe(noise)).text == ""
    await adapter.close()


async def test_speech_is_streamed_in_whole_samples(double: OpenAIDouble) -> None:
    adapter = synthesizer(double)
    await adapter.warm_up()
    pieces = await said(adapter)
    assert b"".join(pieces) == tone(len(TEXT) * MS_PER_CHARACTER)
    assert len(pieces) > 1
    assert all(len(piece) % 2 == 0 for piece in pieces)
    assert adapter.sample_rate == 24_000
    assert adapter.model == "gpt-4o-mini-tts"
    assert double.speeches[0].body == {
        "input": TEXT, "model": "gpt-4o-mini-tts", "voice": "alloy", "response_format": "pcm",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("model", "asked"),
    [
        ("tts-1", {"speed": 0.84}),
        ("gpt-4o-mini-tts", {"speed": 0.84, "instructions": "Speak slowly and clearly."}),
    ],
)
async def test_a_slower_voice_is_asked_for_as_the_model_takes_it(
    double: OpenAIDouble, model: str, asked: dict[str, object]
) -> None:
    adapter = OpenAISynthesizer(KEY, double.base_url, model)
    async for _ in adapter.speak(TEXT, speed=0.84):
        pass
    await adapter.close()
    body = double.speeches[0].body
    assert {name: body.get(name) for name in asked} == asked
    assert ("instructions" in body) is ("instructions" in asked)


async def test_the_first_sound_comes_before_the_last_is_made(double: OpenAIDouble) -> None:
    voice = SpokenPieces(tone(100), hangs=True)
    double.synthesizer = voice
    adapter = synthesizer(double)
    stream = adapter.speak(TEXT)
    assert await anext(stream) == tone(100)
    await voice.close()
    assert [piece async for piece in stream] == []
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
        "import sys; from audio.providers.openai_speech import OpenAITranscriber;"
        "OpenAITranscriber('k', None, 'm'); sys.exit('openai' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


async def test_audio_in_another_form_is_a_mistake_of_the_caller(double: OpenAIDouble) -> None:
    adapter = transcriber(double)
    with pytest.raises(ValueError, match="mono int16"):
        await adapter.transcribe(np.zeros((2, 5), np.int16))
    await adapter.close()
