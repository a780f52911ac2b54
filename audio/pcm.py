"""PCM audio: formats, and the arithmetic between samples, time and level.

Durations are always counted in samples, never by a clock. Everywhere in the product a piece of
audio is a numpy array of int16, mono, of shape (samples,).
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

FULL_SCALE = 32_768
"""Value of int16 that stands for 1.0: 2 to the 15th, so that both ways are exact."""

SILENCE_DBFS = -100.0
"""Level reported for digital silence; a steady sound one step high is at -90.3 dBFS."""


class AudioFormatError(ValueError):
    """Bytes or numbers that cannot be audio of the stated format; the text says why."""


class Encoding(StrEnum):
    """Encoding of a sample on the wire."""

    PCM16 = "pcm16"  # signed 16-bit, little endian
    ULAW = "ulaw"  # ITU-T G.711 mu-law, 8 bits
    ALAW = "alaw"  # ITU-T G.711 A-law, 8 bits


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """Mono wire format. Raises AudioFormatError if the sample rate is not positive."""

    sample_rate: int
    """Samples a second, in Hz."""

    encoding: Encoding = Encoding.PCM16
    """How each sample is written."""

    def __post_init__(self) -> None:
        if self.sample_rate <= 0:
            raise AudioFormatError(
                f"A sample rate must be a positive number of Hz, not {self.sample_rate}."
            )

    @property
    def bytes_per_sample(self) -> int:
        """Bytes of one sample: 2 for PCM16, 1 for the two G.711 laws."""
        return 2 if self.encoding is Encoding.PCM16 else 1


def ms_of(samples: int, rate: int) -> float:
    """Return how long `samples` samples last at `rate` Hz, in milliseconds."""
    return samples * 1000 / rate


def samples_of(ms: float, rate: int) -> int:
    """Return how many samples last `ms` milliseconds at `rate` Hz, rounded to the nearest."""
    return round(ms * rate / 1000)


def from_bytes(data: bytes | bytearray | memoryview) -> NDArray[np.int16]:
    """View little-endian PCM16 bytes as samples, without copying: shape (len(data) // 2,).

    The array shares the memory of `data` and is read-only if `data` is. Raises AudioFormatError if
    the number of bytes is odd.
    """
    size = memoryview(data).nbytes
    if size % 2:
        raise AudioFormatError(
            f"PCM16 audio takes two bytes a sample, but this piece has an odd number: {size}."
        )
    samples: NDArray[np.int16] = np.frombuffer(data, dtype="<i2")
    return samples


def to_float32(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    """Scale int16 to float32 in [-1, 1): `samples / FULL_SCALE`, exactly."""
    return samples.astype(np.float32) / np.float32(FULL_SCALE)


def to_int16(samples: NDArray[np.float32]) -> NDArray[np.int16]:
    """Scale floats to int16, rounded to the nearest and clipped to what int16 can hold.

    The inverse of `to_float32`, exact for what it returns.
    """
    scaled = np.rint(samples * np.float32(FULL_SCALE))
    clipped: NDArray[np.int16] = np.clip(scaled, -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)
    return clipped


def level_dbfs(samples: NDArray[np.int16]) -> float:
    """Return the root mean square level in dB below full scale: 20 log10(rms / FULL_SCALE).

    A full-scale square wave is 0, a full-scale sine -3.01; silence and an empty piece are
    SILENCE_DBFS, which is also the floor.
    """
    if samples.size == 0:
        return SILENCE_DBFS
    # float64: the squares of int16 overflow int16, and a long sum loses digits in float32.
    rms = float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))
    if rms == 0.0:
        return SILENCE_DBFS
    return max(SILENCE_DBFS, 20.0 * float(np.log10(rms / FULL_SCALE)))
