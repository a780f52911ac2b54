"""A start that is broken off: SIGTERM before the server listens."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from tests.patience import PATIENCE_S

VIVA = shutil.which("viva", path=str(Path(sys.executable).parent))


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
        assert started.wait(timeout=PATIENCE_S) == 128 + signal.SIGTERM
