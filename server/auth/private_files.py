"""Private files: small ones that only the server's own user may read, such as keys."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def read_private(path: Path) -> str | None:
    """Return the text of a private file, None where there is none.

    A file that others may read gets mode 0600 first. Raises OSError.
    """
    try:
        with path.open(encoding="utf-8") as file:
            if os.fstat(file.fileno()).st_mode & 0o077:
                path.chmod(0o600)
            return file.read()
    except FileNotFoundError:
        return None


def write_private(path: Path, text: str) -> None:
    """Write `text` with mode 0600, at once: a reader sees the old text or the new, never half.

    The folder is made where it is missing. Raises OSError.
    """
    temporary = _written_aside(path, text)
    try:
        os.replace(temporary, path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def create_private(path: Path, text: str) -> bool:
    """Write `text` as `write_private` does, but only where there is no file; return whether.

    Raises OSError.
    """
    temporary = _written_aside(path, text)
    try:
        os.link(temporary, path)
    except FileExistsError:
        return False
    finally:
        temporary.unlink(missing_ok=True)
    return True


def read_or_create_private(path: Path, new_text: Callable[[], str]) -> str:
    """Return the text of a private file; where there is none, make one of `new_text`.

    Of several processes that do so at once, the first makes the file and all return its text.
    Raises OSError.
    """
    text = read_private(path)
    if text is None:
        create_private(path, new_text())
        text = read_private(path)
    return text or ""


def _written_aside(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    # mkstemp makes the file with mode 0600: the text is never readable by others, not even briefly
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return Path(name)
