"""Numbered pieces: in order again, each once, with silence for what was lost."""

import random

from hypothesis import given
from hypothesis import strategies as st

from server.dialects.telephony.reordering import MAX_WAITING, RESTART_AFTER, Reordering


def piece(number: int) -> bytes:
    return bytes([1 + number % 250, 7])


def reordering() -> Reordering:
    return Reordering(b"\x00", max_gap_bytes=20)


def joined(order: Reordering, numbers: list[int]) -> bytes:
    return b"".join(order.put(number, piece(number)) for number in numbers)


def test_what_comes_in_order_passes_at_once() -> None:
    order = reordering()
    assert [order.put(number, piece(number)) for number in (4, 5, 6)] == [
        piece(4),
        piece(5),
        piece(6),
    ]


def test_an_overtaken_piece_is_waited_for() -> None:
    order = reordering()
    assert order.put(1, piece(1)) == piece(1)
    assert order.put(3, piece(3)) == b""
    assert order.put(2, piece(2)) == piece(2) + piece(3)


def test_a_lost_piece_becomes_silence_of_its_length() -> None:
    order = reordering()
    heard = joined(order, [1, *range(3, 3 + MAX_WAITING + 1)])
    assert heard == piece(1) + bytes(2) + b"".join(map(piece, range(3, 3 + MAX_WAITING + 1)))


def test_a_long_gap_is_no_loss() -> None:
    order = reordering()
    later = range(1_000, 1_000 + MAX_WAITING + 1)
    assert joined(order, [1, *later]) == piece(1) + b"".join(map(piece, later))


def test_what_comes_twice_or_too_late_is_dropped() -> None:
    order = reordering()
    assert joined(order, [1, 2, 2, 1, 3]) == piece(1) + piece(2) + piece(3)


def test_numbers_may_begin_anew() -> None:
    order = reordering()
    joined(order, [900, 901])
    again = range(1, RESTART_AFTER + 3)
    assert joined(order, list(again)) == b"".join(map(piece, again[RESTART_AFTER - 1 :]))


@given(st.integers(0, 10_000), st.integers(1, 60), st.randoms(use_true_random=False))
def test_whatever_overtakes_a_little_is_put_right(
    first: int, count: int, chance: random.Random
) -> None:
    numbers = list(range(first, first + count))
    place = {number: number + chance.uniform(0, MAX_WAITING - 1) for number in numbers[1:]}
    shuffled = [first, *sorted(numbers[1:], key=lambda number: place[number])]
    rest = range(first + count, first + count + MAX_WAITING + 1)
    order = reordering()
    assert joined(order, [*shuffled, *rest]) == b"".join(map(piece, [*numbers, *rest]))


@given(st.lists(st.integers(0, 2**40)))
def test_it_never_keeps_or_makes_much(numbers: list[int]) -> None:
    order = reordering()
    made = sum(len(order.put(number, piece(number))) for number in numbers)
    assert made <= (2 + 20) * len(numbers)
