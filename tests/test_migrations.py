"""The migrations make exactly the tables that the code speaks of, and can be taken back."""

import asyncio
import os
import subprocess
import sys
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

import migrations
from sessions.record.tables import Base

ROOT = Path(__file__).parent.parent


@pytest.fixture
async def empty_database(engine: AsyncEngine) -> AsyncIterator[AsyncEngine]:
    """A database of its own, without any table."""
    name = f"empty_{uuid4().hex}"
    alone = engine.execution_options(isolation_level="AUTOCOMMIT")
    async with alone.connect() as connection:
        await connection.execute(text(f"create database {name}"))
    empty = create_async_engine(engine.url.set(database=name), poolclass=NullPool)
    yield empty
    await empty.dispose()
    async with alone.connect() as connection:
        await connection.execute(text(f"drop database {name}"))


def _config(connection: Connection) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(migrations.FOLDER))
    return config


async def _tables(engine: AsyncEngine) -> set[str]:
    async with engine.connect() as connection:
        return set(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))


async def test_the_migrations_and_the_tables_agree(empty_database: AsyncEngine) -> None:
    async with empty_database.connect() as connection:
        await connection.run_sync(migrations.upgrade)
    async with empty_database.connect() as connection:
        await connection.run_sync(lambda sync: command.check(_config(sync)))  # raises where not


async def test_every_migration_can_be_taken_back_and_run_again(
    empty_database: AsyncEngine,
) -> None:
    expected = {*Base.metadata.tables, "alembic_version"}
    for revision in migrations.revisions():
        for _ in range(2):
            async with empty_database.connect() as connection:
                await connection.run_sync(migrations.upgrade, revision)
            async with empty_database.connect() as connection:
                await connection.run_sync(lambda sync: command.downgrade(_config(sync), "-1"))
        async with empty_database.connect() as connection:
            await connection.run_sync(migrations.upgrade, revision)
    assert await _tables(empty_database) == expected

    async with empty_database.connect() as connection:
        await connection.run_sync(lambda sync: command.downgrade(_config(sync), "base"))
    assert await _tables(empty_database) == {"alembic_version"}


async def test_every_constraint_has_a_name_of_ours(empty_database: AsyncEngine) -> None:
    async with empty_database.connect() as connection:
        await connection.run_sync(migrations.upgrade)
    async with empty_database.connect() as connection:
        names = await connection.scalars(
            text(
                "select conname from pg_constraint where contype in ('p', 'u', 'f', 'c')"
                " and connamespace = 'public'::regnamespace"
                " and conrelid <> 'alembic_version'::regclass"
            )
        )
        unknown = [name for name in names if not name.startswith(("pk_", "uq_", "fk_", "ck_"))]
    assert unknown == []


def test_the_names_of_the_files_tell_the_revisions_in_order() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations.FOLDER))
    walked = ScriptDirectory.from_config(config).walk_revisions()

    assert migrations.revisions() == [script.revision for script in reversed(list(walked))]


async def test_servers_that_start_together_migrate_one_after_another(
    empty_database: AsyncEngine,
) -> None:
    url = empty_database.url.render_as_string(hide_password=False)
    code = "import sys; from server.database.engine import upgrade; upgrade(sys.argv[1])"
    servers = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", code, url, cwd=ROOT)
        for _ in range(3)
    ]

    assert [await server.wait() for server in servers] == [0, 0, 0]
    assert "turns" in await _tables(empty_database)


async def test_developers_reach_the_migrations_by_alembics_own_command(
    empty_database: AsyncEngine,
) -> None:
    url = empty_database.url.set(drivername="postgresql").render_as_string(hide_password=False)

    def alembic(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "alembic", *arguments],
            cwd=ROOT,
            env=os.environ | {"DATABASE_URL": url},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    await asyncio.to_thread(alembic, "upgrade", "head")
    assert "No new upgrade operations" in await asyncio.to_thread(alembic, "check")


def test_the_migrations_are_part_of_the_installed_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert "migrations" in project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    for needed in ("env.py", "script.py.mako", "versions"):
        assert (migrations.FOLDER / needed).exists()
