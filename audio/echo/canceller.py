"""Echo canceller: subtracts what comes back of our own voice on a telephone line.

A hybrid or a loudspeaker returns what was sent, 60 to 600 ms later, 10 to 40 dB weaker. Nothing is
touched until the delay of the echo is known (see `search`); from then on the echo, as a short
filter makes it of what was sent, is subtracted, and a piece of which hardly anything remains is
silenced. A caller's voice is no part of what was sent: it remains, over the echo, too. Pure: times
come from the caller.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio.echo.search import AUDIBLE, BLOCK, SEARCH, DelaySearch, flatten
from audio.echo.timeline import Arrivals, Floats, Timeline
from audio.pcm import ms_of, samples_of
from audio.resample import StreamingResampler
from audio.speech import SPEECH_RATE, VOICE_RATE

RATE = 8_000
"""Samples a second at which an echo is searched and modelled: a telephone has no more."""

PIECE = 320
"""Samples (at SPEECH_RATE) that are judged at once: 20 ms, a packet of a telephone line."""

KEPT_MS = 4_000.0
"""Sound that is kept: the longest delay, and what was heard before an echo was known."""

AHEAD_MS = 2_000.0
"""How far ahead of playback sound may be sent."""

PLAYS_ON_MS = 200.0
"""How long a line may go on playing after the order to fall silent: one way of the network, and a
piece that is in the works."""

HALF = 12
"""Samples either way from which those half way between are computed."""

TAPS, BEFORE = 64, 24
"""Length of the filter at 8 kHz (8 ms), and how much of it is ahead of the delay found (3 ms)."""

HELD_BACK = 0.003
"""Share of the sent energy that is added where the filter is computed: what was not in the speech
so far is not guessed at."""

FORGET = 0.98
"""Weight of a piece in the filter at the next one: one second of speech."""

YOUNG = 75
"""Pieces of an echo (1.5 s) until the filter knows all of the band: until then it is computed with
each. A voice beside 64 taps over so many samples stays nearly whole."""

SOLVE_EVERY = 5
"""Pieces after which the filter is computed again."""

MOST_GAIN = 0.6
"""Largest gain of an echo (-4.4 dB). What comes back louder is somebody who speaks like us."""

EXPLAINED = 0.25
"""Share of the energy that may remain of an echo: 6 dB are taken away."""

LEAST_LIKE = 0.6
"""Share of the energy that the filter must explain of what was heard with a new delay."""

WHILE = 3
"""Pieces whose energies are judged together: 60 ms, as a single one may be a consonant."""

VOICE_PASSES = 10
"""Pieces that pass whole after a voice: no hole is cut into its words where they are weak."""

VOICE = 40.0
"""Root mean square of what remains (of 32,768) from which on it may be a voice: -58 dBFS."""

MOVED, FOUND_AGAIN = 480, 0.6
"""How far (at 8 kHz) a known delay may move at once: 60 ms, three packets; and the correlation over
128 ms that shows it."""

FAILS = 100
"""Pieces with our voice in them that must be unlike an echo until it is known no more: 2 s."""


@dataclass(slots=True)
class _Judged:
    """A piece that was heard, with its energy and what remained of that."""

    begin: int
    end: int
    heard: float
    left: float


class EchoCanceller:
    """Canceller of one line. `cancel` takes sound at SPEECH_RATE, `sent` at VOICE_RATE."""

    def __init__(self) -> None:
        self._sent = Timeline(RATE, KEPT_MS, AHEAD_MS)
        self._sent_to = self._put_to = 0  # it is resampled a moment later
        self._resampler = StreamingResampler(VOICE_RATE, RATE)
        self._heard = Timeline(SPEECH_RATE, KEPT_MS, 0.0)
        self._arrivals = Arrivals()
        self._heard_to = 0
        self._searched_to: int | None = None
        self._search = DelaySearch()
        self._delay: int | None = None  # at RATE
        self._filter = np.zeros(TAPS, np.float32)
        self._auto = np.zeros((TAPS, TAPS))
        self._cross = np.zeros(TAPS)
        self._unsolved = 0
        self._learned = 0
        self._fails = 0
        self._passing = 0
        self._recent: deque[tuple[float, float, float]] = deque(maxlen=WHILE)
        self._judged: deque[_Judged] = deque(maxlen=int(KEPT_MS // 20))

    @property
    def delay_ms(self) -> float | None:
        """Delay of the echo; None: the line is not known to echo."""
        return None if self._delay is None else self._delay / 8

    @property
    def heard_to_ms(self) -> float:
        """Time of the end of what was heard, as far as it is counted in samples."""
        return ms_of(self._heard_to, SPEECH_RATE)

    # --- what is sent ----------------------------------------------------------------------------

    def sent(self, pcm: bytes, now_ms: float) -> None:
        """Take in sound (PCM16), played behind what was sent before, or now."""
        now = samples_of(now_ms, RATE)
        if now > self._sent_to:
            self._put(self._resampler.flush())
            self._put_to = self._sent_to = now
        samples = np.frombuffer(pcm, "<i2")
        self._sent_to += samples_of(ms_of(len(samples), VOICE_RATE), RATE)
        self._put(self._resampler.process(samples))

    def silenced(self, now_ms: float) -> None:
        """Take in that what was not played by now will not be, or hardly."""
        self._put(self._resampler.flush())
        now = samples_of(now_ms, RATE)
        if self._sent_to > now:
            self._sent_to = now
            self._sent.clear_from(now + samples_of(PLAYS_ON_MS, RATE))
        self._put_to = self._sent_to

    def _put(self, samples: NDArray[np.int16]) -> None:
        self._sent.put(self._put_to, samples.astype(np.float32))
        self._put_to += len(samples)

    # --- what is heard ---------------------------------------------------------------------------

    def cancel(self, samples: NDArray[np.int16], now_ms: float) -> NDArray[np.int16]:
        """Return sound that has arrived by now without our echo."""
        begin = self._arrivals.place(len(samples), now_ms)
        self._heard_to = begin + len(samples)
        heard = samples.astype(np.float32)
        self._heard.put(begin, heard)
        if not len(samples) or begin > 2 * (self._sent_to + SEARCH + BLOCK):
            self._search_on(begin + len(samples), idle=True)
            return samples
        passed = [
            self._piece(begin + at, heard[at : at + PIECE]) for at in range(0, len(samples), PIECE)
        ]
        self._search_on(begin + len(samples), idle=False)
        if all(piece is None for piece in passed):
            return samples
        return np.concatenate(
            [
                (
                    samples[at * PIECE : (at + 1) * PIECE]
                    if piece is None
                    else np.clip(np.rint(piece), -32_768, 32_767).astype(np.int16)
                )
                for at, piece in enumerate(passed)
            ]
        )

    def is_echo(self, begin_ms: float, end_ms: float) -> bool:
        """Return whether all of the sound between two times was our echo, as known by now."""
        begin, end = samples_of(begin_ms, SPEECH_RATE), samples_of(end_ms, SPEECH_RATE)
        pieces = [p for p in self._judged if p.end > begin and p.begin < end]
        if self._delay is None or not pieces or pieces[0].begin > begin + PIECE:
            return False
        heard = sum(p.heard for p in pieces)
        unlike = [p for p in pieces if p.left > EXPLAINED * heard / len(pieces)]
        loud = [p for p in unlike if p.left > VOICE**2 * PIECE]
        return sum(p.left for p in pieces) < EXPLAINED * heard and len(loud) <= WHILE

    # --- the delay -------------------------------------------------------------------------------

    def _search_on(self, end: int, *, idle: bool) -> None:
        """Search what has been heard up to `end` in blocks."""
        if self._searched_to is None or idle or not 0 <= end - self._searched_to < 16 * BLOCK:
            self._searched_to = end
        while end - self._searched_to >= 2 * BLOCK:
            begin, self._searched_to = self._searched_to, self._searched_to + 2 * BLOCK
            if self._delay is not None and self._fails == 0:
                continue
            first = begin // 2
            heard = self._heard_at_rate(first, first + BLOCK)
            delay = self._search.take(heard, self._sent.get(first - SEARCH, first + BLOCK))
            if delay is not None and (self._delay is None or abs(delay - self._delay) > BEFORE):
                self._learn(delay, begin + 2 * BLOCK)

    def _learn(self, delay: int, end: int) -> None:
        """Take in the delay of an echo if a filter explains what was heard before `end` by it."""
        kept = self._delay, self._filter, self._auto, self._cross
        self._delay, self._learned = delay, 0
        self._auto, self._cross = np.zeros((TAPS, TAPS)), np.zeros(TAPS)
        pieces = range(max(0, end - samples_of(KEPT_MS / 2, SPEECH_RATE)), end - PIECE + 1, PIECE)
        for begin in pieces:
            self._gather(begin, PIECE, 1.0)
        self._solve()
        heard = left = echoes = ours = 0.0
        for begin in pieces:
            echo = self._echo(begin, PIECE)
            piece = self._heard.get(begin, begin + PIECE)
            played = self._played(begin, PIECE)
            if played > AUDIBLE**2:
                heard, left = heard + _energy(piece), left + _energy(piece - echo)
                echoes, ours = echoes + _energy(echo), ours + played * PIECE
        if left > (1 - LEAST_LIKE) * heard or echoes > MOST_GAIN**2 * ours:
            self._delay, self._filter, self._auto, self._cross = kept
            return
        self._fails = self._passing = 0
        self._recent.clear()
        for judged in self._judged:
            piece = self._heard.get(judged.begin, judged.end)
            judged.left = min(judged.heard, _energy(self._left(judged.begin, piece)))

    @property
    def _known_delay(self) -> int:
        if self._delay is None:
            raise RuntimeError("An echo is subtracted before its delay is known.")
        return self._delay

    def _follow(self, begin: int, length: int) -> None:
        """Go after a delay that has moved."""
        end, window = (begin + length) // 2, 2 * BLOCK
        heard = self._heard_at_rate(end - window, end)
        echo = self._echo_at_rate(end - window - MOVED, end + MOVED)
        size = 1 << (len(echo) - 1).bit_length()
        spectrum = np.fft.rfft(echo, size) * np.conj(np.fft.rfft(heard, size))
        products = np.fft.irfft(spectrum, size)[: 2 * MOVED + 1]
        squares = np.cumsum(np.concatenate([[0.0], echo.astype(np.float64) ** 2]))
        energies = squares[window:] - squares[:-window]
        least = 0.1 * float(energies.max()) + 1.0
        likeness = products / np.sqrt(np.maximum(energies, least) * max(1.0, _energy(heard)))
        best = int(np.argmax(likeness))
        if likeness[best] >= FOUND_AGAIN and likeness[best] > likeness[MOVED] + 0.2:
            self._delay = max(0, self._known_delay + MOVED - best)

    # --- the echo --------------------------------------------------------------------------------

    def _piece(self, begin: int, heard: Floats) -> Floats | None:
        """Return a piece without its echo; None: as it was."""
        energy = _energy(heard)
        judged = _Judged(begin, begin + len(heard), energy, energy)
        self._judged.append(judged)
        if self._delay is None:
            return None
        if self._played(begin, len(heard)) < AUDIBLE**2 / 16:
            self._passing = max(0, self._passing - 1)
            self._recent.clear()
            return None
        left = self._left(begin, heard)
        if energy > VOICE**2 * len(heard) and _energy(left) > 0.5 * energy:
            self._follow(begin, len(heard))
            left = self._left(begin, heard)
        if self._learned < YOUNG and _energy(left) < 0.85 * energy:
            self._gather(begin, len(heard), 1.0)
            self._solve()
            left = self._left(begin, heard)
        remains = min(energy, _energy(left))
        judged.left = remains
        self._recent.append((energy, remains, float(len(heard))))
        self._adapt(begin, len(heard), energy, remains)
        return self._gate(heard, left, energy, remains)

    def _gate(self, heard: Floats, left: Floats, energy: float, remains: float) -> Floats | None:
        """Return what passes of a piece: nothing if it was an echo, or else what remains."""
        if remains >= energy:
            left = heard
        total, rest, length = (sum(values) for values in zip(*self._recent, strict=True))
        if rest > EXPLAINED * total and rest > VOICE**2 * length:
            self._passing = VOICE_PASSES
        else:
            self._passing = max(0, self._passing - 1)
        if not self._passing and rest <= EXPLAINED * total and remains <= EXPLAINED * energy:
            return np.zeros(len(heard), np.float32)
        return None if left is heard else left

    def _adapt(self, begin: int, length: int, energy: float, remains: float) -> None:
        """Bring the filter along where an echo is plain; count where there is none."""
        if energy > VOICE**2 * length and remains > 0.7 * energy:
            self._fails += 1
            if self._fails >= FAILS:
                self._delay, self._fails = None, 0
                self._search.reset()
            return
        if remains < 0.5 * energy:
            self._fails = 0
            if self._learned < YOUNG:
                return
            self._gather(begin, length, FORGET)
            self._unsolved += 1
            if self._unsolved >= SOLVE_EVERY:
                self._solve()

    def _gather(self, begin: int, length: int, weight: float) -> None:
        """Take a piece into what the filter is computed from."""
        self._learned += 1
        first, last = (begin + 1) // 2, (begin + length + 1) // 2
        heard, sent = flatten(self._heard_at_rate(first - 1, last)), self._at_filter(first, last)
        sent = flatten(np.concatenate([sent[:1], sent]))
        rows = np.lib.stride_tricks.sliding_window_view(sent, TAPS)[:, ::-1].copy()
        self._auto = weight * self._auto + rows.T @ rows
        self._cross = weight * self._cross + rows.T @ heard

    def _solve(self) -> None:
        """Compute the filter: least squares, with a little of its energy held back."""
        self._unsolved = 0
        mean = float(np.trace(self._auto)) / TAPS
        if mean > 0:
            auto = self._auto + np.eye(TAPS) * (HELD_BACK * mean)
            self._filter = np.linalg.solve(auto, self._cross).astype(np.float32)

    def _heard_at_rate(self, begin: int, end: int) -> Floats:
        """Return what was heard at RATE: a telephone has nothing above."""
        return self._heard.get(2 * begin, 2 * end)[::2]

    def _at_filter(self, begin: int, end: int) -> Floats:
        """Return what was sent where the filter needs it for a piece, at RATE."""
        least = self._known_delay - BEFORE
        return self._sent.get(begin - least - (TAPS - 1), end - least)

    def _played(self, begin: int, length: int) -> float:
        """Return the mean square of what was sent whose echo would be in a piece."""
        first = begin // 2 - self._known_delay
        last = (begin + length) // 2 - self._known_delay
        return _energy(self._sent.get(first, last)) / max(1, last - first)

    def _echo_at_rate(self, begin: int, end: int) -> Floats:
        """Return the echo as the filter makes it, at RATE."""
        echo = np.convolve(self._at_filter(begin, end), self._filter, "valid")
        return echo.astype(np.float32)

    def _echo(self, begin: int, length: int) -> Floats:
        """Return the echo in a piece, at SPEECH_RATE."""
        first, last = begin // 2, (begin + length + 1) // 2
        around = self._echo_at_rate(first - HALF, last + HALF)
        echo = np.empty(2 * (last - first), np.float32)
        echo[::2] = around[HALF:-HALF]
        echo[1::2] = np.convolve(around, BETWEEN, "valid")[1:]
        return echo[begin - 2 * first :][:length]

    def _left(self, begin: int, heard: Floats) -> Floats:
        """Return what remains of a piece without its echo, at the loudness it has just now."""
        echo = self._echo(begin, len(heard))
        energy = _energy(echo)
        if energy == 0:
            return heard
        gain = min(2.0, max(0.0, float(np.dot(heard, echo)) / energy))
        return heard - np.float32(gain) * echo


def _between() -> Floats:
    at = np.arange(2 * HALF) - HALF + 0.5
    taps = np.sinc(at) * (0.5 + 0.5 * np.cos(np.pi * at / HALF))
    between: Floats = (taps / taps.sum()).astype(np.float32)
    return between


BETWEEN = _between()
"""Filter that gives the samples half way between those at RATE."""


def _energy(samples: Floats) -> float:
    return float(np.dot(samples, samples))
