"""Telephone numbers: as people write them and as other software copies them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.api.phone_numbers import phone_number
from server.telephony.caller_number import WITHHELD_NUMBERS

NUMBER = "+441632960961"


@pytest.mark.parametrize(
    "written",
    [
        "+441632960961",
        "+44 1632 960961",
        "+44-1632-960961",
        "+44\u20111632\u2013960961",
        "+44.1632.960961",
        "+44/1632/960961",
        "+44 (0) 1632 960961",
        "+44 (0)1632 960961",
        "+44(0)1632-960961",
        "+44 (01632) 960961",
        "(+44) 1632 960 961",
        "+44 (1632) 960961",
        "0044 1632 960961",
        "\u202a+44 1632 960961\u202c",
        "\ufeff+44\u00a01632\u202f960961\u200b",
        "\uff0b\uff14\uff14 1632 960961",
        "+\u0664\u0664 1632 960961",
        "tel:+44-1632-960961",
        "tel:+44-1632-960961;phone-context=example.com",
        "<tel:+441632960961>",
        "TEL: +44 1632 960961",
        "Tel.: +44 1632 960961",
        "Mobile: +44 1632 960961",
        "T +44 1632 960961",
        "callto:+441632960961",
        "+44 1632 960961\n",
        "  +44\t1632\t960961  ",
        "'+44 1632 960961'",
        "+44 1632 960961;",
    ],
)
def test_what_people_and_address_books_write_is_understood(written: str) -> None:
    assert phone_number(written) == NUMBER


def test_the_zero_of_an_italian_number_stays() -> None:
    assert phone_number("+39 (06) 1234567") == "+39061234567"
    assert phone_number("+39 06 1234567") == "+39061234567"


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("01632 960961", "no country"),
        ("(01632) 960961", "no country"),
        ("1632960961", "no country"),
        ("+44 1632 960961 ext. 12", "extension"),
        ("+44 1632 960961 x12", "extension"),
        ("tel:+441632960961;ext=12", "extension"),
        ("+44 1632 960961,,12#", "extension"),
        ("+44 1632 960961 / +44 1632 960962", "more than one number"),
        ("+1 800 FLOWERS", "with digits"),
        ("ada@example.com", "with digits"),
        ("+", "with digits"),
        ("-", "with digits"),
        ("+0 1632 960961", "no country's code"),
        ("+44 12", "4 digits"),
        ("+44 1632 960961 960961", "18 digits"),
    ],
)
def test_what_cannot_be_dialled_is_told_in_a_sentence(written: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        phone_number(written)


@given(st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True), st.data())
def test_separators_between_digits_change_nothing(number: str, data: st.DataObject) -> None:
    gaps = st.sampled_from(["", "", " ", "-", ".", "\u2013", "\u00a0", "\u200b", "/", " - "])
    assert phone_number("".join(sign + data.draw(gaps) for sign in number)) == number


@given(st.text(max_size=30))
def test_any_text_is_a_number_or_a_sentence(text: str) -> None:
    try:
        found = phone_number(text)
    except ValueError as error:
        found = ""
        sentence = str(error)
    if found:
        assert phone_number(found) == found
    else:
        assert sentence.startswith(("it ", "no "))


@pytest.mark.parametrize("number", sorted(WITHHELD_NUMBERS))
def test_a_withheld_number_is_nobody_s(number: str) -> None:
    with pytest.raises(ValueError, match="withheld"):
        phone_number(number)
