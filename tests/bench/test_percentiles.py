"""The percentiles of what was measured."""

from bench.percentiles import percentiles


def test_percentiles_of_nothing_are_none() -> None:
    assert percentiles([], 50) == {}
    assert percentiles([1, 2, 3], 50, 100) == {"p50": 2.0, "p100": 3.0}
