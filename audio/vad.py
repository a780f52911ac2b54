"""Who is speaking, and since when: Silero's probabilities for all sessions at once, and the edges.

`VadBank` runs the model over every open stream in one batch; `SpeechDetector` turns one stream's
probabilities into edges. Both count samples at 16 kHz and know no clock.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from audio.bandwidth_extension import HISTORY, with_low_band
from audio.pcm import FULL_SCALE, samples_of
from audio.silero import CONTEXT, STATE, WINDOW, open_voice_model
from audio.speech import SPEECH_RATE

if TYPE_CHECKING:
    import onnxruntime

__all__ = [
    "TELEPHONE_RULES",
    "WINDOW",
    "EarlyOnset",
    "SpeechDetector",
    "SpeechEdge",
    "VadBank",
    "VadRules",
    "VadStream",
]

MAX_WINDOWS_A_RUN = 8
"""Most windows of one stream judged in one `run` (256 ms of sound): a client that sends too fast,
or a backlog after a stall, is worked off over several runs and holds up nobody else."""

_SMALLEST_BUFFER = 8 * WINDOW


class VadStream:
    """One session's ear in a bank. Made by `VadBank.open`."""

    __slots__ = ("_buffer", "_head", "_slot", "_tail")

    def __init__(self, slot: int) -> None:
        self._slot = slot
        self._buffer = np.empty(_SMALLEST_BUFFER, dtype=np.int16)
        self._head = 0
        self._tail = 0

    @property
    def pending(self) -> int:
        """Samples fed and not yet judged; grows without bound if the bank is never run."""
        return self._tail - self._head

    def feed(self, samples: NDArray[np.int16]) -> None:
        """Append mono PCM16 at 16 kHz, shape (n,). Copies, and does nothing else."""
        if self._tail + samples.size > self._buffer.size:
            self._make_room(samples.size)
        self._buffer[self._tail : self._tail + samples.size] = samples
        self._tail += samples.size

    def _make_room(self, extra: int) -> None:
        """Move what waits to the front; what a backlog made large is given back later."""
        kept = self._buffer[self._head : self._tail]
        target = self._buffer
        needed = max(_SMALLEST_BUFFER, 2 * (kept.size + extra))
        if not needed <= target.size <= 4 * needed:
            target = np.empty(needed, dtype=np.int16)
        target[: kept.size] = kept
        self._buffer, self._head, self._tail = target, 0, kept.size

    def _take_window(self) -> NDArray[np.int16]:
        self._head += WINDOW
        return self._buffer[self._head - WINDOW : self._head]


class VadBank:
    """The voice model over all open streams; use it from one thread.

    The recurrent states are kept stacked, a row (slot) a stream; slots of closed streams are used
    again. Results do not depend on which streams share a batch.
    """

    def __init__(self, *, max_windows_a_run: int = MAX_WINDOWS_A_RUN) -> None:
        self._max_windows = max_windows_a_run
        self._model: onnxruntime.InferenceSession | None = None
        self._streams: dict[int, VadStream] = {}
        self._free: list[int] = []
        self._h = np.zeros((1, 0, STATE), dtype=np.float32)
        self._c = np.zeros((1, 0, STATE), dtype=np.float32)
        self._context = np.zeros((0, CONTEXT), dtype=np.float32)
        self._history = np.zeros((0, HISTORY), dtype=np.float32)

    def __len__(self) -> int:
        """How many streams are open."""
        return len(self._streams)

    def warm_up(self) -> None:
        """Load the model now (about 0.2 s, blocking) and not in the first `run`.

        Raises VoiceModelError.
        """
        self._loaded_model()

    def open(self) -> VadStream:
        """A new stream that has heard nothing yet."""
        if not self._free:
            self._grow()
        slot = self._free.pop()
        self._h[:, slot] = 0
        self._c[:, slot] = 0
        self._context[slot] = 0
        self._history[slot] = 0
        stream = VadStream(slot)
        self._streams[slot] = stream
        return stream

    def close(self, stream: VadStream) -> None:
        """Forget a stream; what it is fed afterwards is never judged. Closing twice is harmless."""
        if self._streams.get(stream._slot) is stream:
            del self._streams[stream._slot]
            self._free.append(stream._slot)

    def run(self) -> list[tuple[VadStream, NDArray[np.float32]]]:
        """Judge the complete windows of all streams, at most `max_windows_a_run` of each.

        Returns, for each stream that had any, the speech probabilities (0..1) of its next windows
        in order, shape (windows,). One window of each stream goes into a model call, about 0.06
        to 0.1 ms a window. Raises VoiceModelError if the model must be loaded first and cannot.
        """
        ready = [
            (stream, min(stream.pending // WINDOW, self._max_windows))
            for stream in self._streams.values()
            if stream.pending >= WINDOW
        ]
        if not ready:
            return []
        # Busiest first: the streams that still have a window are then always a prefix.
        ready.sort(key=lambda entry: -entry[1])
        results = np.empty((len(ready), ready[0][1]), dtype=np.float32)
        for step in range(ready[0][1]):
            batch = [stream for stream, windows in ready if windows > step]
            results[: len(batch), step] = self._judge(batch)
        return [(stream, results[row, :windows]) for row, (stream, windows) in enumerate(ready)]

    def _judge(self, batch: list[VadStream]) -> NDArray[np.float32]:
        """Probabilities of the next window of each stream, shape (streams,)."""
        model = self._loaded_model()
        slots = np.fromiter((stream._slot for stream in batch), dtype=np.intp, count=len(batch))
        heard = np.empty((len(batch), HISTORY + WINDOW), dtype=np.float32)
        for row, stream in enumerate(batch):
            heard[row, HISTORY:] = stream._take_window()
        heard[:, HISTORY:] *= np.float32(1 / FULL_SCALE)
        heard[:, :HISTORY] = self._history[slots]
        self._history[slots] = heard[:, -HISTORY:]
        sound = np.concatenate((self._context[slots], with_low_band(heard)), axis=1)
        probabilities: NDArray[np.float32]
        probabilities, h, c = model.run(
            None, {"input": sound, "h": self._h[:, slots], "c": self._c[:, slots]}
        )
        self._h[:, slots] = h
        self._c[:, slots] = c
        self._context[slots] = sound[:, -CONTEXT:]
        return probabilities

    def _loaded_model(self) -> "onnxruntime.InferenceSession":
        if self._model is None:
            self._model = open_voice_model()
        return self._model

    def _grow(self) -> None:
        """Double the number of slots (at least 8)."""
        old = self._context.shape[0]
        more = max(8, old)
        self._h = np.pad(self._h, ((0, 0), (0, more), (0, 0)))
        self._c = np.pad(self._c, ((0, 0), (0, more), (0, 0)))
        self._context = np.pad(self._context, ((0, more), (0, 0)))
        self._history = np.pad(self._history, ((0, more), (0, 0)))
        self._free.extend(range(old + more - 1, old - 1, -1))


@dataclass(frozen=True, slots=True)
class VadRules:
    """When probabilities become speech, and when silence.

    `onset` and `offset` are Silero's own defaults (its `threshold` 0.5 and `neg_threshold`,
    0.15 below). `min_speech_ms` is three windows: a knock, a click or a breath fills one or two,
    and three leave room in the 200 ms in which an interruption must have stopped the interviewer.
    `min_silence_ms` is two windows, the shortest silence that one dip is told from: on 15 minutes
    of the corpus that makes 0.38 stops a second of sound instead of 0.36 with five windows, and
    transcription starts 62 ms after the last sound in the median instead of 191. A stop that was
    none costs a transcript; how long a pause ends a turn is decided elsewhere. Raises ValueError
    unless 0 <= offset <= onset <= 1 and both times are positive.
    """

    onset: float = 0.5
    offset: float = 0.35
    min_speech_ms: float = 96
    min_silence_ms: float = 64

    def __post_init__(self) -> None:
        if not 0 <= self.offset <= self.onset <= 1:
            raise ValueError(
                f"Voice thresholds must rise from 0 through offset ({self.offset}) "
                f"and onset ({self.onset}) to 1."
            )
        if self.min_speech_ms <= 0 or self.min_silence_ms <= 0:
            raise ValueError("The shortest speech and the shortest silence must be above 0 ms.")


TELEPHONE_RULES = VadRules(onset=0.3, offset=0.2)
"""For sound that has come through a telephone line. With the low band put back
(`audio.bandwidth_extension`) the model is as sure of silence as ever, and less so of speech: over
the corpus at 300 to 3,400 Hz and mu-law, these find 91% of speech with 2.6% of silence taken for
it, the usual thresholds about 82% with 0.8%; the same corpus at 16 kHz and the usual thresholds:
92% and 2.5%."""


@dataclass(frozen=True, slots=True)
class EarlyOnset:
    """When a detector that is `attentive` takes sound for speech, sooner than `VadRules` would.

    Windows are summed up rather than counted: `evidence` is what the last `within` of them have
    above `doubt`, as in Page's test for a change (Biometrika 1954). One window of certain speech is
    enough, and so are three of a soft "s" or "a", which the model gives 0.15 to 0.4 each. A start
    that has no window at or above the onset of `VadRules` within `confirm` windows, or two below
    `doubt` before, is taken back. Swept on 32 interruptions by the local voice at three
    speeds, loud, quiet and in noise (864 sounds): certain 60 ms after the true onset in the
    median, 120 at the 95th percentile, where three windows take 132 and 271. Under 1% of them
    are taken back wrongly, and are noticed again. Of 570 coughs, knocks, key strokes, breaths,
    clicks, rustling and humming rooms 12 become a start (10 of them soft knocks), of which 11 are
    taken back; by three windows none does.
    """

    doubt: float = 0.05
    evidence: float = 0.4
    within: int = 4
    confirm: int = 10


@dataclass(frozen=True, slots=True)
class SpeechEdge:
    """Speech started or stopped at absolute position `sample` (16 kHz, from the stream's start).

    A start is where the first speech window of the run begins, a stop where the last speech
    window ends: both lie before the moment at which they became certain. A `doubtful` stop takes
    back an early start: it was no speech.
    """

    started: bool
    sample: int
    doubtful: bool = False


class SpeechDetector:
    """Finds the edges of speech in one stream's window probabilities. Pure: it counts windows."""

    def __init__(self, rules: VadRules | None = None, early: EarlyOnset | None = None) -> None:
        self._rules = rules or VadRules()
        self._early = early or EarlyOnset()
        self._min_speech = samples_of(self._rules.min_speech_ms, SPEECH_RATE)
        self._min_silence = samples_of(self._rules.min_silence_ms, SPEECH_RATE)
        self._attentive = False
        self._evidence = [0.0] * self._early.within  # a ring: what each of the last windows adds
        self._unconfirmed = 0  # windows since an early start, 0 if it is confirmed or was none
        self._speaking = False
        self._position = 0
        self._run_start: int | None = None  # of speech that is not certain yet
        self._run_speech = 0
        self._run_dips = 0
        self._silence_start: int | None = None  # of silence that is not certain yet

    @property
    def speaking(self) -> bool:
        """Whether the last edge was a start."""
        return self._speaking

    @property
    def faltering(self) -> int | None:
        """Where a silence began that is not certain yet; None while there is none."""
        return self._silence_start if self._speaking else None

    @property
    def position(self) -> int:
        """How many samples were judged so far."""
        return self._position

    @property
    def attentive(self) -> bool:
        """Whether `EarlyOnset` counts: a wrong start is cheap now, and a late one is not."""
        return self._attentive

    @attentive.setter
    def attentive(self, attentive: bool) -> None:
        if attentive is not self._attentive:
            self._attentive = attentive
            self._evidence = [0.0] * self._early.within

    def update(self, probability: float) -> SpeechEdge | None:
        """Take the probability of the next window of WINDOW samples; an edge if one is certain."""
        begin = self._position
        self._position += WINDOW
        if self._unconfirmed:
            return self._watch_for_confirmation(begin, probability)
        if self._speaking:
            return self._watch_for_stop(begin, probability)
        return self._watch_for_start(begin, probability) or self._watch_early(probability)

    def _watch_early(self, probability: float) -> SpeechEdge | None:
        """Enough evidence in the last windows; the start is the first of them that has any."""
        if not self._attentive:
            return None
        ring = self._evidence
        windows = self._position // WINDOW
        ring[windows % len(ring)] = max(0.0, probability - self._early.doubt)
        if sum(ring) < self._early.evidence:
            return None
        ages = [age for age in range(len(ring)) if ring[(windows - age) % len(ring)] > 0]
        start = self._position - (ages[-1] + 1) * WINDOW
        self._unconfirmed = 0 if probability >= self._rules.onset else 1
        return self._start(start if self._run_start is None else min(start, self._run_start))

    def _watch_for_confirmation(self, begin: int, probability: float) -> SpeechEdge | None:
        """An early start is borne out by one window of speech, or taken back."""
        if probability >= self._rules.onset:
            self._unconfirmed, self._silence_start = 0, None
            return None
        self._unconfirmed += 1
        if probability >= self._early.doubt:
            self._silence_start = None
        elif self._silence_start is None:
            self._silence_start = begin
        silence = 0 if self._silence_start is None else self._position - self._silence_start
        if silence < self._min_silence and self._unconfirmed <= self._early.confirm:
            return None
        self._unconfirmed, self._speaking = 0, False
        stop = self._position if self._silence_start is None else self._silence_start
        return SpeechEdge(started=False, sample=stop, doubtful=True)

    def _start(self, sample: int) -> SpeechEdge:
        self._speaking, self._run_start, self._silence_start = True, None, None
        self._evidence = [0.0] * self._early.within
        return SpeechEdge(started=True, sample=sample)

    def _watch_for_start(self, begin: int, probability: float) -> SpeechEdge | None:
        """`min_speech_ms` of windows at or above onset, among which one may dip below it."""
        if probability < self._rules.onset:
            self._run_dips += 1
            if self._run_dips > 1:
                self._run_start = None
            return None
        if self._run_start is None:
            self._run_start, self._run_speech, self._run_dips = begin, 0, 0
        self._run_speech += WINDOW
        return None if self._run_speech < self._min_speech else self._start(self._run_start)

    def _watch_for_stop(self, begin: int, probability: float) -> SpeechEdge | None:
        """Silence begins with a window below offset and is broken by one at or above onset.

        Between the two thresholds nothing changes (Silero does the same): such a window goes on
        with speech or with silence, whichever it follows.
        """
        if probability >= self._rules.onset:
            self._silence_start = None
            return None
        if probability >= self._rules.offset:
            return None
        if self._silence_start is None:
            self._silence_start = begin
        if self._position - self._silence_start < self._min_silence:
            return None
        self._speaking = False
        return SpeechEdge(started=False, sample=self._silence_start)
