"""The waits that the candidates had are matched with the server's stamps, and told as figures."""

from typing import Any

import pytest

from bench.live.chain import STAGES, Chain
from bench.live.crowd import Exchange
from bench.live.latency import SERVER_STAMPS, Measured, explained
from sessions.turn_history import REPLY_STAMPS, STAMPS

CHAIN = Chain()
APART_MS = 500_000.0
"""The candidate's clock minus the session's."""


def test_the_stamps_that_are_read_are_stamps_that_turns_hold() -> None:
    assert set(SERVER_STAMPS) <= set(STAMPS)
    assert {"first_audio_sent"} <= set(REPLY_STAMPS)


def record(*replies: dict[str, float]) -> list[dict[str, Any]]:
    """A greeting, then answers and their replies; stamps in session ms."""
    turns: list[dict[str, Any]] = [{"latency": {"first_audio_sent": 400.0}}]
    for stamps in replies:
        turns.append({"latency": {"speech_end": 0.0, "transcribe_ms": 124.0}})
        turns.append({"latency": stamps})
    return turns


def reply(asked: float) -> dict[str, float]:
    words = asked + 124
    return {
        "transcript_final": words,
        "first_sentence": words + 276,
        "first_audio": words + 359,
        "released": words + 300,
        "first_audio_sent": words + 360,
    }


def heard(stamps: dict[str, float], way_ms: float) -> float:
    return (stamps["first_audio_sent"] + APART_MS + way_ms) / 1000


def test_each_wait_is_explained_on_the_candidates_clock() -> None:
    first, second = reply(5_200.0), reply(15_150.0)
    at = {1: (400 + APART_MS + 3) / 1000, 2: heard(first, 0.0), 3: heard(second, 2.0)}
    waits = [
        Exchange("a", (5_000 + APART_MS) / 1000, at[2]),
        Exchange("b", (15_000 + APART_MS) / 1000, at[3]),
    ]
    shares = explained(waits, at, record(first, second), CHAIN)
    assert [round(share.v2v_ms) for share in shares] == [684, 636]
    assert [round(share.waited_ms) for share in shares] == [200, 150]
    assert [round(share.own_ms) for share in shares] == [14, 16]


def test_a_reply_that_is_not_on_record_is_left_out() -> None:
    known = reply(5_200.0)
    at = {1: (400 + APART_MS) / 1000, 2: heard(known, 0.0), 3: 999.0}
    waits = [Exchange("a", (5_000 + APART_MS) / 1000, at[2]), Exchange("b", 998.0, 999.0)]
    assert len(explained(waits, at, record(known), CHAIN)) == 1


@pytest.mark.parametrize("at", [{}, {1: 500.4}])
def test_without_a_record_nothing_is_explained(at: dict[int, float]) -> None:
    assert explained([Exchange("a", 1.0, 2.0)], at, [], CHAIN) == []


def test_the_figures_have_the_keys_of_the_contract() -> None:
    stamps = reply(5_200.0)
    at = {1: (400 + APART_MS) / 1000, 2: heard(stamps, 0.0)}
    measured = Measured(1, CHAIN, waits_ms=[684.0])
    measured.shares = explained(
        [Exchange("a", (5_000 + APART_MS) / 1000, at[2])], at, record(stamps), CHAIN
    )
    figures = measured.figures()
    assert list(figures) == [
        "sessions", "turns", "chain_ms", "v2v_ms", "own_ms", "model_calls_a_turn",
            "underruns", "breakdown",
    ]  # fmt: skip
    assert figures["v2v_ms"] == {"p50": 684.0, "p95": 684.0}
    assert figures["own_ms"] == {"p50": 14.0, "p95": 14.0}
    assert tuple(figures["breakdown"]) == STAGES
