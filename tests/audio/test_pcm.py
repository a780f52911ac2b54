"""Formats and arithmetic of samples."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from audio.pcm import (
    SILENCE_DBFS,
    AudioFormat,
    AudioFormatError,
    Encoding,
    from_bytes,
    level_dbfs,
    ms_of,
    samples_of,
    to_float32,
    to_int16,
)

RATES = st.sampled_from([8_000, 16_000, 22_050, 24_000, 44_100, 48_000])


@pytest.mark.parametrize(
    ("encoding", "size"), [(Encoding.PCM16, 2), (Encoding.ULAW, 1), (Encoding.ALAW, 1)]
)
def test_a_format_knows_the_size_of_its_samples(encoding: Encoding, size: int) -> None:
    assert AudioFormat(8_000, encoding).bytes_per_sample == size


def test_pcm16_is_the_default_encoding() -> None:
    assert AudioFormat(16_000).encoding is Encoding.PCM16


@pytest.mark.parametrize("rate", [0, -16_000])
def test_a_format_without_a_positive_rate_is_refused(rate: int) -> None:
    with pytest.raises(AudioFormatError, match="positive number of Hz"):
        AudioFormat(rate)


def test_twenty_milliseconds_at_16_khz_are_320_samples() -> None:
    assert samples_of(20, 16_000) == 320
    assert ms_of(320, 16_000) == 20.0


@given(st.integers(0, 10**9), RATES)
def test_samples_to_time_and_back_is_exact(samples: int, rate: int) -> None:
    assert samples_of(ms_of(samples, rate), rate) == samples


def test_bytes_are_read_as_little_endian_without_a_copy() -> None:
    data = bytearray(b"\x01\x00\xff\x7f\x00\x80")
    samples = from_bytes(data)
    assert samples.tolist() == [1, 32_767, -32_768]
    data[0] = 2
    assert samples[0] == 2


def test_immutable_bytes_give_a_read_only_view() -> None:
    assert not from_bytes(b"\x01\x00").flags.writeable


def test_no_bytes_are_no_samples() -> None:
    assert from_bytes(b"").shape == (0,)


@pytest.mark.parametrize("size", [1, 641])
def test_an_odd_number_of_bytes_is_refused_in_plain_words(size: int) -> None:
    with pytest.raises(AudioFormatError, match=f"odd number: {size}"):
        from_bytes(bytes(size))


def test_every_int16_survives_the_way_to_float_and_back() -> None:
    every = np.arange(-32_768, 32_768).astype(np.int16)
    floats = to_float32(every)
    assert floats.dtype == np.float32
    assert floats.min() == -1.0
    assert floats.max() < 1.0
    assert np.array_equal(to_int16(floats), every)


def test_floats_beyond_full_scale_are_clipped_not_wrapped() -> None:
    loud = np.array([1.0, 1.5, -1.0, -7.0], dtype=np.float32)
    assert to_int16(loud).tolist() == [32_767, 32_767, -32_768, -32_768]


def test_floats_are_rounded_to_the_nearest_step() -> None:
    steps = np.array([0.6, -0.6, 0.4, -0.4], dtype=np.float32) / np.float32(32_768)
    assert to_int16(steps).tolist() == [1, -1, 0, 0]


def test_levels_of_known_sounds() -> None:
    sine = (32_767 * np.sin(2 * np.pi * np.arange(16_000) / 100)).astype(np.int16)
    assert level_dbfs(sine) == pytest.approx(-3.01, abs=0.01)
    assert level_dbfs(np.full(100, -32_768, dtype=np.int16)) == 0.0
    assert level_dbfs(np.full(100, 3_277, dtype=np.int16)) == pytest.approx(-20.0, abs=0.01)
    assert level_dbfs(np.ones(100, dtype=np.int16)) == pytest.approx(-90.3, abs=0.1)


def test_silence_and_nothing_have_the_lowest_level() -> None:
    assert level_dbfs(np.zeros(320, dtype=np.int16)) == SILENCE_DBFS == -100.0
    assert level_dbfs(np.zeros(0, dtype=np.int16)) == SILENCE_DBFS


@given(arrays(np.int16, st.integers(0, 400)))
def test_a_level_is_between_the_floor_and_full_scale(samples: NDArray[np.int16]) -> None:
    assert SILENCE_DBFS <= level_dbfs(samples) <= 0.0
