"""Numbered pieces of sound put in order again, with what was lost replaced by silence.

Pure, and without a clock: how long to wait for a missing piece is counted in later ones.
"""

WAIT_FOR = 5
"""Pieces that may overtake a missing one before it counts as lost: 100 ms of 20 ms pieces, the
usual depth of a jitter buffer."""

BEGIN_ANEW_AFTER = 25
"""So many late pieces in a row mean that the numbers begin anew: half a second."""


class Reordering:
    """One stream of pieces. `silence` is the byte that sounds like none; it stands in for as many
    bytes as are missing, unless they are more than `longest`: then it was no loss on the way but a
    pause of the bridge."""

    def __init__(self, silence: bytes, *, longest: int) -> None:
        self._silence = silence
        self._longest = longest
        self._next: int | None = None
        self._waiting: dict[int, bytes] = {}
        self._late = 0

    def put(self, number: int, piece: bytes) -> bytes:
        """Take a piece; everything that is in order by now, maybe nothing. A piece that comes
        twice or too late is dropped."""
        if self._next is None:
            self._next = number
        if number < self._next and not self._begins_anew(number):
            return b""
        self._late = 0
        self._waiting[number] = piece
        ready = self._in_order()
        if len(self._waiting) > WAIT_FOR:
            ready += self._give_up() + self._in_order()
        return ready

    def _in_order(self) -> bytes:
        ready = bytearray()
        while self._next in self._waiting:
            ready += self._waiting.pop(self._next)
            self._next += 1
        return bytes(ready)

    def _give_up(self) -> bytes:
        """Go on at the first piece there is."""
        first = min(self._waiting)
        missing = (first - (self._next or 0)) * len(self._waiting[first])
        self._next = first
        return self._silence * missing if missing <= self._longest else b""

    def _begins_anew(self, number: int) -> bool:
        self._late += 1
        if self._late < BEGIN_ANEW_AFTER:
            return False
        self._next = number
        self._waiting.clear()
        return True
