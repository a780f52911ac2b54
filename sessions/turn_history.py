"""The session's book: its turns in memory, and what each is stamped with when it goes on record.

Latency stamps are session ms. The stages of a reply to an answer follow one another in time except
where work was done ahead (speculation), which is why each is kept as a stamp and not as a length.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sessions.interviewer.progress import FILLER
from sessions.listening.listener import Listener
from sessions.speaking.voiced_reply import VoicedReply
from sessions.turntaking.commands import CheckpointTurn
from sessions.turntaking.turns import Turn

PARTS = {
    "notice": "words_asked",
    "transcribe": "transcript_final",
    "begin": "prepare",
    "think": "first_token",
    "write": "first_sentence",
    "voice": "first_audio",
    "hold": "released",
    "send": "first_audio_sent",
    "play": "first_audio_played",
}
"""The parts of the candidate's wait for a reply, in order, and the stamp that ends each:

notice      until speech had faltered, and its words were asked for
transcribe  until they were there
begin       until a reply to them was being prepared
think       until its first text was there
write       until its first sentence was
voice       until the first sound of that was
hold        until the reply was let out: what was left of the patience
send        until its first sound was sent
play        until it left the candidate's loudspeaker

The wait begins at the stamp `speech_end`.
"""

STAMPS = ("speech_end", "endpoint", *PARTS.values())
"""Every stamp that a turn may hold; `endpoint` is when the answer was taken as over, which ends no
part: a reply may be prepared before it."""

REPLY_STAMPS = tuple(PARTS.values())[2:]
"""The stamps that are known with the reply, after those of the answer."""


class TurnHistory:
    """Turns so far, oldest first, and what is known of the turn that is being made."""

    def __init__(self, turns: Iterable[Turn], *, voice_model: str) -> None:
        self.turns = list(turns)
        self._voice_model = voice_model
        self._words_at: float | None = None
        self._answer: dict[str, float] = {}
        self._thrown_away = 0
        self._thrown_away_ms = 0.0

    @property
    def question(self) -> str | None:
        """The id of the plan's question that was put last; None before the first."""
        moves = (turn.move.get("question") for turn in reversed(self.turns))
        return next((question for question in moves if question), None)

    def words_are_there(self, now: float) -> None:
        """The words of the open turn are known; a reply to them is being prepared."""
        self._words_at = now

    def thrown_away(self, reply: VoicedReply) -> None:
        """A prepared reply was thrown away unheard."""
        self._thrown_away += 1
        self._thrown_away_ms += reply.samples / 24  # samples a ms at VOICE_RATE

    def reopened(self, index: int) -> None:
        """The candidate's turn `index`, the last one, goes on: it is no turn any more."""
        self.turns = [turn for turn in self.turns if turn.index != index]

    def answered(self, command: CheckpointTurn, now: float, listener: Listener) -> Turn:
        """The candidate's turn, closed at `now`."""
        words_at = now if self._words_at is None else self._words_at
        if words_at < command.ended_ms:  # they were of an earlier pause: the answer went on
            words_at = now
        asked_at = max(command.ended_ms, words_at - listener.transcribe_ms)
        self._answer = {
            "speech_end": round(command.ended_ms, 1),
            "words_asked": round(asked_at, 1),
            "transcript_final": round(words_at, 1),
            "endpoint": round(now, 1),
        }
        self._words_at = None
        stamps = {
            **self._answer,
            "endpoint_rule": command.rule,
            "transcribe_ms": round(listener.transcribe_ms, 1),
        }
        usage: dict[str, Any] = {"stt": listener.model}
        if listener.clipped_share is not None:
            usage["clipped_share"] = round(listener.clipped_share, 3)
        return self._enter(command, latency=stamps, usage=usage)

    def recruiter_said(self, command: CheckpointTurn, listener: Listener) -> Turn:
        """The turn of a recruiter who holds the floor."""
        return self._enter(command, usage={"stt": listener.model})

    def replied(self, command: CheckpointTurn, reply: VoicedReply) -> Turn:
        """The interviewer's turn, as it was heard."""
        stamps = self._reply_stamps(reply)
        self._answer, self._thrown_away, self._thrown_away_ms = {}, 0, 0.0
        usage: dict[str, Any] = {"tts": self._voice_model, "voiced_chars": len(reply.text)}
        if reply.usage is not None:
            usage["llm"] = reply.usage.model
            usage["input_tokens"] = reply.usage.input_tokens
            usage["output_tokens"] = reply.usage.output_tokens
            usage["cost_usd"] = reply.usage.cost_usd
        move = reply.move.as_record() if reply.move is not None else {}
        if reply.filler and len(command.heard_text) <= len(reply.filler):
            move = {"kind": FILLER}  # what it was to do was not heard
        return self._enter(command, latency=stamps, usage=usage, move=move)

    def _reply_stamps(self, reply: VoicedReply) -> dict[str, Any]:
        """Stages of the reply after those of the answer. `voice_to_voice_ms` runs from the
        candidate's last sound to the reply's first at the candidate's loudspeaker, and is the sum
        of `breakdown`; both are absent where the reply answers nothing (a greeting).
        `speculated_ms` is how long before the answer was over its reply was being prepared."""
        stamps: dict[str, Any] = dict(self._answer)
        for stamp in REPLY_STAMPS:
            if stamp in reply.latency:
                stamps[stamp] = round(reply.latency[stamp], 1)
        if "speech_end" in stamps and "first_audio_played" in stamps:
            waited = stamps["first_audio_played"] - stamps["speech_end"]
            stamps["voice_to_voice_ms"] = round(waited, 1)
            stamps["breakdown"] = breakdown(stamps)
        if "endpoint" in stamps and "prepare" in stamps:
            stamps["speculated_ms"] = round(max(0.0, stamps["endpoint"] - stamps["prepare"]), 1)
        stamps["underrun_ms"] = round(reply.latency.get("underrun_ms", 0.0), 1)
        stamps["thrown_away"] = self._thrown_away
        stamps["thrown_away_ms"] = round(self._thrown_away_ms, 1)
        return stamps

    def _enter(self, command: CheckpointTurn, **more: Any) -> Turn:
        turn = Turn(
            index=command.index,
            speaker=command.speaker,
            text=command.text,
            heard_text=command.heard_text,
            started_ms=round(command.started_ms),
            ended_ms=round(command.ended_ms),
            confidence=command.confidence,
            interrupted=command.interrupted,
            revision=command.revision,
            **more,
        )
        self.turns.append(turn)
        return turn


def breakdown(stamps: Mapping[str, float]) -> dict[str, float]:
    """The parts in ms, rounded to a tenth as the stamps are; a stamp that is missing ends no part.
    Together they are `first_audio_played` - `speech_end`. {} where one of these two is missing, or
    the reply began before the speech was over."""
    at, end = stamps.get("speech_end"), stamps.get("first_audio_played")
    if at is None or end is None or end < at:
        return {}
    parts: dict[str, float] = {}
    for part, stamp in PARTS.items():
        if stamp in stamps:
            reached = min(max(at, stamps[stamp]), end)
            parts[part] = round(reached - at, 1)
            at = reached
    return parts
