"""The style of the benches' plots.

matplotlib belongs to the dependency group `bench` and is imported when a plot is asked for.
"""

INK, FAINT = "#1f2933", "#9aa5b1"
COLOURS = ("#cbd2d9", "#93b4f5", "#5b8def", "#2f6bd8", "#f2b84b", "#d1495b")
"""Of the stages of a wait, in their order: what the provider does is blue."""


class PlotError(Exception):
    """The plot cannot be made; the text says what to do."""


def check_plotting() -> None:
    """Raise PlotError, before any work, if there is nothing to plot with."""
    try:
        import matplotlib
    except ImportError as error:
        raise PlotError(
            "The plot needs matplotlib, which is in the dependency group bench:"
            " run uv sync --group bench, or leave --plot out."
        ) from error
    matplotlib.rcParams.update(
        {
            "font.size": 9,
            "axes.edgecolor": FAINT,
            "axes.labelcolor": INK,
            "text.color": INK,
            "xtick.color": INK,
            "ytick.color": INK,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.titlelocation": "left",
            "axes.titlesize": 10,
            "legend.frameon": False,
            "savefig.dpi": 110,
        }
    )
