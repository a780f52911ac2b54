"""PINs: eight digits that lead a caller to an interview, said or typed.

They are short, so they are stored under a key that is not in the database (whoever reads only the
database cannot try them out), and wrong ones are counted.
"""

import hashlib
import hmac
import re
import secrets
from pathlib import Path

from limits import RateLimitItemPerHour
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from server.auth.private_files import read_or_create_private

DIGITS = 8
"""Length of a PIN. Of a hundred million, with a thousand open interviews, a guesser needs 69,000
tries for an even chance. From one number that takes most of a year (`TRIES_OF_ONE`); whoever
pretends another number each time places a call for every two, and is logged in every hour of it."""

TRIES_OF_ONE = RateLimitItemPerHour(10)
"""Most wrong PINs from one number in an hour."""

TRIES_OF_ALL = RateLimitItemPerHour(100)
"""Wrong PINs from all numbers in an hour above which each number has `TRIES_WHILE_GUESSED`: callers
can pretend any number. It shuts nobody out who has the right PIN: that would leave one guesser to
decide whether any candidate gets through."""

TRIES_WHILE_GUESSED = RateLimitItemPerHour(2)
"""Most wrong PINs from one number in an hour while somebody seems to guess: one slip is human."""

KEY_FILE = "pin.key"
KEY_BYTES = 32

_WORDS = {
    "zero": "0",
    "oh": "0",
    "o": "0",
    "one": "1",
    "two": "2",
    "to": "2",
    "too": "2",
    "three": "3",
    "four": "4",
    "for": "4",
    "five": "5",
    "six": "6",
    "seven": "7",
    "eight": "8",
    "ate": "8",
    "nine": "9",
}
_TIMES = {"double": 2, "triple": 3}


class PinKeyError(Exception):
    """The key of the PINs cannot be used; the text is a sentence for people."""


class Pins:
    """Makes PINs, hashes them for the database, and counts wrong ones.

    Servers that share a database share the key.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    @classmethod
    def load_or_create(cls, data_dir: Path) -> "Pins":
        """Read the key, or make one and keep it with mode 0600. Raises PinKeyError."""
        path = data_dir / KEY_FILE
        try:
            text = read_or_create_private(path, lambda: secrets.token_hex(KEY_BYTES) + "\n")
            key = bytes.fromhex(text.strip())
        except (OSError, ValueError) as error:
            raise PinKeyError(f"The key of the PINs in {path} cannot be used: {error}.") from error
        if len(key) < KEY_BYTES:
            raise PinKeyError(f"{path} holds no key of {KEY_BYTES} bytes.")
        return cls(key)

    @staticmethod
    def new() -> str:
        """Return a new PIN of `DIGITS` digits."""
        return f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"

    def hash(self, pin: str) -> str:
        """Return what is stored of a PIN: its HMAC-SHA256."""
        return hmac.new(self._key, pin.encode(), hashlib.sha256).hexdigest()

    def may_try(self, caller: str) -> bool:
        """Return whether this number may try another PIN in this hour."""
        guessed = not self._limiter.test(TRIES_OF_ALL)
        mine = TRIES_WHILE_GUESSED if guessed else TRIES_OF_ONE
        return self._limiter.test(mine, caller)

    def was_wrong(self, caller: str) -> None:
        """Count a wrong PIN from this number."""
        self._limiter.hit(TRIES_OF_ONE, caller)
        self._limiter.hit(TRIES_WHILE_GUESSED, caller)
        self._limiter.hit(TRIES_OF_ALL)


def digits_of(words: str) -> str:
    """Return the digits in spoken words: "double four, nine, twenty-one" is 449 (tens are none)."""
    found, times = "", 1
    for word in re.findall(r"[a-z]+|\d", words.lower()):
        if word in _TIMES:
            times = _TIMES[word]
            continue
        digit = word if word.isdigit() else _WORDS.get(word, "")
        found += digit * times
        times = 1
    return found
