"""From the candidate's sound to speech and transcript events.

Sound is kept on a tape from shortly before an utterance's onset until the utterance is dropped.
Closed segments go to the transcriber at pauses, with the text so far as the prompt, so that at the
end of a long answer only its last piece is left to do. Transcription begins when speech falters,
before that is certain to be a pause; while it does not falter, glimpses make live captions.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import numpy as np
import structlog
from numpy.typing import NDArray

from audio.pcm import SILENCE_DBFS, ms_of, samples_of
from audio.smart_turn import INPUT_S, TurnModel
from audio.speech import SPEECH_RATE, SpeechError, Transcriber, Transcript
from audio.speech_buffer import SpeechBuffer, quietest
from audio.vad import TELEPHONE_RULES, WINDOW, SpeechDetector, SpeechEdge, VadRules, VadStream
from sessions.listening.gap_filler import GapFiller
from sessions.listening.live_captions import Interim, LiveCaptions, fail
from sessions.listening.local_agreement import Caption
from sessions.listening.microphone_check import MicrophoneWatch
from sessions.listening.transcription import WORDS_WITHIN_S, Transcription
from sessions.listening.utterance_transcript import FORCE_SEGMENT_MS, UtteranceTranscript
from sessions.listening.vad_ticker import VadTicker
from sessions.turntaking import events as ev

PRE_ROLL_MS = 320.0
"""Sound kept from before the onset: soft consonants precede what a detector calls speech."""

LATE_ONSET_MS = 128.0
"""So late at most is an onset certain (three windows of speech and one dip): the pre-roll must
still be there by then."""

CLOSE_SEGMENT_MS = 8_000.0
"""A segment at least this long is closed at the next pause: transcribing it again with every
further pause would cost more than the little context a new segment lacks."""

CUT_SEARCH_MS = 4_000.0
"""The cut is made at the quietest spot of this much sound."""

EARLY_GAP_MS = 500.0
"""Speech that falters sooner than this after the sound of the newest transcript waits until it is a
pause: stammering must not make a request a stumble."""

UNWANTED_MS = 5_000.0
"""Speech whose words nobody has asked for so long after it ceased belongs to no turn (the end of
an answer that was cut off by the time limit, say): it is forgotten."""

UNSENT_MS = 1_000.0
"""Less than this without sound is a network's jitter."""

log = structlog.get_logger()


class Listener:
    """One session's ears. `post` takes events, `now` tells session ms, `spawn` starts a task that
    lives no longer than the session. `terms` tells words to expect, `utterance` the number of the
    present one, and `caption` is told (utterance, words so far). With `interim` it hears while they
    speak: live captions, and words that are asked for as soon as speech falters. Without, nothing
    is asked before a pause is certain and `finish` is called: fewer requests. `trouble` is told the
    code of what is wrong with the sound."""

    def __init__(
        self,
        *,
        vad_ticker: VadTicker,
        transcriber: Transcriber,
        language: str,
        terms: Callable[[], str],
        now: Callable[[], float],
        post: Callable[[ev.Event], None],
        spawn: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None] | None],
        caption: Callable[[int, Caption], None],
        utterance: Callable[[], int],
        interim: Interim | None = None,
        turn_model: TurnModel | None = None,
        trouble: Callable[[str], None] = lambda code: None,
    ) -> None:
        self._turn_model = turn_model
        self._vad_ticker = vad_ticker
        self._transcription = Transcription(transcriber, language, terms)
        self._now = now
        self._post = post
        self._spawn = spawn
        self._caption = caption
        self._live_captions = LiveCaptions(interim, language, spawn, caption, utterance)
        self._buffer = SpeechBuffer(PRE_ROLL_MS + LATE_ONSET_MS, SPEECH_RATE)
        self._stream: VadStream | None = None
        self._rules = VadRules()
        self._detector = SpeechDetector(self._rules)
        self._over_reply = False
        self._base = 0  # tape position at which the present stream began
        self._fed_at_ms = 0.0
        self._open: UtteranceTranscript | None = None
        self._onset = 0  # tape positions: where speech began and ceased last,
        self._ceased = 0
        self._asked_to = 0  # and up to where words were asked for
        self._hearing_early: tuple[asyncio.Task[None], int] | None = None
        self._turn = asyncio.Lock()  # one transcription at a time, in order
        self._forcing = False
        self._faltered = 0  # where speech faltered last, and was asked for its words
        self._voiced = False  # the last edge that was told was an onset
        self._ends_at: int | None = None  # tape position at which the answer was ended by hand
        self._microphone = MicrophoneWatch(post, trouble)
        self._gap_filler = GapFiller(self._unsent_ms, lambda: self._detector.speaking, self._append)
        self.transcribe_ms = 0.0
        self.model = transcriber.model

    def attach(self, *, telephone: bool = False) -> None:
        """A leg's sound begins."""
        self.detach()
        self._gap_filler.begin(telephone=telephone)
        self._rules = TELEPHONE_RULES if telephone else VadRules()
        self._begin_anew()
        self._base = self._buffer.end
        self._fed_at_ms = self._now()
        self._microphone.begin(self._base, gated=telephone)
        self._stream = self._vad_ticker.open(self._judged, self._watch)

    def detach(self) -> None:
        """No more sound from this leg. What is on the tape stays until it is dropped."""
        if self._stream is not None:
            self._vad_ticker.close(self._stream)
            self._stream = None
        if self._detector.speaking:
            self._ceased = self._buffer.end
        self._live_captions.look_away()
        self._begin_anew()
        self._voiced, self._ends_at = False, None
        self._gap_filler.end()

    def _begin_anew(self) -> None:
        self._detector = SpeechDetector(self._rules)
        self._detector.early_onset = self._over_reply

    def over_reply(self, sounding: bool) -> None:
        """Whether the interviewer is speaking: then a voice is to be noticed as soon as it can be
        guessed at."""
        self._over_reply = self._detector.early_onset = sounding

    def feed(self, samples: NDArray[np.int16]) -> None:
        """Take in mono PCM16 at 16 kHz; called for every frame, so it only appends."""
        self._gap_filler.sounds()
        self._append(samples)

    def _append(self, samples: NDArray[np.int16]) -> None:
        if self._stream is None:
            return
        self._buffer.append(samples)
        self._stream.feed(samples)
        self._fed_at_ms = self._now()

    def end_answer(self) -> None:
        """The answer is ended by hand: as soon as all that was fed is judged, the voice counts as
        having ceased, and AnswerEnded is posted. Pauses before that are no pauses: sound may come
        in one piece and be judged faster than it was spoken."""
        if self._stream is not None:
            self._ends_at = self._buffer.end
            self.feed(np.zeros(WINDOW, dtype=np.int16))  # or the last piece of a window waits

    def level_db(self) -> float:
        """How loud the last tenth of a second was, in dBFS."""
        return SILENCE_DBFS if self._stream is None else self._buffer.level_db(SPEECH_RATE // 10)

    def finish(self, utterance: int, attempt: int) -> None:
        """Transcribe what the utterance holds up to now; TranscriptFinal or -Failed will follow."""
        self._asked_to = self._buffer.end
        self._live_captions.look_away()
        if self._open is not None:
            self._open.wanted = True
        spoken_to = self._buffer.end if self._detector.speaking else self._ceased
        self._spawn(self._finish(self._open, utterance, attempt, spoken_to, self._buffer.end))
        if self._turn_model is not None and not self._detector.speaking:
            self._spawn(hear_ending(self._turn_model, self._buffer, utterance, attempt, self._post))

    def keep(self) -> None:
        """The turn is closed for now: what is said from here on is told apart as the tail."""
        if self._open is not None:
            self._open.keep()

    def reopen(self) -> None:
        """The turn goes on: what was kept and what follows are transcribed as one, as far as one
        segment can hold both."""
        utterance = self._open
        if utterance is None or utterance.kept is None:
            return
        kept, utterance.kept = utterance.kept, None
        length_ms = ms_of(self._buffer.end - kept.segment_begin, SPEECH_RATE)
        if length_ms <= FORCE_SEGMENT_MS and kept.segment_begin >= self._buffer.start:
            utterance.join(kept)

    def drop(self) -> None:
        """The utterance on the tape is settled: forget it. If somebody is speaking again already,
        that is the beginning of another one."""
        self._open = self._utterance_from_onset() if self._detector.speaking else None
        self._buffer.release(self._buffer.end if self._open is None else self._open.segment_begin)

    @property
    def clipped_share(self) -> float | None:
        """Share of the speech that is cut off at full scale, where it is worth knowing."""
        return self._microphone.clipped_share

    # --- edges -----------------------------------------------------------------------------------

    def _judged(self, probabilities: NDArray[np.float32]) -> None:
        try:
            self._judge(probabilities)
        except Exception as error:  # of the program: it ends this session, not everybody's ears
            self._spawn(fail(error))

    def _watch(self) -> None:
        if self._unsent_ms() >= UNSENT_MS:
            self._microphone.wait(self._unsent_ms())

    def _unsent_ms(self) -> float:
        return self._now() - self._fed_at_ms

    def _judge(self, probabilities: NDArray[np.float32]) -> None:
        for probability in probabilities:
            edge = self._detector.update(float(probability))
            if edge is not None:
                self._turn_edge(edge)
            elif self._detector.silence_start is not None:
                self._falter(self._base + self._detector.silence_start)
            if self._ends_at is not None and self._judged_to >= self._ends_at:
                self._answer_ended()
        position = self._judged_to
        self._microphone.look(self._buffer, position, voiced=self._detector.speaking)
        utterance = self._open
        if utterance is None:
            self._buffer.release(position)
        elif not self._detector.speaking:
            if not utterance.wanted and ms_of(position - self._ceased, SPEECH_RATE) > UNWANTED_MS:
                self._open = None
        elif not self._forcing and self._segment_ms(self._buffer.end) > utterance.force_beyond_ms:
            self._forcing = True
            self._live_captions.look_away()
            self._spawn(self._force_segment(utterance))
        elif self._live_captions.due(self._buffer.end) and not self._turn.locked():
            self._look(utterance)

    @property
    def _judged_to(self) -> int:
        return self._base + self._detector.position

    def _turn_edge(self, edge: SpeechEdge) -> None:
        position = self._base + edge.sample
        if edge.started:
            self._onset = position
            if self._open is None:
                self._open = self._utterance_from_onset()
            self._live_captions.looked(position)
            self._tell_voice(True, position)
            self._gap_filler.watch()
        else:
            self._ceased = position
            if self._ends_at is None:
                self._tell_voice(False, position, edge.doubtful)

    def _tell_voice(self, voiced: bool, position: int, doubtful: bool = False) -> None:
        if voiced == self._voiced:
            return
        self._voiced = voiced
        ago_ms = ms_of(self._buffer.end - position, SPEECH_RATE)
        at_ms = max(0.0, self._fed_at_ms - ago_ms)  # more may come at once than time has passed
        self._post(ev.SpeechStarted(at_ms) if voiced else ev.SpeechStopped(at_ms, doubtful))

    def _answer_ended(self) -> None:
        self._ends_at = None
        if self._detector.speaking:
            self._ceased = self._judged_to
        self._tell_voice(False, self._ceased)
        self._base = self._judged_to
        self._begin_anew()
        self._post(ev.AnswerSubmitted())

    def _utterance_from_onset(self) -> UtteranceTranscript:
        """With its pre-roll, but without sound that was transcribed before."""
        begin = self._onset - samples_of(PRE_ROLL_MS, SPEECH_RATE)
        return UtteranceTranscript(max(begin, self._buffer.start, self._asked_to))

    # --- words -----------------------------------------------------------------------------------

    def _segment_ms(self, end: int) -> float:
        return ms_of(end - self._open.segment_begin, SPEECH_RATE) if self._open else 0.0

    def _falter(self, position: int) -> None:
        """Speech has ceased at `position`, perhaps only between two words: the sooner its words are
        asked for, the sooner they are there if it is a pause."""
        utterance = self._open
        if not self._live_captions.allowed or utterance is None or position == self._faltered:
            return
        if self._turn.locked() or self._hearing_early is not None:
            return
        if ms_of(position - utterance.heard_to, SPEECH_RATE) < EARLY_GAP_MS:
            return
        self._faltered = position
        self._live_captions.look_away()
        end = self._buffer.end
        task = self._spawn(self._hear_early(utterance, end))
        self._hearing_early = None if task is None else (task, end)

    async def _hear_early(self, utterance: UtteranceTranscript, end: int) -> None:
        """Beside what else is asked for: if speech goes on, nobody waits for this."""
        begin = utterance.segment_begin
        try:
            piece = await self._transcription.write(self._sound(utterance, end), utterance.text)
        finally:
            self._hearing_early = None
        if self._open is not utterance or utterance.segment_begin != begin:
            return
        if end <= utterance.heard_to:  # more is known by now
            return
        utterance.early = (piece, end)
        self._live_captions.looked(end)
        if piece is not None and self._detector.speaking:
            self._live_captions.show(utterance, piece.text)

    async def _finish(
        self,
        opened: UtteranceTranscript | None,
        utterance: int,
        attempt: int,
        spoken_to: int,
        end: int,
    ) -> None:
        """`spoken_to` is where speech ceased; beyond it is silence up to `end`."""
        if opened is None:
            self._post(ev.TranscriptFinal(utterance, attempt, ""))
            return
        async with self._turn:
            begin = opened.segment_begin
            if self._hearing_early is not None and self._hearing_early[1] > spoken_to:
                await asyncio.wait([self._hearing_early[0]], timeout=WORDS_WITHIN_S)
            early, opened.early = opened.early, None
            if early is not None and early[1] > spoken_to:
                piece, end = early
            else:
                piece = None
                if self._open is opened:
                    sound = self._sound(opened, end)
                    piece = await self._transcription.write_in_time(sound, opened.text)
            if self._open is not opened or opened.segment_begin != begin:
                return  # settled without these words, or reopened: the whole is asked for anew
            known = opened.last[0] if piece is None and opened.last is not None else piece
            if known is None and not opened.text:
                self._post(ev.TranscriptFailed(utterance, attempt))
                return
            words = "" if known is None else known.text
            text = " ".join(part for part in (opened.text, words) if part)
            tail = opened.tail_with(words)
            confidence = opened.confidence_with(known)
            opened.agreement.take(words)
            caption = opened.caption()
            if piece is not None:
                opened.last = piece, end
                self.transcribe_ms = piece.compute_ms
                if self._segment_ms(end) >= CLOSE_SEGMENT_MS:
                    self._close_segment(opened, piece, end)
        if text:
            self._caption(utterance, Caption(text, caption.stable_words))
            self._post(ev.TranscriptPartial(utterance, text, tail))
        self._post(ev.TranscriptFinal(utterance, attempt, text, confidence, tail))

    async def _force_segment(self, utterance: UtteranceTranscript) -> None:
        """Close a segment in the middle of speech, at its quietest spot."""
        try:
            async with self._turn:
                end = self._buffer.end
                if self._open is not utterance or self._segment_ms(end) <= FORCE_SEGMENT_MS:
                    return
                begin = end - samples_of(CUT_SEARCH_MS, SPEECH_RATE)
                cut = begin + quietest(self._buffer.slice(begin, end), SPEECH_RATE)
                segment_begin = utterance.segment_begin
                piece = await self._transcription.write(self._sound(utterance, cut), utterance.text)
                if piece is None:
                    utterance.force_beyond_ms += CLOSE_SEGMENT_MS
                elif self._open is utterance and utterance.segment_begin == segment_begin:
                    self._close_segment(utterance, piece, cut)
        finally:
            self._forcing = False

    def _close_segment(self, utterance: UtteranceTranscript, piece: Transcript, end: int) -> None:
        utterance.close_segment(piece, end)
        self._buffer.release(end)

    def _sound(self, utterance: UtteranceTranscript, end: int) -> NDArray[np.int16]:
        return self._buffer.slice(utterance.segment_begin, end)

    def _look(self, utterance: UtteranceTranscript) -> None:
        begin, end = utterance.segment_begin, self._buffer.end
        self._live_captions.look(
            utterance,
            self._buffer.slice(begin, end),
            self._transcription.prompt(utterance.text),
            end,
            lambda: self._open is utterance and utterance.segment_begin == begin,
        )


log = structlog.get_logger()


async def hear_ending(
    model: TurnModel,
    buffer: SpeechBuffer,
    utterance: int,
    attempt: int,
    post: Callable[[ev.Event], None],
) -> None:
    """Post how finished the last of what is on the tape sounds; if it cannot be told, nothing: the
    words alone decide."""
    begin = max(buffer.start, buffer.end - INPUT_S * SPEECH_RATE)
    try:
        finished = await model.finished(buffer.slice(begin, buffer.end))
    except SpeechError as error:
        log.warning("ending not judged", problem=str(error))
    else:
        post(ev.EndOfTurnScored(utterance, attempt, finished))
