"""Spoken test material: hibari's voice as a transcriber hears it, and how well it was heard."""

import warnings

import jiwer
import numpy as np
import soxr
from numpy.typing import NDArray

from audio.local_voice import VOICE_RATE, LocalVoice
from audio.pcm import from_bytes
from audio.speech import SPEECH_RATE

with warnings.catch_warnings():
    # Its source has an escape that Python warns of when it first compiles it (from 3.12 on as of
    # a fault of syntax).
    warnings.simplefilter("ignore")
    from whisper_normalizer.english import EnglishTextNormalizer

plain_words = EnglishTextNormalizer()
"""Text without case, punctuation and ways of spelling: what a comparison of words is made on."""


def word_error_rate(said: list[str], heard: list[str]) -> float:
    """Words wrong, missing or too many, as a share of the words said, 0..; in `plain_words`."""
    return float(
        jiwer.wer([plain_words(text) for text in said], [plain_words(text) for text in heard])
    )


async def spoken(voice: LocalVoice, text: str) -> NDArray[np.int16]:
    """What `voice` says, with 0.2 s of silence around it: mono PCM16 at SPEECH_RATE."""
    pieces = [from_bytes(piece) async for piece in voice.speak(text)]
    silence = np.zeros(SPEECH_RATE // 5, np.int16)
    sound = soxr.resample(np.concatenate(pieces), VOICE_RATE, SPEECH_RATE)
    return np.concatenate([silence, sound.astype(np.int16), silence])
