"""Percentiles of what was measured."""

from collections.abc import Sequence

import numpy as np


def percentiles(values: Sequence[float], *which: int) -> dict[str, float]:
    """Return `{"p50": ...}`, rounded to 0.1; empty without values."""
    if not values:
        return {}
    found = np.percentile(values, which)
    return {f"p{p}": round(float(v), 1) for p, v in zip(which, found, strict=True)}
