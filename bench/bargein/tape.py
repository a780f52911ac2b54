"""What a tape of microphone and loudspeaker tells: where an interruption began, when it was silent.

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
from bench.bargein.tap import Tape

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
    """One interruption as it was recorded. `silent_after_ms`: from its onset to silence; None
    if the interviewer was silent anyway, or the sound was not found (`found`) unharmed."""

    words: str
    found: bool
    silent_after_ms: float | None


def stops(tape: Tape, interruptions: Sequence[Interruption]) -> list[Stop]:
    """What became of each."""
    playing = tape.loudspeaker != 0
    return [
        Stop(
            one.words,
            at is not None,
            None if at is None else _silent_after_ms(playing, at, tape.rate),
        )
        for one, at in zip(interruptions, _onsets(tape, interruptions), strict=True)
    ]


def runs(tape: Tape) -> list[NDArray[np.int16]]:
    """What the loudspeaker played, cut where it was silent."""
    playing = np.flatnonzero(tape.loudspeaker != 0)
    if not playing.size:
        return []
    ends = np.flatnonzero(np.diff(playing) > samples_of(CUT_MS, tape.rate))
    begins = [playing[0], *playing[ends + 1]]
    return [
        tape.loudspeaker[begin : end + 1]
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


def _onsets(tape: Tape, interruptions: Sequence[Interruption]) -> Iterator[int | None]:
    """Where each begins on the tape, None where it is not as it was in the file."""
    stray = samples_of(STRAY_MS, tape.rate)
    begins: int | None = None  # where the file's first sample would be
    for one in interruptions:
        sound = resample(one.sound, VOICE_RATE, tape.rate)
        expected = round(one.begin * tape.rate / VOICE_RATE)
        low, high = 0, tape.microphone.size - sound.size
        if begins is not None:
            low, high = max(0, begins + expected - stray), min(high, begins + expected + stray)
        at, likeness = _best_place(tape.microphone[low : max(low, high) + sound.size], sound)
        if likeness < FOUND:
            yield None
        else:
            begins = low + at - expected
            yield low + at


def _best_place(heard: NDArray[np.int16], known: NDArray[np.int16]) -> tuple[int, float]:
    """Where `known` is in `heard`, and how well it fits (1: perfectly)."""
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
    """Small letters only."""
    return re.findall(r"[a-z']+", text.lower())


def words_apart(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words must be changed, added or left out (Levenshtein)."""
    row = list(range(len(other) + 1))
    for number, word in enumerate(one, 1):
        before, row[0] = row[0], number
        for place, that in enumerate(other, 1):
            before, row[place] = row[place], min(
                row[place] + 1, row[place - 1] + 1, before + (word != that)
            )
    return row[-1]


def paired(recorded: Sequence[str], heard: Sequence[str]) -> list[tuple[str, str]]:
    """Each text on record with what was heard of it: one run of the loudspeaker, or two where
    it was held between. Both are in order; runs that are no turn are passed over."""
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
