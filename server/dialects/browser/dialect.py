"""Browser dialect, `viva.v1`: binary PCM16 frames, JSON control (see docs/protocol.md)."""

from typing import assert_never

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from audio.pcm import AudioFormat, AudioFormatError, from_bytes
from audio.speech import VOICE_RATE
from server.dialects.browser import messages as wire
from server.dialects.close_reasons import CloseReason
from server.dialects.dialect import (
    DialectError,
    MarksOnFlush,
    MediaEvent,
    PacedBy,
    PeerReply,
    TicketShown,
    Traits,
    WireMessage,
)
from server.dialects.plain_text import NO_NUL, holds_nul
from sessions.leg import (
    CaptionNote,
    CommittedNote,
    ConsentGiven,
    ContinuedByCandidate,
    EndedNote,
    EndRequestedByCandidate,
    FlushDone,
    MarkReached,
    MuteChanged,
    Note,
    PlayedTo,
    ReadyNote,
    StateNote,
    TroubleNote,
)
from sessions.turntaking.turns import Turn

MAX_FRAME_BYTES = wire.UP_RATE * wire.MAX_FRAME_MS // 1000 * 2
HUGE_FRAME_BYTES = 8 * MAX_FRAME_BYTES
"""Size from which on a frame is no mistake of framing any more: the socket is closed at once."""


TRAITS = Traits(
    input_format=AudioFormat(wire.UP_RATE),
    output_format=AudioFormat(VOICE_RATE),
    paced_by=PacedBy.PEER,
    marks_on_flush=MarksOnFlush.REPORTED,
)


class BrowserDialect:
    """Dialect of one page; stateless but for the number of the last mark."""

    traits = TRAITS

    def __init__(self) -> None:
        self._marks = 0

    def receive_audio(self, frame: bytes) -> NDArray[np.int16]:
        """Return PCM16 at 16 kHz, at most 60 ms."""
        if len(frame) > MAX_FRAME_BYTES:
            raise DialectError(
                "frame_too_big",
                f"An audio frame of {len(frame)} bytes is too big: {wire.MAX_FRAME_MS} ms of "
                f"16 kHz PCM16 are {MAX_FRAME_BYTES} bytes.",
                fatal=CloseReason.FRAME_TOO_BIG if len(frame) > HUGE_FRAME_BYTES else None,
            )
        try:
            return from_bytes(frame)
        except AudioFormatError as error:
            raise DialectError("odd_audio", str(error)) from None

    def receive_text(self, text: str) -> MediaEvent:
        """Parse a JSON control message."""
        if len(text) > wire.MAX_TEXT_CHARS:
            raise DialectError(
                "message_too_long",
                f"A control message of {len(text)} characters is too long: "
                f"{wire.MAX_TEXT_CHARS} are allowed.",
            )
        if holds_nul(text):
            raise DialectError("bad_message", NO_NUL)
        try:
            message = wire.CLIENT_MESSAGE.validate_json(text, strict=True)
        except ValidationError as error:
            raise DialectError("bad_message", _problem_of(error)) from None
        match message:
            case wire.Hello():
                return TicketShown(message.ticket, message.opened_ms)
            case wire.Start():
                return ConsentGiven()
            case wire.Played():
                return PlayedTo(message.generation, message.samples)
            case wire.Marked():
                return MarkReached(message.generation)
            case wire.Flushed():
                return FlushDone(message.generation, message.samples)
            case wire.Mute():
                return MuteChanged(message.muted)
            case wire.Continue():
                return ContinuedByCandidate()
            case wire.End():
                return EndRequestedByCandidate()
            case wire.Ping():
                return PeerReply((_json(wire.Pong(t=message.t)),))
            case _:
                assert_never(message)

    def begin(self, generation: int, offset: int) -> list[WireMessage]:
        """Send `audio.begin`."""
        return [_json(wire.AudioBegin(generation=generation, offset=offset))]

    def audio(self, pcm: bytes) -> list[WireMessage]:
        """Send one binary frame."""
        return [pcm]

    def mark(self, generation: int) -> list[WireMessage]:
        """Send `audio.mark`, numbered."""
        self._marks += 1
        return [_json(wire.AudioMark(generation=generation, id=self._marks))]

    def flush(self, generation: int) -> list[WireMessage]:
        """Send `audio.flush`."""
        return [_json(wire.AudioFlush(generation=generation))]

    def note(self, note: Note) -> list[WireMessage]:
        """Send the message that says it."""
        return [_json(_message_of(note))]

    def error(self, error: DialectError) -> list[WireMessage]:
        """Send `error`; with the close code where the socket closes next."""
        fatal = error.fatal
        return [
            _json(
                wire.Error(
                    code=error.code,
                    message=str(error),
                    fatal=fatal is not None,
                    close_code=None if fatal is None else fatal.code,
                )
            )
        ]

    def closing_messages(self, reason: CloseReason) -> list[WireMessage]:
        """Return none: the close frame says it."""
        return []


def _message_of(note: Note) -> wire.Message:
    match note:
        case ReadyNote():
            return wire.Ready(
                session_id=note.session_id,
                candidate_name=note.candidate_name,
                title=note.title,
                resumed=note.resumed,
                time_left_ms=round(note.time_left_ms),
                transcript=[_line(turn) for turn in note.turns],
                opened_ms=note.opened_ms,
            )
        case CaptionNote():
            return wire.Caption(
                speaker=note.speaker.value,
                id=note.caption_id,
                text=note.text,
                final=note.final,
                stable_words=note.stable_words,
            )
        case StateNote():
            return wire.State(
                candidate=note.candidate.value,
                interviewer=note.interviewer.value,
                time_left_ms=round(note.time_left_ms),
                floor=note.holder.value,
                recruiter_speaks=note.recruiter_speaks,
            )
        case CommittedNote():
            line = _line(note.turn)
            return wire.TurnCommitted(index=line.index, speaker=line.speaker, text=line.text)
        case TroubleNote():
            return wire.Notice(code=note.code, message=note.message)
        case EndedNote():
            return wire.Ended(reason=note.reason, message=note.message)
        case _:
            assert_never(note)


def _line(turn: Turn) -> wire.Line:
    return wire.Line(index=turn.index, speaker=turn.speaker.value, text=turn.heard_text)


def _json(message: wire.Message) -> str:
    return message.model_dump_json(exclude_none=True)


def _problem_of(error: ValidationError) -> str:
    """Return one sentence on the first thing that is wrong; never the peer's own words."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = first["loc"]
    match first["type"]:
        case "union_tag_invalid":
            what = "there is no message of that type"
        case "extra_forbidden":  # the place ends with the peer's own name for it
            place, what = place[:-1], "it has a field that is not known"
        case _:
            what = first["msg"].rstrip(".")
    where = f" (at {'.'.join(map(str, place))})" if place else ""
    return f"That message is not in the protocol{where}: {what}."
