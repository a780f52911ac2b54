"""Private files: mode 0600 from the first byte, whole or not at all."""

import os
import stat
from pathlib import Path

import pytest

from server.auth.private_files import create_private, read_private, write_private


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_was_written_is_read_and_nobody_else_may(tmp_path: Path) -> None:
    path = tmp_path / "new" / "secret"
    write_private(path, "first\n")
    write_private(path, "second\n")
    assert read_private(path) == "second\n"
    assert mode(path) == 0o600
    assert os.listdir(path.parent) == ["secret"]


def test_a_missing_file_has_no_text(tmp_path: Path) -> None:
    assert read_private(tmp_path / "none") is None


def test_creating_leaves_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    assert create_private(path, "first")
    assert not create_private(path, "second")
    assert read_private(path) == "first"
    assert mode(path) == 0o600
    assert os.listdir(tmp_path) == ["secret"]


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError, match="taken"):
        write_private(tmp_path / "taken", "text")
    assert os.listdir(tmp_path) == ["taken"]
