"""The report of the bench of turns: a table of the figures, and a plot of the sweep."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.plotting import COLOURS, FAINT, INK, check_plotting

CUT_OFF_GOAL, DELAY_GOAL_MS = 0.15, 1_200.0
"""At most so many answers cut off, at a median delay of at most so much."""

FAMILIES = {
    "silence": ("plain silence, s", "o--", FAINT),
    "live": ("Viva's rules, times a factor", "s-", COLOURS[3]),
}


def show(figures: Mapping[str, Any], console: Console) -> None:
    """Print the figures as a table."""
    table = Table("Rule", "Cut off", "Taken back", "Delay p50", "p90", "Yes/no p50")
    table.add_row("live rules", *_cells(figures), style="bold")
    for point in figures["sweep"]:
        table.add_row(_name(point), *_cells(point))
    console.print(table)
    for name, title in (("before", "Rules before"), ("by_kind", "Live rules")):
        if name in figures:
            console.print(_kinds(title, figures[name]))
    console.print(f"{figures['answers']} answers, {figures['unanswered']} without a reply.")
    if figures["interjections"]:
        console.print(
            f"{figures['interjections']} interjections,"
            f" {figures['interjections_right']:.0%} of them treated right."
        )


def _kinds(title: str, rows: Mapping[str, Mapping[str, Any]]) -> Table:
    table = Table("Kind of answer", "Answers", "Cut off", "Delay p50", "p95", title=title)
    for kind, row in rows.items():
        delays = (_ms(row["p50"]), _ms(row["p95"]))
        table.add_row(kind, str(row["answers"]), str(row["cut"]), *delays)
    return table


def _name(point: Mapping[str, Any]) -> str:
    if point["rule"] == "silence":
        return f"silence of {point['value'] / 1000:.1f} s"
    return f"live rules x {point['value']:g}"


def _cells(point: Mapping[str, Any]) -> list[str]:
    delays = (*point["delay_ms"].values(), *point["yes_no_delay_ms"].values())
    rates = (point["cut_off_rate"], point["taken_back_rate"])
    return [
        *(f"{rate:.0%}" for rate in rates),
        *(_ms(delay) for delay in delays),
    ]


def _ms(delay: float | None) -> str:
    return "-" if delay is None else f"{delay:.0f} ms"


def plot(figures: Mapping[str, Any], path: Path) -> None:
    """Draw cut-offs against delay, a line for each family of rules. Raises PlotError, OSError."""
    check_plotting()
    from matplotlib.figure import Figure

    drawing = Figure(figsize=(7.0, 4.5), layout="constrained")
    axes = drawing.add_subplot()
    for family, (label, style, colour) in FAMILIES.items():
        points = [point for point in figures["sweep"] if point["rule"] == family]
        _line(axes, points, label, style, colour)
    goal = ([0, DELAY_GOAL_MS / 1000], 0, 100 * CUT_OFF_GOAL)
    axes.fill_between(*goal, color=COLOURS[4], alpha=0.3, linewidth=0, label="the goal")
    axes.set(xlabel="delay of the reply, median, s", ylabel="answers cut off, %")
    axes.set(xlim=(0, None), ylim=(0, None), title=f"{figures['answers']} answers")
    axes.legend()
    drawing.savefig(path)


def _line(
    axes: Any, points: Sequence[Mapping[str, Any]], label: str, style: str, colour: str
) -> None:
    kept = [point for point in points if point["delay_ms"]["p50"] is not None]
    if not kept:
        return
    x = [point["delay_ms"]["p50"] / 1000 for point in kept]
    y = [100 * point["cut_off_rate"] for point in kept]
    axes.plot(x, y, style, label=label, color=colour, markersize=4)
    for point, left, bottom in zip(kept, x, y, strict=True):
        value = point["value"] / 1000 if point["rule"] == "silence" else point["value"]
        axes.annotate(
            f"{value:g}", (left, bottom), textcoords="offset points", xytext=(5, 5), color=INK
        )
