"""Realtime output: the interviewer's responses, their audio and their words.

A generation that is held and goes on is several responses: a client drops what it has not played of
the one that was interrupted, and many take nothing more that belongs to it. Positions are samples
of a generation at VOICE_RATE.
"""

import base64
import math
from dataclasses import dataclass

from audio.pcm import ms_of, samples_of
from audio.speech import VOICE_RATE
from server.dialects.realtime.items import MAX_ITEMS, ConversationItems, Fields, reply_item
from server.dialects.realtime.session_settings import VOICE as VOICE_NAME
from server.dialects.realtime.session_settings import Refusal, SessionSettings, format_object
from server.dialects.telephony.codec import Transmitter
from sessions.leg import FlushDone

LATE_CAPTION = VOICE_RATE // 10
"""Samples by which a sentence's caption follows its beginning: it is sent once a piece that holds
some of it was sent, and a piece lasts 100 ms at most."""

PLACE = {"output_index": 0, "content_index": 0}


@dataclass(slots=True)
class _Response:
    """Response; it has no item as long as the interviewer is thinking."""

    response_id: str
    item_id: str = ""
    generation: int = 0
    offset: int = 0
    sent: int = 0
    transcript: str = ""

    @property
    def place(self) -> Fields:
        return {"response_id": self.response_id, "item_id": self.item_id} | PLACE


@dataclass(frozen=True, slots=True)
class _Sentence:
    begins: int  # an estimate
    text_from: int


class RealtimeOutput:
    """Responses of one connection. At most one is open."""

    def __init__(self, items: ConversationItems, settings: SessionSettings) -> None:
        self._items = items
        self._settings = settings
        self._open: _Response | None = None
        self._latest: _Response | None = None
        self._responses: dict[str, _Response] = {}
        self._transmitter = Transmitter(settings.output_format)
        self._flushed = False
        self._cancelled = False
        self._text = ""  # of the present generation, as far as it was sent
        self._sentences: list[_Sentence] = []

    @property
    def response_id(self) -> str | None:
        """Id of the open response."""
        return None if self._open is None else self._open.response_id

    def on_thinking(self) -> list[str]:
        """Open a response: a reply is being made."""
        if self._open is not None:
            return []
        self._cancelled = False
        self._open = _Response(self._items.new_id("resp"))
        return [self._response_event("created", self._open, "in_progress")]

    def begin(self, generation: int, offset: int) -> list[str]:
        """Begin audio of this generation, from `offset` on."""
        events = [*self.settle(candidate_speaks=True), *self.on_thinking()]
        response = self._open
        if response is None:
            raise TypeError("a response was opened just now")
        if self._latest is None or self._latest.generation != generation:
            self._text, self._sentences = "", []
        response.item_id = self._items.new_id("item")
        response.generation, response.offset = generation, offset
        self._latest = self._responses[response.item_id] = response
        while len(self._responses) > MAX_ITEMS:
            del self._responses[next(iter(self._responses))]
        self._transmitter = Transmitter(self._settings.output_format)
        item = reply_item(response.item_id, None, "in_progress")
        events.append(self._item_event("added", response, item))
        events.append(self._items.add(item))
        part = {"type": "audio", "transcript": ""}
        events.append(self._event("response.content_part.added", response, part=part))
        events += self._transcript_delta(response, self._text[self._text_position(offset) :])
        return events

    def audio(self, pcm: bytes) -> list[str]:
        """Send PCM16 at VOICE_RATE, to be played."""
        response = self._open
        if response is None or not response.item_id:
            return []
        response.sent += len(pcm) // 2
        return self._audio_delta(response, self._transmitter.encode(pcm))

    def caption(self, text: str) -> list[str]:
        """Send the sentences of the generation that have begun to sound."""
        response = self._open
        if response is None or not response.item_id or not text.startswith(self._text):
            return []
        begins = response.offset + max(0, response.sent - LATE_CAPTION)
        self._sentences.append(_Sentence(begins, len(self._text)))
        delta, self._text = text[len(self._text) :], text
        return self._transcript_delta(response, delta)

    def set_heard_text(self, text: str) -> None:
        """Set the heard text of the last generation.

        Of one that is several items nobody knows which of them holds which words.
        """
        response = self._latest
        if response is not None and response.offset == 0 and self._open is not response:
            item = self._items.find(response.item_id)
            status = "incomplete" if item is None else str(item["status"])
            self._items.change(reply_item(response.item_id, text, status))

    def finish(self) -> list[str]:
        """End the response: all of the generation has been sent."""
        response = self._open
        if response is None or not response.item_id:
            return []
        return [*self._audio_delta(response, self._transmitter.finish()), *self._close("completed")]

    def flush(self) -> None:
        """Note that what was sent is not to be played any further; `settle` says why."""
        self._flushed = True

    def settle(self, *, candidate_speaks: bool, idle: bool = False) -> list[str]:
        """End a response that was flushed, or dropped before it sounded.

        `idle`: nobody is making it any more. `candidate_speaks`: the candidate has taken the floor.
        """
        flushed, self._flushed = self._flushed, False
        if self._open is None or not (flushed or idle):
            return []
        if self._cancelled:
            return self._close("cancelled", "client_cancelled")
        return self._close("cancelled", "turn_detected" if candidate_speaks else None)

    def cancel(self, response_id: str | None) -> Refusal | None:
        """Cancel a response for the client; None if there is one to be cancelled."""
        if self._open is None or response_id not in (None, self._open.response_id):
            message = "There is no such response under way."
            return Refusal("response_cancel_not_active", message, "response_id")
        self._cancelled = True
        return None

    def is_playing(self, item_id: str) -> bool:
        """Return whether this item is being played."""
        return self._open is not None and self._open.item_id == item_id

    def truncate(self, item_id: str, content_index: int, end_ms: int) -> FlushDone | Refusal | None:
        """Take how much of an item the client has played.

        None: it is not the last one that sounded, and its heard text is settled.
        """
        response = self._responses.get(item_id)
        if response is None:
            message = "Only what the interviewer has said can be truncated."
            return Refusal("invalid_value", message, "item_id")
        if content_index != 0:
            return Refusal("invalid_value", "The item has one content part.", "content_index")
        has_ms = ms_of(response.sent, VOICE_RATE)
        if end_ms > math.ceil(has_ms):  # a client rounds as it likes
            message = f"The item's audio lasts {has_ms:.0f} ms, which is less than {end_ms} ms."
            return Refusal("invalid_value", message, "audio_end_ms")
        self._items.change(reply_item(item_id, "", "incomplete"))
        if response is not self._latest:
            return None
        played = min(samples_of(end_ms, VOICE_RATE), response.sent)
        return FlushDone(response.generation, response.offset + played)

    # --- events ----------------------------------------------------------------------------------

    def _text_position(self, offset: int) -> int:
        """Return where in the text the sentence begins that `offset` lies in."""
        begun = [sentence.text_from for sentence in self._sentences if sentence.begins <= offset]
        return begun[-1] if begun else 0

    def _transcript_delta(self, response: _Response, words: str) -> list[str]:
        if not response.transcript:
            words = words.lstrip()
        if not words:
            return []
        response.transcript += words
        return [self._event("response.output_audio_transcript.delta", response, delta=words)]

    def _audio_delta(self, response: _Response, data: bytes) -> list[str]:
        if not data:
            return []
        delta = base64.b64encode(data).decode("ascii")
        return [self._event("response.output_audio.delta", response, delta=delta)]

    def _close(self, status: str, reason: str | None = None) -> list[str]:
        response, self._open = self._open, None
        if response is None:
            return []
        self._cancelled = False
        events = self._close_item(response, status) if response.item_id else []
        return [*events, self._response_event("done", response, status, reason)]

    def _close_item(self, response: _Response, status: str) -> list[str]:
        status = "completed" if status == "completed" else "incomplete"
        item = reply_item(response.item_id, response.transcript, status)
        part = {"type": "audio", "transcript": response.transcript}
        transcript = response.transcript
        return [
            self._event("response.output_audio.done", response),
            self._event("response.output_audio_transcript.done", response, transcript=transcript),
            self._event("response.content_part.done", response, part=part),
            self._items.done(item),
            self._item_event("done", response, item),
        ]

    def _event(self, kind: str, response: _Response, **fields: object) -> str:
        return self._items.event(kind, **response.place, **fields)

    def _item_event(self, what: str, response: _Response, item: Fields) -> str:
        return self._items.event(
            f"response.output_item.{what}",
            response_id=response.response_id,
            output_index=0,
            item=item,
        )

    def _response_event(
        self, what: str, response: _Response, status: str, reason: str | None = None
    ) -> str:
        item = self._items.find(response.item_id)
        details = None
        if status != "in_progress":
            details = {"type": status} | ({} if reason is None else {"reason": reason})
        body = {
            "object": "realtime.response",
            "id": response.response_id,
            "status": status,
            "status_details": details,
            "output": [] if item is None else [item],
            "conversation_id": self._items.id,
            "output_modalities": ["audio"],
            "max_output_tokens": "inf",
            "audio": {
                "output": {
                    "format": format_object(self._settings.output_format),
                    "voice": VOICE_NAME,
                }
            },
            "usage": None,
            "metadata": None,
        }
        return self._items.event(f"response.{what}", response=body)
