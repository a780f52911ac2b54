"""Telephone codecs: ITU-T G.711 mu-law and A-law to PCM16 and back, by lookup tables.

The tables are built once, on import, from the segment arithmetic of G.711: 14-bit magnitudes for
mu-law, 13-bit for A-law, eight segments that double in width, sixteen equal steps in each.
"""

import numpy as np
from numpy.typing import NDArray

_ULAW_BIAS = 33  # added to 14-bit magnitudes, so that all segments begin at a power of two
_ULAW_SEGMENT_ENDS = np.array([0x3F, 0x7F, 0xFF, 0x1FF, 0x3FF, 0x7FF, 0xFFF, 0x1FFF])
_ALAW_SEGMENT_ENDS = np.array([0x1F, 0x3F, 0x7F, 0xFF, 0x1FF, 0x3FF, 0x7FF, 0xFFF])
_ALAW_EVEN_BITS = 0x55  # A-law inverts every other bit on the wire
_SIGN = 0x80


def ulaw_encode(samples: NDArray[np.int16]) -> bytes:
    """Encode PCM16 samples as mu-law, one byte a sample."""
    return _encode(samples, _ULAW_FROM_PCM)


def ulaw_decode(data: bytes | bytearray | memoryview) -> NDArray[np.int16]:
    """Decode mu-law bytes to PCM16, shape (len(data),)."""
    return _decode(data, _PCM_FROM_ULAW)


def alaw_encode(samples: NDArray[np.int16]) -> bytes:
    """Encode PCM16 samples as A-law, one byte a sample."""
    return _encode(samples, _ALAW_FROM_PCM)


def alaw_decode(data: bytes | bytearray | memoryview) -> NDArray[np.int16]:
    """Decode A-law bytes to PCM16, shape (len(data),)."""
    return _decode(data, _PCM_FROM_ALAW)


def _encode(samples: NDArray[np.int16], table: NDArray[np.uint8]) -> bytes:
    return table[np.ascontiguousarray(samples, dtype=np.int16).view(np.uint16)].tobytes()


def _decode(data: bytes | bytearray | memoryview, table: NDArray[np.int16]) -> NDArray[np.int16]:
    return table[np.frombuffer(data, dtype=np.uint8)]


def _all_pcm() -> NDArray[np.int64]:
    """Return every int16 value, in the order of its unsigned bit pattern (the tables' index)."""
    return np.arange(65_536).astype(np.uint16).view(np.int16).astype(np.int64)


def _build_ulaw_from_pcm() -> NDArray[np.uint8]:
    value = _all_pcm() >> 2
    magnitude = np.minimum(np.abs(value) + _ULAW_BIAS, _ULAW_SEGMENT_ENDS[-1])
    segment = np.searchsorted(_ULAW_SEGMENT_ENDS, magnitude)
    code = segment << 4 | (magnitude >> (segment + 1)) & 0x0F
    # All bits are inverted on the wire; the sign bit is 1 for what is not negative.
    table: NDArray[np.uint8] = np.where(value < 0, code ^ 0x7F, code ^ 0xFF).astype(np.uint8)
    return table


def _build_pcm_from_ulaw() -> NDArray[np.int16]:
    code = np.arange(256) ^ 0xFF
    bias = _ULAW_BIAS << 2
    magnitude = (((code & 0x0F) << 3) + bias << ((code & 0x70) >> 4)) - bias
    return np.where(code & _SIGN, -magnitude, magnitude).astype(np.int16)


def _build_alaw_from_pcm() -> NDArray[np.uint8]:
    value = _all_pcm() >> 3
    magnitude = np.where(value < 0, -value - 1, value)
    segment = np.searchsorted(_ALAW_SEGMENT_ENDS, magnitude)
    # The first two segments have the same step.
    code = segment << 4 | (magnitude >> np.maximum(segment, 1)) & 0x0F
    positive = code ^ (_ALAW_EVEN_BITS | _SIGN)
    return np.where(value < 0, code ^ _ALAW_EVEN_BITS, positive).astype(np.uint8)


def _build_pcm_from_alaw() -> NDArray[np.int16]:
    code = np.arange(256) ^ _ALAW_EVEN_BITS
    segment = (code & 0x70) >> 4
    # Half a step is added: the value in the middle of the interval is what comes back.
    step = ((code & 0x0F) << 4) + 8
    magnitude = np.where(segment == 0, step, step + 0x100 << np.maximum(segment - 1, 0))
    return np.where(code & _SIGN, magnitude, -magnitude).astype(np.int16)


_ULAW_FROM_PCM = _build_ulaw_from_pcm()
_PCM_FROM_ULAW = _build_pcm_from_ulaw()
_ALAW_FROM_PCM = _build_alaw_from_pcm()
_PCM_FROM_ALAW = _build_pcm_from_alaw()
