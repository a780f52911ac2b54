"""Streams and whole pieces at another rate: same sound, right length, small delay."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from audio.pcm import AudioFormatError, level_dbfs
from audio.resample import StreamingResampler, resample

PAIRS = [
    (48_000, 16_000),
    (44_100, 16_000),
    (24_000, 16_000),
    (24_000, 8_000),
    (16_000, 24_000),
    (16_000, 8_000),
    (8_000, 16_000),
]

DELAY_MS = {
    (48_000, 16_000): 12.5,
    (44_100, 16_000): 13.6,
    (24_000, 16_000): 10.0,
    (24_000, 8_000): 25.0,
    (16_000, 24_000): 15.0,
    (16_000, 8_000): 15.0,
    (8_000, 16_000): 30.0,
}
"""As the docstring of audio/resample.py states them."""


def tone(frequency: float, rate: int, seconds: float) -> NDArray[np.int16]:
    time = np.arange(round(rate * seconds)) / rate
    wave_form = np.rint(10_000 * np.sin(2 * np.pi * frequency * time))
    samples: NDArray[np.int16] = wave_form.astype(np.int16)
    return samples


def noise(samples: int) -> NDArray[np.int16]:
    return np.random.default_rng(7).integers(-8_000, 8_000, samples, dtype=np.int16)


def streamed(samples: NDArray[np.int16], source: int, target: int, chunk: int) -> NDArray[np.int16]:
    resampler = StreamingResampler(source, target)
    pieces = [
        resampler.process(samples[start : start + chunk]) for start in range(0, samples.size, chunk)
    ]
    return np.concatenate([*pieces, resampler.flush()])


def strongest_frequency(samples: NDArray[np.int16], rate: int) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(samples.size)))
    return float(np.argmax(spectrum)) * rate / samples.size


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_a_minute_has_the_right_number_of_samples(source: int, target: int) -> None:
    minute = tone(440, source, 60)
    assert streamed(minute, source, target, source // 50).size == target * 60
    assert resample(minute, source, target).size == target * 60


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_a_tone_keeps_its_frequency_and_level(source: int, target: int) -> None:
    for frequency in (440.0, 3_000.0):
        sound = tone(frequency, source, 2)
        for out in (streamed(sound, source, target, 320), resample(sound, source, target)):
            middle = out[target // 2 : target // 2 + target]
            assert strongest_frequency(middle, target) == pytest.approx(frequency, abs=1)
            assert level_dbfs(middle) == pytest.approx(level_dbfs(sound), abs=0.05)


@pytest.mark.parametrize("source", [16_000, 24_000, 48_000])
def test_what_the_lower_rate_cannot_hold_is_gone_and_not_folded_back(source: int) -> None:
    out = streamed(tone(6_000, source, 2), source, 8_000, 320)
    assert level_dbfs(out[1_000:-1_000]) < -85


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_cutting_the_input_changes_nothing(source: int, target: int) -> None:
    sound = noise(source)
    whole = streamed(sound, source, target, sound.size)
    for chunk in (1, 37, source // 50):
        part = sound if chunk > 1 else sound[:4_000]
        expected = whole if chunk > 1 else streamed(part, source, target, part.size)
        assert np.array_equal(streamed(part, source, target, chunk), expected)


@given(st.lists(st.integers(0, 900), max_size=40), st.sampled_from(PAIRS))
@settings(max_examples=40, deadline=None)
def test_any_cutting_gives_the_same_stream(sizes: list[int], pair: tuple[int, int]) -> None:
    sound = noise(sum(sizes))
    resampler = StreamingResampler(*pair)
    cuts = np.split(sound, np.cumsum(sizes))
    joined = np.concatenate([*(resampler.process(cut) for cut in cuts), resampler.flush()])
    assert np.array_equal(joined, streamed(sound, *pair, max(1, sound.size)))
    # As `flush` says: the rounded count, give or take one sample of whichever side has longer ones.
    assert abs(joined.size - round(sound.size * pair[1] / pair[0])) <= max(1, pair[1] / pair[0])


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_a_stream_and_a_whole_piece_sound_alike(source: int, target: int) -> None:
    sound = tone(300, source, 1)
    difference = streamed(sound, source, target, 160).astype(int) - resample(sound, source, target)
    # Aligned within 2 output samples: a 300 Hz tone moves by that much at the most.
    worst = 10_000 * 2 * np.pi * 300 * 2 / target
    assert np.abs(difference[target // 4 : -target // 4]).max() <= worst


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_the_delay_is_what_is_documented_and_steady(source: int, target: int) -> None:
    resampler = StreamingResampler(source, target)
    sound, frame = noise(source * 4), source // 50
    fed = given_back = 0
    delays = []
    for start in range(0, sound.size, frame):
        fed += frame
        given_back += resampler.process(sound[start : start + frame]).size
        delays.append(1_000 * (fed / source - given_back / target))
    assert max(delays) <= DELAY_MS[source, target] + 0.2
    assert max(delays[5:]) - min(delays[5:]) <= 0.2


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_silence_stays_digital_silence(source: int, target: int) -> None:
    assert not streamed(np.zeros(source, dtype=np.int16), source, target, 320).any()


def test_loud_sound_is_clipped_and_does_not_wrap() -> None:
    square = np.where(np.arange(16_000) % 80 < 40, 32_767, -32_768).astype(np.int16)
    out = resample(square, 16_000, 24_000).astype(int)
    assert out.max() == 32_767
    assert np.abs(np.diff(out)).max() < 40_000 * 2


def test_after_a_flush_a_new_stream_begins() -> None:
    resampler = StreamingResampler(24_000, 16_000)
    sound = noise(24_000)
    first = np.concatenate([resampler.process(sound), resampler.flush()])
    again = np.concatenate([resampler.process(sound), resampler.flush()])
    assert np.array_equal(first, again)


def test_flushing_an_unused_stream_gives_nothing() -> None:
    resampler = StreamingResampler(24_000, 16_000)
    assert resampler.flush().size == 0
    assert resampler.process(np.zeros(0, dtype=np.int16)).size == 0
    assert resampler.flush().size == 0


def test_equal_rates_pass_the_very_same_samples() -> None:
    sound = noise(320)
    resampler = StreamingResampler(16_000, 16_000)
    assert resampler.process(sound) is sound
    assert resampler.flush().size == 0
    assert resample(sound, 16_000, 16_000) is sound


@pytest.mark.parametrize(("source", "target"), [(0, 16_000), (16_000, -1)])
def test_impossible_rates_are_refused(source: int, target: int) -> None:
    with pytest.raises(AudioFormatError, match="both must be positive"):
        StreamingResampler(source, target)
    with pytest.raises(AudioFormatError, match="both must be positive"):
        resample(noise(10), source, target)
