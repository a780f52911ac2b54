"""Numbers as they are read aloud."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.providers.spoken_numbers import minutes, number_readings, ordinals, plurals


@pytest.mark.parametrize(
    ("number", "reading"),
    [
        ("0", "zero"),
        ("13", "thirteen"),
        ("20", "twenty"),
        ("99", "ninetynine"),
        ("100", "ahundred"),
        ("100", "onehundred"),
        ("110", "onehundredandten"),
        ("999", "ninehundredninetynine"),
        ("1001", "onethousandandone"),
        ("2007", "twentyohseven"),
        ("2007", "twothousandseven"),
        ("2007", "twothousandandseven"),
        ("1000000", "onemillion"),
        ("1.000", "onethousand"),
        ("1,5", "onepointfive"),
        ("1'000'000", "amillion"),
        ("0.05", "zeropointzerofive"),
        ("1", "eine"),
        ("21", "einundzwanzig"),
        ("30", "dreissig"),
        ("1990", "neunzehnhundertneunzig"),
        ("2027", "zweitausendsiebenundzwanzig"),
        ("101", "einhunderteins"),
        ("3,5", "dreikommafünf"),
        ("22", "tweeëntwintig"),
        ("45", "vijfenveertig"),
        ("1000", "duizend"),
        ("21", "vingtetun"),
        ("71", "soixanteetonze"),
        ("80", "quatrevingts"),
        ("99", "quatrevingtdixneuf"),
        ("200", "deuxcents"),
        ("2027", "deuxmillevingtsept"),
        ("3,5", "troisvirgulecinq"),
        ("21", "ventuno"),
        ("28", "ventotto"),
        ("33", "trentatré"),
        ("2027", "duemilaventisette"),
        ("1", "una"),
        ("31", "treintayuno"),
        ("100", "cien"),
        ("555", "quinientoscincuentaycinco"),
        ("2027", "dosmilveintisiete"),
        ("16", "dezasseis"),
        ("22", "vinteedois"),
        ("121", "centoevinteeum"),
        ("2027", "doismilevinteesete"),
        ("999999999999", "#999999999999#"),
        ("1" * 40, "#" + "1" * 40 + "#"),
    ],
)
def test_a_number_is_read_in_these_ways(number: str, reading: str) -> None:
    assert reading in number_readings(number)


def test_rows_decades_and_minutes_have_words_of_their_own() -> None:
    assert {"third", "#3#"} <= ordinals("3")
    assert "onehundredandfirst" in ordinals("101")
    assert {"sixties"} <= plurals("60")
    assert {"", "oclock"} <= minutes("00")
    assert "ohfive" in minutes("05")
    assert "fortyfive" in minutes("45")


@given(st.integers(0, 10**13), st.integers(0, 10**13))
def test_two_numbers_share_no_reading_in_digits(one: int, other: int) -> None:
    shared = number_readings(str(one)) & number_readings(str(other))
    assert (one == other) is any(form.startswith("#") for form in shared)


@given(st.from_regex(r"[0-9][0-9.,']{0,12}[0-9]?", fullmatch=True))
def test_no_number_is_without_a_reading(number: str) -> None:
    assert number_readings(number)
