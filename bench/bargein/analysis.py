"""The analysis of a recording: where each interruption began, and when the interviewer fell silent.

Pure arithmetic on samples. One clock counts both sides: a difference is exact to the sample.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio.pcm import ms_of, samples_of
from audio.resample import resample
from audio.speech import VOICE_RATE
from bench.bargein.line import Interruption
from bench.bargein.tap import Recording

FOUND = 0.8
"""Correlation from which a sound counts as found: the microphone gives the file, resampled."""

STRAY_MS = 400.0
"""The file may run so much ahead or late from one interruption to the next (a fake device that is
starved drops some of it)."""

SILENT_MS = 300.0
"""So long a stretch of exact zeros is silence (the voice has a hiss in its pauses): whoever falls
silent and goes on at once, because it was not sure, has not been silenced."""

CUT_MS = 60.0
"""So much separates two runs: longer than a lack of sound that the page's buffer hides."""

BEFORE_MS = 20.0
"""Whoever is interrupted was heard so shortly before."""


@dataclass(frozen=True, slots=True)
class Stop:
    """One interruption as it was recorded.

    `silent_after_ms` is the time from its onset to silence; None if the interviewer was silent
    anyway, or if the sound was not found undamaged (`found`).
    """

    words: str
    found: bool
    silent_after_ms: float | None


def stops(recording: Recording, interruptions: Sequence[Interruption]) -> list[Stop]:
    """Measure what became of each interruption."""
    playing = recording.loudspeaker != 0
    return [
        Stop(
            one.words,
            at is not None,
            None if at is None else _silent_after_ms(playing, at, recording.rate),
        )
        for one, at in zip(interruptions, _onsets(recording, interruptions), strict=True)
    ]


def runs(recording: Recording) -> list[NDArray[np.int16]]:
    """Return what the loudspeaker played, cut where it was silent."""
    playing = np.flatnonzero(recording.loudspeaker != 0)
    if not playing.size:
        return []
    ends = np.flatnonzero(np.diff(playing) > samples_of(CUT_MS, recording.rate))
    begins = [playing[0], *playing[ends + 1]]
    return [
        recording.loudspeaker[begin : end + 1]
        for begin, end in zip(begins, [*playing[ends], playing[-1]], strict=True)
    ]


def _silent_after_ms(playing: NDArray[np.bool_], at: int, rate: int) -> float | None:
    before = playing[max(0, at - samples_of(BEFORE_MS, rate)) : at]
    if not before.any():
        return None
    silent = samples_of(SILENT_MS, rate)
    sounding = np.flatnonzero(playing[at:])
    if not sounding.size:
        return 0.0
    gaps = np.flatnonzero(np.diff(sounding) > silent)
    last = int(sounding[gaps[0]] if gaps.size else sounding[-1])
    return ms_of(last + 1, rate)


def _onsets(recording: Recording, interruptions: Sequence[Interruption]) -> Iterator[int | None]:
    """Find where each interruption begins on the recording; None where it is not as it was in the
    file."""
    stray = samples_of(STRAY_MS, recording.rate)
    begins: int | None = None  # where the file's first sample would be
    for one in interruptions:
        sound = resample(one.sound, VOICE_RATE, recording.rate)
        expected = round(one.begin * recording.rate / VOICE_RATE)
        low, high = 0, recording.microphone.size - sound.size
        if begins is not None:
            low, high = max(0, begins + expected - stray), min(high, begins + expected + stray)
        at, likeness = _best_place(recording.microphone[low : max(low, high) + sound.size], sound)
        if likeness < FOUND:
            yield None
        else:
            begins = low + at - expected
            yield low + at


def _best_place(heard: NDArray[np.int16], known: NDArray[np.int16]) -> tuple[int, float]:
    """Find `known` in `heard`. Returns its place, and how well it fits (1: perfectly)."""
    if heard.size < known.size:
        return 0, 0.0
    one, other = heard.astype(np.float64), known.astype(np.float64)
    size = 1 << int(np.ceil(np.log2(one.size)))
    spectrum = np.fft.rfft(one, size) * np.conj(np.fft.rfft(other, size))
    products = np.fft.irfft(spectrum, size)[: one.size - other.size + 1]
    energy = np.concatenate([[0.0], np.cumsum(one**2)])
    around = np.sqrt(np.maximum(energy[other.size :] - energy[: -other.size], 1.0))
    likeness = products / (around * np.linalg.norm(other))
    at = int(likeness.argmax())
    return at, float(likeness[at])


# --- words ---------------------------------------------------------------------------------------


def words_of(text: str) -> list[str]:
    """Split a text into words of small letters."""
    return re.findall(r"[a-z']+", text.lower())


def words_apart(one: Sequence[str], other: Sequence[str]) -> int:
    """Count the words that must be changed, added or left out (Levenshtein)."""
    row = list(range(len(other) + 1))
    for number, word in enumerate(one, 1):
        before, row[0] = row[0], number
        for place, that in enumerate(other, 1):
            before, row[place] = row[place], min(
                row[place] + 1, row[place - 1] + 1, before + (word != that)
            )
    return row[-1]


def paired(recorded: Sequence[str], heard: Sequence[str]) -> list[tuple[str, str]]:
    """Pair each text on record with what was heard of it: one run of the loudspeaker, or two where
    it was held between. Both are in order; runs that are no turn are left out."""
    pairs: list[tuple[str, str]] = []
    at = 0
    for text in recorded:
        choices = [
            (words_apart(words_of(text), words_of(said := " ".join(heard[begin:end]))), end, said)
            for begin in range(at, min(at + 3, len(heard)))
            for end in range(begin + 1, min(begin + 3, len(heard)) + 1)
        ]
        if choices:
            _, at, said = min(choices)
            pairs.append((text, said))
    return pairs
