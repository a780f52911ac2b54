"""Ed25519 signature check (RFC 8032, section 5.1.7), by `cryptography`, beside the event loop."""

import asyncio

KEY_BYTES, SIGNATURE_BYTES = 32, 64

CHECKS_AT_ONCE = 2
"""Checks in threads at once: one takes about a tenth of a millisecond, and cores are for sound."""

CHECKS_WAITING = 64
"""Checks that may wait. Vendors ask a few times a call; more come from somebody who floods."""


class TooManyChecks(Exception):
    """As many checks wait as may: this one is not made."""


class Ed25519Checks:
    """Checks of signatures by one owner. Raises ValueError for a key of another length."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"A public key has {KEY_BYTES} bytes.")
        self._key = key
        self._slots = asyncio.Semaphore(CHECKS_AT_ONCE)
        self._waiting = 0

    async def is_signed(self, message: bytes, signature: bytes) -> bool:
        """Return whether the signature is that of the message. Raises TooManyChecks."""
        if len(signature) != SIGNATURE_BYTES:
            return False
        if self._waiting >= CHECKS_WAITING:
            raise TooManyChecks
        self._waiting += 1
        try:
            async with self._slots:
                return await asyncio.to_thread(has_ed25519_signature, self._key, message, signature)
        finally:
            self._waiting -= 1


def has_ed25519_signature(key: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether `signature` is that of the `message`, by the owner of the public `key`."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
