"""Voice activity detection: Silero's probabilities for all sessions at once, and edges of speech.

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
or a backlog after a stall, is processed over several runs and delays nobody else."""

_SMALLEST_BUFFER = 8 * WINDOW


class VadStream:
    """Sound of one session in a bank. Made by `VadBank.open`."""

    __slots__ = ("_buffer", "_head", "_slot", "_tail")

    def __init__(self, slot: int) -> None:
        self._slot = slot
        self._buffer = np.empty(_SMALLEST_BUFFER, dtype=np.int16)
        self._head = 0
        self._tail = 0

    @property
    def pending(self) -> int:
        """Number of samples fed and not yet judged; unbounded if the bank is never run."""
        return self._tail - self._head

    def feed(self, samples: NDArray[np.int16]) -> None:
        """Append mono PCM16 at 16 kHz, shape (n,). Copies, and does nothing else."""
        if self._tail + samples.size > self._buffer.size:
            self._make_room(samples.size)
        self._buffer[self._tail : self._tail + samples.size] = samples
        self._tail += samples.size

    def _make_room(self, extra: int) -> None:
        """Move what waits to the front; the memory of a backlog is freed later."""
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
    """Voice model over all open streams; use it from one thread.

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
        """Return how many streams are open."""
        return len(self._streams)

    def warm_up(self) -> None:
        """Load the model now (about 0.2 s, blocking) and not in the first `run`.

        Raises VoiceModelError.
        """
        self._loaded_model()

    def open(self) -> VadStream:
        """Open a new stream without any sound yet."""
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
        """Close a stream; what it is fed afterwards is never judged. Closing twice is harmless."""
        if self._streams.get(stream._slot) is stream:
            del self._streams[stream._slot]
            self._free.append(stream._slot)

    def run(self) -> list[tuple[VadStream, NDArray[np.float32]]]:
        """Judge the complete windows of all streams, at most `max_windows_a_run` of each.

        Returns, for each stream that had any, the speech probabilities (0..1) of its next windows
        in order, shape (windows,). One window of each stream goes into a model call, about 0.06 to
        0.1 ms a window. Raises VoiceModelError if the model must be loaded first and cannot.
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
        """Return the probabilities of the next window of each stream, shape (streams,)."""
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
    """Thresholds: when probabilities become speech, and when silence.

    Raises ValueError unless 0 <= offset <= onset <= 1 and both times are positive.
    """

    onset: float = 0.5
    """Probability from which on a window is speech: Silero's own default, its `threshold`."""

    offset: float = 0.35
    """Probability below which a window is silence: Silero's own default, its `neg_threshold`, 0.15
    below."""

    min_speech_ms: float = 96
    """Shortest speech, three windows: a knock, a click or a breath fills one or two, and three
    leave room in the 200 ms in which an interruption must have stopped the interviewer."""

    min_silence_ms: float = 64
    """Shortest silence, two windows, which is the shortest that differs from a single dip: on 15
    minutes of the corpus that makes 0.38 stops a second of sound instead of 0.36 with five windows,
    and transcription starts 62 ms after the last sound in the median instead of 191. A false stop
    costs a transcript; how long a pause ends a turn is decided elsewhere."""

    def __post_init__(self) -> None:
        if not 0 <= self.offset <= self.onset <= 1:
            raise ValueError(
                f"Voice thresholds must rise from 0 through offset ({self.offset}) "
                f"and onset ({self.onset}) to 1."
            )
        if self.min_speech_ms <= 0 or self.min_silence_ms <= 0:
            raise ValueError("The shortest speech and the shortest silence must be above 0 ms.")


TELEPHONE_RULES = VadRules(onset=0.3, offset=0.2)
"""Thresholds for sound that has come through a telephone line. With the low band restored
(`audio.bandwidth_extension`) the model is as sure of silence as ever, and less so of speech: over
the corpus at 300 to 3,400 Hz and mu-law, these find 91% of speech with 2.6% of silence taken for
it, the usual thresholds about 82% with 0.8%; the same corpus at 16 kHz and the usual thresholds:
92% and 2.5%."""


@dataclass(frozen=True, slots=True)
class EarlyOnset:
    """Rule for an early onset: when sound is taken for speech sooner than `VadRules` would.

    Windows are summed up rather than counted, as in Page's test for a change (Biometrika 1954). One
    window of certain speech is enough, and so are three of a soft "s" or "a", which the model gives
    0.15 to 0.4 each. A start that is not confirmed is taken back.

    Swept on 32 interruptions by the local voice at three speeds, loud, quiet and in noise (864
    sounds): certain 60 ms after the true onset in the median, 120 at the 95th percentile, where
    three windows take 132 and 271. Under 1% of them are taken back wrongly, and are noticed again.
    Of 570 coughs, knocks, key strokes, breaths, clicks, rustling and humming rooms 12 become a
    start (10 of them soft knocks), of which 11 are taken back; by three windows none does.
    """

    doubt: float = 0.05
    """Probability above which a window is evidence of speech; two windows below it take a start
    back."""

    evidence: float = 0.4
    """Sum of what the last windows have above `doubt` that makes a start."""

    within: int = 4
    """Number of windows that are summed up."""

    confirm: int = 10
    """Number of windows within which one must reach the onset of `VadRules`, or the start is taken
    back."""


@dataclass(frozen=True, slots=True)
class SpeechEdge:
    """Start or stop of speech.

    A start is where the first speech window of the run begins, a stop where the last speech window
    ends: both lie before the moment at which they became certain.
    """

    started: bool
    """Whether speech started here; otherwise it stopped."""

    sample: int
    """Absolute position (16 kHz, from the stream's start)."""

    doubtful: bool = False
    """Whether this stop takes back an early start: it was no speech."""


class SpeechDetector:
    """Detector of the edges of speech in one stream's window probabilities.

    Pure: it counts windows.
    """

    def __init__(self, rules: VadRules | None = None, early: EarlyOnset | None = None) -> None:
        self._rules = rules or VadRules()
        self._early = early or EarlyOnset()
        self._min_speech = samples_of(self._rules.min_speech_ms, SPEECH_RATE)
        self._min_silence = samples_of(self._rules.min_silence_ms, SPEECH_RATE)
        self._early_onset = False
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
    def silence_start(self) -> int | None:
        """Sample at which a silence began that is not certain yet; None while there is none."""
        return self._silence_start if self._speaking else None

    @property
    def position(self) -> int:
        """Number of samples judged so far."""
        return self._position

    @property
    def early_onset(self) -> bool:
        """Whether `EarlyOnset` applies: a wrong start is cheap now, and a late one is not."""
        return self._early_onset

    @early_onset.setter
    def early_onset(self, early_onset: bool) -> None:
        if early_onset is not self._early_onset:
            self._early_onset = early_onset
            self._evidence = [0.0] * self._early.within

    def update(self, probability: float) -> SpeechEdge | None:
        """Take the probability of the next WINDOW samples; return an edge if one is certain."""
        begin = self._position
        self._position += WINDOW
        if self._unconfirmed:
            return self._check_confirmation(begin, probability)
        if self._speaking:
            return self._check_stop(begin, probability)
        return self._check_start(begin, probability) or self._check_early_onset(probability)

    def _check_early_onset(self, probability: float) -> SpeechEdge | None:
        """Return a start if there is enough evidence in the last windows.

        It is at the first of them that has any.
        """
        if not self._early_onset:
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

    def _check_confirmation(self, begin: int, probability: float) -> SpeechEdge | None:
        """Confirm an early start by one window of speech, or take it back."""
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

    def _check_start(self, begin: int, probability: float) -> SpeechEdge | None:
        """Return a start after `min_speech_ms` of windows at or above onset.

        One window among them may dip below it.
        """
        if probability < self._rules.onset:
            self._run_dips += 1
            if self._run_dips > 1:
                self._run_start = None
            return None
        if self._run_start is None:
            self._run_start, self._run_speech, self._run_dips = begin, 0, 0
        self._run_speech += WINDOW
        return None if self._run_speech < self._min_speech else self._start(self._run_start)

    def _check_stop(self, begin: int, probability: float) -> SpeechEdge | None:
        """Return a stop after `min_silence_ms` of silence.

        Silence begins with a window below offset and is broken by one at or above onset. Between
        the two thresholds nothing changes (Silero does the same): such a window goes on with speech
        or with silence, whichever it follows.
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
