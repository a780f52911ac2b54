"""Well-formed text: what models and providers send, without what is no character.

JSON can say half of a surrogate pair ("\\ud83d"), and a model's reply is cut anywhere, in the
middle of an emoji too. Such a half cannot be written to a socket, a request, a log or a database:
it is taken out where text comes in, and so is NUL.
"""

import re

_ODD = re.compile("[\0\ud800-\udfff]")
_HIGH = re.compile("[\ud800-\udbff]$")


def well_formed(text: str) -> str:
    """Return a text with the halves of pairs joined, and without other halves and NUL."""
    if not _ODD.search(text):
        return text
    utf16 = text.replace("\0", "").encode("utf-16-le", errors="surrogatepass")
    return utf16.decode("utf-16-le", errors="ignore")


class WellFormedStream:
    """The same for a text that comes in pieces: a pair may be cut between two of them."""

    def __init__(self) -> None:
        self._half = ""

    def feed(self, piece: str) -> str:
        """Take the next piece; return the text that is complete by now."""
        text, self._half = self._half + piece, ""
        if _HIGH.search(text):
            text, self._half = text[:-1], text[-1]
        return well_formed(text)
