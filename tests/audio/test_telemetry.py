"""What runs a model here tells nobody that it did."""

import os
import subprocess
import sys
from pathlib import Path

from tests.house import ROOT

LOAD_A_MODEL = "import audio.silero; audio.silero.open_voice_model()"


def traces(home: Path, **variables: str) -> list[Path]:
    """What a process of our own that loads a model leaves behind in its user's folder."""
    home.mkdir()
    kept = {"PATH": os.environ["PATH"], "HOME": str(home), "XDG_CACHE_HOME": str(home / ".cache")}
    subprocess.run(
        [sys.executable, "-c", LOAD_A_MODEL], cwd=ROOT, env={**kept, **variables}, check=True
    )
    return [path for path in home.rglob("*") if path.is_file()]


def test_onnxruntime_reports_to_nobody(tmp_path: Path) -> None:
    assert traces(tmp_path / "home") == []
