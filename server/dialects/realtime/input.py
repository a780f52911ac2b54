"""The candidate's side of the Realtime protocol: the input buffer, and the items of what was said.

While turns are detected, sound is passed on as it comes, and an item appears when its turn is
closed, with its words. With push to talk it waits in the buffer until it is committed.
"""

import base64

import numpy as np
from numpy.typing import NDArray

from audio.pcm import AudioFormatError, ms_of
from audio.speech import SPEECH_RATE
from server.dialects.dialect import Answered, DialectError, Received, Several, SoundKept
from server.dialects.realtime.items import Conversation, spoken_answer, written_answer
from server.dialects.realtime.messages import MAX_TYPED_CHARS, ItemCreate
from server.dialects.realtime.session_settings import SessionSettings
from server.dialects.telephony.codec import Receiver
from sessions.leg import AnswerComplete, TextTyped
from sessions.listening.listener import LATE_ONSET_MS, PRE_ROLL_MS
from sessions.turntaking.transitions import CandidateState

MAX_KEPT_S = 120.0
"""An answer on push to talk, 4 MB of sound in memory: twice the longest answer that anybody would
want to listen to."""

MIN_COMMIT_MS = 100.0
"""The protocol's own least for a commit."""

CAPTURED_LATE_MS = PRE_ROLL_MS + LATE_ONSET_MS
"""So long before it is noticed, a voice's sound has begun."""

TRANSCRIPTION = "conversation.item.input_audio_transcription."


class Heard:
    """One connection's candidate."""

    def __init__(self, conversation: Conversation, settings: SessionSettings) -> None:
        self._conversation = conversation
        self._settings = settings
        self._wire = settings.heard
        self._receiver = Receiver(self._wire)
        self._heard_ms = 0.0  # all sound so far
        self._fresh_ms = 0.0  # since the last commit
        self._kept: list[NDArray[np.int16]] = []
        self._keeping = False
        self._state = CandidateState.QUIET
        self._voiced = False  # the client was told that somebody speaks
        self._speaking: str | None = None  # the item that will be made of it
        self._committed: str | None = None  # the item that waits for its words
        self._spoke = False  # of which a voice was heard
        self._began_ms = 0.0
        self._typed: list[str] = []
        self._last: tuple[str, str] | None = None  # caption and item of the last turn

    # --- from the client -------------------------------------------------------------------------

    def append(self, audio: str) -> NDArray[np.int16] | SoundKept:
        """Sound: 16 kHz, or kept. Raises DialectError."""
        if self._wire != self._settings.heard:
            self._wire = self._settings.heard
            self._receiver = Receiver(self._wire)
        try:
            samples = self._receiver.hear(base64.b64decode(audio, validate=True))
        except AudioFormatError as error:
            raise DialectError("invalid_audio", str(error)) from None
        except ValueError:  # binascii.Error is one, and letters beyond ASCII raise another
            raise DialectError("invalid_audio", "That audio is not base64.") from None
        self._follow_mode()
        lasts_ms = ms_of(len(samples), SPEECH_RATE)
        self._heard_ms += lasts_ms
        self._fresh_ms += lasts_ms
        if not self._settings.push_to_talk:
            return samples
        if self._fresh_ms > MAX_KEPT_S * 1000:
            self._forget()
            raise DialectError(
                "buffer_too_long", f"An answer has at most {MAX_KEPT_S:.0f} s; it was not kept."
            )
        self._kept.append(samples)
        return SoundKept(lasts_ms / 1000)

    def commit(self, event_id: str | None) -> Received:
        """The answer is complete."""
        self._follow_mode()
        if self._fresh_ms < MIN_COMMIT_MS:
            message = (
                f"There are {self._fresh_ms:.0f} ms of audio to commit; at least "
                f"{MIN_COMMIT_MS:.0f} ms are needed."
            )
            return self._conversation.refusal(
                "input_audio_buffer_commit_empty", message, event_id=event_id
            )
        if not self._settings.push_to_talk:
            self._fresh_ms = 0.0
            return AnswerComplete()
        kept = np.concatenate(self._kept)
        told = self._fail("The words before could not be understood.")
        self._began_ms = self._heard_ms - self._fresh_ms
        self._forget()
        self._committed, self._spoke = self._conversation.new_id("item"), False
        told += self._commit(self._committed)
        return Several((Answered(tuple(told)), AnswerComplete(kept)))

    def clear(self) -> Received:
        """What waits is not meant. What was passed on has been heard."""
        self._forget()
        return Answered((self._conversation.event("input_audio_buffer.cleared"),))

    def write(self, event: ItemCreate) -> Received:
        """A written answer."""
        problem = self._not_addable(event)
        if problem is not None:
            code, message, param = problem
            return self._conversation.refusal(code, message, param=param, event_id=event.event_id)
        text = " ".join(part.text.strip() for part in event.item.content if part.text).strip()
        item = written_answer(event.item.id or self._conversation.new_id("item"), text)
        self._typed.append(text)
        told = (self._conversation.add(item), self._conversation.done(item))
        return Several((Answered(told), TextTyped(text)))

    def _not_addable(self, event: ItemCreate) -> tuple[str, str, str] | None:
        """Why this item cannot be added: code, sentence and place."""
        item, last = event.item, self._conversation.last
        if item.type != "message" or item.role != "user":
            message = "Only the candidate's own words can be added to an interview."
            return "not_allowed_in_interview", message, "item"
        if any(part.type != "input_text" for part in item.content):
            message = "An item holds input_text; sound is appended to the input buffer."
            return "not_allowed_in_interview", message, "item.content"
        if not any(part.text and part.text.strip() for part in item.content):
            return "invalid_value", "The item has no words.", "item.content"
        if sum(len(part.text or "") for part in item.content) > MAX_TYPED_CHARS:
            message = f"A written answer has at most {MAX_TYPED_CHARS} characters."
            return "invalid_value", message, "item.content"
        if item.id is not None and self._conversation.find(item.id) is not None:
            return "invalid_value", "There is an item of that id already.", "item.id"
        if event.previous_item_id not in (None, last):
            message = "An interview grows at its end: that item is not the last one."
            return "not_allowed_in_interview", message, "previous_item_id"
        return None

    def _follow_mode(self) -> None:
        """What came before the way of taking turns was changed is no part of an answer."""
        if self._keeping != self._settings.push_to_talk:
            self._keeping = self._settings.push_to_talk
            self._forget()

    def _forget(self) -> None:
        self._kept.clear()
        self._fresh_ms = 0.0

    # --- from the session ------------------------------------------------------------------------

    def moved(self, state: CandidateState, *, answered: bool) -> list[str]:
        """The candidate's state, told after the words of a turn that it has closed. `answered`: a
        reply is being made or heard."""
        before, self._state = self._state, state
        speaking = state is CandidateState.SPEAKING
        told = self._tell_voice(speaking) if speaking != self._voiced else []
        self._spoke = self._spoke or speaking
        if state is not CandidateState.QUIET:
            return told
        if before is not CandidateState.QUIET:
            self._speaking = None  # it was no turn, or has been told
        if (before is not CandidateState.QUIET) if self._spoke else answered:
            told += self._fail("Nothing was heard that could be understood.")
        return told

    def settled(self, caption_id: str, text: str) -> list[str]:
        """The words of a turn are final. Those of a turn that was told before and has gone on
        since take its place."""
        told: list[str] = []
        if self._last is not None and self._last[0] == caption_id:
            told.append(self._conversation.delete(self._last[1]))
            self._last = None
        typed, self._typed = " ".join(self._typed), []
        said = text.removesuffix(typed).strip()
        item_id, new = self._committed or self._speaking, self._committed is None
        if item_id is None and typed and not said:
            return told
        item_id = item_id or self._conversation.new_id("item")
        if new:
            told += self._commit(item_id)
        self._committed = self._speaking = None
        self._fresh_ms = 0.0 if new else self._fresh_ms
        self._last = caption_id, item_id
        self._conversation.change(spoken_answer(item_id, said))
        told.append(self._transcribed("delta", item_id, delta=said))
        usage = {"type": "duration", "seconds": self._lasted_s}
        told.append(self._transcribed("completed", item_id, transcript=said, usage=usage))
        return told

    def _tell_voice(self, speaking: bool) -> list[str]:
        if speaking and self._settings.push_to_talk:
            return []
        self._voiced = speaking
        if speaking:
            if self._speaking is None:
                self._speaking = self._conversation.new_id("item")
                self._began_ms = max(0.0, self._heard_ms - CAPTURED_LATE_MS)
            at = {"audio_start_ms": round(max(0.0, self._heard_ms - CAPTURED_LATE_MS))}
        else:
            at = {"audio_end_ms": round(self._heard_ms)}
        kind = f"input_audio_buffer.speech_{'started' if speaking else 'stopped'}"
        return [self._conversation.event(kind, item_id=self._speaking or "", **at)]

    def _commit(self, item_id: str) -> list[str]:
        item = spoken_answer(item_id, None)
        previous = self._conversation.last
        committed = self._conversation.event(
            "input_audio_buffer.committed", item_id=item_id, previous_item_id=previous
        )
        return [committed, self._conversation.add(item), self._conversation.done(item)]

    def _fail(self, message: str) -> list[str]:
        item_id, self._committed, self._spoke = self._committed, None, False
        if item_id is None:
            return []
        error = {"type": "transcription_error", "code": "not_understood", "message": message}
        return [self._transcribed("failed", item_id, error=error)]

    def _transcribed(self, what: str, item_id: str, **fields: object) -> str:
        return self._conversation.event(
            TRANSCRIPTION + what, item_id=item_id, content_index=0, **fields
        )

    @property
    def _lasted_s(self) -> float:
        return round(max(0.0, self._heard_ms - self._began_ms) / 1000, 3)
