"""From the candidate's sound to speech and transcript events.

Sound is kept on a tape from shortly before an utterance's onset until the utterance is dropped.
Closed segments go to the transcriber at pauses, with the text so far as the prompt, so that at the
end of a long answer only its last piece is left to do.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import structlog
from numpy.typing import NDArray

from audio.pcm import SILENCE_DBFS, level_dbfs, ms_of, samples_of
from audio.speech import SPEECH_RATE, SpeechError, Transcriber, Transcript
from audio.tape import Tape
from audio.vad import SpeechDetector, SpeechEdge, VadStream
from sessions.ears import Ears
from sessions.turntaking import events as ev

PRE_ROLL_MS = 320.0
"""Sound kept from before the onset: soft consonants precede what a detector calls speech."""

LATE_ONSET_MS = 128.0
"""So late at most is an onset certain (three windows of speech and one dip): the pre-roll must
still be there by then."""

CLOSE_SEGMENT_MS = 8_000.0
"""A segment at least this long is closed at the next pause: transcribing it again with every
further pause would cost more than the little context a new segment lacks."""

FORCE_SEGMENT_MS = 24_000.0
"""A segment is cut here without a pause: Whisper hears 30 s at once."""

CUT_SEARCH_MS = 4_000.0
"""The cut is made at the quietest spot of this much sound."""

PROMPT_CHARS = 400
"""Of the text so far, this much is given as the prompt (Whisper's own limit is 224 tokens)."""

UNWANTED_MS = 5_000.0
"""Speech whose words nobody has asked for so long after it ceased belongs to no turn (the end of
an answer that was cut off by the time limit, say): it is forgotten."""

log = structlog.get_logger()


@dataclass(slots=True)
class _Utterance:
    """What is known of the utterance that is on the tape. Positions are samples of the tape."""

    segment_begin: int
    texts: list[str] = field(default_factory=list)
    confidences: list[tuple[float, int]] = field(default_factory=list)
    last: tuple[Transcript, int] | None = None
    """The newest transcript of the open segment, and where its sound ended."""

    kept: "_Kept | None" = None
    wanted: bool = False
    force_beyond_ms: float = FORCE_SEGMENT_MS

    @property
    def text(self) -> str:
        return " ".join(self.texts)

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


@dataclass(frozen=True, slots=True)
class _Kept:
    """Where an utterance was kept: its open segment's begin, how many texts and confidences there
    were before that segment was closed, and which text is the first of the tail."""

    segment_begin: int
    texts: int
    confidences: int
    tail_from: int


class Hearing:
    """One session's ears. `post` takes events, `now` tells session ms, `spawn` starts a task that
    lives no longer than the session, `caption` is told (utterance, words so far)."""

    def __init__(
        self,
        *,
        ears: Ears,
        transcriber: Transcriber,
        language: str,
        terms: str,
        now: Callable[[], float],
        post: Callable[[ev.Event], None],
        spawn: Callable[[Coroutine[Any, Any, None]], object],
        caption: Callable[[int, str], None],
    ) -> None:
        self._ears = ears
        self._transcriber = transcriber
        self._language = language
        self._terms = terms
        self._now = now
        self._post = post
        self._spawn = spawn
        self._caption = caption
        self._tape = Tape(PRE_ROLL_MS + LATE_ONSET_MS, SPEECH_RATE)
        self._stream: VadStream | None = None
        self._detector = SpeechDetector()
        self._base = 0  # tape position at which the present stream began
        self._fed_at_ms = 0.0
        self._open: _Utterance | None = None
        self._onset = 0  # tape positions: where speech began and ceased last,
        self._ceased = 0
        self._asked_to = 0  # and up to where words were asked for
        self._turn = asyncio.Lock()  # one transcription at a time, in order
        self._forcing = False
        self.transcribe_ms = 0.0
        self.model = transcriber.model

    def attach(self) -> None:
        """A leg's sound begins."""
        self.detach()
        self._base = self._tape.end
        self._stream = self._ears.open(self._judged)

    def detach(self) -> None:
        """No more sound from this leg. What is on the tape stays until it is dropped."""
        if self._stream is not None:
            self._ears.close(self._stream)
            self._stream = None
        self._detector = SpeechDetector()

    def feed(self, samples: NDArray[np.int16]) -> None:
        """Take in mono PCM16 at 16 kHz; called for every frame, so it only appends."""
        if self._stream is None:
            return
        self._tape.append(samples)
        self._stream.feed(samples)
        self._fed_at_ms = self._now()

    def level_db(self) -> float:
        """How loud the last tenth of a second was, in dBFS."""
        if self._stream is None:
            return SILENCE_DBFS
        begin = max(self._tape.start, self._tape.end - SPEECH_RATE // 10)
        return level_dbfs(self._tape.slice(begin, self._tape.end))

    def finish(self, utterance: int, attempt: int) -> None:
        """Transcribe what the utterance holds up to now; TranscriptFinal or -Failed will follow."""
        self._asked_to = self._tape.end
        if self._open is not None:
            self._open.wanted = True
        self._spawn(self._finish(self._open, utterance, attempt, self._tape.end))

    def keep(self) -> None:
        """The turn is closed for now: what is said from here on is told apart as the tail."""
        utterance = self._open
        if utterance is None:
            return
        begin, texts = utterance.segment_begin, len(utterance.texts)
        confidences = len(utterance.confidences)
        if utterance.last is not None:
            self._close_segment(utterance, *utterance.last, release=False)
        utterance.kept = _Kept(begin, texts, confidences, tail_from=len(utterance.texts))

    def reopen(self) -> None:
        """The turn goes on: what was kept and what follows are transcribed as one, as far as one
        segment can hold both."""
        utterance = self._open
        if utterance is None or utterance.kept is None:
            return
        kept, utterance.kept = utterance.kept, None
        length_ms = ms_of(self._tape.end - kept.segment_begin, SPEECH_RATE)
        if length_ms <= FORCE_SEGMENT_MS and kept.segment_begin >= self._tape.start:
            del utterance.texts[kept.texts :], utterance.confidences[kept.confidences :]
            utterance.segment_begin, utterance.last = kept.segment_begin, None

    def drop(self) -> None:
        """The utterance on the tape is settled: forget it. If somebody is speaking again already,
        that is the beginning of another one."""
        self._open = self._utterance_from_onset() if self._detector.speaking else None
        self._tape.release(self._tape.end if self._open is None else self._open.segment_begin)

    # --- edges -----------------------------------------------------------------------------------

    def _judged(self, probabilities: NDArray[np.float32]) -> None:
        try:
            self._judge(probabilities)
        except Exception as error:  # of the program: it ends this session, not everybody's ears
            self._spawn(_fail(error))

    def _judge(self, probabilities: NDArray[np.float32]) -> None:
        for probability in probabilities:
            edge = self._detector.update(float(probability))
            if edge is not None:
                self._turn_edge(edge)
        position = self._base + self._detector.position
        utterance = self._open
        if utterance is None:
            self._tape.release(position)
        elif not self._detector.speaking:
            if not utterance.wanted and ms_of(position - self._ceased, SPEECH_RATE) > UNWANTED_MS:
                self._open = None
        elif not self._forcing and self._segment_ms(self._tape.end) > utterance.force_beyond_ms:
            self._forcing = True
            self._spawn(self._force_segment(utterance))

    def _turn_edge(self, edge: SpeechEdge) -> None:
        position = self._base + edge.sample
        at_ms = self._fed_at_ms - ms_of(self._tape.end - position, SPEECH_RATE)
        if edge.started:
            self._onset = position
            if self._open is None:
                self._open = self._utterance_from_onset()
            self._post(ev.SpeechStarted(at_ms))
        else:
            self._ceased = position
            self._post(ev.SpeechStopped(at_ms))

    def _utterance_from_onset(self) -> _Utterance:
        """With its pre-roll, but without sound that was transcribed before."""
        begin = self._onset - samples_of(PRE_ROLL_MS, SPEECH_RATE)
        return _Utterance(max(begin, self._tape.start, self._asked_to))

    # --- words -----------------------------------------------------------------------------------

    def _segment_ms(self, end: int) -> float:
        return ms_of(end - self._open.segment_begin, SPEECH_RATE) if self._open else 0.0

    async def _finish(
        self, opened: _Utterance | None, utterance: int, attempt: int, end: int
    ) -> None:
        if opened is None:
            self._post(ev.TranscriptFinal(utterance, attempt, ""))
            return
        async with self._turn:
            begin = opened.segment_begin
            piece = await self._transcribe(opened, end) if self._open is opened else None
            if self._open is not opened or opened.segment_begin != begin:
                return  # settled without these words, or reopened: the whole is asked for anew
            if piece is None and not opened.text:
                self._post(ev.TranscriptFailed(utterance, attempt))
                return
            words = "" if piece is None else piece.text
            text = " ".join(part for part in (opened.text, words) if part)
            tail = opened.tail_with(words)
            confidence = opened.confidence_with(piece)
            opened.last = None if piece is None else (piece, end)
            if piece is not None and self._segment_ms(end) >= CLOSE_SEGMENT_MS:
                self._close_segment(opened, piece, end)
        if text:
            self._caption(utterance, text)
            self._post(ev.TranscriptPartial(utterance, text, tail))
        self._post(ev.TranscriptFinal(utterance, attempt, text, confidence, tail))

    async def _force_segment(self, utterance: _Utterance) -> None:
        """Close a segment in the middle of speech, at its quietest spot."""
        try:
            async with self._turn:
                end = self._tape.end
                if self._open is not utterance or self._segment_ms(end) <= FORCE_SEGMENT_MS:
                    return
                begin = end - samples_of(CUT_SEARCH_MS, SPEECH_RATE)
                cut = begin + _quietest(self._tape.slice(begin, end))
                segment_begin = utterance.segment_begin
                piece = await self._transcribe(utterance, cut)
                if piece is None:
                    utterance.force_beyond_ms += CLOSE_SEGMENT_MS
                elif self._open is utterance and utterance.segment_begin == segment_begin:
                    self._close_segment(utterance, piece, cut)
        finally:
            self._forcing = False

    def _close_segment(
        self, utterance: _Utterance, piece: Transcript, end: int, *, release: bool = True
    ) -> None:
        if piece.text:
            utterance.texts.append(piece.text)
        if piece.confidence is not None:
            utterance.confidences.append((piece.confidence, max(1, piece.audio_ms)))
        utterance.segment_begin = end
        utterance.force_beyond_ms = FORCE_SEGMENT_MS
        utterance.last = None
        if release:
            self._tape.release(end)

    async def _transcribe(self, utterance: _Utterance, end: int) -> Transcript | None:
        audio = self._tape.slice(utterance.segment_begin, end)
        if not audio.size:  # all of it was transcribed before
            return Transcript("", None, 0, 0.0, self.model)
        prompt = f"{self._terms} {utterance.text}".strip()[-PROMPT_CHARS:]
        try:
            piece = await self._transcriber.transcribe(
                audio, prompt=prompt, language=self._language
            )
        except SpeechError as error:
            log.warning("transcription failed", problem=str(error), audio_ms=len(audio) / 16)
            return None
        self.transcribe_ms = piece.compute_ms
        return piece


async def _fail(error: Exception) -> None:
    raise error


def _quietest(samples: NDArray[np.int16]) -> int:
    """The middle of the quietest 100 ms, looked for in steps of 20 ms; a sample index."""
    step = SPEECH_RATE // 50
    frames = samples[: len(samples) // step * step].reshape(-1, step).astype(np.float64)
    if len(frames) < 5:
        return len(samples)
    energy = np.convolve((frames**2).sum(axis=1), np.ones(5), mode="valid")
    return (int(energy.argmin()) * step) + 5 * step // 2
