"""Sounds that are no speech: noise, chords, drums; float64 at 16 kHz, the same every time."""

import numpy as np
from numpy.typing import NDArray

from audio.pcm import FULL_SCALE
from audio.speech import SPEECH_RATE

Sound = NDArray[np.float64]


def at_level(sound: Sound, dbfs: float) -> NDArray[np.int16]:
    """With this root mean square, as PCM16; what is over full scale is cut off."""
    rms = float(np.sqrt(np.mean(sound**2)))
    scaled = np.rint(sound / rms * 10 ** (dbfs / 20) * FULL_SCALE)
    return np.clip(scaled, -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)


def white(seconds: float) -> Sound:
    """The same power at every frequency."""
    return np.random.default_rng(3).normal(0, 1, round(seconds * SPEECH_RATE))


def pink(seconds: float) -> Sound:
    """The same power in every octave, as fans and traffic have it."""
    spectrum = np.fft.rfft(white(seconds))
    spectrum /= np.sqrt(np.maximum(1, np.arange(len(spectrum))))
    return np.fft.irfft(spectrum, round(seconds * SPEECH_RATE))


def chords(seconds: float) -> Sound:
    """Four chords, a second each, of plucked strings."""
    time = np.arange(round(seconds * SPEECH_RATE)) / SPEECH_RATE
    root = np.array([220.0, 174.6, 261.6, 196.0])[time.astype(int) % 4]
    phase = np.cumsum(root) / SPEECH_RATE
    tones = [(third, n) for third in (1.0, 1.26, 1.5) for n in (1, 2, 3)]
    sound = sum(np.sin(2 * np.pi * phase * third * n) / n for third, n in tones)
    plucked: Sound = sound * np.exp(-(time % 1))
    return plucked


def drums(seconds: float) -> Sound:
    """A bass drum and a snare, twice a second in turn."""
    time = np.arange(round(seconds * SPEECH_RATE)) / SPEECH_RATE
    since = time % 0.5
    bass = np.sin(2 * np.pi * 60 * since) * np.exp(-since * 30)
    snare = white(seconds) * 0.5 * np.exp(-since * 40)
    beat: Sound = np.where((time / 0.5).astype(int) % 2 == 0, bass, snare)
    return beat


def music(seconds: float) -> Sound:
    """Both."""
    strings, beat = chords(seconds), drums(seconds)
    mixed: Sound = strings / np.abs(strings).max() + beat / np.abs(beat).max()
    return mixed
