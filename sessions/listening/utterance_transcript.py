"""Utterance transcript: closed segments, the open segment, and the words known of each."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from audio.pcm import ms_of
from audio.speech import SPEECH_RATE, ServedBy, Transcript
from audio.speech_buffer import SpeechBuffer
from sessions.listening.local_agreement import Agreement, CaptionText
from sessions.listening.transcription import WordsRequest
from sessions.turntaking import events as ev

FORCE_SEGMENT_MS = 24_000.0
"""Length at which a segment is cut without a pause: Whisper takes 30 s at once."""

CUT_SEARCH_MS = 4_000.0
"""Length of sound in which the quietest spot is searched for a cut."""


@dataclass(slots=True)
class UtteranceTranscript:
    """Transcript of the utterance in the speech buffer. Positions are samples of the buffer."""

    segment_begin: int
    """Position at which the open segment begins."""

    texts: list[str] = field(default_factory=list)
    """Words of the closed segments."""

    confidences: list[tuple[float, int]] = field(default_factory=list)
    """Confidence of each closed segment that has one, and its length in ms."""

    closed_by: list[ServedBy] = field(default_factory=list)
    """Who has heard the closed segments, each once."""

    own_confidence: bool = False
    """Whether any of them is Viva's own."""

    last: tuple[Transcript, int] | None = None
    """Newest transcript of the open segment, and where its sound ended."""

    early: tuple[Transcript | None, int] | None = None
    """Transcript that was requested when the voice stopped, and where its sound ended, until a
    pause takes it; None in place of the transcript if it failed."""

    request: WordsRequest | None = None
    """Newest request for the words of the open segment."""

    agreement: Agreement = field(default_factory=Agreement)
    """Agreement on the words of the open segment."""

    tail_start: "TailStart | None" = None
    """Where the tail begins; None unless the turn is closed for now."""

    kept: bool = False
    """Whether a turn with its words, or the beginning of them, is on record."""

    wanted: bool = False
    """Whether anybody has requested the words of this utterance."""

    force_beyond_ms: float = FORCE_SEGMENT_MS
    """Length at which the open segment is cut without a pause."""

    @property
    def requested_to(self) -> int:
        """Position up to which words have been requested."""
        ends = (known[1] for known in (self.last, self.early) if known is not None)
        return max((self.segment_begin, *ends))

    @property
    def closed_text(self) -> str:
        """Words of the closed segments."""
        return " ".join(self.texts)

    @property
    def known(self) -> bool:
        """Whether words of it are known."""
        return self.last is not None or bool(self.closed_text)

    def take_early(self, spoken_to: int) -> tuple[Transcript | None, int] | None:
        """Return the early transcript and where its sound ended, if it holds all that was spoken.

        It is of use once. In place of the transcript stands None if it failed.
        """
        early, self.early = self.early, None
        return None if early is None or early[1] <= spoken_to else early

    def final(
        self, utterance: int, attempt: int, piece: Transcript | None, *, echo: bool = False
    ) -> ev.TranscriptFinal | None:
        """Return all words, with these of the open segment, or None if nothing is known.

        Without new ones (`piece` is None), those known of it stand, and the end is missing. Of our
        own echo nothing is taken for words.
        """
        if echo:
            self.cancel_overdue()
            return ev.TranscriptFinal(utterance, attempt, "")
        known = self.last[0] if piece is None and self.last is not None else piece
        if known is None and not self.closed_text:
            if not self.kept:  # there is no turn that late words could complete
                self.cancel_overdue()
            return None
        words = "" if known is None else known.text
        self.agreement.add(words)
        return ev.TranscriptFinal(
            utterance,
            attempt,
            " ".join(part for part in (self.closed_text, words) if part),
            self.confidence_with(known),
            self.tail_with(words),
            short=piece is None,
            own_confidence=self.own_confidence or (known is not None and known.own_confidence),
        )

    def partial(self, utterance: int, words: str) -> ev.TranscriptPartial:
        """Return all words, with these of the open segment, which may still change."""
        text = f"{self.closed_text} {words}".strip()
        return ev.TranscriptPartial(utterance, text, self.tail_with(words))

    def on_late(
        self, utterance: int, attempt: int, post: Callable[[ev.Event], None]
    ) -> Callable[[Transcript], None]:
        """Return what posts words of the open segment that come late."""
        told = self.closed_text if self.tail_start is None else self.tail_with("") or ""

        def post_late(piece: Transcript) -> None:
            if piece.text:
                text = f"{told} {piece.text}".strip()
                own = piece.own_confidence
                post(ev.LateWords(utterance, attempt, text, piece.confidence, own))

        return post_late

    def cancel_overdue(self) -> None:
        """Give up words that nobody waits for any more."""
        if self.request is not None and self.request.overdue:
            self.request.cancel()

    def caption(self) -> CaptionText:
        """Return all words so far; those of closed segments stay."""
        return self.agreement.caption().after(self.closed_text)

    def tail_with(self, words: str) -> str | None:
        """Return the words of the tail, with the newest; None unless the turn is closed for now."""
        if self.tail_start is None:
            return None
        return " ".join(part for part in (*self.texts[self.tail_start.tail_from :], words) if part)

    def confidence_with(self, last: Transcript | None) -> float | None:
        """Return the mean confidence over all segments, weighted by their length."""
        parts = list(self.confidences)
        if last is not None and last.confidence is not None:
            parts.append((last.confidence, max(1, last.audio_ms)))
        total = sum(weight for _, weight in parts)
        return sum(value * weight for value, weight in parts) / total if total else None

    def segment_ms(self, end: int) -> float:
        """Return the length of the open segment up to `end`, in ms."""
        return ms_of(end - self.segment_begin, SPEECH_RATE)

    def is_too_long(self, end: int) -> bool:
        """Return whether the open segment, up to `end`, must be cut without a pause."""
        return self.segment_ms(end) > self.force_beyond_ms

    def is_far_too_long(self, end: int) -> bool:
        """Return whether no falter of the voice can be waited for any more."""
        return self.segment_ms(end) >= self.force_beyond_ms + CUT_SEARCH_MS

    def sound(self, buffer: SpeechBuffer, end: int) -> NDArray[np.int16]:
        """Return the sound of the open segment up to `end`: mono PCM16 at 16 kHz, shape (n,)."""
        return buffer.slice(self.segment_begin, end)

    def close_segment(self, piece: Transcript, end: int) -> None:
        """End the open segment at `end` with these words, and begin another one."""
        if piece.text:
            self.texts.append(piece.text)
        self.closed_by = self._heard_by(piece)
        if piece.confidence is not None:
            self.confidences.append((piece.confidence, max(1, piece.audio_ms)))
            self.own_confidence |= piece.own_confidence
        self.open_segment(end)
        self.force_beyond_ms = FORCE_SEGMENT_MS

    @property
    def heard_by(self) -> list[ServedBy]:
        """Who has heard it so far, each once."""
        return self.closed_by if self.last is None else self._heard_by(self.last[0])

    def _heard_by(self, last: Transcript) -> list[ServedBy]:
        if not last.text or not last.provider:
            return self.closed_by
        return list(dict.fromkeys([*self.closed_by, ServedBy(last.provider, last.model)]))

    def open_segment(self, begin: int) -> None:
        """Begin a segment at `begin`, of whose words nothing is known."""
        self.segment_begin = begin
        self.last = self.early = None
        self.agreement = Agreement()

    def begin_tail(self) -> None:
        """Close the turn for now: what follows is the tail."""
        begin, texts, confidences = self.segment_begin, len(self.texts), len(self.confidences)
        if self.last is not None:
            self.close_segment(*self.last)
        self.kept = True
        self.tail_start = TailStart(begin, texts, confidences, tail_from=len(self.texts))

    def join_tail(self, tail_start: "TailStart") -> None:
        """Go on with the turn: what was closed and the tail are one segment."""
        del self.texts[tail_start.texts :], self.confidences[tail_start.confidences :]
        self.open_segment(tail_start.segment_begin)


@dataclass(frozen=True, slots=True)
class TailStart:
    """State at the moment the turn was closed for now."""

    segment_begin: int
    """Position at which the open segment began."""

    texts: int
    """Number of closed texts before that segment was closed."""

    confidences: int
    """Number of confidences before that segment was closed."""

    tail_from: int
    """Index of the first text of the tail."""
