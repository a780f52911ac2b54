"""Secrets of links and tickets: how they are made, and the hash under which they are stored."""

import hashlib
import secrets


def new_secret() -> str:
    """Return 256 random bits, as text that is safe in a URL."""
    return secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    """Return the SHA-256 under which a secret is stored: 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
