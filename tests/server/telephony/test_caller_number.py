"""Caller's number: one reading of what networks say, whatever the bridge."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.telephony.caller_number import WITHHELD_NUMBERS, is_withheld, number_of

NUMBER = "+441632960961"


@pytest.mark.parametrize(
    "said",
    [
        NUMBER,
        "441632960961",
        "00441632960961",
        " +44 1632 960961 ",
        "+44-1632-960961",
        "+44 (0)1632 960961",
        "+44 (0) 1632 960961",
        "sip:+441632960961@203.0.113.9",
        "sip:441632960961@203.0.113.9:5060",
        "SIP:+441632960961@pbx2.example.com:5060;transport=udp;user=phone",
        "sips:%2B441632960961@example.com?Subject=7",
        "sip:+441632960961;npdi;cpc=ordinary@203.0.113.9",
        "sip:+441632960961:secret99@203.0.113.9",
        '"Ada 1815" <sip:+441632960961@203.0.113.9:5060>;tag=8f3a99',
        "Ada Lovelace <tel:+44-1632-960961>",
        "<sip:00441632960961@10.0.0.5>",
        "tel:+44(1632)960961;ext=123",
        "+441632960961@203.0.113.9",
        "+441632960961:5060",
        "sip:+441632960961",
        "\u202a+441632960961\u202c",
        "<sip:+441632960961@a>, <tel:+15550001111>",
    ],
)
def test_a_number_is_read_from_whatever_it_is_wrapped_in(said: str) -> None:
    assert number_of(said) == NUMBER


@pytest.mark.parametrize(
    "said",
    [
        "",
        "anonymous",
        "Anonymous",
        "Restricted",
        "unavailable",
        "Unknown",
        "private",
        "asterisk",
        "sip:anonymous@anonymous.invalid",
        '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=12345678901',
        "sip:+441632960961@anonymous.invalid",
        "Anonymous <sip:+441632960961@203.0.113.9>",
        "sip:1001@10.0.0.5",
        "sip:1001@441632960961",
        "1001",
        "+1001",
        "sip:10.0.0.5",
        "sip:203.0.113.9:5060",
        "sip:ada@441632960961.example.com",
        "sip:ada441632960961@example.com",
        "client:441632960961",
        "whatsapp:+441632960961",
        "tel:441632960961;phone-context=example.com",
        "01632960961",
        "2025550123",
        "11987654321",
        "+0441632960961",
        "+4416329609611234",
        "++441632960961",
        "44+1632960961",
        "00000000000",
        "+99999999999",
        "\u0664\u0664\u0661\u0666\u0663\u0662\u0669\u0666\u0660\u0669\u0666\u0661",
        "+",
        "<>",
        "@",
    ],
)
def test_what_cannot_be_told_for_sure_is_nobody(said: str) -> None:
    assert number_of(said) == ""


@pytest.mark.parametrize("withheld", sorted(WITHHELD_NUMBERS))
@pytest.mark.parametrize("wrapped", ["{}", "sip:{}@203.0.113.9", '"x" <sip:{}@a>;tag=1', "00{}"])
def test_a_word_spelled_on_the_keys_is_nobody(withheld: str, wrapped: str) -> None:
    assert number_of(wrapped.format(withheld).replace("00+", "00")) == ""
    assert number_of(withheld[1:], plus_left_out=True) == ""
    assert is_withheld(withheld)


def test_the_words_are_those_that_twilio_lists() -> None:
    listed = {"+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253"}
    assert listed < WITHHELD_NUMBERS
    assert not is_withheld(NUMBER)


def test_a_bridge_that_leaves_the_plus_out_gives_short_numbers_too() -> None:
    assert number_of("4722334455", plus_left_out=True) == "+4722334455"
    assert number_of("1001", plus_left_out=True) == ""


@given(st.text(max_size=400), st.booleans())
def test_any_text_gives_a_number_or_nobody(said: str, plus_left_out: bool) -> None:
    number = number_of(said, plus_left_out=plus_left_out)
    assert number == "" or number_of(number) == number
