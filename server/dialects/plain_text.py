"""Plain text: what no text message may hold, whatever its dialect."""

import re

_ESCAPED_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
"""NUL as JSON writes it: a backslash that is not itself escaped, and the number."""

NO_NUL = "A message cannot hold the character NUL."
"""Sentence for the peer. PostgreSQL keeps no such text, and nobody says or types it."""


def holds_nul(message: str) -> bool:
    """Return whether a text message has the character NUL in it, as it is or as JSON writes it."""
    return "\0" in message or ("\\u0000" in message and bool(_ESCAPED_NUL.search(message)))
