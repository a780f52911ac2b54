"""The line of the candidate who interrupts: what it says and when, as one long sound.

The same every time: the voice's noise, levels and gaps are drawn from a fixed seed. Everything is
mono at VOICE_RATE.
"""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio.pcm import from_bytes, samples_of, to_float32, to_int16
from audio.speech import VOICE_RATE, SpokenFacts, Synthesizer
from bench.corpus.generate import EDGE
from bench.corpus.sounds import at_level

SEED = 20_252

INTERRUPTIONS = (
    "So, what about the budget?",
    "Actually, I would like to add something.",
    "Sorry, could you repeat that?",
    "Hang on, what does that mean?",
    "Um, wait, I have a question.",
    "Excuse me, I did not get that.",
    "Hold on a second.",
    "Can I ask something?",
    "Before you go on, one more thing.",
    "Wait a moment, please.",
    "Let me stop you there.",
    "No, that is not what I meant.",
    "I have a question about that.",
    "That is not quite right.",
    "Just a second, please.",
    "Well, that is not true.",
    "Stop, please.",
    "Please go back one step.",
    "But how would that work?",
    "Could you say that again?",
    "Are you talking about my last job?",
    "Who told you that?",
    "Maybe we can skip this.",
    "Right, but I never did that.",
    "For me it was different.",
    "She said something else to me.",
    "Thank you, I understand it now.",
    "Every time I hear that I wonder why.",
    "Hm, I see that differently.",
    "Uh, may I say something?",
    "So sorry, what was the question?",
    "Actually, no, I left before that.",
    "Some of that is wrong.",
    "Also, I never worked there.",
)
"""Soft beginnings (s, f, h, a vowel) and hard ones, as they come: a third begins with an s or an a,
which take a detector longest."""

FIRST_S = 5.0
"""Time for the page to open, to join, and to be greeted."""

AFTER_S = (3.4, 4.6)
"""From the end of one interruption to the next onset, drawn evenly: the pause is noticed
(SILENCE_MS), the words are found, and the next reply has been sounding for a while."""

SILENCE_MS = 500
"""The bench's `endpoint_silence_ms`: what the pauses mean is another bench's matter."""

LEVELS_DBFS = (-24.0, -24.0, -34.0)
"""An ordinary voice, and one that is too soft or too far away."""

ROOM_RMS = 8.0
"""A quiet room, about -72 dBFS: no microphone yields pure zeros."""

HISS = 6.0
"""Under the interviewer's voice, -75 dBFS: nobody hears it, but it tells the voice's pauses from
silence, which is exactly nothing."""


@dataclass(frozen=True, slots=True)
class Interruption:
    """An interruption: words that begin at `begin` in the line.

    Their first sample is their onset (-44 dBFS of the voice, softer than any consonant of it).
    """

    words: str
    begin: int
    sound: NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Line:
    """The line: the microphone's sound, and the interruptions in it."""

    sound: NDArray[np.int16]
    interruptions: tuple[Interruption, ...]

    @property
    def seconds(self) -> float:
        """The length of the sound."""
        return self.sound.size / VOICE_RATE


async def make_line(
    voice: Synthesizer,
    words: Sequence[str] = INTERRUPTIONS,
    *,
    first_s: float = FIRST_S,
    after_s: tuple[float, float] = AFTER_S,
) -> Line:
    """Speak the whole line with the voice. Raises SpeechError.

    `first_s` is the silence before it, `after_s` the shortest and longest between interruptions.
    """
    rng = np.random.default_rng(SEED)
    at = round(first_s * VOICE_RATE)
    interruptions: list[Interruption] = []
    for sentence in words:
        said = await _said(voice, sentence)
        level = float(rng.choice(LEVELS_DBFS))
        sound = to_int16(at_level(to_float32(said), level))
        interruptions.append(Interruption(sentence, at, sound))
        at += said.size + round(float(rng.uniform(*after_s)) * VOICE_RATE)
    whole = rng.normal(0, ROOM_RMS, at)
    for one in interruptions:
        whole[one.begin : one.begin + one.sound.size] += one.sound
    return Line(np.clip(whole, -32_768, 32_767).astype(np.int16), tuple(interruptions))


async def _said(voice: Synthesizer, sentence: str) -> NDArray[np.int16]:
    """Speak the words, without the silence at both ends."""
    pcm = from_bytes(b"".join([piece async for piece in voice.speak(sentence)]))
    loud = np.flatnonzero(np.abs(pcm.astype(np.int32)) > EDGE * 32_768)
    return pcm[loud[0] : loud[-1] + 1]


class HissingVoice:
    """Synthesizer: another one, with a hiss under what it says."""

    def __init__(self, voice: Synthesizer) -> None:
        self._voice = voice
        self.model = voice.model
        self.sample_rate = voice.sample_rate
        hiss = np.random.default_rng(SEED).normal(0, HISS, samples_of(1_000, self.sample_rate))
        self._hiss = hiss.astype(np.int16)

    async def warm_up(self) -> None:
        """See `Synthesizer`."""
        await self._voice.warm_up()

    async def speak(
        self, text: str, *, speed: float = 1.0, facts: SpokenFacts | None = None
    ) -> AsyncGenerator[bytes, None]:
        """See `Synthesizer`."""
        async for piece in self._voice.speak(text, speed=speed, facts=facts):
            pcm = from_bytes(piece).astype(np.int32)
            hissing = pcm + np.resize(self._hiss, pcm.size)
            yield np.clip(hissing, -32_768, 32_767).astype("<i2").tobytes()

    async def close(self) -> None:
        """See `Synthesizer`."""
        await self._voice.close()
