"""What all stores share: a short transaction a call, one error, secrets."""

import hashlib
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from sessions.record.store import DATABASE_ERRORS, passes
from sessions.record.turn_log import StoreUnavailable


class BaseStore:
    """A part of the directory: every call opens a connection of its own and gives it back."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def ping(self) -> None:
        """Return when the database answers. Raises StoreUnavailable."""
        async with self._transaction() as connection:
            await connection.execute(text("select 1"))

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[AsyncConnection]:
        try:
            async with self._engine.begin() as connection:
                yield connection
        except DATABASE_ERRORS as error:
            if not passes(error):
                raise
            raise StoreUnavailable(f"The database cannot be reached just now: {error}") from error


def new_secret() -> str:
    """256 random bits, as text that is safe in a URL."""
    return secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    """The SHA-256 under which a secret is stored: 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
