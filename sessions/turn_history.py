"""TurnHistory: a session's turns in memory, and the latency stamps that each goes on record with.

Stamps are session ms. The stages of a reply to an answer follow one another in time except where
work was done ahead (speculation), which is why each is kept as a stamp and not as a length.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from sessions.cost.money import usage_of
from sessions.cost.tally import Tally, Used
from sessions.interviewer.progress import FILLER
from sessions.listening.listener import Listener
from sessions.speaking.voiced_reply import VoicedReply
from sessions.turntaking.commands import AmendTurn, CheckpointTurn
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
"""The parts of the candidate's wait for a reply, in order, and the stamp that ends each.

notice      until the pause was noticed, and its transcript was asked for
transcribe  until the transcript was there
begin       until a reply to it was being prepared
think       until the first text of the reply was there
write       until its first sentence was there
voice       until the first sound of that sentence was there
hold        until the reply was released: the rest of the patience
send        until its first sound was sent
play        until that left the candidate's loudspeaker

The wait begins at the stamp `speech_end`.
"""

STAMPS = ("speech_end", "endpoint", *PARTS.values())
"""Every stamp that a turn may hold. `endpoint` is when the answer was taken as over; it ends no
part, since a reply may be prepared before it."""

REPLY_STAMPS = tuple(PARTS.values())[2:]
"""The stamps that are known with the reply, after those of the answer."""


class TurnHistory:
    """Turns so far, oldest first, and what is known of the turn that is being made."""

    def __init__(self, turns: Iterable[Turn], *, voice_model: str, tally: Tally) -> None:
        self.turns = list(turns)
        self._voice_model = voice_model
        self._tally = tally
        self._used: dict[int, Used] = {}  # by turns of this run
        self._transcript_ms: float | None = None
        self._answer: dict[str, float] = {}
        self._discarded = 0
        self._discarded_ms = 0.0

    @property
    def question(self) -> str | None:
        """The id of the plan's question that was put last; None before the first."""
        moves = (turn.move.get("question") for turn in reversed(self.turns))
        return next((question for question in moves if question), None)

    def transcript_ready(self, now: float) -> None:
        """Note when the words of the open turn were known."""
        self._transcript_ms = now

    def reply_discarded(self, reply: VoicedReply) -> None:
        """Count a prepared reply that was thrown away unheard."""
        self._discarded += 1
        self._discarded_ms += reply.samples / 24  # samples a ms at VOICE_RATE

    def reopen(self, index: int) -> None:
        """Remove the candidate's turn `index`, the last one: the candidate goes on."""
        self._tally.give_back(self._used.pop(index, ()))
        self.turns = [turn for turn in self.turns if turn.index != index]

    def add_answer(self, command: CheckpointTurn, now: float, listener: Listener) -> Turn:
        """Add the candidate's turn, closed at `now`."""
        transcript_ms = now if self._transcript_ms is None else self._transcript_ms
        if transcript_ms < command.ended_ms:  # of an earlier pause: the answer went on
            transcript_ms = now
        asked_ms = max(command.ended_ms, transcript_ms - listener.transcribe_ms)
        self._answer = {
            "speech_end": round(command.ended_ms, 1),
            "words_asked": round(asked_ms, 1),
            "transcript_final": round(transcript_ms, 1),
            "endpoint": round(now, 1),
        }
        self._transcript_ms = None
        stamps = {
            **self._answer,
            "endpoint_rule": command.rule,
            "transcribe_ms": round(listener.transcribe_ms, 1),
        }
        usage: dict[str, Any] = {"stt": listener.model, **_rated_by(command)}
        if listener.heard_by:
            usage["heard_by"] = [asdict(hearer) for hearer in listener.heard_by]
        if listener.microphone.clipped_share is not None:
            usage["clipped_share"] = round(listener.microphone.clipped_share, 3)
        return self._add(command, latency=stamps, usage=usage)

    def amend(self, command: AmendTurn) -> Turn | None:
        """Replace the words of a candidate's turn; None where it is not among the turns."""
        for at, turn in enumerate(self.turns):
            if turn.index == command.index:
                self.turns[at] = replace(
                    turn,
                    text=command.text,
                    heard_text=command.text,
                    confidence=command.confidence,
                    revision=command.revision,
                    usage={**turn.usage, **_rated_by(command)},
                )
                return self.turns[at]
        return None

    def add_recruiter_turn(self, command: CheckpointTurn, listener: Listener) -> Turn:
        """Add the turn of a recruiter who holds the floor."""
        return self._add(command, usage={"stt": listener.model})

    def add_reply(self, command: CheckpointTurn, reply: VoicedReply) -> Turn:
        """Add the interviewer's turn, as it was heard."""
        stamps = self._reply_stamps(reply)
        self._answer, self._discarded, self._discarded_ms = {}, 0, 0.0
        usage: dict[str, Any] = {
            "tts": ", ".join(speaker.model for speaker in reply.speakers) or self._voice_model,
            "voiced_chars": len(reply.text),
        }
        if reply.speakers:
            usage["spoken_by"] = [asdict(speaker) for speaker in reply.speakers]
        if reply.usage is not None:
            usage["llm"] = reply.usage.model
            usage["input_tokens"] = reply.usage.input_tokens
            usage["output_tokens"] = reply.usage.output_tokens
            usage["cost_usd"] = reply.usage.cost_usd
        move = reply.move.as_record() if reply.move is not None else {}
        if reply.filler and len(command.heard_text) <= len(reply.filler):
            move = {"kind": FILLER}  # what it was to do was not heard
        return self._add(command, latency=stamps, usage=usage, move=move)

    def _reply_stamps(self, reply: VoicedReply) -> dict[str, Any]:
        """Return the stamps of a reply, after those of the answer.

        `voice_to_voice_ms` runs from the candidate's last sound to the reply's first at the
        candidate's loudspeaker, and is the sum of `breakdown`; both are absent where the reply
        answers nothing (a greeting). `speculated_ms` is how long before the end of the answer its
        reply was being prepared.
        """
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
        stamps["thrown_away"] = self._discarded
        stamps["thrown_away_ms"] = round(self._discarded_ms, 1)
        return stamps

    def _add(self, command: CheckpointTurn, *, usage: dict[str, Any], **more: Any) -> Turn:
        """Add a turn, with what was used since the one before it, thrown away drafts included."""
        self._used[command.index] = used = self._tally.take()
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
            usage=usage | usage_of(used),
            **more,
        )
        self.turns.append(turn)
        return turn


def _rated_by(command: CheckpointTurn | AmendTurn) -> dict[str, str]:
    """Return whose judgement the confidence of a turn is, where it has one."""
    if command.confidence is None:
        return {}
    return {"confidence_from": "own" if command.own_confidence else "provider"}


def breakdown(stamps: Mapping[str, float]) -> dict[str, float]:
    """Return the parts of the wait in ms, rounded to a tenth as the stamps are.

    A stamp that is missing ends no part. Together the parts are `first_audio_played` -
    `speech_end`; {} where one of these two is missing, or the reply began before the speech was
    over.
    """
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
