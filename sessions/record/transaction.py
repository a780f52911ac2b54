"""Transactions: one short one a call, and the one mapping of database errors to StoreUnavailable.

Whatever passes by itself (a server that restarts, a full pool, a deadlock) becomes
`StoreUnavailable`; a value that the database cannot keep becomes `ValueRefused`; anything else is
an error in the program and is raised as it is.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from sqlalchemy import Executable, Row, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from sessions.record.retrying import StoreUnavailable

PASSING_STATES = ("08", "40", "53", "55", "57", "58", "25006")
"""Beginnings of the SQLSTATEs (PostgreSQL's appendix A) that pass: connection lost, rolled back
by a conflict, out of a resource (a full disk too), object locked, operator's intervention,
system error, a standby that does not take writes yet."""

VALUE_STATES = ("22", "54000")
"""Beginnings of the SQLSTATEs of a value that cannot be kept: NUL in a text, a date beyond the
calendar, a number out of range, a text that is too long for its index."""

DATABASE_ERRORS = (
    OSError,  # a refused connection, a timeout
    PoolTimeout,
    DBAPIError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
)
"""Errors that a call may raise when the database is away; `passes` says whether that was it."""


class ValueRefused(Exception):
    """The database cannot keep a value that came from outside; the same call never succeeds."""


@asynccontextmanager
async def transaction(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Open a transaction on a connection of its own; commit it at the end of the block.

    Raises StoreUnavailable or ValueRefused, with the database's error as its cause.
    """
    try:
        async with engine.begin() as connection:
            yield connection
    except DATABASE_ERRORS as error:
        if _is_of_value(error):
            raise ValueRefused(f"The database cannot keep a value: {error}") from error
        if not passes(error):
            raise
        raise StoreUnavailable(f"The database cannot be reached just now: {error}") from error


async def fetch_first(engine: AsyncEngine, statement: Executable) -> Row[Any] | None:
    """Execute a statement in a transaction; return its first row. Raises StoreUnavailable."""
    async with transaction(engine) as connection:
        return (await connection.execute(statement)).first()


async def fetch_all(engine: AsyncEngine, statement: Executable) -> Sequence[Row[Any]]:
    """Execute a statement in a transaction; return all its rows. Raises StoreUnavailable."""
    async with transaction(engine) as connection:
        return (await connection.execute(statement)).all()


async def ping(engine: AsyncEngine) -> None:
    """Return once the database answers. Raises StoreUnavailable."""
    await fetch_first(engine, text("select 1"))


def passes(error: Exception) -> bool:
    """Return whether the same call may succeed later."""
    original, state = _original(error)
    if state is not None:
        return state.startswith(PASSING_STATES)
    return not _is_value_error(original)


def _is_of_value(error: Exception) -> bool:
    original, state = _original(error)
    return _is_value_error(original) if state is None else state.startswith(VALUE_STATES)


def _original(error: Exception) -> tuple[BaseException | None, str | None]:
    """Return the driver's own error, with its SQLSTATE if it has one."""
    original = error.orig if isinstance(error, DBAPIError) else error
    state = getattr(original, "sqlstate", None)
    return original, None if state is None else str(state)


def _is_value_error(original: BaseException | None) -> bool:
    """Return whether asyncpg could not write a value: its word for it is a ValueError."""
    causes = (original, getattr(original, "__cause__", None))
    return any(isinstance(cause, ValueError | OverflowError) for cause in causes)
