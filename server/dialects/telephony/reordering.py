"""Reordering: numbered pieces of audio in order again, with lost ones replaced by silence.

Pure, and without a clock: how long to wait for a missing piece is counted in later ones.
"""

MAX_WAITING = 5
"""Pieces that may overtake a missing one before it counts as lost: 100 ms of 20 ms pieces, the
usual depth of a jitter buffer."""

RESTART_AFTER = 25
"""Number of late pieces in a row, half a second, after which the numbers have started again."""


class Reordering:
    """Order of one stream of pieces.

    `silence` is the byte that means silence; it takes the place of as many bytes as are missing,
    unless they are more than `max_gap_bytes`: then nothing was lost, the bridge has paused.
    """

    def __init__(self, silence: bytes, *, max_gap_bytes: int) -> None:
        self._silence = silence
        self._max_gap_bytes = max_gap_bytes
        self._next: int | None = None
        self._waiting: dict[int, bytes] = {}
        self._late = 0

    def put(self, number: int, piece: bytes) -> bytes:
        """Take a piece; return everything that is in order by now, maybe nothing.

        A piece that comes twice or too late is dropped.
        """
        if self._next is None:
            self._next = number
        if number < self._next and not self._restarts(number):
            return b""
        self._late = 0
        self._waiting[number] = piece
        ready = self._in_order()
        if len(self._waiting) > MAX_WAITING:
            ready += self._skip_missing() + self._in_order()
        return ready

    def _in_order(self) -> bytes:
        ready = bytearray()
        while self._next in self._waiting:
            ready += self._waiting.pop(self._next)
            self._next += 1
        return bytes(ready)

    def _skip_missing(self) -> bytes:
        """Go on at the first piece there is."""
        first = min(self._waiting)
        missing = (first - (self._next or 0)) * len(self._waiting[first])
        self._next = first
        return self._silence * missing if missing <= self._max_gap_bytes else b""

    def _restarts(self, number: int) -> bool:
        self._late += 1
        if self._late < RESTART_AFTER:
            return False
        self._next = number
        self._waiting.clear()
        return True
