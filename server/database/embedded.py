"""Embedded PostgreSQL: the server that comes with Viva is started, shared, restarted and stopped.

It listens on a Unix socket in a private folder, on no TCP port, and every commit is on disk
before it is reported. The process that holds the lock of the database's folder owns the server;
other processes find it running, use it, and take over when its owner ends. A server whose owner was
killed stops by itself (see `server.database.embedded_launch`); the next owner waits for that.
"""

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess  # nosec B404
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import IO
from urllib.parse import quote

import structlog

from server.database.embedded_paths import (
    MAJOR_VERSION,
    DatabaseStartError,
    Home,
    PidFile,
    make_private,
    prepare_home,
)

__all__ = ["DatabaseStartError", "EmbeddedPostgres"]

START_TIMEOUT_S = 60.0
"""Longest start, our own or another process's; recovery after a crash is part of it."""

STOP_TIMEOUT_S = 10.0
"""Longest fast shutdown, which writes a checkpoint. A server that takes longer is killed, and
recovers at its next start."""

WATCH_INTERVAL_S = 0.5
"""Pause between two checks that the server still runs."""

RESTART_MAX_PAUSE_S = 30.0
"""Longest pause between two tries to start a server that has ended."""

POLL_S = 0.01
"""Pause between two checks of a server that is starting or stopping."""

MAX_LOG_BYTES = 5_000_000
"""Size from which on PostgreSQL's log is begun anew; one old one is kept."""

LOG_TAIL_BYTES = 4_000
"""Part of PostgreSQL's log that is read for an error message."""

SERVER_OPTIONS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "max_wal_size": "256MB",
    "wal_level": "minimal",  # nothing is replicated from an embedded server
    "max_wal_senders": "0",
    "io_method": "sync",  # no helper processes: the database is small
    "jit": "off",
    "log_checkpoints": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
"""Settings of the server: for a small machine, but durable."""

_LAUNCHER = Path(__file__).with_name("embedded_launch.py")
_log = structlog.get_logger(__name__)


class EmbeddedPostgres:
    """The embedded server of one data folder, used as a context manager or by `start` and `stop`.

    One thread starts the server, watches it, and starts it again if it ends; PostgreSQL is tied to
    that thread's life, so that it stops when this process is killed. Unix only.
    """

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._keeper: threading.Thread | None = None
        self._stopping = threading.Event()
        self._server: _Server | None = None

    def start(self) -> str:
        """Start the server; return its address for SQLAlchemy's asyncpg dialect.

        Returns once it accepts connections: after about 2 s for the first start of a data folder,
        0.2 s later. Blocks: call it before the event loop runs. Raises DatabaseStartError.
        """
        if self._keeper is not None:
            raise DatabaseStartError("This embedded database was started already.")
        self._stopping.clear()
        started: Future[str] = Future()
        self._keeper = threading.Thread(
            target=self._keep, args=(started,), name="embedded-postgres", daemon=True
        )
        self._keeper.start()
        try:
            return started.result()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server if this process owns it; harmless when it is stopped."""
        self._stopping.set()
        if self._keeper is not None:
            self._keeper.join()
            self._keeper = None

    @property
    def shared(self) -> bool:
        """Whether another process owns the server that is in use."""
        return self._server is not None and not self._server.owned

    def __enter__(self) -> str:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _keep(self, started: "Future[str]") -> None:
        try:
            home = prepare_home(self._data_dir)
            server = self._server = _Server(home, self._stopping.is_set)
            try:
                server.bring_up()
                started.set_result(
                    f"postgresql+asyncpg://postgres@/postgres?host={quote(str(server.socket))}"
                    "&port=5432"
                )
                self._watch(server)
            finally:
                server.take_down()
        except BaseException as error:  # whatever it is, `start` is waiting for it
            if started.done():
                raise
            started.set_exception(error)

    def _watch(self, server: "_Server") -> None:
        pause = WATCH_INTERVAL_S
        while not self._stopping.wait(pause):
            if server.alive():
                pause = WATCH_INTERVAL_S
                continue
            _log.error("database ended", folder=str(server.home.folder), action="starting it again")
            try:
                server.bring_up()
                _log.info("database restarted", folder=str(server.home.folder))
            except (DatabaseStartError, OSError) as error:
                if self._stopping.is_set():
                    return
                pause = min(RESTART_MAX_PAUSE_S, pause * 2)
                _log.error("database not restarted", problem=str(error), next_try_s=pause)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


class _Server:
    """The server of `home`, which this process owns or shares."""

    def __init__(self, home: Home, cancelled: Callable[[], bool]) -> None:
        self.home = home
        self.owned = False
        self.socket = home.socket_folder
        self._cancelled = cancelled
        self._lock: int | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._pid = 0

    def bring_up(self) -> None:
        """Find the server running, or run it. Raises DatabaseStartError."""
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._own():
            pid = PidFile(self.home.data)
            if pid.ready and pid.alive():
                self.owned, self._pid, self.socket = False, pid.pid, pid.socket
                _log.info("database shared", folder=str(self.home.folder), pid=pid.pid)
                return
            self._pause_until(
                deadline, "Another Viva holds this database, but it does not get ready."
            )
        try:
            self._stop_orphan(deadline)
            self._make_data()
            self._run(deadline)
        except BaseException:
            self.take_down()
            raise

    def alive(self) -> bool:
        """Return whether the server that was found or started still runs."""
        if self._process is not None:
            return self._process.poll() is None
        pid = PidFile(self.home.data)
        return pid.pid == self._pid and pid.alive()

    def take_down(self) -> None:
        """Stop the server if it is owned, and give up the ownership."""
        if self._process is not None:
            for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
                self._process.send_signal(number)  # nothing is sent to a process that has ended
                try:
                    self._process.wait(STOP_TIMEOUT_S)
                    break
                except subprocess.TimeoutExpired:
                    _log.warning("database stops slowly", pid=self._process.pid)
            self._process = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
        self.owned = False

    def _own(self) -> bool:
        if self._lock is None:
            try:
                lock = os.open(self.home.lock, os.O_RDWR | os.O_CREAT, 0o600)
            except OSError as error:
                raise self._failure(
                    f"{self.home.lock} cannot be opened: {error.strerror}"
                ) from error
            try:
                # The kernel gives it up when this process ends, however it ends.
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(lock)
                return False
            self._lock = lock
        self.owned = True
        return True

    def _stop_orphan(self, deadline: float) -> None:
        """Stop a server that has no owner, and remove the PID file of one that has ended."""
        pid = PidFile(self.home.data)
        if pid.alive():
            _log.info("database without an owner is stopped", pid=pid.pid)
            with contextlib.suppress(ProcessLookupError):  # it was quicker
                os.kill(pid.pid, signal.SIGINT)
        while pid.alive():
            self._pause_until(
                deadline, f"An earlier PostgreSQL (process {pid.pid}) does not end; kill it."
            )
        # Its number may by now be another process's, or a zombie's: PostgreSQL would refuse to
        # start. Its own check of the shared memory still guards against workers left behind.
        (self.home.data / "postmaster.pid").unlink(missing_ok=True)

    def _make_data(self) -> None:
        version = self.home.data / "PG_VERSION"
        if version.exists():
            found = version.read_text().strip()
            if found != MAJOR_VERSION:
                raise DatabaseStartError(
                    f"The database in {self.home.data} was made by PostgreSQL {found}, and this "
                    f"is {MAJOR_VERSION}. Move it away, or use the Viva that made it."
                )
            return
        _log.info("database created", folder=str(self.home.data))
        new = self.home.new_data
        try:
            shutil.rmtree(new, ignore_errors=True)  # what a start that was cut off has left
            make_private(new, self.home.user)
        except OSError as error:
            raise self._failure(f"{new} cannot be made: {error.strerror}") from error
        options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"]
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]  # on every system
        making = self._launch("initdb", "-D", str(new), *options)
        while making.poll() is None:
            if self._cancelled():
                making.send_signal(signal.SIGINT)
                making.wait()
                raise DatabaseStartError("The start of the database was given up.")
            time.sleep(POLL_S)
        if making.returncode != 0:
            shutil.rmtree(new, ignore_errors=True)
            raise self._failure("PostgreSQL could not make its data folder")
        new.rename(self.home.data)

    def _run(self, deadline: float) -> None:
        self.socket = self.home.socket_folder
        options = SERVER_OPTIONS | {"unix_socket_directories": str(self.socket)}
        flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        while True:
            before = self.home.log.stat().st_size if self.home.log.exists() else 0
            self._process = self._launch("postgres", "-D", str(self.home.data), *flags)
            while self._process.poll() is None:
                pid = PidFile(self.home.data)
                # A file left by an earlier server may say "ready" as well.
                if pid.ready and pid.pid == self._process.pid:
                    self._pid = pid.pid
                    return
                self._pause_until(deadline, "PostgreSQL does not get ready")
            if b"is still in use" not in self._log_tail(before):
                raise self._failure("PostgreSQL did not start")
            # Workers of a server that was killed end by themselves within moments.
            self._pause_until(deadline, "Workers of an earlier PostgreSQL do not end")

    def _launch(self, program: str, *arguments: str) -> "subprocess.Popen[bytes]":
        user = self.home.user
        command = [sys.executable, "-I", "-S", str(_LAUNCHER)]
        command += [str(os.getpid()), str(user.uid), str(user.gid)]
        command += [str(self.home.programs / program), *arguments]
        # PGPORT, PGDATA and their like would change what is started, and no key need go there.
        keep = ("PATH", "LD_LIBRARY_PATH")
        with self._open_log() as log:
            # Our own launcher and programs, and no shell.
            return subprocess.Popen(  # nosec B603
                command,
                env={name: os.environ[name] for name in keep if name in os.environ},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,  # a terminal's Ctrl-C is for us, not for PostgreSQL
            )

    def _open_log(self) -> IO[bytes]:
        path = self.home.log
        try:
            if path.exists() and path.stat().st_size > MAX_LOG_BYTES:
                path.replace(path.with_suffix(".log.1"))
            return open(path, "ab", opener=_private)
        except OSError as error:
            raise self._failure(f"{path} cannot be written: {error.strerror}") from error

    def _pause_until(self, deadline: float, problem: str) -> None:
        if self._cancelled():
            raise DatabaseStartError("The start of the database was given up.")
        if time.monotonic() > deadline:
            raise self._failure(problem)
        time.sleep(POLL_S)

    def _log_tail(self, since: int = 0) -> bytes:
        try:
            with self.home.log.open("rb") as log:
                log.seek(max(since, log.seek(0, os.SEEK_END) - LOG_TAIL_BYTES))
                return log.read()
        except OSError:
            return b""

    def _failure(self, what: str) -> DatabaseStartError:
        tail = self._log_tail().decode(errors="replace").strip().splitlines()[-8:]
        last = "\n".join(tail)
        if "No space left on device" in f"{what}{last}":
            advice = f"The disk of {self.home.folder} is full: make room and start again."
        elif "ermission denied" in f"{what}{last}":
            advice = (
                f"User {self.home.user.name}, who runs PostgreSQL, needs the right to write "
                f"in {self.home.folder}: give it, or set VIVA_DATA_DIR to another folder."
            )
        else:
            advice = "Correct what its log reports, or set DATABASE_URL to another server."
        ending = f"\nIts log, {self.home.log}, ends with:\n{last}" if last else ""
        return DatabaseStartError(f"{what.rstrip('.')}. {advice}{ending}")
