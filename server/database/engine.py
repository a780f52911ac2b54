"""Database engine: connections to PostgreSQL, migrations, and which servers are refused.

A password is never part of a message.
"""

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable

import asyncpg
import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

import migrations
from server.database.address import Address, parse_address, through_pooler, unnamed_statements
from server.database.embedded_paths import DatabaseStartError
from server.database.rights import missing_rights
from sessions.record.transaction import DATABASE_ERRORS

MINIMUM_VERSION = 15
"""Oldest major version of PostgreSQL that is supported."""

POOL_TIMEOUT_S = 5.0
REACH_PAUSE_S = 0.5
"""Pause between two tries to reach the database."""

_log = structlog.get_logger(__name__)


class DatabaseUnreachable(DatabaseStartError):
    """The database does not answer, or does not let us in."""


class DatabaseVersionError(DatabaseStartError):
    """The server is too old for Viva, or its tables are too new."""


class DatabaseRightsError(DatabaseStartError):
    """The role may not make, change or use the tables."""


def create_engine(url: str, pool_size: int = 10, *, cautious: bool = False) -> AsyncEngine:
    """Return an engine with at most `pool_size` connections; none is made yet.

    A `cautious` one works through any pooler, and keeps no prepared statement for it. Values are
    kept out of error messages: they are what candidates said. Raises DatabaseUrlError.
    """
    address = parse_address(url)
    return create_async_engine(
        address.url,
        connect_args=address.connect_args | (unnamed_statements() if cautious else {}),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT_S,
        pool_pre_ping=True,
        hide_parameters=True,
    )


async def server_version(engine: AsyncEngine) -> int:
    """Return the server's version as PostgreSQL numbers it: 180004 is 18.4."""
    async with engine.connect() as connection:
        number = await connection.scalar(text("select current_setting('server_version_num')::int"))
    return int(number or 0)


async def require_version(engine: AsyncEngine, minimum: int = MINIMUM_VERSION) -> None:
    """Raise DatabaseVersionError if the server's major version is below `minimum`."""
    version = await server_version(engine)
    if version // 10_000 < minimum:
        raise DatabaseVersionError(
            f"The database is PostgreSQL {version // 10_000}.{version % 10_000}, and Viva needs "
            f"{minimum} or later. Upgrade it, or unset DATABASE_URL to use the one that comes "
            "with Viva."
        )


async def wait_until_reachable(
    engine: AsyncEngine,
    timeout_s: float = 30.0,
    *,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> None:
    """Return once a query is answered. Raises DatabaseUnreachable.

    It raises at once for what does not pass: a wrong password, a database that does not exist.
    """
    where = engine.url.render_as_string(hide_password=True)
    deadline = time.monotonic() + timeout_s
    waited = False
    while True:
        try:
            async with engine.connect() as connection:
                await connection.execute(text("select 1"))
            return
        except DATABASE_ERRORS as error:
            advice = _advice(error)
            if advice:
                raise DatabaseUnreachable(
                    f"The database {where} refuses us ({_reason(error)}): {advice}."
                ) from error
            if time.monotonic() >= deadline:
                raise DatabaseUnreachable(
                    f"The database {where} did not answer within {timeout_s:g} s "
                    f"({_reason(error)}). Check that it runs, and that DATABASE_URL is right."
                ) from error
            if not waited:
                _log.warning("waiting for the database", url=where, reason=_reason(error))
                waited = True
        await sleep(REACH_PAUSE_S)


async def is_pooled(connection: AsyncConnection) -> bool:
    """Return whether a pooler stands between us and the server.

    A pooler gives its clients a process number of its own, and the server tells the true one.
    """
    driver = (await connection.get_raw_connection()).driver_connection
    told = None if driver is None else driver.get_server_pid()
    return bool(told != await connection.scalar(text("select pg_backend_pid()")))


def upgrade(url: str) -> list[str]:
    """Migrate the tables to the newest revision; return the names of the migrations that were run.

    Runs its own event loop: call it before the server's loop starts, or in a thread. When
    nothing is to be done, Alembic is not even imported. Safe when several processes do it at
    once. Raises DatabaseStartError.
    """
    return asyncio.run(_upgrade(parse_address(url)))[0]


def bring_up(url: str) -> str:
    """Migrate the tables as `upgrade` does; return the address to connect with.

    It is another one where a pooler was met that `url` does not name.
    """
    address = parse_address(url)
    _, pooled = asyncio.run(_upgrade(address))
    if not pooled or "statement_cache_size" in address.connect_args:
        return url
    _log.info("database is behind a pooler", url=str(address))
    return through_pooler(url)


async def _upgrade(address: Address) -> tuple[list[str], bool]:
    # Rewriting a big table takes longer than a query may; and who knows what stands between.
    arguments = address.connect_args | unnamed_statements() | {"command_timeout": None}
    engine = create_async_engine(address.url, connect_args=arguments, poolclass=NullPool)
    try:
        await wait_until_reachable(engine)
        await require_version(engine)
        return await _migrated(engine, address)
    except DATABASE_ERRORS as error:
        raise DatabaseRightsError(
            f"The tables in {address} cannot be brought up to date ({_reason(error)})."
        ) from error
    finally:
        await engine.dispose()


async def _migrated(engine: AsyncEngine, address: Address) -> tuple[list[str], bool]:
    """Migrate what is reachable; return what was run, and whether it went through a pooler."""
    known = migrations.revisions()
    async with engine.begin() as connection:
        pooled = await is_pooled(connection)
        before = await table_revision(connection)
        if before is not None and before not in known:
            raise DatabaseVersionError(
                f"The tables in {address} are of revision {before}, which this Viva does not know "
                f"(its newest is {known[-1]}): they were made by a later one. Use that, or "
                "another database."
            )
        missing = await missing_rights(connection, to_migrate=before != known[-1])
    if missing:
        raise DatabaseRightsError(missing)
    if before == known[-1]:
        return [], pooled
    todo = known if before is None else known[known.index(before) + 1 :]
    _log.info("database is migrated", revisions=todo)
    async with engine.connect() as connection:
        await connection.run_sync(migrations.upgrade)
    return todo, pooled


async def table_revision(connection: AsyncConnection) -> str | None:
    """Return the revision of the tables; None where there are none, or where it cannot be read."""
    readable = await connection.scalar(
        text("select has_table_privilege(to_regclass('alembic_version'), 'select')")
    )
    if not readable:
        return None
    found = await connection.scalar(text("select version_num from alembic_version"))
    return None if found is None else str(found)


def _original(error: BaseException) -> BaseException:
    """Return asyncpg's own exception, from under SQLAlchemy's."""
    while isinstance(error, DBAPIError) and error.orig is not None:
        error = error.orig.__cause__ or error.orig
    return error


def _advice(error: BaseException) -> str:
    match _original(error):
        case asyncpg.InvalidPasswordError() | asyncpg.InvalidAuthorizationSpecificationError():
            return (
                "check the user name, the password (special characters are written as %XX, % as"
                " %25) and sslmode in DATABASE_URL"
            )
        case asyncpg.InvalidCatalogNameError():
            return "create that database, or correct its name in DATABASE_URL"
        case ssl.SSLCertVerificationError():
            return "check sslmode and sslrootcert in DATABASE_URL"
    return ""


def _reason(error: BaseException) -> str:
    original = _original(error)
    return str(original).splitlines()[0] if str(original) else type(original).__name__
