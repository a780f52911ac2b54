"""Fields of messages that were not written here: taken as they are meant, or a DialectError."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.dialects.dialect import DialectError, PeerReply
from server.dialects.telephony.json_messages import (
    audio_field,
    digit_field,
    number_field,
    object_field,
    parameters_in,
    read_object,
    text_field,
    write_object,
)
from sessions.leg import DigitPressed


@pytest.mark.parametrize("text", ["", "no", "[1]", "7", '"text"', "{", "null", '{"a": NaN}'])
def test_only_an_object_is_a_message(text: str) -> None:
    with pytest.raises(DialectError) as error:
        read_object(text)
    assert error.value.code == "bad_message"


@given(st.text())
def test_no_text_is_more_than_a_mistake(text: str) -> None:
    with suppress(DialectError):
        assert isinstance(read_object(text), dict)


def test_deep_nesting_is_a_mistake_like_any_other() -> None:
    with pytest.raises(DialectError):
        read_object("[" * 60_000)


def test_what_is_written_is_read_again() -> None:
    assert read_object(write_object(event="mark", mark={"name": "ü"})) == {
        "event": "mark",
        "mark": {"name": "ü"},
    }


@pytest.mark.parametrize(
    ("value", "number"),
    [(7, 7), ("7", 7), ("0012", 12), (0, 0)]
    + [(wrong, -1) for wrong in (-3, "-3", "7.0", 7.5, True, None, "", "x", [7], "٧", "9" * 40)],
)
def test_numbers_come_as_numbers_or_as_strings(value: object, number: int) -> None:
    assert number_field({"n": value}, "n") == number


NO_TEXTS: list[object] = [None, 12, "", [], {}, True, 1.5]


@pytest.mark.parametrize("value", NO_TEXTS)
def test_a_text_that_is_none_is_a_mistake(value: object) -> None:
    with pytest.raises(DialectError):
        text_field({"t": value}, "t")
    assert text_field({"t": "12"}, "t") == "12"


def test_a_part_is_an_object() -> None:
    assert object_field({"p": {"a": 1}}, "p") == {"a": 1}
    for value in NO_TEXTS[:4]:
        with pytest.raises(DialectError):
            object_field({"p": value}, "p")


def test_parameters_are_texts() -> None:
    given = {"ticket": "abc", "age": 7, "old": True, "rate": 1.5, "no": None, "deep": {}}
    assert parameters_in(given, without=("rate",)) == {"ticket": "abc", "age": "7", "old": "true"}


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ("no base64!", "bad_base64"),
        ("ü", "bad_base64"),
        ("A", "bad_base64"),
        ("A" * 20, "frame_too_big"),
        (None, "bad_message"),
        ("", "bad_message"),
    ],
)
def test_sound_is_base64_of_bounded_length(payload: object, code: str) -> None:
    with pytest.raises(DialectError) as error:
        audio_field({"payload": payload}, "payload", max_bytes=9)
    assert error.value.code == code
    assert audio_field({"payload": "AAECAwQFBgcI"}, "payload", max_bytes=9) == bytes(range(9))


def test_keys_are_digits_star_and_hash() -> None:
    for digit in ("0", "9", "*", "#"):
        assert digit_field({"digit": digit}, "digit") == DigitPressed(digit)
    assert digit_field({"digit": 5}, "digit") == DigitPressed("5")
    for nothing in ("A", "12", "d"):
        assert digit_field({"digit": nothing}, "digit") == PeerReply()
