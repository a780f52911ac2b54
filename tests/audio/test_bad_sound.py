"""Music, noise and two voices through the real voice detector and the real Whisper."""

from collections.abc import AsyncIterator, Callable
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.local_voice import LocalVoice
from audio.local_whisper import LocalWhisper
from audio.speech import Transcript
from audio.vad import SpeechDetector, VadBank
from tests.audio.sounds import Sound, at_level, chords, drums, music, pink, white
from tests.audio.speaking import plain_words, spoken

SECONDS = 6.0
ONE = "We built a search engine for recipes, and it was far too slow for the phone."
OTHER = "My neighbour wants to know when dinner is ready, because the train leaves at seven."


@pytest.fixture(scope="module")
async def whisper(real_models: None) -> AsyncIterator[LocalWhisper]:
    whisper = LocalWhisper()
    yield whisper
    await whisper.close()


@pytest.fixture(scope="module")
async def voices(real_models: None) -> tuple[Sound, Sound]:
    """Two sentences said at once, of the same length."""
    voice = LocalVoice()
    one, other = [(await spoken(voice, text)).astype(np.float64) for text in (ONE, OTHER)]
    await voice.close()
    length = min(len(one), len(other))
    return one[:length], np.roll(other[:length], 3_000)


def voiced_share(sound: NDArray[np.int16]) -> float:
    """How much of it is taken for a voice, 0..1."""
    bank = VadBank(max_windows_a_run=10_000)
    bank.open().feed(sound)
    ((_, probabilities),) = bank.run()
    detector = SpeechDetector()
    speaking = []
    for probability in probabilities:
        detector.update(float(probability))
        speaking.append(detector.speaking)
    return float(np.mean(speaking))


async def understood(whisper: LocalWhisper, sound: NDArray[np.int16]) -> Transcript:
    return await whisper.transcribe(sound, prompt="", language="en")


MADE: list[Callable[[float], Sound]] = [white, pink, chords, drums, music]


@pytest.mark.parametrize(("make", "dbfs"), list(product(MADE, (-12, -26, -45))))
def test_no_sound_but_a_voice_is_taken_for_one(make: Callable[[float], Sound], dbfs: float) -> None:
    assert voiced_share(at_level(make(SECONDS), dbfs)) < 0.05


@pytest.mark.parametrize("make", MADE)
async def test_whisper_is_not_believed_over_noise_and_music(
    whisper: LocalWhisper, make: Callable[[float], Sound]
) -> None:
    """Should a detector ever pass them on."""
    for dbfs in (-20, -40):
        assert (await understood(whisper, at_level(make(SECONDS), dbfs))).text == ""


async def test_a_voice_over_music_is_understood(
    whisper: LocalWhisper, voices: tuple[Sound, Sound]
) -> None:
    one, _ = voices
    behind = music(len(one) / 16_000)[: len(one)]
    mixed = at_level(one / one.std() + 0.3 * behind / behind.std(), -23)
    said = await understood(whisper, mixed)
    assert plain_words(said.text)[:7] == plain_words(ONE)[:7]


async def test_a_distorted_voice_is_understood(
    whisper: LocalWhisper, voices: tuple[Sound, Sound]
) -> None:
    one, _ = voices
    loud = np.clip(one / np.abs(one).max() * 32_767 * 4, -32_768, 32_767).astype(np.int16)
    said = await understood(whisper, loud)
    assert plain_words(said.text)[:7] == plain_words(ONE)[:7]
    assert said.confidence is not None
    assert said.confidence > 0.6


async def test_two_voices_at_once_are_one_utterance_of_doubtful_words(
    whisper: LocalWhisper, voices: tuple[Sound, Sound]
) -> None:
    one, other = voices
    both = at_level(one / one.std() + other / other.std(), -23)
    assert voiced_share(both) > 0.8
    doubtful = await understood(whisper, both)
    alone = await understood(whisper, at_level(one, -23))
    assert doubtful.text
    assert doubtful.confidence is not None
    assert alone.confidence is not None
    assert doubtful.confidence < 0.6 < 0.8 < alone.confidence


async def test_a_second_voice_in_the_background_does_not_hurt(
    whisper: LocalWhisper, voices: tuple[Sound, Sound]
) -> None:
    one, other = voices
    mixed = at_level(one / one.std() + 0.2 * other / other.std(), -23)
    said = await understood(whisper, mixed)
    assert plain_words(said.text)[:7] == plain_words(ONE)[:7]
