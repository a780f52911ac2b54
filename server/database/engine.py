"""Database engine: addresses of PostgreSQL, connections, migrations, and which servers are refused.

An address may be written as libpq or Supabase write it; here it becomes what asyncpg wants.
A password is never part of a message.
"""

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import asyncpg
import structlog
from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

import migrations
from server.database.embedded_paths import DatabaseStartError
from sessions.record.transaction import DATABASE_ERRORS

MINIMUM_VERSION = 15
"""Oldest major version of PostgreSQL that is supported."""

POOLER_PORTS = (6543, 6432)
"""Ports of Supabase's pooler and PgBouncer: behind them, in transaction mode, a prepared statement
may be met on another connection than the one that made it."""

CONNECT_TIMEOUT_S = 5.0
COMMAND_TIMEOUT_S = 5.0
POOL_TIMEOUT_S = 5.0
REACH_PAUSE_S = 0.5
"""Pause between two tries to reach the database."""

_SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_WITHOUT_EFFECT = frozenset(
    {
        "channel_binding",
        "connection_limit",
        "gssencmode",
        "keepalives",
        "keepalives_count",
        "keepalives_idle",
        "keepalives_interval",
        "pgbouncer",
        "pool_timeout",
        "prepared_statement_cache_size",
        "statement_cache_size",
    }
)
"""Parameters that addresses carry for other drivers, and that are left out."""

_log = structlog.get_logger(__name__)


class DatabaseUrlError(DatabaseStartError):
    """The address of the database cannot be understood."""


class DatabaseUnreachable(DatabaseStartError):
    """The database does not answer, or does not let us in."""


class DatabaseVersionError(DatabaseStartError):
    """The server is too old for Viva, or its tables are too new."""


@dataclass(frozen=True, slots=True)
class Address:
    """The address of a database, as SQLAlchemy's asyncpg dialect takes it."""

    url: URL
    connect_args: dict[str, Any]

    def __str__(self) -> str:
        return self.url.render_as_string(hide_password=True)


def parse_address(url: str) -> Address:
    """Parse an address with libpq's parameters. Raises DatabaseUrlError.

    It begins with `postgres://`, `postgresql://` or `postgresql+asyncpg://`.
    """
    try:
        parsed = make_url(url.strip())
    except (ArgumentError, ValueError):
        raise DatabaseUrlError(
            "DATABASE_URL is not an address. It looks like "
            "postgresql://user:password@host:5432/database (write special characters in the "
            "password as %XX)."
        ) from None
    if parsed.drivername not in ("postgres", "postgresql", "postgresql+asyncpg"):
        raise DatabaseUrlError(
            f"DATABASE_URL begins with {parsed.drivername}://, but Viva keeps its data in "
            "PostgreSQL alone: it has to begin with postgresql://."
        )
    query = {name: _single(name, value) for name, value in parsed.query.items()}
    pooled = parsed.port in POOLER_PORTS or query.get("pgbouncer") == "true"
    arguments: dict[str, Any] = {"timeout": CONNECT_TIMEOUT_S, "command_timeout": COMMAND_TIMEOUT_S}
    if pooled:
        arguments |= {
            "statement_cache_size": 0,
            "prepared_statement_cache_size": 0,
            "prepared_statement_name_func": lambda: f"viva_{uuid4().hex}",
        }
    arguments |= _encryption(query)
    settings = {name: query.pop(name) for name in ("application_name", "options") if name in query}
    arguments["server_settings"] = {"application_name": "viva"} | settings
    if "connect_timeout" in query:
        arguments["timeout"] = _seconds(query.pop("connect_timeout"))
    unknown = sorted(set(query) - _WITHOUT_EFFECT - {"host", "port"})
    if unknown:
        raise DatabaseUrlError(
            f"DATABASE_URL has parameters that Viva does not know: {', '.join(unknown)}."
        )
    place = {name: value for name, value in query.items() if name not in _WITHOUT_EFFECT}
    return Address(parsed.set(drivername="postgresql+asyncpg", query=place), arguments)


def create_engine(url: str, pool_size: int = 10) -> AsyncEngine:
    """Return an engine with at most `pool_size` connections; none is made yet.

    Values are kept out of error messages: they are what candidates said. Raises
    DatabaseUrlError.
    """
    address = parse_address(url)
    return create_async_engine(
        address.url,
        connect_args=address.connect_args,
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


def upgrade(url: str) -> list[str]:
    """Migrate the tables to the newest revision; return the names of the migrations that were run.

    Runs its own event loop: call it before the server's loop starts, or in a thread. When
    nothing is to be done, Alembic is not even imported. Safe when several processes do it at
    once. Raises DatabaseStartError.
    """
    return asyncio.run(_upgrade(parse_address(url)))


async def _upgrade(address: Address) -> list[str]:
    # Rewriting a big table takes longer than a query may.
    arguments = address.connect_args | {"command_timeout": None}
    engine = create_async_engine(address.url, connect_args=arguments, poolclass=NullPool)
    try:
        await wait_until_reachable(engine)
        await require_version(engine)
        async with engine.begin() as connection:
            before = await _revision(connection)
        known = migrations.revisions()
        if before is not None and before not in known:
            raise DatabaseVersionError(
                f"The tables in {address} are of revision {before}, which this Viva does not know "
                f"(its newest is {known[-1]}): they were made by a later one. Use that, or "
                "another database."
            )
        if before == known[-1]:
            return []
        todo = known if before is None else known[known.index(before) + 1 :]
        _log.info("database is migrated", revisions=todo)
        async with engine.connect() as connection:
            await connection.run_sync(migrations.upgrade)
        return todo
    finally:
        await engine.dispose()


async def _revision(connection: AsyncConnection) -> str | None:
    if await connection.scalar(text("select to_regclass('alembic_version')::text")) is None:
        return None
    found = await connection.scalar(text("select version_num from alembic_version"))
    return None if found is None else str(found)


def _single(name: str, value: str | tuple[str, ...]) -> str:
    if isinstance(value, str):
        return value
    raise DatabaseUrlError(f"DATABASE_URL has the parameter {name} more than once.")


def _seconds(value: str) -> float:
    try:
        return max(1.0, float(value))
    except ValueError:
        raise DatabaseUrlError(
            f"DATABASE_URL has connect_timeout={value}, which is not a number of seconds."
        ) from None


def _encryption(query: dict[str, str]) -> dict[str, Any]:
    """Take `sslmode` and `sslrootcert` (or asyncpg's own `ssl`) out of the parameters."""
    mode = query.pop("sslmode", query.pop("ssl", ""))
    authority = query.pop("sslrootcert", "")
    if mode and mode not in _SSL_MODES:
        raise DatabaseUrlError(
            f"DATABASE_URL has sslmode={mode}; it can be one of {', '.join(_SSL_MODES)}."
        )
    if mode in ("disable", "allow", "prefer") or not (authority or mode.startswith("verify")):
        return {"ssl": mode} if mode else {}
    try:
        context = ssl.create_default_context(
            cafile=authority if authority not in ("", "system") else None
        )
    except OSError as error:
        raise DatabaseUrlError(
            f"DATABASE_URL names sslrootcert={authority}, which cannot be read: {error.strerror}."
        ) from error
    # As libpq does: with a root certificate, `require` means `verify-ca`.
    context.check_hostname = mode == "verify-full"
    return {"ssl": context}


def _original(error: BaseException) -> BaseException:
    """Return asyncpg's own exception, from under SQLAlchemy's."""
    while isinstance(error, DBAPIError) and error.orig is not None:
        error = error.orig.__cause__ or error.orig
    return error


def _advice(error: BaseException) -> str:
    match _original(error):
        case asyncpg.InvalidPasswordError() | asyncpg.InvalidAuthorizationSpecificationError():
            return "check the user name, the password and sslmode in DATABASE_URL"
        case asyncpg.InvalidCatalogNameError():
            return "create that database, or correct its name in DATABASE_URL"
        case ssl.SSLCertVerificationError():
            return "check sslmode and sslrootcert in DATABASE_URL"
    return ""


def _reason(error: BaseException) -> str:
    original = _original(error)
    return str(original).splitlines()[0] if str(original) else type(original).__name__
