"""Loudness by ITU-R BS.1770-4, of mono sound: what the pages are measured with."""

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float64]


def integrated_lufs(samples: Samples, rate: int) -> float:
    """The gated loudness of all of it."""
    spectrum = np.fft.rfft(samples)
    weighted = np.fft.irfft(spectrum * _weighting(len(samples), rate), len(samples))
    block, step = int(0.4 * rate), int(0.1 * rate)
    starts = range(0, max(1, len(weighted) - block + 1), step)
    powers = np.array([np.mean(weighted[start : start + block] ** 2) for start in starts])
    powers = powers[_lufs(powers) > -70]
    relative = float(_lufs(np.array([powers.mean()]))[0]) - 10
    return float(_lufs(np.array([powers[_lufs(powers) > relative].mean()]))[0])


def _lufs(powers: Samples) -> Samples:
    return np.asarray(-0.691 + 10 * np.log10(np.maximum(powers, 1e-12)))


def _weighting(length: int, rate: int) -> npt.NDArray[np.complex128]:
    """The standard's two filters, whose coefficients it gives for 48 kHz, at each frequency."""
    hertz = np.fft.rfftfreq(length, 1 / rate)
    z = np.exp(-2j * np.pi * hertz / 48_000)
    shelf = _response(
        z,
        (1.53512485958697, -2.69169618940638, 1.19839281085285),
        (1.0, -1.69065929318241, 0.73248077421585),
    )
    return shelf * _response(z, (1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))


def _response(
    z: npt.NDArray[np.complex128], above: tuple[float, ...], below: tuple[float, ...]
) -> npt.NDArray[np.complex128]:
    top = above[0] + above[1] * z + above[2] * z**2
    return np.asarray(top / (below[0] + below[1] * z + below[2] * z**2))
