"""Pacer: how much of a reply is due to be sent at `now`, a little ahead of playback, never more.

Pure: it counts samples and is told the time. Being ahead hides the network's jitter; being only a
little ahead keeps small what must be discarded at an interruption.
"""

from audio.pcm import ms_of, samples_of

AHEAD_MS = 300.0
"""Time ahead of playback up to which audio is sent. Ordinary jitter on Wi-Fi and mobile stays below
200 ms at the 99th percentile; half as much again covers a late timer on a busy server."""

PIECE_MS = 100.0
"""Length of one piece: ten sends a second cost little and fill 300 ms in three steps."""


class Pacer:
    """Pacer of one run of audio at `rate` Hz. A run begins with `start`; times are in ms."""

    def __init__(
        self, rate: int, *, ahead_ms: float = AHEAD_MS, piece_ms: float = PIECE_MS
    ) -> None:
        self._rate = rate
        self._ahead_ms = ahead_ms
        self._piece = samples_of(min(piece_ms, ahead_ms), rate)
        self._origin_ms = 0.0
        self._sent = 0
        self.starved_ms = 0.0

    def start(self, now: float) -> None:
        """Begin a run: playback begins with the next sample that is sent."""
        self._origin_ms = now
        self._sent = 0

    def lead_ms(self, now: float) -> float:
        """Return how much of what was sent has not been played yet, going by the clock."""
        return ms_of(self._sent, self._rate) - (now - self._origin_ms)

    def take(self, available: int, now: float) -> int:
        """Return how many of the `available` samples (not sent yet) to send now.

        Call again until 0. A whole piece, or all that is left, and only where it fits into what may
        be ahead. When audio came too late, playback has stopped meanwhile: the run is shifted, and
        the gap is added to `starved_ms`.
        """
        if available <= 0:
            return 0
        lead = self.lead_ms(now)
        if lead < 0:
            if self._sent:
                self.starved_ms -= lead
            self._origin_ms -= lead
            lead = 0.0
        count = min(available, self._piece)
        if count > samples_of(self._ahead_ms - lead, self._rate):
            return 0
        self._sent += count
        return count

    def wait_ms(self, now: float) -> float:
        """Return how long until another piece is due (0 when one is due already)."""
        return max(0.0, self.lead_ms(now) - self._ahead_ms + ms_of(self._piece, self._rate))
