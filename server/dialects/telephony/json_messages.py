"""JSON messages of bridges: whatever is wrong with one is a DialectError.

Bridges write numbers as strings and strings as numbers; both are taken where they are read.
"""

import binascii
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

import orjson

from server.dialects.dialect import DialectError, PeerReply
from server.dialects.plain_text import NO_NUL, holds_nul
from sessions.leg import DigitPressed

KEYS = frozenset("0123456789*#")
NOTHING = PeerReply()


def read_object(text: str) -> dict[str, Any]:
    """Parse a text message that is an object."""
    if holds_nul(text):
        raise DialectError("bad_message", NO_NUL)
    try:
        message = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise DialectError("bad_message", "The message is not JSON.") from None
    if not isinstance(message, dict):
        raise DialectError("bad_message", "The message is no object.")
    return message


def write_object(**fields: object) -> str:
    """Return a text message with these fields."""
    return orjson.dumps(fields).decode()


def object_field(message: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the object in a field."""
    part = message.get(name)
    if not isinstance(part, dict):
        raise DialectError("bad_message", f"The message has no object {name}.")
    return part


def text_field(message: Mapping[str, Any], name: str) -> str:
    """Return the text in a field, which is not empty."""
    text = message.get(name)
    if not isinstance(text, str) or not text:
        raise DialectError("bad_message", f"The message has no text {name}.")
    return text


def number_field(message: Mapping[str, Any], name: str) -> int:
    """Return a whole number that is not negative, written as a number or as a string.

    Returns -1 for anything else.
    """
    value = message.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return max(value, -1)
    short = isinstance(value, str) and len(value) < 16 and value.isascii() and value.isdigit()
    return int(str(value)) if short else -1


def parameters_in(message: Mapping[str, Any], *, without: tuple[str, ...] = ()) -> dict[str, str]:
    """Return the fields that are texts, numbers or booleans, as texts."""
    return {
        name: value if isinstance(value, str) else orjson.dumps(value).decode()
        for name, value in message.items()
        if isinstance(value, str | int | float) and name not in without
    }


def audio_field(message: Mapping[str, Any], name: str, *, max_bytes: int) -> bytes:
    """Return the audio that a field holds in base64, at most `max_bytes` of it."""
    payload = text_field(message, name)
    if len(payload) > (max_bytes + 2) // 3 * 4:
        raise too_big(max_bytes)
    try:
        return b64decode(payload, validate=True)
    except (binascii.Error, ValueError):
        raise DialectError("bad_base64", "The payload is not base64.") from None


def too_big(max_bytes: int) -> DialectError:
    """Return the error for a message with more audio than anybody sends at once."""
    return DialectError("frame_too_big", f"One message holds more than {max_bytes} bytes of sound.")


def digit_field(message: Mapping[str, Any], name: str) -> DigitPressed | PeerReply:
    """Return the key in a field, as a text or a number.

    A to D, which are on no usual telephone, mean nothing.
    """
    number = number_field(message, name)
    digit = text_field(message, name) if number < 0 else str(message[name])
    return DigitPressed(digit) if digit in KEYS else NOTHING
