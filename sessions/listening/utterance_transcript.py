"""What is known of the utterance that is on the tape: closed texts, the open segment, its words."""

from dataclasses import dataclass, field

from audio.speech import Transcript
from sessions.listening.local_agreement import Agreement, Caption

FORCE_SEGMENT_MS = 24_000.0
"""A segment is cut here without a pause: Whisper hears 30 s at once."""


@dataclass(slots=True)
class UtteranceTranscript:
    """Positions are samples of the tape."""

    segment_begin: int
    texts: list[str] = field(default_factory=list)
    confidences: list[tuple[float, int]] = field(default_factory=list)
    last: tuple[Transcript, int] | None = None
    """The newest transcript of the open segment, and where its sound ended."""

    early: tuple[Transcript | None, int] | None = None
    """The same of what was asked for when speech faltered, until a pause takes it; None in place of
    the transcript if it could not be had."""

    agreement: Agreement = field(default_factory=Agreement)
    """On the words of the open segment."""

    kept: "Kept | None" = None
    wanted: bool = False
    force_beyond_ms: float = FORCE_SEGMENT_MS

    @property
    def heard_to(self) -> int:
        """Where the sound ends whose words have been asked for."""
        ends = (known[1] for known in (self.last, self.early) if known is not None)
        return max((self.segment_begin, *ends))

    @property
    def text(self) -> str:
        """Of the closed segments."""
        return " ".join(self.texts)

    def caption(self) -> Caption:
        """All words so far; those of closed segments stay."""
        return self.agreement.caption().after(self.text)

    def tail_with(self, words: str) -> str | None:
        """What was said since the utterance was kept, with its newest words; None if it was not."""
        if self.kept is None:
            return None
        return " ".join(part for part in (*self.texts[self.kept.tail_from :], words) if part)

    def confidence_with(self, last: Transcript | None) -> float | None:
        """Mean confidence over all segments, weighted by their length."""
        parts = list(self.confidences)
        if last is not None and last.confidence is not None:
            parts.append((last.confidence, max(1, last.audio_ms)))
        total = sum(weight for _, weight in parts)
        return sum(value * weight for value, weight in parts) / total if total else None

    def close_segment(self, piece: Transcript, end: int) -> None:
        """The open segment ends at `end` with these words; another one begins."""
        if piece.text:
            self.texts.append(piece.text)
        if piece.confidence is not None:
            self.confidences.append((piece.confidence, max(1, piece.audio_ms)))
        self.open_segment(end)
        self.force_beyond_ms = FORCE_SEGMENT_MS

    def open_segment(self, begin: int) -> None:
        """Nothing is known of the words from `begin` on."""
        self.segment_begin = begin
        self.last = self.early = None
        self.agreement = Agreement()

    def keep(self) -> None:
        """The turn is closed for now: what follows is told apart."""
        begin, texts, confidences = self.segment_begin, len(self.texts), len(self.confidences)
        if self.last is not None:
            self.close_segment(*self.last)
        self.kept = Kept(begin, texts, confidences, tail_from=len(self.texts))

    def join(self, kept: "Kept") -> None:
        """The turn goes on: what was kept and what follows are one segment."""
        del self.texts[kept.texts :], self.confidences[kept.confidences :]
        self.open_segment(kept.segment_begin)


@dataclass(frozen=True, slots=True)
class Kept:
    """Where an utterance was kept: its open segment's begin, how many texts and confidences there
    were before that segment was closed, and which text is the first of the tail."""

    segment_begin: int
    texts: int
    confidences: int
    tail_from: int
