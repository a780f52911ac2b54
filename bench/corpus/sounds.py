"""Sounds of the corpus: noises that are not words, and what rooms and telephones do to speech.

Everything works on float32 in [-1, 1], mono at SPEECH_RATE, and draws from the generator given.
"""

import numpy as np
from numpy.typing import NDArray

from audio.g711 import ulaw_decode, ulaw_encode
from audio.pcm import samples_of, to_int16
from audio.resample import resample
from audio.speech import SPEECH_RATE

Sound = NDArray[np.float32]

TELEPHONE_RATE = 8_000

MAINS_HZ = 50.0


def at_level(sound: Sound, dbfs: float) -> Sound:
    """Scale the sound to this root mean square level over its loud parts; clip at full scale."""
    loud = np.abs(sound) > 0.05 * np.abs(sound).max(initial=0.0)
    if not loud.any():
        return sound
    rms = float(np.sqrt(np.mean(np.square(sound[loud], dtype=np.float64))))
    gain = np.float32(10 ** (dbfs / 20) / rms)
    louder: Sound = np.clip(sound * gain, -1, 32_767 / 32_768).astype(np.float32)
    return louder


def room(samples: int, dbfs: float, rng: np.random.Generator) -> Sound:
    """Draw the noise of a room: falling by 3 dB an octave (as air and traffic through a wall
    roughly do), with a little mains hum in it."""
    if samples == 0:
        return np.zeros(0, np.float32)
    spectrum = np.fft.rfft(rng.normal(size=samples))
    frequencies = np.fft.rfftfreq(samples, 1 / SPEECH_RATE)
    noise = np.fft.irfft(spectrum / np.sqrt(np.maximum(frequencies, MAINS_HZ)), samples)
    noise /= np.sqrt(np.mean(np.square(noise)))
    hum = np.sin(2 * np.pi * MAINS_HZ / SPEECH_RATE * np.arange(samples) + rng.uniform(0, 6))
    heard: Sound = ((noise + 0.2 * hum) * 10 ** (dbfs / 20)).astype(np.float32)
    return heard


def band(sound: Sound, low_hz: float, high_hz: float) -> Sound:
    """Keep only what lies between the two frequencies."""
    spectrum = np.fft.rfft(sound)
    frequencies = np.fft.rfftfreq(sound.size, 1 / SPEECH_RATE)
    spectrum[(frequencies < low_hz) | (frequencies > high_hz)] = 0
    return np.fft.irfft(spectrum, sound.size).astype(np.float32)


TELEPHONE_BAND_HZ = (300.0, 3_400.0)
"""What a telephone line passes (ITU-T G.712)."""


def telephone(sound: Sound) -> NDArray[np.int16]:
    """Return what arrives at the other end of a digital line (the telephone band, G.711 mu-law):
    PCM16 at TELEPHONE_RATE."""
    narrow = to_int16(band(sound, *TELEPHONE_BAND_HZ))
    return ulaw_decode(ulaw_encode(resample(narrow, SPEECH_RATE, TELEPHONE_RATE)))


def cough(rng: np.random.Generator) -> Sound:
    """Draw two or three bursts of noise, each loud at once and gone after a fifth of a second."""
    pieces: list[Sound] = []
    for _ in range(int(rng.integers(2, 4))):
        samples = samples_of(float(rng.uniform(150, 230)), SPEECH_RATE)
        burst = band(rng.normal(size=samples).astype(np.float32), 250, 3_500)
        decay = np.exp(-np.arange(samples) / (0.045 * SPEECH_RATE)).astype(np.float32)
        pieces += [burst * decay, np.zeros(samples_of(120, SPEECH_RATE), np.float32)]
    return np.concatenate(pieces[:-1])


def door_knock(rng: np.random.Generator) -> Sound:
    """Draw three knocks on wood."""
    pieces: list[Sound] = []
    for _ in range(3):
        samples = samples_of(float(rng.uniform(180, 240)), SPEECH_RATE)
        time = np.arange(samples) / SPEECH_RATE
        thump = np.sin(2 * np.pi * float(rng.uniform(140, 220)) * time) * np.exp(-time / 0.03)
        click = rng.normal(size=samples) * np.exp(-time / 0.004)
        pieces.append((thump + 0.4 * click).astype(np.float32))
    return np.concatenate(pieces)


def keyboard(rng: np.random.Generator) -> Sound:
    """Draw a dozen key strokes in about two seconds."""
    sound = np.zeros(2 * SPEECH_RATE, np.float32)
    length = samples_of(40, SPEECH_RATE)
    decay = np.exp(-np.arange(length) / (0.006 * SPEECH_RATE))
    for start in np.sort(rng.integers(0, sound.size - length, 12)):
        stroke = band(rng.normal(size=length).astype(np.float32), 1_000, 7_000)
        sound[start : start + length] += stroke * decay * rng.uniform(0.4, 1.0)
    return sound


def echo_of(voice: Sound) -> Sound:
    """Return a voice from a loudspeaker as the microphone beside it hears it: dull, with
    reflections."""
    dull = band(voice, 200, 3_000)
    heard = np.zeros_like(dull)
    for delay_ms, gain in ((60.0, 1.0), (83.0, 0.5), (117.0, 0.3), (171.0, 0.15)):
        delay = samples_of(delay_ms, SPEECH_RATE)
        heard[delay:] += gain * dull[: dull.size - delay]
    return heard
