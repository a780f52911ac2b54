"""Simulated answers: one to each question of the demo plan, or sound files.

Answers are chosen by what the interviewer said, as a person would: for the question whose words it
shares most, and something more to add when that one was answered already.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audio.container import AudioFileError, read_audio
from audio.pcm import from_bytes
from audio.resample import resample
from audio.speech import SPEECH_RATE, Synthesizer
from sessions.plan.plan import Plan

AUDIO_SUFFIXES = (".wav", ".flac", ".mp3", ".ogg", ".m4a")

MORE = (
    "We measured it for a month, and the number of failures went down by half.",
    "My part was the design, and I wrote most of the tests as well.",
    "The hardest thing was to agree with the other team on the format.",
    "I would do it again, but I would start with a smaller step.",
    "Two colleagues helped me, and I reviewed all of their changes.",
    "It took us about three weeks from the first idea to the release.",
)
"""Answers to a question that was answered already: the interviewer wants to hear more."""

FALLBACK = "I think that covers it from my side, thank you."

NOTHING_ELSE = "No, that was all. Thank you."


@dataclass(frozen=True, slots=True)
class SpokenAnswer:
    """One answer of the simulated candidate."""

    text: str | None
    """Its words; None where a sound file does not state them."""

    sound: NDArray[np.int16]
    """Its sound, mono PCM16 at 16 kHz."""

    source: str
    """Where it comes from: "tts", or the name of a file."""


class AnswersError(Exception):
    """Folder of answers that cannot be used; the text says why."""


class WrittenAnswers:
    """Answers by question, spoken by a synthesizer."""

    def __init__(self, plan: Plan, answers: Mapping[str, str], synthesizer: Synthesizer) -> None:
        self._words = {q.id: _content_words(q.text) for q in plan.questions()}
        self._answers = answers
        self._used: set[str] = set()
        self._more: Iterator[str] = iter(MORE)
        self._synthesizer = synthesizer

    async def next(self, heard: str) -> SpokenAnswer | None:
        """Return the answer to what the interviewer said."""
        text = self._choose(heard)
        sound = b"".join([piece async for piece in self._synthesizer.speak(text)])
        samples = resample(from_bytes(sound), self._synthesizer.sample_rate, SPEECH_RATE)
        return SpokenAnswer(text, trimmed(samples), "tts")

    def _choose(self, heard: str) -> str:
        if "anything else" in heard.lower():
            return NOTHING_ELSE
        words = _content_words(heard)
        scores = {
            question: len(own & words) / max(1, len(own)) for question, own in self._words.items()
        }
        best = max(scores, key=lambda question: scores[question])
        if scores[best] >= 0.5 and best not in self._used and best in self._answers:
            self._used.add(best)
            return self._answers[best]
        return next(self._more, FALLBACK)


class RecordedAnswers:
    """Sound files of a folder, in the order of their names.

    A text file of the same name (`01.wav`, `01.txt`) holds the words.
    """

    def __init__(self, folder: Path) -> None:
        """Read the files. Raises AnswersError if the folder holds no usable sound."""
        if not folder.is_dir():
            raise AnswersError(f"{folder} is no folder.")
        paths = sorted(p for p in folder.iterdir() if p.suffix.lower() in AUDIO_SUFFIXES)
        if not paths:
            raise AnswersError(f"{folder} holds no sound files ({', '.join(AUDIO_SUFFIXES)}).")
        try:
            self._answers = [_recorded(path) for path in paths]
        except AudioFileError as error:
            raise AnswersError(str(error)) from error
        self._next = iter(self._answers)

    async def next(self, _heard: str) -> SpokenAnswer | None:
        """Return the next file's sound, None when all were played."""
        return next(self._next, None)


def _recorded(path: Path) -> SpokenAnswer:
    sound = trimmed(read_audio(path, SPEECH_RATE))
    if not len(sound):
        raise AnswersError(f"Nothing can be heard in {path}.")
    text_path = path.with_suffix(".txt")
    try:
        text = text_path.read_text(encoding="utf-8").strip() if text_path.is_file() else None
    except (OSError, UnicodeDecodeError) as error:
        raise AnswersError(f"{text_path} is no text in UTF-8 that can be read.") from error
    return SpokenAnswer(text, sound, path.name)


def trimmed(sound: NDArray[np.int16], *, threshold: int = 200) -> NDArray[np.int16]:
    """Cut the silence at both ends, so that the last sample is the end of speech.

    `threshold` is about -44 dBFS, below the softest consonant of a clean recording.
    """
    loud = np.flatnonzero(np.abs(sound.astype(np.int32)) > threshold)
    return sound[loud[0] : loud[-1] + 1] if len(loud) else sound[:0]


_COMMON = frozenset(
    "a an and are as at be been by can could did do does for from had has have how i in is it its "
    "me my of on or so some tell that the their them there they this to us was we were what when "
    "where which who why with would you your about please".split()
)


def _content_words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z]+", text.lower())) - _COMMON
