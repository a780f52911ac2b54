"""Realtime input: the input buffer, and the items of what the candidate said.

While turns are detected, audio is passed on as it arrives, and an item appears when its turn is
closed, with its words. With push to talk it is buffered until it is committed.
"""

import base64
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from audio.pcm import AudioFormatError, ms_of
from audio.speech import SPEECH_RATE
from server.dialects.dialect import AudioBuffered, DialectError, PeerReply, Received, Several
from server.dialects.realtime.items import ConversationItems, spoken_item, written_item
from server.dialects.realtime.messages import MAX_TYPED_CHARS, ItemCreate
from server.dialects.realtime.session_settings import SessionSettings
from server.dialects.telephony.codec import Receiver
from sessions.leg import ANSWERS_A_S, ANSWERS_AT_ONCE, AnswerComplete, TextTyped
from sessions.listening.listener import LATE_ONSET_MS, PRE_ROLL_MS
from sessions.token_bucket import TokenBucket
from sessions.turntaking.transitions import CandidateState

MAX_BUFFERED_S = 120.0
"""Longest answer on push to talk, 4 MB of audio in memory: twice the longest answer that anybody
would want to listen to."""

MIN_COMMIT_MS = 100.0
"""Shortest commit, the protocol's own limit."""

ONSET_DELAY_MS = PRE_ROLL_MS + LATE_ONSET_MS
"""Time by which a voice begins before it is detected."""

REPLAYED_WORDS = 3
"""Fewest words by which a written item is known as an answer of before, where it does not follow
the one that came last: "yes" may well be said again."""

TRANSCRIPTION = "conversation.item.input_audio_transcription."


class RealtimeInput:
    """Candidate's side of one connection."""

    def __init__(
        self, items: ConversationItems, settings: SessionSettings, clock: Callable[[], float]
    ) -> None:
        self._items = items
        self._settings = settings
        self._clock = clock
        self._answers = TokenBucket(ANSWERS_AT_ONCE, ANSWERS_A_S, clock())
        self._wire = settings.input_format
        self._receiver = Receiver(self._wire)
        self._received_ms = 0.0  # all sound so far
        self._uncommitted_ms = 0.0  # since the last commit
        self._buffered: list[NDArray[np.int16]] = []
        self._buffering = False
        self._state = CandidateState.QUIET
        self._reported_speaking = False  # the client was told that somebody speaks
        self._speaking_item: str | None = None  # the item that will be made of it
        self._committed_item: str | None = None  # the item that waits for its words
        self._has_voice = False  # of which a voice was heard
        self._began_ms = 0.0
        self._typed: list[str] = []
        self._history: list[str] = []  # of before this connection, which a client may send again
        self._last: tuple[str, str] | None = None  # caption and item of the last turn

    # --- from the client -------------------------------------------------------------------------

    def append(self, audio: str) -> NDArray[np.int16] | AudioBuffered:
        """Take audio; return it at 16 kHz, or that it was buffered. Raises DialectError."""
        if self._wire != self._settings.input_format:
            self._wire = self._settings.input_format
            self._receiver = Receiver(self._wire)
        try:
            samples = self._receiver.decode(base64.b64decode(audio, validate=True))
        except AudioFormatError as error:
            raise DialectError("invalid_audio", str(error)) from None
        except ValueError:  # binascii.Error is one, and letters beyond ASCII raise another
            raise DialectError("invalid_audio", "That audio is not base64.") from None
        self._follow_mode()
        self._history.clear()
        duration_ms = ms_of(len(samples), SPEECH_RATE)
        self._received_ms += duration_ms
        self._uncommitted_ms += duration_ms
        if not self._settings.push_to_talk:
            return samples
        if self._uncommitted_ms > MAX_BUFFERED_S * 1000:
            self._clear()
            raise DialectError(
                "buffer_too_long", f"An answer has at most {MAX_BUFFERED_S:.0f} s; it was not kept."
            )
        self._buffered.append(samples)
        return AudioBuffered(duration_ms / 1000)

    def commit(self, event_id: str | None) -> Received:
        """End the answer."""
        self._follow_mode()
        if self._uncommitted_ms < MIN_COMMIT_MS:
            message = (
                f"There are {self._uncommitted_ms:.0f} ms of audio to commit; at least "
                f"{MIN_COMMIT_MS:.0f} ms are needed."
            )
            return self._items.refusal(
                "input_audio_buffer_commit_empty", message, event_id=event_id
            )
        if not self._answers.take(self._clock()):
            return self._too_many(event_id)
        if not self._settings.push_to_talk:
            self._uncommitted_ms = 0.0
            return AnswerComplete()
        buffered = np.concatenate(self._buffered)
        events = self._fail("The words before could not be understood.")
        self._began_ms = self._received_ms - self._uncommitted_ms
        self._clear()
        self._committed_item, self._has_voice = self._items.new_id("item"), False
        events += self._commit(self._committed_item)
        return Several((PeerReply(tuple(events)), AnswerComplete(buffered)))

    def clear(self) -> Received:
        """Drop what is buffered. What was passed on has been heard."""
        self._clear()
        return PeerReply((self._items.event("input_audio_buffer.cleared"),))

    def create_item(self, event: ItemCreate) -> Received:
        """Take a written answer."""
        problem = self._why_not_addable(event)
        if problem is not None:
            code, message, param = problem
            return self._items.refusal(code, message, param=param, event_id=event.event_id)
        if not self._answers.take(self._clock()):
            return self._too_many(event.event_id)
        text = " ".join(part.text.strip() for part in event.item.content if part.text).strip()
        item = written_item(event.item.id or self._items.new_id("item"), text)
        events = (self._items.add(item), self._items.done(item))
        if self._is_replayed(text):
            return PeerReply(events)
        self._typed.append(text)
        return Several((PeerReply(events), TextTyped(text)))

    def said_before(self, answers: list[str]) -> None:
        """Note what the candidate had said before this connection, oldest first."""
        self._history = [_plain(answer) for answer in answers]

    def _is_replayed(self, text: str) -> bool:
        """Return whether a client that came back sends its history: that was said, and counts once.

        It does so in order, and before anything else.
        """
        words = _plain(text)
        for place, answer in enumerate(self._history):
            if answer == words and (place == 0 or len(words.split()) >= REPLAYED_WORDS):
                del self._history[: place + 1]
                return True
        self._history.clear()
        return False

    def _why_not_addable(self, event: ItemCreate) -> tuple[str, str, str] | None:
        """Return why this item cannot be added: code, sentence and place; None if it can be."""
        item, last = event.item, self._items.last
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
        if item.id is not None and self._items.find(item.id) is not None:
            return "invalid_value", "There is an item of that id already.", "item.id"
        if event.previous_item_id not in (None, last):
            message = "An interview grows at its end: that item is not the last one."
            return "not_allowed_in_interview", message, "previous_item_id"
        return None

    def _too_many(self, event_id: str | None) -> PeerReply:
        message = "That is more than anybody can mean: wait for the interviewer, then answer."
        return self._items.refusal("rate_limit_exceeded", message, event_id=event_id)

    def _follow_mode(self) -> None:
        """Drop the buffer when turn detection changes: what came before is no part of an answer."""
        if self._buffering != self._settings.push_to_talk:
            self._buffering = self._settings.push_to_talk
            self._clear()

    def _clear(self) -> None:
        self._buffered.clear()
        self._uncommitted_ms = 0.0

    # --- from the session ------------------------------------------------------------------------

    def on_state(self, state: CandidateState, *, answered: bool) -> list[str]:
        """Return the events of the candidate's state.

        A state follows the words of a turn that it has closed. `answered`: a reply is being made or
        heard.
        """
        before, self._state = self._state, state
        speaking = state is CandidateState.SPEAKING
        events = self._report_voice(speaking) if speaking != self._reported_speaking else []
        self._has_voice = self._has_voice or speaking
        if state is not CandidateState.QUIET:
            return events
        if before is not CandidateState.QUIET:
            self._speaking_item = None  # it was no turn, or has been reported
        if (before is not CandidateState.QUIET) if self._has_voice else answered:
            events += self._fail("Nothing was heard that could be understood.")
        return events

    def on_final_transcript(self, caption_id: str, text: str) -> list[str]:
        """Return the events of a turn's final words.

        They take the place of those of a turn that was reported before and has gone on since.
        """
        events: list[str] = []
        if self._last is not None and self._last[0] == caption_id:
            events.append(self._items.delete(self._last[1]))
            self._last = None
        typed, self._typed = " ".join(self._typed), []
        said = text.removesuffix(typed).strip()
        item_id, new = self._committed_item or self._speaking_item, self._committed_item is None
        if item_id is None and typed and not said:
            return events
        item_id = item_id or self._items.new_id("item")
        if new:
            events += self._commit(item_id)
        self._committed_item = self._speaking_item = None
        self._uncommitted_ms = 0.0 if new else self._uncommitted_ms
        self._last = caption_id, item_id
        self._items.change(spoken_item(item_id, said))
        events.append(self._transcribed("delta", item_id, delta=said))
        usage = {"type": "duration", "seconds": self._duration_s}
        events.append(self._transcribed("completed", item_id, transcript=said, usage=usage))
        return events

    def _report_voice(self, speaking: bool) -> list[str]:
        if speaking and self._settings.push_to_talk:
            return []
        self._reported_speaking = speaking
        if speaking:
            if self._speaking_item is None:
                self._speaking_item = self._items.new_id("item")
                self._began_ms = max(0.0, self._received_ms - ONSET_DELAY_MS)
            at = {"audio_start_ms": round(max(0.0, self._received_ms - ONSET_DELAY_MS))}
        else:
            at = {"audio_end_ms": round(self._received_ms)}
        kind = f"input_audio_buffer.speech_{'started' if speaking else 'stopped'}"
        return [self._items.event(kind, item_id=self._speaking_item or "", **at)]

    def _commit(self, item_id: str) -> list[str]:
        item = spoken_item(item_id, None)
        previous = self._items.last
        committed = self._items.event(
            "input_audio_buffer.committed", item_id=item_id, previous_item_id=previous
        )
        return [committed, self._items.add(item), self._items.done(item)]

    def _fail(self, message: str) -> list[str]:
        item_id, self._committed_item, self._has_voice = self._committed_item, None, False
        if item_id is None:
            return []
        error = {"type": "transcription_error", "code": "not_understood", "message": message}
        return [self._transcribed("failed", item_id, error=error)]

    def _transcribed(self, what: str, item_id: str, **fields: object) -> str:
        return self._items.event(TRANSCRIPTION + what, item_id=item_id, content_index=0, **fields)

    @property
    def _duration_s(self) -> float:
        return round(max(0.0, self._received_ms - self._began_ms) / 1000, 3)


def _plain(text: str) -> str:
    """Return the words alone, as two ways to write the same have them."""
    kept = (character if character.isalnum() else " " for character in text.casefold())
    return " ".join("".join(kept).split())
