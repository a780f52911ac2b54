"""Alembic environment: the database connection that is passed in, or DATABASE_URL."""

import asyncio
import os
from logging.config import fileConfig
from typing import Any

from alembic import context
from sqlalchemy import text
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from sessions.record.tables import Base

MIGRATION_LOCK = 0x56495641
"""Key of the advisory lock that makes servers starting together migrate one after another."""


def run() -> None:
    """Run the migrations; every Alembic command that needs this environment calls it."""
    config = context.config
    if config.config_file_name is not None:
        fileConfig(config.config_file_name, disable_existing_loggers=False)
    options: dict[str, Any] = {"target_metadata": Base.metadata, "compare_server_default": True}
    connection: Connection | None = config.attributes.get("connection")
    if context.is_offline_mode():
        context.configure(dialect_name="postgresql", literal_binds=True, **options)
        with context.begin_transaction():
            context.run_migrations()
    elif connection is not None:
        _migrate(connection, options)
    else:
        asyncio.run(_connect_and_migrate(_address(), options))


def _migrate(connection: Connection, options: dict[str, Any]) -> None:
    context.configure(connection=connection, **options)
    with context.begin_transaction():
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        context.run_migrations()


async def _connect_and_migrate(url: URL, options: dict[str, Any]) -> None:
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(_migrate, options)
    await engine.dispose()


def _address() -> URL:
    address = os.environ.get("DATABASE_URL")
    if not address:
        raise SystemExit("Set DATABASE_URL to the database that Alembic is to work on.")
    url = make_url(address).set(drivername="postgresql+asyncpg")
    mode = url.query.get("sslmode")
    return url.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode} if mode else {})


run()
