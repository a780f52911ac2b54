"""The way to PostgreSQL: versions, poolers, rights, migrations at the start."""

import asyncio
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine

import migrations
from server.database.engine import (
    DatabaseRightsError,
    DatabaseUnreachable,
    DatabaseVersionError,
    bring_up,
    create_engine,
    is_pooled,
    require_version,
    server_version,
    upgrade,
    wait_until_reachable,
)

ROOT = Path(__file__).parents[3]


async def test_the_server_tells_its_version(engine: AsyncEngine) -> None:
    assert 180_000 <= await server_version(engine) < 190_000
    await require_version(engine)


async def test_a_server_that_is_too_old_is_refused(engine: AsyncEngine) -> None:
    with pytest.raises(DatabaseVersionError, match=r"is PostgreSQL 18\.\d+, and Viva needs 19"):
        await require_version(engine, minimum=19)


async def test_the_engine_works_as_it_does_behind_a_pooler(database_url: str) -> None:
    engine = create_engine(f"{database_url}&pgbouncer=true", pool_size=2)
    for _ in range(3):
        async with engine.begin() as connection:
            assert await connection.scalar(text("select 6 * 7")) == 42
            held = await connection.scalar(text("select count(*) from pg_prepared_statements"))
            assert held <= 2
    await engine.dispose()


async def test_what_candidates_say_stays_out_of_error_messages(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        with pytest.raises(Exception, match="hidden") as raised:
            await connection.execute(
                text("select cast(:said as text), 1 / 0"), {"said": "my secret"}
            )
    assert "my secret" not in str(raised.value)


async def test_a_server_that_is_away_is_waited_for_and_then_named(
    closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_s, pauses = 100.0, 0
    monkeypatch.setattr("server.database.engine.time", SimpleNamespace(monotonic=lambda: now_s))

    async def pause(seconds: float) -> None:
        nonlocal now_s, pauses
        now_s, pauses = now_s + seconds, pauses + 1

    engine = create_engine(f"postgresql://ada:topsecret@127.0.0.1:{closed_port}/viva")
    with pytest.raises(DatabaseUnreachable, match="did not answer within") as raised:
        await wait_until_reachable(engine, 2.0, sleep=pause)
    await engine.dispose()

    assert pauses == 4
    assert "topsecret" not in str(raised.value)
    assert f"127.0.0.1:{closed_port}/viva" in str(raised.value)


async def test_a_database_that_does_not_exist_is_not_waited_for(engine: AsyncEngine) -> None:
    missing = create_engine(
        engine.url.set(database="missing").render_as_string(hide_password=False)
    )
    with pytest.raises(DatabaseUnreachable, match="create that database"):
        await wait_until_reachable(missing, 60)
    await missing.dispose()


async def test_upgrading_runs_what_is_missing_and_then_nothing(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"fresh_{uuid4().hex}"
    async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        await connection.execute(text(f"create database {name}"))
    url = engine.url.set(database=name).render_as_string(hide_password=False)

    assert await asyncio.to_thread(upgrade, url) == migrations.revisions()
    with monkeypatch.context() as without_alembic:
        without_alembic.setattr("server.database.engine.migrations.upgrade", None)
        assert await asyncio.to_thread(upgrade, url) == []

    fresh = create_engine(url)
    async with fresh.begin() as connection:
        await connection.execute(text("update alembic_version set version_num = '9999'"))
    await fresh.dispose()
    with pytest.raises(DatabaseVersionError, match=r"9999.* made by a later one"):
        await asyncio.to_thread(upgrade, url)


def test_alembic_is_not_imported_when_nothing_is_to_be_done(database_url: str) -> None:
    code = (
        "import sys; from server.database.engine import upgrade;"
        "assert upgrade(sys.argv[1]) == []; assert 'alembic' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, database_url], cwd=ROOT, check=True)


@asynccontextmanager
async def pooler(engine: AsyncEngine) -> AsyncIterator[str]:
    """A pooler before the suite's server: its clients get a process number of its own."""
    path = f"{engine.url.query['host']}/.s.PGSQL.{engine.url.query.get('port', 5432)}"

    async def pump(
        source: asyncio.StreamReader,
        target: asyncio.StreamWriter,
        change: Callable[[bytes], bytes] = bytes,
    ) -> None:
        while data := await source.read(65_536):
            target.write(change(data))
        target.close()

    def renumber(data: bytes) -> bytes:
        # BackendKeyData is K, a length of 12, the process number and a secret key.
        return re.sub(
            rb"K\x00\x00\x00\x0c....", b"K\x00\x00\x00\x0c\x00\x00\x00\x07", data, flags=re.S
        )

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        theirs, ours = await asyncio.open_unix_connection(path)
        await asyncio.gather(pump(reader, ours), pump(theirs, writer, renumber))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    plain = URL.create("postgresql", engine.url.username, engine.url.password, "127.0.0.1", port)
    try:
        yield plain.set(database=engine.url.database).render_as_string(hide_password=False)
    finally:
        server.close()


async def test_a_pooler_is_noticed_whatever_its_port(engine: AsyncEngine) -> None:
    async with engine.connect() as direct:
        assert not await is_pooled(direct)
    async with pooler(engine) as url:
        found = await asyncio.to_thread(bring_up, f"{url}?sslmode=disable")
        assert make_url(found).query == {"sslmode": "disable", "pgbouncer": "true"}
        behind = create_engine(found, pool_size=1)
        async with behind.connect() as connection:
            assert await is_pooled(connection)
        await behind.dispose()


async def test_an_address_without_a_pooler_stays_as_it_is(database_url: str) -> None:
    assert await asyncio.to_thread(bring_up, database_url) == database_url
    said = f"{database_url}&pgbouncer=true"
    assert await asyncio.to_thread(bring_up, said) == said


MakeRole = Callable[..., Awaitable[str]]


@pytest.fixture
async def role_in_new_database(engine: AsyncEngine) -> MakeRole:
    """Return a maker of databases with a role that may do no more than these statements say."""

    async def make(*statements: str, migrated: bool = False) -> str:
        name = f"narrow_{uuid4().hex[:12]}"
        async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            await connection.execute(text(f"create database {name}"))
            await connection.execute(text(f"create role {name} login password 'pw'"))
        owner = engine.url.set(database=name)
        if migrated:
            await asyncio.to_thread(upgrade, owner.render_as_string(hide_password=False))
        admin = create_engine(owner.render_as_string(hide_password=False))
        async with admin.begin() as connection:
            for statement in statements:
                await connection.execute(text(statement.format(role=name)))
        await admin.dispose()
        return owner.set(username=name, password="pw").render_as_string(hide_password=False)

    return make


@pytest.mark.parametrize(
    ("statements", "migrated", "sentence"),
    [
        ([], False, r"may not make tables in the schema public: .* grant usage, create on schema"),
        (["drop schema public"], False, r"No schema of the search path .* exists"),
        (["grant usage on schema public to {role}"], True, r"may not read and write \w+, \w+, \w+"),
        (
            [
                "grant create on schema public to {role}",
                "grant select, insert, update, delete on all tables in schema public to {role}",
                "update alembic_version set version_num = '0001'",
            ],
            True,
            r"does not own \w+, \w+, \w+ and \d+ more: name the role that made them",
        ),
    ],
)
async def test_a_role_that_may_not_do_what_is_needed_is_told_in_a_sentence(
    role_in_new_database: MakeRole, statements: list[str], migrated: bool, sentence: str
) -> None:
    url = await role_in_new_database(*statements, migrated=migrated)
    with pytest.raises(DatabaseRightsError, match=sentence) as raised:
        await asyncio.to_thread(upgrade, url)
    assert "\n" not in str(raised.value)


async def test_a_role_that_may_make_tables_makes_them_and_one_that_may_use_them_does(
    role_in_new_database: MakeRole,
) -> None:
    maker = await role_in_new_database("grant create on schema public to {role}")
    assert await asyncio.to_thread(upgrade, maker) == migrations.revisions()
    user = await role_in_new_database(
        "grant select, insert, update, delete on all tables in schema public to {role}",
        migrated=True,
    )
    assert await asyncio.to_thread(upgrade, user) == []
