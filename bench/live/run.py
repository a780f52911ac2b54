"""The commands of the benches of a live server: run one, show its figures, write its files."""

import json
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console
from rich.table import Table

from audio.speech import SpeechError
from bench.live import latency, sessions
from bench.live.chain import CHAINS, FAST, STAGES, Chain
from bench.live.children import ChildError
from bench.live.crowd import Clip
from bench.live.plots import plot_latency, plot_sessions
from bench.live.testbed import Testbed, on_testbed
from bench.percentiles import percentiles
from bench.plotting import PlotError, check_plotting
from server.database.embedded import DatabaseStartError
from server.logs import configure_logging
from server.settings_errors import SettingsError, load_settings

T = TypeVar("T")

_REASONS = (ChildError, DatabaseStartError, PlotError, SettingsError, SpeechError)

LATE_MS = 20.0
"""A ticker of the bench that is later than one frame at the 99th percentile measures itself."""

TAKEN_PERCENT = 5.0
"""Above this, something else on the machine has been measured, too."""


def latency_command(
    *,
    session_count: int,
    turns: int,
    json_file: Path | None,
    plot: Path | None,
    chains: Sequence[str] = ("fast",),
    streamed: bool = False,
) -> int:
    """Run the bench of latency, once for each chain.

    Returns 1 if no answer was replied to, 2 if it could not be run. The plot is of the first.
    """
    console = Console()

    async def work(bed: Testbed, clips: tuple[Clip, ...]) -> latency.Measured:
        return await latency.measure(bed, clips, session_count, turns, partial(_say, console))

    found: dict[str, latency.Measured] = {}
    for name in chains:
        measured = _run(console, work, plot, replace(CHAINS[name], streamed=streamed))
        if measured is None:
            return 2
        found[name] = measured
    figures = {name: measured.figures() for name, measured in found.items()}
    _show_latency(console, found, figures)
    for measured in found.values():
        _warn(console, measured.late_ms, measured.core_taken_percent)
    first = chains[0]
    if json_file is not None:
        _write(json_file, figures[first] if len(chains) == 1 else figures)
    if plot is not None and found[first].shares:
        plot_latency(found[first].shares, figures[first], plot)
    return 0 if all(measured.waits_ms for measured in found.values()) else 1


def sessions_command(
    *, crowds: Sequence[int], seconds: float, json_file: Path | None, plot: Path | None
) -> int:
    """Run the bench of sessions. Returns 2 if it could not be run; where it breaks is a result."""
    console = Console()

    async def work(bed: Testbed, clips: tuple[Clip, ...]) -> sessions.Measured:
        return await sessions.measure(bed, clips, crowds, seconds, partial(_say, console))

    measured = _run(console, work, plot)
    if measured is None:
        return 2
    figures = measured.figures()
    _show_sessions(console, measured)
    if json_file is not None:
        _write(json_file, figures)
    if plot is not None:
        plot_sessions(figures["steps"], plot)
    return 0


def crowds_of(text: str) -> list[int]:
    """Return the numbers of "1,10,20", rising. Raises ValueError unless each is 1 to 500."""
    sizes = sorted({int(part) for part in text.split(",")})
    if not sizes or sizes[0] < 1 or sizes[-1] > 500:
        raise ValueError("Crowds of 1 to 500 sessions can be measured.")
    return sizes


def _run(
    console: Console,
    work: Callable[[Testbed, tuple[Clip, ...]], Awaitable[T]],
    plot: Path | None,
    chain: Chain = FAST,
) -> T | None:
    configure_logging("warning", "auto")
    try:
        if plot is not None:
            check_plotting()
        if sys.platform != "linux":
            raise ChildError("This bench reads what a process has used from Linux's /proc.")
        console.print("Starting the database, the stand-in provider and the server ...")
        return on_testbed(load_settings().data_dir / "bench", work, chain)
    except (*_REASONS, OSError) as error:
        console.print(str(error), style="red", highlight=False, markup=False)
        return None


def _say(console: Console, line: str) -> None:
    console.print(line, style="dim", highlight=False, markup=False)


def _show_latency(
    console: Console,
    found: Mapping[str, latency.Measured],
    figures: Mapping[str, dict[str, Any]],
) -> None:
    columns = [f"{name}, {p}" for name in found for p in ("p50", "p95")]
    table = Table("", *columns, title="What a finished answer waits for, ms")
    rows: dict[str, list[dict[str, float]]] = {
        "voice to voice": [figures[name]["v2v_ms"] for name in found],
        **{f"  {stage}": [figures[n]["breakdown"][stage] for n in found] for stage in STAGES},
        "our own share": [figures[name]["own_ms"] for name in found],
    }
    for label, values in rows.items():
        cells = [f"{value.get(p, 0):.1f}" for value in values for p in ("p50", "p95")]
        table.add_row(label.replace("_", " "), *cells)
    console.print(table)
    for name, measured in found.items():
        held = sum(share.bound_by == "patience" for share in measured.shares)
        of = figures[name]
        console.print(
            f"{name}: {of['turns']} answers replied to ({held} replies were ready and held back), "
            f"{measured.cut} cut, {measured.unanswered} without a reply, {of['underruns']} "
            f"underruns, {of['model_calls_a_turn']:.2f} calls of the model a turn. The provider's "
            f"chain: {of['chain_ms']:.0f} ms.",
            highlight=False,
        )


def _show_sessions(console: Console, measured: sessions.Measured) -> None:
    table = Table(
        "n", "p50", "p95", "core", "CPU s", "MB", "underruns", "loop p99",
        title="n sessions: wait in ms; CPU of one core; CPU s and MB a session(-minute)",
    )  # fmt: skip
    for step in measured.steps:
        table.add_row(
            str(step.sessions),
            f"{step.v2v_ms.get('p50', 0):.0f}",
            f"{step.v2v_ms.get('p95', 0):.0f}",
            f"{step.cpu_percent:.0f}%",
            f"{step.cpu_s_per_session_minute:.2f}",
            f"{step.mb_per_session:.1f}",
            str(step.underruns),
            f"{step.lag_ms.get('p99', 0):.0f} ms",
        )
    console.print(table)
    breaks_at = measured.breaks_at
    console.print(
        "Every step held." if breaks_at is None else f"It breaks at {breaks_at} sessions.",
        highlight=False,
    )
    if not measured.pinned:
        console.print("This machine has one core: server and bench shared it.")
    worst = max(measured.steps, key=lambda step: step.core_taken_percent)
    _warn(
        console,
        [step.bench_late_ms.get("p99", 0.0) for step in measured.steps],
        worst.core_taken_percent,
    )


def _warn(console: Console, late_ms: Sequence[float], taken_percent: float) -> None:
    """Name what makes figures worse that are not the server's fault."""
    late = percentiles(late_ms, 99).get("p99", 0.0)
    if late > LATE_MS:
        console.print(f"The bench itself was late: p99 {late:.0f} ms.", style="yellow")
    if taken_percent > TAKEN_PERCENT:
        console.print(
            f"Other work on this machine had the server's core for {taken_percent:.0f}% of the "
            "time in which the server could have run.",
            style="yellow",
            highlight=False,
        )


def _write(path: Path, figures: dict[str, Any]) -> None:
    path.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
