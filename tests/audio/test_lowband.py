"""The low band of a telephone line: put back where harmonics tell it, and nowhere else."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from audio.lowband import LowBand


def voice(rate: int, fundamental: float, seconds: float = 1.0) -> NDArray[np.int16]:
    """A hum as a telephone passes it: the harmonics between 300 and 3,400 Hz."""
    moments = np.arange(round(rate * seconds)) / rate
    harmonics = np.arange(np.ceil(300 / fundamental), 3_400 // fundamental + 1)
    tones = [np.cos(2 * np.pi * h * fundamental * moments) / h for h in harmonics]
    hum: NDArray[np.int16] = (6_000 * np.sum(tones, axis=0)).astype(np.int16)
    return hum


def level_at(sound: NDArray[np.int16], rate: int, hertz: float) -> float:
    """The amplitude of one tone."""
    moments = np.arange(sound.size) / rate
    return float(2 * abs(np.mean(sound * np.exp(-2j * np.pi * hertz * moments))))


@pytest.mark.parametrize("rate", [8_000, 16_000])
@pytest.mark.parametrize("fundamental", [100, 160, 220])
def test_the_fundamental_comes_back(rate: int, fundamental: float) -> None:
    cut = voice(rate, fundamental)
    restored = LowBand(rate).process(cut)
    assert level_at(cut, rate, fundamental) < 50
    assert level_at(restored, rate, fundamental) > 1_000
    harmonic = fundamental * np.ceil(400 / fundamental)
    assert level_at(restored, rate, harmonic) == pytest.approx(
        level_at(cut, rate, harmonic), rel=0.25
    )


def test_silence_stays_silence() -> None:
    assert not LowBand(8_000).process(np.zeros(1_000, np.int16)).any()
    assert LowBand(8_000).process(np.zeros(0, np.int16)).size == 0


def test_full_scale_is_not_exceeded() -> None:
    loud = np.tile(np.array([32_767, -32_768], np.int16), 2_000)
    loud = np.repeat(loud, 20)[:8_000]
    restored = LowBand(8_000).process(loud)
    assert restored.dtype == np.int16
    assert restored.max() == 32_767


@given(st.lists(st.integers(0, 900), max_size=8))
def test_however_it_is_cut_it_is_the_same(cuts: list[int]) -> None:
    sound = voice(8_000, 120, 0.5)
    places = sorted({0, *(cut * 4 for cut in cuts), sound.size})
    one = LowBand(8_000)
    pieces = [one.process(sound[a:b]) for a, b in pairwise(places)]
    whole = LowBand(8_000).process(sound)
    assert np.abs(np.concatenate(pieces).astype(int) - whole).max() <= 1
