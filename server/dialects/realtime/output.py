"""The interviewer's side of the Realtime protocol: responses, their sound and their words.

A generation that is held and goes on is several responses: a client throws away what it has not
played of the one that was interrupted, and many take nothing more that belongs to it. Positions
are samples of a generation at VOICE_RATE.
"""

import base64
from dataclasses import dataclass

from audio.pcm import ms_of, samples_of
from audio.speech import VOICE_RATE
from server.dialects.realtime.items import Conversation, Fields, reply
from server.dialects.realtime.session_settings import VOICE as VOICE_NAME
from server.dialects.realtime.session_settings import Refusal, SessionSettings, format_object
from server.dialects.telephony.codec import Transmitter
from sessions.leg import FlushDone

LATE_CAPTION = VOICE_RATE // 10
"""A sentence is told once a piece that holds some of it was sent; a piece lasts 100 ms at most."""

PLACE = {"output_index": 0, "content_index": 0}


@dataclass(slots=True)
class _Run:
    """One response. It has no item as long as the interviewer is thinking."""

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
    begins: int  # about
    text_from: int


class Spoken:
    """One connection's responses. At most one is open."""

    def __init__(self, conversation: Conversation, settings: SessionSettings) -> None:
        self._conversation = conversation
        self._settings = settings
        self._open: _Run | None = None
        self._latest: _Run | None = None
        self._runs: dict[str, _Run] = {}
        self._transmitter = Transmitter(settings.spoken)
        self._flushed = False
        self._cancelled = False
        self._text = ""  # of the present generation, as far as it was told
        self._sentences: list[_Sentence] = []

    @property
    def response_id(self) -> str | None:
        """The open response's id."""
        return None if self._open is None else self._open.response_id

    def think(self) -> list[str]:
        """A reply is being made."""
        if self._open is not None:
            return []
        self._cancelled = False
        self._open = _Run(self._conversation.new_id("resp"))
        return [self._respond("created", self._open, "in_progress")]

    def begin(self, generation: int, offset: int) -> list[str]:
        """Sound of this generation follows, from `offset` on."""
        told = [*self.settle(heard=True), *self.think()]
        run = self._open
        if run is None:
            raise TypeError("a response was opened just now")
        if self._latest is None or self._latest.generation != generation:
            self._text, self._sentences = "", []
        run.item_id = self._conversation.new_id("item")
        run.generation, run.offset = generation, offset
        self._latest = self._runs[run.item_id] = run
        self._transmitter = Transmitter(self._settings.spoken)
        item = reply(run.item_id, None, "in_progress")
        told.append(self._item_event("added", run, item))
        told.append(self._conversation.add(item))
        part = {"type": "audio", "transcript": ""}
        told.append(self._event("response.content_part.added", run, part=part))
        told += self._tell(run, self._text[self._cut_at(offset) :])
        return told

    def audio(self, pcm: bytes) -> list[str]:
        """PCM16 at VOICE_RATE, to be played."""
        run = self._open
        if run is None or not run.item_id:
            return []
        run.sent += len(pcm) // 2
        return self._deliver(run, self._transmitter.speak(pcm))

    def caption(self, text: str) -> list[str]:
        """The sentences of the generation that have begun to sound."""
        run = self._open
        if run is None or not run.item_id or not text.startswith(self._text):
            return []
        begins = run.offset + max(0, run.sent - LATE_CAPTION)
        self._sentences.append(_Sentence(begins, len(self._text)))
        delta, self._text = text[len(self._text) :], text
        return self._tell(run, delta)

    def heard(self, text: str) -> None:
        """The words of the last generation that were heard are settled. Of one that is several
        items nobody knows which of them holds which."""
        run = self._latest
        if run is not None and run.offset == 0 and self._open is not run:
            item = self._conversation.find(run.item_id)
            status = "incomplete" if item is None else str(item["status"])
            self._conversation.change(reply(run.item_id, text, status))

    def finish(self) -> list[str]:
        """All of the generation has been sent."""
        run = self._open
        if run is None or not run.item_id:
            return []
        return [*self._deliver(run, self._transmitter.finish()), *self._close("completed")]

    def flush(self) -> None:
        """What was sent is not to be played any further; `settle` tells why."""
        self._flushed = True

    def settle(self, *, heard: bool, idle: bool = False) -> list[str]:
        """End a response that was flushed, or thrown away before it sounded (`idle`: nobody is
        making it any more). `heard`: the candidate has taken the floor."""
        flushed, self._flushed = self._flushed, False
        if self._open is None or not (flushed or idle):
            return []
        if self._cancelled:
            return self._close("cancelled", "client_cancelled")
        return self._close("cancelled", "turn_detected" if heard else None)

    def cancel(self, response_id: str | None) -> Refusal | None:
        """The client cancels; None if there is a response to be cancelled."""
        if self._open is None or response_id not in (None, self._open.response_id):
            message = "There is no such response under way."
            return Refusal("response_cancel_not_active", message, "response_id")
        self._cancelled = True
        return None

    def speaks(self, item_id: str) -> bool:
        """Whether this item is being spoken."""
        return self._open is not None and self._open.item_id == item_id

    def truncate(self, item_id: str, content_index: int, end_ms: int) -> FlushDone | Refusal | None:
        """The client has played so much of an item. None: it is not the last one that sounded,
        and what was heard of it is settled."""
        run = self._runs.get(item_id)
        if run is None:
            message = "Only what the interviewer has said can be truncated."
            return Refusal("invalid_value", message, "item_id")
        if content_index != 0:
            return Refusal("invalid_value", "The item has one content part.", "content_index")
        has_ms = ms_of(run.sent, VOICE_RATE)
        if end_ms > has_ms:
            message = f"The item's audio lasts {has_ms:.0f} ms, which is less than {end_ms} ms."
            return Refusal("invalid_value", message, "audio_end_ms")
        self._conversation.change(reply(item_id, "", "incomplete"))
        if run is not self._latest:
            return None
        return FlushDone(run.generation, run.offset + samples_of(end_ms, VOICE_RATE))

    # --- events ----------------------------------------------------------------------------------

    def _cut_at(self, offset: int) -> int:
        """Where in the text the sentence begins that `offset` lies in."""
        begun = [sentence.text_from for sentence in self._sentences if sentence.begins <= offset]
        return begun[-1] if begun else 0

    def _tell(self, run: _Run, words: str) -> list[str]:
        if not run.transcript:
            words = words.lstrip()
        if not words:
            return []
        run.transcript += words
        return [self._event("response.output_audio_transcript.delta", run, delta=words)]

    def _deliver(self, run: _Run, data: bytes) -> list[str]:
        if not data:
            return []
        delta = base64.b64encode(data).decode("ascii")
        return [self._event("response.output_audio.delta", run, delta=delta)]

    def _close(self, status: str, reason: str | None = None) -> list[str]:
        run, self._open = self._open, None
        if run is None:
            return []
        self._cancelled = False
        told = self._close_item(run, status) if run.item_id else []
        return [*told, self._respond("done", run, status, reason)]

    def _close_item(self, run: _Run, status: str) -> list[str]:
        status = "completed" if status == "completed" else "incomplete"
        item = reply(run.item_id, run.transcript, status)
        part = {"type": "audio", "transcript": run.transcript}
        transcript = run.transcript
        return [
            self._event("response.output_audio.done", run),
            self._event("response.output_audio_transcript.done", run, transcript=transcript),
            self._event("response.content_part.done", run, part=part),
            self._conversation.done(item),
            self._item_event("done", run, item),
        ]

    def _event(self, kind: str, run: _Run, **fields: object) -> str:
        return self._conversation.event(kind, **run.place, **fields)

    def _item_event(self, what: str, run: _Run, item: Fields) -> str:
        return self._conversation.event(
            f"response.output_item.{what}", response_id=run.response_id, output_index=0, item=item
        )

    def _respond(self, what: str, run: _Run, status: str, reason: str | None = None) -> str:
        item = self._conversation.find(run.item_id)
        details = None
        if status != "in_progress":
            details = {"type": status} | ({} if reason is None else {"reason": reason})
        response = {
            "object": "realtime.response",
            "id": run.response_id,
            "status": status,
            "status_details": details,
            "output": [] if item is None else [item],
            "conversation_id": self._conversation.id,
            "output_modalities": ["audio"],
            "max_output_tokens": "inf",
            "audio": {
                "output": {"format": format_object(self._settings.spoken), "voice": VOICE_NAME}
            },
            "usage": None,
            "metadata": None,
        }
        return self._conversation.event(f"response.{what}", response=response)
