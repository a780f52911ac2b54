"""The plots: small files, and a sentence where there is nothing to plot with."""

import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from bench.live.chain import Chain, share_of
from bench.live.plots import plot_latency, plot_sessions
from bench.plotting import PlotError, check_plotting
from tests.bench.live.test_chain import ENDED, stamps
from tests.bench.live.test_sessions import HELD

MAX_BYTES = 150_000


def test_the_plot_of_the_waits_is_a_small_picture(tmp_path: Path) -> None:
    shares = [share_of(stamps(), ENDED, 1_694.0 + number, Chain()) for number in range(30)]
    figures = {"chain_ms": 470.0, "v2v_ms": {"p50": 700.0, "p95": 720.0}, "own_ms": {}}
    plot_latency(shares, figures, tmp_path / "latency.png")
    picture = (tmp_path / "latency.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < MAX_BYTES


@pytest.mark.parametrize("underruns", [0, 12])
def test_the_plot_of_the_crowds_is_a_small_picture(tmp_path: Path, underruns: int) -> None:
    steps = [asdict(HELD), asdict(replace(HELD, sessions=40, underruns=underruns))]
    plot_sessions(steps, tmp_path / "sessions.png")
    picture = (tmp_path / "sessions.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < MAX_BYTES


def test_without_matplotlib_a_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(PlotError, match="uv sync --group bench"):
        check_plotting()
