"""What the dialects of telephone lines share: one line a call, sound and marks out, nothing shown.

Each says in its own words what sound, a mark and the order to fall silent look like.
"""

from abc import ABC, abstractmethod

from audio.pcm import AudioFormat, AudioFormatError
from server.dialects.close_reasons import CloseReason
from server.dialects.dialect import (
    DialectError,
    MarksOnFlush,
    PacedBy,
    Traits,
    WireMessage,
)
from server.dialects.telephony.line import Line
from sessions.leg import Note


class LineDialect(ABC):
    """One call. `usual` is the format as long as the bridge has not told its own."""

    usual: AudioFormat
    marks_on_flush: MarksOnFlush
    may_reorder = False

    def __init__(self) -> None:
        self._line: Line | None = None
        self._stopped = False

    @property
    def traits(self) -> Traits:
        """The formats are those of the call once it has started."""
        wire = self._line.format if self._line is not None else self.usual
        return Traits(
            wire,
            wire,
            PacedBy.PEER,
            self.marks_on_flush,
            may_reorder=self.may_reorder,
            telephone=True,
        )

    # --- in each dialect's words -----------------------------------------------------------------

    @abstractmethod
    def _sound(self, line: Line, data: bytes) -> list[WireMessage]:
        """Whole frames, at least one."""

    @abstractmethod
    def _mark(self, name: str) -> WireMessage:
        """Set a mark behind what was sent."""

    @abstractmethod
    def _silence(self) -> WireMessage:
        """Drop what was sent and not played."""

    def goodbye(self, reason: CloseReason) -> list[WireMessage]:
        """The last words before the socket is closed: none, unless the bridge knows some."""
        return []

    # --- for the dialects ------------------------------------------------------------------------

    def _open(self, wire: AudioFormat | None, *, frame_bytes: int | None = None) -> None:
        """The call starts, in this format. Raises DialectError for a second start, and for a format
        that is not understood (None)."""
        if self._line is not None:
            raise DialectError("started_twice", "The call was started already.")
        try:
            if wire is not None:
                self._line = Line(wire, frame_bytes=frame_bytes)
                return
        except AudioFormatError:  # frames that hold no whole samples
            pass
        raise wrong_format()

    def _opened(self) -> Line:
        """The line of a call that goes on. Raises DialectError."""
        if self._line is None:
            raise DialectError("not_started", "The call has not been started yet.")
        if self._stopped:
            raise DialectError("stopped", "The call has ended; nothing may follow.")
        return self._line

    # --- out -------------------------------------------------------------------------------------

    def begin(self, generation: int, offset: int) -> list[WireMessage]:
        """Nothing: only marks tell where a reply begins."""
        if self._line is not None:
            self._line.begin(generation, offset)
        return []

    def audio(self, pcm: bytes) -> list[WireMessage]:
        """Whole frames, and now and then a mark behind them."""
        return [] if self._line is None else self._marked(self._line, *self._line.speak(pcm))

    def mark(self, generation: int) -> list[WireMessage]:
        """The rest, and the last mark."""
        if self._line is None:
            return []
        return self._marked(self._line, *self._line.finish(generation))

    def flush(self, generation: int) -> list[WireMessage]:
        """The order to fall silent, and a mark that returns from the empty buffer."""
        if self._line is None:
            return []
        return [self._silence(), self._mark(self._line.flush(generation))]

    def note(self, note: Note) -> list[WireMessage]:
        """Nothing: a telephone shows nothing."""
        return []

    def error(self, error: DialectError) -> list[WireMessage]:
        """Nothing: bridges take no such message."""
        return []

    def _marked(self, line: Line, data: bytes, mark: str | None) -> list[WireMessage]:
        messages = self._sound(line, data) if data else []
        return messages if mark is None else [*messages, self._mark(mark)]


def wrong_format() -> DialectError:
    """What is said of sound that is not understood here: such a call makes no sense."""
    return DialectError(
        "wrong_format",
        "The call's sound is in a format that is not understood.",
        fatal=CloseReason.WRONG_FORMAT,
    )
