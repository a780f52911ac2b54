"""What of the product the suite has run: a table by package (folder), and what is short of it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from coverage import Coverage

from tests.house import ROOT

GOAL_PERCENT = 85.0
"""Of the lines. What is below it is listed, and fails nothing."""


@dataclass(frozen=True, slots=True)
class Share:
    """How many lines there are, and how many of them were run."""

    lines: int = 0
    run: int = 0

    def __add__(self, other: "Share") -> "Share":
        return Share(self.lines + other.lines, self.run + other.run)

    @property
    def percent(self) -> float:
        """100 where there is nothing to run."""
        return 100.0 * self.run / self.lines if self.lines else 100.0


def read_shares() -> dict[str, Share]:
    """Each file's share, by its path from the root, of what the last run has left behind."""
    coverage = Coverage(config_file=str(ROOT / "pyproject.toml"))
    coverage.load()
    shares = {}
    for measured in sorted(coverage.get_data().measured_files()):
        _, lines, _, missing, _ = coverage.analysis2(measured)
        name = Path(measured).relative_to(ROOT).as_posix()
        shares[name] = Share(len(lines), len(lines) - len(missing))
    return shares


def table(shares: Mapping[str, Share]) -> Iterator[str]:
    """The lines to print."""
    packages: dict[str, dict[str, Share]] = defaultdict(dict)
    for name, share in shares.items():
        packages[name.rpartition("/")[0]][name] = share
    yield f"{'package':<40} {'lines':>7} {'not run':>8} {'run':>7}"
    for package, files in sorted(packages.items()):
        yield _row(package, sum(files.values(), Share()))
    yield _row("all of it", sum(shares.values(), Share()))
    for package, files in sorted(packages.items()):
        low = {name: share for name, share in files.items() if share.percent < GOAL_PERCENT}
        if sum(files.values(), Share()).percent < GOAL_PERCENT:
            yield f"Package under {GOAL_PERCENT:.0f} %: {package}"
        for name, share in low.items():
            yield f"Under {GOAL_PERCENT:.0f} % in {package}: {name} ({share.percent:.1f} %)"


def _row(name: str, share: Share) -> str:
    missing = share.lines - share.run
    return f"{name:<40} {share.lines:>7} {missing:>8} {share.percent:>6.1f}%"
