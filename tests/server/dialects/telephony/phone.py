"""What the tests of the telephone's dialects share: messages in, what they mean, messages out."""

import json
from typing import Any

import numpy as np

from audio.speech import VOICE_RATE
from server.dialects.dialect import Dialect, DialectError, WireMessage
from tests.server.dialects.telephony.test_codec import tone

PIECE = tone(VOICE_RATE, 0.1).astype("<i2").tobytes()
"""100 ms of the interviewer's voice, as a session sends it."""


def receive(dialect: Dialect, message: Any) -> Any:
    """What a message means; the code of the error where it is none."""
    try:
        if isinstance(message, bytes):
            return dialect.receive_audio(message)
        return dialect.receive_text(message if isinstance(message, str) else json.dumps(message))
    except DialectError as error:
        return error.code if str(error).endswith(".") else "no sentence"


def heard(dialect: Dialect, *messages: Any) -> int:
    """How many samples at 16 kHz the messages are."""
    sound = [receive(dialect, message) for message in messages]
    assert all(isinstance(piece, np.ndarray) for piece in sound), sound
    return sum(len(piece) for piece in sound)


def spoken(dialect: Dialect, pieces: int) -> list[WireMessage]:
    """What goes out for so many pieces of a reply, and its last mark."""
    messages = [message for _ in range(pieces) for message in dialect.audio(PIECE)]
    return [*messages, *dialect.mark(1)]


def texts(messages: list[WireMessage]) -> list[Any]:
    """The text messages among them, taken apart where they are JSON."""
    found = [message for message in messages if isinstance(message, str)]
    return [json.loads(text) if text.startswith("{") else text for text in found]


def sounds(messages: list[WireMessage]) -> list[bytes]:
    """The binary messages among them."""
    return [message for message in messages if isinstance(message, bytes)]
