"""The low band made again: what a telephone cut off comes back, and nothing else changes."""

import numpy as np
from numpy.typing import NDArray

from audio.bandwidth_extension import HISTORY, with_low_band

RATE = 16_000
PITCH_HZ = 120


def voiced(samples: int, *, low_hz: float) -> NDArray[np.float32]:
    """Harmonics of a voice, from `low_hz` on."""
    time = np.arange(samples) / RATE
    tones = [
        np.sin(2 * np.pi * PITCH_HZ * n * time)
        for n in range(1, 28)
        if low_hz <= PITCH_HZ * n <= 3_400
    ]
    sound: NDArray[np.float32] = (0.02 * np.sum(tones, axis=0)).astype(np.float32)
    return sound


def level_at(sound: NDArray[np.float32], hz: float) -> float:
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(sound.size)))
    return float(spectrum[round(hz * sound.size / RATE)])


def test_the_fundamental_that_a_telephone_cuts_off_comes_back() -> None:
    sound = voiced(HISTORY + RATE, low_hz=300)
    enriched = with_low_band(sound[None])[0]
    assert enriched.shape == (RATE,)
    assert level_at(sound[HISTORY:], PITCH_HZ) < 0.1
    assert level_at(enriched, PITCH_HZ) > level_at(sound[HISTORY:], 4 * PITCH_HZ) / 2


def test_what_was_there_stays() -> None:
    sound = voiced(HISTORY + RATE, low_hz=300)
    enriched = with_low_band(sound[None])[0]
    for number in (5, 10, 20):
        before = level_at(sound[HISTORY:], number * PITCH_HZ)
        assert abs(level_at(enriched, number * PITCH_HZ) - before) < 0.05 * before


def test_silence_stays_silent() -> None:
    assert not with_low_band(np.zeros((2, HISTORY + 512), np.float32)).any()


def test_a_stream_does_not_depend_on_those_beside_it() -> None:
    rows = np.random.default_rng(1).normal(0, 0.1, (5, HISTORY + 512)).astype(np.float32)
    together = with_low_band(rows)
    for row, alone in zip(together, rows, strict=True):
        assert np.array_equal(row, with_low_band(alone[None])[0])


def test_pieces_with_their_history_are_the_whole() -> None:
    sound = np.random.default_rng(2).normal(0, 0.1, (1, HISTORY + 4 * 512)).astype(np.float32)
    whole = with_low_band(sound)
    pieces = [with_low_band(sound[:, at : at + HISTORY + 512]) for at in range(0, 4 * 512, 512)]
    assert np.allclose(whole, np.concatenate(pieces, axis=1), atol=1e-6)


def test_loud_sound_is_clipped_and_not_wrapped() -> None:
    assert np.abs(with_low_band(np.ones((1, HISTORY + 512), np.float32))).max() <= 1
