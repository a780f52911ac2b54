"""One reply as it grows: its sentences, their sound, and what is known of it."""

from dataclasses import dataclass, field

from sessions.interviewer.protocol import Move, Usage
from sessions.interviewer.speaking_rate import NORMAL_RATE


@dataclass(slots=True)
class VoicedSentence:
    """A sentence and where its audio lies: samples of the reply's own audio, `end` None while it
    is still being voiced, and for good where its voice broke off."""

    text: str
    begin: int
    end: int | None = None


@dataclass(slots=True)
class VoicedReply:
    """One generation as it grows: `pcm` is mono PCM16 at VOICE_RATE; `latency` maps stages to
    session ms; `complete` means that nothing will be added any more; `filler` is what it was begun
    with to bridge the wait, `pace` how fast it is spoken (see
    `sessions.interviewer.speaking_rate`).
    """

    generation: int
    written: list[str] = field(default_factory=list)
    sentences: list[VoicedSentence] = field(default_factory=list)
    pcm: bytearray = field(default_factory=bytearray)
    complete: bool = False
    filler: str = ""
    speaking_rate: int = NORMAL_RATE
    move: Move | None = None
    usage: Usage | None = None
    latency: dict[str, float] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Everything written for it so far."""
        return " ".join(self.written)

    @property
    def samples(self) -> int:
        """How much has been voiced so far."""
        return len(self.pcm) // 2
