"""A Realtime dialect on a bench: what it is told, and what it writes, held against the client's
own models."""

import base64
import json
from collections.abc import Iterable
from typing import Any

import numpy as np

from audio.speech import VOICE_RATE
from server.dialects.dialect import (
    DialectError,
    MediaEvent,
    PeerReply,
    Received,
    Several,
    WireMessage,
)
from server.dialects.realtime.dialect import RealtimeDialect
from sessions.leg import CaptionNote, Note, ReadyNote, StateNote
from sessions.turntaking.transitions import CandidateState, InterviewerState
from sessions.turntaking.turns import Speaker, Turn
from tests.server.sockets.realtime_events import Event, checked

READY = ReadyNote("session-1", "Ada", "A talk", resumed=False, time_left_ms=60_000.0, turns=())
SAMPLES_MS = VOICE_RATE // 1000


def sound(ms: float) -> bytes:
    """A faint noise, PCM16 at VOICE_RATE."""
    noise = np.random.default_rng(3).normal(0, 300, round(ms * SAMPLES_MS))
    return noise.astype("<i2").tobytes()


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


DONE = [
    "response.output_audio.done",
    "response.output_audio_transcript.done",
    "response.content_part.done",
    "conversation.item.done",
    "response.output_item.done",
    "response.done",
]
"""How a response ends."""

BEGUN = [
    "response.created",
    "response.output_item.added",
    "conversation.item.added",
    "response.content_part.added",
]
"""How one begins."""

ANSWERED = [
    "input_audio_buffer.committed",
    "conversation.item.added",
    "conversation.item.done",
    "conversation.item.input_audio_transcription.delta",
    "conversation.item.input_audio_transcription.completed",
]
"""What a spoken turn comes to."""


class Bench:
    """The dialect, with everything it has written: `events`, oldest first."""

    def __init__(
        self,
        *,
        ready: ReadyNote | None = READY,
        asked_model: str = "gpt-realtime",
        quiet: bool = False,
    ):
        self.dialect = RealtimeDialect("abc", asked_model, quiet=quiet)
        self.events: list[Event] = []
        if ready is not None:
            self.note(ready)

    # --- what the session does -------------------------------------------------------------------

    def note(self, note: Note) -> list[Event]:
        return self._written(self.dialect.note(note))

    def state(self, states: str) -> list[Event]:
        """As "candidate/interviewer"."""
        candidate, interviewer = states.split("/")
        return self.note(
            StateNote(CandidateState(candidate), InterviewerState(interviewer), 60_000.0)
        )

    def understood(self, text: str, utterance: int = 1) -> list[Event]:
        """A turn of the candidate is closed."""
        return self.note(CaptionNote(Speaker.CANDIDATE, f"said-{utterance}", text, final=True))

    def shows(self, text: str, generation: int = 1) -> list[Event]:
        """Sentences of a reply have begun to sound."""
        return self.note(CaptionNote(Speaker.INTERVIEWER, f"reply-{generation}", text, final=False))

    def begin(self, generation: int, offset_ms: float = 0) -> list[Event]:
        return self._written(self.dialect.begin(generation, round(offset_ms * SAMPLES_MS)))

    def plays(self, ms: float) -> list[Event]:
        return self._written(self.dialect.audio(sound(ms)))

    def mark(self, generation: int = 1) -> list[Event]:
        return self._written(self.dialect.mark(generation))

    def flush(self, generation: int = 1) -> list[Event]:
        return self._written(self.dialect.flush(generation))

    def replies(self, generation: int = 1, ms: float = 1_000, text: str = "I see.") -> list[Event]:
        """A reply from its first sound on, as far as it has been sent."""
        begun = [*self.begin(generation), *self.plays(ms), *self.shows(text, generation)]
        return [*begun, *self.state("quiet/speaking")]

    # --- what the client does --------------------------------------------------------------------

    def receive(self, kind: str, **fields: Any) -> list[Any]:
        """What an event of the client means, part by part; messages that answer are written."""
        return self.read(json.dumps({"type": kind} | fields))

    def read(self, text: str) -> list[Any]:
        return list(self._parts(self.dialect.receive_text(text)))

    def mistake(self, kind: str, **fields: Any) -> Event:
        """The error that answers an event that cannot be read."""
        return self.mistake_of(json.dumps({"type": kind} | fields))

    def mistake_of(self, text: str) -> Event:
        try:
            self.dialect.receive_text(text)
        except DialectError as error:
            (written,) = self._written(self.dialect.error(error))
            problem: Event = written["error"]
            return problem
        raise AssertionError(f"{text[:80]} was understood")

    def append(self, data: bytes) -> list[Any]:
        return self.receive("input_audio_buffer.append", audio=base64_of(data))

    def _parts(self, received: Received) -> Iterable[MediaEvent | np.ndarray]:
        for part in received.parts if isinstance(received, Several) else (received,):
            if isinstance(part, PeerReply):
                self._written(list(part.messages))
            else:
                yield part

    def _written(self, messages: list[WireMessage]) -> list[Event]:
        written = []
        for message in messages:
            assert isinstance(message, str)
            written.append(checked(message))
        self.events += written
        return written

    # --- what came of it -------------------------------------------------------------------------

    def of_type(self, kind: str) -> list[Event]:
        return [event for event in self.events if event["type"] == kind]

    @property
    def errors(self) -> list[Event]:
        return [event["error"] for event in self.of_type("error")]


def kinds(events: Iterable[Event]) -> list[str]:
    """Their types."""
    return [event["type"] for event in events]


def turn(index: int, speaker: Speaker, text: str, heard: str | None = None) -> Turn:
    """A turn on record."""
    heard_text = text if heard is None else heard
    return Turn(index, speaker, text, heard_text, 1_000, 2_000, interrupted=heard_text != text)


def typed(text: str, **fields: Any) -> dict[str, Any]:
    """The item of a written answer."""
    content = [{"type": "input_text", "text": text}]
    return {"type": "message", "role": "user", "content": content} | fields
