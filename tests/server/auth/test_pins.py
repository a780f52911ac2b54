"""PINs: made, hashed under a key, counted when wrong; and digits in what was said."""

from pathlib import Path

import pytest

from server.auth.pins import DIGITS, PinKeyError, Pins, digits_of


def test_a_pin_is_eight_digits_and_another_each_time() -> None:
    pins = {Pins.new() for _ in range(50)}
    assert len(pins) == 50
    assert all(len(pin) == DIGITS and pin.isdigit() for pin in pins)


def test_the_hash_needs_the_key_and_survives_a_restart(tmp_path: Path) -> None:
    first, again = Pins.load_or_create(tmp_path), Pins.load_or_create(tmp_path)
    other = Pins.load_or_create(tmp_path / "elsewhere")
    assert first.hash("20734416") == again.hash("20734416")
    assert first.hash("20734416") not in (first.hash("20734417"), other.hash("20734416"))
    assert (tmp_path / "pin.key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("text", ["no hex", "abcd", ""])
def test_a_broken_key_is_said_not_replaced(tmp_path: Path, text: str) -> None:
    (tmp_path / "pin.key").write_text(text)
    with pytest.raises(PinKeyError, match=r"pin\.key"):
        Pins.load_or_create(tmp_path)


def test_wrong_ones_are_counted_by_caller_and_whoever_guesses_shuts_nobody_else_out() -> None:
    pins = Pins(b"k" * 32)
    for _ in range(10):
        assert pins.may_try("+1")
        pins.was_wrong("+1")
    assert not pins.may_try("+1")
    assert pins.may_try("+2")
    pins.was_wrong("+2")
    pins.was_wrong("+2")
    assert pins.may_try("+2")
    for number in range(500):
        pins.was_wrong(f"+3{number}")
    assert pins.may_try("+4"), "a caller with the right PIN gets through"
    pins.was_wrong("+4")
    assert pins.may_try("+4"), "also after a slip"
    pins.was_wrong("+4")
    assert not pins.may_try("+4")
    assert not pins.may_try("+2"), "each number has fewer tries now"


@pytest.mark.parametrize(
    ("words", "digits"),
    [
        ("2 0 7 3, 4 4 1 6.", "20734416"),
        ("Two zero seven three, double four one six.", "20734416"),
        ("It's two-oh-seven-three", "2073"),
        ("2073 4416", "20734416"),
        ("triple nine for you", "9994"),
        ("double", ""),
        ("I don't know.", ""),
        ("", ""),
    ],
)
def test_digits_in_words(words: str, digits: str) -> None:
    assert digits_of(words) == digits
