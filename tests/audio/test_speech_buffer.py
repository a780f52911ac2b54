"""The speech buffer against a plain list that forgets nothing by itself."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from audio.speech_buffer import SpeechBuffer

RATE = 1_000  # one sample a millisecond, so that limits can be read as samples


def numbers(begin: int, end: int) -> NDArray[np.int16]:
    """Samples that tell their own absolute position."""
    return (np.arange(begin, end) % 30_000).astype(np.int16)


def buffer_of(samples: int, keep_ms: float = 100, upper_bound_ms: float = 60_000) -> SpeechBuffer:
    buffer = SpeechBuffer(keep_ms, RATE, upper_bound_ms=upper_bound_ms)
    buffer.append(numbers(0, samples))
    return buffer


def test_a_new_buffer_is_empty() -> None:
    buffer = SpeechBuffer(300, 16_000)
    assert (buffer.start, buffer.end) == (0, 0)
    assert buffer.slice(0, 100).shape == (0,)


def test_a_slice_is_addressed_from_the_very_beginning() -> None:
    buffer = buffer_of(5_000)
    buffer.release(4_000)
    assert buffer.slice(4_200, 4_203).tolist() == [4_200, 4_201, 4_202]


def test_release_keeps_the_pre_roll_in_front() -> None:
    buffer = buffer_of(5_000, keep_ms=100)
    buffer.release(4_000)
    assert (buffer.start, buffer.end) == (3_900, 5_000)


def test_release_never_brings_back_or_goes_past_the_end() -> None:
    buffer = buffer_of(5_000, keep_ms=100)
    buffer.release(4_000)
    buffer.release(1_000)
    assert buffer.start == 3_900
    buffer.release(1_000_000)
    assert (buffer.start, buffer.end) == (5_000, 5_000)


def test_what_is_not_kept_is_left_out_of_a_slice() -> None:
    buffer = buffer_of(1_000, keep_ms=0)
    buffer.release(500)
    assert np.array_equal(buffer.slice(-50, 2_000), numbers(500, 1_000))
    assert buffer.slice(0, 500).size == 0
    assert buffer.slice(1_000, 1_100).size == 0
    assert buffer.slice(700, 600).size == 0


def test_a_slice_is_a_copy() -> None:
    buffer = buffer_of(100)
    before = buffer.slice(0, 100)
    before[:] = -1
    assert np.array_equal(buffer.slice(0, 100), numbers(0, 100))


def test_what_was_appended_may_change_afterwards() -> None:
    chunk = numbers(0, 100)
    buffer = SpeechBuffer(100, RATE)
    buffer.append(chunk)
    chunk[:] = 0
    assert np.array_equal(buffer.slice(0, 100), numbers(0, 100))


def test_beyond_the_bound_the_oldest_falls_out() -> None:
    buffer = buffer_of(800, upper_bound_ms=1_000)
    buffer.append(numbers(800, 1_500))
    assert (buffer.start, buffer.end) == (500, 1_500)
    assert np.array_equal(buffer.slice(0, 2_000), numbers(500, 1_500))


def test_a_chunk_longer_than_the_bound_leaves_its_tail() -> None:
    buffer = buffer_of(10, upper_bound_ms=1_000)
    buffer.append(numbers(10, 5_000))
    assert (buffer.start, buffer.end) == (4_000, 5_000)
    assert np.array_equal(buffer.slice(4_000, 5_000), numbers(4_000, 5_000))


def test_memory_is_bounded_over_hours_and_given_back_after_a_long_utterance() -> None:
    buffer = SpeechBuffer(300, 16_000, upper_bound_ms=10_000)
    frame = np.zeros(320, dtype=np.int16)
    for _ in range(2_000):  # 40 s without a release
        buffer.append(frame)
    assert buffer.end - buffer.start == 160_000
    assert buffer._buffer.size <= 4 * 160_000
    for _ in range(3_000):
        buffer.append(frame)
        buffer.release(buffer.end)
    assert buffer._buffer.size <= 32_768


@pytest.mark.parametrize("keep_ms", [-1, 60_001])
def test_a_pre_roll_outside_the_bound_is_refused(keep_ms: float) -> None:
    with pytest.raises(ValueError, match="between 0 and"):
        SpeechBuffer(keep_ms, RATE, upper_bound_ms=60_000)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.integers(0, 9_000)),
        st.tuples(st.just("release"), st.integers(-10, 60_000)),
    ),
    max_size=60,
)


@given(
    STEPS,
    st.sampled_from([0, 7, 300]),
    st.sampled_from([500, 12_000]),
    st.tuples(st.integers(-10, 60_000), st.integers(-10, 60_000)),
)
def test_the_buffer_does_what_a_plain_list_would(
    steps: list[tuple[str, int]], keep: int, bound: int, asked: tuple[int, int]
) -> None:
    buffer = SpeechBuffer(keep, RATE, upper_bound_ms=bound)
    every: list[int] = []
    start = 0
    for action, number in steps:
        if action == "append":
            chunk = numbers(len(every), len(every) + number)
            every.extend(chunk.tolist())
            start = max(start, len(every) - bound)
            buffer.append(chunk)
        else:
            start = max(start, min(number - keep, len(every)))
            buffer.release(number)
        assert (buffer.start, buffer.end) == (start, len(every))
    begin, end = max(asked[0], start), max(asked[1], 0)
    assert buffer.slice(*asked).tolist() == every[begin:end]
    assert buffer.slice(start, len(every)).tolist() == every[start:]
