"""G.711 against the standard library's own codec, over every value there is."""

import audioop
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.g711 import alaw_decode, alaw_encode, ulaw_decode, ulaw_encode

Encode = Callable[[NDArray[np.int16]], bytes]
Decode = Callable[[bytes | bytearray | memoryview], NDArray[np.int16]]

EVERY_SAMPLE = np.arange(-32_768, 32_768).astype(np.int16)
EVERY_BYTE = bytes(range(256))


def test_ulaw_encodes_every_sample_as_the_standard_library_does() -> None:
    assert ulaw_encode(EVERY_SAMPLE) == audioop.lin2ulaw(EVERY_SAMPLE.tobytes(), 2)


def test_ulaw_decodes_every_byte_as_the_standard_library_does() -> None:
    assert ulaw_decode(EVERY_BYTE).tobytes() == audioop.ulaw2lin(EVERY_BYTE, 2)


def test_alaw_encodes_every_sample_as_the_standard_library_does() -> None:
    assert alaw_encode(EVERY_SAMPLE) == audioop.lin2alaw(EVERY_SAMPLE.tobytes(), 2)


def test_alaw_decodes_every_byte_as_the_standard_library_does() -> None:
    assert alaw_decode(EVERY_BYTE).tobytes() == audioop.alaw2lin(EVERY_BYTE, 2)


def test_silence_has_the_codes_of_the_recommendation() -> None:
    silence = np.zeros(3, dtype=np.int16)
    assert ulaw_encode(silence) == b"\xff\xff\xff"
    assert alaw_encode(silence) == b"\xd5\xd5\xd5"
    assert ulaw_decode(b"\xff\x7f").tolist() == [0, 0]


@pytest.mark.parametrize(
    ("decoded", "encode"),
    [(ulaw_decode(EVERY_BYTE), ulaw_encode), (alaw_decode(EVERY_BYTE), alaw_encode)],
    ids=["ulaw", "alaw"],
)
def test_a_second_trip_changes_nothing(decoded: NDArray[np.int16], encode: Encode) -> None:
    again = encode(decoded)
    # mu-law has two zeros: negative zero comes back as the positive one.
    expected = bytes(0xFF if sample == 0 else byte for byte, sample in enumerate(decoded.tolist()))
    assert again == expected


@pytest.mark.parametrize("decode", [ulaw_decode, alaw_decode])
def test_every_kind_of_buffer_decodes_to_int16(decode: Decode) -> None:
    for data in (EVERY_BYTE, bytearray(EVERY_BYTE), memoryview(EVERY_BYTE)):
        assert decode(data).dtype == np.int16
        assert decode(data).shape == (256,)


def test_a_slice_with_gaps_is_encoded_too() -> None:
    assert ulaw_encode(EVERY_SAMPLE[::2]) == ulaw_encode(EVERY_SAMPLE)[::2]


def test_nothing_stays_nothing() -> None:
    assert ulaw_encode(np.zeros(0, dtype=np.int16)) == b""
    assert alaw_decode(b"").shape == (0,)
