"""The way to PostgreSQL: addresses as people write them, versions, migrations at the start."""

import asyncio
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

import migrations
from server.database.embedded_paths import DatabaseStartError
from server.database.engine import (
    DatabaseUnreachable,
    DatabaseUrlError,
    DatabaseVersionError,
    create_engine,
    parse_address,
    require_version,
    server_version,
    upgrade,
    wait_until_reachable,
)

ROOT = Path(__file__).parents[3]
SUPABASE = "postgres://postgres.abc:pass%23word@aws-0-eu-west-1.pooler.supabase.com:6543/postgres"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_every_common_way_to_write_an_address_is_understood(scheme: str) -> None:
    address = parse_address(f"{scheme}://ada:secret@db.example:5433/viva")

    assert address.url.drivername == "postgresql+asyncpg"
    assert (address.url.host, address.url.port, address.url.database) == (
        "db.example",
        5433,
        "viva",
    )
    assert address.url.password == "secret"


@pytest.mark.parametrize("mode", ["disable", "prefer", "require"])
def test_sslmode_becomes_asyncpgs_ssl(mode: str) -> None:
    address = parse_address(f"postgresql://ada@db.example/viva?sslmode={mode}")

    assert address.connect_args["ssl"] == mode
    assert address.url.query == {}


@pytest.mark.parametrize(("mode", "named"), [("verify-full", True), ("verify-ca", False)])
def test_a_verified_certificate_is_checked_against_the_systems_authorities(
    mode: str, named: bool
) -> None:
    context = parse_address(f"postgresql://db.example/viva?sslmode={mode}").connect_args["ssl"]

    assert context.check_hostname is named
    assert context.verify_mode.name == "CERT_REQUIRED"


def test_supabases_transaction_pooler_gets_no_prepared_statement_twice() -> None:
    arguments = parse_address(f"{SUPABASE}?sslmode=require&pgbouncer=true").connect_args

    assert arguments["statement_cache_size"] == 0
    assert arguments["prepared_statement_cache_size"] == 0
    name = arguments["prepared_statement_name_func"]
    assert name() != name()


def test_a_direct_connection_keeps_its_prepared_statements() -> None:
    arguments = parse_address("postgresql://ada@db.example:5432/viva").connect_args

    assert "statement_cache_size" not in arguments


def test_what_other_drivers_are_told_is_passed_over() -> None:
    address = parse_address(
        "postgresql://h/d?channel_binding=require&connection_limit=1&connect_timeout=9"
        "&application_name=mine&options=-csearch_path%3Dx"
    )
    assert address.url.query == {}
    assert address.connect_args["timeout"] == 9
    assert address.connect_args["server_settings"] == {
        "application_name": "mine",
        "options": "-csearch_path=x",
    }


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("nonsense", "is not an address"),
        ("postgresql://ada:p@ss@host:notaport/d", "is not an address"),
        ("mysql://ada@host/d", "begins with mysql://"),
        ("sqlite:///viva.db", "in PostgreSQL alone"),
        ("postgresql://h/d?sslmode=sometimes", "sslmode=sometimes"),
        ("postgresql://h/d?sslmode=verify-full&sslrootcert=/nowhere.pem", "cannot be read"),
        ("postgresql://h/d?colour=red", "does not know: colour"),
        ("postgresql://h/d?connect_timeout=soon", "not a number"),
        ("postgresql://h/d?sslmode=require&sslmode=disable", "more than once"),
    ],
)
def test_a_wrong_address_is_refused_with_a_sentence(url: str, sentence: str) -> None:
    with pytest.raises(DatabaseUrlError, match=sentence):
        parse_address(url)
    assert issubclass(DatabaseUrlError, DatabaseStartError)


@given(password=st.text(min_size=1).filter(lambda word: word.strip("*") and len(word) > 5))
def test_a_password_is_kept_whole_and_never_shown(password: str) -> None:
    url = make_url("postgresql://ada@db.example/viva").set(password=password)
    address = parse_address(url.render_as_string(hide_password=False))

    assert address.url.password == password
    assert str(address) == "postgresql+asyncpg://ada:***@db.example/viva"


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
