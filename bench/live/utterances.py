"""The utterances of the benches' candidates: short answers, spoken once and kept.

The words are complete, one sentence each, so that what is measured is how soon a finished answer is
answered; the patience that unfinished ones ask for is measured by another bench.
"""

import asyncio
import hashlib
import io
import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audio.alignment import heard_words
from audio.pcm import from_bytes
from audio.resample import resample
from audio.speech import SPEECH_RATE, Synthesizer

TEXTS = (
    "I have worked with Python for about six years.",
    "We moved the whole service to a new database last spring.",
    "I would begin by measuring where the time is really spent.",
    "My last project was a booking system for small hotels.",
    "I reviewed every change before it went to the customers.",
    "The hardest part was to find out why the numbers were wrong.",
    "We had two releases every week and very few complaints.",
    "I like to write the tests before I write the program.",
    "My team had five people, and I was responsible for the data.",
    "I learned the most from an outage that I had caused myself.",
    "We agreed on a plan, and everybody knew what to do next.",
    "I would need about six weeks before I could start.",
    "The customer was happy because the pages became much faster.",
    "I usually ask a colleague to look at my design first.",
    "We keep the logs for a month and look at them every day.",
    "I wrote a small tool that compares the two versions.",
)

QUIET = 200
"""A sample beyond this (-44 dBFS) belongs to speech; as the demo's candidate has it."""

FRAME = SPEECH_RATE // 50
"""Samples of the 20 ms frame that a client sends."""

ANCHOR = 32
"""Samples (2 ms) by which a piece of sound is found again: they are sent bit for bit."""

ANCHOR_PEAK = 300
"""An anchor must reach this, or it could be silence, which is the same everywhere."""

ANCHOR_STEP = SPEECH_RATE // 20


@dataclass(frozen=True, slots=True)
class Utterance:
    """Words and their sound: mono PCM16 at SPEECH_RATE, whole frames, ending with the last sample
    of speech."""

    text: str
    sound: NDArray[np.int16]


class Recogniser:
    """Recogniser of the utterances: finds from sound which words of them are in it.

    Made for the provider that stands in for Whisper: it knows what the benches speak, so its
    transcripts are right.
    """

    def __init__(self, utterances: tuple[Utterance, ...]) -> None:
        self._utterances = utterances
        self._begins = np.cumsum([0, *(len(u.sound) for u in utterances)])
        self._corpus = np.concatenate([u.sound for u in utterances]).astype("<i2").tobytes()

    def words_in(self, audio: NDArray[np.int16]) -> str:
        """Return the words of which more than half lies in `audio` (mono PCM16 at SPEECH_RATE); ""
        for sound that is of no utterance. Takes about a millisecond."""
        found: list[str] = []
        at = 0
        while at + ANCHOR <= len(audio):
            span = self._find(audio, at)
            if span is None:
                at += ANCHOR_STEP
                continue
            utterance, shift = span
            begin, end = max(0, shift), min(len(utterance.sound), shift + len(audio))
            found.append(_words_between(utterance, begin, end))
            at = end - shift + 1
        return " ".join(words for words in found if words)

    def _find(self, audio: NDArray[np.int16], at: int) -> tuple[Utterance, int] | None:
        """Find the utterance that sounds at `at`, and where in it the audio's first sample lies."""
        piece = audio[at : at + ANCHOR]
        if np.abs(piece.astype(np.int32)).max() < ANCHOR_PEAK:
            return None
        place = self._corpus.find(piece.astype("<i2").tobytes())
        if place < 0 or place % 2:
            return None
        number = int(np.searchsorted(self._begins, place // 2, side="right")) - 1
        return self._utterances[number], place // 2 - int(self._begins[number]) - at


def _words_between(utterance: Utterance, begin: int, end: int) -> str:
    """Return the words of a piece. Pieces that follow one another give each word once."""
    length = len(utterance.sound)
    before = heard_words(utterance.text, length, begin, rate=SPEECH_RATE)
    return heard_words(utterance.text, length, end, rate=SPEECH_RATE)[len(before) :].strip()


# --- making them ------------------------------------------------------------------------------


def utterances(folder: Path) -> tuple[Utterance, ...]:
    """Return all of TEXTS, spoken by the local voice at the first call (some seconds), then read
    from `folder`. Raises SpeechError and OSError. Blocks; call it where no loop runs."""
    key = hashlib.sha256(json.dumps([TEXTS, QUIET, FRAME]).encode()).hexdigest()[:16]
    path = folder / f"utterances-{key}.npz"
    if not path.is_file():
        sounds = asyncio.run(_speak_all())
        folder.mkdir(parents=True, exist_ok=True)
        packed = io.BytesIO()
        np.savez(packed, *sounds)
        half = path.with_suffix(f".{os.getpid()}")
        half.write_bytes(packed.getvalue())
        half.replace(path)
    with np.load(path) as kept:
        return tuple(Utterance(text, kept[f"arr_{number}"]) for number, text in enumerate(TEXTS))


async def _speak_all() -> list[NDArray[np.int16]]:
    from audio.local_voice import LocalVoice

    voice = LocalVoice()
    try:
        return [await _spoken(voice, text) for text in TEXTS]
    finally:
        await voice.close()


async def _spoken(voice: Synthesizer, text: str) -> NDArray[np.int16]:
    pcm = b"".join([piece async for piece in voice.speak(text)])
    return whole_frames(resample(from_bytes(pcm), voice.sample_rate, SPEECH_RATE))


def whole_frames(sound: NDArray[np.int16]) -> NDArray[np.int16]:
    """Take off the silence at both ends, and leave as much of it in front as fills whole frames:
    the last sample sent is the last one of speech. Raises ValueError for sound without speech."""
    loud = np.flatnonzero(np.abs(sound.astype(np.int32)) > QUIET)
    if not len(loud):
        raise ValueError("There is no speech in this sound.")
    spoken = sound[loud[0] : loud[-1] + 1]
    missing = -len(spoken) % FRAME
    return np.concatenate([np.zeros(missing, np.int16), spoken])
