"""The plots of `latency` and `sessions`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.live.chain import STAGES, Share
from bench.plotting import COLOURS, FAINT, INK, check_plotting

STAGE_NAMES = {
    "wait": "is it a pause?",
    "transcription": "transcription",
    "first_sentence": "first sentence",
    "voice": "its voice",
    "hold": "held back",
    "send": "sent",
}

UNDERRUN_LIMIT_MS = 20
OWN_GOAL_MS = 20


def plot_latency(shares: Sequence[Share], figures: Mapping[str, Any], path: Path) -> None:
    """Draw each answer's wait as a bar of its stages, shortest first, and Viva's own share of each.
    Raises PlotError, OSError."""
    check_plotting()
    from matplotlib.figure import Figure

    drawing = Figure(figsize=(8.0, 4.0), layout="constrained")
    bars, own = drawing.subplots(1, 2, width_ratios=(3, 2))
    ordered = sorted(shares, key=lambda share: share.v2v_ms)
    places = range(len(ordered))
    below = [0.0] * len(ordered)
    for stage, colour in zip(STAGES, COLOURS, strict=True):
        heights = [share.stages[stage] for share in ordered]
        bars.bar(places, heights, 0.9, bottom=below, color=colour, label=STAGE_NAMES[stage])
        below = [a + b for a, b in zip(below, heights, strict=True)]
    bars.axhline(
        figures["chain_ms"], color=INK, linewidth=0.8, linestyle="--", label="the provider alone"
    )
    bars.set(xlabel="answers, shortest wait first", xticks=[], title=_title("Wait", "v2v", figures))
    bars.legend(loc="upper center", bbox_to_anchor=(0.5, -0.08), ncols=3, fontsize=8)
    own.plot(places, [share.own_ms for share in ordered], "o", color=COLOURS[3], markersize=3)
    own.axhline(OWN_GOAL_MS, color=FAINT, linewidth=0.8, label=f"goal: p95 {OWN_GOAL_MS} ms")
    own.set(xticks=[], ylim=(0, None), title=_title("Our own share", "own", figures))
    own.legend(loc="upper center", bbox_to_anchor=(0.5, -0.08), fontsize=8)
    drawing.savefig(path)


def _title(what: str, key: str, figures: Mapping[str, Any]) -> str:
    found = figures[f"{key}_ms"]
    return f"{what}, ms (p50 {found.get('p50', 0):.0f}, p95 {found.get('p95', 0):.0f})"


def plot_sessions(steps: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Draw waits, the core's load and underruns against the size of the crowd.

    Raises PlotError, OSError.
    """
    check_plotting()
    from matplotlib.figure import Figure

    drawing = Figure(figsize=(8.0, 3.4), layout="constrained")
    waits, load, late = drawing.subplots(1, 3)
    sizes = [step["sessions"] for step in steps]
    for key, style in (("p50", "o-"), ("p95", "s--")):
        waits.plot(
            sizes, [step["v2v_ms"].get(key, float("nan")) for step in steps], style,
            color=COLOURS[3], label=key, markersize=4,
        )  # fmt: skip
    waits.axhline(
        2 * steps[0]["v2v_ms"].get("p50", float("nan")), color=FAINT, linewidth=0.8,
        label="twice the p50 of the first",
    )  # fmt: skip
    waits.set(title="Voice to voice, ms", ylim=(0, None), xlabel="sessions")
    waits.legend(fontsize=8)
    load.plot(sizes, [step["cpu_percent"] for step in steps], "o-", color=COLOURS[4], markersize=4)
    load.axhline(100, color=FAINT, linewidth=0.8)
    load.set(title="CPU, % of one core", ylim=(0, 105), xlabel="sessions")
    late.bar([str(size) for size in sizes], [step["underruns"] for step in steps], color=COLOURS[5])
    late.set(title=f"Underruns above {UNDERRUN_LIMIT_MS} ms", ylim=(0, None), xlabel="sessions")
    if not any(step["underruns"] for step in steps):
        late.set(ylim=(0, 1), yticks=[0, 1])
    drawing.savefig(path)
