"""The migrations make exactly the tables that the code speaks of, and can be taken back."""

import asyncio
import os
import subprocess
import sys
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

import migrations
from sessions.record.action_log import ActionKind
from sessions.record.store import read_carried_over
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


ACTION = """
insert into monitor_actions
    (id, action_id, organisation_id, interview_id, action, step, user_id, user_name)
values (gen_random_uuid(), gen_random_uuid(), :organisation, :interview, :action, 'asked',
    gen_random_uuid(), 'Rita')
"""
TICKET = """
insert into tickets (hash, organisation_id, interview_id, kind, expires_at, rights)
values (gen_random_uuid()::text, :organisation, :interview, 'monitor', now(), :rights)
"""


async def _with_an_interview(connection: AsyncConnection) -> dict[str, UUID]:
    ids = {"organisation": uuid4(), "plan": uuid4(), "interview": uuid4()}
    for statement in (
        "insert into organisations (id, name) values (:organisation, 'Acme')",
        "insert into plans (id, organisation_id, title, document)"
        " values (:plan, :organisation, 'Gardener', '{}')",
        "insert into interviews (id, organisation_id, plan_id, plan_document, candidate_name,"
        " language, time_limit_s, status, join_token_hash, join_expires_at)"
        " values (:interview, :organisation, :plan, '{}', 'Ada', 'en', 900, 'invited',"
        " 'x', now())",
    ):
        await connection.execute(text(statement), ids)
    return ids


async def _words(engine: AsyncEngine) -> tuple[list[str], list[str | None]]:
    """The kinds of actions and the rights of tickets, in alphabetical order."""
    async with engine.connect() as connection:
        actions = await connection.scalars(text("select action from monitor_actions order by 1"))
        rights = await connection.scalars(text("select rights from tickets order by 1"))
        return list(actions), list(rights)


async def test_a_whisper_of_old_is_a_hint_and_back_again(empty_database: AsyncEngine) -> None:
    async with empty_database.connect() as connection:
        await connection.run_sync(migrations.upgrade, "0004")
    async with empty_database.begin() as connection:
        ids = await _with_an_interview(connection)
        for action in ("whisper", "pause"):
            await connection.execute(text(ACTION), ids | {"action": action})
        for rights in ("control listen watch whisper", "listen watch", None):
            await connection.execute(text(TICKET), ids | {"rights": rights})
    old = (["pause", "whisper"], ["control listen watch whisper", "listen watch", None])
    assert await _words(empty_database) == old

    async with empty_database.connect() as connection:
        await connection.run_sync(migrations.upgrade, "0005")
    new = (["hint", "pause"], ["control listen watch hint", "listen watch", None])
    assert await _words(empty_database) == new
    async with empty_database.connect() as connection:
        found = await read_carried_over(connection, ids["interview"], ())
        assert [hint.kind for hint in found.hints] == [ActionKind.HINT]
        with pytest.raises(DBAPIError, match="monitor_actions is only ever added to"):
            await connection.execute(text("update monitor_actions set action = 'pause'"))

    async with empty_database.connect() as connection:
        await connection.run_sync(lambda sync: command.downgrade(_config(sync), "0004"))
    assert await _words(empty_database) == old


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
