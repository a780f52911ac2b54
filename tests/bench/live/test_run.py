"""The benches of a live server, run as a person runs them: small, but with all real parts."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.real_parts import needs

ROOT = Path(__file__).parents[3]


def bench(folder: Path, *arguments: str) -> dict[str, Any]:
    """Run a bench; the figures it wrote."""
    needs("models")  # its candidates speak
    figures = folder / "figures.json"
    done = subprocess.run(
        [sys.executable, "-m", "bench", *arguments, "--json", str(figures)],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(figures.read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, real_models: None) -> Path:
    """Where the benches run: what they say is made once."""
    return tmp_path_factory.mktemp("bench")


def test_latency_explains_the_waits_of_a_real_interview(folder: Path) -> None:
    figures = bench(folder, "latency", "--turns", "2", "--plot", str(folder / "latency.png"))
    assert figures["sessions"] == 1
    assert 1 <= figures["turns"] <= 2, "on a busy machine a reply may come too early, and is cut"
    assert figures["chain_ms"] == 470
    # The clocks are told apart by the reply that was sent fastest: its own share may be nothing.
    assert 0 <= figures["own_ms"]["p50"] <= figures["own_ms"]["p95"]
    assert figures["own_ms"]["p50"] < figures["v2v_ms"]["p50"]
    assert figures["breakdown"]["transcription"]["p50"] >= 119
    assert (folder / "latency.png").stat().st_size > 1_000


def test_sessions_measures_one_server_process(folder: Path) -> None:
    figures = bench(folder, "sessions", "--sessions", "2", "--seconds", "6")
    assert figures["sessions"] == 2
    assert len(figures["steps"]) == 1
    assert figures["steps"][0]["lost"] == 0
    assert 0 < figures["cpu_s_per_session_minute"] < 60
