"""Voiced reply: one reply as it grows, with its sentences, their sound, and its time stamps."""

from dataclasses import dataclass, field

import numpy as np

from audio.speech import VOICE_RATE, ServedBy
from sessions.interviewer.protocol import Move, Usage
from sessions.interviewer.speaking_rate import NORMAL_RATE

AUDIBLE = 200
"""Amplitude from which on a sample is heard: about -44 dBFS, below the softest consonant."""

LONGEST_TAIL = 2 * VOICE_RATE
"""Samples of silence at most that are looked for at the end of a reply: 2 s; voices put up to half
a second there."""


@dataclass(slots=True)
class VoicedSentence:
    """Sentence of a reply, and where its audio lies."""

    text: str
    """Words of the sentence."""

    begin: int
    """Position of its first sample in the reply's audio."""

    end: int | None = None
    """Position behind its last sample; None while it is being voiced, or if its voice broke off."""

    broken_off: list[tuple[int, int]] = field(default_factory=list)
    """Sound of it from before `begin`, from and to a position: voices that broke off while it was
    heard, so that another said it again."""


@dataclass(slots=True)
class VoicedReply:
    """Reply of one generation as it grows."""

    generation: int
    """Number of the generation."""

    written: list[str] = field(default_factory=list)
    """Sentences that were written, the filler included."""

    sentences: list[VoicedSentence] = field(default_factory=list)
    """Sentences of which there is audio."""

    pcm: bytearray = field(default_factory=bytearray)
    """Audio: mono PCM16 at VOICE_RATE."""

    sent: int = 0
    """Position up to which it was sent to a leg: what is behind it may still change."""

    complete: bool = False
    """Whether nothing will be added any more."""

    filler: str = ""
    """Filler with which the reply begins; "" for none."""

    speaking_rate: int = NORMAL_RATE
    """Speaking rate, in percent; see `sessions.interviewer.speaking_rate`."""

    move: Move | None = None
    """What the reply does, once the interviewer has decided."""

    usage: Usage | None = None
    """Cost of the reply, once it is known."""

    speakers: list[ServedBy] = field(default_factory=list)
    """Who has spoken, in the order of their first words."""

    failed_voices: tuple[str, ...] = ()
    """Voices that failed in this reply, and are not asked for the rest of it."""

    latency: dict[str, float] = field(default_factory=dict)
    """Session ms of each stage that was reached ("first_token"), and "underrun_ms" at the end."""

    @property
    def text(self) -> str:
        """Words that were written so far."""
        return " ".join(self.written)

    def note_said(self, sentence: VoicedSentence, said: str) -> None:
        """Note how the newest sentence was said: its voice may contract what it reads, or not.

        The record holds what was said. Where its words lie in the sound follows from it, too.
        """
        if said == sentence.text:
            return
        before = [other for other in self.sentences if other is not sentence]
        same = sum(other.text == sentence.text for other in before)
        places = [at for at, text in enumerate(self.written) if text == sentence.text]
        if same < len(places):
            self.written[places[same]] = said
        sentence.text = said

    @property
    def samples(self) -> int:
        """Number of samples that were voiced so far."""
        return len(self.pcm) // 2

    def note_speaker(self, provider: str, model: str) -> None:
        """Note who speaks now."""
        speaker = ServedBy(provider, model)
        if provider and speaker not in self.speakers:
            self.speakers.append(speaker)

    def begin_again(self, sentence: VoicedSentence, bridge: int) -> None:
        """Make room for another saying of the newest sentence, whose voice broke off.

        Sound of it that was not sent yet is not played. If some was, a pause of `bridge` samples
        comes between the two sayings.
        """
        kept = max(sentence.begin, min(self.sent, self.samples))
        del self.pcm[2 * kept :]
        if kept > sentence.begin:
            sentence.broken_off.append((sentence.begin, kept))
            self.pcm += bytes(2 * bridge)
        sentence.begin = self.samples

    @property
    def audible_to(self) -> int:
        """Position behind the last sound: what follows it is silence."""
        begin = max(0, self.samples - LONGEST_TAIL)
        tail = np.frombuffer(bytes(memoryview(self.pcm)[2 * begin : 2 * self.samples]), "<i2")
        loud = np.flatnonzero(np.abs(tail.astype(np.int32)) > AUDIBLE)
        return begin + (int(loud[-1]) + 1 if len(loud) else 0)
