"""Listener: from the candidate's sound to speech and transcript events.

Sound is buffered from shortly before an utterance's onset until the utterance is dropped. Closed
segments go to the transcriber at pauses, with the text so far as the prompt, so that at the end of
a long answer only its last piece is left to do. Transcription begins when the voice stops, before
that is certain to be a pause; while it goes on, interim transcriptions make live captions. With a
streaming transcriber the sound goes up as it is spoken, and a pause asks for the end of its words.
"""

import asyncio
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from audio.pcm import SILENCE_DBFS, ms_of, samples_of
from audio.smart_turn import TurnModel
from audio.speech import SPEECH_RATE, ServedBy, Transcriber, Transcript
from audio.speech_buffer import SpeechBuffer, quietest
from audio.vad import TELEPHONE_RULES, WINDOW, SpeechDetector, SpeechEdge, VadRules, VadStream
from sessions.listening.edge_reporter import EdgeReporter
from sessions.listening.gap_filler import GapFiller
from sessions.listening.line_echo import LineEcho, NoEcho
from sessions.listening.live_captions import Interim, LiveCaptions
from sessions.listening.local_agreement import CaptionText
from sessions.listening.microphone_check import MicrophoneWatch
from sessions.listening.streamed_speech import StreamedSpeech
from sessions.listening.transcription import WORDS_WITHIN_S, Transcription
from sessions.listening.turn_score import score_end_of_turn
from sessions.listening.utterance_transcript import (
    CUT_SEARCH_MS,
    FORCE_SEGMENT_MS,
    UtteranceTranscript,
)
from sessions.listening.vad_ticker import VadTicker, failing_alone
from sessions.side_tasks import Spawn
from sessions.turntaking import events as ev

PRE_ROLL_MS = 320.0
"""Sound kept from before the onset: soft consonants precede what a detector calls speech."""

LATE_ONSET_MS = 128.0
"""Longest delay until an onset is certain (three windows of speech and one dip): the pre-roll must
still be there by then."""

CLOSE_SEGMENT_MS = 8_000.0
"""Length from which on a segment is closed at the next pause: transcribing it again with every
further pause would cost more than the little context a new segment lacks."""

EARLY_GAP_MS = 500.0
"""Time after the sound of the newest transcript in which a silence must be certain to be a pause
before it is transcribed: stammering must not make a request each time."""

UNWANTED_MS = 5_000.0
"""Time after which speech whose words nobody has requested belongs to no turn (the end of an answer
that was cut off by the time limit, say) and is dropped."""


class Listener:
    """Voice activity detection, endpoint scores and transcription for one session.

    `post` takes events, `now` returns session ms, `spawn` starts a task that lives no longer than
    the session. `terms` returns words to expect, `utterance` the number of the present utterance,
    and `on_caption` takes (utterance, words so far). With `interim`, words are transcribed during
    speech: live captions, and a transcript that is requested as soon as the voice stops. Without
    it, nothing is requested before a pause is certain and `finish` is called: fewer requests.
    `on_trouble` takes the code of what is wrong with the sound. Words that `finish` asks for and
    that are not there `words_within_s` later are reported without their end, which may come late.
    With a stream in `streamed`, `transcriber` is asked only for what is wanted in the midst of
    speech, and where the stream fails.
    """

    def __init__(
        self,
        *,
        vad_ticker: VadTicker,
        transcriber: Transcriber,
        language: str,
        terms: Callable[[], str],
        now: Callable[[], float],
        post: Callable[[ev.Event], None],
        spawn: Spawn,
        on_caption: Callable[[int, CaptionText], None],
        utterance: Callable[[], int],
        interim: Interim | None = None,
        turn_model: TurnModel | None = None,
        on_trouble: Callable[[str], None] = lambda code: None,
        words_within_s: float = WORDS_WITHIN_S,
        streamed: StreamedSpeech | None = None,
    ) -> None:
        self._turn_model, self._vad_ticker = turn_model, vad_ticker
        self.transcription = Transcription(transcriber, language, terms)
        self._now = now
        self._post = post
        self._spawn = spawn
        self._on_caption = on_caption
        self._live_captions = LiveCaptions(interim, language, spawn, on_caption, utterance)
        self._buffer = SpeechBuffer(PRE_ROLL_MS + LATE_ONSET_MS, SPEECH_RATE)
        self._stream: VadStream | None = None
        self._rules = VadRules()
        self._detector = SpeechDetector(self._rules)
        self._reply_playing = self._forcing = False
        self.words_owed = False  # nobody has requested them yet, but will: they are kept until then
        self._base = 0  # buffer position at which the present stream began
        self._fed_at_ms = self.transcribe_ms = 0.0
        self._open: UtteranceTranscript | None = None
        self._echo: LineEcho | NoEcho = NoEcho()
        # buffer positions: where speech began and stopped, and to where words were requested
        self._onset = self._stopped_at = self._requested_to = 0
        self._early_task: tuple[asyncio.Task[None], int] | None = None
        self._lock = asyncio.Lock()  # one transcription at a time, in order
        self._words_within_s, self._newest_attempt = words_within_s, 0  # of `finish`
        self._early_at = 0  # where the voice stopped when words were last requested early
        self._edges = EdgeReporter(post)
        self._answer_ends_at: int | None = None  # where the answer was ended by hand
        self.microphone = MicrophoneWatch(post, on_trouble)
        self._gap_filler = GapFiller(
            lambda: now() - self._fed_at_ms, lambda: self._detector.speaking, self._append
        )
        self.streamed = streamed or StreamedSpeech()
        self.model = transcriber.model
        self.heard_by: list[ServedBy] = []  # the present utterance, each once

    def attach(self, *, telephone: bool = False, echo: LineEcho | None = None) -> None:
        """Begin with a leg's sound; `echo` is kept out of it."""
        self.detach()
        self._echo = echo or NoEcho()
        self._echo.speech = lambda: (
            self._onset,
            self._judged_to if self._detector.speaking else self._stopped_at,
        )
        self.streamed.on_partial = self._on_partial
        self._gap_filler.begin(telephone=telephone)
        self._rules = TELEPHONE_RULES if telephone else VadRules()
        self._detector = new_detector(self._rules, early_onset=self._reply_playing)
        self._base = self._buffer.end
        self._fed_at_ms = self._now()
        self.microphone.begin(self._base, gated=telephone)
        self._stream = self._vad_ticker.open(
            failing_alone(self._process, self._spawn),
            lambda: self.microphone.on_gap(self._gap_filler.missing_ms()),
        )

    def detach(self) -> None:
        """Stop listening to this leg. What is buffered stays until it is dropped."""
        if self._stream is not None:
            self._vad_ticker.close(self._stream)
            self._stream = None
        if self._detector.speaking:
            self._stopped_at = self._buffer.end
        self._live_captions.cancel()
        self._detector = new_detector(self._rules, early_onset=self._reply_playing)
        self._edges.reset()
        self._answer_ends_at = None
        self._gap_filler.end()

    def set_reply_playing(self, playing: bool) -> None:
        """Set whether the interviewer is speaking: then a voice must be detected early."""
        self._reply_playing = self._detector.early_onset = playing

    def feed(self, samples: NDArray[np.int16]) -> None:
        """Append mono PCM16 at 16 kHz; called for every frame, so it does nothing else."""
        self._gap_filler.on_sound()
        self._append(self._echo.pass_on(samples, self._buffer.end))

    def _append(self, samples: NDArray[np.int16]) -> None:
        if self._stream is None:
            return
        self._buffer.append(samples)
        self._stream.feed(samples)
        self._fed_at_ms = self._now()

    def end_answer(self) -> None:
        """End the answer by hand.

        As soon as all that was fed is judged, the voice counts as having stopped, and
        AnswerSubmitted is posted. Pauses before that do not count: sound may arrive in one piece
        and be judged faster than it was spoken.
        """
        if self._stream is not None:
            self._answer_ends_at = self._buffer.end
            self.feed(np.zeros(WINDOW, dtype=np.int16))  # or the last piece of a window waits

    def level_db(self) -> float:
        """Return how loud the last tenth of a second was, in dBFS."""
        return SILENCE_DBFS if self._stream is None else self._buffer.level_db(SPEECH_RATE // 10)

    def finish(self, utterance: int, attempt: int) -> None:
        """Transcribe what the utterance holds up to now; TranscriptFinal or -Failed will follow.

        For a request that has not begun when a newer one comes, nothing follows.
        """
        self._requested_to = self._buffer.end
        self._newest_attempt = attempt
        self._live_captions.cancel()
        if self._open is not None:
            self._open.wanted = True
            self._open.cancel_overdue()  # this request is for the same words, and more
        spoken_to = self._buffer.end if self._detector.speaking else self._stopped_at
        streamed = self.streamed.active and not self._detector.speaking
        if streamed and self._open is not None:
            self.streamed.commit(self._buffer, self._buffer.end, self._spawn)
        self._spawn(
            self._finish(self._open, utterance, attempt, spoken_to, self._buffer.end, streamed)
        )
        if self._turn_model is not None and not self._detector.speaking:
            self._spawn(
                score_end_of_turn(self._turn_model, self._buffer, utterance, attempt, self._post)
            )

    def keep(self) -> None:
        """Close the turn for now: what is said from here on is reported apart, as the tail."""
        if self._open is not None:
            self._open.begin_tail()

    def reopen(self) -> None:
        """Go on with the turn after `keep`.

        What was closed and what follows are transcribed as one, as far as one segment can hold
        both; words that were streamed stand.
        """
        utterance = self._open
        if utterance is None or utterance.tail_start is None:
            return
        tail, utterance.tail_start = utterance.tail_start, None
        if self.streamed.active:
            return
        length_ms = ms_of(self._buffer.end - tail.segment_begin, SPEECH_RATE)
        if length_ms <= FORCE_SEGMENT_MS and tail.segment_begin >= self._buffer.start:
            utterance.join_tail(tail)

    def drop(self) -> None:
        """Drop the utterance in the buffer: it is settled.

        If somebody is speaking again already, or has meanwhile and the words are owed, that is the
        beginning of another utterance.
        """
        self.heard_by = []
        owed = self.words_owed and self._stopped_at > self._requested_to
        goes_on = self._detector.speaking or owed
        self._open = UtteranceTranscript(self._utterance_begin) if goes_on else None
        self._buffer.release(self._buffer.end if self._open is None else self._open.segment_begin)

    # --- edges -----------------------------------------------------------------------------------

    def _process(self, probabilities: NDArray[np.float32]) -> None:
        for probability in probabilities:
            edge = self._detector.update(float(probability))
            if edge is not None:
                self._on_edge(edge)
            elif self._detector.silence_start is not None:
                self._request_early(self._base + self._detector.silence_start)
            if self._answer_ends_at is not None and self._judged_to >= self._answer_ends_at:
                self._submit_answer()
        position = self._judged_to
        self.microphone.check(self._buffer, position, voiced=self._detector.speaking)
        utterance = self._open
        begin = None if utterance is None else utterance.segment_begin
        self.streamed.follow(self._buffer, begin, position, speaking=self._detector.speaking)
        if utterance is None:
            self._buffer.release(position)
        elif not self._detector.speaking:
            if (
                not utterance.wanted
                and not self.words_owed
                and ms_of(position - self._stopped_at, SPEECH_RATE) > UNWANTED_MS
            ):
                self._open = None
        elif not self._forcing and utterance.is_too_long(self._buffer.end):
            falters = self._detector.silence_start is not None
            if falters or not self.streamed.active or utterance.is_far_too_long(self._buffer.end):
                self._forcing = True
                self._live_captions.cancel()
                self.streamed.commit(self._buffer, self._buffer.end, self._spawn)
                self._spawn(self._force_segment(utterance, self._buffer.end))
        elif self._live_captions.due(self._buffer.end) and not (
            self.streamed.active or self._lock.locked()
        ):
            self._request_interim(utterance)

    @property
    def _utterance_begin(self) -> int:
        """Where an utterance begins: with its pre-roll, but without sound transcribed before."""
        begin = self._onset - samples_of(PRE_ROLL_MS, SPEECH_RATE)
        return max(begin, self._buffer.start, self._requested_to)

    @property
    def _judged_to(self) -> int:
        return self._base + self._detector.position

    def _on_edge(self, edge: SpeechEdge) -> None:
        position = self._base + edge.sample
        if edge.started:
            self._onset = position
            if self._open is None:
                self._open = UtteranceTranscript(self._utterance_begin)
                self._echo.utterance_begins()
            self._live_captions.known_to(position)
            self.streamed.on_onset(position - samples_of(PRE_ROLL_MS, SPEECH_RATE))
            self._edges.report(True, self._at_ms(position))
            self._gap_filler.start()
        else:
            self._stopped_at = position
            echo = self._echo.speech_stopped(self._onset, position)
            if self._answer_ends_at is None:
                self._edges.report(False, self._at_ms(position), edge.doubtful or echo)

    def _at_ms(self, position: int) -> float:
        """Return the session ms of a position; more may arrive at once than time has passed."""
        return max(0.0, self._fed_at_ms - ms_of(self._buffer.end - position, SPEECH_RATE))

    def _submit_answer(self) -> None:
        self._answer_ends_at = None
        if self._detector.speaking:
            self._stopped_at = self._judged_to
        self._edges.report(False, self._at_ms(self._stopped_at))
        self._base = self._judged_to
        self._detector = new_detector(self._rules, early_onset=self._reply_playing)
        self._post(ev.AnswerSubmitted())

    # --- words -----------------------------------------------------------------------------------

    def _request_early(self, position: int) -> None:
        """Transcribe when the voice stops at `position`, perhaps only between two words.

        The sooner the words are requested, the sooner they are there if it is a pause. Streamed
        words are there already; a commit for each breath would tear sentences to pieces.
        """
        utterance = self._open
        if utterance is None or position == self._early_at:
            return
        if self.streamed.active:
            self._early_at = position
            self._on_partial()
            return
        if not self._live_captions.allowed:
            return
        if self._lock.locked() or self._early_task is not None:
            return
        if ms_of(position - utterance.requested_to, SPEECH_RATE) < EARLY_GAP_MS:
            return
        self._early_at = position
        self._live_captions.cancel()
        end = self._buffer.end
        task = self._spawn(self._transcribe_early(utterance, end))
        self._early_task = None if task is None else (task, end)

    async def _transcribe_early(self, utterance: UtteranceTranscript, end: int) -> None:
        """Transcribe beside other requests: if speech goes on, nobody waits for this."""
        begin = utterance.segment_begin
        try:
            piece = await self.transcription.transcribe(
                utterance.sound(self._buffer, end), utterance.closed_text
            )
        finally:
            self._early_task = None
        if self._open is not utterance or utterance.segment_begin != begin:
            return
        if end <= utterance.requested_to:  # more is known by now
            return
        utterance.early = (piece, end)
        self._live_captions.known_to(end)
        if piece is not None and self._detector.speaking:
            self._live_captions.show(utterance, piece.text)

    async def _finish(
        self,
        opened: UtteranceTranscript | None,
        utterance: int,
        attempt: int,
        spoken_to: int,
        end: int,
        streamed: bool,
    ) -> None:
        """Transcribe the utterance and post the result: speech to `spoken_to`, silence to `end`.

        `streamed` says whether the stream was asked for its words.
        """
        due_s = self._now() / 1000 + self._words_within_s
        if opened is None or (opened is self._open and self._echo.is_all()):
            self._post(ev.TranscriptFinal(utterance, attempt, ""))
            return
        async with self._lock:
            if self._newest_attempt > attempt and self._open is opened:
                return
            begin = opened.segment_begin
            if self._early_task is not None and self._early_task[1] > spoken_to:
                wait_s = max(0.0, due_s - self._now() / 1000)
                await asyncio.wait([self._early_task[0]], timeout=wait_s)
            early = opened.take_early(spoken_to)
            piece, end = early or (None, end)
            if piece is None and self._open is opened and (early is None or opened.known):
                opened.request = self.transcription.request(
                    opened.sound(self._buffer, end),
                    opened.closed_text,
                    self._spawn,
                    opened.on_late(utterance, attempt, self._post),
                    self.streamed.pieces(opened.segment_begin, end) if streamed else None,
                )
                piece = await opened.request.words(due_s - self._now() / 1000 if not early else 0.0)
            if self._open is not opened or opened.segment_begin != begin:
                opened.cancel_overdue()
                return  # settled without these words, or reopened: all of it is requested again
            echo = self._echo.is_all()
            final = opened.final(utterance, attempt, piece, echo=echo)
            if final is None:
                self._post(ev.TranscriptFailed(utterance, attempt))
                return
            stable_words = opened.caption().stable_words
            if piece is not None and not echo:
                self._take_words(opened, piece, end, streamed=streamed)
        if final.text:
            self._on_caption(utterance, CaptionText(final.text, stable_words))
            self._post(ev.TranscriptPartial(utterance, final.text, final.tail))
        self._post(final)

    def _take_words(
        self, utterance: UtteranceTranscript, piece: Transcript, end: int, *, streamed: bool
    ) -> None:
        """Keep the words of the open segment up to `end`; close it where that is the end of it."""
        utterance.last = piece, end
        self.heard_by = utterance.heard_by
        self.transcribe_ms = piece.compute_ms
        if streamed and piece.text:
            self.model = piece.model
        long = not self.streamed.active and utterance.segment_ms(end) >= CLOSE_SEGMENT_MS
        if streamed or long:
            utterance.close_segment(piece, end)
            self._buffer.release(end)

    def _on_partial(self) -> None:
        """Show words that the stream has told, and let the turn machine judge by them.

        While the voice sounds, the last of them may be half a word.
        """
        utterance = self._open
        if utterance is None:
            return
        words = self.streamed.words_so_far(utterance.segment_begin)
        if self._live_captions.allowed:
            self._live_captions.show(utterance, words)
        sounds = self._detector.speaking and self._detector.silence_start is None
        whole = words.rpartition(" ")[0] if sounds else words
        if whole:
            self._post(utterance.partial(self._live_captions.utterance(), whole))

    async def _force_segment(self, utterance: UtteranceTranscript, cut: int) -> None:
        """Close a segment in the middle of speech: at `cut`, or without a stream where quietest."""
        try:
            async with self._lock:
                end = self._buffer.end
                if self._open is not utterance or utterance.segment_ms(end) <= FORCE_SEGMENT_MS:
                    return
                segment_begin = utterance.segment_begin
                streamed = None
                if self.streamed.active:
                    streamed = self.streamed.pieces(utterance.segment_begin, cut)
                else:
                    begin = end - samples_of(CUT_SEARCH_MS, SPEECH_RATE)
                    cut = begin + quietest(self._buffer.slice(begin, end), SPEECH_RATE)
                piece = await self.transcription.transcribe(
                    utterance.sound(self._buffer, cut), utterance.closed_text, streamed
                )
                if piece is None:
                    utterance.force_beyond_ms += CLOSE_SEGMENT_MS
                elif self._open is utterance and utterance.segment_begin == segment_begin:
                    utterance.close_segment(piece, cut)
                    self._buffer.release(cut)
        finally:
            self._forcing = False

    def _request_interim(self, utterance: UtteranceTranscript) -> None:
        begin, end = utterance.segment_begin, self._buffer.end
        self._live_captions.request(
            utterance,
            utterance.sound(self._buffer, end),
            self.transcription.prompt(utterance.closed_text),
            end,
            lambda: self._open is utterance and utterance.segment_begin == begin,
        )


def new_detector(rules: VadRules, *, early_onset: bool) -> SpeechDetector:
    """Return a detector that has heard nothing; see `SpeechDetector.early_onset`."""
    detector = SpeechDetector(rules)
    detector.early_onset = early_onset
    return detector
