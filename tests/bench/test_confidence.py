"""The bench of confidence: what is right, how weights are found, and what the plot is made of."""

from bench.confidence import Rated, error_of, fitted, share_right, table_of, views
from sessions.listening.own_confidence import Evidence


def rated(heard: str, right: float, second: str) -> Rated:
    """A hearing, and what was heard the second time."""
    return Rated("one", None, heard, right, Evidence(1_500, heard, second))


def test_what_is_right_counts_missing_words_and_every_digit() -> None:
    assert share_right("one two three", "one two three", str) == 1
    assert share_right("one two three", "one", str) == 1 / 3
    assert share_right("07741", "077 41", str) == 1
    assert share_right("yes", "", str) == 0


def test_weights_learn_that_agreement_speaks_for_words() -> None:
    hearings = [rated("in the old town", 1.0, "in the old town")] * 20
    hearings += [rated("in the old town", 0.1, "thank you")] * 20
    weights = fitted(hearings)
    assert weights.second > 0.5
    rows = table_of(hearings, weights)
    assert sum(row["hearings"] for row in rows) == len(views(hearings))
    assert rows[0]["right"] < rows[-1]["right"]
    assert error_of(rows) < 0.25
