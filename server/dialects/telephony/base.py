"""Line dialect: what telephone dialects share; one line a call, audio and marks out, no display.

Each defines how its vendor writes audio, a mark and the order to fall silent.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from audio.pcm import AudioFormat, AudioFormatError
from server.dialects.close_reasons import CloseReason
from server.dialects.dialect import (
    CallStarted,
    DialectError,
    MarksOnFlush,
    PacedBy,
    Traits,
    WireMessage,
)
from server.dialects.telephony.line import TelephoneLine
from sessions.leg import Note

MAX_STATED_CHARS = 100
"""Longest name of a format in a message: it is the bridge's."""


class LineDialect(ABC):
    """Dialect of one call. `default_format` is its format until the bridge has stated its own."""

    default_format: AudioFormat
    marks_on_flush: MarksOnFlush
    may_reorder = False

    def __init__(self) -> None:
        self._line: TelephoneLine | None = None
        self._stopped = False

    @property
    def traits(self) -> Traits:
        """Properties of the line; the formats are those of the call once it has started."""
        wire = self._line.format if self._line is not None else self.default_format
        return Traits(
            wire,
            wire,
            PacedBy.PEER,
            self.marks_on_flush,
            may_reorder=self.may_reorder,
            telephone=True,
        )

    # --- defined by each dialect -----------------------------------------------------------------

    @abstractmethod
    def _audio_messages(self, line: TelephoneLine, data: bytes) -> list[WireMessage]:
        """Return the messages for whole frames, at least one."""

    @abstractmethod
    def _mark_message(self, name: str) -> WireMessage:
        """Return the message that sets a mark behind what was sent."""

    @abstractmethod
    def _clear_message(self) -> WireMessage:
        """Return the message that drops what was sent and not played."""

    def closing_messages(self, reason: CloseReason) -> list[WireMessage]:
        """Return the last messages before the socket is closed: none for most bridges."""
        return []

    # --- for the dialects ------------------------------------------------------------------------

    def _open(
        self,
        wire: AudioFormat | None,
        started: CallStarted,
        *,
        stated: str,
        setting: str,
        frame_bytes: int | None = None,
    ) -> CallStarted:
        """Start the call in this format, and return it.

        Raises DialectError for a second start, and for a format that is not understood (None): then
        the bridge has `stated` it, and `setting` would change it.
        """
        if self._line is not None:
            raise DialectError("started_twice", "The call was started already.")
        try:
            if wire is not None:
                self._line = TelephoneLine(wire, frame_bytes=frame_bytes)
                return started
        except AudioFormatError:  # frames that hold no whole samples
            pass
        raise wrong_format(stated, setting, started)

    def _require_line(self) -> TelephoneLine:
        """Return the line of a call that goes on. Raises DialectError."""
        if self._line is None:
            raise DialectError("not_started", "The call has not been started yet.")
        if self._stopped:
            raise DialectError("stopped", "The call has ended; nothing may follow.")
        return self._line

    # --- out -------------------------------------------------------------------------------------

    def begin(self, generation: int, offset: int) -> list[WireMessage]:
        """Send nothing: only marks tell where a reply begins."""
        if self._line is not None:
            self._line.begin(generation, offset)
        return []

    def audio(self, pcm: bytes) -> list[WireMessage]:
        """Send whole frames, and now and then a mark behind them."""
        return [] if self._line is None else self._with_mark(self._line, *self._line.encode(pcm))

    def mark(self, generation: int) -> list[WireMessage]:
        """Send the rest, and the last mark."""
        if self._line is None:
            return []
        return self._with_mark(self._line, *self._line.finish(generation))

    def flush(self, generation: int) -> list[WireMessage]:
        """Send the order to fall silent, and a mark that returns from the empty buffer."""
        if self._line is None:
            return []
        return [self._clear_message(), self._mark_message(self._line.flush(generation))]

    def note(self, note: Note) -> list[WireMessage]:
        """Send nothing: a telephone has no display."""
        return []

    def error(self, error: DialectError) -> list[WireMessage]:
        """Send nothing: bridges take no such message."""
        return []

    def _with_mark(self, line: TelephoneLine, data: bytes, mark: str | None) -> list[WireMessage]:
        messages = self._audio_messages(line, data) if data else []
        return messages if mark is None else [*messages, self._mark_message(mark)]


def stated_format(media_format: Mapping[str, Any], *names: str) -> str:
    """Return what a bridge says of its format, in these fields."""
    return ", ".join(f"{name} {media_format.get(name)}" for name in names)


def wrong_format(stated: str, setting: str, started: CallStarted | None = None) -> DialectError:
    """Return the error for audio that is not understood here: such a call makes no sense."""
    return DialectError(
        "wrong_format",
        f"The call's sound is in a format that is not understood ({stated[:MAX_STATED_CHARS]}); "
        f"{setting}.",
        fatal=CloseReason.WRONG_FORMAT,
        started=started,
    )
