"""A start that is broken off: SIGTERM before the server listens."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

VIVA = shutil.which("viva", path=str(Path(sys.executable).parent))


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that is taken, and that nobody answers."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def test_a_server_that_waits_for_its_database_can_be_stopped(
    tmp_path: Path, closed_port: int
) -> None:
    assert VIVA is not None
    started = subprocess.Popen(
        [VIVA, "serve"],
        cwd=tmp_path,
        env={
            "PATH": os.environ["PATH"],
            "DATABASE_URL": f"postgresql://viva@127.0.0.1:{closed_port}/viva",
            "VIVA_PORT": "0",
            "VIVA_LOG_FORMAT": "json",
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    with started:
        assert started.stderr is not None
        assert any("waiting for the database" in line for line in started.stderr)
        started.send_signal(signal.SIGTERM)
        # Handled by us: the first process of a container has no default that would end it.
        assert started.wait(timeout=20) == 128 + signal.SIGTERM
