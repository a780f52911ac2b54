"""Replies of servers that speak the OpenAI API: the JSON of a transcription, streamed PCM."""

import json
import math
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

from audio.hallucinations import Piece
from audio.speech import SpeechUnavailable

VOICE_RATE = 24_000
"""Sample rate in Hz of `response_format="pcm"` (OpenAI's text-to-speech guide)."""

MIN_PIECE_BYTES = VOICE_RATE * 2 * 20 // 1000
"""Smallest piece handed on, 20 ms: a server's many small chunks are joined."""

NOT_PCM = (b"RIFF", b"ID3", b"OggS", b"fLaC", b"<!DOC", b"<!doc", b"<html", b'{"error')
"""First bytes of what some servers send in place of raw PCM."""


def transcription_of(body: bytes, host: str) -> list[Piece]:
    """Parse a json or verbose_json transcription. Raises SpeechUnavailable if it is not one."""
    try:
        reply = json.loads(body)
        text = reply["text"]
        if not isinstance(text, str):
            raise TypeError("text is not a string")
        segments = reply.get("segments")
        if segments:
            return [_segment(segment) for segment in segments]
        logprobs = [
            logprob
            for token in reply.get("logprobs") or ()
            if (logprob := _number(token["logprob"])) is not None
        ]
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError):
        raise SpeechUnavailable(
            f"{host} answered with something that is not a transcription.", retryable=True
        ) from None
    mean = sum(logprobs) / len(logprobs) if logprobs else None
    return [Piece(text.strip(), avg_logprob=mean, tokens=len(logprobs) or 1)]


def _segment(segment: dict[str, Any]) -> Piece:
    return Piece(
        text=str(segment["text"]).strip(),
        no_speech_prob=_number(segment.get("no_speech_prob")),
        avg_logprob=_number(segment.get("avg_logprob")),
        tokens=len(segment.get("tokens") or ()) or 1,
    )


def _number(value: Any) -> float | None:
    """Return a finite float; None for null, and for the NaN that Python's JSON lets through."""
    number = math.nan if value is None else float(value)
    return number if math.isfinite(number) else None


async def whole_samples(chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """Yield chunks of any size as pieces of whole 16-bit samples.

    Each has MIN_PIECE_BYTES at least (but for the last). An odd byte is carried over, and dropped
    at the very end.
    """
    held = bytearray()
    async for chunk in chunks:
        held += chunk
        if len(held) >= MIN_PIECE_BYTES:
            whole = len(held) // 2 * 2
            yield bytes(held[:whole])
            del held[:whole]
    if len(held) >= 2:
        yield bytes(held[: len(held) // 2 * 2])
