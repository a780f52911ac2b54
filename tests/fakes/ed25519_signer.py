"""Signs with Ed25519 (RFC 8032, section 5.1.6), as Telnyx does: the other half of our check."""

import hashlib

from server.telephony.ed25519 import BASE, P, Q, _times


class Signer:
    """The owner of a key."""

    def __init__(self, seed: bytes) -> None:
        digest = hashlib.sha512(seed).digest()
        scalar = int.from_bytes(digest[:32], "little")
        self._scalar = (scalar & ((1 << 254) - 8)) | (1 << 254)
        self._prefix = digest[32:]
        self.public = _encoded(self._scalar)

    def sign(self, message: bytes) -> bytes:
        """The signature of a message."""
        nonce = int.from_bytes(hashlib.sha512(self._prefix + message).digest(), "little") % Q
        commitment = _encoded(nonce)
        digest = hashlib.sha512(commitment + self.public + message).digest()
        scalar = (nonce + int.from_bytes(digest, "little") % Q * self._scalar) % Q
        return commitment + scalar.to_bytes(32, "little")


def _encoded(scalar: int) -> bytes:
    x, y, z, _ = _times(scalar, BASE)
    inverse = pow(z, P - 2, P)
    x, y = x * inverse % P, y * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")
