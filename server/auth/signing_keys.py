"""Signing keys of access tokens: made on first start, kept in a private file, known by `kid`.

Two are in use at most: the current one signs, the one before it only verifies, until every
token that it has signed is past its expiry.
"""

import base64
import binascii
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from server.auth.private_files import read_or_create_private, write_private

KEY_BYTES = 32
"""Length of a key: for HS256 at least that of the hash's output (RFC 7518, section 3.2)."""


class KeyFileError(Exception):
    """The file of signing keys cannot be used; the text says what to do about it."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An HMAC key."""

    kid: str
    """The key's id in the header of a token."""

    secret: bytes = field(repr=False)

    retired_at: float | None = None
    """When it stopped signing, in seconds of the epoch; None for the current key."""

    def __post_init__(self) -> None:
        """Raise KeyFileError for a key that is too short to be safe."""
        if len(self.secret) < KEY_BYTES:
            raise KeyFileError(
                f"The signing key {self.kid} has {len(self.secret)} bytes; "
                f"at least {KEY_BYTES} are needed."
            )


class SigningKeys:
    """The current key and, after a rotation, the one before it."""

    def __init__(
        self,
        path: Path,
        keys: list[SigningKey],
        verify_for_s: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Use the current key and at most one retired one; see `load_or_create`."""
        self._path = path
        self._current, *previous = keys
        self._previous = previous[0] if previous else None
        self._verify_for_s = verify_for_s
        self._clock = clock

    @classmethod
    def load_or_create(
        cls, path: Path, verify_for_s: float, clock: Callable[[], float] = time.time
    ) -> "SigningKeys":
        """Read the keys from `path`, or make a first one and keep it there with mode 0600.

        `verify_for_s` is the lifetime of a token: a retired key verifies for so long.
        Raises KeyFileError for a file that cannot be read or holds a key that is too short.
        """
        try:
            text = read_or_create_private(path, lambda: _dump([_new_key()]))
        except OSError as error:
            raise KeyFileError(f"The signing keys in {path} cannot be used: {error}.") from error
        return cls(path, _parse(path, text), verify_for_s, clock)

    @property
    def current(self) -> SigningKey:
        """Key that signs."""
        return self._current

    def find(self, kid: str) -> SigningKey | None:
        """Return the key that verifies tokens of this `kid`; None if there is none any more."""
        if kid == self._current.kid:
            return self._current
        previous = self._previous
        if previous is None or previous.kid != kid or previous.retired_at is None:
            return None
        return previous if self._clock() < previous.retired_at + self._verify_for_s else None

    def rotate(self) -> SigningKey:
        """Replace the current key, which goes on to verify; return the new one.

        A second rotation inside a token's lifetime ends the oldest key early: users who signed in
        under it sign in again. Raises OSError when the file cannot be written; then nothing
        has changed.
        """
        retired = SigningKey(self._current.kid, self._current.secret, self._clock())
        fresh = _new_key()
        write_private(self._path, _dump([fresh, retired]))
        self._current, self._previous = fresh, retired
        return fresh


def _new_key() -> SigningKey:
    return SigningKey(kid=secrets.token_hex(8), secret=secrets.token_bytes(KEY_BYTES))


def _dump(keys: list[SigningKey]) -> str:
    records = [
        {
            "kid": key.kid,
            "secret": base64.urlsafe_b64encode(key.secret).decode(),
            "retired_at": key.retired_at,
        }
        for key in keys
    ]
    return json.dumps({"keys": records}, indent=2) + "\n"


def _parse(path: Path, text: str) -> list[SigningKey]:
    advice = f"Remove {path} to have a new key made; everyone then signs in again."
    try:
        records = json.loads(text)["keys"]
        keys = [_parse_key(record) for record in records]
    except KeyFileError as error:
        raise KeyFileError(f"{error} {advice}") from error
    except (ValueError, TypeError, KeyError, AttributeError, binascii.Error) as error:
        raise KeyFileError(f"{path} is not a file of signing keys. {advice}") from error
    current = [key for key in keys if key.retired_at is None]
    retired = [key for key in keys if key.retired_at is not None]
    if len(current) != 1 or len(retired) > 1:
        raise KeyFileError(
            f"{path} must hold one current signing key and at most one retired. {advice}"
        )
    return [*current, *retired]


def _parse_key(record: dict[str, Any]) -> SigningKey:
    retired_at = record["retired_at"]
    return SigningKey(
        kid=str(record["kid"]),
        secret=base64.urlsafe_b64decode(record["secret"]),
        retired_at=None if retired_at is None else float(retired_at),
    )
