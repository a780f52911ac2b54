"""Pacing: a little ahead of playback, never more, and what came too late is counted."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.pacer import AHEAD_MS, PIECE_MS, Pacer
from audio.pcm import ms_of, samples_of

RATE = 24_000
SLACK_MS = ms_of(1, RATE)
"""A count of samples is rounded to the nearest."""


def take_all(pacer: Pacer, available: int, now: float) -> list[int]:
    """What a sender sends at `now`."""
    pieces: list[int] = []
    while count := pacer.take(available - sum(pieces), now):
        pieces.append(count)
    return pieces


def test_the_first_piece_goes_out_at_once_and_is_followed_by_all_that_may_be_ahead() -> None:
    pacer = Pacer(RATE)
    pieces = take_all(pacer, 10 * RATE, 7_000.0)
    assert pieces == [samples_of(PIECE_MS, RATE)] * 3
    assert pacer.lead_ms(7_000.0) == AHEAD_MS


def test_a_whole_reply_goes_out_in_even_pieces_and_never_too_early() -> None:
    pacer, now, sent, times = Pacer(RATE), 0.0, 0, []
    while sent < 4 * RATE:
        for count in take_all(pacer, 4 * RATE - sent, now):
            sent += count
            times.append(now)
            assert ms_of(sent, RATE) <= now + AHEAD_MS + SLACK_MS
        now += max(pacer.wait_ms(now), 0.01)
    assert pacer.starved_ms == 0
    assert all(b - a == pytest.approx(PIECE_MS, abs=0.1) for a, b in pairwise(times[2:]))


def test_a_last_piece_shorter_than_the_others_is_sent_too() -> None:
    pacer = Pacer(RATE)
    assert take_all(pacer, 2_500, 0.0) == [2_400, 100]


def test_a_piece_that_does_not_fit_whole_waits_until_it_does() -> None:
    pacer = Pacer(RATE)
    assert take_all(pacer, samples_of(250, RATE), 0.0) == [2_400, 2_400, 1_200]
    assert pacer.take(10 * RATE, 0.0) == 0
    assert pacer.wait_ms(0.0) == pytest.approx(50)
    assert take_all(pacer, 10 * RATE, 50.0) == [2_400]


def test_sound_that_comes_too_late_shifts_the_run_and_is_counted() -> None:
    pacer = Pacer(RATE)
    take_all(pacer, samples_of(200, RATE), 0.0)
    assert take_all(pacer, 10 * RATE, 500.0) == [2_400] * 3
    assert pacer.starved_ms == pytest.approx(300)
    assert pacer.lead_ms(500.0) == pytest.approx(AHEAD_MS)


def test_waiting_for_the_first_sound_is_no_starvation() -> None:
    pacer = Pacer(RATE)
    assert pacer.take(0, 0.0) == 0
    assert pacer.take(RATE, 60_000.0) > 0
    pacer.start(90_000.0)
    assert pacer.take(RATE, 95_000.0) > 0
    assert pacer.starved_ms == 0


def test_a_new_run_owes_nothing_to_the_one_before() -> None:
    pacer = Pacer(RATE)
    take_all(pacer, 10 * RATE, 0.0)
    pacer.start(1_000.0)
    assert pacer.lead_ms(1_000.0) == 0
    assert len(take_all(pacer, 10 * RATE, 1_000.0)) == 3


def test_less_may_be_ahead_than_a_piece_is_long() -> None:
    pacer = Pacer(RATE, ahead_ms=40.0)
    assert take_all(pacer, RATE, 0.0) == [samples_of(40, RATE)]
    assert pacer.wait_ms(0.0) == pytest.approx(40)


@given(
    st.lists(st.tuples(st.floats(0, 400), st.integers(0, 12_000)), max_size=60),
    st.sampled_from([60.0, 200.0, 300.0]),
)
def test_whatever_comes_whenever_nothing_is_sent_too_early_or_lost(
    steps: list[tuple[float, int]], ahead_ms: float
) -> None:
    pacer, now, made, sent = Pacer(RATE, ahead_ms=ahead_ms), 0.0, 0, 0
    for wait, samples in steps:
        now += wait
        made += samples
        pieces = take_all(pacer, made - sent, now)
        sent += sum(pieces)
        assert sent <= made
        assert pacer.lead_ms(now) <= ahead_ms + SLACK_MS
        assert all(piece > 0 for piece in pieces)
        if sent < made:
            assert pacer.wait_ms(now) > 0
    assert pacer.starved_ms <= now
    for _ in range(10_000):
        if sent == made:
            break
        now += pacer.wait_ms(now)
        sent += sum(take_all(pacer, made - sent, now))
    assert sent == made
