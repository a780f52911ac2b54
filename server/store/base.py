"""What all stores share: a short transaction a call, one error, secrets."""

import hashlib
import secrets

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from sessions.record.transaction import transaction


class BaseStore:
    """A part of the directory: every call opens a connection of its own and gives it back."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def ping(self) -> None:
        """Return when the database answers. Raises StoreUnavailable."""
        async with transaction(self._engine) as connection:
            await connection.execute(text("select 1"))


def new_secret() -> str:
    """256 random bits, as text that is safe in a URL."""
    return secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    """The SHA-256 under which a secret is stored: 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
